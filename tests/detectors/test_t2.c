/* t2, the detector of several signals: what no single one shows, kept up as long as it
 * lasts. */
#include "check.h"

#include "several.h"

#include "twind/detector.h"

#include <stdlib.h>

struct watch {
    struct process process;
    const struct detector *d;
    double params[DETECTOR_PARAMS_MAX];
    double *state;
};

static struct watch watch_new(enum process_kind kind, enum process_fault fault, int from,
                              unsigned seed)
{
    struct watch w = {.d = detectors_find("t2")};
    process_begin(&w.process, kind, fault, from, seed);
    detectors_defaults(w.d, w.params);
    w.state = calloc(1, w.d->size(w.params, w.process.n));
    assert_non_null(w.state);
    return w;
}

static bool ask(struct watch *w)
{
    return detectors_step(w->d, w->params, w->state, 0, w->process.values, w->process.n) >=
           0.5;
}

static int alarms(struct watch *w, int n)
{
    int count = 0;
    for (int i = 0; i < n; i++) {
        process_draw(&w->process);
        count += ask(w);
    }
    return count;
}

/* Two causes, four signals of different units, and one that never moves. */
static struct watch tank_new(void)
{
    struct watch w = watch_new(CALM, NOTHING, 5, 7);
    memset(w.process.own_keep, 0, sizeof w.process.own_keep);
    return w;
}

static void tank_draw(struct watch *w)
{
    double *v = w->process.values, a, b;
    process_draw(&w->process);
    a = v[0];
    b = v[1];
    v[0] = 20 + a + 0.1 * v[2];
    v[1] = 1000 + 50 * a + 5 * v[3];
    v[2] = 0.01 * b + 0.001 * v[4];
    v[3] = a + b;
    v[4] = 7;
}

static int tank_alarms(struct watch *w, int n)
{
    int count = 0;
    for (int i = 0; i < n; i++) {
        tank_draw(w);
        count += ask(w);
    }
    return count;
}

/* About one alarm, of some fifty readings, in ten thousand. */
static void test_it_is_quiet_while_all_is_usual(void **state)
{
    (void)state;
    int count = 0;
    for (unsigned seed = 1; seed <= 3; seed++) {
        struct watch w = watch_new(CALM, NOTHING, 6, seed);
        count += alarms(&w, 10000);
        free(w.state);
    }
    assert_true(count <= 300);
}

static void test_it_finds_what_no_single_signal_shows_and_names_it(void **state)
{
    (void)state;
    char text[DETECTOR_TEXT];
    int found = 0;
    struct watch w = tank_new();
    assert_true(tank_alarms(&w, 3000) <= 10);
    for (int i = 0; i < 100; i++) {
        tank_draw(&w);
        w.process.values[1] += 40; /* less than its standard deviation */
        found += ask(&w);
    }
    assert_true(found > 90);
    detectors_explain(w.d, w.params, w.state, text);
    assert_non_null(strstr(text, "value 2"));
    free(w.state);
}

static void test_it_sees_that_signals_no_longer_go_together(void **state)
{
    (void)state;
    struct watch w = tank_new();
    struct random other = {9};
    int found = 0;
    tank_alarms(&w, 2000);
    for (int i = 0; i < 200; i++) {
        tank_draw(&w);
        w.process.values[1] = 1000 + 50 * random_normal(&other);
        found += ask(&w);
    }
    assert_true(found > 150);
    free(w.state);
}

static void test_an_alarm_stays_as_long_as_the_fault_and_ends_soon_after(void **state)
{
    (void)state;
    struct watch w = tank_new();
    tank_alarms(&w, 1000);
    int found = 0;
    for (int i = 0; i < 800; i++) {
        tank_draw(&w);
        w.process.values[0] += 5;
        found += ask(&w);
    }
    assert_true(found >= 795);
    tank_alarms(&w, 60);
    assert_true(tank_alarms(&w, 1000) <= 20);
    free(w.state);
}

static void test_after_its_patience_what_is_there_is_usual(void **state)
{
    (void)state;
    struct watch w = tank_new();
    struct err e;
    int late = 0;
    assert_true(detectors_set(w.d, w.params, "patience", 300, &e));
    tank_alarms(&w, 1000);
    for (int i = 0; i < 3000; i++) {
        tank_draw(&w);
        w.process.values[0] += 5;
        late += ask(&w) && i > 310;
    }
    assert_true(late <= 20);
    free(w.state);
}

static void test_a_signal_that_never_moved_is_a_fault_when_it_moves(void **state)
{
    (void)state;
    struct watch w = tank_new();
    int found = 0;
    tank_alarms(&w, 1000);
    for (int i = 0; i < 100; i++) {
        tank_draw(&w);
        w.process.values[4] = 7.001;
        found += ask(&w);
    }
    assert_true(found >= 95);
    free(w.state);
}

static void test_a_missing_value_is_what_the_others_say(void **state)
{
    (void)state;
    struct watch w = tank_new();
    int count = 0;
    tank_alarms(&w, 3000);
    for (int i = 0; i < 500; i++) {
        tank_draw(&w);
        w.process.values[i % 5] = NAN;
        count += ask(&w);
    }
    assert_true(count <= 10);
    free(w.state);
}

/* Of 52 signals, after 660 usual rows, whatever valve sticks. */
static void test_a_sticking_valve_of_a_plant_is_found_and_stays_found(void **state)
{
    (void)state;
    int found = 0, early = 0;
    for (unsigned seed = 0; seed < 2; seed++) {
        struct watch w = watch_new(PLANT, VALVE, 660, seed);
        early += alarms(&w, 660);
        found += alarms(&w, 400);
        free(w.state);
    }
    assert_true(found > 700);
    assert_true(early < 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_quiet_while_all_is_usual),
        cmocka_unit_test(test_it_finds_what_no_single_signal_shows_and_names_it),
        cmocka_unit_test(test_it_sees_that_signals_no_longer_go_together),
        cmocka_unit_test(test_an_alarm_stays_as_long_as_the_fault_and_ends_soon_after),
        cmocka_unit_test(test_after_its_patience_what_is_there_is_usual),
        cmocka_unit_test(test_a_signal_that_never_moved_is_a_fault_when_it_moves),
        cmocka_unit_test(test_a_missing_value_is_what_the_others_say),
        cmocka_unit_test(test_a_sticking_valve_of_a_plant_is_found_and_stays_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
