/* Regression that goes on for ever: what it finds, what it starts from, what it forgets. */
#include "check.h"

#include "twind/ridge.h"

#include <stdlib.h>

enum { N = 3 };

static float *moments;

static int make(void **state)
{
    (void)state;
    moments = calloc(ridge_floats(N), sizeof *moments);
    return moments == NULL;
}

static int drop(void **state)
{
    (void)state;
    free(moments);
    return 0;
}

static float noise(unsigned *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (float)(*seed >> 8) / (float)(1 << 24) - 0.5F;
}

/* target = 2 a - b + 5; the third feature is nothing to it. */
static void teach(int samples, double slope, double keep)
{
    unsigned seed = 7;
    for (int i = 0; i < samples; i++) {
        float f[N] = {10 * noise(&seed) + 100, noise(&seed), noise(&seed)};
        ridge_learn(N, moments, f, slope * (double)f[0] - (double)f[1] + 5, keep);
    }
}

static struct ridge_prior weak(const double *coefficients, const unsigned char *used)
{
    return (struct ridge_prior){coefficients, used, 1e-3, 0};
}

static const double nothing[N] = {0};

static void test_a_linear_relation_is_found(void **state)
{
    (void)state;
    double c[N + 1];
    const struct ridge_prior prior = weak(nothing, NULL);
    teach(500, 2, 1);
    ridge_solve(N, moments, &prior, c);
    assert_close(c[0], 2, 1e-3);
    assert_close(c[1], -1, 1e-3);
    assert_close(c[2], 0, 1e-3);
    const float f[N] = {101, 0.25F, 0};
    assert_close(ridge_predict(N, moments, c, f), 206.75, 0.02);
}

/* What hardly varied while it was learned may vary widely where it is used: between leads,
 * the value of a day before the target is another than the present. */
static void test_what_hardly_varied_beside_its_like_keeps_its_prior(void **state)
{
    (void)state;
    const double prior[N] = {0, 0.25, 0};
    unsigned seed = 3;
    double c[N + 1];
    for (int i = 0; i < 500; i++) {
        float f[N] = {10 * noise(&seed), 1e-3F * noise(&seed), noise(&seed)};
        ridge_learn(N, moments, f, 2 * (double)f[0] + 1e3 * (double)f[1], 1);
    }
    ridge_solve(N, moments, &(struct ridge_prior){prior, NULL, 1e-3, 0}, c);
    assert_close(c[1], 1e3, 1);
    ridge_solve(N, moments, &(struct ridge_prior){prior, NULL, 1e-3, 2}, c);
    assert_close(c[1], 0.25, 0);
    assert_close(c[0], 2, 0.05);
}

static void test_without_data_the_prior_holds(void **state)
{
    (void)state;
    const double prior[N] = {0.5, 0.25, 0};
    double c[N + 1];
    ridge_solve(N, moments, &(struct ridge_prior){prior, NULL, 10, 0}, c);
    assert_close(c[0], 0.5, 0);
    assert_close(c[1], 0.25, 0);
    assert_close(c[N], 0, 0);
    assert_close(ridge_weight(moments), 0, 0);
}

static void test_few_samples_move_it_little(void **state)
{
    (void)state;
    double firm[N + 1], loose[N + 1];
    teach(10, 2, 1);
    ridge_solve(N, moments, &(struct ridge_prior){nothing, NULL, 1000, 0}, firm);
    ridge_solve(N, moments, &(struct ridge_prior){nothing, NULL, 0.01, 0}, loose);
    assert_close(firm[0], 0, 0.05);
    assert_close(loose[0], 2, 0.05);
}

static void test_a_feature_that_may_not_be_used_stays_as_the_prior_has_it(void **state)
{
    (void)state;
    static const unsigned char used[N] = {1, 0, 1};
    const struct ridge_prior prior = weak(nothing, used);
    double c[N + 1];
    teach(500, 2, 1);
    ridge_solve(N, moments, &prior, c);
    assert_close(c[1], 0, 0);
    assert_close(c[0], 2, 0.02);
}

static void test_what_has_changed_is_followed(void **state)
{
    (void)state;
    const struct ridge_prior prior = weak(nothing, NULL);
    double c[N + 1];
    teach(2000, 2, 0.99);
    teach(2000, -1, 0.99);
    ridge_solve(N, moments, &prior, c);
    assert_close(c[0], -1, 0.01);
    assert_close(ridge_weight(moments), 100, 0.01);
}

static void test_what_is_not_known_counts_as_its_mean(void **state)
{
    (void)state;
    const struct ridge_prior prior = weak(nothing, NULL);
    double c[N + 1];
    teach(500, 2, 1);
    for (int i = 0; i < 5; i++)
        ridge_learn(N, moments, (const float[N]){100, NAN, 0}, 205, 1);
    ridge_solve(N, moments, &prior, c);
    assert_close(ridge_predict(N, moments, c, (const float[N]){100, NAN, 0}), 205, 0.1);
}

#define RIDGE(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIDGE(test_a_linear_relation_is_found),
        RIDGE(test_what_hardly_varied_beside_its_like_keeps_its_prior),
        RIDGE(test_without_data_the_prior_holds),
        RIDGE(test_few_samples_move_it_little),
        RIDGE(test_a_feature_that_may_not_be_used_stays_as_the_prior_has_it),
        RIDGE(test_what_has_changed_is_followed),
        RIDGE(test_what_is_not_known_counts_as_its_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
