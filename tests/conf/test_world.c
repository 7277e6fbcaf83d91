/* From messages to readings: routes, decoding, clocks, refusals. (Fleets and commands have
 * tests of their own.) */
#include "world_stage.h"

enum { T = 1700000000 };

#define CLIMATE                                                                            \
    "{'twins': [{'id': 'gh1', 'kind': 'greenhouse', 'bind': {"                             \
    "'air_temperature': {'topic': 'gh1/climate', 'path': '/t', 'unit': '[degF]'},"         \
    "'relative_humidity': {'topic': 'gh1/climate', 'path': '/rh'},"                        \
    "'outdoor_temperature': 'gh1/out'}}]}"

static void test_one_message_brings_all_readings_of_its_bindings(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, CLIMATE);
    stage_say(&s, T, "gh1/climate", "{\"t\": 68, \"rh\": \"71.5\"}");
    stage_say(&s, T + 5, "gh1/out", "4.25");
    assert_int_equal(s.n_readings, 3);
    stage_expect(&s, 0, "gh1", "air_temperature", T, 20);
    stage_expect(&s, 1, "gh1", "relative_humidity", T, 71.5);
    stage_expect(&s, 2, "gh1", "outdoor_temperature", T + 5, 4.25);
    assert_close(twin_estimate(stage_twin(&s, "gh1"), 0, NULL,
                               engine_scratch(world_engine(s.world))),
                 20, 0.5);
    assert_close(world_now(s.world), T + 5, 0);
    stage_end(&s);
}

static void test_one_topic_may_feed_several_twins(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s,
                "{'twins': ["
                "{'id': 'a', 'kind': 'building', 'bind': {'outdoor_temperature': 'mast'}},"
                "{'id': 'b', 'kind': 'building', 'bind': {'outdoor_temperature': 'mast',"
                " 'indoor_temperature': '+/in'}},"
                "{'id': 'c', 'kind': 'building', 'bind': {'outdoor_temperature': '#'}}]}");
    stage_say(&s, T, "mast", "7");
    assert_int_equal(s.n_readings, 3);
    stage_expect(&s, 0, "a", "outdoor_temperature", T, 7);
    stage_expect(&s, 1, "b", "outdoor_temperature", T, 7);
    stage_expect(&s, 2, "c", "outdoor_temperature", T, 7);
    stage_say(&s, T + 1, "hall/in", "21");
    stage_expect(&s, 3, "b", "indoor_temperature", T + 1, 21);
    stage_expect(&s, 4, "c", "outdoor_temperature", T + 1, 21);
    stage_say(&s, T + 2, "hall/in", "22"); /* by memory now: the same */
    assert_int_equal(s.n_readings, 7);
    stage_end(&s);
}

static void test_every_filter_is_subscribed_once(void **state)
{
    (void)state;
    struct stage s;
    size_t n;
    stage_begin(&s,
                "{'topic_prefix': 'site', 'twins': ["
                "{'id': 'a', 'kind': 'building', 'bind': {'outdoor_temperature': 'mast'}},"
                "{'id': 'b', 'kind': 'building', 'bind': {'outdoor_temperature': 'mast',"
                " 'indoor_temperature': {'topic': 'in/b/t'}}},"
                "{'id': 'c-{x}', 'kind': 'building', 'bind': {"
                " 'indoor_temperature': 'in/{x}/c', 'relative_humidity': 'in/{x}/c'}}]}");
    const char *const *filters = world_filters(s.world, &n);
    assert_int_equal(n, 8);
    assert_string_equal(filters[0], "in/+/c");
    assert_string_equal(filters[1], "in/b/t");
    assert_string_equal(filters[2], "mast");
    assert_string_equal(filters[3], "site/+/alert/+/set");
    assert_string_equal(filters[4], "site/+/optimise");
    assert_string_equal(filters[5], "site/+/serviced");
    assert_string_equal(filters[6], "site/+/set/+");
    assert_string_equal(filters[7], "site/+/whatif");
    stage_end(&s);
}

static void test_refusals_are_counted_by_reason(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s,
                "{'twins': [{'id': 'gh1', 'kind': 'greenhouse', 'bind': {"
                "'air_temperature': {'topic': 'gh1', 'path': '/t', 'unit_path': '/u'}}}]}");
    stage_say(&s, T, "other", "1");
    stage_say(&s, T, "", "1");
    stage_say(&s, T, "gh1", "{\"x\": 1}");
    stage_say(&s, T, "gh1", "{\"t\": null}");
    stage_say(&s, T, "gh1", "\xFF\xFE{{{");
    stage_say(&s, T, "gh1", "{\"t\": 20, \"u\": \"kg\"}");
    stage_say(&s, T, "gh1", "{\"t\": 20, \"u\": \"C\"}");
    const struct world_stats *w = world_stats(s.world);
    assert_int_equal(w->messages, 7);
    assert_int_equal(w->unrouted, 2);
    assert_int_equal(w->no_value, 1);
    assert_int_equal(w->bad_value, 2);
    assert_int_equal(w->bad_unit, 1);
    assert_int_equal(w->fleet_full + w->too_many + w->bad_command, 0);
    assert_int_equal(s.n_readings, 1); /* a bad reading has no value to store */
    stage_end(&s);
}

static void test_a_message_of_too_many_readings_is_cut_and_counted(void **state)
{
    (void)state;
    struct stage s;
    struct text list = {0};
    stage_begin(&s, "{'clock': 'event', 'twins': [{'id': 'x', 'kind': 'generic',"
                    " 'signals': {'v': {}}, 'bind': {'v': {'topic': 'x', 'path': '/v',"
                    " 'time': '/t', 'min_interval': '1h'}}}]}");
    for (int i = 0; i < 5000; i++)
        text_put(&list, "%c{\"v\":1,\"t\":%d}", i ? ',' : '[', T + i);
    text_put(&list, "]");
    stage_say(&s, T, "x", list.at);
    assert_int_equal(world_stats(s.world)->too_many, 1);
    assert_int_equal(engine_stats(world_engine(s.world))->readings, 4096);
    assert_int_equal(s.n_readings, 2); /* an hour apart */
    text_free(&list);
    stage_end(&s);
}

static void test_a_late_reading_is_stored_and_does_not_move_the_twin_back(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, "{'twins': [{'id': 'b', 'kind': 'building', 'bind': {"
                    "'indoor_temperature': {'topic': 'b', 'path': '/v', 'time': '/t'}}}]}");
    char payload[64];
    for (int i = 0; i < 10; i++) {
        snprintf(payload, sizeof payload, "{\"v\": 21, \"t\": %d}", T + 300 * i);
        stage_say(&s, T + 300 * i, "b", payload);
    }
    struct twin *twin = stage_twin(&s, "b");
    double time = twin_head(twin)->time;
    struct twin_scratch *scratch = engine_scratch(world_engine(s.world));
    double estimate = twin_estimate(twin, 0, NULL, scratch);
    stage_say(&s, T + 2701, "b", "{\"v\": 5, \"t\": 1700000000.5}");
    assert_int_equal(s.readings[10].quality, QUALITY_LATE);
    stage_expect(&s, 10, "b", "indoor_temperature", T + 0.5, 5);
    assert_true(twin_head(twin)->time >= time);
    assert_close(twin_estimate(twin, 0, NULL, scratch), estimate, 0.01);
    stage_end(&s);
}

static void test_a_retained_message_makes_nothing_fresh(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s,
                "{'twins': [{'id': 'b', 'kind': 'building', 'bind': {"
                "'indoor_temperature': {'topic': 'b/v', 'timeout': '1h'},"
                "'relative_humidity': {'topic': 'b/rh', 'path': '/v', 'time': '/t'}}}]}");
    stage_say_retained(&s, T, "b/v", "35");
    assert_int_equal(s.readings[0].quality, QUALITY_STALE);
    assert_int_equal(twin_sensor_quality(stage_twin(&s, "b"), 0, T), QUALITY_STALE);
    stage_say_retained(&s, T, "b/rh", "{\"v\": 40, \"t\": 1699999990}"); /* it says when */
    assert_int_equal(s.readings[1].quality, QUALITY_GOOD);
    assert_close(s.readings[1].time, T - 10, 0);
    stage_end(&s);
}

#define EVENT                                                                              \
    "{'clock': 'event', 'step': '1m', 'twins': ["                                          \
    "{'id': 'old', 'kind': 'building', 'bind': {"                                          \
    " 'indoor_temperature': {'topic': 'old', 'path': '/v', 'time': '/t'}}},"               \
    "{'id': 'new', 'kind': 'building', 'bind': {"                                          \
    " 'indoor_temperature': {'topic': 'new', 'path': '/v', 'time': '/t'},"                 \
    " 'relative_humidity': {'topic': 'new', 'path': '/rh', 'time': '/t'}}}]}"

static void test_under_event_time_each_twin_lives_in_its_own(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, EVENT);
    stage_say(&s, T, "new", "{\"v\": 20, \"t\": \"2020-01-01T00:00:00Z\"}");
    stage_say(&s, T, "old", "{\"v\": 20, \"t\": \"2001-01-01T00:00:00Z\"}");
    stage_say(&s, T, "new", "{\"v\": 21, \"t\": \"2020-01-01T01:00:00Z\"}");
    stage_say(&s, T, "old", "{\"v\": 21, \"t\": \"2001-01-01T01:00:00Z\"}");
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(s.readings[i].quality, QUALITY_GOOD);
    assert_close(twin_head(stage_twin(&s, "new"))->time, 1577840400, 0);
    assert_close(twin_head(stage_twin(&s, "old"))->time, 978310800, 0);
    world_tick(s.world, T); /* the wall's time is nothing here */
    assert_close(twin_head(stage_twin(&s, "old"))->time, 978310800, 0);
    stage_end(&s);
}

static void test_under_event_time_the_records_of_one_message_are_all_in_time(void **state)
{
    (void)state;
    struct stage s;
    struct text list = {0};
    stage_begin(&s, EVENT);
    for (int i = 11; i >= 0; i--) /* newest first, two signals each */
        text_put(&list, "%c{\"v\":%d,\"rh\":50,\"t\":%d}", i == 11 ? '[' : ',', 15 + i / 2,
                 T + 300 * i);
    text_put(&list, "]");
    stage_say(&s, T + 9000, "new", list.at);
    text_free(&list);
    assert_int_equal(s.n_readings, 24);
    for (size_t i = 0; i < 24; i++) {
        assert_close(s.readings[i].time, T + 300.0 * (double)(i / 2), 0);
        assert_int_equal(s.readings[i].quality, QUALITY_GOOD);
    }
    assert_int_equal(engine_stats(world_engine(s.world))->late, 0);
    stage_end(&s);
}

static void test_under_event_time_a_bad_value_moves_no_clock(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, EVENT);
    stage_say(&s, T, "new", "{\"v\": 20, \"t\": 1700000000}");
    stage_say(&s, T, "new", "{\"v\": \"broken\", \"t\": 1800000000}");
    stage_say(&s, T, "new", "{\"v\": 20.5, \"t\": 1700000300}");
    assert_int_equal(s.n_readings, 2);
    assert_int_equal(s.readings[1].quality, QUALITY_GOOD);
    stage_end(&s);
}

static void test_a_gas_is_converted_at_the_twins_temperature_and_pressure(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, "{'twins': [{'id': 'c', 'kind': 'air_quality', 'bind': {"
                    "'outdoor_temperature': 'c/t', 'pressure': 'c/p',"
                    "'no2': {'topic': 'c/no2', 'unit': 'ppb'}}}]}");
    stage_say(&s, T, "c/t", "25");
    stage_say(&s, T, "c/p", "1013.25");
    stage_say(&s, T, "c/no2", "100");
    /* 46.0055 g/mol over 24.465 l/mol at 25 Cel and 1 atm */
    assert_string_equal(s.readings[2].signal, "no2");
    assert_near(s.readings[2].value, 100 * 46.0055 / 24.465, 1e-3);
    stage_say(&s, T + 10, "c/t", "-20");
    stage_say(&s, T + 20, "c/no2", "100");
    assert_near(s.readings[4].value / s.readings[2].value, 298.15 / 253.15, 1e-6);
    stage_end(&s);
}

static void test_readings_by_name_are_applied_together(void **state)
{
    (void)state;
    struct stage s;
    struct err e;
    stage_begin(&s, CLIMATE);
    assert_true(world_read(s.world, T, "gh1", "air_temperature", 20, &e));
    assert_true(world_read(s.world, T, "gh1", "relative_humidity", 70, &e));
    assert_int_equal(s.n_readings, 0);
    assert_true(world_read(s.world, T + 60, "gh1", "outdoor_temperature", 5, &e));
    assert_int_equal(s.n_readings, 2);
    world_read_end(s.world);
    world_read_end(s.world);
    assert_int_equal(s.n_readings, 3);
    assert_close(world_now(s.world), T + 60, 0);
    stage_end(&s);
}

static void test_readings_by_unknown_names_are_refused_with_the_name(void **state)
{
    (void)state;
    struct stage s;
    struct err e;
    stage_begin(&s, CLIMATE);
    assert_false(world_read(s.world, T, "gh2", "air_temperature", 20, &e));
    assert_non_null(strstr(e.text, "'gh2'"));
    assert_false(world_read(s.world, T, "gh1", "dew_point", 20, &e));
    assert_non_null(strstr(e.text, "'dew_point'"));
    world_read_end(s.world);
    assert_int_equal(s.n_readings, 0);
    stage_end(&s);
}

static void test_a_message_of_the_past_leaves_the_clock(void **state)
{
    (void)state;
    struct stage s;
    stage_begin(&s, CLIMATE);
    stage_say(&s, T + 7200, "gh1/out", "4");
    world_take(s.world, &(struct world_message){.topic = "gh1/climate",
                                                .topic_length = 11,
                                                .payload = "{\"t\":68}",
                                                .payload_length = 8,
                                                .received = T,
                                                .past = true});
    assert_close(world_now(s.world), T + 7200, 0);
    assert_int_equal(s.readings[1].quality, QUALITY_LATE);
    stage_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_message_brings_all_readings_of_its_bindings),
        cmocka_unit_test(test_one_topic_may_feed_several_twins),
        cmocka_unit_test(test_every_filter_is_subscribed_once),
        cmocka_unit_test(test_refusals_are_counted_by_reason),
        cmocka_unit_test(test_a_message_of_too_many_readings_is_cut_and_counted),
        cmocka_unit_test(test_a_late_reading_is_stored_and_does_not_move_the_twin_back),
        cmocka_unit_test(test_a_retained_message_makes_nothing_fresh),
        cmocka_unit_test(test_under_event_time_each_twin_lives_in_its_own),
        cmocka_unit_test(test_under_event_time_the_records_of_one_message_are_all_in_time),
        cmocka_unit_test(test_under_event_time_a_bad_value_moves_no_clock),
        cmocka_unit_test(test_a_gas_is_converted_at_the_twins_temperature_and_pressure),
        cmocka_unit_test(test_readings_by_name_are_applied_together),
        cmocka_unit_test(test_readings_by_unknown_names_are_refused_with_the_name),
        cmocka_unit_test(test_a_message_of_the_past_leaves_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
