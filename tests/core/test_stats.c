/* Published values: NIST/SEMATECH e-Handbook 1.3.6.7 (tables of critical values),
 * Abramowitz & Stegun table 26.1, and closed forms of chi-square at 2 and 4 degrees of
 * freedom. */
#include "check.h"
#include "twind/stats.h"

static void test_normal_has_the_published_values(void **state)
{
    (void)state;
    assert_close(stats_normal(0), 0.5, 1e-16);
    assert_close(stats_normal(1), 0.8413447460685429, 1e-15);
    assert_close(stats_normal(-1.959963984540054), 0.025, 1e-15);
    assert_near(stats_normal(-5), 2.866515718791939e-07, 1e-12);
    assert_near(stats_normal(-8), 6.220960574271785e-16, 1e-12);
}

static void test_normal_quantile_has_the_published_values(void **state)
{
    (void)state;
    assert_close(stats_normal_quantile(0.5), 0, 1e-15);
    assert_near(stats_normal_quantile(0.95), 1.6448536269514722, 1e-13);
    assert_near(stats_normal_quantile(0.975), 1.959963984540054, 1e-13);
    assert_near(stats_normal_quantile(0.999), 3.090232306167813, 1e-13);
    assert_near(stats_normal_quantile(1e-6), -4.753424308822899, 1e-13);
}

static void test_normal_quantile_is_the_inverse_down_to_tiny_tails(void **state)
{
    (void)state;
    for (double p = 1e-300; p < 0.5; p *= 3.7)
        assert_near(stats_normal(stats_normal_quantile(p)), p, 1e-11);
    for (double p = 0.5; p < 1; p += 0.013)
        assert_close(stats_normal_quantile(p), -stats_normal_quantile(1 - p), 1e-12);
}

static void test_impossible_probabilities_give_the_ends(void **state)
{
    (void)state;
    assert_true(stats_normal_quantile(0) < -1e308);
    assert_true(stats_normal_quantile(1) > 1e308);
    assert_true(isnan(stats_normal_quantile(NAN)));
    assert_true(stats_chi_square_quantile(0, 3) > 1e308);
    assert_close(stats_chi_square_quantile(1, 3), 0, 0);
    assert_close(stats_chi_square_tail(-1, 3), 1, 0);
    assert_close(stats_chi_square_tail(INFINITY, 3), 0, 0);
    assert_close(stats_chi_square(0, 3), 0, 0);
    assert_true(isnan(stats_chi_square_tail(NAN, 3)));
}

static void test_chi_square_has_the_published_critical_values(void **state)
{
    (void)state;
    static const struct {
        double dof, tail, x; /* NIST: upper critical values, three decimals */
    } published[] = {
        {1, 0.05, 3.841},   {1, 0.001, 10.828},  {2, 0.10, 4.605},      {5, 0.01, 15.086},
        {10, 0.05, 18.307}, {30, 0.025, 46.979}, {100, 0.001, 149.449}, {10, 0.975, 3.247},
    };
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        assert_close(stats_chi_square_quantile(published[i].tail, published[i].dof),
                     published[i].x, 0.00051);
        assert_near(stats_chi_square_tail(published[i].x, published[i].dof),
                    published[i].tail, 1e-3);
    }
}

static void test_chi_square_of_even_dof_is_its_closed_form(void **state)
{
    (void)state;
    for (double x = 0.01; x < 1400; x *= 1.3) {
        assert_near(stats_chi_square_tail(x, 2), exp(-x / 2), 1e-12);
        assert_near(stats_chi_square_tail(x, 4), exp(-x / 2) * (1 + x / 2), 1e-12);
    }
}

static void test_chi_square_of_one_is_the_square_of_a_normal(void **state)
{
    (void)state;
    for (double z = 0.1; z < 30; z *= 1.4)
        assert_near(stats_chi_square_tail(z * z, 1), erfc(z / sqrt(2)), 1e-11);
}

static void test_chi_square_and_its_tail_make_one(void **state)
{
    (void)state;
    for (double dof = 0.5; dof < 2000; dof *= 2.3)
        for (double x = dof / 8; x < dof * 4; x *= 1.5)
            assert_close(stats_chi_square(x, dof) + stats_chi_square_tail(x, dof), 1,
                         1e-14);
}

static void test_fractional_and_large_degrees_are_monotonic(void **state)
{
    (void)state;
    /* as the deviation rule asks for them */
    double last = 1;
    for (double x = 50; x < 150; x += 1) {
        double tail = stats_chi_square_tail(x, 87.3);
        assert_true(tail < last && tail > 0);
        last = tail;
    }
    /* Wilson & Hilferty 1931: ((X/k)^(1/3) - (1 - 2/9k)) / sqrt(2/9k) is nearly normal */
    double k = 50000, x = 50500;
    double z = (cbrt(x / k) - (1 - 2 / (9 * k))) / sqrt(2 / (9 * k));
    assert_near(stats_chi_square_tail(x, k), stats_normal(-z), 1e-4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normal_has_the_published_values),
        cmocka_unit_test(test_normal_quantile_has_the_published_values),
        cmocka_unit_test(test_normal_quantile_is_the_inverse_down_to_tiny_tails),
        cmocka_unit_test(test_impossible_probabilities_give_the_ends),
        cmocka_unit_test(test_chi_square_has_the_published_critical_values),
        cmocka_unit_test(test_chi_square_of_even_dof_is_its_closed_form),
        cmocka_unit_test(test_chi_square_of_one_is_the_square_of_a_normal),
        cmocka_unit_test(test_chi_square_and_its_tail_make_one),
        cmocka_unit_test(test_fractional_and_large_degrees_are_monotonic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
