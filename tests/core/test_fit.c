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

static void level_residuals(void *context, const double *p, double *r)
{
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standard_errors_say_how_far_off_the_estimates_are),
        cmocka_unit_test(test_parameters_that_do_the_same_are_named_together),
        cmocka_unit_test(test_a_parameter_without_effect_is_named),
        cmocka_unit_test(test_bounds_hold),
        cmocka_unit_test(test_a_fit_never_ends_worse_than_it_began),
        cmocka_unit_test(test_residuals_that_err_together_count_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
