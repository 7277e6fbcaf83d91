/* Against closed forms (rotation, decay, integrated noise) and against textbook formulas
 * evaluated another way (information form with 2 x 2 inverses). */
#include "check.h"
#include "twind/kalman.h"

#include <string.h>

enum { MAX = 16 };

static double F[MAX * MAX], Q[MAX * MAX], scratch[3 * MAX * MAX];

static void test_rotation_is_true_over_many_turns(void **state)
{
    (void)state;
    const double A[] = {0, 1, -1, 0}, q[] = {0, 0};
    for (double dt = 1e-6; dt < 35; dt *= 3) { /* norm 1 */
        kalman_transition(2, A, q, dt, F, Q, scratch);
        assert_close(F[0], cos(dt), 1e-8);
        assert_close(F[1], sin(dt), 1e-8);
        assert_close(F[2], -sin(dt), 1e-8);
        assert_close(F[3], cos(dt), 1e-8);
    }
}

static void test_fast_and_slow_decay_share_a_block(void **state)
{
    (void)state;
    /* time constants of 20 s, 1 h and 3 days, and a random walk */
    const double rate[] = {0.05, 1 / 3600.0, 1 / 259200.0, 0}, q[] = {2, 0.1, 3e-5, 1e-6};
    double A[16] = {0};
    for (int i = 0; i < 4; i++)
        A[i * 4 + i] = -rate[i];
    for (double dt = 0.1; dt < 1000; dt *= 2.7) {
        kalman_transition(4, A, q, dt, F, Q, scratch);
        for (int i = 0; i < 4; i++) {
            double exact =
                rate[i] > 0 ? q[i] * -expm1(-2 * rate[i] * dt) / (2 * rate[i]) : q[i] * dt;
            assert_close(F[i * 4 + i], exp(-rate[i] * dt), 1e-9);
            assert_near(Q[i * 4 + i], exact, 6e-3);
        }
        assert_close(F[1], 0, 0);
        assert_close(Q[1], 0, 0);
    }
}

static void test_level_with_trend_gathers_the_textbook_noise(void **state)
{
    (void)state;
    const double A[] = {0, 1, 0, 0}, q[] = {0, 0.3};
    for (double dt = 0.01; dt < 50; dt *= 2.1) {
        kalman_transition(2, A, q, dt, F, Q, scratch);
        assert_close(F[1], dt, 1e-12 * dt);
        /* the trapezoidal rule on t^2, before the doublings make it small */
        double h = fmin(dt, 0.125);
        assert_near(Q[0], 0.3 * dt * dt * dt / 3, h * h / dt / dt / 2 + 1e-9);
        assert_near(Q[1], 0.3 * dt * dt / 2, 1e-9);
        assert_near(Q[3], 0.3 * dt, 1e-9);
    }
}

static void test_two_short_steps_make_a_long_one(void **state)
{
    (void)state;
    const double A[] = {-0.3, 0.2, 0.05, 0.1, -0.4, 0.1, 0.02, 0.2, -0.25};
    const double q[] = {0.1, 0.2, 0.05};
    double once[9] = {2, 0.1, 0, 0.1, 1, 0.3, 0, 0.3, 3}, twice[9];
    memcpy(twice, once, sizeof once);
    kalman_transition(3, A, q, 10, F, Q, scratch);
    kalman_predict(3, F, Q, once, scratch);
    kalman_transition(3, A, q, 5, F, Q, scratch);
    kalman_predict(3, F, Q, twice, scratch);
    kalman_predict(3, F, Q, twice, scratch);
    for (int i = 0; i < 9; i++)
        assert_close(once[i], twice[i], 1e-4);
}

/* Posterior by the information form: P^-1 + h' h / r, inverted. */
static void test_update_agrees_with_the_information_form(void **state)
{
    (void)state;
    double P[] = {4, 1, 1, 9}, dx[2], r = 0.7;
    const double h[] = {1, 2};
    double det = 4 * 9 - 1, a = 9 / det + 1 / r, b = -1 / det + 2 / r, c = 4 / det + 4 / r;
    struct kalman_innovation in = kalman_update(2, P, h, 3, r, 0, dx, scratch);
    double inverse = a * c - b * b;
    assert_near(in.variance, 4 + 4 + 36 + 0.7, 1e-14);
    assert_near(in.nis, 9 / 44.7, 1e-14);
    assert_near(P[0], c / inverse, 1e-12);
    assert_near(P[1], -b / inverse, 1e-12);
    assert_near(P[3], a / inverse, 1e-12);
    assert_near(dx[0], (4 + 2) / 44.7 * 3, 1e-14);
    assert_near(dx[1], (1 + 18) / 44.7 * 3, 1e-14);
}

static void test_gate_leaves_everything_as_it_was(void **state)
{
    (void)state;
    double P[] = {1, 0, 0, 1}, dx[2] = {7, 7};
    const double h[] = {1, 0};
    struct kalman_innovation in = kalman_update(2, P, h, 11, 1, 25, dx, scratch);
    assert_false(in.accepted);
    assert_close(in.nis, 60.5, 1e-12);
    assert_close(P[0], 1, 0);
    assert_close(dx[0], 0, 0);
    assert_true(kalman_update(2, P, h, 7, 1, 25, dx, scratch).accepted);
    assert_true(P[0] < 1);
}

static double smallest_pivot(size_t n, const double *P)
{
    double L[MAX * MAX] = {0}, least = INFINITY;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = P[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= L[i * n + k] * L[j * n + k];
            if (i == j)
                least = fmin(least, sum);
            L[i * n + j] = i == j ? sqrt(fmax(sum, 1e-300)) : sum / L[j * n + j];
        }
    return least;
}

static void test_covariance_stays_symmetric_and_positive_under_precise_sensors(void **state)
{
    (void)state;
    enum { N = 12 };
    double A[N * N] = {0}, q[N], P[N * N] = {0}, h[N] = {0}, dx[N];
    for (int i = 0; i < N; i++) {
        A[i * N + i] = -0.01 * (i + 1);
        if (i > 0)
            A[i * N + i - 1] = 0.005 * (i + 1);
        q[i] = 1e-6;
        P[i * N + i] = 1e4;
    }
    kalman_transition(N, A, q, 10, F, Q, scratch);
    for (int step = 0; step < 20000; step++) {
        kalman_predict(N, F, Q, P, scratch);
        int at = step % N;
        h[at] = 1;
        kalman_update(N, P, h, 0.1, 1e-8, 0, dx, scratch);
        h[at] = 0;
    }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            assert_true(memcmp(&P[i * N + j], &P[j * N + i], sizeof(double)) == 0);
    assert_true(smallest_pivot(N, P) > 0);
}

static void test_blocks_measured_together_share_the_correction(void **state)
{
    (void)state;
    /* one block of two uncorrelated states, and the same as two blocks */
    double whole[] = {4, 0, 0, 2}, one = 4, two = 2, dx[2], dx1, dx2;
    const double h[] = {1, 3}, h1 = 1, h2 = 3;
    kalman_update(2, whole, h, 5, 0.5, 0, dx, scratch);
    kalman_update(1, &one, &h1, 5, 0.5 + 18, 0, &dx1, scratch);
    kalman_update(1, &two, &h2, 5, 0.5 + 4, 0, &dx2, scratch);
    assert_near(dx1, dx[0], 1e-14);
    assert_near(dx2, dx[1], 1e-14);
    assert_near(one, whole[0], 1e-14);
    assert_near(two, whole[3], 1e-14);
    assert_near(kalman_variance(1, &one, &h1), one, 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rotation_is_true_over_many_turns),
        cmocka_unit_test(test_fast_and_slow_decay_share_a_block),
        cmocka_unit_test(test_level_with_trend_gathers_the_textbook_noise),
        cmocka_unit_test(test_two_short_steps_make_a_long_one),
        cmocka_unit_test(test_update_agrees_with_the_information_form),
        cmocka_unit_test(test_gate_leaves_everything_as_it_was),
        cmocka_unit_test(
            test_covariance_stays_symmetric_and_positive_under_precise_sensors),
        cmocka_unit_test(test_blocks_measured_together_share_the_correction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
