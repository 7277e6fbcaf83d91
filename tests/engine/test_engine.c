/* Readings in, the twin moved, everything stored; and what holds for all: determinism, no
 * allocation, size. */
#include "check.h"
#include "world.h"

#include <malloc.h>

/* ---- readings ---- */

static void test_reading_is_stored_and_moves_the_twin(void **state)
{
    (void)state;
    struct world w = begin(tank_plan());
    say(&w, 5, 0, 14);
    assert_int_equal(w.record->n_readings, 1);
    assert_int_equal(w.record->readings[0].quality, QUALITY_GOOD);
    assert_close(twin_head(w.twin)->time, start + 5, 0);
    assert_close(twin_head(w.twin)->born, start + 5, 0);
    assert_close(twin_estimate(w.twin, TANK_OUT_UPPER, NULL, engine_scratch(w.engine)), 14,
                 0.1);
    assert_int_equal(w.record->n_changed, 1);
    assert_int_equal(engine_stats(w.engine)->used, 1);
    end(&w);
}

static void test_readings_of_one_message_are_taken_in_the_order_of_time(void **state)
{
    (void)state;
    struct world w = begin(tank_plan());
    struct engine_reading batch[] = {
        {0, start + 30, 16, false, true},
        {0, start + 10, 14, false, true},
        {1, start + 10, 5, false, true},
        {0, start + 20, 15, false, true},
    };
    engine_advance(w.engine, start + 30);
    engine_apply(w.engine, w.twin, batch, 4);
    assert_int_equal(w.record->n_readings, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(w.record->readings[i].quality, QUALITY_GOOD);
    assert_close(w.record->readings[0].time, start + 10, 0);
    assert_close(w.record->readings[3].time, start + 30, 0);
    assert_close(twin_head(w.twin)->born, start + 10, 0);
    assert_int_equal(w.record->n_changed, 1); /* once a message */
    end(&w);
}

static void test_late_reading_does_not_move_the_twin_back(void **state)
{
    (void)state;
    struct world w = begin(tank_plan());
    say(&w, 600, 0, 14);
    char *before = mem_new(1, w.plan->block_size);
    memcpy(before, w.twin->block, w.plan->block_size);
    struct engine_reading late = {0, start + 300, 30, false, true};
    engine_apply(w.engine, w.twin, &late, 1);
    assert_memory_equal(before, w.twin->block, w.plan->block_size);
    assert_int_equal(w.record->readings[1].quality, QUALITY_LATE);
    assert_close(w.record->readings[1].time, start + 300, 0);
    free(before);
    end(&w);
}

static void test_slightly_older_reading_of_another_sensor_is_used_at_present(void **state)
{
    (void)state;
    struct world w = begin(tank_plan());
    say(&w, 100, 0, 14);
    struct engine_reading older = {1, start + 70, 6, false, true};
    engine_apply(w.engine, w.twin, &older, 1);
    assert_int_equal(w.record->readings[1].quality, QUALITY_GOOD);
    assert_close(twin_head(w.twin)->time, start + 100, 0);
    assert_close(twin_sensors(w.twin)[1].time, start + 70, 0);
    end(&w);
}

static void test_device_with_a_fast_clock_does_not_take_the_twin_ahead(void **state)
{
    (void)state;
    struct world w = begin(tank_plan());
    say(&w, 0, 0, 14);
    struct engine_reading ahead[] = {{0, start + 50, 15, false, true},
                                     {1, start + 7200, 15, false, true}};
    engine_apply(w.engine, w.twin, ahead, 2);
    assert_close(twin_head(w.twin)->time, start, 0);
    assert_int_equal(w.record->readings[1].quality, QUALITY_GOOD);
    assert_int_equal(w.record->readings[2].quality, QUALITY_REJECTED);
    end(&w);
}

static void test_retained_setpoint_holds_before_the_first_reading(void **state)
{
    (void)state;
    struct world w = begin(tank_plan());
    struct engine_reading retained[] = {{2, start, 7, true, false},
                                        {0, start, 99, true, false}};
    engine_apply(w.engine, w.twin, retained, 2);
    assert_close(twin_u(w.twin)[0], 7, 0);
    assert_close(twin_head(w.twin)->time, 0, 0); /* nothing fresh has come */
    assert_int_equal(w.record->readings[0].quality, QUALITY_STALE);
    assert_int_equal(w.record->readings[1].quality, QUALITY_STALE);
    say(&w, 1, 0, 14);
    assert_close(twin_x(w.twin)[TANK_LOWER], 12, 1e-9); /* start() saw the set-point */
    end(&w);
}

static void test_inputs_of_the_first_moment_are_known_at_the_start(void **state)
{
    (void)state;
    struct world w = begin(tank_plan());
    say(&w, 0, 2, 3);
    assert_close(twin_x(w.twin)[TANK_LOWER], 8, 1e-9);
    say(&w, 0, 2, 4); /* the same moment, another message */
    assert_close(twin_x(w.twin)[TANK_LOWER], 9, 1e-9);
    struct world v = begin(tank_plan());
    struct engine_reading both[] = {{0, start, 14, false, true},
                                    {2, start, 4, false, true}};
    engine_apply(v.engine, v.twin, both, 2);
    assert_close(twin_x(v.twin)[TANK_LOWER], 9, 1e-9);
    end(&w);
    end(&v);
}

static void test_outlier_is_stored_as_rejected_and_counted(void **state)
{
    (void)state;
    struct world w = begin(tank_plan());
    for (int i = 0; i < 100; i++)
        say(&w, i * 10, 0, 10);
    say(&w, 1000, 0, 90);
    assert_int_equal(w.record->readings[100].quality, QUALITY_REJECTED);
    assert_int_equal(engine_stats(w.engine)->rejected, 1);
    assert_int_equal(engine_stats(w.engine)->used, 100);
    assert_int_equal(twin_health(w.twin, start + 1000), TWIN_DEGRADED);
    end(&w);
}

static void test_withheld_readings_are_told_better_than_by_the_last(void **state)
{
    (void)state;
    struct plan *plan = plan_new(&sample_tank);
    add_sensor(plan, UPPER);
    add_sensor(plan, 0);
    struct world w = begin(plan);
    double upper = 10, lower = 10, last = 10, twin = 0, persistence = 0;
    uint64_t seed = 11;
    for (int i = 1; i <= 1000; i++) {
        double fill = 3 * sin(i * 0.05);
        say(&w, i * 300 - 300, 1, fill);
        for (int j = 0; j < 30; j++) {
            double flow = 1e-3 * (upper - lower);
            upper += (0.01 * fill - flow) * 10;
            lower += flow * 10;
        }
        double value = upper + 0.5 * sample_normal(&seed);
        engine_advance(w.engine, start + i * 300);
        if (i > 50 && sample_uniform(&seed) < 0.3) {
            double told =
                twin_estimate(w.twin, TANK_OUT_UPPER, NULL, engine_scratch(w.engine));
            twin += (told - value) * (told - value);
            persistence += (last - value) * (last - value);
        } else {
            say(&w, i * 300, 0, value);
            last = value;
        }
    }
    assert_true(sqrt(twin) < 0.5 * sqrt(persistence));
    end(&w);
}

/* ---- what holds for all ---- */

static void play(struct world *w, int n)
{
    uint64_t seed = 42;
    for (int i = 0; i < n; i++) {
        size_t sensor = (size_t)(sample_uniform(&seed) * 5) / 2;
        double late = sample_uniform(&seed) < 0.05 ? 200 : 0;
        double value = 10 + 3 * sample_normal(&seed);
        if (sample_uniform(&seed) < 0.02)
            value = NAN;
        struct engine_reading reading = {sensor, start + i * 7.3 - late, value, false,
                                         true};
        engine_advance(w->engine, start + i * 7.3);
        engine_apply(w->engine, w->twin, &reading, 1);
    }
}

static struct world eventful(void)
{
    struct plan *plan = tank_plan();
    plan->sensors[0].timeout = 30;
    add_rule(plan, "high", &rule_above, UPPER, 12)->policy.delay = 20;
    add_rule(plan, "dead", &rule_silent, LOWER, 40);
    return begin(plan);
}

static void test_same_input_gives_the_same_bytes(void **state)
{
    (void)state;
    struct world a = eventful(), b = eventful();
    play(&a, 3000);
    play(&b, 3000);
    assert_true(a.record->n_alerts > 20);
    assert_memory_equal(a.twin->block, b.twin->block, a.plan->block_size);
    assert_memory_equal(a.record, b.record, sizeof *a.record);
    end(&a);
    end(&b);
}

#ifdef __SANITIZE_ADDRESS__
int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void *, size_t),
                                              void (*)(const volatile void *));

static size_t allocations;

static void on_malloc(const volatile void *memory, size_t size)
{
    (void)memory, (void)size;
    allocations++;
}

static void on_free(const volatile void *memory)
{
    (void)memory;
}

static void watch_allocations(void)
{
    __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
}

static size_t allocated(void)
{
    return allocations;
}
#else
static void watch_allocations(void)
{
}

static size_t allocated(void)
{
    return mallinfo2().uordblks;
}
#endif

static void test_nothing_is_allocated_once_twins_are_there(void **state)
{
    (void)state;
    watch_allocations();
    size_t first = allocated();
    struct world w = eventful();
    assert_true(allocated() > first); /* the count counts */
    size_t before = allocated();
    play(&w, 2000);
    engine_advance(w.engine, start + 1e6);
    assert_int_equal(allocated(), before);
    end(&w);
}

static void test_twins_are_found_by_id_and_index(void **state)
{
    (void)state;
    struct world w = begin(tank_plan());
    char id[32];
    for (int i = 0; i < 2000; i++) {
        snprintf(id, sizeof id, "fleet-%d", i);
        assert_null(engine_find(w.engine, id));
        engine_add(w.engine, id, NULL, w.plan);
    }
    assert_int_equal(engine_count(w.engine), 2001);
    for (int i = 0; i < 2000; i++) {
        snprintf(id, sizeof id, "fleet-%d", i);
        struct twin *twin = engine_find(w.engine, id);
        assert_ptr_equal(twin, engine_twin(w.engine, (size_t)i + 1));
        assert_string_equal(twin->name, id);
        assert_int_equal(twin->index, i + 1);
    }
    assert_int_equal(w.plan->references, 1 + 2001);
    end(&w);
}

/* Twins of one sensor and one rule: memory of each, and steps spread over time. (Under the
 * address sanitizer mallinfo2() knows nothing, and only the block is bounded.) */
static void test_hundred_thousand_twins_are_small_and_do_not_step_at_once(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct plan *plan = plan_new(&sample_level);
    add_sensor(plan, 0);
    add_rule(plan, "high", &rule_above, 0, 12);
    struct err e;
    assert_true(plan_finish(plan, &e));
    const struct engine_sink sink = {0};
    struct mallinfo2 before = mallinfo2();
    struct engine *engine = engine_new(&sink);
    char id[32];
    for (int i = 0; i < N; i++) {
        snprintf(id, sizeof id, "meter-%06d", i);
        engine_add(engine, id, NULL, plan);
    }
    struct mallinfo2 after = mallinfo2();
    size_t bytes = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
    print_message("%zu bytes a twin, of them its block %zu\n", bytes / N, plan->block_size);
    assert_true(plan->block_size <= 300);
    assert_true(bytes / N <= 500);
    engine_advance(engine, start);
    for (size_t i = 0; i < N; i += 10) {
        struct engine_reading reading = {0, start, 10, false, true};
        engine_apply(engine, engine_twin(engine, i), &reading, 1);
    }
    uint64_t steps = engine_stats(engine)->steps;
    for (int i = 1; i <= 100; i++) {
        engine_advance(engine, start + i * 0.1);
        uint64_t done = engine_stats(engine)->steps - steps;
        assert_true(done <= 120); /* 10,000 lively twins over 10 s in 100 slices */
        steps += done;
    }
    engine_advance(engine, start + 86400); /* nor all at once what was missed */
    assert_true(engine_stats(engine)->steps - steps <= N / 10 * 22);
    engine_set_patience(engine, 1000); /* nor without a pause */
    steps = engine_stats(engine)->steps;
    engine_advance(engine, start + 86430);
    assert_true(engine_stats(engine)->steps - steps <= 1000);
    assert_true(engine_next(engine) <= start + 86430);
    while (engine_next(engine) <= start + 86430)
        engine_advance(engine, start + 86430);
    assert_true(engine_stats(engine)->steps - steps >= N / 10);
    engine_free(engine);
    plan_drop(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading_is_stored_and_moves_the_twin),
        cmocka_unit_test(test_readings_of_one_message_are_taken_in_the_order_of_time),
        cmocka_unit_test(test_late_reading_does_not_move_the_twin_back),
        cmocka_unit_test(test_slightly_older_reading_of_another_sensor_is_used_at_present),
        cmocka_unit_test(test_device_with_a_fast_clock_does_not_take_the_twin_ahead),
        cmocka_unit_test(test_retained_setpoint_holds_before_the_first_reading),
        cmocka_unit_test(test_inputs_of_the_first_moment_are_known_at_the_start),
        cmocka_unit_test(test_outlier_is_stored_as_rejected_and_counted),
        cmocka_unit_test(test_withheld_readings_are_told_better_than_by_the_last),
        cmocka_unit_test(test_same_input_gives_the_same_bytes),
        cmocka_unit_test(test_nothing_is_allocated_once_twins_are_there),
        cmocka_unit_test(test_twins_are_found_by_id_and_index),
        cmocka_unit_test(test_hundred_thousand_twins_are_small_and_do_not_step_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
