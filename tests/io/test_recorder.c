/* A world's twins into history and keep, and back after a restart or a reload. */
#include "history_probe.h"

#include "twind/recorder.h"
#include "twind/world.h"

static const double T = 1700000000;

/* What the daemon wires, without its broker. */
struct house {
    struct config config;
    struct history *history;
    struct keep *keep;
    struct recorder *recorder;
    struct world *world;
    size_t found; /* twins whose block was kept */
    uint64_t seq;
};

static void on_reading(void *context, struct twin *twin, size_t sensor, double time,
                       double value, enum quality quality)
{
    struct house *h = context;
    recorder_reading(h->recorder, twin, sensor, time, value, quality);
}

static void on_state(void *context, struct twin *twin)
{
    struct house *h = context;
    recorder_state(h->recorder, twin);
}

static void on_alert(void *context, const struct engine_alert *alert)
{
    struct house *h = context;
    recorder_alert(h->recorder, alert);
}

static void on_changed(void *context, struct twin *twin)
{
    struct house *h = context;
    recorder_changed(h->recorder, twin);
}

static void on_created(void *context, struct engine *engine, struct twin *twin)
{
    struct house *h = context;
    h->found += recorder_attach(h->recorder, engine, twin);
}

static void say(void *context, bool warning, const char *text)
{
    (void)context, (void)warning;
    fail_msg("%s", text);
}

static void configure(struct house *h, const char *text)
{
    const struct config_report report = {.say = say};
    char json[2048];
    strcpy(json, text);
    for (char *at = json; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    assert_true(config_load_text(json, &report, &h->config));
}

static void enter(struct house *h, struct recorder *former)
{
    const struct engine_sink sink = {.context = h,
                                     .reading = on_reading,
                                     .state = on_state,
                                     .alert = on_alert,
                                     .changed = on_changed};
    const struct world_hooks hooks = {.context = h, .created = on_created};
    h->found = 0;
    h->recorder = recorder_new(h->history, h->keep, former);
    h->world = world_new(&h->config, &sink, &hooks);
}

static void open_house(struct house *h, const char *text)
{
    struct err e;
    char path[128];
    snprintf(path, sizeof path, "%s/keep", probe_folder);
    *h = (struct house){.found = 0};
    configure(h, text);
    h->keep = keep_open(path, &e);
    assert_non_null(h->keep);
    const struct history_options options = {.path = probe_path,
                                            .commit = 0.05,
                                            .raw = PROBE_FOREVER,
                                            .minutes = PROBE_FOREVER,
                                            .hours = PROBE_FOREVER,
                                            .keep = h->keep,
                                            .synchronous = true};
    h->history = history_open(&options, &e);
    if (!h->history)
        fail_msg("%s", e.text);
    h->seq = history_applied(h->history);
    enter(h, NULL);
}

static void close_house(struct house *h)
{
    history_close(h->history);
    recorder_free(h->recorder);
    world_free(h->world);
    keep_close(h->keep);
    config_clear(&h->config);
}

static void take(struct house *h, double time, const char *topic, const char *payload)
{
    h->seq++;
    world_take(h->world, &(struct world_message){.topic = topic,
                                                 .topic_length = strlen(topic),
                                                 .payload = payload,
                                                 .payload_length = strlen(payload),
                                                 .received = time});
}

static void hand_over(struct house *h)
{
    recorder_hand_over(h->recorder, h->seq, 0, true);
}

static double count(const char *sql)
{
    return probe(NULL, 0, sql);
}

#define OFFICE                                                                             \
    "{'twins': [{'id': 'o', 'kind': 'building', 'bind': {'indoor_temperature': 'o/t',"     \
    " 'outdoor_temperature': 'o/out'}, 'rules': [{'id': 'hot', 'type': 'threshold',"       \
    " 'on': 'measured.indoor_temperature', 'above': 30, 'clear_below': 29}]}]}"

static void test_readings_states_and_alerts_are_stored_by_name(void **state)
{
    (void)state;
    struct house h;
    char text[128];
    open_house(&h, OFFICE);
    take(&h, T, "o/t", "20");
    take(&h, T + 60, "o/t", "31.5");
    take(&h, T + 90, "o/t", "999");
    take(&h, T + 120, "o/out", "7.25");
    hand_over(&h);
    close_house(&h);
    assert_close(count("SELECT count(*) FROM readings WHERE twin = 'o' AND signal = "
                       "'indoor_temperature' AND unit = 'Cel'"),
                 3, 0);
    assert_close(count("SELECT value FROM readings WHERE signal = 'outdoor_temperature'"),
                 7.25, 0);
    probe(text, sizeof text, "SELECT quality FROM readings WHERE value = 999");
    assert_string_equal(text, "out_of_range");
    assert_true(count("SELECT count(*) FROM states WHERE twin = 'o' AND name = 'ppd'") >=
                2);
    probe(text, sizeof text, "SELECT id || ' ' || state FROM alerts");
    assert_string_equal(text, "o.hot.1 active");
    assert_close(count("SELECT limit_value FROM alerts"), 30, 0);
}

static void test_a_restart_finds_the_twin_as_it_was_handed_over(void **state)
{
    (void)state;
    struct house h;
    open_house(&h, OFFICE);
    assert_int_equal(h.found, 0);
    for (int i = 0; i < 20; i++)
        take(&h, T + 60 * i, "o/t", "24.5");
    hand_over(&h);
    struct twin *twin = engine_find(world_engine(h.world), "o");
    size_t size = twin->plan->block_size;
    char *before = malloc(size);
    memcpy(before, twin->block, size);
    take(&h, T + 1300, "o/t", "40"); /* not handed over: it will come again */
    close_house(&h);

    open_house(&h, OFFICE);
    assert_int_equal(h.found, 1);
    assert_int_equal(h.seq, 20);
    twin = engine_find(world_engine(h.world), "o");
    assert_memory_equal(twin->block, before, size);
    free(before);
    close_house(&h);
}

static void test_a_changed_configuration_keeps_what_bears_the_same_name(void **state)
{
    (void)state;
    struct house h;
    open_house(&h, OFFICE);
    for (int i = 0; i < 20; i++)
        take(&h, T + 60 * i, "o/t", "24.5");
    hand_over(&h);
    close_house(&h);
    open_house(&h, "{'twins': [{'id': 'o', 'kind': 'building', 'bind': {"
                   "'relative_humidity': 'o/rh', 'indoor_temperature': 'o/t'}}]}");
    assert_int_equal(h.found, 1);
    struct twin *twin = engine_find(world_engine(h.world), "o");
    assert_close(twin_x(twin)[0], 24.5, 0.5);
    assert_true(isnan(twin_sensors(twin)[0].time) != 0);
    assert_close(twin_sensors(twin)[1].value, 24.5, 0);
    close_house(&h);
}

static void test_what_was_told_is_told_only_once_after_a_restart(void **state)
{
    (void)state;
    struct house h;
    open_house(&h, OFFICE);
    take(&h, T, "o/t", "31");
    hand_over(&h);
    struct twin *twin = engine_find(world_engine(h.world), "o");
    assert_int_equal(recorder_told(h.recorder, twin, 0), 0);
    recorder_set_told(h.recorder, twin, 0, 1);
    recorder_set_told(h.recorder, twin, 0, 0); /* never backward */
    close_house(&h);
    open_house(&h, OFFICE);
    assert_int_equal(recorder_told(h.recorder, engine_find(world_engine(h.world), "o"), 0),
                     1);
    close_house(&h);
}

static void test_a_reload_goes_on_with_the_same_series(void **state)
{
    (void)state;
    struct house h, former;
    open_house(&h, OFFICE);
    take(&h, T, "o/t", "20");
    hand_over(&h);
    former = h;
    configure(&h, OFFICE);
    enter(&h, former.recorder);
    assert_int_equal(h.found, 1);
    recorder_leave_former(h.recorder);
    world_free(former.world);
    config_clear(&former.config);
    take(&h, T + 60, "o/t", "20.5");
    hand_over(&h);
    close_house(&h);
    assert_close(count("SELECT count(*) FROM readings WHERE twin = 'o'"), 2, 0);
}

static void test_what_was_not_handed_over_is_not_stored(void **state)
{
    (void)state;
    struct house h;
    open_house(&h, OFFICE);
    take(&h, T, "o/t", "20");
    recorder_hand_over(h.recorder, h.seq, 0, false); /* a small batch is not due */
    close_house(&h);
    assert_close(count("SELECT count(*) FROM readings"), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, probe_begin, probe_end)
        WITH_FOLDER(test_readings_states_and_alerts_are_stored_by_name),
        WITH_FOLDER(test_a_restart_finds_the_twin_as_it_was_handed_over),
        WITH_FOLDER(test_a_changed_configuration_keeps_what_bears_the_same_name),
        WITH_FOLDER(test_what_was_told_is_told_only_once_after_a_restart),
        WITH_FOLDER(test_a_reload_goes_on_with_the_same_series),
        WITH_FOLDER(test_what_was_not_handed_over_is_not_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
