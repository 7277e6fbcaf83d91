/* Rules of rules: what is active at once, in which order, and what must not be. */
#include "check.h"

#include "twind/rule.h"

#include <string.h>

enum { ALL, ANY, NOT, WITHIN, IN_ORDER };

struct probe {
    const struct rule_type *type;
    double params[RULE_PARAMS_MAX], state[2 * RULE_MEMBERS_MAX];
    struct rule_member members[RULE_MEMBERS_MAX];
    size_t n;
};

static struct probe probe_new(void)
{
    struct probe p = {.type = rules_find("composite")};
    for (size_t i = 0; i < p.type->n_params; i++)
        p.params[i] = p.type->params[i].value;
    return p;
}

static void add(struct probe *p, size_t list, size_t n)
{
    p->params[list] += (double)n;
    for (; n > 0; n--)
        p->members[p->n++].param = list;
}

/* Which members are active at the time: bit i of `active`. */
static enum rule_answer at(struct probe *p, double time, unsigned active)
{
    for (size_t i = 0; i < p->n; i++) {
        bool now = active >> i & 1;
        if (now != p->members[i].active)
            p->members[i].since = time;
        p->members[i].active = now;
    }
    struct rule_input in = {.time = time, .members = p->members, .n_members = p->n};
    return p->type->step(p->params, p->state, &in).answer;
}

static void test_all_must_be_active_at_once(void **state)
{
    (void)state;
    struct probe p = probe_new();
    add(&p, ALL, 2);
    assert_int_equal(at(&p, 10, 0), RULE_DOWN);
    assert_int_equal(at(&p, 20, 1), RULE_DOWN);
    assert_int_equal(at(&p, 30, 2), RULE_DOWN);
    assert_int_equal(at(&p, 40, 3), RULE_UP);
    assert_int_equal(at(&p, 1e6, 3), RULE_UP);
    assert_int_equal(at(&p, 1e6 + 1, 1), RULE_DOWN);
}

static void test_one_of_any_is_enough_and_one_of_not_too_much(void **state)
{
    (void)state;
    struct probe p = probe_new();
    add(&p, ALL, 1);
    add(&p, ANY, 2);
    add(&p, NOT, 1);
    assert_int_equal(at(&p, 10, 1), RULE_DOWN);
    assert_int_equal(at(&p, 20, 1 | 2), RULE_UP);
    assert_int_equal(at(&p, 30, 1 | 4), RULE_UP);
    assert_int_equal(at(&p, 40, 1 | 4 | 8), RULE_DOWN);
    assert_int_equal(at(&p, 50, 2 | 4), RULE_DOWN);
    assert_int_equal(at(&p, 60, 1 | 2), RULE_UP);
}

static void test_what_is_over_holds_for_the_time_within(void **state)
{
    (void)state;
    struct probe p = probe_new();
    add(&p, ALL, 2);
    add(&p, NOT, 1);
    p.params[WITHIN] = 1800;
    assert_int_equal(at(&p, 1000, 1 | 4), RULE_DOWN);
    assert_int_equal(at(&p, 1100, 0), RULE_DOWN);
    assert_int_equal(at(&p, 2500, 2), RULE_UP); /* the one of not does not hold on */
    assert_int_equal(at(&p, 2800, 2), RULE_UP);
    assert_int_equal(at(&p, 2801, 2), RULE_DOWN);
    assert_int_equal(at(&p, 90000, 3), RULE_UP); /* however long ago the other began */
}

static void test_in_order_the_later_must_begin_later_and_in_time(void **state)
{
    (void)state;
    struct probe p = probe_new();
    add(&p, ALL, 2);
    p.params[WITHIN] = 600;
    p.params[IN_ORDER] = 1;
    assert_int_equal(at(&p, 1000, 2), RULE_DOWN);
    assert_int_equal(at(&p, 1100, 3), RULE_DOWN); /* the second came first */
    assert_int_equal(at(&p, 1200, 1), RULE_DOWN);
    assert_int_equal(at(&p, 1300, 3), RULE_UP);
    assert_int_equal(at(&p, 5000, 3), RULE_UP); /* as long as both last */
    assert_int_equal(at(&p, 6000, 0), RULE_DOWN);
    assert_int_equal(at(&p, 7000, 1), RULE_DOWN);
    assert_int_equal(at(&p, 7601, 3), RULE_DOWN); /* too late */
}

static void test_the_rules_that_hold_are_named(void **state)
{
    (void)state;
    static const char *const names[] = {"hot", "vents-shut", "windy"};
    struct probe p = probe_new();
    char text[RULE_REASON];
    add(&p, ALL, 1);
    add(&p, ANY, 2);
    at(&p, 10, 1 | 2);
    at(&p, 20, 1 | 4);
    p.type->explain(p.params, p.state, names, 3, text);
    assert_string_equal(text, "hot, windy");
}

static void test_names_that_are_too_long_are_cut_off(void **state)
{
    (void)state;
    char id[200], text[RULE_REASON];
    memset(id, 'x', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    const char *names[] = {id, id};
    struct probe p = probe_new();
    add(&p, ALL, 2);
    at(&p, 10, 3);
    p.type->explain(p.params, p.state, names, 2, text);
    assert_int_equal(strlen(text), RULE_REASON - 1);
}

static void test_lists_that_say_nothing_are_refused(void **state)
{
    (void)state;
    struct probe p = probe_new();
    struct err e;
    add(&p, NOT, 1);
    assert_false(p.type->check(p.params, &e));
    assert_non_null(strstr(e.text, "at least one of all, any"));
    add(&p, ALL, 1);
    assert_true(p.type->check(p.params, &e));
    p.params[IN_ORDER] = 1;
    assert_false(p.type->check(p.params, &e));
    assert_non_null(strstr(e.text, "in_order needs two rules in all, not 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_must_be_active_at_once),
        cmocka_unit_test(test_one_of_any_is_enough_and_one_of_not_too_much),
        cmocka_unit_test(test_what_is_over_holds_for_the_time_within),
        cmocka_unit_test(test_in_order_the_later_must_begin_later_and_in_time),
        cmocka_unit_test(test_the_rules_that_hold_are_named),
        cmocka_unit_test(test_names_that_are_too_long_are_cut_off),
        cmocka_unit_test(test_lists_that_say_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
