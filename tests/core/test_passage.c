/* First passage against closed forms of the inverse Gaussian distribution (Chhikara and
 * Folks 1989, eq. 2.16: F(1) of mean 1 and shape 1 is 0.5 + e^2 Phi(-2)), against its
 * limits, and against paths drawn at random. */
#include "check.h"
#include "twind/passage.h"
#include "twind/random.h"

#include <stdbool.h>

static void test_a_known_drift_gives_the_inverse_gaussian_distribution(void **state)
{
    (void)state;
    const struct passage p = {.distance = 1, .slope = 1, .diffusion = 1};
    assert_close(passage_probability(&p, 1), 0.66810201, 1e-8);
    /* the median of mean 2, shape 8 (a 2, v 1, s 1/sqrt 2) */
    const struct passage q = {.distance = 2, .slope = 1, .diffusion = sqrt(0.5)};
    double median = passage_quantile(&q, 0.5, 100);
    assert_close(passage_probability(&q, median), 0.5, 1e-8);
    assert_true(median > 1.7 && median < 2); /* skewed to late */
}

static void test_a_drift_away_reaches_the_limit_with_the_known_probability(void **state)
{
    (void)state;
    const struct passage p = {.distance = 1, .slope = -0.5, .diffusion = 1};
    assert_near(passage_probability(&p, 1e6), exp(-1), 1e-9); /* exp(2 v a / s^2) */
    assert_true(isinf(passage_quantile(&p, 0.5, 1e9)));
}

static void test_without_diffusion_the_drift_alone_decides(void **state)
{
    (void)state;
    const struct passage sure = {.distance = 3, .slope = 0.5};
    assert_near(passage_quantile(&sure, 0.05, 1000), 6.0, 1e-6);
    assert_near(passage_quantile(&sure, 0.95, 1000), 6.0, 1e-6);
    const struct passage vague = {.distance = 3, .slope = 0.5, .slope_sd = 0.1};
    assert_near(passage_quantile(&vague, 0.5, 1000), 6.0, 1e-6);
    /* P(v > 3 / t) = 0.05: v = 0.5 + 1.6448536 * 0.1 */
    assert_near(passage_quantile(&vague, 0.05, 1000), 3 / 0.66448536, 1e-6);
}

static void test_what_is_reached_is_reached(void **state)
{
    (void)state;
    const struct passage p = {.distance = -0.1, .slope = -1, .diffusion = 1};
    assert_close(passage_probability(&p, 0), 1.0, 0);
    assert_close(passage_quantile(&p, 0.95, 1000), 0.0, 0);
}

static void test_tiny_diffusion_and_vague_drifts_stay_finite(void **state)
{
    (void)state;
    const struct passage p = {
        .distance = 1, .slope = 1e-3, .slope_sd = 0.1, .diffusion = 1e-4};
    double before = 0;
    for (double t = 1e-3; t < 1e6; t *= 3) {
        double now = passage_probability(&p, t);
        assert_true(now >= before && now <= 1);
        before = now;
    }
    const struct passage no_diffusion = {.distance = 1, .slope = 1e-3, .slope_sd = 0.1};
    assert_close(passage_probability(&p, 20), passage_probability(&no_diffusion, 20), 1e-4);
}

/* Whether a path of distance, slope and diffusion drawn from `p` reaches the limit by
 * `time`: in steps, with the chance of a Brownian bridge to have touched it between. */
static bool path_reaches(const struct passage *p, double time, struct random *random)
{
    enum { STEPS = 60 };
    double z = random_normal(random), along = p->covariance / p->distance_sd;
    double rest = sqrt(p->slope_sd * p->slope_sd - along * along);
    double a = p->distance + p->distance_sd * z, h = time / STEPS;
    double v = p->slope + along * z + rest * random_normal(random);
    for (int i = 0; i < STEPS && a > 0; i++) {
        double next = a - v * h - p->diffusion * sqrt(h) * random_normal(random);
        double touch = exp(-2 * a * next / (p->diffusion * p->diffusion * h));
        if (next <= 0 || random_uniform(random) < touch)
            return true;
        a = next;
    }
    return a <= 0;
}

static void test_drawn_paths_pass_as_often_as_it_says(void **state)
{
    (void)state;
    enum { PATHS = 8000 };
    const struct passage p = {.distance = 0.3,
                              .distance_sd = 0.05,
                              .slope = 0.002,
                              .slope_sd = 0.0015,
                              .covariance = -3e-5,
                              .diffusion = 0.01};
    struct random random = {1};
    for (double time = 50; time <= 400; time *= 2) {
        double passed = 0, says = passage_probability(&p, time);
        for (int i = 0; i < PATHS; i++)
            passed += path_reaches(&p, time, &random);
        assert_close(passed / PATHS, says, 4 * sqrt(says * (1 - says) / PATHS));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_known_drift_gives_the_inverse_gaussian_distribution),
        cmocka_unit_test(test_a_drift_away_reaches_the_limit_with_the_known_probability),
        cmocka_unit_test(test_without_diffusion_the_drift_alone_decides),
        cmocka_unit_test(test_what_is_reached_is_reached),
        cmocka_unit_test(test_tiny_diffusion_and_vague_drifts_stay_finite),
        cmocka_unit_test(test_drawn_paths_pass_as_often_as_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
