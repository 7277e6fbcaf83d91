/* An engine with one twin and a sink that remembers, for tests under a simulated clock. */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include "sample.h"

#include "twind/engine.h"
#include "twind/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double start = 1.5e9;

/* Up above params[0]; state[0] counts the steps. */
static inline struct rule_verdict above(const double *params, double *memory,
                                        const struct rule_input *in)
{
    memory[0]++;
    struct rule_verdict verdict = {.value = in->value, .limit = params[0]};
    verdict.answer = isnan(in->value)        ? RULE_UNKNOWN
                     : in->value > params[0] ? RULE_UP
                                             : RULE_DOWN;
    return verdict;
}

/* Up when a sensor was not heard for params[0] seconds. */
static inline struct rule_verdict silent(const double *params, double *memory,
                                         const struct rule_input *in)
{
    (void)memory;
    double since = isnan(in->sample_time) ? in->watched : in->sample_time;
    return (struct rule_verdict){.answer =
                                     in->time - since > params[0] ? RULE_UP : RULE_DOWN,
                                 .value = in->time - since,
                                 .limit = params[0]};
}

/* Counts fresh readings; never up. */
static inline struct rule_verdict tally(const double *params, double *memory,
                                        const struct rule_input *in)
{
    (void)params;
    memory[0] += in->fresh;
    return (struct rule_verdict){.answer = RULE_DOWN};
}

static const struct rule_type rule_above = {
    .name = "above",
    .n_state = 1,
    .step = above,
    .message = "{twin}: {on} is {value} {unit}, above {limit} {unit} ({severity}) {other"};
static const struct rule_type rule_silent = {
    .name = "silent", .sensor_only = true, .step = silent, .message = "{on} is silent"};
static const struct rule_type rule_tally = {
    .name = "tally", .n_state = 1, .step = tally, .message = ""};

enum { UPPER = TANK_INPUTS + TANK_OUT_UPPER, LOWER = TANK_INPUTS + TANK_OUT_LOWER };

/* ---- a sink that remembers ---- */

enum { KEPT = 4096 };

struct record {
    struct {
        double time, value;
        enum quality quality;
    } readings[KEPT];
    struct {
        double time;
        char id[ENGINE_ALERT_ID], message[ENGINE_MESSAGE];
        enum alert_state state;
        enum severity severity;
    } alerts[KEPT];
    double states[KEPT];
    size_t n_readings, n_alerts, n_states, n_changed;
};

static inline void on_reading(void *context, struct twin *twin, size_t sensor, double time,
                              double value, enum quality quality)
{
    struct record *r = context;
    (void)twin, (void)sensor;
    size_t i = r->n_readings++ % KEPT;
    r->readings[i].time = time;
    r->readings[i].value = value;
    r->readings[i].quality = quality;
}

static inline void on_state(void *context, struct twin *twin)
{
    struct record *r = context;
    r->states[r->n_states++ % KEPT] = twin_head(twin)->time;
}

static inline void on_alert(void *context, const struct engine_alert *alert)
{
    struct record *r = context;
    size_t i = r->n_alerts++ % KEPT;
    r->alerts[i].time = alert->time;
    r->alerts[i].state = (enum alert_state)alert->alert->state;
    r->alerts[i].severity = (enum severity)alert->alert->severity;
    snprintf(r->alerts[i].id, sizeof r->alerts[i].id, "%s", alert->id);
    snprintf(r->alerts[i].message, ENGINE_MESSAGE, "%s", alert->message);
}

static inline void on_changed(void *context, struct twin *twin)
{
    struct record *r = context;
    (void)twin;
    r->n_changed++;
}

/* ---- a world of one twin ---- */

struct world {
    struct record *record;
    struct engine *engine;
    struct plan *plan;
    struct twin *twin;
};

static inline struct plan_rule *add_rule(struct plan *plan, const char *id,
                                         const struct rule_type *type, size_t signal,
                                         double limit)
{
    size_t room = plan->n_rules;
    plan->rules = mem_grow(plan->rules, &room, room + 1, sizeof *plan->rules);
    struct plan_rule *rule = &plan->rules[plan->n_rules++];
    *rule = (struct plan_rule){.id = mem_text(id), .type = type, .n_subjects = 1};
    rule->subjects = mem_new(1, sizeof *rule->subjects);
    rule->subjects[0].signal = signal;
    rule->params = mem_new(1, sizeof *rule->params);
    rule->params[0] = limit;
    rule->policy.severity = SEVERITY_CRITICAL;
    return rule;
}

static inline void add_sensor(struct plan *plan, size_t signal)
{
    size_t room = plan->n_sensors;
    plan->sensors = mem_grow(plan->sensors, &room, room + 1, sizeof *plan->sensors);
    plan->sensors[plan->n_sensors++] = plan_sensor_usual(plan->kind, signal);
}

static inline struct plan *tank_plan(void)
{
    struct plan *plan = plan_new(&sample_tank);
    add_sensor(plan, UPPER);
    add_sensor(plan, LOWER);
    add_sensor(plan, 0);
    return plan;
}

static inline struct world begin(struct plan *plan)
{
    struct err e;
    if (!plan_finish(plan, &e))
        fail_msg("%s", e.text);
    struct world w = {.record = mem_new(1, sizeof *w.record), .plan = plan};
    const struct engine_sink sink = {.context = w.record,
                                     .reading = on_reading,
                                     .state = on_state,
                                     .alert = on_alert,
                                     .changed = on_changed};
    w.engine = engine_new(&sink);
    engine_advance(w.engine, start);
    w.twin = engine_add(w.engine, "tank-1", "North tank", plan);
    return w;
}

static inline void end(struct world *w)
{
    engine_free(w->engine);
    plan_drop(w->plan);
    free(w->record);
}

static inline void say(struct world *w, double after, size_t sensor, double value)
{
    struct engine_reading reading = {sensor, start + after, value, false, true};
    engine_advance(w->engine, start + after);
    engine_apply(w->engine, w->twin, &reading, 1);
}

static inline double rule_memory(const struct world *w, size_t rule)
{
    return (
        (double *)(void *)(w->twin->block + w->plan->at_rules))[w->plan->rule_state[rule]];
}

#endif
