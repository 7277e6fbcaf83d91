/* What a rule sees of its subject:
 *   NAME            the estimate. Not known before the twin lives, nor while the signal's
 *                   own sensor is unseen or stale; of a signal without sensor, while all of
 *                   the twin's sensors are. (The twin still has an opinion then, and
 *                   publishes it with its sd; but an alert is not raised or cleared on it.)
 *   measured.NAME   the reading
 *   residual.NAME   its distance from what was expected; both likewise
 *   parameter.NAME  the estimate of a parameter, as of a signal without sensor
 *   health.NAME     an index of wear, likewise
 *   TWIN/..         what the other twin's rules would see now */
#include "twind/sight.h"

#include "twind/isolate.h"
#include "twind/subject.h"

static bool is_known(const struct twin *twin, const struct plan_subject *subject,
                     double time)
{
    if (twin_head(twin)->time == 0)
        return false;
    if (subject->sensor != PLAN_NONE)
        return twin_sensor_quality(twin, subject->sensor, time) != QUALITY_STALE;
    return twin->plan->n_sensors == 0 || twin_health(twin, time) != TWIN_STALE;
}

/* The index in x of an estimated parameter. */
static size_t state_of(const struct plan *plan, size_t param)
{
    size_t i = 0;
    while (plan->estimated[i] != param)
        i++;
    return plan->kind->n_states + i;
}

static double parameter_value(const struct twin *twin, size_t param, double *sd)
{
    const struct plan *plan = twin->plan;
    size_t x = state_of(plan, param), i = 0;
    const struct plan_block *block = &plan->blocks[plan->x_block[x]];
    while (block->index[i] != x)
        i++;
    const double *P = (const double *)(const void *)(twin->block + plan->at_cov) + block->p;
    if (sd)
        *sd = sqrt(P[i * block->n + i]);
    return twin_x(twin)[x];
}

static double health_value(const struct twin *twin, size_t row, double *sd)
{
    size_t i = wear_find(twin->plan, row);
    if (i == PLAN_NONE)
        return NAN;
    struct rule_part part = wear_part(twin, i);
    if (sd)
        *sd = part.sd;
    return part.value;
}

/* `sd` NULL: not asked for. */
static double subject_value(const struct judge *judge, const struct twin *twin,
                            const struct plan_subject *subject, double time, double *sd)
{
    if (!is_known(twin, subject, time))
        return NAN;
    if (subject->subject == RULE_ESTIMATE)
        return twin_signal(twin, subject->signal, sd, judge->scratch);
    if (subject->subject == RULE_PARAMETER)
        return parameter_value(twin, subject->signal, sd);
    if (subject->subject == RULE_HEALTH)
        return health_value(twin, subject->signal, sd);
    const struct twin_sensor *sensor = &twin_sensors(twin)[subject->sensor];
    if (subject->subject == RULE_MEASURED)
        return sensor->value;
    return sensor->value - sensor->predicted;
}

/* Of another twin, which may not be there yet, by the same rules. */
static double others_value(const struct judge *judge, const struct plan_subject *subject,
                           double time)
{
    const struct twin *other =
        judge->find ? judge->find(judge->context, subject->twin) : NULL;
    if (!other)
        return NAN;
    struct plan_subject there = {.sensor = PLAN_NONE};
    const char *name =
        subject_split(subject->text + subject_twin(subject->text) + 1, &there.subject);
    bool sensor = there.subject == RULE_MEASURED || there.subject == RULE_RESIDUAL;
    there.signal = subject_find(other->plan->kind, there.subject, name);
    if (there.signal == PLAN_NONE)
        return NAN;
    if (there.subject <= RULE_RESIDUAL)
        there.sensor = plan_sensor_of(other->plan, there.signal);
    if (sensor && there.sensor == PLAN_NONE)
        return NAN;
    return subject_value(judge, other, &there, time, NULL);
}

/* Of the rule's signal, where it looks at forecasts and one has just been made. */
static const struct rule_future *
future_of(const struct judge *judge, const struct plan_rule *rule, struct rule_future *to)
{
    const struct forecast *forecast = judge->forecast;
    if (!forecast || !rule->type->forecast)
        return NULL;
    size_t row = (rule->subjects[0].signal - forecast->kind->n_inputs) * forecast->n;
    *to = (struct rule_future){forecast->made, forecast->step, forecast->n,
                               forecast->mean + row, forecast->sd + row};
    return to;
}

/* ---- sensors ---- */

static struct rule_sensor sensor_seen(const struct judge *judge, const struct twin *twin,
                                      size_t sensor)
{
    struct rule_sensor seen = {.time = NAN, .surprise = NAN};
    if (sensor == PLAN_NONE)
        return seen;
    const struct twin_sensor *s = &twin_sensors(twin)[sensor];
    seen.time = s->time;
    seen.surprise = copysign(sqrt(s->nis), s->value - s->predicted);
    seen.fresh = judge->fresh[sensor];
    return seen;
}

static void take_sensors(const struct judge *judge, const struct twin *twin,
                         const struct plan_rule *rule, struct sight *sight)
{
    size_t n = rule->n_subjects > 0 ? rule->n_subjects : twin->plan->n_sensors;
    for (size_t i = 0; i < n; i++)
        sight->sensors[i] =
            sensor_seen(judge, twin, rule->n_subjects > 0 ? rule->subjects[i].sensor : i);
    sight->in.sensors = sight->sensors;
    sight->in.n_sensors = n;
}

static void take_parts(const struct twin *twin, const struct plan_rule *rule,
                       struct sight *sight)
{
    size_t n = plan_rule_width(twin->plan, rule);
    for (size_t i = 0; i < n; i++)
        sight->parts[i] = wear_part(
            twin,
            rule->n_subjects > 0 ? wear_find(twin->plan, rule->subjects[i].signal) : i);
    sight->in.parts = sight->parts;
    sight->in.n_parts = n;
}

static void take_members(const struct twin *twin, const struct plan_rule *rule,
                         struct sight *sight)
{
    for (size_t i = 0; i < rule->n_members; i++) {
        const struct alert *alert = &twin_alerts(twin)[rule->members[i].rule];
        sight->members[i] = (struct rule_member){
            rule->members[i].param, alert->state == ALERT_ACTIVE, alert->since};
    }
    sight->in.members = sight->members;
    sight->in.n_members = rule->n_members;
}

/* Of the twin's readings; NAN: none has come. */
static double newest_sample(const struct twin *twin)
{
    double newest = NAN;
    for (size_t i = 0; i < twin->plan->n_sensors; i++)
        newest = fmax(newest, twin_sensors(twin)[i].time);
    return newest;
}

/* Its own sensor's; of what has none, any of the twin's. */
static double deciding_sample(const struct twin *twin, const struct plan_rule *rule,
                              const struct rule_input *in)
{
    for (size_t i = 0; i < rule->n_subjects; i++)
        if (rule->subjects[i].sensor != PLAN_NONE)
            return in->sample_time;
    return newest_sample(twin);
}

static void take_one(const struct judge *judge, const struct twin *twin, size_t sensor,
                     struct rule_input *in)
{
    const struct twin_sensor *s = &twin_sensors(twin)[sensor];
    in->nis = s->nis;
    in->sample_time = s->time;
    in->changed = s->changed;
    in->fresh = judge->fresh[sensor];
}

/* Of several: the newest, and whether any is. One without sensor is new with any; another
 * twin's is not news here. */
static void take_several(const struct judge *judge, const struct twin *twin,
                         const struct plan_rule *rule, struct rule_input *in)
{
    in->fresh = false;
    for (size_t i = 0; i < rule->n_subjects; i++) {
        size_t sensor = rule->subjects[i].sensor;
        if (rule->subjects[i].twin)
            continue;
        in->fresh |= sensor == PLAN_NONE ? judge->any : judge->fresh[sensor];
        if (sensor != PLAN_NONE)
            in->sample_time = fmax(in->sample_time, twin_sensors(twin)[sensor].time);
    }
}

void sight_take(const struct judge *judge, const struct twin *twin,
                const struct plan_rule *rule, double time, struct sight *sight)
{
    sight->in = (struct rule_input){
        .time = time,
        .value = NAN,
        .sd = NAN,
        .nis = NAN,
        .sample_time = NAN,
        .changed = NAN,
        .watched = twin->watched,
        .fresh = judge->any,
        .values = sight->values,
        .n = rule->n_subjects,
    };
    struct rule_input *in = &sight->in;
    double *sd = rule->type->asks_sd ? &in->sd : NULL;
    for (size_t i = rule->n_subjects; i-- > 0;) /* the sd that stays is the first's */
        sight->values[i] = rule->subjects[i].twin
                               ? others_value(judge, &rule->subjects[i], time)
                               : subject_value(judge, twin, &rule->subjects[i], time, sd);
    if (rule->n_subjects > 0)
        in->value = sight->values[0];
    if (rule->n_subjects > 1)
        take_several(judge, twin, rule, in);
    else if (rule->n_subjects == 1 && rule->subjects[0].sensor != PLAN_NONE)
        take_one(judge, twin, rule->subjects[0].sensor, in);
    take_members(twin, rule, sight);
    if (rule->type->asks_sensors)
        take_sensors(judge, twin, rule, sight);
    if (rule->type->isolates) {
        in->n_faults = isolate_faults(twin, sight->faults, SIGHT_FAULTS);
        in->faults = sight->faults;
    }
    if (rule->type->asks_parts)
        take_parts(twin, rule, sight);
    in->future = future_of(judge, rule, &sight->future);
    sight->sample_time = deciding_sample(twin, rule, in);
}

bool sight_is_early(const struct twin *twin, const struct plan_rule *rule, double time)
{
    double wait = 0;
    bool all = rule->n_subjects == 0;
    for (size_t i = 0; i < rule->n_subjects; i++)
        if (rule->subjects[i].sensor == PLAN_NONE)
            all = true;
        else
            wait = fmax(wait, twin->plan->sensors[rule->subjects[i].sensor].timeout);
    for (size_t i = 0; all && i < twin->plan->n_sensors; i++)
        wait = fmax(wait, twin->plan->sensors[i].timeout);
    return time - twin->watched <= wait;
}
