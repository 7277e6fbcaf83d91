/* Each rule type against sequences that its users would expect. */
#include "check.h"

#include "twind/alert.h"

#include <string.h>

struct probe {
    const struct rule_type *type;
    double params[SEVERITY_COUNT * RULE_PARAMS_MAX];
    double state[RULE_STATE_MAX];
};

static struct probe probe_new(const char *name)
{
    struct probe p = {.type = rules_find(name)};
    assert_non_null(p.type);
    assert_true(p.type->n_params <= RULE_PARAMS_MAX && p.type->n_state <= RULE_STATE_MAX);
    for (size_t set = 0; set < SEVERITY_COUNT; set++)
        for (size_t i = 0; i < p.type->n_params; i++)
            p.params[set * p.type->n_params + i] =
                p.type->ladder ? (double)NAN : p.type->params[i].value;
    return p;
}

static void give(struct probe *p, enum severity set, const char *name, double value)
{
    for (size_t i = 0; i < p->type->n_params; i++)
        if (strcmp(p->type->params[i].name, name) == 0) {
            p->params[set * p->type->n_params + i] = value;
            return;
        }
    fail_msg("%s has no parameter %s", p->type->name, name);
}

static struct rule_verdict at(struct probe *p, double time, double value)
{
    struct rule_input in = {.time = time,
                            .value = value,
                            .sd = NAN,
                            .nis = NAN,
                            .sample_time = time,
                            .changed = time,
                            .fresh = true};
    return p->type->step(p->params, p->state, &in);
}

static void test_threshold_holds_between_limit_and_clear_limit(void **state)
{
    (void)state;
    struct probe p = probe_new("threshold");
    give(&p, SEVERITY_INFO, "above", 30);
    give(&p, SEVERITY_INFO, "clear_below", 28);
    assert_int_equal(at(&p, 0, 30).answer, RULE_DOWN);
    assert_int_equal(at(&p, 1, 30.1).answer, RULE_UP);
    assert_int_equal(at(&p, 2, 29).answer, RULE_BETWEEN);
    assert_int_equal(at(&p, 3, 28).answer, RULE_BETWEEN);
    assert_int_equal(at(&p, 4, 27.9).answer, RULE_DOWN);
    assert_int_equal(at(&p, 5, 29).answer, RULE_DOWN);
    assert_int_equal(at(&p, 6, NAN).answer, RULE_UNKNOWN);
}

static void test_threshold_below_mirrors_above(void **state)
{
    (void)state;
    struct probe p = probe_new("threshold");
    give(&p, SEVERITY_INFO, "below", 5);
    assert_int_equal(at(&p, 0, 5).answer, RULE_DOWN);
    struct rule_verdict up = at(&p, 1, 4.9);
    assert_int_equal(up.answer, RULE_UP);
    assert_close(up.limit, 5, 0);
    assert_int_equal(at(&p, 2, 5).answer, RULE_DOWN);
}

/* The ladder that the time-series world tests its alert engines with. */
static void test_ladder_with_resets_gives_the_published_sequence(void **state)
{
    (void)state;
    static const double values[] = {61, 73, 64, 85, 62, 56, 47};
    static const int expected[] = {SEVERITY_INFO,
                                   SEVERITY_WARNING,
                                   SEVERITY_WARNING,
                                   SEVERITY_CRITICAL,
                                   SEVERITY_INFO,
                                   SEVERITY_INFO,
                                   -1};
    static const double limits[][2] = {{60, 50}, {70, 60}, {80, 70}};
    struct probe p = probe_new("threshold");
    for (int s = 0; s < SEVERITY_COUNT; s++) {
        give(&p, (enum severity)s, "above", limits[s][0]);
        give(&p, (enum severity)s, "clear_below", limits[s][1]);
    }
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct rule_verdict v = at(&p, (double)i, values[i]);
        assert_int_equal(v.answer == RULE_DOWN ? -1 : (int)v.severity, expected[i]);
    }
}

static void test_threshold_refuses_limits_that_contradict(void **state)
{
    (void)state;
    struct err e;
    struct probe p = probe_new("threshold");
    assert_false(p.type->check(p.params, &e)); /* nothing given */
    give(&p, SEVERITY_INFO, "above", 30);
    assert_true(p.type->check(p.params, &e));
    give(&p, SEVERITY_INFO, "clear_below", 31);
    assert_false(p.type->check(p.params, &e));
    give(&p, SEVERITY_INFO, "clear_below", 29);
    give(&p, SEVERITY_WARNING, "above", 25); /* milder limit for the worse severity */
    assert_false(p.type->check(p.params, &e));
}

static void test_rate_sees_a_sudden_increase_and_not_a_slow_one(void **state)
{
    (void)state;
    struct probe p = probe_new("rate");
    give(&p, SEVERITY_INFO, "above", 10); /* an hour */
    double value = 20;
    for (int minute = 0; minute < 120; minute++, value += 5 / 60.0)
        assert_int_not_equal(at(&p, minute * 60, value).answer, RULE_UP);
    bool up = false;
    for (int minute = 120; minute < 140; minute++, value += 20 / 60.0)
        up |= at(&p, minute * 60, value).answer == RULE_UP;
    assert_true(up);
    struct rule_verdict v = {.answer = RULE_UP};
    for (int minute = 140; minute < 170; minute++)
        v = at(&p, minute * 60, value);
    assert_int_equal(v.answer, RULE_DOWN);
}

static void test_rate_measures_the_slope_it_is_given(void **state)
{
    (void)state;
    struct probe p = probe_new("rate");
    give(&p, SEVERITY_INFO, "below", -3);
    give(&p, SEVERITY_INFO, "per", 600);
    struct rule_verdict v = {.answer = RULE_UNKNOWN};
    for (int i = 0; i < 200; i++)
        v = at(&p, 1.7e9 + i * 10, 400 - i * 10 * 0.004);
    assert_close(v.value, -2.4, 1e-6);
    assert_int_equal(v.answer, RULE_DOWN);
    for (int i = 200; i < 500; i++)
        v = at(&p, 1.7e9 + i * 10, 392 - (i - 200) * 10 * 0.006);
    assert_close(v.value, -3.6, 1e-6);
    assert_int_equal(v.answer, RULE_UP);
}

static void test_rate_works_with_a_sensor_slower_than_its_window(void **state)
{
    (void)state;
    struct probe p = probe_new("rate");
    give(&p, SEVERITY_INFO, "above", 5);
    give(&p, SEVERITY_INFO, "over", 600);
    assert_int_equal(at(&p, 0, 20).answer, RULE_UNKNOWN);
    assert_int_equal(at(&p, 3600, 21).answer, RULE_DOWN);
    assert_int_equal(at(&p, 7200, 28).answer, RULE_UP);
}

static struct rule_verdict silent(struct probe *p, double now, double seen, double watched)
{
    struct rule_input in = {.time = now,
                            .value = NAN,
                            .sample_time = seen,
                            .changed = seen,
                            .watched = watched,
                            .nis = NAN,
                            .sd = NAN};
    return p->type->step(p->params, p->state, &in);
}

static void test_stale_misses_a_sensor_that_was_never_seen(void **state)
{
    (void)state;
    struct probe p = probe_new("stale");
    give(&p, SEVERITY_INFO, "after", 600);
    assert_int_equal(silent(&p, 1500, NAN, 1000).answer, RULE_UNKNOWN);
    assert_int_equal(silent(&p, 1601, NAN, 1000).answer, RULE_UP);
    assert_int_equal(silent(&p, 1700, 1650, 1000).answer, RULE_DOWN);
    assert_int_equal(silent(&p, 2300, 1650, 1000).answer, RULE_UP);
}

static void test_stale_gives_grace_after_a_restart(void **state)
{
    (void)state;
    struct probe p = probe_new("stale");
    give(&p, SEVERITY_INFO, "after", 600);
    assert_int_equal(silent(&p, 10100, 1000, 10000).answer, RULE_UNKNOWN);
    assert_int_equal(silent(&p, 10601, 1000, 10000).answer, RULE_UP);
}

static void test_stuck_counts_readings_not_silence(void **state)
{
    (void)state;
    struct probe p = probe_new("stuck");
    give(&p, SEVERITY_INFO, "after", 600);
    struct rule_input in = {.time = 5000, .value = 1, .sample_time = 1300, .changed = 1000};
    assert_int_equal(p.type->step(p.params, p.state, &in).answer, RULE_DOWN);
    in.sample_time = 1600;
    assert_int_equal(p.type->step(p.params, p.state, &in).answer, RULE_UP);
    in.sample_time = in.changed = NAN;
    assert_int_equal(p.type->step(p.params, p.state, &in).answer, RULE_UNKNOWN);
}

static void test_every_type_has_words_and_sane_rows(void **state)
{
    (void)state;
    for (const struct rule_type *const *t = rules_all; *t; t++) {
        assert_non_null((*t)->help);
        assert_non_null((*t)->message);
        assert_ptr_equal(rules_find((*t)->name), *t);
        for (size_t i = 0; i < (*t)->n_params; i++) {
            const struct rule_row *row = &(*t)->params[i];
            assert_true(row->unit == RULE_WORD    ? row->words != NULL
                        : row->unit == RULE_RULES ? row->value == 0
                                                  : row->min < row->max);
            assert_true(isnan(row->value) ||
                        (row->value >= row->min && row->value <= row->max));
            assert_false(row->required && !isnan(row->value));
        }
    }
    assert_null(rules_find("no_such_rule"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threshold_holds_between_limit_and_clear_limit),
        cmocka_unit_test(test_threshold_below_mirrors_above),
        cmocka_unit_test(test_ladder_with_resets_gives_the_published_sequence),
        cmocka_unit_test(test_threshold_refuses_limits_that_contradict),
        cmocka_unit_test(test_rate_sees_a_sudden_increase_and_not_a_slow_one),
        cmocka_unit_test(test_rate_measures_the_slope_it_is_given),
        cmocka_unit_test(test_rate_works_with_a_sensor_slower_than_its_window),
        cmocka_unit_test(test_stale_misses_a_sensor_that_was_never_seen),
        cmocka_unit_test(test_stale_gives_grace_after_a_restart),
        cmocka_unit_test(test_stuck_counts_readings_not_silence),
        cmocka_unit_test(test_every_type_has_words_and_sane_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
