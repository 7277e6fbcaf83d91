/* Floods: many alerts as one event, under their first cause. */
#include "check.h"

#include "sample.h"

#include "twind/engine.h"
#include "twind/flood.h"
#include "twind/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rule_verdict never(const double *params, double *state,
                                 const struct rule_input *in)
{
    (void)params, (void)state, (void)in;
    return (struct rule_verdict){.answer = RULE_DOWN};
}

static const struct rule_type type_level = {
    .name = "level", .scope = RULE_ON_TWIN, .step = never, .message = ""};
static const struct rule_type type_silent = {.name = "silent",
                                             .scope = RULE_ON_TWIN,
                                             .sensor_only = true,
                                             .step = never,
                                             .message = ""};

/* power explains pump and pump heat; t_silent and h_silent are of sensors. */
enum { POWER, PUMP, HEAT, DOOR, T_SILENT, H_SILENT, RULES };
enum { TWINS = 30 };

static const double START = 1767261720; /* 2026-01-01T10:02:00Z */

struct stage {
    struct engine *engine;
    struct twin *twins[TWINS];
    struct flood flood;
};

static void set_rule(struct plan *plan, size_t i, const char *id,
                     const struct rule_type *type, size_t unless)
{
    struct plan_rule *rule = &plan->rules[i];
    rule->id = mem_text(id);
    rule->type = type;
    rule->params = mem_new(1, sizeof *rule->params);
    if (unless == PLAN_NONE)
        return;
    rule->unless = mem_new(1, sizeof *rule->unless);
    rule->unless[0] = unless;
    rule->n_unless = 1;
}

static int begin(void **state)
{
    struct stage *s = calloc(1, sizeof *s);
    struct err e;
    const struct engine_sink sink = {.context = NULL};
    struct plan *plan = plan_new(&sample_level);
    plan->rules = mem_new(RULES, sizeof *plan->rules);
    plan->n_rules = RULES;
    set_rule(plan, POWER, "power", &type_level, PLAN_NONE);
    set_rule(plan, PUMP, "pump", &type_level, POWER);
    set_rule(plan, HEAT, "heat", &type_level, PUMP);
    set_rule(plan, DOOR, "door", &type_level, PLAN_NONE);
    set_rule(plan, T_SILENT, "t_silent", &type_silent, PLAN_NONE);
    set_rule(plan, H_SILENT, "h_silent", &type_silent, PLAN_NONE);
    assert_true(plan_finish(plan, &e));
    s->engine = engine_new(&sink);
    for (int i = 0; i < TWINS; i++) {
        char id[16];
        snprintf(id, sizeof id, "gh%d", i);
        s->twins[i] = engine_add(s->engine, id, NULL, plan);
    }
    plan_drop(plan);
    flood_start(&s->flood, 4, 600);
    *state = s;
    return 0;
}

static int end(void **state)
{
    struct stage *s = *state;
    engine_free(s->engine);
    free(s);
    return 0;
}

/* The alert becomes active; what it is under. */
static const char *ring(struct stage *s, int twin, size_t rule, double after)
{
    static char cause[FLOOD_ID];
    struct alert *alert = &twin_alerts(s->twins[twin])[rule];
    alert->state = ALERT_ACTIVE;
    alert->since = START + after;
    alert->raised++;
    flood_take(&s->flood, s->twins[twin], rule, START + after);
    flood_put_cause(&s->flood, s->twins[twin], rule, cause);
    return cause;
}

static void clear(struct stage *s, int twin, size_t rule, double after)
{
    struct alert *alert = &twin_alerts(s->twins[twin])[rule];
    alert->state = ALERT_NORMAL;
    alert->since = START + after;
    flood_take(&s->flood, s->twins[twin], rule, START + after);
}

static void test_few_alerts_are_no_flood(void **state)
{
    struct stage *s = *state;
    struct flood_summary summary;
    assert_string_equal(ring(s, 0, DOOR, 0), "");
    assert_string_equal(ring(s, 0, HEAT, 10), "");
    assert_string_equal(ring(s, 0, T_SILENT, 20), "");
    assert_string_equal(ring(s, 0, H_SILENT, 621), ""); /* the first is long ago */
    assert_false(flood_tell(&s->flood, START + 621, &summary));
}

static void test_later_alerts_of_a_twin_are_under_its_first(void **state)
{
    struct stage *s = *state;
    struct flood_summary summary;
    ring(s, 0, DOOR, 0);
    ring(s, 0, HEAT, 10);
    ring(s, 0, T_SILENT, 20);
    assert_string_equal(ring(s, 0, H_SILENT, 600), "gh0.door.1"); /* the fourth */
    assert_true(flood_tell(&s->flood, START + 600, &summary));
    assert_true(summary.on);
    assert_int_equal(summary.alerts, 4);
    assert_string_equal(summary.first, "gh0.door.1");
    assert_string_equal(summary.message, "4 alerts since 10:02 UTC; first: gh0.door");
    /* one that rings again within the flood */
    clear(s, 0, HEAT, 610);
    assert_string_equal(ring(s, 0, HEAT, 620), "gh0.door.1");
    assert_string_equal(ring(s, 1, PUMP, 620), ""); /* shares nothing with the others */
    assert_string_equal(ring(s, 1, DOOR, 630), "gh1.pump.1");
}

static void test_a_known_cause_that_comes_late_is_the_first_from_then_on(void **state)
{
    struct stage *s = *state;
    struct flood_summary summary;
    ring(s, 0, PUMP, 0);
    ring(s, 0, HEAT, 1);
    ring(s, 0, DOOR, 2);
    assert_string_equal(ring(s, 0, T_SILENT, 3), "gh0.pump.1");
    assert_string_equal(ring(s, 0, POWER, 4), ""); /* explains the pump */
    assert_string_equal(ring(s, 0, H_SILENT, 5), "gh0.power.1");
    assert_true(flood_tell(&s->flood, START + 5, &summary));
    assert_string_equal(summary.first, "gh0.power.1");
}

static void test_twins_are_grouped_by_what_they_share(void **state)
{
    struct stage *s = *state;
    ring(s, 0, T_SILENT, 0);
    ring(s, 0, H_SILENT, 1);
    ring(s, 1, DOOR, 2);
    assert_string_equal(ring(s, 2, H_SILENT, 3), "gh0.t_silent.1"); /* sensors, one type */
    assert_string_equal(ring(s, 2, DOOR, 4), "gh0.t_silent.1"); /* as its twin's first */
    assert_string_equal(ring(s, 3, DOOR, 5), "gh1.door.1");     /* the same rule */
    assert_string_equal(ring(s, 4, HEAT, 6), "");
    assert_string_equal(ring(s, 5, HEAT, 7), "gh4.heat.1");
}

static void test_it_is_told_when_it_begins_doubles_and_ends(void **state)
{
    struct stage *s = *state;
    struct flood_summary summary;
    for (int i = 0; i < 3; i++)
        ring(s, i, DOOR, i);
    assert_false(flood_tell(&s->flood, START + 2, &summary));
    int told[8] = {0}, n = 0;
    for (int i = 3; i < 20; i++) {
        ring(s, i, DOOR, i);
        if (flood_tell(&s->flood, START + i, &summary))
            told[n++] = (int)summary.alerts;
    }
    assert_int_equal(n, 3);
    assert_int_equal(told[0], 4);
    assert_int_equal(told[1], 8);
    assert_int_equal(told[2], 16);
    /* the last four were at 16 .. 19; two are half of four, one is fewer */
    assert_false(flood_tell(&s->flood, START + 618, &summary));
    assert_true(flood_tell(&s->flood, START + 619, &summary));
    assert_false(summary.on);
    assert_int_equal(summary.alerts, 20);
    assert_false(flood_tell(&s->flood, START + 700, &summary));
    assert_string_equal(ring(s, 20, DOOR, 800), "");
}

static void test_a_cause_belongs_to_one_raise_of_an_alert(void **state)
{
    struct stage *s = *state;
    char cause[FLOOD_ID];
    for (size_t rule = 0; rule < 4; rule++)
        ring(s, 0, rule, (double)rule);
    clear(s, 0, DOOR, 50);
    flood_put_cause(&s->flood, s->twins[0], DOOR, cause);
    assert_string_equal(cause, "gh0.power.1"); /* also of its clearing */
    assert_string_equal(ring(s, 0, DOOR, 50000), "");
}

static void test_after_a_restart_the_last_alerts_are_known_again(void **state)
{
    struct stage *s = *state;
    for (int i = 0; i < 6; i++) /* in no order of time */
        ring(s, (i * 7) % 6, DOOR, 10 * ((i * 5) % 6));
    flood_start(&s->flood, 4, 600);
    for (int twin = 0; twin < TWINS; twin++)
        for (size_t rule = 0; rule < RULES; rule++) {
            flood_recall(&s->flood, s->twins[twin], rule);
            flood_recall(&s->flood, s->twins[twin], rule); /* twice is once */
        }
    for (size_t i = 0; i < 4; i++)
        assert_close(s->flood.recent[i].time, START + 20 + 10 * (double)i, 0);
    /* the oldest of those within ten minutes is the one at 30 s */
    struct flood_summary summary;
    ring(s, 20, DOOR, 621);
    assert_true(flood_tell(&s->flood, START + 621, &summary));
    assert_int_equal(summary.alerts, 4);
    assert_close(summary.since, START + 30, 0);
}

static void test_shelved_alerts_and_acknowledgements_are_no_part_of_it(void **state)
{
    struct stage *s = *state;
    struct flood_summary summary;
    for (int i = 0; i < 3; i++)
        ring(s, i, DOOR, i);
    flood_take(&s->flood, s->twins[0], DOOR, START + 3); /* acknowledged */
    twin_alerts(s->twins[3])[DOOR].shelved_until = START + 100;
    ring(s, 3, DOOR, 4);
    assert_false(flood_tell(&s->flood, START + 4, &summary));
    flood_start(&s->flood, 0, 600);
    for (int i = 0; i < 20; i++)
        assert_string_equal(ring(s, i, PUMP, i), "");
    assert_false(flood_tell(&s->flood, START + 20, &summary));
}

static void test_more_twins_than_it_knows_of_do_no_harm(void **state)
{
    struct stage *s = *state;
    for (int i = 0; i < 20000; i++) {
        int twin = i % TWINS;
        size_t rule = (size_t)(i / TWINS % RULES);
        ring(s, twin, rule, i * 0.1);
        if (i % 3 == 0)
            clear(s, twin, rule, i * 0.1 + 0.05);
    }
    assert_true(s->flood.n_roots <= FLOOD_ROOTS);
    assert_true(s->flood.n_caused <= FLOOD_CAUSED);
    assert_int_equal(s->flood.n_recent, 4);
}

#define FLOOD_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOD_TEST(test_few_alerts_are_no_flood),
        FLOOD_TEST(test_later_alerts_of_a_twin_are_under_its_first),
        FLOOD_TEST(test_a_known_cause_that_comes_late_is_the_first_from_then_on),
        FLOOD_TEST(test_twins_are_grouped_by_what_they_share),
        FLOOD_TEST(test_it_is_told_when_it_begins_doubles_and_ends),
        FLOOD_TEST(test_a_cause_belongs_to_one_raise_of_an_alert),
        FLOOD_TEST(test_after_a_restart_the_last_alerts_are_known_again),
        FLOOD_TEST(test_shelved_alerts_and_acknowledgements_are_no_part_of_it),
        FLOOD_TEST(test_more_twins_than_it_knows_of_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
