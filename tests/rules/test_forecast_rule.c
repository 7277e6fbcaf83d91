/* The rule of the type forecast against forecasts that say what is to come. */
#include "check.h"

#include "twind/rule.h"

#include <string.h>

enum { STEPS = 8 };

struct probe {
    const struct rule_type *type;
    double params[RULE_PARAMS_MAX], state[RULE_STATE_MAX];
};

static struct probe probe_new(const char *name, double limit)
{
    struct probe p = {.type = rules_find("forecast")};
    assert_non_null(p.type);
    for (size_t i = 0; i < p.type->n_params; i++)
        p.params[i] =
            strcmp(p.type->params[i].name, name) == 0 ? limit : p.type->params[i].value;
    return p;
}

static void give(struct probe *p, const char *name, double value)
{
    size_t i = 0;
    while (strcmp(p->type->params[i].name, name) != 0)
        i++;
    p->params[i] = value;
}

static struct rule_verdict look(struct probe *p, const struct rule_future *future)
{
    struct rule_input in = {.time = 1000, .value = 20, .future = future};
    return p->type->step(p->params, p->state, &in);
}

/* Hourly, made at 1000 s. */
static struct rule_verdict tell(struct probe *p, const double *mean, double sd)
{
    double sds[STEPS];
    for (size_t i = 0; i < STEPS; i++)
        sds[i] = sd;
    struct rule_future future = {1000, 3600, STEPS, mean, sds};
    return look(p, &future);
}

static const double cooling[STEPS] = {9, 8, 7, 6, 4.5, 4, 3, 2};
static const double mild[STEPS] = {9, 8, 8, 8, 8, 8, 8, 8};

static void test_it_is_up_when_the_limit_is_passed_probably_enough(void **state)
{
    (void)state;
    struct probe p = probe_new("below", 5);
    struct rule_verdict v = tell(&p, cooling, 1);
    assert_int_equal(v.answer, RULE_UP); /* P(4 below 5) is 0.84, of 4.5 it is 0.69 */
    assert_close(v.value, 4, 0);
    assert_close(v.limit, 5, 0);
    assert_close(v.when, 1000 + 6 * 3600, 0);
    give(&p, "probability", 0.6);
    assert_close(tell(&p, cooling, 1).when, 1000 + 5 * 3600, 0);
    give(&p, "probability", 0.999);
    assert_int_not_equal(tell(&p, cooling, 1).answer, RULE_UP); /* 0.9987 at most */
}

static void test_the_chance_is_the_normal_laws(void **state)
{
    (void)state;
    const double flat[STEPS] = {10, 10, 10, 10, 10, 10, 10, 10};
    struct probe p = probe_new("above", 10 - 1.2815515655446004); /* P = 0.9 */
    give(&p, "probability", 0.9000001);
    assert_int_not_equal(tell(&p, flat, 1).answer, RULE_UP);
    give(&p, "probability", 0.8999999);
    assert_int_equal(tell(&p, flat, 1).answer, RULE_UP);
}

static void test_what_lies_beyond_the_time_does_not_count(void **state)
{
    (void)state;
    struct probe p = probe_new("below", 5);
    give(&p, "within", 4 * 3600);
    assert_int_equal(tell(&p, cooling, 0.1).answer, RULE_DOWN);
    give(&p, "within", 5 * 3600);
    assert_int_equal(tell(&p, cooling, 0.1).answer, RULE_UP);
}

static void test_the_verdict_stands_until_the_next_forecast(void **state)
{
    (void)state;
    struct probe p = probe_new("below", 5);
    assert_int_equal(look(&p, NULL).answer, RULE_UNKNOWN); /* none has come yet */
    tell(&p, cooling, 0.1);
    struct rule_verdict v = look(&p, NULL);
    assert_int_equal(v.answer, RULE_UP);
    assert_close(v.value, 4.5, 0);
    assert_close(v.when, 1000 + 5 * 3600, 0);
    tell(&p, mild, 0.1);
    assert_int_equal(look(&p, NULL).answer, RULE_DOWN);
    assert_close(look(&p, NULL).when, 1000 + 2 * 3600, 0); /* where it came nearest */
}

static void test_it_clears_when_the_probability_has_fallen_by_a_tenth(void **state)
{
    (void)state;
    static const struct {
        double mean;
        enum rule_answer answer;
    } steps[] = {{4, RULE_UP}, {4.3, RULE_BETWEEN}, {4.5, RULE_DOWN}};
    struct probe p = probe_new("below", 5); /* P = 0.84, 0.76, 0.69 */
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        double mean[STEPS];
        for (size_t k = 0; k < STEPS; k++)
            mean[k] = steps[i].mean;
        assert_int_equal(tell(&p, mean, 1).answer, steps[i].answer);
    }
}

static void test_a_clear_limit_holds_it_up(void **state)
{
    (void)state;
    struct probe p = probe_new("above", 30);
    give(&p, "clear_below", 28);
    const double hot[STEPS] = {31, 31, 31, 31, 31, 31, 31, 31};
    const double warm[STEPS] = {29, 29, 29, 29, 29, 29, 29, 29};
    const double cool[STEPS] = {27, 27, 27, 27, 27, 27, 27, 27};
    assert_int_equal(tell(&p, hot, 0.5).answer, RULE_UP);
    assert_int_equal(tell(&p, warm, 0.5).answer, RULE_BETWEEN);
    assert_int_equal(tell(&p, cool, 0.5).answer, RULE_DOWN);
}

static void test_a_forecast_of_nothing_changes_nothing(void **state)
{
    (void)state;
    struct probe p = probe_new("below", 5);
    const double none[STEPS] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    tell(&p, cooling, 0);
    assert_int_equal(tell(&p, none, 1).answer, RULE_UP);
}

static void test_limits_that_contradict_are_refused(void **state)
{
    (void)state;
    struct err e;
    struct probe p = probe_new("below", 5);
    assert_true(p.type->check(p.params, &e));
    give(&p, "clear_above", 4);
    assert_false(p.type->check(p.params, &e));
    give(&p, "clear_above", NAN);
    give(&p, "clear_below", 4);
    assert_false(p.type->check(p.params, &e));
    give(&p, "clear_below", NAN);
    give(&p, "above", 30);
    assert_false(p.type->check(p.params, &e));
    p = probe_new("within", 3600);
    assert_false(p.type->check(p.params, &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_up_when_the_limit_is_passed_probably_enough),
        cmocka_unit_test(test_the_chance_is_the_normal_laws),
        cmocka_unit_test(test_what_lies_beyond_the_time_does_not_count),
        cmocka_unit_test(test_the_verdict_stands_until_the_next_forecast),
        cmocka_unit_test(test_it_clears_when_the_probability_has_fallen_by_a_tenth),
        cmocka_unit_test(test_a_clear_limit_holds_it_up),
        cmocka_unit_test(test_a_forecast_of_nothing_changes_nothing),
        cmocka_unit_test(test_limits_that_contradict_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
