/* Rules that put signals together, also of other twins: what must be there. */
#include "check.h"
#include "config_heard.h"

#define CONFIG(on, more)                                                                   \
    "{\"twins\": [{\"id\": \"house\", \"kind\": \"building\", \"bind\": "                  \
    "{\"indoor_temperature\": \"t\"}, \"rules\": [\n"                                      \
    "{\"id\": \"r\", \"type\": \"compare\", \"above\": 5, \"on\": " on "}]}, "             \
    "{\"id\": \"outdoor\", \"kind\": \"air_quality\", \"bind\": "                          \
    "{\"outdoor_temperature\": \"o\"}}" more "]}"

static void test_signals_of_this_and_another_twin_are_put_together(void **state)
{
    (void)state;
    struct heard heard = {.n_errors = 0};
    struct config config;
    assert_true(heard_load(
        &heard,
        CONFIG("[\"indoor_temperature\", \"outdoor/measured.outdoor_temperature\"]", ""),
        &config));
    const struct plan_rule *rule = &config.twins[0].plan->rules[0];
    assert_int_equal(rule->n_subjects, 2);
    assert_null(rule->subjects[0].twin);
    assert_string_equal(rule->subjects[1].twin, "outdoor");
    assert_string_equal(rule->subjects[1].text, "outdoor/measured.outdoor_temperature");
    heard_clear(&heard);
    config_clear(&config);
}

static void test_what_cannot_be_put_together_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *json, *says;
    } table[] = {
        {CONFIG("\"indoor_temperature\"", ""),
         "text:2:50: /twins/0/rules/0/on: a rule of the type compare is on 2 signals or "
         "more, not on 1"},
        {CONFIG("[\"outdoor/no2\", \"indoor_temperature\"]", ""),
         "text:2:51: /twins/0/rules/0/on/0: \"outdoor/no2\": the first signal must be of "
         "the twin itself"},
        {CONFIG("[\"indoor_temperature\", \"outdor/outdoor_temperature\"]", ""),
         "text:2:73: /twins/0/rules/0/on/1: there is no twin \"outdor\"; did you mean "
         "outdoor?"},
        {CONFIG("[\"indoor_temperature\", \"outdoor/temperature\"]", ""),
         "text:2:73: /twins/0/rules/0/on/1: the twin outdoor, of the kind air_quality, has "
         "no \"temperature\""},
        {CONFIG("[\"indoor_temperature\", \"outdoor/measured.no2\"]", ""),
         "text:2:73: /twins/0/rules/0/on/1: the twin outdoor has no binding for no2"},
        {CONFIG("[\"indoor_temperature\", \"outdoor/no2\"]", ""),
         "text:2:73: /twins/0/rules/0/on/1: \"outdoor/no2\" is in \"ug/m3\", "
         "\"indoor_temperature\" in \"Cel\": only like units"},
        {CONFIG("[\"indoor_temperature\", \"relative_humidity\"]", ""),
         "text:2:73: /twins/0/rules/0/on/1: \"relative_humidity\" is in \"%\""},
        {CONFIG("[\"indoor_temperature\", \"indoor_temperature\"]", ""),
         "text:2:73: /twins/0/rules/0/on/1: \"indoor_temperature\" stands twice"},
        {CONFIG("[\"indoor_temperature\", \"room-\\n/no2\"]", ""),
         "text:2:73: /twins/0/rules/0/on/1: a control character in the name of a signal"},
        {CONFIG("[\"indoor_temperature\", \"room-1/no2\"]",
                ", {\"id\": \"room-{n}\", \"kind\": \"building\", \"bind\": "
                "{\"indoor_temperature\": \"x/{n}\"}}"),
         "text:2:73: /twins/0/rules/0/on/1: the twin room-1, of the kind building, has no "
         "\"no2\""},
        {"{\"twins\": [{\"id\": \"a\", \"kind\": \"building\", \"rules\": [{\"id\": \"r\", "
         "\"type\": \"threshold\", \"above\": 1,\n\"on\": \"b/tariff\"}]}]}",
         "text:2:7: /twins/0/rules/0/on: \"b/tariff\": a rule of the type threshold is on "
         "signals of its own twin alone"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct heard heard = {.n_errors = 0};
        struct config config;
        assert_false(heard_load(&heard, table[i].json, &config));
        assert_int_equal(heard.n_errors, 1);
        if (!strstr(heard.errors[0], table[i].says))
            fail_msg("expected %s\nsaid %s", table[i].says, heard.errors[0]);
        heard_clear(&heard);
    }
}

static void test_a_twin_that_a_fleet_may_bring_is_taken_to_come(void **state)
{
    (void)state;
    struct heard heard = {.n_errors = 0};
    struct config config;
    assert_true(heard_load(&heard,
                           CONFIG("[\"indoor_temperature\", \"room-7/indoor_temperature\"]",
                                  ", {\"id\": \"room-{n}\", \"kind\": \"building\", "
                                  "\"bind\": {\"indoor_temperature\": \"x/{n}\"}}"),
                           &config));
    heard_clear(&heard);
    config_clear(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signals_of_this_and_another_twin_are_put_together),
        cmocka_unit_test(test_what_cannot_be_put_together_is_told),
        cmocka_unit_test(test_a_twin_that_a_fleet_may_bring_is_taken_to_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
