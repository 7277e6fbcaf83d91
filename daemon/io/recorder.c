#include "twind/recorder.h"

#include "twind/compose.h"
#include "twind/log.h"
#include "twind/mem.h"
#include "twind/wear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Names of series outlive the configuration that they came from, for the history goes on
 * using them: copies, each list once. */
struct recorder_names {
    struct recorder_names *next;
    size_t n;
    struct history_name at[]; /* sensors, then outputs; the texts follow */
};

/* What all twins of a plan have in common here. */
struct recorder_plan {
    const struct plan *plan;
    const struct recorder_names *names;
    uint32_t layout; /* the keep's number; 0: none */
};

struct recorder_twin {
    struct history_twin *series;
    uint64_t place;
    uint32_t plan;
    bool changed;
};

struct recorder {
    struct history *history;
    struct keep *keep;
    struct engine *engine;
    struct recorder *former; /* while a reload takes over from it */
    struct recorder_names *names;
    struct recorder_plan *plans;
    size_t n_plans, room_plans;
    struct recorder_twin *twins; /* by index in the engine */
    size_t room_twins;
    struct twin **changed; /* a list of those whose flag is up */
    size_t n_changed, room_changed;
};

static struct recorder_twin *entry(const struct recorder *recorder, const struct twin *twin)
{
    return &recorder->twins[twin->index];
}

static struct history_name name_at(const struct plan *plan, size_t i)
{
    bool sensor = i < plan->n_sensors;
    const struct kind_row *row = sensor ? plan_row(plan->kind, plan->sensors[i].signal)
                                        : &plan->kind->outputs[i - plan->n_sensors];
    return (struct history_name){row->name, row->unit,
                                 sensor ? HISTORY_READING : HISTORY_STATE};
}

static bool are_names_of(const struct recorder_names *names, const struct plan *plan)
{
    if (names->n != plan->n_sensors + plan->kind->n_outputs)
        return false;
    for (size_t i = 0; i < names->n; i++) {
        struct history_name name = name_at(plan, i);
        if (names->at[i].what != name.what || strcmp(names->at[i].name, name.name) != 0 ||
            strcmp(names->at[i].unit, name.unit) != 0)
            return false;
    }
    return true;
}

static const char *copy_text(char **room, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = memcpy(*room, text, size);
    *room += size;
    return copy;
}

static struct recorder_names *copy_names(const struct plan *plan)
{
    size_t n = plan->n_sensors + plan->kind->n_outputs, texts = 0;
    for (size_t i = 0; i < n; i++)
        texts += strlen(name_at(plan, i).name) + strlen(name_at(plan, i).unit) + 2;
    struct recorder_names *names =
        mem_new(1, sizeof *names + n * sizeof *names->at + texts);
    char *room = (char *)&names->at[n];
    names->n = n;
    for (size_t i = 0; i < n; i++) {
        struct history_name name = name_at(plan, i);
        names->at[i] = (struct history_name){copy_text(&room, name.name),
                                             copy_text(&room, name.unit), name.what};
    }
    return names;
}

static const struct recorder_names *find_names(struct recorder *recorder,
                                               const struct plan *plan)
{
    struct recorder_names *names = recorder->names;
    while (names && !are_names_of(names, plan))
        names = names->next;
    if (names)
        return names;
    names = copy_names(plan);
    names->next = recorder->names;
    recorder->names = names;
    return names;
}

/* The last plan is tried first: twins of a fleet come one after another. */
static uint32_t find_plan(struct recorder *recorder, const struct plan *plan)
{
    for (size_t i = recorder->n_plans; i-- > 0;)
        if (recorder->plans[i].plan == plan)
            return (uint32_t)i;
    recorder->plans = mem_grow(recorder->plans, &recorder->room_plans,
                               recorder->n_plans + 1, sizeof *recorder->plans);
    struct recorder_plan *made = &recorder->plans[recorder->n_plans];
    /* held, so that no other plan comes to lie at its address */
    plan_hold((struct plan *)plan);
    *made = (struct recorder_plan){.plan = plan, .names = find_names(recorder, plan)};
    if (recorder->keep) {
        char *layout = plan_layout(plan);
        made->layout = keep_layout(recorder->keep, layout);
        free(layout);
    }
    return (uint32_t)recorder->n_plans++;
}

/* The block as it was kept, in whatever layout, into the twin. */
static bool restore(struct recorder *recorder, struct twin *twin, uint64_t place,
                    uint32_t layout)
{
    const void *block =
        keep_read(recorder->keep, place, history_applied(recorder->history));
    uint32_t old = keep_place_layout(recorder->keep, place);
    if (!block)
        return false;
    if (old == layout) {
        memcpy(twin->block, block, twin->plan->block_size);
        return true;
    }
    return plan_adopt(twin->plan, twin->block, keep_layout_text(recorder->keep, old), block,
                      keep_place_size(recorder->keep, place));
}

/* The twin as it was before a reload; NULL: it is new, or this is no reload. */
static struct twin *former_twin(const struct recorder *recorder, const struct twin *twin)
{
    const struct recorder *former = recorder->former;
    return former && former->engine ? engine_find(former->engine, twin->id) : NULL;
}

/* From the former world, layout or not. (What the keep holds is older, and the writer may
 * be at work on it.) */
static bool take_over(const struct recorder *recorder, struct twin *twin)
{
    const struct twin *old = former_twin(recorder, twin);
    if (!old)
        return false;
    char *layout = plan_layout(old->plan);
    bool taken =
        plan_adopt(twin->plan, twin->block, layout, old->block, old->plan->block_size);
    free(layout);
    return taken;
}

/* A new place, for a new twin or a changed layout: what was decided up to now counts as
 * told, for the old marks are gone. */
static uint64_t settle(struct recorder *recorder, struct twin *twin, uint32_t layout)
{
    const struct plan *plan = twin->plan;
    uint64_t place =
        keep_place(recorder->keep, twin->id, layout, plan->block_size, plan->n_rules);
    for (size_t i = 0; place != KEEP_NONE && i < plan->n_rules; i++)
        keep_set_mark(recorder->keep, place, i, twin_alerts(twin)[i].transitions);
    return place;
}

/* The series that the twin had before a reload; NULL: none, or others. */
static struct history_twin *former_series(const struct recorder *recorder,
                                          const struct twin *twin,
                                          const struct recorder_names *names)
{
    const struct twin *old = former_twin(recorder, twin);
    if (!old)
        return NULL;
    const struct recorder_twin *t = entry(recorder->former, old);
    bool same = recorder->former->plans[t->plan].names == names &&
                old->plan->utc_offset == twin->plan->utc_offset;
    return same ? t->series : NULL;
}

static struct history_twin *find_series(struct recorder *recorder, const struct twin *twin,
                                        const struct recorder_names *names)
{
    struct history_twin *series = former_series(recorder, twin, names);
    return series ? series
                  : history_twin(recorder->history, twin->id, twin->plan->kind->name,
                                 twin->plan->utc_offset, names->at, names->n);
}

bool recorder_attach(struct recorder *recorder, struct engine *engine, struct twin *twin)
{
    recorder->engine = engine;
    recorder->twins = mem_grow(recorder->twins, &recorder->room_twins,
                               (size_t)twin->index + 1, sizeof *recorder->twins);
    uint32_t plan = find_plan(recorder, twin->plan);
    const struct recorder_plan *shared = &recorder->plans[plan];
    struct recorder_twin *made = entry(recorder, twin);
    *made = (struct recorder_twin){.plan = plan, .place = KEEP_NONE};
    made->series = find_series(recorder, twin, shared->names);
    bool found = take_over(recorder, twin);
    if (!recorder->keep || shared->layout == 0)
        return found;
    made->place = keep_find(recorder->keep, twin->id);
    if (!found && made->place != KEEP_NONE)
        found = restore(recorder, twin, made->place, shared->layout);
    if (made->place == KEEP_NONE ||
        keep_place_layout(recorder->keep, made->place) != shared->layout) {
        made->place = settle(recorder, twin, shared->layout);
        if (found)
            recorder_changed(recorder, twin);
    }
    return found;
}

void recorder_reading(void *context, struct twin *twin, size_t sensor, double time,
                      double value, enum quality quality)
{
    struct recorder *recorder = context;
    history_reading(recorder->history, entry(recorder, twin)->series, sensor, time, value,
                    (unsigned)quality);
}

static void put_estimates(struct recorder *recorder, const struct twin *twin,
                          void (*put)(struct history *, struct history_twin *, size_t,
                                      double, double, double))
{
    const struct plan *plan = twin->plan;
    for (size_t i = 0; i < plan->kind->n_outputs; i++) {
        double sd, value = twin_estimate(twin, i, &sd, engine_scratch(recorder->engine));
        if (isfinite(value))
            put(recorder->history, entry(recorder, twin)->series, plan->n_sensors + i,
                twin_head(twin)->time, value, sd);
    }
}

void recorder_state(void *context, struct twin *twin)
{
    put_estimates(context, twin, history_state);
}

void recorder_latest(struct recorder *recorder, const struct twin *twin)
{
    if (twin_head(twin)->time > 0)
        put_estimates(recorder, twin, history_latest);
}

void recorder_forecast(void *context, struct twin *twin, const struct forecast *forecast)
{
    struct recorder *recorder = context;
    for (size_t i = 0; i < forecast->kind->n_outputs; i++)
        history_forecast(
            recorder->history, entry(recorder, twin)->series, twin->plan->n_sensors + i,
            &(struct history_forecast){.made = forecast->made,
                                       .step = forecast->step,
                                       .n = forecast->n,
                                       .mean = forecast->mean + i * forecast->n,
                                       .sd = forecast->sd + i * forecast->n});
}

void recorder_health(void *context, struct twin *twin, double time)
{
    static const double day = 86400;
    struct recorder *recorder = context;
    for (size_t i = 0; i < twin->plan->n_wear; i++) {
        struct rule_part p = wear_part(twin, i);
        history_health(recorder->history,
                       &(struct history_health){.twin = twin->id,
                                                .name = p.name,
                                                .part = p.part,
                                                .time = time,
                                                .value = p.value,
                                                .sd = p.sd,
                                                .limit = p.limit,
                                                .days_left = p.left / day,
                                                .days_left_least = p.left_least / day,
                                                .days_left_most = p.left_most / day});
    }
}

void recorder_alert(void *context, const struct engine_alert *a)
{
    struct recorder *recorder = context;
    history_alert(recorder->history,
                  &(struct history_alert){
                      .id = a->id,
                      .twin = a->twin->id,
                      .rule = a->rule->id,
                      .type = a->rule->type->name,
                      .severity = severity_name((enum severity)a->alert->severity),
                      .state = alert_state_name((enum alert_state)a->alert->state),
                      .message = a->message,
                      .cause = a->cause,
                      .acknowledged = a->alert->acknowledged,
                      .time = a->time,
                      .value = a->alert->value,
                      .limit = a->alert->limit,
                      .transition = a->alert->transitions,
                  });
}

void recorder_changed(void *context, struct twin *twin)
{
    struct recorder *recorder = context;
    struct recorder_twin *t = entry(recorder, twin);
    if (t->changed || t->place == KEEP_NONE)
        return;
    t->changed = true;
    recorder->changed = mem_grow(recorder->changed, &recorder->room_changed,
                                 recorder->n_changed + 1, sizeof *recorder->changed);
    recorder->changed[recorder->n_changed++] = twin;
}

void recorder_hand_over(struct recorder *recorder, uint64_t seq, double now, bool force)
{
    if (!force && !history_due(recorder->history, now))
        return;
    for (size_t i = 0; i < recorder->n_changed; i++) {
        struct twin *twin = recorder->changed[i];
        struct recorder_twin *t = entry(recorder, twin);
        t->changed = false;
        history_block(recorder->history, t->place, twin->block, twin->plan->block_size);
    }
    recorder->n_changed = 0;
    history_hand_over(recorder->history, seq, now);
}

void recorder_set_told(struct recorder *recorder, const struct twin *twin, size_t rule,
                       uint32_t transition)
{
    uint64_t place = entry(recorder, twin)->place;
    if (place != KEEP_NONE && keep_mark(recorder->keep, place, rule) < transition)
        keep_set_mark(recorder->keep, place, rule, transition);
}

uint32_t recorder_told(const struct recorder *recorder, const struct twin *twin,
                       size_t rule)
{
    uint64_t place = entry(recorder, twin)->place;
    return place == KEEP_NONE ? 0 : keep_mark(recorder->keep, place, rule);
}

struct recorder *recorder_new(struct history *history, struct keep *keep,
                              struct recorder *former)
{
    struct recorder *recorder = mem_new(1, sizeof *recorder);
    recorder->history = history;
    recorder->keep = keep;
    recorder->former = former;
    if (former) {
        recorder->names = former->names;
        former->names = NULL;
    }
    return recorder;
}

void recorder_leave_former(struct recorder *recorder)
{
    recorder_free(recorder->former);
    recorder->former = NULL;
}

void recorder_free(struct recorder *recorder)
{
    if (!recorder)
        return;
    for (struct recorder_names *names = recorder->names, *next; names; names = next) {
        next = names->next;
        free(names);
    }
    for (size_t i = 0; i < recorder->n_plans; i++)
        plan_drop((struct plan *)recorder->plans[i].plan);
    free(recorder->plans);
    free(recorder->twins);
    free(recorder->changed);
    free(recorder);
}
