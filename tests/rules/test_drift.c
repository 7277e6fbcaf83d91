/* Slow values that leave their band, and those that only seem to. */
#include "check.h"

#include "twind/random.h"
#include "twind/rule.h"

#include <math.h>
#include <string.h>

enum { ABOVE, BELOW, BY, SHARE, REFERENCE, WINDOW, SURE };

static const double day = 86400, every = 600;

struct scene {
    const struct rule_type *type;
    double params[RULE_PARAMS_MAX], state[32];
    double time, sd;
    struct random random;
};

static struct scene scene_new(double sd)
{
    struct scene s = {.type = rules_find("drift"), .time = 1e9, .sd = sd, .random = {5}};
    for (size_t i = 0; i < s.type->n_params; i++)
        s.params[i] = s.type->params[i].value;
    s.params[BY] = 0;
    return s;
}

static struct rule_verdict at(struct scene *s, double value)
{
    struct rule_input in = {.time = s->time += every, .value = value, .sd = s->sd};
    return s->type->step(s->params, s->state, &in);
}

/* The value goes from one level to another in so many days, with noise; the day on which
 * it is up first, or `days`. */
static double day_up(struct scene *s, double from, double to, double days, double noise)
{
    double begun = s->time;
    while (s->time < begun + days * day) {
        double share = (s->time - begun) / (days * day);
        double value = from + (to - from) * share + noise * random_normal(&s->random);
        if (at(s, value).answer == RULE_UP)
            return (s->time - begun) / day;
    }
    return days;
}

static void test_what_stays_as_it_was_is_quiet(void **state)
{
    (void)state;
    struct scene s = scene_new(0.02);
    assert_close(day_up(&s, 1, 1, 100, 0.1), 100, 0);
}

static void test_a_slow_change_is_up_once_it_is_sure(void **state)
{
    (void)state;
    struct scene s = scene_new(0.01);
    day_up(&s, 1, 1, 20, 0.05);
    double up = day_up(&s, 1, 1.5, 100, 0.05); /* sure at 3 x 0.014, a day late */
    assert_true(up > 6 && up < 12);
}

static void test_an_unsure_estimate_must_go_further(void **state)
{
    (void)state;
    struct scene sure = scene_new(0.01), unsure = scene_new(0.1);
    day_up(&sure, 1, 1, 20, 0);
    day_up(&unsure, 1, 1, 20, 0);
    double early = day_up(&sure, 1, 1.5, 100, 0), late = day_up(&unsure, 1, 1.5, 100, 0);
    assert_true(late > early + 50 && late < 100);
}

static void test_what_always_wandered_must_go_further(void **state)
{
    (void)state;
    struct scene s = scene_new(0);
    for (int i = 0; i < 100 * 144; i++) { /* a week's rhythm */
        double value = 1 + 0.1 * sin(6.283 * (s.time / (7 * day)));
        assert_int_not_equal(at(&s, value).answer, RULE_UP);
    }
}

static void test_a_share_and_a_change_are_of_what_it_was(void **state)
{
    (void)state;
    struct scene s = scene_new(0.1);
    s.params[SHARE] = 0.1;
    s.params[BY] = 5;
    day_up(&s, 50, 50, 20, 0.1);
    day_up(&s, 50, 70, 100, 0.1);
    struct rule_verdict v = at(&s, 70);
    assert_int_equal(v.answer, RULE_UP);
    assert_close(v.limit, 60, 0.1);
    char text[RULE_REASON];
    s.type->explain(s.params, s.state, NULL, 0, text);
    assert_non_null(strstr(text, "it was 50"));
    s = scene_new(0.1);
    s.params[BY] = NAN;
    s.params[SHARE] = 0.1;
    day_up(&s, 50, 50, 20, 0.1);
    for (int i = 0; i < 20 * 144; i++)
        v = at(&s, 40);
    assert_int_equal(v.answer, RULE_UP);
    assert_close(v.limit, 45, 0.1);
}

static void test_a_band_needs_no_reference(void **state)
{
    (void)state;
    struct scene s = scene_new(0.05);
    s.params[BY] = NAN;
    s.params[ABOVE] = 1.3;
    s.params[BELOW] = 0.8;
    struct rule_verdict v = {.answer = RULE_DOWN};
    for (int i = 0; i < 5 * 144; i++)
        v = at(&s, 1.6);
    assert_int_equal(v.answer, RULE_UP);
    assert_close(v.limit, 1.3, 0);
    for (int i = 0; i < 10 * 144; i++)
        v = at(&s, 1.35);
    assert_int_equal(v.answer, RULE_BETWEEN); /* over the limit, but not surely */
    for (int i = 0; i < 10 * 144; i++)
        v = at(&s, 1.2);
    assert_int_equal(v.answer, RULE_DOWN);
    for (int i = 0; i < 10 * 144; i++)
        v = at(&s, 0.5);
    assert_int_equal(v.answer, RULE_UP);
    assert_close(v.limit, 0.8, 0);
}

static void test_no_time_passes_while_nothing_is_known(void **state)
{
    (void)state;
    struct scene s = scene_new(0.01);
    day_up(&s, 1, 1, 5, 0);
    for (int i = 0; i < 30 * 144; i++)
        assert_int_equal(at(&s, NAN).answer, RULE_UNKNOWN);
    assert_close(day_up(&s, 1.5, 1.5, 5, 0), 5, 0); /* it is still learning */
}

static void test_what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    struct scene s = scene_new(0);
    struct err e;
    assert_true(s.type->check(s.params, &e));
    s.params[WINDOW] = 10 * day;
    assert_false(s.type->check(s.params, &e));
    assert_non_null(strstr(e.text, "at least twice the window"));
    s.params[WINDOW] = day;
    s.params[BY] = NAN;
    assert_false(s.type->check(s.params, &e));
    assert_non_null(strstr(e.text, "either a band (above, below) or a change (by, share)"));
    s.params[ABOVE] = 1;
    assert_true(s.type->check(s.params, &e));
    s.params[SHARE] = 1;
    assert_false(s.type->check(s.params, &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_stays_as_it_was_is_quiet),
        cmocka_unit_test(test_a_slow_change_is_up_once_it_is_sure),
        cmocka_unit_test(test_an_unsure_estimate_must_go_further),
        cmocka_unit_test(test_what_always_wandered_must_go_further),
        cmocka_unit_test(test_a_share_and_a_change_are_of_what_it_was),
        cmocka_unit_test(test_a_band_needs_no_reference),
        cmocka_unit_test(test_no_time_passes_while_nothing_is_known),
        cmocka_unit_test(test_what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
