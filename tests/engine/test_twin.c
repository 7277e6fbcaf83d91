/* The estimator on linear kinds whose truth is known, against independent least squares and
 * closed forms. */
#include "check.h"
#include "sample.h"

#include "twind/mem.h"
#include "twind/twin.h"

#include <stdlib.h>
#include <string.h>

struct fixture {
    struct plan *plan;
    struct twin twin;
    struct twin_scratch *scratch;
};

static const double start = 1e9;

static struct fixture make(const struct kind *kind, const size_t *signals, size_t n)
{
    struct fixture f = {.plan = plan_new(kind), .scratch = twin_scratch_new()};
    struct err e;
    f.plan->sensors = mem_new(n, sizeof *f.plan->sensors);
    f.plan->n_sensors = n;
    for (size_t i = 0; i < n; i++)
        f.plan->sensors[i] = plan_sensor_usual(kind, signals[i]);
    assert_true(plan_finish(f.plan, &e));
    f.twin = (struct twin){.plan = f.plan, .id = "t", .name = "t"};
    f.twin.block = mem_new(1, f.plan->block_size);
    twin_start(&f.twin);
    twin_begin(&f.twin, start);
    return f;
}

static void drop(struct fixture *f)
{
    free(f->twin.block);
    free(f->scratch);
    plan_drop(f->plan);
}

static enum quality measure(struct fixture *f, size_t sensor, double time, double value)
{
    twin_advance(&f->twin, time, f->scratch);
    twin_sensors(&f->twin)[sensor].time = time;
    return twin_measure(&f->twin, sensor, value, f->scratch);
}

static double estimate(const struct fixture *f, size_t output, double *sd)
{
    return twin_estimate(&f->twin, output, sd, f->scratch);
}

static void test_estimate_is_nearer_to_the_truth_than_the_sensor(void **state)
{
    (void)state;
    size_t signals[] = {TANK_INPUTS + TANK_OUT_UPPER};
    struct fixture f = make(&sample_tank, signals, 1);
    double upper = 14, lower = 4, raw = 0, filtered = 0, hidden = 0;
    uint64_t seed = 1;
    for (int i = 1; i <= 2000; i++) {
        double flow = 1e-3 * (upper - lower) * 10;
        upper += -flow + sample_normal(&seed) * sqrt(10 / 3600.0);
        lower += flow + 0.5 * sample_normal(&seed) * sqrt(10 / 3600.0);
        double value = upper + 0.5 * sample_normal(&seed);
        measure(&f, 0, start + i * 10, value);
        raw += (value - upper) * (value - upper);
        filtered += pow(estimate(&f, TANK_OUT_UPPER, NULL) - upper, 2);
        hidden += pow(estimate(&f, TANK_OUT_LOWER, NULL) - lower, 2);
    }
    assert_true(sqrt(filtered) < 0.5 * sqrt(raw));
    assert_true(sqrt(hidden / 2000) < 1.0); /* never measured, known by the model */
    drop(&f);
}

static void test_estimate_of_a_line_is_that_of_batch_least_squares(void **state)
{
    (void)state;
    struct kind_row rows[LEVEL_STATES] = {level_states[0], level_states[1]};
    rows[LEVEL_LEVEL].noise = rows[LEVEL_TREND].noise = 0;
    struct kind line = sample_level;
    line.states = rows;
    size_t signals[] = {0};
    struct fixture f = make(&line, signals, 1);
    /* normal equations of prior and all readings, for level and trend at the start */
    double a = 1 / (100.0 * 100), b = 0, c = 1, y0 = 0, y1 = 0, r = 0.25;
    uint64_t seed = 7;
    for (int i = 0; i < 50; i++) {
        double hours = i * 0.37 + 0.1 * (i % 3);
        double value = 20 + 1.5 * hours + 0.5 * sample_normal(&seed);
        assert_int_equal(measure(&f, 0, start + hours * 3600, value), QUALITY_GOOD);
        a += 1 / r, b += hours / r, c += hours * hours / r;
        y0 += value / r, y1 += value * hours / r;
    }
    double hours = 49 * 0.37 + 0.1, det = a * c - b * b, sd;
    double level = (c * y0 - b * y1) / det, trend = (a * y1 - b * y0) / det;
    assert_near(estimate(&f, 0, &sd), level + trend * hours, 1e-9);
    assert_near(twin_x(&f.twin)[LEVEL_TREND], trend, 1e-9);
    assert_near(sd, sqrt((c - 2 * b * hours + a * hours * hours) / det), 1e-6);
    drop(&f);
}

static void test_sd_grows_without_data_as_the_noise_says(void **state)
{
    (void)state;
    size_t signals[] = {0};
    struct fixture f = make(&sample_level, signals, 1);
    for (int i = 0; i < 100; i++)
        measure(&f, 0, start + i * 60, 20);
    double before, last = 0, sd;
    estimate(&f, 0, &before);
    double *P = (double *)(void *)(f.twin.block + f.plan->at_cov);
    double p00 = P[0], p01 = P[1], p11 = P[3];
    for (int hours = 1; hours <= 48; hours++) {
        twin_advance(&f.twin, start + 99 * 60 + hours * 3600, f.scratch);
        estimate(&f, 0, &sd);
        assert_true(sd > last);
        last = sd;
    }
    /* level sd 1 per sqrt(h), trend 0.5 per sqrt(h), over 48 h */
    double t = 48, exact = p00 + 2 * p01 * t + p11 * t * t + t + 0.25 * t * t * t / 3;
    assert_near(sd, sqrt(exact), 1e-6);
    assert_true(before < 0.5);
    drop(&f);
}

/* Covariances lag behind while nobody asks. Asking must not change what becomes of them. */
static void test_asking_for_the_sd_leaves_no_trace(void **state)
{
    (void)state;
    size_t signals[] = {1, 2};
    struct fixture f = make(&sample_chain, signals, 2), g = make(&sample_chain, signals, 2);
    double sd;
    for (int i = 1; i <= 300; i++) {
        twin_advance(&f.twin, start + i * 10, f.scratch);
        twin_advance(&g.twin, start + i * 10, g.scratch);
        estimate(&f, 0, &sd);
        estimate(&f, CHAIN_STATES, &sd);
        if (i % 50 == 0) {
            measure(&f, 0, start + i * 10, 15);
            measure(&g, 0, start + i * 10, 15);
        }
    }
    assert_memory_equal(f.twin.block, g.twin.block, f.plan->block_size);
    drop(&f);
    drop(&g);
}

/* A fast sensor on a slow process is measured with covariances a little old. */
static void test_lagging_covariances_change_the_sd_by_a_few_percent_at_most(void **state)
{
    (void)state;
    struct kind prompt = sample_chain;
    prompt.max_step = 1e-6 + 1; /* pieces of a second: no lag is allowed */
    size_t signals[] = {1, 2};
    struct fixture f = make(&sample_chain, signals, 2), g = make(&prompt, signals, 2);
    double sd_f, sd_g;
    for (int i = 1; i <= 2000; i++) {
        measure(&f, (size_t)i % 2, start + i, 15 + sin(i * 0.01));
        measure(&g, (size_t)i % 2, start + i, 15 + sin(i * 0.01));
    }
    assert_true(twin_head(&f.twin)->spread < twin_head(&f.twin)->time);
    for (size_t i = 0; i < CHAIN_STATES; i++) {
        double gap = estimate(&f, i, &sd_f) - estimate(&g, i, &sd_g);
        assert_close(gap, 0, 0.2 * sd_g);
        assert_near(sd_f, sd_g, 0.05);
    }
    drop(&f);
    drop(&g);
}

static void test_gradient_by_differences_is_the_declared_one(void **state)
{
    (void)state;
    struct kind plain = sample_level;
    plain.reads = NULL;
    size_t signals[] = {0};
    struct fixture f = make(&sample_level, signals, 1), g = make(&plain, signals, 1);
    for (int i = 0; i < 200; i++) {
        measure(&f, 0, start + i * 60, 20 + sin(i));
        measure(&g, 0, start + i * 60, 20 + sin(i));
    }
    double sd_f, sd_g;
    assert_near(estimate(&f, 0, &sd_f), estimate(&g, 0, &sd_g), 1e-7);
    assert_near(sd_f, sd_g, 1e-7);
    drop(&f);
    drop(&g);
}

static struct fixture settled_level(void)
{
    size_t signals[] = {0};
    struct fixture f = make(&sample_level, signals, 1);
    for (int i = 0; i < 100; i++)
        measure(&f, 0, start + i * 10, 20);
    return f;
}

static void test_gate_rejects_an_outlier_and_the_estimate_stays(void **state)
{
    (void)state;
    struct fixture f = settled_level();
    double before, after;
    twin_advance(&f.twin, start + 1000, f.scratch);
    estimate(&f, 0, &before);
    assert_int_equal(measure(&f, 0, start + 1000, 60), QUALITY_REJECTED);
    assert_close(estimate(&f, 0, &after), 20, 1e-4);
    assert_close(after, before, 0);
    const struct twin_sensor *sensor = &twin_sensors(&f.twin)[0];
    assert_close(sensor->predicted, 20, 1e-4);
    assert_true(sensor->nis > 25);
    assert_close(sensor->used, start + 990, 0);
    assert_int_equal(measure(&f, 0, start + 1010, 20.3), QUALITY_GOOD);
    drop(&f);
}

static void test_true_step_is_believed_at_its_third_reading(void **state)
{
    (void)state;
    struct fixture f = settled_level();
    for (int i = 0; i < 2; i++)
        assert_int_equal(measure(&f, 0, start + 1000 + i * 10, 60), QUALITY_REJECTED);
    assert_int_equal(measure(&f, 0, start + 1020, 60), QUALITY_GOOD);
    assert_close(estimate(&f, 0, NULL), 60, 0.1);
    assert_int_equal(measure(&f, 0, start + 1030, 60.2), QUALITY_GOOD);
    assert_int_equal(measure(&f, 0, start + 1040, 20), QUALITY_REJECTED); /* trust again */
    drop(&f);
}

static void test_burst_of_lies_does_not_pass_the_gate(void **state)
{
    (void)state;
    struct fixture f = settled_level();
    for (int i = 0; i < 40; i++)
        assert_int_equal(measure(&f, 0, start + 990 + i * 0.04, 60), QUALITY_REJECTED);
    assert_close(estimate(&f, 0, NULL), 20, 0.01);
    drop(&f);
}

static void test_first_measurement_is_believed_however_far(void **state)
{
    (void)state;
    size_t signals[] = {0};
    struct fixture f = make(&sample_level, signals, 1);
    assert_int_equal(measure(&f, 0, start, 54321), QUALITY_GOOD);
    assert_close(estimate(&f, 0, NULL), 54321, 0.1);
    assert_true(isnan(twin_sensors(&f.twin)[0].predicted));
    assert_int_equal(measure(&f, 0, start + 10, 54321.3), QUALITY_GOOD);
    assert_close(twin_sensors(&f.twin)[0].predicted, 54321, 0.1);
    drop(&f);
}

static void test_first_reading_of_a_meter_sets_its_level(void **state)
{
    (void)state;
    size_t signals[] = {TANK_INPUTS + TANK_OUT_UPPER, TANK_INPUTS + TANK_OUT_TOTAL};
    struct fixture f = make(&sample_tank, signals, 2);
    for (int i = 0; i < 50; i++)
        measure(&f, 0, start + i * 60, 10);
    double upper = estimate(&f, TANK_OUT_UPPER, NULL);
    assert_int_equal(measure(&f, 1, start + 3000, 7654321), QUALITY_GOOD);
    assert_close(estimate(&f, TANK_OUT_TOTAL, NULL), 7654321, 0.1);
    assert_close(estimate(&f, TANK_OUT_UPPER, NULL), upper, 0.1);
    assert_int_equal(measure(&f, 1, start + 3060, 7654321.1), QUALITY_GOOD);
    assert_int_equal(measure(&f, 1, start + 3120, 7654400), QUALITY_REJECTED);
    drop(&f);
}

static void test_blocks_are_filtered_apart(void **state)
{
    (void)state;
    size_t signals[] = {TANK_INPUTS + TANK_OUT_UPPER, TANK_INPUTS + TANK_OUT_DIAL};
    struct fixture f = make(&sample_tank, signals, 2);
    struct fixture g = make(&sample_tank, signals, 2);
    for (int i = 0; i < 100; i++) {
        measure(&f, 0, start + i * 60, 10 + sin(i));
        measure(&g, 0, start + i * 60, 10 + sin(i));
        measure(&g, 1, start + i * 60, 3);
    }
    size_t n = f.plan->blocks[0].n;
    assert_memory_equal(twin_x(&f.twin), twin_x(&g.twin), n * sizeof(double));
    assert_memory_equal(f.twin.block + f.plan->at_cov, g.twin.block + g.plan->at_cov,
                        n * n * sizeof(double));
    assert_close(estimate(&g, TANK_OUT_DIAL, NULL), 3, 0.05);
    assert_close(estimate(&f, TANK_OUT_DIAL, NULL), 0, 0);
    drop(&f);
    drop(&g);
}

static void test_output_of_two_blocks_corrects_both_by_their_variance(void **state)
{
    (void)state;
    size_t signals[] = {TANK_INPUTS + TANK_OUT_SUM};
    struct fixture f = make(&sample_tank, signals, 1);
    double sd;
    estimate(&f, TANK_OUT_SUM, &sd);
    assert_near(sd, sqrt(25 + 4 * 4), 1e-6);
    measure(&f, 0, start, 20);
    double S = 25 + 16 + 0.09;
    assert_near(estimate(&f, TANK_OUT_UPPER, &sd), 10 + 25 / S * 10, 1e-6);
    assert_near(sd, sqrt(25 - 25 * 25 / S), 1e-6);
    assert_near(estimate(&f, TANK_OUT_DIAL, &sd), 2 * 4 / S * 10, 1e-6);
    assert_near(sd, sqrt(4 - 8 * 8 / S), 1e-6);
    drop(&f);
}

static void test_slow_parameter_is_learned_from_data(void **state)
{
    (void)state;
    size_t signals[] = {1, 2, 4};
    struct fixture f = make(&sample_chain, signals, 3);
    const double truth = 3.2e-3;
    double x[CHAIN_STATES], dx[CHAIN_STATES], outdoor = 10;
    uint64_t seed = 3;
    for (int i = 0; i < CHAIN_STATES; i++)
        x[i] = 15;
    const struct kind_point at = {.p = &truth, .u = &outdoor, .x = x};
    for (int i = 1; i <= 5000; i++) {
        outdoor = 10 + 8 * sin(i * 0.02);
        twin_set_input(&f.twin, 0, outdoor);
        for (int j = 0; j < 4; j++) {
            chain_derive(&at, dx);
            for (int k = 0; k < CHAIN_STATES; k++)
                x[k] += dx[k] * 15;
        }
        for (size_t s = 0; s < 3; s++)
            measure(&f, s, start + i * 60, x[signals[s] - 1] + 0.2 * sample_normal(&seed));
    }
    double learned = twin_x(&f.twin)[CHAIN_STATES];
    assert_near(learned, truth, 0.1);
    assert_close(f.plan->params[0], 2e-3, 0); /* the plan is shared: untouched */
    assert_int_equal(twin_scratch_resets(f.scratch), 0);
    drop(&f);
}

static void test_number_that_is_not_finite_never_spreads(void **state)
{
    (void)state;
    size_t signals[] = {0, TANK_INPUTS + TANK_OUT_UPPER, TANK_INPUTS + TANK_OUT_DIAL};
    struct fixture f = make(&sample_fragile, signals, 3);
    for (int i = 0; i < 20; i++) {
        measure(&f, 1, start + i * 60, 14);
        measure(&f, 2, start + i * 60, 3);
    }
    twin_set_input(&f.twin, 0, 1);
    twin_advance(&f.twin, start + 1300, f.scratch);
    assert_true(twin_scratch_resets(f.scratch) > 0);
    double sd;
    assert_close(estimate(&f, TANK_OUT_UPPER, &sd), 10, 1e-9); /* its start */
    assert_close(sd, 5, 1e-9);
    assert_close(estimate(&f, TANK_OUT_DIAL, &sd), 3, 0.1); /* another block lives on */
    assert_true(sd < 0.5);
    twin_set_input(&f.twin, 0, 0);
    assert_int_equal(measure(&f, 1, start + 1400, 14), QUALITY_GOOD);
    assert_close(estimate(&f, TANK_OUT_UPPER, NULL), 14, 0.1);
    drop(&f);
}

static size_t calls;

static void counting_derive(const struct kind_point *at, double *dx)
{
    calls++;
    chain_derive(at, dx);
}

static void test_twin_that_slept_a_month_costs_little(void **state)
{
    (void)state;
    struct kind counting = sample_chain;
    counting.derive = counting_derive;
    size_t signals[] = {1};
    struct fixture f = make(&counting, signals, 1);
    calls = 0;
    twin_advance(&f.twin, start + 30 * 86400.0, f.scratch);
    assert_true(calls < 8000); /* at 0.2 us each: 1.6 ms */
    assert_close(twin_head(&f.twin)->time, start + 30 * 86400.0, 0);
    assert_close(estimate(&f, 0, NULL), 10, 0.05); /* it has cooled down */
    size_t before = calls;
    twin_advance(&f.twin, start + 30 * 86400.0 + 300, f.scratch);
    assert_true(calls - before <= 5 * 4 + 1 + CHAIN_STATES + 1);
    drop(&f);
}

static void test_states_stay_in_their_range(void **state)
{
    (void)state;
    size_t signals[] = {0, TANK_INPUTS + TANK_OUT_DIAL};
    struct fixture f = make(&sample_tank, signals, 2);
    measure(&f, 1, start, 5000); /* its range ends at 1000 */
    assert_close(estimate(&f, TANK_OUT_DIAL, NULL), 1000, 0);
    twin_set_input(&f.twin, 0, 100);
    twin_advance(&f.twin, start + 1e7, f.scratch);
    double sd;
    assert_close(estimate(&f, TANK_OUT_UPPER, &sd), 1e4, 0);
    twin_advance(&f.twin, start + 1e9, f.scratch);
    estimate(&f, TANK_OUT_DIAL, &sd);
    assert_close(sd, 1000, 1000);
    drop(&f);
}

static void test_moment_shorter_than_min_step_loses_no_noise(void **state)
{
    (void)state;
    struct kind patient = sample_level;
    patient.min_step = 1;
    size_t signals[] = {0};
    struct fixture f = make(&patient, signals, 1), g = make(&sample_level, signals, 1);
    for (int i = 1; i <= 500; i++)
        twin_advance(&f.twin, start + i * 0.02, f.scratch);
    twin_advance(&g.twin, start + 10, g.scratch);
    double sd_f, sd_g;
    estimate(&f, 0, &sd_f);
    estimate(&g, 0, &sd_g);
    assert_close(twin_head(&f.twin)->time, start + 10, 1e-6);
    assert_near(sd_f, sd_g, 1e-9);
    twin_advance(&f.twin, start + 10.5, f.scratch);
    assert_close(twin_head(&f.twin)->time, start + 10, 1e-6);
    drop(&f);
    drop(&g);
}

static void test_time_does_not_run_backward(void **state)
{
    (void)state;
    struct fixture f = settled_level();
    double *copy = mem_new(1, f.plan->block_size);
    memcpy(copy, f.twin.block, f.plan->block_size);
    twin_advance(&f.twin, start + 5, f.scratch);
    twin_advance(&f.twin, start + 990, f.scratch);
    twin_advance(&f.twin, NAN, f.scratch);
    assert_memory_equal(copy, f.twin.block, f.plan->block_size);
    free(copy);
    drop(&f);
}

static void test_kind_starts_with_the_inputs_known_by_then(void **state)
{
    (void)state;
    size_t signals[] = {0};
    struct fixture f = make(&sample_tank, signals, 1);
    twin_set_input(&f.twin, 0, 7);
    twin_begin(&f.twin, start);
    assert_close(estimate(&f, TANK_OUT_LOWER, NULL), 12, 0);
    assert_close(estimate(&f, TANK_OUT_SECRET, NULL), 0, 0);
    twin_advance(&f.twin, start + 1000, f.scratch);
    assert_near(estimate(&f, TANK_OUT_SECRET, NULL), 1000.0, 1e-12); /* accumulate() */
    drop(&f);
}

static void test_health_tells_silent_from_bad_sensors(void **state)
{
    (void)state;
    size_t signals[] = {TANK_INPUTS + TANK_OUT_UPPER, TANK_INPUTS + TANK_OUT_DIAL};
    struct fixture f = make(&sample_tank, signals, 2);
    assert_int_equal(twin_health(&f.twin, start), TWIN_STALE); /* unseen */
    measure(&f, 0, start, 10);
    assert_int_equal(twin_health(&f.twin, start), TWIN_DEGRADED);
    measure(&f, 1, start, 0);
    assert_int_equal(twin_health(&f.twin, start + 1e8), TWIN_OK); /* never stale */
    f.plan->sensors[1].timeout = 60;
    assert_int_equal(twin_health(&f.twin, start + 60), TWIN_OK);
    assert_int_equal(twin_health(&f.twin, start + 61), TWIN_DEGRADED);
    f.plan->sensors[0].timeout = 60;
    assert_int_equal(twin_health(&f.twin, start + 61), TWIN_STALE);
    twin_sensors(&f.twin)[0].quality = QUALITY_STUCK;
    assert_int_equal(twin_health(&f.twin, start + 60), TWIN_DEGRADED);
    drop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_estimate_is_nearer_to_the_truth_than_the_sensor),
        cmocka_unit_test(test_estimate_of_a_line_is_that_of_batch_least_squares),
        cmocka_unit_test(test_sd_grows_without_data_as_the_noise_says),
        cmocka_unit_test(test_asking_for_the_sd_leaves_no_trace),
        cmocka_unit_test(test_lagging_covariances_change_the_sd_by_a_few_percent_at_most),
        cmocka_unit_test(test_gradient_by_differences_is_the_declared_one),
        cmocka_unit_test(test_gate_rejects_an_outlier_and_the_estimate_stays),
        cmocka_unit_test(test_true_step_is_believed_at_its_third_reading),
        cmocka_unit_test(test_burst_of_lies_does_not_pass_the_gate),
        cmocka_unit_test(test_first_measurement_is_believed_however_far),
        cmocka_unit_test(test_first_reading_of_a_meter_sets_its_level),
        cmocka_unit_test(test_blocks_are_filtered_apart),
        cmocka_unit_test(test_output_of_two_blocks_corrects_both_by_their_variance),
        cmocka_unit_test(test_slow_parameter_is_learned_from_data),
        cmocka_unit_test(test_number_that_is_not_finite_never_spreads),
        cmocka_unit_test(test_twin_that_slept_a_month_costs_little),
        cmocka_unit_test(test_states_stay_in_their_range),
        cmocka_unit_test(test_moment_shorter_than_min_step_loses_no_noise),
        cmocka_unit_test(test_time_does_not_run_backward),
        cmocka_unit_test(test_kind_starts_with_the_inputs_known_by_then),
        cmocka_unit_test(test_health_tells_silent_from_bad_sensors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
