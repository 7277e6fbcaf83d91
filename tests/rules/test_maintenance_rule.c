/* When work is ordered, and in which words. */
#include "check.h"
#include "twind/rule.h"

#include <string.h>

#define DAY 86400.0

static const struct rule_part sound = {.name = "lamp_output",
                                       .value = 0.98,
                                       .sd = 0.03,
                                       .limit = 0.8,
                                       .left = INFINITY,
                                       .left_least = 400 * DAY,
                                       .left_most = INFINITY};
static const struct rule_part worn = {.name = "heating_loss",
                                      .value = 1.24,
                                      .sd = 0.04,
                                      .limit = 1.3,
                                      .left = 21 * DAY,
                                      .left_least = 12 * DAY,
                                      .left_most = 40 * DAY};

struct order {
    double state[16];
    struct rule_verdict verdict;
    char text[RULE_REASON];
};

/* `within` in days; `early`: the early edge counts. */
static struct order look(const struct rule_part *parts, size_t n, double within, bool early)
{
    const struct rule_type *type = rules_find("maintenance");
    const double params[] = {within * DAY, early};
    const char *const names[] = {"lamps: lamp output", "cover: heating loss"};
    const struct rule_input in = {.parts = parts, .n_parts = n};
    struct order order = {.state = {0}};
    order.verdict = type->step(params, order.state, &in);
    type->explain(params, order.state, names, n, order.text);
    return order;
}

static void test_a_part_with_little_time_left_is_ordered(void **state)
{
    (void)state;
    const struct rule_part parts[] = {sound, worn};
    struct order order = look(parts, 2, 30, false);
    assert_int_equal(order.verdict.answer, RULE_UP);
    assert_close(order.verdict.value, 21.0, 1e-9);
    assert_close(order.verdict.limit, 30.0, 1e-9);
    assert_string_equal(order.text, "cover: heating loss is 1.24 of new (limit 1.3); about "
                                    "21 days left (12 to 40)");
}

static void test_the_early_edge_orders_sooner(void **state)
{
    (void)state;
    assert_int_equal(look(&worn, 1, 15, false).verdict.answer, RULE_DOWN);
    assert_int_equal(look(&worn, 1, 15, true).verdict.answer, RULE_UP);
    assert_int_equal(look(&worn, 1, 20, false).verdict.answer, RULE_BETWEEN);
}

static void test_a_vague_index_orders_nothing(void **state)
{
    (void)state;
    struct rule_part vague = worn;
    vague.sd = 0.2;
    assert_int_equal(look(&vague, 1, 30, false).verdict.answer, RULE_DOWN);
    struct rule_part better = worn; /* it has gone the other way */
    better.value = 0.7;
    assert_int_equal(look(&better, 1, 30, false).verdict.answer, RULE_DOWN);
}

static void test_a_limit_that_is_reached_is_said_so(void **state)
{
    (void)state;
    struct rule_part gone = worn;
    gone.value = 1.4;
    gone.left = gone.left_least = gone.left_most = 0;
    struct order order = look(&gone, 1, 30, false);
    assert_int_equal(order.verdict.answer, RULE_UP);
    assert_non_null(strstr(order.text, "the limit is reached"));
}

static void test_a_falling_index_wears_downwards(void **state)
{
    (void)state;
    struct rule_part lamps = {.value = 0.84,
                              .sd = 0.03,
                              .limit = 0.8,
                              .left = 25 * DAY,
                              .left_least = 3 * DAY,
                              .left_most = INFINITY};
    struct order order = look(&lamps, 1, 30, false);
    assert_int_equal(order.verdict.answer, RULE_UP);
    assert_string_equal(order.text, "lamps: lamp output is 0.84 of new (limit 0.8); about "
                                    "25 days left (3 or more)");
}

static void test_without_parts_nothing_is_known(void **state)
{
    (void)state;
    assert_int_equal(look(NULL, 0, 30, false).verdict.answer, RULE_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_part_with_little_time_left_is_ordered),
        cmocka_unit_test(test_the_early_edge_orders_sooner),
        cmocka_unit_test(test_a_vague_index_orders_nothing),
        cmocka_unit_test(test_a_limit_that_is_reached_is_said_so),
        cmocka_unit_test(test_a_falling_index_wears_downwards),
        cmocka_unit_test(test_without_parts_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
