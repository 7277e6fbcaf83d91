/* A battery's charge beside the reading: its index, and when it will be empty. */
#include "world_stage.h"

#include "twind/wear.h"

enum { T = 1700006400, HOUR = 3600, DAY = 24 * HOUR }; /* midnight */

#define CONFIG                                                                             \
    "{'twins': [{'id': 'm', 'kind': 'generic', 'signals': {'x': {'unit': 'V'}}, 'bind': "  \
    "{'x': {'topic': 'dev', 'path': '/v', 'battery': '/charge'}}}]}"

/* Hourly messages; the charge falls by one percent a day. */
static void live(struct stage *s, int days)
{
    for (int hour = 0; hour < days * 24; hour++) {
        char payload[64];
        snprintf(payload, sizeof payload, "{\"v\": 3, \"charge\": %d}", 60 - hour / 24);
        stage_say(s, T + hour * HOUR, "dev", payload);
        s->n_readings = 0; /* the stage has room for few */
    }
}

static struct rule_part battery_of(const struct stage *s)
{
    const struct twin *twin = stage_twin(s, "m");
    for (size_t i = 0; i < twin->plan->n_wear; i++)
        if (strcmp(twin->plan->wear[i].name, "x_battery") == 0)
            return wear_part(twin, i);
    fail_msg("no index of the battery");
    return (struct rule_part){.name = NULL};
}

static void test_a_battery_says_when_it_will_be_empty(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, CONFIG);
    live(&s, 20);
    struct rule_part battery = battery_of(&s);
    assert_string_equal(battery.part, "x");
    assert_close(battery.value, 0.42, 0.02);
    assert_close(battery.limit, 0.1, 1e-12);
    assert_close(battery.left / DAY, 32.0, 8);
    assert_true(battery.left_least < battery.left && battery.left < battery.left_most);
    stage_end(&s);
}

static void test_a_new_cell_is_full(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, CONFIG);
    live(&s, 10);
    stage_say(&s, T + 10 * DAY, "twind/m/serviced", "x");
    assert_close(battery_of(&s).value, 1.0, 1e-12);
    stage_end(&s);
}

static void test_what_is_no_charge_is_left_alone(void **state)
{
    (void)state;
    static const char *const bad[] = {"{\"v\": 3}", "{\"v\": 3, \"charge\": \"low\"}",
                                      "{\"v\": 3, \"charge\": 3.1e5}", "{\"charge\": 50}"};
    struct stage s;
    stage_begin(&s, CONFIG);
    for (int hour = 0; hour < 5 * 24; hour++)
        stage_say(&s, T + hour * HOUR, "dev", bad[hour % 3]);
    assert_close(battery_of(&s).value, 1.0, 1e-12);
    stage_say(&s, T + 5 * DAY, "dev", bad[3]); /* a charge without a reading is one */
    assert_int_equal(s.n_readings, 5 * 24);
    stage_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_battery_says_when_it_will_be_empty),
        cmocka_unit_test(test_a_new_cell_is_full),
        cmocka_unit_test(test_what_is_no_charge_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
