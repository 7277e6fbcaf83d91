/* A flood begins with the alert that makes `alerts` activations within `within`, and lasts
 * until there are fewer than half of that (ISA-18.2 ends a flood of ten at fewer than
 * five).
 *
 * What an alert of a flood is under:
 *   in its twin      the twin's first alert of the flood, or what that is under. Where the
 *                    new one is known to explain the first one (which has it in its
 *                    `unless`), it is the first from now on and under nothing
 *   in no twin yet   the first alert of another twin that has the same rule, or one of the
 *                    same type on a sensor: what silences one sensor may silence many
 * The alerts that came before the flood was one keep what was told of them. */
#include "twind/flood.h"

#include "twind/times.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void flood_start(struct flood *flood, size_t alerts, double within)
{
    memset(flood, 0, sizeof *flood);
    flood->alerts = alerts < FLOOD_ALERTS_MAX ? alerts : FLOOD_ALERTS_MAX;
    flood->within = within;
}

static struct flood_alert alert_of(const struct twin *twin, size_t rule, double time)
{
    return (struct flood_alert){twin, rule, twin_alerts(twin)[rule].raised, time};
}

static const struct plan_rule *rule_of(const struct flood_alert *alert)
{
    return &alert->twin->plan->rules[alert->rule];
}

/* ---- is there a flood ---- */

/* Twins may live in times of their own: what is far off either way does not count. */
static size_t count_recent(const struct flood *flood, double time)
{
    size_t n = 0;
    for (size_t i = 0; i < flood->n_recent; i++)
        n += fabs(time - flood->recent[i].time) <= flood->within;
    return n;
}

static void remember(struct flood *flood, struct flood_alert alert)
{
    flood->recent[flood->next] = alert;
    flood->next = (flood->next + 1) % flood->alerts;
    flood->n_recent += flood->n_recent < flood->alerts;
}

static bool lasts(const struct flood *flood, double time)
{
    return flood->on && 2 * count_recent(flood, time) >= flood->alerts;
}

/* ---- roots ---- */

static size_t root_of_twin(const struct flood *flood, const struct twin *twin)
{
    size_t i = 0;
    while (i < flood->n_roots && flood->roots[i].twin != twin)
        i++;
    return i;
}

/* The first one that shares what may have caused both; n_roots: none. */
static size_t kin_of(const struct flood *flood, const struct flood_alert *alert)
{
    const struct plan_rule *rule = rule_of(alert);
    size_t i = 0;
    for (; i < flood->n_roots; i++) {
        const struct plan_rule *other = rule_of(&flood->roots[i]);
        if (other->type == rule->type &&
            (rule->type->sensor_only || strcmp(other->id, rule->id) == 0))
            break;
    }
    return i;
}

static bool explains(const struct flood_alert *alert, const struct flood_alert *first)
{
    const struct plan_rule *rule = rule_of(first);
    for (size_t i = 0; i < rule->n_unless; i++)
        if (rule->unless[i] == alert->rule)
            return true;
    return false;
}

static struct flood_alert top_of(const struct flood *flood, size_t root)
{
    return flood->above[root].twin ? flood->above[root] : flood->roots[root];
}

static void add_root(struct flood *flood, const struct flood_alert *alert)
{
    size_t kin = kin_of(flood, alert);
    if (flood->n_roots == FLOOD_ROOTS)
        return;
    flood->above[flood->n_roots] =
        kin < flood->n_roots ? top_of(flood, kin) : (struct flood_alert){.twin = NULL};
    flood->roots[flood->n_roots++] = *alert;
}

static void put_first(struct flood *flood, size_t root, const struct flood_alert *alert)
{
    const struct flood_alert *former = &flood->roots[root];
    if (former->twin == flood->first.twin && former->rule == flood->first.rule)
        flood->first = *alert;
    flood->roots[root] = *alert;
    flood->above[root].twin = NULL;
}

/* What the alert, which is of a flood, is under; twin NULL: nothing. */
static struct flood_alert place(struct flood *flood, const struct flood_alert *alert)
{
    static const struct flood_alert nothing = {.twin = NULL};
    size_t root = root_of_twin(flood, alert->twin);
    if (root < flood->n_roots && explains(alert, &flood->roots[root])) {
        put_first(flood, root, alert);
        return nothing;
    }
    if (root < flood->n_roots)
        return flood->roots[root].rule == alert->rule ? flood->above[root]
                                                      : top_of(flood, root);
    size_t kin = kin_of(flood, alert);
    struct flood_alert cause = kin < flood->n_roots ? top_of(flood, kin) : nothing;
    add_root(flood, alert);
    return cause;
}

/* ---- what is under what ---- */

static struct flood_caused *find_caused(const struct flood *flood, const struct twin *twin,
                                        size_t rule)
{
    for (size_t i = 0; i < flood->n_caused; i++) {
        const struct flood_caused *c = &flood->caused[i];
        if (c->alert.twin == twin && c->alert.rule == rule)
            return (struct flood_caused *)c;
    }
    return NULL;
}

static void note_cause(struct flood *flood, struct flood_alert alert,
                       struct flood_alert cause)
{
    struct flood_caused *place = find_caused(flood, alert.twin, alert.rule);
    if (place)
        *place = (struct flood_caused){alert, cause};
    if (place || !cause.twin)
        return;
    flood->caused[flood->next_caused] = (struct flood_caused){alert, cause};
    flood->next_caused = (flood->next_caused + 1) % FLOOD_CAUSED;
    flood->n_caused += flood->n_caused < FLOOD_CAUSED;
}

/* ---- transitions ---- */

/* The alerts of the window, in their order, are the flood's first. */
static void begin(struct flood *flood, double time)
{
    flood->on = true;
    flood->n = flood->n_roots = flood->told = 0;
    for (size_t i = 0; i < flood->n_recent; i++) {
        size_t at = flood->n_recent < flood->alerts ? i : (flood->next + i) % flood->alerts;
        const struct flood_alert *alert = &flood->recent[at];
        if (fabs(time - alert->time) > flood->within)
            continue;
        if (flood->n++ == 0) {
            flood->first = *alert;
            flood->since = alert->time;
        }
        place(flood, alert);
    }
}

static bool is_new(const struct flood *flood, const struct twin *twin, size_t rule,
                   uint32_t raised)
{
    for (size_t i = 0; i < flood->n_recent; i++) {
        const struct flood_alert *a = &flood->recent[i];
        if (a->twin == twin && a->rule == rule && a->raised == raised)
            return false;
    }
    return true;
}

/* The alert that made it a flood is told as one of it. */
static struct flood_alert cause_of_last(const struct flood *flood,
                                        const struct flood_alert *last)
{
    size_t root = root_of_twin(flood, last->twin);
    if (root == flood->n_roots)
        return (struct flood_alert){.twin = NULL};
    return flood->roots[root].rule == last->rule ? flood->above[root] : top_of(flood, root);
}

void flood_take(struct flood *flood, const struct twin *twin, size_t rule, double time)
{
    const struct alert *alert = &twin_alerts(twin)[rule];
    bool rings = alert->state == ALERT_ACTIVE && alert->since == time &&
                 !(alert->shelved_until > time);
    if (flood->alerts == 0 || !rings || !is_new(flood, twin, rule, alert->raised))
        return;
    struct flood_alert now = alert_of(twin, rule, time), cause = {.twin = NULL};
    bool goes_on = lasts(flood, time);
    if (goes_on) {
        flood->n++;
        cause = place(flood, &now);
    }
    remember(flood, now);
    if (!goes_on && count_recent(flood, time) >= flood->alerts) {
        begin(flood, time);
        cause = cause_of_last(flood, &now);
    }
    note_cause(flood, now, cause);
}

/* Before anything is taken: the ring begins at its oldest. */
void flood_recall(struct flood *flood, const struct twin *twin, size_t rule)
{
    const struct alert *alert = &twin_alerts(twin)[rule];
    struct flood_alert *recent = flood->recent;
    if (flood->alerts == 0 || alert->state != ALERT_ACTIVE ||
        !is_new(flood, twin, rule, alert->raised))
        return;
    size_t n = flood->n_recent, at = n;
    while (at > 0 && recent[at - 1].time > alert->since)
        at--;
    bool full = n == flood->alerts;
    if (full && at-- == 0)
        return;
    if (full)
        memmove(recent, recent + 1, at * sizeof *recent);
    else
        memmove(recent + at + 1, recent + at, (n - at) * sizeof *recent);
    recent[at] = alert_of(twin, rule, alert->since);
    flood->n_recent += !full;
    flood->next = flood->n_recent % flood->alerts;
}

/* ---- what is told ---- */

static void put_id(const struct flood_alert *alert, char id[FLOOD_ID])
{
    snprintf(id, FLOOD_ID, "%s.%s.%u", alert->twin->id, rule_of(alert)->id, alert->raised);
}

void flood_put_cause(const struct flood *flood, const struct twin *twin, size_t rule,
                     char id[FLOOD_ID])
{
    const struct flood_caused *c = find_caused(flood, twin, rule);
    id[0] = '\0';
    if (c && c->cause.twin && c->alert.raised == twin_alerts(twin)[rule].raised)
        put_id(&c->cause, id);
}

static void describe(const struct flood *flood, double time, struct flood_summary *s)
{
    enum { HOUR_AT = 11, HOUR = 5 }; /* in "2026-01-01T12:00:00.000Z" */
    char since[TIME_TEXT];
    *s = (struct flood_summary){
        .on = flood->on, .since = flood->since, .time = time, .alerts = flood->n};
    put_id(&flood->first, s->first);
    times_format(flood->since, since);
    snprintf(s->message, sizeof s->message,
             "%zu alerts since %.*s UTC; first: %.200s.%.200s", flood->n, HOUR,
             since + HOUR_AT, flood->first.twin->id, rule_of(&flood->first)->id);
}

bool flood_tell(struct flood *flood, double time, struct flood_summary *summary)
{
    if (!flood->on)
        return false;
    flood->on = lasts(flood, time);
    if (flood->on && flood->n < 2 * flood->told)
        return false;
    flood->told = flood->n;
    describe(flood, time, summary);
    return true;
}
