/* What services say of inputs to come reaches the twin, and what they should not say is
 * refused. */
#include "world_stage.h"

enum { T = 1700000000 };

#define HOUSES                                                                             \
    "{'twins': [{'id': 'h-{n}', 'kind': 'building', 'bind': {'indoor_temperature': "       \
    "'h/{n}/t'}, 'forecast': {'inputs': {'outdoor_temperature': {'topic': "                \
    "'weather/{n}', 'times': '/time', 'values': '/temp', 'unit': '[degF]'}}}}]}"

static size_t changes;

static void on_changed(void *context, struct twin *twin)
{
    (void)context, (void)twin;
    changes++;
}

static void enter(struct stage *s, const char *text)
{
    const struct engine_sink sink = {.context = s, .changed = on_changed};
    const struct world_hooks hooks = {s, stage_created, stage_publish, stage_commanded};
    stage_load(s, text);
    log_set_level(LOG_ERROR);
    s->world = world_new(&s->config, &sink, &hooks);
    changes = 0;
}

static void test_a_message_of_the_future_changes_its_twin_and_is_no_reading(void **state)
{
    (void)state;
    struct stage s;
    enter(&s, HOUSES);
    stage_say(&s, T, "h/7/t", "21");
    size_t before = changes;
    stage_say(&s, T, "weather/7",
              "{\"time\": [1700003600, 1700007200], \"temp\": [32, 41]}");
    assert_int_equal(changes, before + 1);
    assert_int_equal(engine_stats(world_engine(s.world))->readings, 1);
    assert_int_equal(world_stats(s.world)->bad_value, 0);
    stage_end(&s);
}

static void test_a_fleets_names_say_whose_weather_it_is(void **state)
{
    (void)state;
    struct stage s;
    size_t n;
    enter(&s, HOUSES);
    stage_say(&s, T, "weather/9", "{\"time\": [1700003600], \"temp\": [32]}");
    assert_non_null(stage_twin(&s, "h-9"));
    const char *const *filters = world_filters(s.world, &n);
    assert_int_equal(n, 7);
    assert_string_equal(filters[6], "weather/+");
    stage_end(&s);
}

static void test_bad_forecasts_are_counted_and_change_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "{", "[1, 2]",
                                      "{\"time\": [1700003600], \"temp\": [\"warm\"]}",
                                      "{\"time\": [1700003600], \"temp\": [99999]}"};
    struct stage s;
    enter(&s, HOUSES);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        stage_say(&s, T, "weather/1", bad[i]);
        assert_int_equal(world_stats(s.world)->bad_value, i + 1);
    }
    assert_int_equal(changes, 0);
    stage_end(&s);
}

struct note {
    char text[256];
};

static void on_heard(void *context, const struct twin *twin,
                     const struct engine_reading *reading)
{
    struct note *note = context;
    size_t used = strlen(note->text);
    snprintf(note->text + used, sizeof note->text - used, "%s %g %g;", twin->id,
             reading->time, reading->value);
}

static void test_who_listens_hears_readings_and_no_twin_moves(void **state)
{
    (void)state;
    struct stage s;
    struct note note = {""};
    struct err e;
    enter(&s, HOUSES);
    world_listen(s.world, on_heard, &note);
    stage_say(&s, 1000, "h/1/t", "21");
    stage_say(&s, 2000, "twind/h-1/set/tariff", "5");
    assert_true(world_read(s.world, 3000, "h-1", "indoor_temperature", 22, &e));
    world_read_end(s.world);
    assert_string_equal(note.text, "h-1 1000 21;h-1 3000 22;");
    assert_close(twin_head(stage_twin(&s, "h-1"))->time, 0, 0);
    assert_int_equal(changes, 0);
    stage_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_message_of_the_future_changes_its_twin_and_is_no_reading),
        cmocka_unit_test(test_a_fleets_names_say_whose_weather_it_is),
        cmocka_unit_test(test_bad_forecasts_are_counted_and_change_nothing),
        cmocka_unit_test(test_who_listens_hears_readings_and_no_twin_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
