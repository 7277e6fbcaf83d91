/* The inverse of symmetric positive definite matrices. */
#include "check.h"

#include "twind/random.h"
#include "twind/spd.h"

enum { N = 20 };

/* B B' + I / 10 of random B. */
static void draw(double *A)
{
    double B[N * N];
    struct random random = {3};
    for (size_t i = 0; i < N * N; i++)
        B[i] = random_normal(&random);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            A[i * N + j] = i == j ? 0.1 : 0;
            for (size_t k = 0; k < N; k++)
                A[i * N + j] += B[i * N + k] * B[j * N + k];
        }
}

static void test_a_matrix_times_its_inverse_is_one(void **state)
{
    (void)state;
    double A[N * N], P[N * N];
    draw(A);
    spd_invert(N, A, P);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double sum = 0;
            for (size_t k = 0; k < N; k++)
                sum += A[i * N + k] * P[k * N + j];
            assert_close(sum, i == j, 1e-9);
        }
}

static void test_it_may_be_written_over_the_matrix(void **state)
{
    (void)state;
    double A[N * N], P[N * N];
    draw(A);
    spd_invert(N, A, P);
    spd_invert(N, A, A);
    for (size_t i = 0; i < N * N; i++)
        assert_close(A[i], P[i], 1e-12);
}

static void test_a_singular_matrix_gives_finite_numbers(void **state)
{
    (void)state;
    double A[4] = {1, 1, 1, 1}, P[4];
    spd_invert(2, A, P);
    for (size_t i = 0; i < 4; i++)
        assert_true(isfinite(P[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_matrix_times_its_inverse_is_one),
        cmocka_unit_test(test_it_may_be_written_over_the_matrix),
        cmocka_unit_test(test_a_singular_matrix_gives_finite_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
