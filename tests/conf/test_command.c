/* Commands: what is carried out, what is refused with words, what is nobody's. */
#include "world_stage.h"

enum { T = 1700000000 };

#define HOUSE                                                                              \
    "{'twins': [{'id': 'gh', 'kind': 'greenhouse', 'bind': {'air_temperature': 'gh/t'},"   \
    "'actuate': {'lamp': 'plc/lamp'}, 'rules': [{'id': 'hot', 'type': 'threshold',"        \
    "'on': 'air_temperature', 'above': 30}]}]}"

static double input(const struct stage *s, const char *name)
{
    const struct twin *twin = stage_twin(s, "gh");
    return twin_u(twin)[plan_signal(twin->plan->kind, name)];
}

static void test_a_number_sets_an_input_and_is_answered(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, HOUSE);
    stage_say(&s, T, "gh/t", "20");
    stage_say(&s, T, "twind/gh/set/heating_setpoint", " 19.5\n");
    assert_close(input(&s, "heating_setpoint"), 19.5, 0);
    assert_string_equal(s.published.at,
                        "twind/gh/set/heating_setpoint/result {\"ok\":true}\n");
    assert_string_equal(s.commands.at, "gh heating_setpoint 19.5: ok\n");
    assert_int_equal(world_stats(s.world)->bad_command, 0);
    stage_end(&s);
}

static void test_on_and_off_are_all_and_nothing_of_a_percentage(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, HOUSE);
    stage_say(&s, T, "twind/gh/set/lamp", "ON");
    assert_close(input(&s, "lamp"), 100, 0);
    stage_say(&s, T, "twind/gh/set/lamp", "OFF");
    assert_close(input(&s, "lamp"), 0, 0);
    assert_string_equal(s.published.at,
                        "plc/lamp 100\ntwind/gh/set/lamp/result {\"ok\":true}\n"
                        "plc/lamp 0\ntwind/gh/set/lamp/result {\"ok\":true}\n");
    stage_end(&s);
}

/* The command, and a word of the answer. */
static void expect_refusal(const char *topic, const char *payload, const char *word)
{
    struct stage s;
    stage_begin(&s, HOUSE);
    stage_say(&s, T, "gh/t", "20");
    stage_say(&s, T, topic, payload);
    if (!strstr(s.published.at, "{\"ok\":false,\"error\":") ||
        !strstr(s.published.at, word))
        fail_msg("%s %s: %s", topic, payload, s.published.at);
    assert_non_null(strstr(s.commands.at, word));
    assert_int_equal(world_stats(s.world)->bad_command, 1);
    assert_null(strstr(s.published.at, "plc/"));
    stage_end(&s);
}

static void test_what_cannot_be_done_is_answered_with_the_reason(void **state)
{
    (void)state;
    char lots[200];
    memset(lots, '1', sizeof lots - 1);
    lots[sizeof lots - 1] = '\0';
    expect_refusal("twind/nobody/set/lamp", "50", "'nobody'");
    expect_refusal("twind/gh/set/radio", "50", "'radio'");
    expect_refusal("twind/gh/set/air_temperature", "20", "'air_temperature'");
    expect_refusal("twind/gh/set/lamp", "101", "0 to 100 %");
    expect_refusal("twind/gh/set/lamp", "bright", "'bright'");
    expect_refusal("twind/gh/set/lamp", "", "no number");
    expect_refusal("twind/gh/set/lamp", "nan", "no number");
    expect_refusal("twind/gh/set/lamp", "1e999", "no number");
    expect_refusal("twind/gh/set/lamp", "50 %", "no number");
    expect_refusal("twind/gh/set/lamp", lots, "199 bytes");
    expect_refusal("twind/gh/set/heating_setpoint", "ON", "0 to 40");
    expect_refusal("twind/nobody/serviced", "x", "'nobody'");
    expect_refusal("twind/gh/serviced", "roof", "air_temperature");
    expect_refusal("twind/gh/serviced", "{\"part\": 7}", "part must be a text");
    expect_refusal("twind/gh/serviced", "{\"part\": \"roof\", \"at\": 4e9}", "the past");
    expect_refusal("twind/gh/serviced", lots, "199");
    expect_refusal("twind/gh/alert/cold/set", "ack", "'cold'");
    expect_refusal("twind/nobody/alert/hot/set", "ack", "'nobody'");
    expect_refusal("twind/gh/alert/hot/set", "away", "away");
}

static void test_a_service_is_carried_out_and_logged(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, HOUSE);
    stage_say(&s, T, "gh/t", "20");
    stage_say(&s, T + 60, "twind/gh/serviced", "air_temperature\n");
    stage_say(&s, T + 90, "twind/gh/serviced",
              "{\"part\": \"air_temperature\", \"note\": \"wiped\", \"at\": 1700000050}");
    assert_string_equal(s.published.at, "twind/gh/serviced/result {\"ok\":true}\n"
                                        "twind/gh/serviced/result {\"ok\":true}\n");
    assert_string_equal(s.commands.at, "gh serviced/air_temperature : ok\n"
                                       "gh serviced/air_temperature wiped: ok\n");
    stage_end(&s);
}

static void test_an_alert_is_acknowledged_and_shelved(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, HOUSE);
    stage_say(&s, T, "gh/t", "35");
    assert_int_equal(s.n_alerts, 1);
    stage_say(&s, T + 1, "twind/gh/alert/hot/set", "ack");
    assert_int_equal(twin_alerts(stage_twin(&s, "gh"))[0].acknowledged, 1);
    stage_say(&s, T + 2, "twind/gh/alert/hot/set", "shelve 1h");
    assert_close(twin_alerts(stage_twin(&s, "gh"))[0].shelved_until, T + 2 + 3600, 0);
    assert_string_equal(s.commands.at,
                        "gh alert/hot ack: ok\ngh alert/hot shelve 1h: ok\n");
    assert_int_equal(s.n_alerts, 3);
    stage_end(&s);
}

static void test_a_retained_command_is_not_carried_out(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, HOUSE);
    stage_say_retained(&s, T, "twind/gh/set/lamp", "50");
    assert_true(isnan(input(&s, "lamp")));
    assert_string_equal(s.published.at, "");
    assert_int_equal(world_stats(s.world)->bad_command, 1);
    stage_end(&s);
}

/* An answer that comes back, or another program's topic, is no command: a loop would never
 * end. */
static void test_what_looks_like_a_command_is_none(void **state)
{
    (void)state;
    static const char *const topics[] = {
        "twind/gh/set/lamp/result",
        "twind/gh/alert/hot/set/result",
        "twind/gh/alert/hot",
        "twind/gh/set",
        "twind/gh",
        "twind/",
        "twind",
        "twindx/gh/set/lamp",
        "twind/gh/set/lamp/result/set",
        "/gh/set/lamp",
    };
    struct stage s;
    stage_begin(&s, HOUSE);
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        stage_say(&s, T, topics[i], "50");
    assert_string_equal(s.published.at, "");
    assert_int_equal(world_stats(s.world)->unrouted, 10);
    stage_end(&s);
}

static void test_binary_commands_are_refused(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, HOUSE);
    world_take(s.world, &(struct world_message){.topic = "twind/gh/set/lamp",
                                                .topic_length = 17,
                                                .payload = "50\0 0",
                                                .payload_length = 5,
                                                .received = T});
    assert_true(isnan(input(&s, "lamp")));
    world_take(s.world, &(struct world_message){.topic = "twind/gh/set/la\0p",
                                                .topic_length = 17,
                                                .payload = "50",
                                                .payload_length = 2,
                                                .received = T});
    assert_int_equal(world_stats(s.world)->bad_command, 1);
    assert_int_equal(world_stats(s.world)->unrouted, 1);
    stage_end(&s);
}

static void test_under_event_time_a_command_comes_at_the_twins_moment(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, "{'clock': 'event', 'twins': [{'id': 'b', 'kind': 'building', 'bind': {"
                    "'indoor_temperature': {'topic': 'b', 'path': '/v', 'time': '/t'}}}]}");
    stage_say(&s, T, "b", "{\"v\": 20, \"t\": 1000000000}");
    stage_say(&s, T, "twind/b/set/heating_setpoint", "22");
    assert_close(twin_head(stage_twin(&s, "b"))->time, 1e9, 0);
    stage_say(&s, T, "b", "{\"v\": 20.5, \"t\": 1000000600}");
    assert_int_equal(s.readings[1].quality, QUALITY_GOOD);
    stage_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_number_sets_an_input_and_is_answered),
        cmocka_unit_test(test_on_and_off_are_all_and_nothing_of_a_percentage),
        cmocka_unit_test(test_what_cannot_be_done_is_answered_with_the_reason),
        cmocka_unit_test(test_a_service_is_carried_out_and_logged),
        cmocka_unit_test(test_an_alert_is_acknowledged_and_shelved),
        cmocka_unit_test(test_a_retained_command_is_not_carried_out),
        cmocka_unit_test(test_what_looks_like_a_command_is_none),
        cmocka_unit_test(test_binary_commands_are_refused),
        cmocka_unit_test(test_under_event_time_a_command_comes_at_the_twins_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
