/* The bank against brute force: the same twin lives twice, with and without the fault, and
 * the difference of the innovations is what the bank foretold. */
#include "check.h"
#include "sample.h"

#include "twind/bank.h"
#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS = 40, EVERY = 50 };

static const double start = 1e9;

struct pair {
    struct plan *plan;
    struct twin plain, faulty;
    struct twin_scratch *scratch;
    double g[TANK_STATES], truth[TANK_STATES], broken[TANK_STATES];
    double u, bias; /* of the first sensor */
    const struct kind_effect *effects;
    double share; /* of the effects, for the broken truth */
};

static struct twin make_twin(const struct plan *plan)
{
    struct twin twin = {.plan = plan, .id = "t", .name = "t"};
    twin.block = mem_new(1, plan->block_size);
    twin_start(&twin);
    twin_begin(&twin, start);
    return twin;
}

static struct pair make(void)
{
    struct pair p = {.plan = plan_new(&sample_tank), .scratch = twin_scratch_new()};
    struct err e;
    assert_true(plan_finish(p.plan, &e));
    p.plain = make_twin(p.plan);
    p.faulty = make_twin(p.plan);
    return p;
}

static void drop(struct pair *p)
{
    free(p->plain.block);
    free(p->faulty.block);
    free(p->scratch);
    plan_drop(p->plan);
}

/* The truth moves by small steps, with `share` of the effects. */
static void move_truth(struct pair *p, double *x, double share)
{
    enum { PIECES = 500 };
    const double params[] = {1e-3, 0.01};
    double memory[1] = {0};
    for (int i = 0; i < PIECES; i++) {
        double dx[TANK_STATES], extra[TANK_STATES];
        struct kind_point at = {start, params, &p->u, x, memory};
        tank_derive(&at, dx);
        double base[TANK_STATES];
        bank_derive(&p->plain, p->scratch, base);
        bank_effect(&p->plain, p->effects, base, p->scratch, extra);
        for (int k = 0; k < TANK_STATES; k++)
            x[k] += (dx[k] + share * extra[k]) * EVERY / PIECES;
    }
}

/* One reading as twin_measure() takes it; returns the innovation. */
static double measure(struct pair *p, struct twin *twin, size_t output, double value,
                      bool with_bank)
{
    struct twin_scratch *s = p->scratch;
    const double r = 0.25;
    const struct kind_point at = filter_point(twin, s);
    double expected = sample_tank.observe(&at, output), residual = value - expected;
    filter_gradient(twin, output, expected, s);
    double variance = filter_variance(twin, s) + r;
    if (with_bank) {
        double signature = output == TANK_OUT_UPPER && p->bias != 0;
        bank_foresee(p->plan->n_x, s->h, 1, p->g, &signature);
        filter_gain(twin, r, s);
        bank_heed(p->plan->n_x, s->gain, 1, &signature, p->g);
        filter_correct(twin, residual, r, s);
        assert_true(variance > 0);
        return signature;
    }
    filter_correct(twin, residual, r, s);
    return residual;
}

static void advance(struct pair *p, double time)
{
    struct twin_scratch *s = p->scratch;
    double b[TANK_STATES] = {0}, work[KIND_BLOCK_MAX];
    double base[TANK_STATES];
    bank_derive(&p->plain, s, base);
    if (p->effects)
        bank_effect(&p->plain, p->effects, base, s, b);
    twin_advance(&p->faulty, time, s);
    filter_follow(&p->faulty, s);
    twin_advance(&p->plain, time, s);
    filter_follow(&p->plain, s);
    bank_move(p->plan, s->F, 1, p->g, work);
    bank_drive(p->plan, s->A, EVERY, 1, b, work);
    for (int i = 0; i < TANK_STATES; i++)
        p->g[i] += b[i];
}

/* A fault of this size: the innovations differ by size times the signature. */
static void check(struct pair *p, double size)
{
    static const size_t outputs[] = {TANK_OUT_UPPER, TANK_OUT_SUM};
    double seen = 0;
    memcpy(p->truth, twin_x(&p->plain), sizeof p->truth);
    memcpy(p->broken, p->truth, sizeof p->broken);
    for (int i = 1; i <= STEPS; i++) {
        advance(p, start + i * EVERY);
        if (p->effects) {
            move_truth(p, p->truth, 0);
            move_truth(p, p->broken, size);
        }
        for (int k = 0; k < 2; k++) {
            struct kind_point at = {start, p->plan->params, &p->u, p->truth, NULL};
            double plain = sample_tank.observe(&at, outputs[k]) + sin(7.0 * i + k);
            at.x = p->broken;
            double faulty = sample_tank.observe(&at, outputs[k]) + sin(7.0 * i + k) +
                            (k == 0 ? size * p->bias : 0);
            double v1 = measure(p, &p->faulty, outputs[k], faulty, false);
            const struct kind_point now = filter_point(&p->plain, p->scratch);
            double v0 = plain - sample_tank.observe(&now, outputs[k]);
            double signature = measure(p, &p->plain, outputs[k], plain, true);
            assert_close(v1 - v0, size * signature, 1e-5 + 5e-4 * fabs(v1 - v0));
            seen = fmax(seen, fabs(signature));
        }
    }
    assert_true(seen > 0.01);
}

static void test_signature_of_a_biased_sensor_is_what_the_filter_shows(void **state)
{
    (void)state;
    struct pair p = make();
    p.bias = 1;
    check(&p, 3);
    drop(&p);
}

static void test_signature_of_a_leak_is_what_the_filter_shows(void **state)
{
    (void)state;
    static const struct kind_effect effects[KIND_EFFECTS_MAX] = {
        {KIND_STATE_GAINS, TANK_UPPER, -30}};
    struct pair p = make();
    p.effects = effects;
    check(&p, 0.5);
    drop(&p);
}

static void test_signature_of_a_jammed_input_is_what_the_filter_shows(void **state)
{
    (void)state;
    static const struct kind_effect effects[KIND_EFFECTS_MAX] = {
        {KIND_INPUT_IS, TANK_FILL, 9}};
    struct pair p = make();
    p.effects = effects;
    p.u = 2;
    twin_set_input(&p.plain, TANK_FILL, p.u);
    twin_set_input(&p.faulty, TANK_FILL, p.u);
    check(&p, 1);
    drop(&p);
}

static void test_signature_of_a_changed_parameter_follows_its_input(void **state)
{
    (void)state;
    static const struct kind_effect effects[KIND_EFFECTS_MAX] = {
        {KIND_PARAM_TIMES, TANK_GAIN, 0.5}};
    struct pair p = make();
    double dx[TANK_STATES], base[TANK_STATES];
    twin_set_input(&p.plain, TANK_FILL, 8);
    bank_derive(&p.plain, p.scratch, base);
    bank_effect(&p.plain, effects, base, p.scratch, dx);
    assert_close(dx[TANK_UPPER], -0.04, 1e-12);
    assert_close(dx[TANK_LOWER], 0, 1e-12);
    drop(&p);
}

/* One state that decays: the integral has a closed form. */
static void test_what_a_derivative_leaves_is_within_a_tenth_however_stiff(void **state)
{
    (void)state;
    struct plan_block block = {.n = 2, .index = {1, 0}};
    struct plan plan = {.blocks = &block, .n_blocks = 1, .n_x = 2};
    for (double z = 0.01; z < 100; z *= 2) {
        /* the second of the block rises with the first */
        double A[] = {-z / 300, 0, 1e-9, 0}, b[] = {0.25, 2}, work[2 * KIND_BLOCK_MAX];
        bank_drive(&plan, A, 300, 1, b, work);
        assert_near(b[1], 2 * 300 * (1 - exp(-z)) / z, z < 1 ? 0.01 : 0.1);
        assert_near(b[0], 75.0, 1e-3);
    }
}

static void test_odds_are_the_integral_over_the_sizes(void **state)
{
    (void)state;
    const double c = 3, d = 4, mean = 0.7, sd = 1.3, step = 1e-3;
    double sum = 0;
    for (double z = -12; z < 14; z += step)
        sum += step * exp(z * d - z * z * c / 2 - pow((z - mean) / sd, 2) / 2) /
               (sd * sqrt(2 * 3.141592653589793));
    assert_near(bank_odds(c, d, mean, sd), log(sum), 1e-6);
    assert_close(bank_odds(0, 0, mean, sd), 0, 1e-12);
}

/* The size of a fault comes out of its evidence, with the sd that is said. */
static void test_size_is_found_within_its_uncertainty(void **state)
{
    (void)state;
    enum { RUNS = 400, READINGS = 25 };
    uint64_t seed = 11;
    double sum = 0, squares = 0;
    for (int run = 0; run < RUNS; run++) {
        double c = 0, d = 0;
        for (int i = 0; i < READINGS; i++) {
            double s = exp(-0.1 * i), v = 2 * s + 0.5 * sample_normal(&seed);
            bank_weigh(1, &s, v, 0.25, &c, &d);
        }
        double error = (d / c - 2) * sqrt(c);
        sum += error;
        squares += error * error;
    }
    assert_close(sum / RUNS, 0, 0.2);
    assert_close(squares / RUNS, 1, 0.25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signature_of_a_biased_sensor_is_what_the_filter_shows),
        cmocka_unit_test(test_signature_of_a_leak_is_what_the_filter_shows),
        cmocka_unit_test(test_signature_of_a_jammed_input_is_what_the_filter_shows),
        cmocka_unit_test(test_signature_of_a_changed_parameter_follows_its_input),
        cmocka_unit_test(test_what_a_derivative_leaves_is_within_a_tenth_however_stiff),
        cmocka_unit_test(test_odds_are_the_integral_over_the_sizes),
        cmocka_unit_test(test_size_is_found_within_its_uncertainty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
