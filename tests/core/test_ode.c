/* Against closed forms: exponential decay, the harmonic oscillator, a forced equation. */
#include "check.h"
#include "twind/ode.h"

static void decay(const void *context, double t, const double *x, double *dx)
{
    (void)t;
    dx[0] = -*(const double *)context * x[0];
}

static void oscillate(const void *context, double t, const double *x, double *dx)
{
    (void)context, (void)t;
    dx[0] = x[1];
    dx[1] = -x[0];
}

/* x' = 5 t^4, so that x = t^5: only time matters. */
static void rise(const void *context, double t, const double *x, double *dx)
{
    (void)context, (void)x;
    dx[0] = 5 * t * t * t * t;
}

static double decay_error(int steps)
{
    double rate = 1, x = 1, scratch[5];
    for (int i = 0; i < steps; i++)
        ode_rk4(decay, &rate, 1, 0, 1.0 / steps, &x, scratch);
    return fabs(x - exp(-1));
}

static void test_rk4_is_of_fourth_order(void **state)
{
    (void)state;
    assert_close(log2(decay_error(8) / decay_error(16)), 4, 0.1);
    assert_true(decay_error(16) < 1e-6);
}

static void test_rk4_step_has_the_value_of_its_polynomial(void **state)
{
    (void)state;
    double rate = 0.5, x = 3, scratch[5], z = -rate * 0.4;
    ode_rk4(decay, &rate, 1, 0, 0.4, &x, scratch);
    assert_near(x, 3 * (1 + z + z * z / 2 + z * z * z / 6 + z * z * z * z / 24), 1e-15);
}

static void test_rk4_keeps_an_oscillation(void **state)
{
    (void)state;
    double x[2] = {1, 0}, scratch[10];
    for (int i = 0; i < 1000; i++)
        ode_rk4(oscillate, NULL, 2, i * 0.01, 0.01, x, scratch);
    assert_close(x[0], cos(10), 1e-8);
    assert_close(x[1], -sin(10), 1e-8);
}

static void test_rk4_hands_the_time_on(void **state)
{
    (void)state;
    double x = 1, scratch[5]; /* at t = 1 */
    for (int i = 0; i < 10; i++)
        ode_rk4(rise, NULL, 1, 1 + i * 0.1, 0.1, &x, scratch);
    assert_close(x, 32, 1e-4);
}

static void test_euler_step_is_the_tangent(void **state)
{
    (void)state;
    double x[2] = {1, 2}, scratch[2];
    ode_euler(oscillate, NULL, 2, 0, 0.25, x, scratch);
    assert_close(x[0], 1.5, 1e-15);
    assert_close(x[1], 1.75, 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rk4_is_of_fourth_order),
        cmocka_unit_test(test_rk4_step_has_the_value_of_its_polynomial),
        cmocka_unit_test(test_rk4_keeps_an_oscillation),
        cmocka_unit_test(test_rk4_hands_the_time_on),
        cmocka_unit_test(test_euler_step_is_the_tangent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
