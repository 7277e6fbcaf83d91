/* What a configuration may ask for, what is derived from it, and how a twin's memory goes
 * from one layout to another. */
#include "check.h"
#include "sample.h"

#include "twind/mem.h"
#include "twind/twin.h"
#include "twind/wear.h"

#include <stdlib.h>
#include <string.h>

static struct rule_verdict quiet(const double *params, double *state,
                                 const struct rule_input *in)
{
    (void)params, (void)state, (void)in;
    return (struct rule_verdict){.answer = RULE_DOWN};
}

static const struct rule_type anything = {.name = "anything", .n_state = 3, .step = quiet};
static const struct rule_type watcher = {
    .name = "watcher", .n_state = 1, .sensor_only = true, .step = quiet};

static void add_sensor(struct plan *plan, size_t signal)
{
    size_t room = plan->n_sensors;
    plan->sensors = mem_grow(plan->sensors, &room, room + 1, sizeof *plan->sensors);
    plan->sensors[plan->n_sensors++] = plan_sensor_usual(plan->kind, signal);
}

static struct plan_rule *add_rule(struct plan *plan, const char *id,
                                  const struct rule_type *type, size_t signal)
{
    size_t room = plan->n_rules;
    plan->rules = mem_grow(plan->rules, &room, room + 1, sizeof *plan->rules);
    struct plan_rule *rule = &plan->rules[plan->n_rules++];
    *rule = (struct plan_rule){.id = mem_text(id), .type = type, .n_subjects = 1};
    rule->subjects = mem_new(1, sizeof *rule->subjects);
    rule->subjects[0].signal = signal;
    return rule;
}

enum { UPPER = TANK_INPUTS + TANK_OUT_UPPER, DIAL = TANK_INPUTS + TANK_OUT_DIAL };

static struct plan *make(void)
{
    struct plan *plan = plan_new(&sample_tank);
    add_sensor(plan, UPPER);
    add_sensor(plan, DIAL);
    return plan;
}

static void finish(struct plan *plan)
{
    struct err e;
    if (!plan_finish(plan, &e))
        fail_msg("%s", e.text);
}

static void refused(struct plan *plan, const char *because)
{
    struct err e = {""};
    assert_false(plan_finish(plan, &e));
    if (!strstr(e.text, because))
        fail_msg("'%s' does not say '%s'", e.text, because);
    plan_drop(plan);
}

static void test_signals_are_inputs_then_outputs(void **state)
{
    (void)state;
    assert_int_equal(plan_signal(&sample_tank, "fill"), 0);
    assert_int_equal(plan_signal(&sample_tank, "upper"), UPPER);
    assert_int_equal(plan_signal(&sample_tank, "dial"), DIAL);
    assert_true(plan_signal(&sample_tank, "leak") == PLAN_NONE);
    assert_string_equal(plan_row(&sample_tank, DIAL)->name, "dial");
}

static void test_block_holds_everything_apart_and_aligned(void **state)
{
    (void)state;
    struct plan *plan = make();
    add_rule(plan, "a", &anything, UPPER);
    add_rule(plan, "b", &watcher, DIAL);
    finish(plan);
    assert_int_equal(plan->n_x, TANK_STATES);
    assert_int_equal(plan->n_blocks, 2);
    assert_int_equal(plan->n_cov, 3 * 3 + 1);
    assert_int_equal(plan->at_cov - plan->at_x, TANK_STATES * 8);
    assert_int_equal(plan->at_u - plan->at_cov, 10 * 8);
    assert_int_equal(plan->at_alerts - plan->at_sensors, 2 * sizeof(struct twin_sensor));
    assert_int_equal(plan->rule_state[1], 3);
    assert_int_equal(plan->block_size - plan->at_rules, 4 * 8);
    assert_int_equal(plan->rules[1].subjects[0].sensor, 1);
    plan_drop(plan);
}

static void test_estimated_parameters_become_states(void **state)
{
    (void)state;
    struct plan *plan = plan_new(&sample_chain);
    finish(plan);
    assert_int_equal(plan->n_x, CHAIN_STATES + 1);
    assert_int_equal(plan->estimated[0], 0);
    assert_string_equal(plan->x_rows[CHAIN_STATES]->name, "exchange");
    assert_int_equal(plan->blocks[0].n, CHAIN_STATES + 1);
    plan_drop(plan);
}

static void test_sensor_without_sd_gets_the_rows(void **state)
{
    (void)state;
    struct plan *plan = make();
    plan->sensors[0].sd = 0;
    plan->sensors[1].sd = 7;
    finish(plan);
    assert_close(plan->sensors[0].sd, 0.5, 0);
    assert_close(plan->sensors[1].sd, 7, 0);
    plan_drop(plan);
}

static void test_impossible_plans_are_refused_in_words(void **state)
{
    (void)state;
    struct plan *plan = make();
    add_sensor(plan, TANK_INPUTS + TANK_OUT_SECRET);
    refused(plan, "secret is computed by the model");
    plan = make();
    add_sensor(plan, UPPER);
    refused(plan, "upper has two sensors");
    plan = make();
    add_rule(plan, "w", &watcher, TANK_INPUTS + TANK_OUT_LOWER);
    refused(plan, "rule w looks at the sensor of lower");
    plan = make();
    add_rule(plan, "m", &anything, TANK_INPUTS + TANK_OUT_LOWER)->subjects[0].subject =
        RULE_MEASURED;
    refused(plan, "none is bound");
    plan = make();
    struct plan_rule *rule = add_rule(plan, "u", &anything, UPPER);
    rule->unless = mem_new(1, sizeof *rule->unless);
    rule->n_unless = 1;
    refused(plan, "comes after it");
    plan = make();
    plan->step = 0;
    refused(plan, "step (0 s)");
}

static void test_residual_of_an_input_is_refused(void **state)
{
    (void)state;
    struct plan *plan = make();
    add_sensor(plan, 0);
    add_rule(plan, "r", &anything, 0)->subjects[0].subject = RULE_RESIDUAL;
    refused(plan, "fill is an input");
}

/* ---- adopting ---- */

static struct twin lively(struct plan *plan)
{
    struct twin twin = {.plan = plan, .block = mem_new(1, plan->block_size)};
    twin_start(&twin);
    struct twin_scratch *scratch = twin_scratch_new();
    twin_begin(&twin, 1e9);
    twin_set_input(&twin, 0, 3);
    for (int i = 1; i < 50; i++) {
        twin_advance(&twin, 1e9 + i * 30, scratch);
        for (size_t s = 0; s < plan->n_sensors; s++) {
            twin_sensors(&twin)[s].time = 1e9 + i * 30;
            twin_measure(&twin, s, 10 + i * 0.1 + (double)s, scratch);
        }
    }
    for (size_t i = 0; i < plan->n_rules; i++) {
        twin_alerts(&twin)[i].raised = 10 + (uint32_t)i;
        double *rules = (double *)(void *)(twin.block + plan->at_rules);
        rules[plan->rule_state[i]] = 100 + (double)i;
    }
    free(scratch);
    return twin;
}

static struct twin adopted(struct plan *plan, const struct twin *old)
{
    struct twin twin = {.plan = plan, .block = mem_new(1, plan->block_size)};
    twin_start(&twin);
    char *layout = plan_layout(old->plan);
    assert_true(plan_adopt(plan, twin.block, layout, old->block, old->plan->block_size));
    free(layout);
    return twin;
}

static void drop(struct twin *twin)
{
    free(twin->block);
    plan_drop((struct plan *)twin->plan);
}

/* The words of the i-th index of wear, one a byte. */
static unsigned char *wear_of(const struct twin *twin, size_t i)
{
    return (unsigned char *)twin->block + twin->plan->at_wear +
           i * sizeof(struct wear_state);
}

static void test_wear_goes_with_its_sensor(void **state)
{
    (void)state;
    struct plan *before = plan_new(&sample_tank), *after = plan_new(&sample_tank);
    add_sensor(before, UPPER);
    add_sensor(after, DIAL);
    add_sensor(after, UPPER);
    before->health = after->health = true;
    finish(before);
    finish(after);
    assert_int_equal(before->n_wear, 1);
    assert_int_equal(after->n_wear, 2);
    struct twin old = lively(before);
    memset(wear_of(&old, 0), 7, sizeof(struct wear_state));
    struct twin new = adopted(after, &old);
    assert_int_equal(wear_of(&new, 0)[0], 0);
    assert_memory_equal(wear_of(&new, 1), wear_of(&old, 0), sizeof(struct wear_state));
    drop(&old);
    drop(&new);
}

static void test_adding_a_rule_and_a_sensor_keeps_what_the_twin_knows(void **state)
{
    (void)state;
    struct plan *before = make(), *after = plan_new(&sample_tank);
    add_rule(before, "a", &anything, UPPER);
    add_sensor(after, DIAL); /* in another order, with a new one */
    add_sensor(after, 0);
    add_sensor(after, UPPER);
    add_rule(after, "new", &watcher, DIAL);
    add_rule(after, "a", &anything, UPPER);
    finish(before);
    finish(after);
    struct twin old = lively(before), new = adopted(after, &old);
    assert_memory_equal(twin_head(&new), twin_head(&old), sizeof(struct twin_head));
    assert_memory_equal(twin_x(&new), twin_x(&old), (TANK_STATES + 10) * sizeof(double));
    assert_close(twin_u(&new)[0], 3, 0);
    assert_memory_equal(new.block + after->at_memory, old.block + before->at_memory, 8);
    assert_memory_equal(&twin_sensors(&new)[0], &twin_sensors(&old)[1],
                        sizeof(struct twin_sensor));
    assert_memory_equal(&twin_sensors(&new)[2], &twin_sensors(&old)[0],
                        sizeof(struct twin_sensor));
    assert_true(isnan(twin_sensors(&new)[1].time));
    assert_int_equal(twin_alerts(&new)[0].raised, 0);
    assert_int_equal(twin_alerts(&new)[1].raised, 10);
    assert_close(((double *)(void *)(new.block + after->at_rules))[1], 100, 0);
    drop(&old);
    drop(&new);
}

static void test_rule_of_other_type_or_subject_is_another_rule(void **state)
{
    (void)state;
    struct plan *before = make(), *after = make();
    add_rule(before, "a", &anything, UPPER);
    add_rule(before, "b", &anything, UPPER);
    add_rule(after, "a", &watcher, UPPER);
    add_rule(after, "b", &anything, UPPER)->subjects[0].subject = RULE_MEASURED;
    finish(before);
    finish(after);
    struct twin old = lively(before), new = adopted(after, &old);
    assert_int_equal(twin_alerts(&new)[0].raised, 0);
    assert_int_equal(twin_alerts(&new)[1].raised, 0);
    drop(&old);
    drop(&new);
}

static void test_rule_that_keeps_more_than_before_goes_on_with_its_alert(void **state)
{
    (void)state;
    static const struct rule_type more = {.name = "anything", .n_state = 9, .step = quiet};
    struct plan *before = make(), *after = make();
    add_rule(before, "a", &anything, UPPER);
    add_rule(after, "a", &more, UPPER);
    finish(before);
    finish(after);
    struct twin old = lively(before), new = adopted(after, &old);
    assert_int_equal(twin_alerts(&new)[0].raised, 10);
    assert_close(((double *)(void *)(new.block + after->at_rules))[0], 0, 0);
    drop(&old);
    drop(&new);
}

static void widen(struct plan_rule *rule, size_t n)
{
    free(rule->subjects);
    rule->subjects = mem_new(n, sizeof *rule->subjects);
    rule->n_subjects = n;
    for (size_t i = 0; i < n; i++)
        rule->subjects[i].signal = TANK_INPUTS + i;
}

static void test_rule_on_a_longer_list_learns_anew_but_keeps_its_alert(void **state)
{
    (void)state;
    static const struct rule_type many = {
        .name = "many", .scope = RULE_ON_SIGNALS, .n_state = 3, .step = quiet};
    struct plan *before = make(), *after = make();
    widen(add_rule(before, "a", &many, UPPER), 1);
    widen(add_rule(before, "b", &many, UPPER), 2);
    widen(add_rule(after, "a", &many, UPPER), 2);
    widen(add_rule(after, "b", &many, UPPER), 2);
    finish(before);
    finish(after);
    struct twin old = lively(before), new = adopted(after, &old);
    const double *rules = (const double *)(const void *)(new.block + after->at_rules);
    assert_int_equal(twin_alerts(&new)[0].raised, 10);
    assert_int_equal(twin_alerts(&new)[1].raised, 11);
    assert_close(rules[0], 0, 0);
    assert_close(rules[3], 101, 0);
    drop(&old);
    drop(&new);
}

static void test_layout_of_a_rule_on_one_signal_is_the_former_versions(void **state)
{
    (void)state;
    struct plan *plan = make();
    add_rule(plan, "a", &anything, UPPER)->subjects[0].subject = RULE_RESIDUAL;
    finish(plan);
    char *layout = plan_layout(plan);
    assert_non_null(strstr(layout, "\nr\t3\tanything\t2\tupper\ta\n"));
    free(layout);
    plan_drop(plan);
}

static void test_rules_scope_says_how_many_signals_it_is_on(void **state)
{
    (void)state;
    static const struct rule_type whole = {
        .name = "whole", .scope = RULE_ON_TWIN, .step = quiet};
    struct plan *plan = make();
    add_rule(plan, "t", &whole, UPPER);
    refused(plan, "rule t is on 1 signals, a rule of the type whole on 0 to 0");
    plan = make();
    widen(add_rule(plan, "a", &anything, UPPER), 2);
    refused(plan, "rule a is on 2 signals, a rule of the type anything on 1 to 1");
    plan = make();
    add_rule(plan, "p", &anything, 0)->subjects[0].subject = RULE_PARAMETER;
    refused(plan, "rule p is on no signal of kind tank"); /* which estimates none */
}

static void test_kind_with_another_state_keeps_the_old_ones(void **state)
{
    (void)state;
    static struct kind_row rows[TANK_STATES];
    static struct kind changed;
    memcpy(rows, tank_states, sizeof rows);
    rows[TANK_LOWER].name = "cellar"; /* a state that the old twin did not have */
    rows[TANK_DIAL].block = 0;        /* and one that moved to another block */
    changed = sample_tank;
    changed.states = rows;
    struct plan *before = make(), *after = plan_new(&changed);
    add_sensor(after, UPPER);
    finish(before);
    finish(after);
    struct twin old = lively(before), new = adopted(after, &old);
    const double *P = (double *)(void *)(new.block + after->at_cov);
    const double *Q = (double *)(void *)(old.block + before->at_cov);
    assert_close(twin_x(&new)[TANK_UPPER], twin_x(&old)[TANK_UPPER], 0);
    assert_close(twin_x(&new)[TANK_LOWER], 5, 0);
    assert_close(P[0], Q[0], 0);
    assert_close(P[2], Q[2], 0); /* upper with total */
    assert_close(P[1], 0, 0);    /* upper with cellar: nothing known */
    assert_close(P[5], 25, 0);
    assert_close(P[15], Q[9], 0);
    assert_int_equal(twin_head(&new)->measured, 0); /* the block is to be measured anew */
    drop(&old);
    drop(&new);
}

static void test_layout_is_the_same_for_the_same_and_only_for_it(void **state)
{
    (void)state;
    struct plan *a = make(), *b = make(), *c = make();
    add_rule(c, "a", &anything, UPPER);
    finish(a);
    finish(b);
    finish(c);
    char *x = plan_layout(a), *y = plan_layout(b), *z = plan_layout(c);
    assert_string_equal(x, y);
    assert_string_not_equal(x, z);
    free(x), free(y), free(z);
    plan_drop(a), plan_drop(b), plan_drop(c);
}

static void test_foreign_layouts_are_refused(void **state)
{
    (void)state;
    struct plan *plan = make();
    finish(plan);
    struct twin twin = lively(plan);
    char *layout = plan_layout(plan);
    size_t size = plan->block_size;
    assert_false(plan_adopt(plan, twin.block, "", twin.block, size));
    assert_false(plan_adopt(plan, twin.block, "head\t1\t2\t3\n", twin.block, size));
    assert_false(plan_adopt(plan, twin.block, layout, twin.block, size - 8));
    for (size_t cut = 1; cut < strlen(layout); cut++) {
        char *part = mem_text_n(layout, cut);
        assert_false(plan_adopt(plan, twin.block, part, twin.block, size));
        free(part);
    }
    layout[strlen(layout) - 7] = '?';
    plan_adopt(plan, twin.block, layout, twin.block, size); /* no crash is all */
    free(layout);
    drop(&twin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signals_are_inputs_then_outputs),
        cmocka_unit_test(test_block_holds_everything_apart_and_aligned),
        cmocka_unit_test(test_estimated_parameters_become_states),
        cmocka_unit_test(test_sensor_without_sd_gets_the_rows),
        cmocka_unit_test(test_impossible_plans_are_refused_in_words),
        cmocka_unit_test(test_residual_of_an_input_is_refused),
        cmocka_unit_test(test_wear_goes_with_its_sensor),
        cmocka_unit_test(test_adding_a_rule_and_a_sensor_keeps_what_the_twin_knows),
        cmocka_unit_test(test_rule_of_other_type_or_subject_is_another_rule),
        cmocka_unit_test(test_rule_that_keeps_more_than_before_goes_on_with_its_alert),
        cmocka_unit_test(test_rule_on_a_longer_list_learns_anew_but_keeps_its_alert),
        cmocka_unit_test(test_layout_of_a_rule_on_one_signal_is_the_former_versions),
        cmocka_unit_test(test_rules_scope_says_how_many_signals_it_is_on),
        cmocka_unit_test(test_kind_with_another_state_keeps_the_old_ones),
        cmocka_unit_test(test_layout_is_the_same_for_the_same_and_only_for_it),
        cmocka_unit_test(test_foreign_layouts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
