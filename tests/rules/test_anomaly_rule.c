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
                            .fresh = fresh};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_alarm_is_up_until_the_next_reading_and_says_why),
        cmocka_unit_test(test_an_unknown_value_is_unknown),
        cmocka_unit_test(test_another_detector_begins_anew),
        cmocka_unit_test(test_a_probability_is_for_detectors_that_have_a_risk),
        cmocka_unit_test(test_every_detector_fits_into_a_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
