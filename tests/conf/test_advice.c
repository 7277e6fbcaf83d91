/* Advice: a house is heated when it is cheap and not more than the limit asks for; what
 * cannot be searched for is refused with words. */
#include "asked_stage.h"

#include "twind/limit.h"

#include <stdlib.h>

enum { T = 1700000000, STEPS_MAX = 5000 };

#define HOUSE                                                                              \
    "{'twins': [{'id': 'h', 'kind': 'building', 'bind': {"                                 \
    "'indoor_temperature': 'h/t', 'outdoor_temperature': 'h/out'}},"                       \
    "{'id': 'air', 'kind': 'air_quality', 'bind': {'pm2_5': 'a/pm'}}]}"

static void begin(struct asked *a)
{
    asked_begin(a, HOUSE);
    stage_say(&a->stage, T, "h/out", "2");
    stage_say(&a->stage, T, "h/t", "20");
    stage_say(&a->stage, T, "a/pm", "20");
}

static void search(struct asked *a, const char *twin, const char *payload)
{
    char json[ASKED_TEXT];
    asked_json(payload, json);
    text_clear(&a->answer);
    struct advice *advice =
        world_advise(a->stage.world, twin, json, strlen(json), &a->answer);
    for (int i = 0; advice && advice_step(advice); i++)
        assert_true(i < STEPS_MAX);
    if (advice)
        advice_answer(advice, false, &a->answer);
    advice_free(advice);
    asked_read(a);
}

static double number(const struct asked *a, const char *key, const char *part)
{
    return json_number(json_member(json_member(a->root, key), part), NAN);
}

static void seek_least_energy(struct asked *a, const char *probability)
{
    char payload[512];
    snprintf(
        payload, sizeof payload,
        "{'over': 'heating_setpoint', 'minimise': 'energy', 'horizon': '6h', 'block': "
        "'2h', 'keep': 'indoor_temperature>=17', 'range': [10, 25], 'probability': %s}",
        probability);
    search(a, "h", payload);
}

static void test_the_least_energy_keeps_the_limit_and_no_more(void **state)
{
    (void)state;
    struct asked a;
    begin(&a);
    seek_least_energy(&a, "0.5");
    const struct cJSON *limit = json_first(json_member(a.root, "limits"));
    assert_close(json_number(json_member(a.root, "ok"), 0), 1, 0);
    assert_string_equal(json_text(json_member(limit, "keep")), "indoor_temperature>=17");
    assert_close(json_number(json_member(limit, "kept"), 0), 1, 0);
    assert_true(json_number(json_member(limit, "margin"), NAN) >= 0);
    assert_true(number(&a, "aim", "whatif") < number(&a, "aim", "base"));
    assert_near(number(&a, "energy_kwh", "difference"), number(&a, "aim", "difference"),
                1e-6);
    const struct cJSON *first = json_first(json_member(a.root, "schedule"));
    assert_string_equal(json_text(json_member(first, "from")), "2023-11-14T22:13:20.000Z");
    double value = json_number(json_member(first, "value"), NAN);
    assert_true(value >= 10 && value < 20);
    asked_end(&a);
}

static void test_more_certainty_costs_more(void **state)
{
    (void)state;
    struct asked a;
    begin(&a);
    seek_least_energy(&a, "0.5");
    double even = number(&a, "aim", "whatif");
    seek_least_energy(&a, "0.8");
    const struct cJSON *limit = json_first(json_member(a.root, "limits"));
    assert_close(json_number(json_member(limit, "kept"), 0), 1, 0);
    assert_close(json_number(json_member(limit, "binds"), 0), 1, 0);
    assert_true(number(&a, "aim", "whatif") > 1.1 * even);
    asked_end(&a);
}

/* A limit far above what is expected: kept where the plant can, and the answer says so. */
static void test_a_limit_out_of_reach_is_told(void **state)
{
    (void)state;
    struct asked a;
    begin(&a);
    search(&a, "h",
           "{'over': 'heating_setpoint', 'horizon': '2h', 'keep': "
           "['indoor_temperature >= 60'], 'levels': [15, 20, 30]}");
    const struct cJSON *limit = json_first(json_member(a.root, "limits"));
    assert_close(json_number(json_member(limit, "kept"), 1), 0, 0);
    const struct cJSON *first = json_first(json_member(a.root, "schedule"));
    assert_close(json_number(json_member(first, "value"), NAN), 30, 0);
    asked_end(&a);
}

static void test_where_nothing_is_better_nothing_is_advised(void **state)
{
    (void)state;
    struct asked a;
    begin(&a);
    search(&a, "h", "{'over': 'heating_setpoint', 'horizon': '2h', 'levels': [35]}");
    assert_int_equal(json_count(json_member(a.root, "schedule")), 0);
    assert_close(number(&a, "aim", "difference"), 0, 0);
    asked_end(&a);
}

static void test_an_output_can_be_made_least_or_most(void **state)
{
    (void)state;
    struct asked a;
    begin(&a);
    search(&a, "h",
           "{'over': 'heating_setpoint', 'maximise': 'indoor_temperature', 'horizon': "
           "'3h', 'levels': [15, 25], 'set': {'outdoor_temperature': 10}}");
    assert_true(number(&a, "aim", "difference") > 0.3);
    search(&a, "h",
           "{'over': 'heating_setpoint', 'minimise': 'ppd', 'horizon': '3h', 'levels': "
           "[15, 25]}");
    assert_true(number(&a, "aim", "difference") < 0);
    asked_end(&a);
}

/* ---- limits ---- */

static void test_a_limit_by_day_holds_by_day_only(void **state)
{
    (void)state;
    struct limit limit;
    struct err e;
    const struct kind *kind = kinds_find("building");
    assert_true(limit_read(&limit, kind, "indoor_temperature >= 20 @22:00-06:00", &e));
    double mean[3] = {19, 19, 25}, sd[3] = {0.5, 0.5, 0.5};
    struct forecast of = {
        .made = 20 * 3600, .step = 3600, .n = 3, .kind = kind, .mean = mean};
    assert_int_equal(limit.output, 0);
    const struct limit_verdict day = limit_judge(&limit, &of, sd, 1, 0); /* 21, 22, 23 h */
    assert_close(day.margin, -1.5, 1e-12);
    assert_close(day.when, 22 * 3600, 0);
    assert_close(day.breach, 1.5 / kind->outputs[0].noise, 1e-9);
    const struct limit_verdict later = limit_judge(&limit, &of, sd, 0, -2 * 3600);
    assert_close(later.breach, 0, 0);
    assert_true(limit_read(&limit, kind, "indoor_temperature<26", &e));
    assert_close(limit_judge(&limit, &of, sd, 0, 0).margin, 1, 1e-12);
}

/* ---- refusals ---- */

static void expect_refusal(const char *twin, const char *payload, const char *word)
{
    struct asked a;
    begin(&a);
    search(&a, twin, payload);
    const char *error = json_text(json_member(a.root, "error"));
    if (json_number(json_member(a.root, "ok"), 1) != 0 || !error || !strstr(error, word))
        fail_msg("%s %s: %s", twin, payload, a.answer.at);
    asked_end(&a);
}

#define OVER "{'over': 'heating_setpoint', "

static void test_what_cannot_be_searched_for_is_refused(void **state)
{
    (void)state;
    expect_refusal("nobody", "{}", "'nobody'");
    expect_refusal("h", "{}", "over");
    expect_refusal("h", "{'over': 'radio'}", "'radio'");
    expect_refusal("h", "{'over': 'solar_irradiance'}", "no set-point");
    expect_refusal("air", "{'over': 'traffic'}", "");
    expect_refusal("h", OVER "'minimise': 'beauty'}", "beauty");
    expect_refusal("h", OVER "'minimise': 'ppd', 'maximise': 'pmv'}", "not both");
    expect_refusal("h", OVER "'keep': 'indoor_temperature'}", "no limit");
    expect_refusal("h", OVER "'keep': 'indoor_temperature>=warm'}", "no limit");
    expect_refusal("h", OVER "'keep': 'indoor_temperature>=18@night'}", "no limit");
    expect_refusal("h", OVER "'keep': ['radio>=18']}", "'radio'");
    expect_refusal("h", OVER "'keep': 7}", "keep");
    expect_refusal("h", OVER "'probability': 1}", "0.5 to 0.999");
    expect_refusal("h", OVER "'probability': '0.9'}", "0.5 to 0.999");
    expect_refusal("h", OVER "'set': {'heating_setpoint': 20}}", "searched for");
    expect_refusal("h", OVER "'levels': [18, 99]}", "0 to 40 Cel");
    expect_refusal("h", OVER "'levels': []}", "1 to 256");
    expect_refusal("h", OVER "'range': [20]}", "[from, to]");
    expect_refusal("h", OVER "'range': [25, 20]}", "[from, to]");
    expect_refusal("h", OVER "'range': [15, 20], 'levels': [17]}", "not both");
    expect_refusal("h", OVER "'block': '1m'}", "15m");
    expect_refusal("h", OVER "'horizon': '7d', 'block': '15m', 'step': '15m'}", "block");
    expect_refusal("h", OVER "'minimize': 'cost'}", "'minimize'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_least_energy_keeps_the_limit_and_no_more),
        cmocka_unit_test(test_more_certainty_costs_more),
        cmocka_unit_test(test_a_limit_out_of_reach_is_told),
        cmocka_unit_test(test_where_nothing_is_better_nothing_is_advised),
        cmocka_unit_test(test_an_output_can_be_made_least_or_most),
        cmocka_unit_test(test_a_limit_by_day_holds_by_day_only),
        cmocka_unit_test(test_what_cannot_be_searched_for_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
