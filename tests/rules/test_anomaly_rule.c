/* The anomaly rule: a detector's alarm, with its reason, on what is new. */
#include "check.h"

#include "twind/detector.h"
#include "twind/rule.h"

#include <string.h>

struct probe {
    const struct rule_type *type;
    double params[RULE_PARAMS_MAX];
    double state[RULE_STATE_MAX];
};

static double index_of(const char *detector)
{
    size_t i = 0;
    while (strcmp(detectors_names[i], detector) != 0)
        i++;
    return (double)i;
}

static struct probe probe_new(const char *detector, double probability)
{
    struct probe p = {.type = rules_find("anomaly")};
    for (size_t i = 0; i < RULE_PARAMS_MAX; i++)
        p.params[i] = NAN;
    p.params[0] = index_of(detector);
    p.params[1] = probability;
    return p;
}

static enum rule_answer at(struct probe *p, double time, double value, bool fresh)
{
    struct rule_input in = {.time = time,
                            .value = value,
                            .sd = NAN,
                            .nis = NAN,
                            .sample_time = time,
                            .changed = time,
                            .fresh = fresh,
                            .values = &value,
                            .n = 1};
    return p->type->step(p->params, p->state, &in).answer;
}

static void learn(struct probe *p)
{
    for (int i = 0; i < 200; i++)
        assert_int_equal(at(p, i * 60, i % 11, true), RULE_DOWN);
}

static void test_an_alarm_is_up_until_the_next_reading_and_says_why(void **state)
{
    (void)state;
    struct probe p = probe_new("range", NAN);
    char text[RULE_REASON];
    learn(&p);
    assert_int_equal(at(&p, 12000, 30, true), RULE_UP);
    p.type->explain(p.params, p.state, NULL, 0, text);
    assert_non_null(strstr(text, "value 30, usually"));
    assert_int_equal(at(&p, 12030, 30, false), RULE_UP);
    assert_int_equal(at(&p, 12060, 5, true), RULE_DOWN);
    p.type->explain(p.params, p.state, NULL, 0, text);
    assert_non_null(strstr(text, "value 30"));
}

static void test_an_unknown_value_is_unknown(void **state)
{
    (void)state;
    struct probe p = probe_new("auto", NAN);
    assert_int_equal(at(&p, 0, NAN, true), RULE_UNKNOWN);
}

static void test_another_detector_begins_anew(void **state)
{
    (void)state;
    struct probe p = probe_new("range", NAN);
    learn(&p);
    p.params[0] = index_of("ewma");
    assert_int_equal(at(&p, 12000, 1000, true), RULE_DOWN);
    assert_int_equal(at(&p, 12060, 30, true), RULE_DOWN);
}

static void test_a_probability_is_for_detectors_that_have_a_risk(void **state)
{
    (void)state;
    struct err e;
    struct probe p = probe_new("auto", 1e-6);
    assert_true(p.type->check(p.params, &e));
    p = probe_new("ewma", 1e-6);
    assert_false(p.type->check(p.params, &e));
    assert_non_null(strstr(e.text, "ewma"));
    p = probe_new("ewma", NAN);
    assert_true(p.type->check(p.params, &e));
}

static void test_every_detector_fits_into_a_rule(void **state)
{
    (void)state;
    for (size_t i = 0; detectors_names[i]; i++) {
        struct probe p = probe_new(detectors_names[i], NAN);
        assert_string_equal(detectors_all[i]->name, detectors_names[i]);
        assert_true(rule_state_size(p.type, p.params, 1) <= RULE_STATE_MAX);
    }
}

static size_t param(const struct rule_type *type, const char *name)
{
    size_t i = 0;
    while (i < type->n_params && strcmp(type->params[i].name, name) != 0)
        i++;
    return i;
}

static void test_every_parameter_of_every_detector_is_a_key(void **state)
{
    (void)state;
    const struct rule_type *type = rules_find("anomaly");
    for (size_t i = 0; detectors_all[i]; i++)
        for (size_t k = 0; k < detectors_all[i]->n_params; k++)
            if (param(type, detectors_all[i]->params[k].name) == type->n_params)
                fail_msg("%s of %s", detectors_all[i]->params[k].name,
                         detectors_all[i]->name);
}

static void test_a_key_of_another_detector_or_out_of_its_range_is_refused(void **state)
{
    (void)state;
    struct err e;
    struct probe p = probe_new("range", NAN);
    p.params[param(p.type, "margin")] = 0.5;
    assert_true(p.type->check(p.params, &e));
    p.params[param(p.type, "margin")] = 5000;
    assert_false(p.type->check(p.params, &e));
    assert_non_null(strstr(e.text, "margin is 5000, but must be in 1e-06 .. 1000"));
    p = probe_new("range", NAN);
    p.params[param(p.type, "lambda")] = 0.5;
    assert_false(p.type->check(p.params, &e));
    assert_non_null(strstr(e.text, "range has no parameter 'lambda'"));
    p = probe_new("auto", 1e-6);
    p.params[param(p.type, "risk")] = 5;
    assert_false(p.type->check(p.params, &e));
    assert_non_null(strstr(e.text, "one of the two"));
}

static void test_a_key_reaches_the_detector(void **state)
{
    (void)state;
    struct probe p = probe_new("range", NAN);
    p.params[param(p.type, "margin")] = 10;
    learn(&p);
    assert_int_equal(at(&p, 12000, 30, true), RULE_DOWN);
}

/* Two signals that are one, in different units. */
static enum rule_answer at_both(struct probe *p, int row, double wrong)
{
    double x = (row * 37) % 101, y = (row * 53) % 97;
    double values[] = {x + 0.01 * y, 3 * x + 0.02 * y + wrong};
    struct rule_input in = {.time = row,
                            .value = values[0],
                            .sample_time = row,
                            .fresh = true,
                            .values = values,
                            .n = 2};
    return p->type->step(p->params, p->state, &in).answer;
}

static void test_several_signals_are_judged_together_and_named(void **state)
{
    (void)state;
    static const char *const names[] = {"inlet", "outlet"};
    char text[RULE_REASON];
    for (int which = 0; which < 2; which++) {
        struct probe p = probe_new(which == 0 ? "t2" : "auto", NAN);
        int row = 0, up = 0;
        for (; row < 1000; row++)
            at_both(&p, row, 0);
        for (; row < 1100; row++)
            up += at_both(&p, row, 40) == RULE_UP; /* half a standard deviation */
        assert_true(up > 80);
        p.type->explain(p.params, p.state, names, 2, text);
        assert_non_null(strstr(text, "let"));
    }
}

static void test_a_detector_of_one_signal_watches_each_and_names_it(void **state)
{
    (void)state;
    static const char *const names[] = {"inlet", "outlet"};
    char text[RULE_REASON];
    struct probe p = probe_new("range", NAN);
    for (int row = 0; row < 300; row++)
        at_both(&p, row, 0);
    assert_int_equal(at_both(&p, 300, 1000), RULE_UP);
    p.type->explain(p.params, p.state, names, 2, text);
    assert_ptr_equal(strstr(text, "outlet: value 1"), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_alarm_is_up_until_the_next_reading_and_says_why),
        cmocka_unit_test(test_an_unknown_value_is_unknown),
        cmocka_unit_test(test_another_detector_begins_anew),
        cmocka_unit_test(test_a_probability_is_for_detectors_that_have_a_risk),
        cmocka_unit_test(test_every_detector_fits_into_a_rule),
        cmocka_unit_test(test_every_parameter_of_every_detector_is_a_key),
        cmocka_unit_test(test_a_key_of_another_detector_or_out_of_its_range_is_refused),
        cmocka_unit_test(test_a_key_reaches_the_detector),
        cmocka_unit_test(test_several_signals_are_judged_together_and_named),
        cmocka_unit_test(test_a_detector_of_one_signal_watches_each_and_names_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
