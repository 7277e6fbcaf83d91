/* auto on several signals: faults of all together stay, events of one are said once. */
#include "check.h"

#include "several.h"

#include "twind/detector.h"

#include <stdlib.h>

struct watch {
    struct process process;
    const struct detector *d;
    double params[DETECTOR_PARAMS_MAX];
    double *state;
    double gain, offset; /* of what the detector is given */
};

static struct watch watch_new(enum process_kind kind, enum process_fault fault, int from,
                              unsigned seed)
{
    const struct detector *automatic = detectors_find("auto");
    struct watch w = {.gain = 1};
    process_begin(&w.process, kind, fault, from, seed);
    detectors_defaults(automatic, w.params);
    w.d = detectors_for(automatic, w.process.n);
    w.state = calloc(1, w.d->size(w.params, w.process.n));
    assert_non_null(w.state);
    return w;
}

static double ask(struct watch *w)
{
    double values[SEVERAL_MAX];
    for (size_t i = 0; i < w->process.n; i++)
        values[i] = w->gain * w->process.values[i] + w->offset;
    return detectors_step(w->d, w->params, w->state, w->process.row, values, w->process.n);
}

static int alarms(struct watch *w, int n)
{
    int count = 0;
    for (int i = 0; i < n; i++) {
        process_draw(&w->process);
        count += ask(w) >= 0.5;
    }
    return count;
}

static void test_on_one_signal_it_is_auto_itself(void **state)
{
    (void)state;
    const struct detector *automatic = detectors_find("auto");
    assert_ptr_equal(detectors_for(automatic, 1), automatic);
    assert_true(detectors_for(automatic, 2)->joint);
    assert_ptr_equal(detectors_for(detectors_find("range"), 5), detectors_find("range"));
}

static void test_it_is_quiet_while_all_is_usual(void **state)
{
    (void)state;
    struct watch w = watch_new(CALM, NOTHING, 8, 1);
    assert_true(alarms(&w, 10000) <= 50);
    free(w.state);
}

static void test_a_fault_of_the_process_stays_up_as_long_as_it_lasts(void **state)
{
    (void)state;
    struct watch w = watch_new(PLANT, VALVE, 660, 1);
    alarms(&w, 700);
    assert_true(alarms(&w, 300) > 270);
    free(w.state);
}

static void test_an_event_of_one_signal_is_found_named_and_said_once(void **state)
{
    (void)state;
    char text[DETECTOR_TEXT];
    struct watch w = watch_new(CALM, NOTHING, 8, 4);
    alarms(&w, 2000);
    process_draw(&w.process);
    w.process.values[4] = 20;
    assert_true(ask(&w) >= 0.5);
    detectors_explain(w.d, w.params, w.state, text);
    assert_non_null(strstr(text, "value 5 contributes"));
    assert_true(alarms(&w, 50) <= 25); /* what the moving means still know of it */
    assert_true(alarms(&w, 500) <= 2);
    free(w.state);
}

static void test_scale_and_offset_are_the_same_to_it(void **state)
{
    (void)state;
    struct watch a = watch_new(PLANT, SHIFT, 500, 3), b = watch_new(PLANT, SHIFT, 500, 3);
    b.gain = 4;
    b.offset = 64;
    for (int i = 0; i < 600; i++) {
        process_draw(&a.process);
        process_draw(&b.process);
        double score = ask(&a), other = ask(&b);
        assert_close(other, score, 1e-6);
    }
    free(a.state);
    free(b.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_on_one_signal_it_is_auto_itself),
        cmocka_unit_test(test_it_is_quiet_while_all_is_usual),
        cmocka_unit_test(test_a_fault_of_the_process_stays_up_as_long_as_it_lasts),
        cmocka_unit_test(test_an_event_of_one_signal_is_found_named_and_said_once),
        cmocka_unit_test(test_scale_and_offset_are_the_same_to_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
