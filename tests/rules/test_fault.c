/* The rule that says which fault it probably is. */
#include "check.h"

#include "twind/rule.h"

#include <string.h>

static const double usual[] = {0.01, 0.5, 1}; /* probability, least, exclude */

static struct rule_fault fault(const char *name, double probability, double chance)
{
    return (struct rule_fault){
        .name = name, .says = name, .probability = probability, .chance = chance};
}

static struct rule_verdict step_with(const double *params, double *state,
                                     const struct rule_fault *faults, size_t n)
{
    const struct rule_input in = {.value = NAN, .faults = faults, .n_faults = n};
    const struct rule_type *type = rules_find("fault");
    return type->step(params, state, &in);
}

static struct rule_verdict step(double *state, const struct rule_fault *faults, size_t n)
{
    return step_with(usual, state, faults, n);
}

static void reason(const double *state, char text[RULE_REASON])
{
    rules_find("fault")->explain(usual, state, NULL, 0, text);
}

static void test_likeliest_fault_is_named_with_its_probability(void **state)
{
    (void)state;
    double kept[RULE_STATE_MAX] = {0};
    char text[RULE_REASON];
    const struct rule_fault faults[] = {fault("the vents do not close", 0.87, 1e-4),
                                        fault("a door is open", 0.09, 1e-3),
                                        fault("a lamp is out", 0.01, 1)};
    struct rule_verdict verdict = step(kept, faults, 3);
    assert_int_equal(verdict.answer, RULE_UP);
    assert_close(verdict.value, 87, 1e-9);
    reason(kept, text);
    assert_string_equal(text,
                        "the vents do not close: the vents do not close (87 %); else: "
                        "a door is open (9 %)");
}

static void test_what_can_not_be_told_apart_is_named_together(void **state)
{
    (void)state;
    double kept[RULE_STATE_MAX] = {0};
    char text[RULE_REASON];
    const struct rule_fault faults[] = {fault("a", 0.45, 1e-4), fault("b", 0.44, 1e-4)};
    step(kept, faults, 2);
    reason(kept, text);
    assert_string_equal(text, "a: a (45 %), or b (44 %)");
}

static void test_evidence_that_is_usual_raises_nothing(void **state)
{
    (void)state;
    double kept[RULE_STATE_MAX] = {0};
    struct rule_fault faults[] = {fault("a", 0.99, 0.5)};
    assert_int_equal(step(kept, faults, 1).answer, RULE_DOWN);
    assert_int_equal(step(kept, NULL, 0).answer, RULE_DOWN);
    faults[0].chance = 0.02; /* neither: what is up stays up */
    assert_int_equal(step(kept, faults, 1).answer, RULE_BETWEEN);
}

static void test_alert_ends_whatever_probability_is_wanted(void **state)
{
    (void)state;
    static const double wanted[] = {1e-9, 0.01, 0.09, 0.1, 0.5};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const double params[] = {wanted[i], 0.5, 1};
        double kept[RULE_STATE_MAX] = {0};
        struct rule_fault faults[] = {fault("a", 0.9, wanted[i] / 2)};
        assert_int_equal(step_with(params, kept, faults, 1).answer, RULE_UP);
        faults[0].chance = 1;
        assert_int_equal(step_with(params, kept, faults, 1).answer, RULE_DOWN);
    }
}

static void test_a_long_list_fits(void **state)
{
    (void)state;
    double kept[RULE_STATE_MAX] = {0};
    char text[RULE_REASON];
    struct rule_fault faults[6];
    for (int i = 0; i < 6; i++)
        faults[i] =
            fault("the sensor of outdoor_relative_humidity shows too much", 0.16, 1e-9);
    step(kept, faults, 6);
    reason(kept, text);
    assert_true(strlen(text) < RULE_REASON);
    assert_non_null(strstr(text, "(16 %), or "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_likeliest_fault_is_named_with_its_probability),
        cmocka_unit_test(test_what_can_not_be_told_apart_is_named_together),
        cmocka_unit_test(test_evidence_that_is_usual_raises_nothing),
        cmocka_unit_test(test_alert_ends_whatever_probability_is_wanted),
        cmocka_unit_test(test_a_long_list_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
