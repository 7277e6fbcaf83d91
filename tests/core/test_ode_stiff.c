/* Against closed forms, and the stiff Van der Pol oscillator. */
#include "check.h"
#include "twind/ode_stiff.h"

#include <string.h>

static const unsigned char together[ODE_STIFF_MOST] = {0};
static const unsigned char apart[] = {0, 1, 2, 3};
static const double unit[] = {1, 1, 1, 1};

struct counted {
    double parameter;
    int calls;
};

/* Steps of h, whatever their error. */
static struct ode_stiff_problem fixed(ode_rhs *rhs, size_t n, double h)
{
    return (struct ode_stiff_problem){.rhs = rhs,
                                      .n = n,
                                      .block = together,
                                      .scale = unit,
                                      .tolerance = 1e9,
                                      .shortest = h,
                                      .longest = h};
}

static struct ode_stiff_problem held(ode_rhs *rhs, size_t n, double tolerance)
{
    return (struct ode_stiff_problem){.rhs = rhs,
                                      .n = n,
                                      .block = together,
                                      .scale = unit,
                                      .tolerance = tolerance,
                                      .shortest = 1e-12,
                                      .longest = 1e9};
}

/* Returns the number of steps. */
static int run(const struct ode_stiff_problem *problem, double t0, double t1, double *x)
{
    static struct ode_stiff room;
    int steps = 0;
    ode_stiff_begin(&room, problem);
    for (double t = t0; t < t1 - 1e-12 * (t1 - t0); steps++) {
        double taken = ode_stiff_step(&room, problem, t, t1 - t, x);
        assert_true(taken > 0 && taken <= t1 - t);
        t += taken;
    }
    return steps;
}

static void oscillate(const void *context, double t, const double *x, double *dx)
{
    (void)context, (void)t;
    dx[0] = x[1];
    dx[1] = -x[0];
}

/* Nonlinear, and moved by time: x = tan(t + pi/4) of x' = 1 + x^2, y = t^3 of 3 t^2. */
static void bend(const void *context, double t, const double *x, double *dx)
{
    (void)context;
    dx[0] = 1 + x[0] * x[0];
    dx[1] = 3 * t * t;
}

static double oscillator_error(double h, const unsigned char *block)
{
    double x[] = {1, 0};
    struct ode_stiff_problem problem = fixed(oscillate, 2, h);
    problem.block = block;
    run(&problem, 0, 4, x);
    return hypot(x[0] - cos(4), x[1] + sin(4));
}

static double bent_error(double h)
{
    double x[] = {1, 0};
    struct ode_stiff_problem problem = fixed(bend, 2, h);
    run(&problem, 0, 0.5, x);
    return hypot(x[0] - tan(0.5 + atan(1)), x[1] - 0.125);
}

static void test_it_is_of_second_order(void **state)
{
    (void)state;
    assert_close(log2(oscillator_error(0.02, together) / oscillator_error(0.01, together)),
                 2, 0.1);
    assert_close(log2(bent_error(1.0 / 1024) / bent_error(1.0 / 2048)), 2, 0.15);
}

static void test_a_jacobian_that_misses_the_coupling_keeps_the_order(void **state)
{
    (void)state;
    double ratio = oscillator_error(0.02, apart) / oscillator_error(0.01, apart);
    assert_close(log2(ratio), 2, 0.1);
}

static void decay(const void *context, double t, const double *x, double *dx)
{
    (void)t;
    dx[0] = -*(const double *)context * x[0];
}

static void test_a_step_of_a_million_time_constants_ends_at_rest(void **state)
{
    (void)state;
    const double rate = 1e6;
    double x[] = {1};
    struct ode_stiff_problem problem = fixed(decay, 1, 1);
    problem.context = &rate;
    run(&problem, 0, 1, x);
    assert_close(x[0], 0, 1e-5);
}

/* Two time scales, 1 s and 1 us: x = e^-t + e^-1e6t, y = e^-t - e^-1e6t. */
static void stiff(const void *context, double t, const double *x, double *dx)
{
    (void)context, (void)t;
    double slow = (x[0] + x[1]) / 2, fast = (x[0] - x[1]) / 2;
    dx[0] = -slow - 1e6 * fast;
    dx[1] = -slow + 1e6 * fast;
}

static void test_a_stiff_system_costs_no_more_steps_than_its_slow_scale(void **state)
{
    (void)state;
    double x[] = {2, 0};
    struct ode_stiff_problem problem = held(stiff, 2, 1e-4);
    int steps = run(&problem, 0, 3, x);
    assert_close(x[0], exp(-3), 2e-3);
    assert_close(x[1], exp(-3), 2e-3);
    assert_in_range(steps, 5, 200);
}

/* mu = 1000, in time that is scaled by mu (Hairer & Wanner 1996, problem VDPOL; its
 * reference solution at t = 2). */
static void van_der_pol(const void *context, double t, const double *x, double *dx)
{
    (void)t;
    dx[0] = x[1];
    dx[1] = ((1 - x[0] * x[0]) * x[1] - x[0]) / *(const double *)context;
}

static void test_van_der_pol_jumps_when_it_should(void **state)
{
    (void)state;
    const double epsilon = 1e-6, scale[] = {1, 100};
    double x[] = {2, 0};
    struct ode_stiff_problem problem = held(van_der_pol, 2, 1e-5);
    problem.context = &epsilon;
    problem.scale = scale;
    run(&problem, 0, 2, x);
    assert_close(x[0], 1.706167732170483, 2e-3);
    assert_close(x[1], -0.8928097010247975, 5e-3);
}

static void test_a_smaller_tolerance_makes_a_smaller_error(void **state)
{
    (void)state;
    double error[2];
    for (int i = 0; i < 2; i++) {
        double x[] = {1, 0};
        struct ode_stiff_problem problem = held(oscillate, 2, i ? 1e-7 : 1e-4);
        run(&problem, 0, 10, x);
        error[i] = hypot(x[0] - cos(10), x[1] + sin(10));
    }
    assert_true(error[0] < 0.02);
    assert_true(error[1] < error[0] / 50);
}

/* A thermostat: x' = 1 below 1, -1 above, with a corner of 1e-3. */
static void switched(const void *context, double t, const double *x, double *dx)
{
    (void)t;
    ((struct counted *)(uintptr_t)context)->calls++;
    dx[0] = fmin(fmax((1 - x[0]) * 1e3, -1), 1);
}

static void test_a_saturation_is_met_with_short_steps_and_left_with_long_ones(void **state)
{
    (void)state;
    struct counted counted = {0, 0};
    double x[] = {0};
    struct ode_stiff_problem problem = held(switched, 1, 1e-3);
    problem.context = &counted;
    int steps = run(&problem, 0, 1000, x);
    assert_close(x[0], 1, 2e-3);
    assert_in_range(steps, 3, 100);
    assert_in_range(counted.calls, 10, 800);
}

static void nowhere(const void *context, double t, const double *x, double *dx)
{
    (void)t, (void)x;
    ((struct counted *)(uintptr_t)context)->calls++;
    dx[0] = NAN;
}

static void test_what_cannot_be_integrated_ends_all_the_same(void **state)
{
    (void)state;
    struct counted counted = {0, 0};
    double x[] = {1};
    struct ode_stiff_problem problem = held(nowhere, 1, 1e-3);
    problem.context = &counted;
    problem.shortest = 1;
    problem.longest = 100;
    run(&problem, 0, 100, x);
    assert_true(isnan(x[0]));
    assert_in_range(counted.calls, 100, 1000);
}

/* Four decays, each a block of its own, as one by one. */
static void decays(const void *context, double t, const double *x, double *dx)
{
    (void)context, (void)t;
    for (int i = 0; i < 4; i++)
        dx[i] = -(i + 1) * x[i] * x[i];
}

static void test_blocks_apart_are_as_good_as_together(void **state)
{
    (void)state;
    double x[] = {1, 2, 3, 4}, y[] = {1, 2, 3, 4};
    struct ode_stiff_problem problem = held(decays, 4, 1e-5);
    run(&problem, 0, 5, x);
    problem.block = apart;
    run(&problem, 0, 5, y);
    for (int i = 0; i < 4; i++) {
        assert_close(x[i], 1 / (1.0 / (i + 1) + 5 * (i + 1)), 1e-3);
        assert_close(y[i], x[i], 1e-9);
    }
}

static void test_the_same_again_is_the_same_to_the_last_bit(void **state)
{
    (void)state;
    double x[] = {1, 2, 3, 4}, y[] = {1, 2, 3, 4};
    struct ode_stiff_problem problem = held(decays, 4, 1e-3);
    run(&problem, 0, 5, x);
    run(&problem, 0, 5, y);
    assert_memory_equal(x, y, sizeof x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_of_second_order),
        cmocka_unit_test(test_a_jacobian_that_misses_the_coupling_keeps_the_order),
        cmocka_unit_test(test_a_step_of_a_million_time_constants_ends_at_rest),
        cmocka_unit_test(test_a_stiff_system_costs_no_more_steps_than_its_slow_scale),
        cmocka_unit_test(test_van_der_pol_jumps_when_it_should),
        cmocka_unit_test(test_a_smaller_tolerance_makes_a_smaller_error),
        cmocka_unit_test(test_a_saturation_is_met_with_short_steps_and_left_with_long_ones),
        cmocka_unit_test(test_what_cannot_be_integrated_ends_all_the_same),
        cmocka_unit_test(test_blocks_apart_are_as_good_as_together),
        cmocka_unit_test(test_the_same_again_is_the_same_to_the_last_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
