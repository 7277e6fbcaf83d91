/* Against closed forms, and the stiff Van der Pol oscillator. */
#include "check.h"
#include "twind/adaptive.h"

#include <string.h>

static const double unit[] = {1, 1, 1};

static void run(ode_rhs *rhs, const void *context, size_t n, double tolerance, double t0,
                double t1, double *x)
{
    struct err e;
    struct adaptive *a = adaptive_new(n, rhs, context, tolerance, unit);
    assert_non_null(a);
    if (!adaptive_run(a, t0, t1, x, &e))
        fail_msg("%s", e.text);
    adaptive_free(a);
}

/* Two time scales, 1 s and 1 us: x = e^-t + e^-1e6t, y = e^-t - e^-1e6t. */
static void stiff(const void *context, double t, const double *x, double *dx)
{
    (void)context, (void)t;
    double slow = (x[0] + x[1]) / 2, fast = (x[0] - x[1]) / 2;
    dx[0] = -slow - 1e6 * fast;
    dx[1] = -slow + 1e6 * fast;
}

static void test_a_stiff_linear_system_follows_its_slow_scale(void **state)
{
    (void)state;
    double x[] = {2, 0};
    run(stiff, NULL, 2, 1e-8, 0, 3, x);
    assert_close(x[0], exp(-3), 1e-6);
    assert_close(x[1], exp(-3), 1e-6);
}

static void oscillate(const void *context, double t, const double *x, double *dx)
{
    (void)context, (void)t;
    dx[0] = x[1];
    dx[1] = -x[0];
}

static double oscillator_error(double tolerance)
{
    double x[] = {1, 0};
    run(oscillate, NULL, 2, tolerance, 0, 20, x);
    return fmax(fabs(x[0] - cos(20)), fabs(x[1] + sin(20)));
}

static void test_a_smaller_tolerance_makes_a_smaller_error(void **state)
{
    (void)state;
    double coarse = oscillator_error(1e-4), fine = oscillator_error(1e-9);
    assert_true(coarse < 0.05);
    assert_true(fine < 1e-6);
    assert_true(fine < coarse / 100);
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
    const double epsilon = 1e-6;
    double x[] = {2, 0};
    run(van_der_pol, &epsilon, 2, 1e-10, 0, 2, x);
    assert_close(x[0], 1.706167732170483, 1e-6);
    assert_close(x[1], -0.8928097010247975, 1e-6);
}

/* x' = cos(t - context): in epoch seconds as precise as from 0. */
static void sway(const void *context, double t, const double *x, double *dx)
{
    (void)x;
    dx[0] = cos(t - *(const double *)context);
}

static void test_epoch_seconds_cost_no_digits(void **state)
{
    (void)state;
    const double origin = 1.7e9;
    double x[] = {0};
    run(sway, &origin, 1, 1e-9, origin, origin + 2, x);
    assert_close(x[0], sin(2), 1e-6); /* a double holds 1.7e9 to 2e-7 */
}

static void test_many_pieces_make_the_same_whole(void **state)
{
    (void)state;
    struct err e;
    double x[] = {1, 0};
    struct adaptive *a = adaptive_new(2, oscillate, NULL, 1e-9, unit);
    for (int i = 0; i < 100; i++)
        assert_true(adaptive_run(a, i * 0.2, (i + 1) * 0.2, x, &e));
    adaptive_free(a);
    assert_close(x[0], cos(20), 1e-5);
    assert_close(x[1], -sin(20), 1e-5);
}

/* x' = x^2 from 1: infinite at t = 1. */
static void explode(const void *context, double t, const double *x, double *dx)
{
    (void)context, (void)t;
    dx[0] = x[0] * x[0];
}

static void nowhere(const void *context, double t, const double *x, double *dx)
{
    (void)context, (void)t, (void)x;
    dx[0] = NAN;
}

static void expect_surrender(ode_rhs *rhs)
{
    struct err e = {""};
    double x[] = {1};
    struct adaptive *a = adaptive_new(1, rhs, NULL, 1e-8, unit);
    assert_false(adaptive_run(a, 0, 2, x, &e));
    assert_non_null(strstr(e.text, "gave up"));
    assert_close(x[0], 1, 0); /* as it was */
    double good[] = {1};
    assert_non_null(strstr(e.text, "of 2 s"));
    assert_true(rhs == nowhere || adaptive_run(a, 0, 0.5, good, &e)); /* and works on */
    adaptive_free(a);
}

static void test_what_cannot_be_integrated_is_an_error_not_a_number(void **state)
{
    (void)state;
    expect_surrender(explode);
    expect_surrender(nowhere);
}

static void test_freeing_nothing_is_nothing(void **state)
{
    (void)state;
    adaptive_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stiff_linear_system_follows_its_slow_scale),
        cmocka_unit_test(test_a_smaller_tolerance_makes_a_smaller_error),
        cmocka_unit_test(test_van_der_pol_jumps_when_it_should),
        cmocka_unit_test(test_epoch_seconds_cost_no_digits),
        cmocka_unit_test(test_many_pieces_make_the_same_whole),
        cmocka_unit_test(test_what_cannot_be_integrated_is_an_error_not_a_number),
        cmocka_unit_test(test_freeing_nothing_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
