/* The forecast of a twin: what reaches the plan, what is shared, what is wrong. */
#include "config_heard.h"

#include "twind/config_shape.h"

#define TWIN(id, forecast)                                                                 \
    "{\"id\": \"" id "\", \"kind\": \"building\", \"params\": {\"utc_offset\": -5},\n"     \
    "\"bind\": {\"indoor_temperature\": \"b/" id "\"}, \"forecast\": " forecast "}"
#define ONE(forecast) "{\"twins\": [" TWIN("a", forecast) "]}"

static void test_without_keys_a_day_is_forecast_every_hour(void **state)
{
    (void)state;
    struct config config;
    load_well(ONE("{}"), &config);
    const struct plan_forecast *forecast = &config.twins[0].plan->forecast;
    assert_close(forecast->every, 3600, 0);
    assert_close(forecast->horizon, 86400, 0);
    assert_close(forecast->step, 900, 0);
    assert_int_equal(forecast->n_given, 0);
    config_clear(&config);
}

static void test_no_forecast_is_asked_for_unless_it_is(void **state)
{
    (void)state;
    struct config config;
    load_well(ONE("null"), &config);
    assert_close(config.twins[0].plan->forecast.every, 0, 0);
    config_clear(&config);
}

#define WEATHER                                                                            \
    "{\"every\": \"30m\", \"horizon\": \"2d\", \"step\": \"30m\", \"inputs\": {"           \
    "\"wind_speed\": {\"topic\": \"w\", \"times\": \"/t\", \"values\": \"/v\","            \
    " \"unit\": \"km/h\"}, \"outdoor_temperature\": {\"topic\": \"owm\", \"list\": "       \
    "\"/list\", \"time\": \"/dt\", \"value\": \"/main/temp\", \"offset\": -273.15, "       \
    "\"zone\": \"+02:00\"}}}"

static void test_inputs_that_a_topic_tells_are_in_the_plan(void **state)
{
    (void)state;
    struct config config;
    load_well(ONE(WEATHER), &config);
    const struct config_twin *twin = &config.twins[0];
    const struct plan_forecast *forecast = &twin->plan->forecast;
    assert_int_equal(forecast->n_given, 2);
    assert_int_equal(forecast->given[0], plan_signal(twin->plan->kind, "wind_speed"));
    assert_int_equal(twin->n_futures, 2);
    assert_string_equal(twin->futures[1].topic, "owm");
    assert_int_equal(twin->futures[1].input, forecast->given[1]);
    const struct payload_series *wind = twin->futures[0].series,
                                *air = twin->futures[1].series;
    assert_non_null(wind->times);
    assert_null(wind->list);
    assert_close(units_apply(&wind->unit, 36, 20, 1013), 10, 1e-12);
    assert_close(wind->zone, -5 * 3600, 0); /* the twin's own */
    assert_close(air->zone, 7200, 0);
    assert_close(air->offset, -273.15, 0);
    config_clear(&config);
}

static void test_twins_whose_topics_differ_share_a_plan(void **state)
{
    (void)state;
    struct config config;
    load_well(
        "{\"twins\": [" TWIN(
            "a",
            "{\"inputs\": {\"tariff\": {\"topic\": \"x/a\", "
            "\"times\": \"/t\", \"values\": \"/v\"}}}") "," TWIN("b",
                                                                 "{\"inputs\": "
                                                                 "{\"tariff\": "
                                                                 "{\"topic\": "
                                                                 "\"x/b\", "
                                                                 "\"times\": \"/t\", "
                                                                 "\"values\": "
                                                                 "\"/v\"}}}") "," TWIN("c",
                                                                                       "{\""
                                                                                       "eve"
                                                                                       "ry"
                                                                                       "\":"
                                                                                       " \""
                                                                                       "2h"
                                                                                       "\""
                                                                                       "}") "]}",
        &config);
    assert_ptr_equal(config.twins[0].plan, config.twins[1].plan);
    assert_ptr_not_equal(config.twins[0].plan, config.twins[2].plan);
    assert_string_equal(config.twins[1].futures[0].topic, "x/b");
    config_clear(&config);
}

static char *dump(const struct config *config)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    config_dump(config, to);
    fclose(to);
    return text;
}

static void test_what_is_dumped_reads_back_the_same(void **state)
{
    (void)state;
    struct config config, again;
    load_well(ONE(WEATHER), &config);
    char *first = dump(&config);
    assert_non_null(strstr(first, "\"horizon\": \"2d\""));
    assert_non_null(strstr(first, "\"zone\": \"+02:00\""));
    load_well(first, &again);
    char *second = dump(&again);
    assert_string_equal(first, second);
    free(first);
    free(second);
    config_clear(&config);
    config_clear(&again);
}

struct wrong {
    const char *text, *said;
};

/* Each has the one error. */
static void expect_errors(const struct wrong *wrong, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct heard heard = {.n_errors = 0};
        struct config config;
        if (heard_load(&heard, wrong[i].text, &config))
            fail_msg("taken: %s", wrong[i].text);
        if (heard.n_errors != 1 || !strstr(heard.errors[0], wrong[i].said))
            fail_msg("expected %s\nsaid %s (%zu errors)", wrong[i].said, heard.errors[0],
                     heard.n_errors);
        heard_clear(&heard);
    }
}

static void test_a_forecast_that_cannot_be_is_told(void **state)
{
    (void)state;
    static const struct wrong wrong[] = {
        {ONE("{\"evry\": 1}"), "/twins/0/forecast/evry: unknown key; did you mean every?"},
        {ONE("{\"step\": \"7m\"}"),
         "/twins/0/forecast: the horizon of 86400 s is no multiple of the step of 420 s"},
        {ONE("{\"horizon\": \"7d\", \"step\": \"10m\"}"),
         "/twins/0/forecast/horizon: 1008 steps of 600 s; a forecast has at most 672"},
        {ONE("{\"every\": \"5m\"}"),
         "/twins/0/forecast/every: every (300 s) must not be shorter than the step"},
        {ONE("{\"every\": \"2s\"}"), "/twins/0/forecast/every: 2s is outside"},
        {ONE("{\"inputs\": {\"outdor_temperature\": {\"topic\": \"x\"}}}"),
         "no input outdor_temperature; did you mean outdoor_temperature?"},
        {ONE("{\"inputs\": {\"indoor_temperature\": {\"topic\": \"x\"}}}"),
         "no input indoor_temperature"},
        {ONE("{\"inputs\": {\"tariff\": {\"topic\": \"x\", \"times\": \"/t\"}}}"),
         "/tariff: expected either times and values, or list, time and value"},
        {ONE("{\"inputs\": {\"tariff\": {\"topic\": \"x\", \"times\": \"/t\", "
             "\"values\": \"/v\", \"list\": \"/l\"}}}"),
         "/tariff: expected either times and values"},
        {ONE("{\"inputs\": {\"tariff\": {\"times\": \"/t\", \"values\": \"/v\"}}}"),
         "/tariff: the key topic is missing"},
        {ONE("{\"inputs\": {\"tariff\": {\"topic\": \"a/#/b\", \"times\": \"/t\", "
             "\"values\": \"/v\"}}}"),
         "/tariff/topic: "},
        {ONE("{\"inputs\": {\"wind_speed\": {\"topic\": \"x\", \"times\": \"/t\", "
             "\"values\": \"/v\", \"unit\": \"Cel\"}}}"),
         "/wind_speed/unit: "},
        {"{\"twins\": [{\"id\": \"b-{n}\", \"kind\": \"building\", \"bind\": "
         "{\"indoor_temperature\": \"b/{n}\"}, \"forecast\": {\"inputs\": {\"tariff\": "
         "{\"topic\": \"x\", \"times\": \"/t\", \"values\": \"/v\"}}}}]}",
         "{n} of the fleet's id must be a level of each topic"},
    };
    expect_errors(wrong, sizeof wrong / sizeof *wrong);
}

#define RULE(twin, rule)                                                                   \
    "{\"twins\": [{\"id\": \"a\", \"kind\": \"building\"" twin ", \"bind\": "              \
    "{\"indoor_temperature\": \"x\", \"wind_speed\": \"y\"}, \"rules\": [{\"id\": "        \
    "\"r\", \"type\": \"forecast\", " rule "}]}]}"

static void test_a_rule_on_a_forecast_needs_one(void **state)
{
    (void)state;
    static const struct wrong wrong[] = {
        {RULE("", "\"on\": \"indoor_temperature\", \"below\": 5"),
         "/rules/0: a rule of the type forecast needs a twin with a forecast"},
        {RULE(", \"forecast\": {}", "\"on\": \"measured.indoor_temperature\", "
                                    "\"below\": 5"),
         "/rules/0/on: a rule of the type forecast is on the estimate of an output"},
        {RULE(", \"forecast\": {}", "\"on\": \"wind_speed\", \"above\": 5"),
         "/rules/0/on: a rule of the type forecast is on the estimate of an output"},
        {RULE(", \"forecast\": {}", "\"on\": \"indoor_temperature\""), "give one of"},
        {RULE(", \"forecast\": {}", "\"on\": \"indoor_temperature\", \"below\": 5, "
                                    "\"within\": \"10m\""),
         "/rules/0/within: the forecast has steps of 15m"},
    };
    expect_errors(wrong, sizeof wrong / sizeof *wrong);
    struct config config;
    load_well(RULE(", \"forecast\": {}", "\"on\": \"indoor_temperature\", \"below\": 5, "
                                         "\"within\": \"6h\""),
              &config);
    assert_close(config.twins[0].plan->rules[0].params[4], 6 * 3600, 0);
    config_clear(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_keys_a_day_is_forecast_every_hour),
        cmocka_unit_test(test_no_forecast_is_asked_for_unless_it_is),
        cmocka_unit_test(test_inputs_that_a_topic_tells_are_in_the_plan),
        cmocka_unit_test(test_twins_whose_topics_differ_share_a_plan),
        cmocka_unit_test(test_what_is_dumped_reads_back_the_same),
        cmocka_unit_test(test_a_forecast_that_cannot_be_is_told),
        cmocka_unit_test(test_a_rule_on_a_forecast_needs_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
