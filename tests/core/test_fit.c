/* Least squares: what is simulated is found again, and what cannot be known is named. */
#include "check.h"
#include "twind/fit.h"
#include "twind/random.h"

#include <math.h>
#include <string.h>

enum { M = 400 };

/* y = a exp(-b t) + c + noise, and a fourth parameter as the case wants it. */
struct curve {
    double y[M];
    double (*extra)(double t, double d);
};

static double nothing(double t, double d)
{
    (void)t, (void)d;
    return 0;
}

static double offset_too(double t, double d)
{
    (void)t;
    return d;
}

static double model(const struct curve *curve, const double *p, double t)
{
    return p[0] * exp(-p[1] * t) + p[2] + curve->extra(t, p[3]);
}

static void residuals(void *context, size_t lane, const double *p, double *r)
{
    (void)lane;
    const struct curve *curve = context;
    for (size_t i = 0; i < M; i++)
        r[i] = (curve->y[i] - model(curve, p, (double)i / 100)) / 0.1;
}

static const double min[] = {0, 0.1, -5, -5}, max[] = {10, 5, 5, 5};
static const double truth[] = {4, 1.2, 0.5, 0};

static void make(struct curve *curve, uint64_t seed, double (*extra)(double, double))
{
    struct random random = {seed};
    curve->extra = extra;
    for (size_t i = 0; i < M; i++)
        curve->y[i] = model(curve, truth, (double)i / 100) + 0.1 * random_normal(&random);
}

static struct fit_result run(struct curve *curve, size_t n, const double *start)
{
    const struct fit_problem problem = {.n = n,
                                        .m = M,
                                        .min = min,
                                        .max = max,
                                        .residuals = residuals,
                                        .context = curve,
                                        .most_evaluations = 500};
    struct fit_result result = {.n_ties = 0};
    double four[4] = {0};
    memcpy(four, start, n * sizeof *four);
    memcpy(result.p, four, sizeof four);
    struct fit *fit = fit_new(n, M);
    fit_descend(fit, &problem, &result);
    fit_examine(fit, &problem, &result);
    fit_free(fit);
    return result;
}

static const double start[] = {1, 3, -2, 1};

/* Of 60 estimates 68 % are to lie within one standard error, and nearly all in three. */
static void test_standard_errors_say_how_far_off_the_estimates_are(void **state)
{
    (void)state;
    int inside = 0, near = 0, n = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct curve curve;
        make(&curve, seed, nothing);
        struct fit_result result = run(&curve, 3, start);
        for (size_t i = 0; i < 3; i++, n++) {
            double off = fabs(result.p[i] - truth[i]) / result.standard_error[i];
            inside += off < 1;
            near += off < 3;
        }
        assert_int_equal(result.n_ties, 0);
        assert_int_equal(result.blind, 0);
    }
    assert_int_equal(n, 60);
    assert_in_range(inside, 30, 54);
    assert_true(near >= 59);
}

static void test_parameters_that_do_the_same_are_named_together(void **state)
{
    (void)state;
    struct curve curve;
    make(&curve, 7, offset_too);
    struct fit_result result = run(&curve, 4, start);
    assert_true(result.n_ties >= 1);
    assert_int_equal(result.ties[0].mask, 1 << 2 | 1 << 3);
    assert_true(result.ties[0].condition > 30);
    assert_true(result.standard_error[2] > 5);
    assert_true(result.standard_error[0] < 1);
}

static void test_a_parameter_without_effect_is_named(void **state)
{
    (void)state;
    struct curve curve;
    make(&curve, 7, nothing);
    struct fit_result result = run(&curve, 4, start);
    assert_int_equal(result.blind, 1 << 3);
    assert_true(isinf(result.standard_error[3]));
    assert_near(result.p[0], truth[0], 0.05);
}

/* The truth is outside: the estimate ends at the bound, and says so. */
static void test_bounds_hold(void **state)
{
    (void)state;
    static const double low[] = {0, 0.1, -5}, high[] = {3, 5, 5};
    struct curve curve;
    make(&curve, 3, nothing);
    const struct fit_problem problem = {.n = 3,
                                        .m = M,
                                        .min = low,
                                        .max = high,
                                        .residuals = residuals,
                                        .context = &curve,
                                        .most_evaluations = 500};
    struct fit_result result = {.p = {1, 3, -2}};
    struct fit *fit = fit_new(3, M);
    fit_descend(fit, &problem, &result);
    fit_examine(fit, &problem, &result);
    fit_free(fit);
    assert_true(result.p[0] <= 3);
    assert_close(result.p[0], 3, 0.01);
    assert_int_equal(result.at_bound, 1);
}

static void test_a_fit_never_ends_worse_than_it_began(void **state)
{
    (void)state;
    struct curve curve;
    make(&curve, 5, nothing);
    struct fit_result first = run(&curve, 3, start);
    assert_true(first.after < first.before);
    struct fit_result again = run(&curve, 3, first.p);
    assert_true(again.after <= again.before);
    assert_near(again.after, first.after, 1e-6);
}

/* Groups of ten equal residuals know no more than one of ten: the error is sqrt(10) larger.
 */
struct level {
    double y[M];
};

static void level_residuals(void *context, size_t lane, const double *p, double *r)
{
    (void)lane;
    const struct level *level = context;
    for (size_t i = 0; i < M; i++)
        r[i] = level->y[i] - p[0];
}

static void test_residuals_that_err_together_count_once(void **state)
{
    (void)state;
    static const double low = -10, high = 10;
    struct level level;
    uint32_t group[M];
    struct random random = {11};
    for (size_t i = 0; i < M; i++) {
        group[i] = (uint32_t)(i / 10);
        level.y[i] = i % 10 ? level.y[i - 1] : random_normal(&random);
    }
    struct fit_problem problem = {.n = 1,
                                  .m = M,
                                  .min = &low,
                                  .max = &high,
                                  .residuals = level_residuals,
                                  .context = &level,
                                  .most_evaluations = 100};
    struct fit_result alone = {.p = {3}}, together = {.p = {3}};
    struct fit *fit = fit_new(1, M);
    fit_descend(fit, &problem, &alone);
    fit_examine(fit, &problem, &alone);
    problem.group = group;
    fit_descend(fit, &problem, &together);
    fit_examine(fit, &problem, &together);
    fit_free(fit);
    assert_near(together.standard_error[0] / alone.standard_error[0], sqrt(10), 0.05);
}

/* ---- what is believed beforehand ---- */

static struct fit_result run_level(struct level *level, const struct fit_prior *prior,
                                   double evidence, double from)
{
    static const double low = 0, high = 100;
    const struct fit_problem problem = {.n = 1,
                                        .m = M,
                                        .min = &low,
                                        .max = &high,
                                        .residuals = level_residuals,
                                        .context = level,
                                        .prior = prior,
                                        .evidence = evidence,
                                        .most_evaluations = 100};
    struct fit_result result = {.p = {from}};
    struct fit *fit = fit_new(1, M);
    fit_descend(fit, &problem, &result);
    fit_examine(fit, &problem, &result);
    fit_free(fit);
    return result;
}

/* A normal mean with a normal prior: the exact posterior, and its sd where the residuals
 * scatter as they are said to. */
static void test_data_and_prior_are_weighed_as_bayes_says(void **state)
{
    (void)state;
    struct level level;
    double mean = 30;
    for (size_t i = 0; i < M; i++)
        level.y[i] = mean + (i % 2 ? 1 : -1);
    const struct fit_prior prior = {.centre = 29, .spread = 0.05};
    double data = M, belief = 1 / (0.05 * 0.05);
    struct fit_result result = run_level(&level, &prior, 1, 50);
    assert_close(result.p[0], (data * mean + belief * 29) / (data + belief), 1e-3);
    assert_near(result.standard_error[0], 1 / sqrt(data + belief), 0.15);
}

static void no_residuals(void *context, size_t lane, const double *p, double *r)
{
    (void)context, (void)lane;
    for (size_t i = 0; i < M; i++)
        r[i] = 1e-3 * p[0];
}

static void test_what_the_data_do_not_say_stays_as_believed(void **state)
{
    (void)state;
    static const double low = 1, high = 100;
    static const struct fit_prior priors[] = {{10, 3, false}, {10, 0.7, true}};
    static const double spreads[] = {3, 0.7 * 11};
    for (size_t i = 0; i < 2; i++) {
        const struct fit_problem problem = {.n = 1,
                                            .m = M,
                                            .min = &low,
                                            .max = &high,
                                            .residuals = no_residuals,
                                            .prior = &priors[i],
                                            .evidence = 0.01,
                                            .most_evaluations = 100};
        struct fit_result result = {.p = {40}};
        struct fit *fit = fit_new(1, M);
        fit_descend(fit, &problem, &result);
        fit_examine(fit, &problem, &result);
        fit_free(fit);
        assert_int_equal(result.blind, 0);
        assert_close(result.p[0], 10, 0.1);
        assert_near(result.standard_error[0], spreads[i], 0.02);
    }
}

/* Much evidence outweighs any prior. */
static void test_a_prior_fades_where_the_data_speak(void **state)
{
    (void)state;
    struct level level;
    struct random random = {6};
    for (size_t i = 0; i < M; i++)
        level.y[i] = 30 + random_normal(&random);
    const struct fit_prior prior = {.centre = 10, .spread = 0.7, .ratio = true};
    assert_close(run_level(&level, &prior, 1, 10).p[0], 30, 0.2);
}

/* Backwards, and in three lanes. */
static void each_otherwise(void *pool, size_t n,
                           void (*work)(void *context, size_t i, size_t lane),
                           void *context)
{
    size_t *calls = pool;
    for (size_t i = n; i-- > 0; ++*calls)
        work(context, i, i % 3);
}

static void test_the_order_of_the_runs_changes_nothing(void **state)
{
    (void)state;
    struct curve curve;
    size_t calls = 0;
    make(&curve, 9, nothing);
    struct fit_result plain = run(&curve, 3, start), other = {.p = {1, 3, -2}};
    const struct fit_problem problem = {.n = 3,
                                        .m = M,
                                        .min = min,
                                        .max = max,
                                        .residuals = residuals,
                                        .context = &curve,
                                        .each = each_otherwise,
                                        .pool = &calls,
                                        .most_evaluations = 500};
    struct fit *fit = fit_new(3, M);
    fit_descend(fit, &problem, &other);
    fit_examine(fit, &problem, &other);
    fit_free(fit);
    assert_true(calls > 9);
    assert_memory_equal(plain.p, other.p, 3 * sizeof *other.p);
    assert_memory_equal(plain.standard_error, other.standard_error,
                        3 * sizeof *other.standard_error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standard_errors_say_how_far_off_the_estimates_are),
        cmocka_unit_test(test_parameters_that_do_the_same_are_named_together),
        cmocka_unit_test(test_a_parameter_without_effect_is_named),
        cmocka_unit_test(test_bounds_hold),
        cmocka_unit_test(test_a_fit_never_ends_worse_than_it_began),
        cmocka_unit_test(test_residuals_that_err_together_count_once),
        cmocka_unit_test(test_data_and_prior_are_weighed_as_bayes_says),
        cmocka_unit_test(test_what_the_data_do_not_say_stays_as_believed),
        cmocka_unit_test(test_a_prior_fades_where_the_data_speak),
        cmocka_unit_test(test_the_order_of_the_runs_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
