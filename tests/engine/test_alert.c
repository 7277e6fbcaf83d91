/* The life of an alert, step by step. */
#include "check.h"

#include "twind/alert.h"

static const struct alert_policy plain = {.severity = SEVERITY_WARNING};
static const struct alert_policy delayed = {
    .severity = SEVERITY_WARNING, .delay = 300, .keep = 60};

static bool step(struct alert *a, const struct alert_policy *policy,
                 enum rule_answer answer, double time)
{
    struct rule_verdict v = {answer, policy->severity, 1, 2, 0};
    return alert_step(a, policy, &v, false, true, time, time);
}

static void test_without_delay_it_is_active_at_once_and_told_once(void **state)
{
    (void)state;
    struct alert a = {0};
    assert_false(step(&a, &plain, RULE_DOWN, 10));
    assert_true(step(&a, &plain, RULE_UP, 20));
    assert_int_equal(a.state, ALERT_ACTIVE);
    assert_close(a.since, 20, 0);
    assert_false(step(&a, &plain, RULE_UP, 30));
    assert_true(step(&a, &plain, RULE_DOWN, 40));
    assert_int_equal(a.state, ALERT_NORMAL);
    assert_int_equal(a.transitions, 2);
    assert_int_equal(a.raised, 1);
}

static void test_pending_becomes_active_after_its_delay(void **state)
{
    (void)state;
    struct alert a = {0};
    assert_true(step(&a, &delayed, RULE_UP, 100));
    assert_int_equal(a.state, ALERT_PENDING);
    assert_close(alert_deadline(&a, &delayed), 400, 0);
    assert_false(step(&a, &delayed, RULE_UP, 399));
    assert_true(step(&a, &delayed, RULE_UP, 400));
    assert_int_equal(a.state, ALERT_ACTIVE);
}

static void test_pending_that_goes_away_starts_over(void **state)
{
    (void)state;
    struct alert a = {0};
    step(&a, &delayed, RULE_UP, 100);
    assert_true(step(&a, &delayed, RULE_DOWN, 200));
    assert_int_equal(a.state, ALERT_NORMAL);
    step(&a, &delayed, RULE_UP, 300);
    assert_false(step(&a, &delayed, RULE_UP, 599));
    assert_true(step(&a, &delayed, RULE_UP, 600));
}

static void test_active_clears_only_after_keep(void **state)
{
    (void)state;
    struct alert a = {0};
    step(&a, &delayed, RULE_UP, 0.5);
    step(&a, &delayed, RULE_UP, 301);
    assert_false(step(&a, &delayed, RULE_DOWN, 310));
    assert_close(alert_deadline(&a, &delayed), 370, 0);
    step(&a, &delayed, RULE_UP, 320); /* back again: keep starts anew */
    assert_false(step(&a, &delayed, RULE_DOWN, 330));
    assert_false(step(&a, &delayed, RULE_DOWN, 389));
    assert_true(step(&a, &delayed, RULE_DOWN, 390));
    assert_int_equal(a.state, ALERT_NORMAL);
}

static void test_what_clears_after_keep_still_says_its_limit(void **state)
{
    (void)state;
    struct alert_policy keep = plain;
    keep.keep = 60;
    struct alert a = {0};
    struct rule_verdict up = {RULE_UP, SEVERITY_WARNING, 31, 30, 0};
    struct rule_verdict down = {RULE_DOWN, SEVERITY_WARNING, 27, NAN, 0};
    alert_step(&a, &keep, &up, false, true, 10, 10);
    alert_step(&a, &keep, &down, false, true, 20, 20);
    assert_true(alert_step(&a, &keep, &down, false, true, 80, 80));
    assert_close(a.limit, 30, 0);
    assert_close(a.value, 27, 0);
}

static void test_missing_data_holds_an_active_alert(void **state)
{
    (void)state;
    struct alert a = {0};
    step(&a, &plain, RULE_UP, 10);
    for (int t = 20; t < 100000; t += 1000)
        assert_false(step(&a, &plain, RULE_UNKNOWN, t));
    assert_int_equal(a.state, ALERT_ACTIVE);
}

static void test_a_delay_does_not_run_without_data(void **state)
{
    (void)state;
    struct alert a = {0};
    step(&a, &delayed, RULE_UP, 100);
    assert_false(step(&a, &delayed, RULE_UNKNOWN, 200));
    assert_true(isinf(alert_deadline(&a, &delayed)));
    assert_false(step(&a, &delayed, RULE_UP, 1000));
    assert_false(step(&a, &delayed, RULE_UP, 1299));
    assert_true(step(&a, &delayed, RULE_UP, 1300));
}

static void test_no_data_policy_is_selectable_and_respects_for(void **state)
{
    (void)state;
    struct alert_policy alert_on = delayed, normal_on = plain;
    alert_on.no_data = ALERT_NO_DATA_ALERT;
    normal_on.no_data = ALERT_NO_DATA_NORMAL;
    struct alert a = {0}, b = {0};
    assert_true(step(&a, &alert_on, RULE_UNKNOWN, 100));
    assert_int_equal(a.state, ALERT_PENDING);
    assert_true(step(&a, &alert_on, RULE_UNKNOWN, 400));
    assert_int_equal(a.state, ALERT_ACTIVE);
    step(&b, &normal_on, RULE_UP, 100);
    assert_true(step(&b, &normal_on, RULE_UNKNOWN, 200));
    assert_int_equal(b.state, ALERT_NORMAL);
}

static void test_acknowledged_and_cleared_are_independent(void **state)
{
    (void)state;
    struct err e;
    struct alert a = {0};
    assert_false(alert_command(&a, "ack", 1, &e));
    step(&a, &plain, RULE_UP, 10);
    assert_true(alert_command(&a, "ack", 20, &e));
    assert_int_equal(a.acknowledged, 1);
    assert_false(alert_command(&a, "ack", 21, &e));
    step(&a, &plain, RULE_DOWN, 30);
    assert_int_equal(a.acknowledged, 1);
    step(&a, &plain, RULE_UP, 40); /* a new one is to be acknowledged anew */
    assert_int_equal(a.acknowledged, 0);
}

static void test_shelving_ends_by_itself_and_says_so(void **state)
{
    (void)state;
    struct err e;
    struct alert a = {0};
    step(&a, &plain, RULE_UP, 10);
    assert_true(alert_command(&a, "shelve 1h", 100, &e));
    assert_close(a.shelved_until, 3700, 0);
    assert_close(alert_deadline(&a, &plain), 3700, 0);
    assert_false(step(&a, &plain, RULE_UP, 3699));
    assert_true(step(&a, &plain, RULE_UP, 3700));
    assert_close(a.shelved_until, 0, 0);
    assert_false(alert_command(&a, "unshelve", 3800, &e));
    assert_false(alert_command(&a, "shelve soon", 3800, &e));
    assert_false(alert_command(&a, "explode", 3800, &e));
}

static void test_a_suppressed_alert_stays_down_and_returns(void **state)
{
    (void)state;
    struct alert a = {0};
    struct rule_verdict v = {RULE_UP, SEVERITY_WARNING, 1, 2, 0};
    assert_false(alert_step(&a, &plain, &v, true, true, 1, 1));
    assert_true(alert_step(&a, &plain, &v, false, true, 2, 2));
    assert_true(alert_step(&a, &plain, &v, true, true, 3, 3));
    assert_int_equal(a.state, ALERT_NORMAL);
}

static void test_a_worse_severity_is_told_and_wants_a_new_acknowledgement(void **state)
{
    (void)state;
    struct err e;
    struct alert a = {0};
    struct rule_verdict v = {RULE_UP, SEVERITY_INFO, 1, 2, 0};
    assert_true(alert_step(&a, &plain, &v, false, true, 1, 1));
    assert_true(alert_command(&a, "ack", 2, &e));
    v.severity = SEVERITY_CRITICAL;
    assert_true(alert_step(&a, &plain, &v, false, true, 3, 3));
    assert_int_equal(a.severity, SEVERITY_CRITICAL);
    assert_int_equal(a.acknowledged, 0);
    assert_int_equal(a.raised, 1);
}

static void test_a_flapping_condition_stays_active_until_it_calms(void **state)
{
    (void)state;
    struct alert a = {0};
    int told = 0;
    double t = 0;
    for (int i = 0; i < 200; i++)
        told += step(&a, &plain, i % 2 ? RULE_UP : RULE_DOWN, t += 10);
    assert_int_equal(a.flapping, 1);
    assert_int_equal(a.state, ALERT_ACTIVE);
    assert_true(told <= 13); /* up to the detection, not 200 times */
    for (int i = 0; i < 40 && a.state != ALERT_NORMAL; i++)
        step(&a, &plain, RULE_DOWN, t += 10);
    assert_int_equal(a.state, ALERT_NORMAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_delay_it_is_active_at_once_and_told_once),
        cmocka_unit_test(test_pending_becomes_active_after_its_delay),
        cmocka_unit_test(test_pending_that_goes_away_starts_over),
        cmocka_unit_test(test_active_clears_only_after_keep),
        cmocka_unit_test(test_what_clears_after_keep_still_says_its_limit),
        cmocka_unit_test(test_missing_data_holds_an_active_alert),
        cmocka_unit_test(test_a_delay_does_not_run_without_data),
        cmocka_unit_test(test_no_data_policy_is_selectable_and_respects_for),
        cmocka_unit_test(test_acknowledged_and_cleared_are_independent),
        cmocka_unit_test(test_shelving_ends_by_itself_and_says_so),
        cmocka_unit_test(test_a_suppressed_alert_stays_down_and_returns),
        cmocka_unit_test(test_a_worse_severity_is_told_and_wants_a_new_acknowledgement),
        cmocka_unit_test(test_a_flapping_condition_stays_active_until_it_calms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
