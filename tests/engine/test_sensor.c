/* One sensor, one reading after another, and what becomes of each. */
#include "check.h"
#include "sample.h"

#include "twind/mem.h"
#include "twind/sensor.h"

#include <stdlib.h>

static const double start = 1e9;

struct fixture {
    struct plan *plan;
    struct twin twin;
    struct engine_stats stats;
    double now;
};

static struct fixture make(const struct kind *kind, size_t signal)
{
    struct fixture f = {.plan = plan_new(kind), .now = start};
    struct err e;
    f.plan->sensors = mem_new(1, sizeof *f.plan->sensors);
    f.plan->n_sensors = 1;
    f.plan->sensors[0] = plan_sensor_usual(kind, signal);
    assert_true(plan_finish(f.plan, &e));
    f.twin = (struct twin){.plan = f.plan};
    f.twin.block = mem_new(1, f.plan->block_size);
    twin_start(&f.twin);
    twin_begin(&f.twin, start);
    return f;
}

static void drop(struct fixture *f)
{
    free(f->twin.block);
    plan_drop(f->plan);
}

static struct sensor_verdict judge(struct fixture *f, const struct engine_reading *reading)
{
    if (reading->time > f->now && reading->time < f->now + 10000)
        f->now = reading->time;
    return sensor_judge(&f->twin, reading, f->now, &f->stats);
}

static struct sensor_verdict say(struct fixture *f, double after, double value)
{
    return judge(f, &(struct engine_reading){0, start + after, value, false, true});
}

static struct twin_sensor *sensor(struct fixture *f)
{
    return &twin_sensors(&f->twin)[0];
}

static void test_good_reading_is_stored_and_used(void **state)
{
    (void)state;
    struct fixture f = make(&sample_level, 0);
    struct sensor_verdict v = say(&f, 1, 20);
    assert_true(v.stored && v.used && v.seen && !v.held);
    assert_int_equal(v.quality, QUALITY_GOOD);
    assert_close(v.value, 20, 0);
    assert_close(sensor(&f)->time, start + 1, 0);
    assert_close(sensor(&f)->changed, start + 1, 0);
    drop(&f);
}

static void test_bad_reading_is_marked_and_kept_out(void **state)
{
    (void)state;
    struct fixture f = make(&sample_level, 0);
    f.plan->sensors[0].min = -40;
    f.plan->sensors[0].max = 60;
    say(&f, 1, 20);
    const double bad[] = {61, -41, 1e300, INFINITY, NAN};
    for (size_t i = 0; i < 5; i++) {
        struct sensor_verdict v = say(&f, 2 + (double)i, bad[i]);
        assert_int_equal(v.quality, QUALITY_OUT_OF_RANGE);
        assert_false(v.used || v.seen);
        assert_int_equal(v.stored, i < 3); /* what is no number can not be */
        assert_int_equal(sensor(&f)->quality, QUALITY_OUT_OF_RANGE);
        assert_close(sensor(&f)->time, start + 1, 0); /* it does not make fresh */
    }
    assert_int_equal(f.stats.out_of_range, 5);
    assert_int_equal(say(&f, 9, 60).quality, QUALITY_GOOD);
    assert_int_equal(sensor(&f)->quality, QUALITY_GOOD);
    drop(&f);
}

static void test_rows_physical_range_holds_too(void **state)
{
    (void)state;
    struct fixture f = make(&sample_level, 0);
    f.plan->sensors[0].max = INFINITY;
    assert_int_equal(say(&f, 1, 2e6).quality, QUALITY_OUT_OF_RANGE);
    drop(&f);
}

static void test_retained_output_never_makes_fresh(void **state)
{
    (void)state;
    struct fixture f = make(&sample_level, 0);
    struct engine_reading old = {0, start + 5, 20, true, false};
    struct sensor_verdict v = judge(&f, &old);
    assert_int_equal(v.quality, QUALITY_STALE);
    assert_true(v.stored && !v.used && !v.held && !v.seen);
    assert_true(isnan(sensor(&f)->time));
    old.timed = true; /* the payload says when: like any other */
    assert_int_equal(judge(&f, &old).quality, QUALITY_GOOD);
    drop(&f);
}

static void test_retained_input_holds_without_being_fresh(void **state)
{
    (void)state;
    struct fixture f = make(&sample_tank, 0);
    struct sensor_verdict v =
        judge(&f, &(struct engine_reading){0, start + 5, 7, true, false});
    assert_true(v.held && v.stored && !v.used);
    assert_int_equal(v.quality, QUALITY_STALE);
    assert_true(isnan(sensor(&f)->time));
    drop(&f);
}

static void test_duplicate_is_dropped_and_counted(void **state)
{
    (void)state;
    struct fixture f = make(&sample_level, 0);
    say(&f, 1, 20);
    struct sensor_verdict v = say(&f, 1, 20);
    assert_false(v.stored || v.used);
    assert_int_equal(f.stats.duplicate, 1);
    assert_true(say(&f, 1, 21).used); /* same time, other value: no duplicate */
    assert_true(say(&f, 2, 21).used); /* same value, later: no duplicate */
    struct engine_reading untimed = {0, start + 2, 21, false, false};
    assert_true(judge(&f, &untimed).used); /* two messages in one millisecond */
    assert_int_equal(f.stats.duplicate, 1);
    drop(&f);
}

static void test_late_reading_is_stored_but_does_not_count(void **state)
{
    (void)state;
    struct fixture f = make(&sample_level, 0);
    say(&f, 100, 20);
    struct sensor_verdict v = say(&f, 99, 25);
    assert_int_equal(v.quality, QUALITY_LATE);
    assert_true(v.stored && !v.used && !v.seen);
    assert_close(sensor(&f)->value, 20, 0);
    assert_close(sensor(&f)->time, start + 100, 0);
    assert_int_equal(say(&f, 98, 1e9).quality, QUALITY_OUT_OF_RANGE);
    assert_int_equal(sensor(&f)->quality, QUALITY_GOOD); /* of long ago: no news */
    drop(&f);
}

static void test_late_is_also_what_the_twin_has_passed_by(void **state)
{
    (void)state;
    struct fixture f = make(&sample_level, 0);
    twin_head(&f.twin)->time = f.now = start + 1000;
    assert_int_equal(say(&f, 939, 20).quality, QUALITY_LATE);
    assert_int_equal(say(&f, 941, 20).quality, QUALITY_GOOD); /* within a minute */
    f.plan->step = 300;                                       /* within two steps */
    twin_head(&f.twin)->time = f.now = start + 2000;
    assert_int_equal(say(&f, 1401, 20).quality, QUALITY_GOOD);
    drop(&f);
}

static void test_reading_of_the_future_is_refused(void **state)
{
    (void)state;
    struct fixture f = make(&sample_level, 0);
    struct engine_reading future = {0, start + 61, 20, false, true};
    struct sensor_verdict v = sensor_judge(&f.twin, &future, start, &f.stats);
    assert_int_equal(v.quality, QUALITY_REJECTED);
    assert_false(v.used);
    assert_true(isnan(sensor(&f)->time));
    future.time = start + 59;
    assert_true(sensor_judge(&f.twin, &future, start, &f.stats).used);
    future.time = NAN;
    v = sensor_judge(&f.twin, &future, start, &f.stats);
    assert_false(v.used || v.stored);
    drop(&f);
}

static void test_readings_too_close_are_thinned(void **state)
{
    (void)state;
    struct fixture f = make(&sample_level, 0);
    f.plan->sensors[0].min_interval = 10;
    size_t used = 0, stored = 0;
    for (int i = 0; i < 100; i++) {
        struct sensor_verdict v = say(&f, i, 20 + i);
        used += v.used;
        stored += v.stored;
    }
    assert_int_equal(used, 10);
    assert_int_equal(stored, 10);
    assert_int_equal(f.stats.thinned, 90);
    drop(&f);
}

static void test_sensor_that_stands_still_is_stuck_until_it_moves(void **state)
{
    (void)state;
    struct fixture f = make(&sample_level, 0);
    f.plan->sensors[0].stuck_after = 600;
    for (int i = 0; i < 20; i++) {
        struct sensor_verdict v = say(&f, i * 60, 20);
        assert_int_equal(v.quality, i * 60 < 600 ? QUALITY_GOOD : QUALITY_STUCK);
        assert_int_equal(v.used, i * 60 < 600);
        assert_true(v.stored && v.seen);
    }
    assert_int_equal(f.stats.stuck, 10);
    assert_int_equal(say(&f, 1200, 20.1).quality, QUALITY_GOOD);
    drop(&f);
}

/* ---- meters ---- */

static struct fixture make_meter(void)
{
    struct fixture f = make(&sample_tank, TANK_INPUTS + TANK_OUT_TOTAL);
    f.plan->sensors[0].counter = true;
    return f;
}

/* Feeds raw values a minute apart; returns the last continuous one. */
static double count(struct fixture *f, const double *raw, size_t n)
{
    double value = NAN;
    for (size_t i = 0; i < n; i++)
        value = say(f, (double)++f->stats.steps * 60, raw[i]).value;
    return value;
}

#define COUNT(f, ...)                                                                      \
    count(f, (const double[]){__VA_ARGS__}, sizeof(double[]){__VA_ARGS__} / sizeof(double))

static void test_meter_goes_on_through_a_reset(void **state)
{
    (void)state;
    struct fixture f = make_meter();
    assert_close(COUNT(&f, 5000, 5010, 5020), 5020, 0);
    assert_close(COUNT(&f, 3), 5023, 0); /* the 3 were counted since the reset */
    assert_close(COUNT(&f, 13, 33), 5053, 0);
    assert_close(COUNT(&f, 0), 5053, 0);
    assert_close(COUNT(&f, 8), 5061, 0);
    assert_int_equal(f.stats.rejected, 0);
    drop(&f);
}

static void test_zero_glitch_is_taken_back(void **state)
{
    (void)state;
    struct fixture f = make_meter();
    assert_close(COUNT(&f, 5000, 5010, 0, 5020, 5030), 5030, 0);
    assert_close(COUNT(&f, 0), 5030, 0);
    assert_close(COUNT(&f, 5030, 5041), 5041, 0);
    drop(&f);
}

static void test_glitch_upward_leaves_no_spike(void **state)
{
    (void)state;
    struct fixture f = make_meter();
    assert_close(COUNT(&f, 5000, 5010, 9000), 9000, 0); /* possible: the gate's matter */
    assert_close(COUNT(&f, 5020, 5030), 5030, 0);
    drop(&f);
}

static void test_huge_jump_is_believed_only_the_second_time(void **state)
{
    (void)state;
    struct fixture f = make_meter();
    COUNT(&f, 5000, 5010);
    struct sensor_verdict v = say(&f, 1000, 4e8);
    assert_int_equal(v.quality, QUALITY_REJECTED);
    assert_false(v.used);
    assert_close(say(&f, 1060, 5030).value, 5030, 0);
    assert_false(say(&f, 1120, 4e8).used);
    assert_true(say(&f, 1180, 4e8 + 1).used);
    assert_close(sensor(&f)->value, 4e8 + 1, 0);
    drop(&f);
}

static void test_another_meter_goes_on_from_the_same_level(void **state)
{
    (void)state;
    struct fixture f = make_meter();
    assert_close(COUNT(&f, 5000, 5010, 2000), 5010, 0);
    assert_close(COUNT(&f, 2005, 2007), 5017, 0);
    drop(&f);
}

static void test_small_fall_is_waited_out(void **state)
{
    (void)state;
    struct fixture f = make_meter();
    COUNT(&f, 5000, 5010);
    struct sensor_verdict v = say(&f, 1000, 5009.9);
    assert_int_equal(v.quality, QUALITY_REJECTED);
    assert_close(say(&f, 1060, 5011).value, 5011, 0);
    sensor(&f)->rejected = 0; /* the twin has used it */
    for (int i = 0; i < 8; i++)
        assert_false(say(&f, 1120 + i * 60, 4900 + i).used);
    v = say(&f, 2000, 4910); /* it insists */
    assert_true(v.used);
    assert_close(v.value, 5011, 0);
    assert_close(say(&f, 2060, 4915).value, 5016, 0);
    drop(&f);
}

static void test_redelivered_meter_reading_is_a_duplicate_after_a_reset(void **state)
{
    (void)state;
    struct fixture f = make_meter();
    COUNT(&f, 5000, 5010, 3);
    double time = (double)f.stats.steps * 60;
    assert_false(say(&f, time, 3).stored);
    assert_int_equal(f.stats.duplicate, 1);
    drop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_reading_is_stored_and_used),
        cmocka_unit_test(test_bad_reading_is_marked_and_kept_out),
        cmocka_unit_test(test_rows_physical_range_holds_too),
        cmocka_unit_test(test_retained_output_never_makes_fresh),
        cmocka_unit_test(test_retained_input_holds_without_being_fresh),
        cmocka_unit_test(test_duplicate_is_dropped_and_counted),
        cmocka_unit_test(test_late_reading_is_stored_but_does_not_count),
        cmocka_unit_test(test_late_is_also_what_the_twin_has_passed_by),
        cmocka_unit_test(test_reading_of_the_future_is_refused),
        cmocka_unit_test(test_readings_too_close_are_thinned),
        cmocka_unit_test(test_sensor_that_stands_still_is_stuck_until_it_moves),
        cmocka_unit_test(test_meter_goes_on_through_a_reset),
        cmocka_unit_test(test_zero_glitch_is_taken_back),
        cmocka_unit_test(test_glitch_upward_leaves_no_spike),
        cmocka_unit_test(test_huge_jump_is_believed_only_the_second_time),
        cmocka_unit_test(test_another_meter_goes_on_from_the_same_level),
        cmocka_unit_test(test_small_fall_is_waited_out),
        cmocka_unit_test(test_redelivered_meter_reading_is_a_duplicate_after_a_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
