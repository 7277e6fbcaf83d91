/* Questions: schedules over midnight, what is refused with words, what the answer holds,
 * and that the twin stays as it was. */
#include "asked_stage.h"

#include "twind/schedule.h"
#include "twind/whatif.h"

#include <stdlib.h>

enum { T = 1700000000 }; /* 2023-11-14 22:13:20 UTC */

#define HOUSE                                                                              \
    "{'twins': [{'id': 'h', 'kind': 'building', 'params': {'utc_offset': 1}, 'bind': {"    \
    "'indoor_temperature': 'h/t', 'outdoor_temperature': 'h/out'}}, {'id': 'g', 'kind': "  \
    "'generic', 'signals': {'v': {'unit': 'V', 'sd': 0.1}}, 'bind': {'v': 'g/v'}}]}"

static void begin(struct asked *a)
{
    asked_begin(a, HOUSE);
    stage_say(&a->stage, T, "h/out", "2");
    stage_say(&a->stage, T, "h/t", "20");
}

/* The payload has ' for ". */
static void ask(struct asked *a, const char *twin, const char *payload)
{
    char json[ASKED_TEXT];
    asked_json(payload, json);
    text_clear(&a->answer);
    world_whatif(a->stage.world, twin, json, strlen(json), &a->answer);
    asked_read(a);
}

static double series(const struct asked *a, const char *key, const char *name, size_t k)
{
    const struct cJSON *at = json_first(json_member(json_member(a->root, key), name));
    for (; k > 0; k--)
        at = json_next(at);
    return json_number(at, NAN);
}

static double number(const struct asked *a, const char *key, const char *name,
                     const char *part)
{
    const struct cJSON *at = json_member(a->root, key);
    at = name ? json_member(at, name) : at;
    return json_number(part ? json_member(at, part) : at, NAN);
}

/* ---- schedules ---- */

static void read_schedule(const struct stage *s, const char *text, struct question *q)
{
    char json[ASKED_TEXT];
    struct err e;
    struct json *parser = json_new();
    const struct twin *twin = stage_twin(s, "h");
    asked_json(text, json);
    *q = (struct question){
        .twin = twin, .made = T, .step = 900, .n = 96, .horizon = 86400, .zone = 3600};
    const struct cJSON *node = json_parse(parser, json, strlen(json));
    size_t input = plan_signal(twin->plan->kind, "heating_setpoint");
    if (!schedule_read(q, input, node, &e))
        fail_msg("%s: %s", text, e.text);
    json_free(parser);
}

static void expect_change(const struct question *q, size_t i, double from, double to,
                          double value)
{
    assert_true(i < q->n_changes);
    assert_close(q->changes[i].from, from, 0);
    assert_close(q->changes[i].to, to, 0);
    assert_close(q->changes[i].value, value, 0);
}

static void test_a_night_goes_over_midnight_by_the_local_clock(void **state)
{
    (void)state;
    struct asked a;
    struct question q;
    const double night = 1699995600; /* 21:00 UTC, 22:00 there */
    begin(&a);
    read_schedule(&a.stage, "{'22:00-06:00': 18, '06:00-22:00': 21}", &q);
    expect_change(&q, 0, T, night + 8 * 3600.0, 18);
    expect_change(&q, 1, night + 24 * 3600.0, T + 86400.0 + 900, 18);
    expect_change(&q, 2, night + 8 * 3600.0, night + 24 * 3600.0, 21);
    assert_int_equal(q.n_changes, 3);
    question_clear(&q);
    asked_end(&a);
}

static void test_times_of_a_list_are_of_the_day_or_once(void **state)
{
    (void)state;
    struct asked a;
    struct question q;
    begin(&a);
    read_schedule(
        &a.stage,
        "[{'value': 20}, {'from': '01:00', 'to': '02:30', 'value': 17},"
        "{'from': '2023-11-15T00:00:00Z', 'to': '2023-11-15T02:00', 'value': 16}]",
        &q);
    expect_change(&q, 0, T, T + 86400.0 + 900, 20);
    expect_change(&q, 1, 1700006400, 1700006400 + 5400, 17); /* 01:00 there: midnight UTC */
    expect_change(&q, 2, 1700006400, 1700006400 + 3600, 16); /* no zone: the twin's */
    question_clear(&q);
    asked_end(&a);
}

static void test_all_day_and_a_stretch_that_does_not_come(void **state)
{
    (void)state;
    struct asked a;
    struct question q;
    begin(&a);
    read_schedule(&a.stage, "{'00:00-24:00': 19}", &q);
    for (size_t i = 0; i < q.n_changes; i++)
        assert_close(q.changes[i].value, 19, 0);
    assert_close(q.changes[0].from, T, 0);
    assert_close(q.changes[q.n_changes - 1].to, T + 86400.0 + 900, 0);
    question_clear(&q);
    read_schedule(&a.stage,
                  "[{'from': '2023-11-20T00:00Z', 'to': '2023-11-21T00:00Z', 'value': 5}]",
                  &q);
    assert_int_equal(q.n_changes, 0);
    question_clear(&q);
    asked_end(&a);
}

/* ---- answers ---- */

static void test_a_warmer_setpoint_is_warmer_and_costs_more(void **state)
{
    (void)state;
    struct asked a;
    begin(&a);
    ask(&a, "h", "{'set': {'heating_setpoint': 24}, 'horizon': '6h', 'id': 'q7'}");
    assert_string_equal(json_text(json_member(a.root, "id")), "q7");
    assert_string_equal(json_text(json_member(a.root, "twin")), "h");
    assert_string_equal(json_text(json_member(a.root, "time")), "2023-11-14T22:13:20.000Z");
    assert_close(number(&a, "horizon_s", NULL, NULL), 21600, 0);
    assert_close(number(&a, "step_s", NULL, NULL), 900, 0);
    assert_int_equal(
        json_count(json_member(json_member(a.root, "values"), "indoor_temperature")), 24);
    double more = number(&a, "difference", "indoor_temperature", "end");
    assert_true(more > 1);
    assert_near(more,
                series(&a, "values", "indoor_temperature", 23) -
                    series(&a, "base", "indoor_temperature", 23),
                1e-3);
    assert_true(number(&a, "difference", "indoor_temperature", "max") >= more);
    assert_true(number(&a, "energy_kwh", NULL, "difference") > 1);
    assert_true(number(&a, "cost", NULL, "difference") > 0);
    assert_near(number(&a, "totals", "energy_today", "whatif"),
                number(&a, "energy_kwh", NULL, "whatif"), 1e-9);
    assert_true(series(&a, "sd", "indoor_temperature", 23) > 0);
    asked_end(&a);
}

static void test_a_question_without_a_change_makes_no_difference(void **state)
{
    (void)state;
    struct asked a;
    begin(&a);
    ask(&a, "h", "{}");
    assert_close(number(&a, "horizon_s", NULL, NULL), 86400, 0);
    assert_close(number(&a, "difference", "indoor_temperature", "min"), 0, 0);
    assert_close(number(&a, "energy_kwh", NULL, "difference"), 0, 0);
    assert_int_equal(json_count(json_member(a.root, "set")), 0);
    asked_end(&a);
}

/* Midnight comes after 47 minutes by the local clock. */
static void test_a_days_total_goes_on_over_midnight(void **state)
{
    (void)state;
    struct asked a;
    begin(&a);
    ask(&a, "h", "{'horizon': '4h'}");
    double total = number(&a, "energy_kwh", NULL, "base");
    double before = series(&a, "base", "energy_today", 2);
    double after = series(&a, "base", "energy_today", 15);
    assert_true(before > 0);
    assert_true(series(&a, "base", "energy_today", 3) < before);
    assert_true(total > before + after);
    assert_true(total < 1.4 * (before + after));
    asked_end(&a);
}

static void test_every_answer_of_a_kind_without_inputs_is_there(void **state)
{
    (void)state;
    struct asked a;
    begin(&a);
    stage_say(&a.stage, T + 1, "g/v", "3");
    ask(&a, "g", "{'horizon': '1h', 'step': '10m'}");
    assert_close(series(&a, "values", "v", 5), 3, 0.5);
    assert_null(json_member(a.root, "energy_kwh"));
    assert_null(json_member(a.root, "cost"));
    asked_end(&a);
}

static void test_the_live_twin_is_not_touched(void **state)
{
    (void)state;
    struct asked a;
    begin(&a);
    const struct twin *twin = stage_twin(&a.stage, "h");
    size_t size = twin->plan->block_size;
    char *before = malloc(size);
    memcpy(before, twin->block, size);
    ask(&a, "h", "{'set': {'heating_setpoint': 30, 'lighting': 'ON'}, 'horizon': '2d'}");
    assert_close(number(&a, "ok", NULL, NULL), 1, 0);
    assert_memory_equal(before, twin->block, size);
    assert_string_equal(a.stage.published.at, "");
    free(before);
    asked_end(&a);
}

/* The same by a forecast with changes: its last air temperature. */
static double forecast_of(const struct twin *twin, const char *input, double value)
{
    const struct kind *kind = twin->plan->kind;
    const struct forecast_change change = {plan_signal(kind, input), T, T + 30000, value};
    const struct forecast_request request = {
        .made = T, .step = 900, .n = 24, .changes = &change, .n_changes = 1};
    struct forecast_work *work = forecast_work_new();
    struct forecast *forecast = forecast_new(kind, 24);
    forecast_make(work, twin, &request, forecast);
    size_t output = plan_signal(kind, "air_temperature") - kind->n_inputs;
    double last = forecast->mean[output * 24 + 23];
    forecast_free(forecast);
    forecast_work_free(work);
    return last;
}

/* The pipe's temperature is measured, and would stay; but it is what the set-point moves.
 */
static void test_an_actuator_follows_its_setpoint_unless_it_is_asked_for(void **state)
{
    (void)state;
    struct asked a = {.json = json_new()};
    stage_begin(&a.stage, "{'twins': [{'id': 'gh', 'kind': 'greenhouse', 'bind': {"
                          "'air_temperature': 'gh/t', 'pipe_temperature': 'gh/pipe'}}]}");
    stage_say(&a.stage, T, "gh/pipe", "45");
    stage_say(&a.stage, T, "gh/t", "18");
    ask(&a, "gh", "{'set': {'heating_setpoint': 25}, 'horizon': '6h'}");
    assert_true(number(&a, "difference", "air_temperature", "end") > 1);
    assert_true(number(&a, "energy_kwh", NULL, "difference") > 0);
    assert_near(forecast_of(stage_twin(&a.stage, "gh"), "heating_setpoint", 25),
                series(&a, "values", "air_temperature", 23), 1e-4);
    ask(&a, "gh",
        "{'set': {'heating_setpoint': 25, 'pipe_temperature': 45}, 'horizon': '6h'}");
    assert_close(number(&a, "difference", "air_temperature", "end"), 0, 0.2);
    ask(&a, "gh", "{'set': {'pipe_temperature': 70}, 'horizon': '6h'}");
    assert_true(number(&a, "difference", "air_temperature", "end") > 1);
    ask(&a, "gh", "{'set': {'pipe_temperature': null}, 'horizon': '6h'}");
    assert_close(number(&a, "ok", NULL, NULL), 1, 0);
    asked_end(&a);
}

/* ---- refusals ---- */

static void expect_refusal(const char *twin, const char *payload, const char *word)
{
    struct asked a;
    begin(&a);
    ask(&a, twin, payload);
    const char *error = json_text(json_member(a.root, "error"));
    if (number(&a, "ok", NULL, NULL) != 0 || !error || !strstr(error, word))
        fail_msg("%s %s: %s", twin, payload, a.answer.at);
    assert_int_equal(world_stats(a.stage.world)->bad_command, 1);
    asked_end(&a);
}

static void test_an_actuator_of_the_model_s_own_control_can_be_asked_for(void **state)
{
    (void)state;
    struct asked a = {.json = json_new()};
    stage_begin(&a.stage, "{'twins': [{'id': 'gh', 'kind': 'greenhouse', 'bind': {"
                          "'air_temperature': 'gh/t', 'solar_irradiance': 'gh/sun'}}]}");
    stage_say(&a.stage, T, "gh/sun", "700");
    stage_say(&a.stage, T, "gh/t", "27");
    ask(&a, "gh", "{'set': {'vent_lee': 0, 'vent_wind': 0}, 'horizon': '3h'}");
    assert_true(number(&a, "difference", "air_temperature", "end") > 1);
    stage_say(&a.stage, T + 60, "gh/sun", "0");
    ask(&a, "gh", "{'set': {'heating_power': 0}, 'horizon': '12h'}");
    assert_true(number(&a, "difference", "air_temperature", "end") < -1);
    assert_true(number(&a, "energy_kwh", NULL, "difference") < 0);
    asked_end(&a);
}

static void test_what_cannot_be_asked_is_refused_with_the_reason(void **state)
{
    (void)state;
    expect_refusal("nobody", "{}", "'nobody'");
    expect_refusal("g", "{}", "heard nothing");
    expect_refusal("h", "", "no JSON");
    expect_refusal("h", "[1]", "an object");
    expect_refusal("h", "{'sets': {}}", "'sets'");
    expect_refusal("h", "{'set': 5}", "{INPUT: value");
    expect_refusal("h", "{'set': {'radio': 1}}", "'radio'");
    expect_refusal("h", "{'set': {'indoor_temperature': 1}}", "'indoor_temperature'");
    expect_refusal("h", "{'set': {'heating_setpoint': 900}}", "0 to 40 Cel, not 900");
    expect_refusal("h", "{'set': {'heating_setpoint': 'warm'}}", "'warm'");
    expect_refusal("h", "{'set': {'heating_setpoint': null}}", "a number");
    expect_refusal("h", "{'set': {'heating_setpoint': 'ON'}}", "0 to 40");
    expect_refusal("h", "{'set': {'heating_setpoint': {'night': 18}}}", "'night'");
    expect_refusal("h", "{'set': {'heating_setpoint': {'22:00-25:00': 18}}}",
                   "22:00-06:00");
    expect_refusal("h", "{'set': {'heating_setpoint': []}}", "1 to 192");
    expect_refusal("h", "{'set': {'heating_setpoint': [{'from': 'noon', 'value': 1}]}}",
                   "times of day");
    expect_refusal("h", "{'set': {'heating_setpoint': [{'from': '22:00', 'value': 1}]}}",
                   "times of day");
    expect_refusal("h",
                   "{'set': {'heating_setpoint': [{'from': '2027-01-02T00:00Z',"
                   "'to': '2027-01-01T00:00Z', 'value': 1}]}}",
                   "from the earlier");
    expect_refusal("h", "{'set': {'heating_setpoint': [{'at': 1, 'value': 1}]}}", "'at'");
    expect_refusal("h", "{'set': {'heating_setpoint': [{'from': '22:00'}]}}", "value");
    expect_refusal("h", "{'set': {'heating_setpoint': [7]}}", "value");
    expect_refusal("h", "{'horizon': '8d'}", "1m to 1w");
    expect_refusal("h", "{'horizon': -3}", "horizon must be");
    expect_refusal("h", "{'horizon': 'long'}", "not long");
    expect_refusal("h", "{'horizon': 0}", "not 0s");
    expect_refusal("h", "{'horizon': '7d', 'step': '1m'}", "at most 672");
    expect_refusal("h", "{'step': '7h'}", "1m to 6h");
    expect_refusal("h", "{'id': 7}", "id");
}

static void test_a_question_too_long_is_refused(void **state)
{
    (void)state;
    struct asked a;
    begin(&a);
    size_t size = 70000;
    char *long_one = malloc(size);
    memset(long_one, ' ', size);
    world_whatif(a.stage.world, "h", long_one, size, &a.answer);
    assert_non_null(strstr(a.answer.at, "70000 bytes"));
    free(long_one);
    asked_end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_night_goes_over_midnight_by_the_local_clock),
        cmocka_unit_test(test_times_of_a_list_are_of_the_day_or_once),
        cmocka_unit_test(test_all_day_and_a_stretch_that_does_not_come),
        cmocka_unit_test(test_a_warmer_setpoint_is_warmer_and_costs_more),
        cmocka_unit_test(test_a_question_without_a_change_makes_no_difference),
        cmocka_unit_test(test_a_days_total_goes_on_over_midnight),
        cmocka_unit_test(test_every_answer_of_a_kind_without_inputs_is_there),
        cmocka_unit_test(test_the_live_twin_is_not_touched),
        cmocka_unit_test(test_an_actuator_follows_its_setpoint_unless_it_is_asked_for),
        cmocka_unit_test(test_an_actuator_of_the_model_s_own_control_can_be_asked_for),
        cmocka_unit_test(test_what_cannot_be_asked_is_refused_with_the_reason),
        cmocka_unit_test(test_a_question_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
