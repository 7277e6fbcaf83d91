#include "twind/judge.h"

#include "twind/sight.h"
#include "twind/subject.h"
#include "twind/times.h"

#include <stdio.h>
#include <string.h>

void judge_note(struct judge *judge, size_t sensor)
{
    judge->fresh[sensor] = true;
    judge->any = true;
}

static bool is_suppressed(const struct twin *twin, const struct plan_rule *rule,
                          double time)
{
    const double hour = 3600;
    double local = time + twin->plan->utc_offset * hour;
    if (rule->hours.n > 0 && !hours_hold(&rule->hours, local))
        return true;
    for (size_t i = 0; i < rule->n_unless; i++)
        if (twin_alerts(twin)[rule->unless[i]].state == ALERT_ACTIVE)
            return true;
    return false;
}

static double *rule_state(const struct twin *twin, size_t rule)
{
    return (double *)(void *)(twin->block + twin->plan->at_rules) +
           twin->plan->rule_state[rule];
}

/* Of a ladder the verdict says it, but for want of data: then it stays what it was. */
static enum severity severity_of(const struct plan_rule *rule, const struct alert *alert,
                                 const struct rule_verdict *verdict)
{
    if (rule->type->ladder && verdict->answer != RULE_UNKNOWN)
        return verdict->severity;
    bool up = rule->type->ladder && alert->state != ALERT_NORMAL;
    return up ? (enum severity)alert->severity : rule->policy.severity;
}

static void step_rule(struct judge *judge, struct twin *twin, size_t index, double time)
{
    const struct plan_rule *rule = &twin->plan->rules[index];
    struct sight sight;
    sight_take(judge, twin, rule, time, &sight);
    struct rule_verdict verdict =
        rule->type->step(rule->params, rule_state(twin, index), &sight.in);
    struct alert_policy policy = rule->policy;
    if (verdict.answer == RULE_UNKNOWN && sight_is_early(twin, rule, time))
        policy.no_data = ALERT_NO_DATA_HOLD;
    verdict.severity = severity_of(rule, &twin_alerts(twin)[index], &verdict);
    if (alert_step(&twin_alerts(twin)[index], &policy, &verdict,
                   is_suppressed(twin, rule, time), sight.in.fresh, sight.sample_time,
                   time))
        judge->tell(judge->context, twin, index, time);
}

void judge_rules(struct judge *judge, struct twin *twin, double time)
{
    twin_head(twin)->judged = time;
    for (size_t i = 0; i < twin->plan->n_rules; i++)
        step_rule(judge, twin, i, time);
    if (!judge->any)
        return;
    memset(judge->fresh, 0, twin->plan->n_sensors * sizeof *judge->fresh);
    judge->any = false;
}

void judge_forecast(struct judge *judge, struct twin *twin, const struct forecast *forecast)
{
    double time = fmax(forecast->made, twin_head(twin)->judged);
    judge->forecast = forecast;
    for (size_t i = 0; i < twin->plan->n_rules; i++)
        if (twin->plan->rules[i].type->forecast)
            step_rule(judge, twin, i, time);
    judge->forecast = NULL;
}

double judge_deadline(const struct twin *twin)
{
    double deadline = INFINITY;
    for (size_t i = 0; i < twin->plan->n_rules; i++)
        deadline = fmin(
            deadline, alert_deadline(&twin_alerts(twin)[i], &twin->plan->rules[i].policy));
    return deadline;
}

/* ---- words ---- */

enum { WORD = RULE_REASON };

static void put_number(char *to, double value)
{
    if (isnan(value))
        snprintf(to, WORD, "unknown");
    else
        snprintf(to, WORD, "%.6g", value);
}

/* To the minute: forecasts are no finer. */
static void put_when(char *to, double time)
{
    enum { MINUTES = 16 }; /* "2026-01-01T12:00" */
    char text[TIME_TEXT];
    snprintf(to, WORD, "%.*sZ", MINUTES, times_format(time, text));
}

const char *judge_unit(const struct engine_alert *a)
{
    const struct rule_type *type = a->rule->type;
    if (type->unit)
        return type->unit;
    if (a->rule->n_subjects == 0 || (type->one_unit && !type->one_unit(a->rule->params)))
        return "";
    return subject_unit(a->twin->plan->kind, &a->rule->subjects[0]);
}

static void put_reason(char *to, const struct engine_alert *a)
{
    const struct plan *plan = a->twin->plan;
    size_t index = (size_t)(a->rule - plan->rules), n = plan_rule_width(plan, a->rule);
    const char *names[2 * KIND_ROWS_MAX];
    to[0] = '\0';
    if (!a->rule->type->explain)
        return;
    for (size_t i = 0; i < n; i++)
        names[i] = plan_rule_part(plan, a->rule, i);
    a->rule->type->explain(a->rule->params, rule_state(a->twin, index), names, n, to);
}

/* The word for a placeholder without its braces; false: there is none of that name. */
static bool find_word(const struct engine_alert *a, const char *name, size_t length,
                      char *to)
{
    static const char *const names[] = {"twin", "rule",     "on",   "value", "limit",
                                        "unit", "severity", "when", "reason"};
    enum { TWIN, RULE, ON, VALUE, LIMIT, UNIT, SEVERITY, WHEN, REASON, NAMES } word = TWIN;
    while (word < NAMES &&
           (strlen(names[word]) != length || strncmp(names[word], name, length) != 0))
        word++;
    switch (word) {
    case TWIN:
        return snprintf(to, WORD, "%s", a->twin->name) >= 0;
    case RULE:
        return snprintf(to, WORD, "%s", a->rule->id) >= 0;
    case ON:
        return subject_join(a->rule, to, WORD), true;
    case VALUE:
        return put_number(to, a->alert->value), true;
    case LIMIT:
        return put_number(to, a->alert->limit), true;
    case UNIT:
        return snprintf(to, WORD, "%s", judge_unit(a)) >= 0;
    case SEVERITY:
        return snprintf(to, WORD, "%s", severity_name((enum severity)a->alert->severity)) >=
               0;
    case WHEN:
        return put_when(to, a->alert->when > 0 ? a->alert->when : a->time), true;
    case REASON:
        return put_reason(to, a), true;
    case NAMES:
        break;
    }
    return false;
}

/* What is no placeholder stands as it is. */
static void fill_template(const char *template, struct engine_alert *a)
{
    char word[WORD];
    size_t used = 0;
    while (*template && used + 1 < sizeof a->message) {
        const char *end = *template == '{' ? strchr(template, '}') : NULL;
        if (end && find_word(a, template + 1, (size_t)(end - template - 1), word)) {
            size_t room = sizeof a->message - used, length = strlen(word);
            length = length < room ? length : room - 1;
            if (length == 0 && used > 0 && a->message[used - 1] == ' ')
                used--; /* "61 , limit 60 " where there is no unit */
            memcpy(a->message + used, word, length);
            used += length;
            template = end + 1;
        } else {
            a->message[used++] = *template ++;
        }
    }
    a->message[used] = '\0';
}

void judge_describe(const struct twin *twin, size_t rule, double time,
                    struct engine_alert *a)
{
    a->twin = twin;
    a->rule = &twin->plan->rules[rule];
    a->alert = &twin_alerts(twin)[rule];
    a->time = time;
    snprintf(a->id, sizeof a->id, "%s.%s.%u", twin->id, a->rule->id, a->alert->raised);
    fill_template(a->rule->message ? a->rule->message : a->rule->type->message, a);
}
