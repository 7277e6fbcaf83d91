/* Level and scatter, learned and not spoilt by outliers. */
#include "check.h"

#include "twind/baseline.h"

static void test_mean_and_deviation_are_learned(void **state)
{
    (void)state;
    struct baseline b = {.rows = 0};
    for (int i = 0; i < 4000; i++)
        baseline_learn(&b, 10 + (i % 2 ? 1 : -1), 1000);
    assert_close(b.mean, 10, 0.01);
    assert_close(b.variance, 1, 0.01);
    assert_close(baseline_deviation(&b, 13), 3, 0.05);
}

static void test_an_outlier_is_drawn_to_the_edge(void **state)
{
    (void)state;
    struct baseline b = {.rows = 0};
    for (int i = 0; i < 1000; i++)
        baseline_learn(&b, i % 2 ? 1 : -1, 1000);
    baseline_learn(&b, 1e9, 1000);
    assert_close(b.mean, 0, 0.02);
    assert_close(b.variance, 1, 0.05);
}

static void test_a_stream_that_stood_still_is_left_infinitely_far(void **state)
{
    (void)state;
    struct baseline b = {.rows = 0};
    for (int i = 0; i < 1000; i++)
        baseline_learn(&b, 0.3, 1000);
    assert_close(baseline_deviation(&b, 0.3), 0, 0);
    assert_true(isinf(baseline_deviation(&b, 0.4)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mean_and_deviation_are_learned),
        cmocka_unit_test(test_an_outlier_is_drawn_to_the_edge),
        cmocka_unit_test(test_a_stream_that_stood_still_is_left_infinitely_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
