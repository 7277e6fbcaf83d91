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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_estimate_is_nearer_to_the_truth_than_the_sensor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
