/* Several signals put together, against limits. */
#include "check.h"

#include "twind/rule.h"

#include <string.h>

enum { TAKE, ABOVE, CLEAR_BELOW, BELOW, CLEAR_ABOVE };
enum { DIFFERENCE, RATIO, SUM, MEAN, LEAST, GREATEST };

struct probe {
    const struct rule_type *type;
    double params[RULE_PARAMS_MAX], state[8];
};

static struct probe probe_new(int take)
{
    struct probe p = {.type = rules_find("compare")};
    for (size_t i = 0; i < p.type->n_params; i++)
        p.params[i] = p.type->params[i].value;
    p.params[TAKE] = take;
    return p;
}

static struct rule_verdict of(struct probe *p, double a, double b, double c)
{
    const double values[] = {a, b, c};
    struct rule_input in = {.time = 1, .value = a, .values = values, .n = isnan(c) ? 2 : 3};
    return p->type->step(p->params, p->state, &in);
}

static void test_each_operation_gives_its_value(void **state)
{
    (void)state;
    static const double expected[][2] = {
        [DIFFERENCE] = {4, 5}, [RATIO] = {3, 6}, [SUM] = {8, 8},
        [MEAN] = {4, 8.0 / 3}, [LEAST] = {2, 0}, [GREATEST] = {6, 6}};
    for (int take = DIFFERENCE; take <= GREATEST; take++) {
        struct probe p = probe_new(take);
        p.params[ABOVE] = 100;
        assert_string_equal(p.type->params[TAKE].words[DIFFERENCE], "difference");
        assert_string_equal(p.type->params[TAKE].words[GREATEST], "greatest");
        assert_close(of(&p, 6, 2, NAN).value, expected[take][0], 1e-12);
        assert_close(of(&p, 6, 2, 0).value, expected[take][1], 1e-12);
    }
}

static void test_limits_hold_until_their_clear_limits(void **state)
{
    (void)state;
    struct probe p = probe_new(DIFFERENCE);
    p.params[ABOVE] = 5;
    p.params[CLEAR_BELOW] = 3;
    p.params[BELOW] = -5;
    assert_int_equal(of(&p, 24, 20, NAN).answer, RULE_DOWN);
    struct rule_verdict up = of(&p, 26, 20, NAN);
    assert_int_equal(up.answer, RULE_UP);
    assert_close(up.limit, 5, 0);
    assert_int_equal(of(&p, 24, 20, NAN).answer, RULE_BETWEEN);
    struct rule_verdict down = of(&p, 22, 20, NAN);
    assert_int_equal(down.answer, RULE_DOWN);
    assert_close(down.limit, 5, 0);
    assert_int_equal(of(&p, 24, 20, NAN).answer, RULE_DOWN);
    assert_close(of(&p, 14, 20, NAN).limit, -5, 0);
    assert_int_equal(of(&p, 15, 20, NAN).answer, RULE_DOWN);
}

static void test_one_that_is_not_known_makes_all_unknown(void **state)
{
    (void)state;
    struct probe p = probe_new(GREATEST);
    p.params[ABOVE] = 5;
    assert_int_equal(of(&p, NAN, 2, 3).answer, RULE_UNKNOWN);
    assert_int_equal(of(&p, 9, NAN, 3).answer, RULE_UNKNOWN);
    p.params[TAKE] = RATIO;
    assert_int_equal(of(&p, 9, 0, NAN).answer, RULE_UNKNOWN);
}

static void test_only_a_ratio_may_mix_units(void **state)
{
    (void)state;
    for (int take = DIFFERENCE; take <= GREATEST; take++) {
        struct probe p = probe_new(take);
        assert_int_equal(p.type->one_unit(p.params), take != RATIO);
    }
}

static void test_limits_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    struct probe p = probe_new(SUM);
    struct err e;
    assert_false(p.type->check(p.params, &e));
    p.params[CLEAR_BELOW] = 1;
    p.params[BELOW] = 1;
    assert_false(p.type->check(p.params, &e));
    assert_non_null(strstr(e.text, "clear_below (1) is for above"));
    p.params[ABOVE] = 1;
    assert_false(p.type->check(p.params, &e));
    assert_non_null(strstr(e.text, "below (1) must be smaller than above (1)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_operation_gives_its_value),
        cmocka_unit_test(test_limits_hold_until_their_clear_limits),
        cmocka_unit_test(test_one_that_is_not_known_makes_all_unknown),
        cmocka_unit_test(test_only_a_ratio_may_mix_units),
        cmocka_unit_test(test_limits_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
