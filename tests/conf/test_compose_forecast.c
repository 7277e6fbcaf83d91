/* What is published of forecasts, read back as its users would. */
#include "world_stage.h"

#include "twind/compose.h"
#include "twind/json.h"
#include "twind/json_tree.h"

enum { T = 1700000000 / 3600 * 3600, STEPS = 8 };

#define HOUSE                                                                              \
    "{'twins': [{'id': 'h', 'kind': 'building', 'bind': {'indoor_temperature': 'in',"      \
    "'outdoor_temperature': 'out'}, 'forecast': {'horizon': '4h', 'step': '30m'}, "        \
    "'rules': [{'id': 'cold', 'type': 'forecast', 'on': 'indoor_temperature', 'below': "   \
    "40, 'message': 'at {when}'}]}]}"

struct outlet {
    struct stage stage;
    struct text forecast, state, alert;
    struct json *json;
    size_t n;
};

static void on_forecast(void *context, struct twin *twin, const struct forecast *forecast)
{
    struct outlet *h = context;
    (void)twin;
    h->n++;
    text_clear(&h->forecast);
    compose_forecast(&h->forecast, forecast);
}

static void on_alert(void *context, const struct engine_alert *alert)
{
    struct outlet *h = context;
    text_clear(&h->alert);
    compose_alert(&h->alert, alert);
}

static void live(struct outlet *h, int hours)
{
    for (int i = 0; i < 4 * hours; i++) {
        char text[32];
        snprintf(text, sizeof text, "%.2f", 20 + sin(i * 0.07));
        stage_say(&h->stage, T + 900.0 * i, "in", text);
        snprintf(text, sizeof text, "%.2f", 5 + 4 * sin(i * 0.065));
        stage_say(&h->stage, T + 900.0 * i, "out", text);
    }
}

static int begin(void **state)
{
    struct outlet *h = calloc(1, sizeof *h);
    const struct engine_sink sink = {
        .context = h, .forecast = on_forecast, .alert = on_alert};
    const struct world_hooks hooks = {&h->stage, stage_created, stage_publish,
                                      stage_commanded};
    stage_load(&h->stage, HOUSE);
    log_set_level(LOG_ERROR);
    h->stage.world = world_new(&h->stage.config, &sink, &hooks);
    h->json = json_new();
    *state = h;
    return 0;
}

static int end(void **state)
{
    struct outlet *h = *state;
    stage_end(&h->stage);
    text_free(&h->forecast);
    text_free(&h->state);
    text_free(&h->alert);
    json_free(h->json);
    free(h);
    return 0;
}

static void test_a_forecast_has_the_contracts_keys_and_every_output(void **state)
{
    struct outlet *h = *state;
    static const char *const keys[] = {"time", "horizon_s", "step_s", "values", "sd"};
    live(h, 4);
    assert_int_equal(h->n, 4);
    const struct cJSON *root = json_parse(h->json, h->forecast.at, h->forecast.used);
    assert_non_null(root);
    const struct cJSON *member = json_first(root);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++, member = json_next(member))
        assert_string_equal(json_key(member), keys[i]);
    assert_null(member);
    assert_string_equal(json_text(json_member(root, "time")), "2023-11-15T01:00:00.000Z");
    assert_close(json_number(json_member(root, "horizon_s"), 0), 4 * 3600, 0);
    assert_close(json_number(json_member(root, "step_s"), 0), 1800, 0);
    const struct kind *kind = stage_twin(&h->stage, "h")->plan->kind;
    for (size_t i = 3; i < 5; i++) {
        const struct cJSON *rows = json_member(root, keys[i]), *row = json_first(rows);
        assert_int_equal(json_count(rows), kind->n_outputs);
        for (size_t k = 0; k < kind->n_outputs; k++, row = json_next(row)) {
            assert_string_equal(json_key(row), kind->outputs[k].name);
            assert_int_equal(json_count(row), STEPS);
        }
    }
    const struct cJSON *air =
        json_member(json_member(root, "values"), "indoor_temperature");
    assert_close(json_number(json_first(air), 0), 20.5, 2);
}

static void test_a_states_skill_is_told_once_there_is_some(void **state)
{
    struct outlet *h = *state;
    struct twin *twin = stage_twin(&h->stage, "h");
    struct twin_scratch *scratch = engine_scratch(world_engine(h->stage.world));
    stage_say(&h->stage, T, "in", "20");
    compose_state(&h->state, twin, T, scratch);
    assert_null(strstr(h->state.at, "skill"));
    live(h, 60);
    text_clear(&h->state);
    compose_state(&h->state, twin, T + 60 * 3600, scratch);
    const struct cJSON *root = json_parse(h->json, h->state.at, h->state.used);
    const struct cJSON *skill = json_member(root, "skill");
    const struct cJSON *air = json_member(skill, "indoor_temperature");
    if (!air)
        fail_msg("%s", h->state.at);
    static const double leads[] = {600, 3600, 14400};
    static const char *const lists[] = {"lead_s", "rmse", "persistence", "within"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        assert_int_equal(json_count(json_member(air, lists[i])), 3);
    const struct cJSON *lead = json_first(json_member(air, "lead_s"));
    for (size_t i = 0; i < 3; i++, lead = json_next(lead))
        assert_close(json_number(lead, 0), leads[i], 1e-9);
    assert_null(json_member(skill, "electric_power")); /* it is not measured */
}

static void test_an_alert_says_when_its_limit_will_be_passed(void **state)
{
    struct outlet *h = *state;
    live(h, 2);
    const struct cJSON *root = json_parse(h->json, h->alert.at, h->alert.used);
    if (!root)
        fail_msg("no alert: %s", h->alert.at ? h->alert.at : "none");
    assert_string_equal(json_text(json_member(root, "state")), "active");
    assert_string_equal(json_text(json_member(root, "type")), "forecast");
    const char *when = json_text(json_member(root, "when"));
    assert_string_equal(when, "2023-11-14T22:30:00.000Z"); /* the first step */
    assert_string_equal(json_text(json_member(root, "message")), "at 2023-11-14T22:30Z");
}

#define HEARD(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HEARD(test_a_forecast_has_the_contracts_keys_and_every_output),
        HEARD(test_a_states_skill_is_told_once_there_is_some),
        HEARD(test_an_alert_says_when_its_limit_will_be_passed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
