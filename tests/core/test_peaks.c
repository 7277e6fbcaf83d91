/* Peaks over a threshold: laws that are known come back. */
#include "check.h"

#include "twind/peaks.h"

enum { N = 2000 };

/* Excesses at the plotting positions of a generalised Pareto law. */
static void ideal(double *heights, size_t n, double threshold, double scale, double shape)
{
    for (size_t i = 0; i < n; i++) {
        double tail = 1 - ((double)i + 1 - 0.35) / (double)n;
        heights[i] = threshold + (shape == 0 ? -scale * log(tail)
                                             : scale / shape * (pow(tail, -shape) - 1));
    }
}

static void test_an_exponential_tail_gains_the_same_for_each_factor_of_rarity(void **state)
{
    (void)state;
    static double heights[N];
    ideal(heights, N, 10, 2, 0);
    struct peaks_law law = peaks_fit(heights, N, 10, 100);
    assert_close(law.rate, 20, 1e-12);
    assert_close(law.shape, 0, 0.01);
    assert_close(law.scale, 2, 0.02);
    assert_close(peaks_level(&law, 20), 10, 1e-12);
    assert_close(peaks_level(&law, 2), 10 + 2 * log(10), 0.1);
    assert_close(peaks_level(&law, 0.2), 10 + 2 * log(100), 0.25);
}

static void test_a_tail_with_an_end_stays_below_it(void **state)
{
    (void)state;
    static double heights[N];
    ideal(heights, N, 0, 3, -0.3); /* its end is at 10 */
    struct peaks_law law = peaks_fit(heights, N, 0, 1);
    assert_close(law.shape, -0.3, 0.01);
    assert_close(law.scale, 3, 0.03);
    assert_true(peaks_level(&law, 1e-9) < 10.1);
    assert_true(peaks_level(&law, 1e-9) > 9.5);
}

static void test_a_shape_that_few_peaks_cannot_tell_is_held(void **state)
{
    (void)state;
    double one_large[] = {0.1, 0.1, 0.2, 0.1, 0.2, 50}, alike[] = {2, 2, 2, 2};
    struct peaks_law law = peaks_fit(one_large, 6, 0, 1);
    assert_close(law.shape, 0.25, 0);
    assert_close(law.scale / (1 - law.shape), 50.7 / 6, 1e-9);
    law = peaks_fit(alike, 4, 1, 1);
    assert_close(law.shape, -0.5, 0);
    assert_true(isfinite(peaks_level(&law, 1e-6)));
}

static void test_peaks_at_the_threshold_give_the_threshold(void **state)
{
    (void)state;
    double heights[] = {5, 5, 5};
    struct peaks_law law = peaks_fit(heights, 3, 5, 1);
    assert_close(peaks_level(&law, 1e-3), 5, 0);
    assert_close(peaks_level(&law, 10), 5, 0); /* more often than there are peaks */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_exponential_tail_gains_the_same_for_each_factor_of_rarity),
        cmocka_unit_test(test_a_tail_with_an_end_stays_below_it),
        cmocka_unit_test(test_a_shape_that_few_peaks_cannot_tell_is_held),
        cmocka_unit_test(test_peaks_at_the_threshold_give_the_threshold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
