#include "suggest_run.h"

#include "twind/alert.h"
#include "twind/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct suggest_rule suggest_rule_of(const struct rule_type *type)
{
    struct suggest_rule rule = {.type = type, .policy.severity = SEVERITY_WARNING};
    size_t sets = type->ladder ? SEVERITY_COUNT : 1;
    for (size_t i = 0; i < sets * type->n_params; i++)
        rule.params[i] = type->ladder ? (double)NAN : type->params[i].value;
    return rule;
}

const struct rule_row *suggest_rule_row(const struct rule_type *type, const char *name)
{
    size_t i = 0;
    while (i + 1 < type->n_params && strcmp(type->params[i].name, name) != 0)
        i++;
    return &type->params[i];
}

double *suggest_rule_param(struct suggest_rule *rule, const char *name)
{
    size_t i = (size_t)(suggest_rule_row(rule->type, name) - rule->type->params);
    return &rule->params[(rule->type->ladder ? SEVERITY_WARNING : 0) *
                             rule->type->n_params +
                         i];
}

struct runner {
    const struct suggest_trace *trace;
    const struct suggest_rule *rule;
    double *state;
    struct alert alert;
};

static struct runner begin(const struct suggest_trace *trace,
                           const struct suggest_rule *rule)
{
    size_t n = rule_state_size(rule->type, rule->params, 1);
    return (struct runner){
        .trace = trace, .rule = rule, .state = mem_new(n + 1, sizeof(double))};
}

/* The rule at `time`, when all is as it was at the moment. */
static struct rule_verdict step(struct runner *r, const struct suggest_moment *m,
                                double time, bool fresh)
{
    const struct rule_sensor sensor = {m->sample_time, m->surprise, fresh};
    const struct rule_input in = {
        .time = time,
        .value = m->value,
        .sd = NAN,
        .nis = m->nis,
        .sample_time = m->sample_time,
        .changed = m->changed,
        .watched = r->trace->watched,
        .fresh = fresh,
        .values = &m->value,
        .n = 1,
        .sensors = &sensor,
        .n_sensors = 1,
    };
    return r->rule->type->step(r->rule->params, r->state, &in);
}

void suggest_run_values(const struct suggest_trace *trace, const struct suggest_rule *rule,
                        double *values)
{
    struct runner r = begin(trace, rule);
    for (size_t i = 0; i < trace->n; i++) {
        struct rule_verdict verdict =
            step(&r, &trace->at[i], trace->at[i].time, trace->at[i].fresh);
        bool known = verdict.answer != RULE_UNKNOWN;
        values[i] = known ? verdict.value : (double)NAN;
    }
    free(r.state);
}

static void judge(struct runner *r, const struct suggest_moment *m, double time, bool fresh,
                  struct alarm_log *log)
{
    struct rule_verdict verdict = step(r, m, time, fresh);
    if (!r->rule->type->ladder || verdict.answer == RULE_UNKNOWN)
        verdict.severity = r->rule->policy.severity;
    if (alert_step(&r->alert, &r->rule->policy, &verdict, false, fresh, m->sample_time,
                   time))
        alarm_log_add(log, 0, time, r->alert.state == ALERT_ACTIVE, false,
                      (enum severity)r->alert.severity);
}

/* Delays end on time, as the engine's timers have it. */
void suggest_run(const struct suggest_trace *trace, const struct suggest_rule *rule,
                 struct alarm_log *log)
{
    struct runner r = begin(trace, rule);
    alarm_log_source(log, "", "");
    for (size_t i = 0; i < trace->n; i++) {
        const struct suggest_moment *m = &trace->at[i];
        double deadline = alert_deadline(&r.alert, &rule->policy);
        if (i > 0 && deadline < m->time)
            judge(&r, &trace->at[i - 1], deadline, false, log);
        judge(&r, m, m->time, m->fresh, log);
    }
    free(r.state);
}
