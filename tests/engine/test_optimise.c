/* The search finds what is known to be best: in a bowl, between wells, at a limit. */
#include "check.h"

#include "twind/optimise.h"

enum { HOURS = 24, LEVELS = 101 };

static void even_levels(double *levels, size_t n, double from, double to)
{
    for (size_t i = 0; i < n; i++)
        levels[i] = from + (to - from) * (double)i / (double)(n - 1);
}

static size_t search(const struct optimise_task *task, optimise_cost *cost, void *context,
                     double *values, struct optimise_cost *least)
{
    static struct optimise o;
    size_t n = 0;
    optimise_begin(&o, task);
    while (optimise_step(&o, cost, context))
        n++;
    *least = optimise_best(&o, values);
    return n;
}

/* ---- a bowl ---- */

static double wanted(size_t i)
{
    return 15 + 5 * sin((double)i / 4);
}

/* Neighbours are coupled: the bowl is narrow along its diagonals. */
static struct optimise_cost bowl(void *context, const double *values)
{
    (void)context;
    double sum = 0;
    for (size_t i = 0; i < HOURS; i++) {
        double d = values[i] - wanted(i), e = i > 0 ? values[i - 1] - wanted(i - 1) : 0;
        sum += d * d + 2 * (d - e) * (d - e);
    }
    return (struct optimise_cost){.aim = sum};
}

static void test_the_bottom_of_a_bowl_is_found(void **state)
{
    (void)state;
    double levels[LEVELS], values[HOURS];
    struct optimise_cost least;
    even_levels(levels, LEVELS, 5, 25);
    const struct optimise_task task = {
        .n = HOURS, .levels = levels, .n_levels = LEVELS, .most = 20000};
    search(&task, bowl, NULL, values, &least);
    for (size_t i = 0; i < HOURS; i++)
        assert_close(values[i], wanted(i), 0.2);
}

/* ---- wells ---- */

enum { WELLS = 5, DEPTHS = 6 };

/* Two wells a block, the deeper one changing sides, and a bonus for equal neighbours. */
static struct optimise_cost wells(void *context, const double *values)
{
    (void)context;
    double sum = 0;
    for (size_t i = 0; i < WELLS; i++) {
        double x = values[i], left = i % 2 ? 0.4 : 0, right = i % 2 ? 0 : 0.3;
        sum += fmin((x - 1) * (x - 1) + left, (x - 4) * (x - 4) + right);
        if (i > 0)
            sum += 0.12 * fabs(x - values[i - 1]);
    }
    return (struct optimise_cost){.aim = sum};
}

static double least_of_all(const double *levels)
{
    double least = INFINITY, values[WELLS];
    size_t all = 1;
    for (size_t i = 0; i < WELLS; i++)
        all *= DEPTHS;
    for (size_t code = 0; code < all; code++) {
        size_t rest = code;
        for (size_t i = 0; i < WELLS; i++, rest /= DEPTHS)
            values[i] = levels[rest % DEPTHS];
        least = fmin(least, wells(NULL, values).aim);
    }
    return least;
}

static void test_the_deepest_of_many_wells_is_found(void **state)
{
    (void)state;
    double levels[DEPTHS], values[WELLS];
    struct optimise_cost least;
    even_levels(levels, DEPTHS, 0, 5);
    const struct optimise_task task = {
        .n = WELLS, .levels = levels, .n_levels = DEPTHS, .most = 5000};
    search(&task, wells, NULL, values, &least);
    assert_close(least.aim, least_of_all(levels), 1e-12);
    assert_close(wells(NULL, values).aim, least.aim, 1e-12);
}

/* ---- a limit ---- */

static double price(size_t i)
{
    return i % HOURS < 7 ? 0.1 : 0.4;
}

/* A tank with a leak, filled at a price that changes; its level must not fall below 10. */
static struct optimise_cost tank(void *context, const double *values)
{
    double level = 12, *lowest = context;
    struct optimise_cost cost = {0};
    *lowest = level;
    for (size_t i = 0; i < HOURS; i++) {
        level = 0.9 * level + values[i];
        cost.aim += values[i] * price(i);
        cost.breach += fmax(0, 10 - level);
        *lowest = fmin(*lowest, level);
    }
    return cost;
}

static void test_a_limit_is_kept_and_a_load_is_moved_to_cheap_hours(void **state)
{
    (void)state;
    double levels[LEVELS], values[HOURS], even[HOURS], lowest;
    struct optimise_cost least;
    even_levels(levels, LEVELS, 0, 5);
    for (size_t i = 0; i < HOURS; i++)
        even[i] = 1;
    const struct optimise_task task = {
        .n = HOURS, .levels = levels, .n_levels = LEVELS, .plain = even, .most = 20000};
    search(&task, tank, &lowest, values, &least);
    assert_close(least.breach, 0, 1e-9);
    tank(&lowest, values);
    assert_true(lowest < 10.1);
    assert_true(values[6] > 2);          /* fills up before it gets dear */
    assert_true(least.aim < 1.1 * 5.67); /* the least, by dynamic programming */
}

static void test_where_limits_cannot_be_kept_they_are_broken_least(void **state)
{
    (void)state;
    double levels[] = {0, 0.5, 0.9}, values[HOURS], lowest;
    struct optimise_cost least;
    const struct optimise_task task = {
        .n = HOURS, .levels = levels, .n_levels = 3, .most = 3000};
    search(&task, tank, &lowest, values, &least);
    assert_true(least.breach > 0);
    for (size_t i = 3; i + 1 < HOURS; i++)
        assert_close(values[i], 0.9, 0);
}

/* ---- habits ---- */

static struct optimise_cost flat(void *context, const double *values)
{
    (void)context, (void)values;
    return (struct optimise_cost){.aim = 3};
}

static void test_where_nothing_matters_the_plain_course_stays(void **state)
{
    (void)state;
    double levels[LEVELS], values[HOURS], plain[HOURS];
    struct optimise_cost least;
    even_levels(levels, LEVELS, 0, 100);
    for (size_t i = 0; i < HOURS; i++)
        plain[i] = 42;
    const struct optimise_task task = {
        .n = HOURS, .levels = levels, .n_levels = LEVELS, .plain = plain, .most = 5000};
    search(&task, flat, NULL, values, &least);
    for (size_t i = 0; i < HOURS; i++)
        assert_close(values[i], 42, 0);
}

static struct optimise_cost broken(void *context, const double *values)
{
    size_t *calls = context;
    ++*calls;
    return (struct optimise_cost){.aim = values[0] < 50 ? (double)NAN : values[0]};
}

static void test_evaluations_are_bounded_and_nan_is_never_best(void **state)
{
    (void)state;
    double levels[LEVELS], values[HOURS];
    size_t calls = 0;
    struct optimise_cost least;
    even_levels(levels, LEVELS, 0, 100);
    const struct optimise_task task = {
        .n = HOURS, .levels = levels, .n_levels = LEVELS, .most = 100};
    assert_int_equal(search(&task, broken, &calls, values, &least), 100);
    assert_int_equal(calls, 100);
    assert_close(values[0], 50, 0);
}

static void test_a_search_repeats_itself(void **state)
{
    (void)state;
    double levels[LEVELS], one[HOURS], two[HOURS], lowest;
    struct optimise_cost least;
    even_levels(levels, LEVELS, 0, 5);
    const struct optimise_task task = {
        .n = HOURS, .levels = levels, .n_levels = LEVELS, .most = 2000};
    search(&task, tank, &lowest, one, &least);
    search(&task, tank, &lowest, two, &least);
    assert_memory_equal(one, two, sizeof one);
}

static void test_one_block_and_one_level_are_enough(void **state)
{
    (void)state;
    double level = 7, value = 0;
    struct optimise_cost least;
    const struct optimise_task task = {.n = 1, .levels = &level, .n_levels = 1, .most = 10};
    assert_true(search(&task, flat, NULL, &value, &least) <= 10);
    assert_close(value, 7, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bottom_of_a_bowl_is_found),
        cmocka_unit_test(test_the_deepest_of_many_wells_is_found),
        cmocka_unit_test(test_a_limit_is_kept_and_a_load_is_moved_to_cheap_hours),
        cmocka_unit_test(test_where_limits_cannot_be_kept_they_are_broken_least),
        cmocka_unit_test(test_where_nothing_matters_the_plain_course_stays),
        cmocka_unit_test(test_evaluations_are_bounded_and_nan_is_never_best),
        cmocka_unit_test(test_a_search_repeats_itself),
        cmocka_unit_test(test_one_block_and_one_level_are_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
