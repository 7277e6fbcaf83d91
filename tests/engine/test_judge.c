/* Rules and timers, the clock, commands: what is told, and when. */
#include "check.h"
#include "world.h"

/* ---- rules and timers ---- */

static void test_alert_is_told_with_its_words(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    add_rule(plan, "high", &rule_above, UPPER, 12.5);
    struct world w = begin(plan);
    say(&w, 10, 0, 15);
    assert_int_equal(w.record->n_alerts, 1);
    assert_string_equal(w.record->alerts[0].id, "tank-1.high.1");
    assert_int_equal(w.record->alerts[0].state, ALERT_ACTIVE);
    assert_int_equal(w.record->alerts[0].severity, SEVERITY_CRITICAL);
    const char *message = w.record->alerts[0].message;
    assert_memory_equal(message, "North tank: upper is 1", 22);
    assert_non_null(strstr(message, " l, above 12.5 l (critical) {other"));
    struct engine_alert told;
    engine_describe(w.engine, w.twin, 0, start + 10, &told);
    assert_string_equal(told.message, message);
    end(&w);
}

static void test_delay_ends_on_time_to_the_millisecond(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    plan->step = 60;
    add_rule(plan, "high", &rule_above, UPPER, 12)->policy.delay = 7.25;
    struct world w = begin(plan);
    say(&w, 2, 0, 15);
    assert_int_equal(w.record->alerts[0].state, ALERT_PENDING);
    assert_close(engine_next(w.engine), start + 9.25, 1e-6);
    engine_advance(w.engine, start + 9.2);
    assert_int_equal(w.record->n_alerts, 1);
    engine_advance(w.engine, start + 100);
    assert_int_equal(w.record->n_alerts, 2);
    assert_int_equal(w.record->alerts[1].state, ALERT_ACTIVE);
    assert_close(w.record->alerts[1].time, start + 9.25, 1e-6);
    end(&w);
}

static void test_suppressed_alert_stays_silent(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    add_rule(plan, "main", &rule_above, UPPER, 12);
    struct plan_rule *rule = add_rule(plan, "lesser", &rule_above, UPPER, 11);
    rule->unless = mem_new(1, sizeof *rule->unless);
    rule->n_unless = 1;
    struct world w = begin(plan);
    say(&w, 10, 0, 15);
    assert_int_equal(w.record->n_alerts, 1);
    assert_string_equal(w.record->alerts[0].id, "tank-1.main.1");
    end(&w);
}

static void test_rule_is_silent_outside_of_its_hours(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    struct plan_rule *rule = add_rule(plan, "high", &rule_above, UPPER, 12);
    struct err e; /* `start` is a Friday, 02:40 */
    rule->hours.n = 1;
    assert_true(hours_parse("Fri 03:00-04:00", &rule->hours.spans[0], &e));
    struct world w = begin(plan);
    for (int i = 0; i < 120; i++)
        say(&w, i * 60, 0, 15);
    assert_int_equal(w.record->n_alerts, 2);
    assert_close(w.record->alerts[0].time, start + 1200, 60);
    assert_close(w.record->alerts[1].time, start + 4800, 60);
    assert_int_equal(w.record->alerts[1].state, ALERT_NORMAL);
    end(&w);
}

/* Up while all of its members are active. */
static struct rule_verdict together(const double *params, double *memory,
                                    const struct rule_input *in)
{
    (void)params;
    struct rule_verdict verdict = {.answer = RULE_UP};
    for (size_t i = 0; i < in->n_members; i++) {
        memory[i] = in->members[i].since;
        if (!in->members[i].active)
            verdict.answer = RULE_DOWN;
    }
    return verdict;
}

static size_t one_each(const double *params, size_t n)
{
    (void)params;
    return n;
}

static const struct rule_type rule_together = {.name = "together",
                                               .scope = RULE_ON_TWIN,
                                               .state_size = one_each,
                                               .step = together,
                                               .message = "{on}{unit}"};

static void test_rule_of_rules_sees_which_are_active(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    add_rule(plan, "a", &rule_above, UPPER, 12);
    add_rule(plan, "b", &rule_above, LOWER, 12)->policy.delay = 60;
    struct plan_rule *rule = add_rule(plan, "both", &rule_together, UPPER, 0);
    rule->n_subjects = 0;
    rule->members = mem_new(2, sizeof *rule->members);
    rule->members[rule->n_members++].rule = 0;
    rule->members[rule->n_members++].rule = 1;
    struct world w = begin(plan);
    say(&w, 10, 0, 15);
    say(&w, 20, 1, 15);
    assert_int_equal(twin_alerts(w.twin)[2].state, ALERT_NORMAL); /* b is pending */
    say(&w, 50, 0, 18);
    say(&w, 80, 1, 15);
    assert_int_equal(twin_alerts(w.twin)[2].state, ALERT_ACTIVE);
    assert_close(rule_memory(&w, 2), start + 10, 1e-3);
    end(&w);
}

static void test_sensor_never_seen_is_missed(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    add_rule(plan, "dead", &rule_silent, UPPER, 300);
    struct world w = begin(plan);
    for (int i = 1; i <= 40; i++)
        engine_advance(w.engine, start + i * 10);
    assert_int_equal(w.record->n_alerts, 1);
    assert_close(w.record->alerts[0].time, start + 310, 10.1);
    assert_int_equal(w.record->n_states, 0); /* it has no life to store */
    end(&w);
}

static void test_estimate_is_no_news_while_its_sensor_is_silent(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    plan->sensors[0].timeout = 60;
    add_rule(plan, "high", &rule_above, UPPER, 12);
    add_rule(plan, "free", &rule_above, TANK_INPUTS + TANK_OUT_DIAL, -1);
    struct world w = begin(plan);
    engine_advance(w.engine, start + 30);
    assert_int_equal(w.record->n_alerts, 0); /* nothing has come: nothing is known */
    say(&w, 40, 0, 15);
    assert_int_equal(w.record->n_alerts,
                     2); /* dial has no sensor: the model's word counts */
    engine_advance(w.engine, start + 40000); /* upper has long flowed down to below 12 */
    assert_true(twin_estimate(w.twin, TANK_OUT_UPPER, NULL, engine_scratch(w.engine)) < 12);
    assert_int_equal(twin_alerts(w.twin)[0].state, ALERT_ACTIVE); /* no data holds */
    say(&w, 40010, 0, 9);
    assert_int_equal(twin_alerts(w.twin)[0].state, ALERT_NORMAL);
    end(&w);
}

static void test_measured_and_residual_are_what_they_say(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    add_rule(plan, "m", &rule_above, UPPER, 50)->subjects[0].subject = RULE_MEASURED;
    add_rule(plan, "r", &rule_above, UPPER, 50)->subjects[0].subject = RULE_RESIDUAL;
    struct world w = begin(plan);
    for (int i = 0; i < 50; i++)
        say(&w, i * 10, 0, 10);
    say(&w, 500, 0, 70); /* rejected, but that is what was read */
    assert_int_equal(w.record->n_alerts, 2);
    assert_close(twin_alerts(w.twin)[0].value, 70, 0);
    assert_close(twin_alerts(w.twin)[1].value, 60, 0.5);
    end(&w);
}

/* ---- several signals, the twin, a parameter ---- */

/* Up while the sum of what it is on is above params[0]; state: times that any was fresh. */
static struct rule_verdict sum_above(const double *params, double *memory,
                                     const struct rule_input *in)
{
    double sum = 0;
    for (size_t i = 0; i < in->n; i++)
        sum += in->values[i];
    memory[0] += in->fresh;
    return (struct rule_verdict){.answer = isnan(sum)        ? RULE_UNKNOWN
                                           : sum > params[0] ? RULE_UP
                                                             : RULE_DOWN,
                                 .value = sum,
                                 .limit = params[0]};
}

/* Up when any of the twin's sensors surprises by more than params[0]. */
static struct rule_verdict surprised(const double *params, double *memory,
                                     const struct rule_input *in)
{
    struct rule_verdict verdict = {.answer = RULE_DOWN, .limit = params[0]};
    for (size_t i = 0; i < in->n_sensors; i++)
        if (in->sensors[i].fresh && fabs(in->sensors[i].surprise) > params[0]) {
            verdict.answer = RULE_UP;
            memory[0] = (double)i;
        }
    return verdict;
}

static void name_it(const double *params, const double *memory, const char *const *names,
                    size_t n, char text[RULE_REASON])
{
    (void)params;
    assert_true(memory[0] < (double)n);
    snprintf(text, RULE_REASON, "%s of %zu", names[(size_t)memory[0]], n);
}

static const struct rule_type rule_sum = {.name = "sum",
                                          .scope = RULE_ON_SIGNALS,
                                          .n_state = 1,
                                          .step = sum_above,
                                          .message = "{on}: {value} {unit}"};
static const struct rule_type rule_surprised = {.name = "surprised",
                                                .scope = RULE_ON_TWIN,
                                                .asks_sensors = true,
                                                .n_state = 1,
                                                .step = surprised,
                                                .explain = name_it,
                                                .message = "{on}[{reason}]"};

static struct plan_rule *add_sum(struct plan *plan)
{
    struct plan_rule *rule = add_rule(plan, "sum", &rule_sum, UPPER, 25);
    free(rule->subjects);
    rule->subjects = mem_new(2, sizeof *rule->subjects);
    rule->subjects[0] = (struct plan_subject){.subject = RULE_MEASURED, .signal = UPPER};
    rule->subjects[1] = (struct plan_subject){.signal = LOWER};
    rule->n_subjects = 2;
    return rule;
}

static void test_rule_on_several_signals_has_all_their_values(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    plan->sensors[1].timeout = 600;
    add_sum(plan);
    struct world w = begin(plan);
    say(&w, 10, 0, 20);
    assert_int_equal(w.record->n_alerts, 0); /* the other is not known */
    say(&w, 20, 1, 9);
    assert_int_equal(w.record->n_alerts, 1);
    assert_non_null(strstr(w.record->alerts[0].message, "measured.upper+lower: "));
    assert_non_null(strstr(w.record->alerts[0].message, " l"));
    say(&w, 30, 2, 1);
    assert_close(rule_memory(&w, 0), 2, 0); /* a sensor that it is not on: no news */
    say(&w, 700, 0, 5);
    assert_int_equal(w.record->n_alerts, 1); /* lower has long been silent */
    say(&w, 710, 1, 9);
    assert_int_equal(w.record->n_alerts, 2);
    assert_int_equal(w.record->alerts[1].state, ALERT_NORMAL);
    end(&w);
}

static void test_rule_sees_what_another_twins_rules_would_see(void **state)
{
    (void)state;
    struct plan *plan = tank_plan(), *there = tank_plan();
    struct plan_subject *on = add_sum(plan)->subjects;
    on[1].twin = mem_text("tank-2");
    on[1].text = mem_text("tank-2/measured.upper");
    there->sensors[0].timeout = 300;
    struct err e;
    assert_true(plan_finish(there, &e));
    struct world w = begin(plan);
    say(&w, 10, 0, 20);
    assert_int_equal(w.record->n_alerts, 0); /* there is no such twin yet */
    struct twin *other = engine_add(w.engine, "tank-2", NULL, there);
    struct engine_reading reading = {0, start + 20, 9, false, true};
    engine_advance(w.engine, start + 20);
    engine_apply(w.engine, other, &reading, 1);
    say(&w, 30, 0, 20);
    assert_int_equal(twin_alerts(w.twin)[0].state, ALERT_ACTIVE);
    assert_close(twin_alerts(w.twin)[0].value, 29, 1e-9);
    say(&w, 400, 0, 1);
    assert_int_equal(twin_alerts(w.twin)[0].state, ALERT_ACTIVE); /* it is silent */
    end(&w);
    plan_drop(there);
}

static void test_rule_on_the_twin_sees_every_sensor(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    struct plan_rule *rule = add_rule(plan, "odd", &rule_surprised, UPPER, 3);
    free(rule->subjects);
    rule->subjects = NULL;
    rule->n_subjects = 0;
    struct world w = begin(plan);
    for (int i = 0; i < 50; i++) {
        say(&w, i * 10, 0, 10);
        say(&w, i * 10 + 1, 1, 10);
    }
    assert_int_equal(twin_alerts(w.twin)[0].state, ALERT_NORMAL);
    say(&w, 520, 1, 60);
    assert_int_equal(twin_alerts(w.twin)[0].state, ALERT_ACTIVE);
    assert_string_equal(w.record->alerts[w.record->n_alerts - 1].message, "[lower of 3]");
    say(&w, 530, 0, 10);
    assert_int_equal(twin_alerts(w.twin)[0].state, ALERT_NORMAL);
    end(&w);
}

/* Up when the sd is below params[0]. */
static struct rule_verdict surely(const double *params, double *memory,
                                  const struct rule_input *in)
{
    (void)memory;
    return (struct rule_verdict){.answer = in->sd < params[0] ? RULE_UP : RULE_DOWN,
                                 .value = in->value,
                                 .limit = in->sd};
}

static const struct rule_type rule_surely = {
    .name = "surely", .asks_sd = true, .step = surely, .message = "{on} {value} {unit}"};

static void test_rule_on_a_parameter_sees_its_estimate_and_sd(void **state)
{
    (void)state;
    struct plan *plan = plan_new(&sample_chain);
    add_rule(plan, "p", &rule_surely, 0, 1e9)->subjects[0].subject = RULE_PARAMETER;
    struct world w = begin(plan);
    double x[CHAIN_STATES + 1];
    memcpy(x, twin_x(w.twin), sizeof x);
    twin_begin(w.twin, start);
    engine_advance(w.engine, start + 100);
    assert_int_equal(w.record->n_alerts, 1);
    assert_close(twin_alerts(w.twin)[0].value, x[CHAIN_STATES], 1e-9);
    assert_close(twin_alerts(w.twin)[0].limit, sample_chain.params[0].spread, 1e-3);
    assert_memory_equal(w.record->alerts[0].message, "parameter.exchange ", 19);
    end(&w);
}

static void test_rule_sees_each_reading_fresh_once(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    add_rule(plan, "upper", &rule_tally, UPPER, 0);
    add_rule(plan, "dial", &rule_tally, TANK_INPUTS + TANK_OUT_DIAL, 0);
    struct world w = begin(plan);
    for (int i = 0; i < 10; i++)
        say(&w, i * 25, 0, 10);
    for (int i = 0; i < 5; i++)
        say(&w, 230 + i, 1, 10);
    engine_advance(w.engine, start + 1000);
    assert_close(rule_memory(&w, 0), 10, 0);
    assert_close(rule_memory(&w, 1), 15, 0); /* without sensor: whatever came */
    end(&w);
}

static void test_states_are_stored_once_a_period(void **state)
{
    (void)state;
    struct world w = begin(tank_plan());
    for (int i = 0; i < 3600; i++)
        say(&w, i, 0, 10);
    assert_int_equal(w.record->n_states, 60);
    engine_advance(w.engine, start + 7200); /* and by the timer alone */
    assert_int_equal(w.record->n_states, 121);
    for (size_t i = 1; i < 121; i++)
        assert_close(w.record->states[i] - w.record->states[i - 1], 60, 10.1);
    end(&w);
}

static void test_no_time_between_steps_is_longer_than_step(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    add_rule(plan, "count", &rule_above, UPPER, 1000);
    struct world w = begin(plan);
    say(&w, 0, 0, 10);
    double before = rule_memory(&w, 0);
    engine_advance(w.engine, start + 1000);
    assert_close(rule_memory(&w, 0) - before, 100, 1);
    assert_true(start + 1000 - twin_head(w.twin)->time < 10);
    assert_true(engine_next(w.engine) > start + 1000);
    end(&w);
}

static void test_gap_of_a_year_is_not_walked_step_by_step(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    add_rule(plan, "count", &rule_above, UPPER, 1000);
    struct world w = begin(plan);
    say(&w, 0, 0, 10);
    engine_advance(w.engine, start + 3.2e7);
    assert_true(rule_memory(&w, 0) < 1010);
    assert_true(rule_memory(&w, 0) > 900);
    assert_true(start + 3.2e7 - twin_head(w.twin)->time < 10);
    end(&w);
}

static void test_alerts_of_the_longest_ids_stay_apart(void **state)
{
    (void)state;
    char ids[2][201], rule[201];
    memset(ids, 'i', sizeof ids);
    memset(rule, 'r', sizeof rule);
    ids[0][199] = 'a';
    ids[1][199] = 'b';
    ids[0][200] = ids[1][200] = rule[200] = '\0';
    struct plan *plan = tank_plan();
    add_rule(plan, rule, &rule_above, UPPER, 50);
    struct world w = begin(plan);
    struct engine_alert told[2];
    for (int i = 0; i < 2; i++) {
        const struct twin *twin = engine_add(w.engine, ids[i], NULL, w.plan);
        engine_describe(w.engine, twin, 0, start, &told[i]);
        assert_memory_equal(told[i].id, ids[i], 200);
        assert_string_equal(told[i].id + 400, "r.0");
    }
    end(&w);
}

/* ---- the clock ---- */

static void test_clock_set_back_takes_the_twins_with_it(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    add_rule(plan, "high", &rule_above, UPPER, 12)->policy.delay = 100;
    struct world w = begin(plan);
    say(&w, 7200, 0, 15);
    assert_close(engine_advance(w.engine, start + 7170), 0, 0); /* half a minute: nothing */
    assert_close(engine_advance(w.engine, start + 3600), 3600, 1e-6);
    assert_close(twin_head(w.twin)->time, start + 3600, 1e-6);
    assert_close(twin_sensors(w.twin)[0].time, start + 3600, 1e-6);
    assert_close(twin_alerts(w.twin)[0].pending_since, start + 3600, 1e-6);
    say(&w, 3610, 0, 15);
    assert_int_equal(w.record->readings[1].quality, QUALITY_GOOD);
    engine_advance(w.engine, start + 3750);
    assert_int_equal(twin_alerts(w.twin)[0].state, ALERT_ACTIVE);
    assert_close(twin_alerts(w.twin)[0].since, start + 3700, 1e-3);
    end(&w);
}

static void test_what_a_rule_learned_outlives_a_clock_set_back(void **state)
{
    (void)state;
    struct rule_type bears = rule_tally;
    bears.bears_steps = true;
    struct plan *plan = tank_plan();
    add_rule(plan, "forgets", &rule_tally, UPPER, 0);
    add_rule(plan, "learns", &bears, UPPER, 0);
    add_rule(plan, "forgets_too", &rule_tally, UPPER, 0);
    struct world w = begin(plan);
    for (int i = 0; i < 10; i++)
        say(&w, 7200 + i, 0, 15);
    assert_true(engine_advance(w.engine, start + 3600) > 3600);
    const double *counts = (const double *)(const void *)(w.twin->block + plan->at_rules);
    assert_close(counts[0], 0, 0);
    assert_close(counts[1], 10, 0);
    assert_close(counts[2], 0, 0);
    end(&w);
}

static void test_clock_set_at_last_starts_no_alarm(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    add_rule(plan, "dead", &rule_silent, UPPER, 300);
    struct world w = begin(plan);
    engine_free(w.engine);
    const struct engine_sink sink = {.context = w.record,
                                     .reading = on_reading,
                                     .state = on_state,
                                     .alert = on_alert,
                                     .changed = on_changed};
    w.engine = engine_new(&sink);
    engine_advance(w.engine, 30); /* 1970: no battery, no network yet */
    w.twin = engine_add(w.engine, "t", NULL, w.plan);
    struct engine_reading early = {0, 40, 10, false, false};
    engine_advance(w.engine, 40);
    engine_apply(w.engine, w.twin, &early, 1);
    assert_close(engine_advance(w.engine, start), 40 - start, 1e-6);
    assert_int_equal(w.record->n_alerts, 0);
    assert_close(twin_sensors(w.twin)[0].time, start, 1e-6);
    assert_close(twin_head(w.twin)->time, start, 1e-6);
    engine_advance(w.engine, start + 400);
    assert_int_equal(w.record->n_alerts, 1);
    end(&w);
}

static void test_twins_may_live_in_years_of_their_own(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    add_rule(plan, "dead", &rule_silent, LOWER, 300); /* of a sensor that is never heard */
    struct world w = begin(plan);
    const double other = start - 3e8;
    for (int i = 0; i < 30; i++) {
        struct engine_reading now = {0, start + i * 10, 15, false, true};
        engine_advance_twin(w.engine, w.twin, now.time);
        engine_apply(w.engine, w.twin, &now, 1);
    }
    struct twin *old = engine_add(w.engine, "old", NULL, plan);
    for (int i = 0; i < 50; i++) {
        struct engine_reading then = {0, other + i * 10, 15, false, true};
        engine_advance_twin(w.engine, old, then.time);
        engine_apply(w.engine, old, &then, 1);
        assert_int_equal(w.record->readings[30 + i].quality, QUALITY_GOOD);
        if (i == 29)
            assert_int_equal(w.record->n_alerts, 0);
    }
    assert_int_equal(w.record->n_alerts, 1);
    assert_string_equal(w.record->alerts[0].id, "old.dead.1");
    assert_close(w.record->alerts[0].time, other + 305, 10);
    assert_close(twin_head(w.twin)->time, start + 290, 0);
    end(&w);
}

static void test_restored_twin_goes_on_where_it_was(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    add_rule(plan, "high", &rule_above, UPPER, 12)->policy.delay = 100;
    struct world w = begin(plan);
    say(&w, 0, 0, 15);
    char *kept = mem_new(1, plan->block_size);
    memcpy(kept, w.twin->block, plan->block_size);
    engine_free(w.engine);
    const struct engine_sink sink = {.context = w.record,
                                     .reading = on_reading,
                                     .state = on_state,
                                     .alert = on_alert,
                                     .changed = on_changed};
    w.engine = engine_new(&sink);
    w.twin = engine_add(w.engine, "tank-1", NULL, plan);
    memcpy(w.twin->block, kept, plan->block_size);
    engine_restored(w.engine, w.twin);
    engine_advance(w.engine, start + 30);
    assert_int_equal(w.record->n_alerts, 1); /* told once, not again */
    assert_close(twin_head(w.twin)->time, start + 30, 1e-6);
    engine_advance(w.engine, start + 200);
    assert_int_equal(w.record->n_alerts, 2); /* the timer ran on through the restart */
    assert_close(w.record->alerts[1].time, start + 100, 1e-6);
    free(kept);
    end(&w);
}

/* ---- commands ---- */

static void test_input_is_set_by_name_and_range(void **state)
{
    (void)state;
    struct world w = begin(tank_plan());
    struct err e;
    say(&w, 0, 0, 10);
    assert_true(engine_set(w.engine, w.twin, "fill", 5, start, &e));
    assert_close(twin_u(w.twin)[0], 5, 0);
    assert_false(engine_set(w.engine, w.twin, "fill", 101, start, &e));
    assert_non_null(strstr(e.text, "fill must be -100 to 100 l/s, not 101"));
    assert_false(engine_set(w.engine, w.twin, "fill", NAN, start, &e));
    assert_false(engine_set(w.engine, w.twin, "upper", 5, start, &e));
    assert_non_null(strstr(e.text, "'upper' is no input of kind tank"));
    assert_close(twin_u(w.twin)[0], 5, 0);
    end(&w);
}

static void test_acknowledging_is_told_and_unknown_rules_refused(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    add_rule(plan, "high", &rule_above, UPPER, 12);
    struct world w = begin(plan);
    struct err e;
    say(&w, 0, 0, 15);
    assert_true(engine_alert_command(w.engine, w.twin, "high", "ack", start + 1, &e));
    assert_int_equal(w.record->n_alerts, 2);
    assert_true(twin_alerts(w.twin)[0].acknowledged);
    assert_false(engine_alert_command(w.engine, w.twin, "high", "ack", start + 2, &e));
    assert_non_null(strstr(e.text, "tank-1, rule high: "));
    assert_false(engine_alert_command(w.engine, w.twin, "low", "ack", start + 2, &e));
    assert_int_equal(w.record->n_alerts, 2);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alert_is_told_with_its_words),
        cmocka_unit_test(test_delay_ends_on_time_to_the_millisecond),
        cmocka_unit_test(test_suppressed_alert_stays_silent),
        cmocka_unit_test(test_rule_is_silent_outside_of_its_hours),
        cmocka_unit_test(test_rule_of_rules_sees_which_are_active),
        cmocka_unit_test(test_sensor_never_seen_is_missed),
        cmocka_unit_test(test_estimate_is_no_news_while_its_sensor_is_silent),
        cmocka_unit_test(test_measured_and_residual_are_what_they_say),
        cmocka_unit_test(test_rule_on_several_signals_has_all_their_values),
        cmocka_unit_test(test_rule_sees_what_another_twins_rules_would_see),
        cmocka_unit_test(test_rule_on_the_twin_sees_every_sensor),
        cmocka_unit_test(test_rule_on_a_parameter_sees_its_estimate_and_sd),
        cmocka_unit_test(test_rule_sees_each_reading_fresh_once),
        cmocka_unit_test(test_states_are_stored_once_a_period),
        cmocka_unit_test(test_no_time_between_steps_is_longer_than_step),
        cmocka_unit_test(test_gap_of_a_year_is_not_walked_step_by_step),
        cmocka_unit_test(test_alerts_of_the_longest_ids_stay_apart),
        cmocka_unit_test(test_clock_set_back_takes_the_twins_with_it),
        cmocka_unit_test(test_what_a_rule_learned_outlives_a_clock_set_back),
        cmocka_unit_test(test_clock_set_at_last_starts_no_alarm),
        cmocka_unit_test(test_twins_may_live_in_years_of_their_own),
        cmocka_unit_test(test_restored_twin_goes_on_where_it_was),
        cmocka_unit_test(test_input_is_set_by_name_and_range),
        cmocka_unit_test(test_acknowledging_is_told_and_unknown_rules_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
