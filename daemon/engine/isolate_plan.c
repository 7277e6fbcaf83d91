/* Which faults are told apart in twins of a plan, what they are called, and what is thought
 * of their sizes beforehand. */
#include "isolate_block.h"

#include "twind/mem.h"

#include <stdio.h>
#include <string.h>

/* Sizes of sensors' faults, in the sensor's sd: a bias, a drift in an hour; a scale. */
static const double bias_sd = 15, drift_sd = 1, scale_sd = 0.4;
/* A fault of the plant is about as large as its row says; one that only adds to a state may
 * also take from it. */
static const double input_spread = 0.5, plant_spread = 1;

static const struct {
    const char *name, *says;
} words[ISOLATE_CAUSES] = {
    [ISOLATE_BIAS] = {"bias", "shows too much or too little"},
    [ISOLATE_DRIFT] = {"drift", "drifts"},
    [ISOLATE_SCALE] = {"scale", "shows a wrong scale"},
    [ISOLATE_INPUT] = {"bias", "shows too much or too little"},
    [ISOLATE_INPUT_SCALE] = {"scale", "shows a wrong scale"},
    [ISOLATE_STUCK] = {"stuck", "is stuck"},
    [ISOLATE_NOISE] = {"noise", "is noisy"},
    [ISOLATE_SPIKE] = {"spike", "shows spikes"},
    [ISOLATE_SILENT] = {"silent", "is silent, or loses readings"},
    [ISOLATE_UNIT] = {"unit", "shows another unit"},
    [ISOLATE_RANGE] = {"range", "shows what can't be"},
    [ISOLATE_CLOCK] = {"clock", "has a wrong clock"},
};

static bool is_output(const struct plan *plan, size_t sensor)
{
    return plan->sensors[sensor].signal >= plan->kind->n_inputs;
}

static unsigned flags_of(const struct plan *plan, size_t sensor)
{
    return plan_row(plan->kind, plan->sensors[sensor].signal)->flags;
}

static struct isolate_hypothesis *add(struct isolate_plan *to, enum isolate_cause cause)
{
    struct isolate_hypothesis *new = &to->all[to->n++];
    new->cause = cause;
    new->sensor = PLAN_NONE;
    return new;
}

static void add_sensor(struct isolate_plan *to, const struct plan *plan,
                       enum isolate_cause cause, size_t sensor, double sd)
{
    const char *on = plan_row(plan->kind, plan->sensors[sensor].signal)->name;
    struct isolate_hypothesis *new = add(to, cause);
    new->sensor = sensor;
    new->sd = sd;
    snprintf(new->name, sizeof new->name, "%.80s:%s", on, words[cause].name);
    snprintf(new->says, sizeof new->says, "the sensor of %.60s %s", on, words[cause].says);
}

static void add_readings(struct isolate_plan *to, const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_sensors; i++) {
        double sd = plan->sensors[i].sd;
        if (!is_output(plan, i) || flags_of(plan, i) & KIND_CUMULATIVE ||
            to->n + 3 > ISOLATE_BANK_MOST)
            continue;
        add_sensor(to, plan, ISOLATE_BIAS, i, bias_sd * sd);
        add_sensor(to, plan, ISOLATE_DRIFT, i, drift_sd * sd);
        add_sensor(to, plan, ISOLATE_SCALE, i, scale_sd);
    }
    to->n_direct = to->n;
}

static void add_plant(struct isolate_plan *to, const struct kind_fault *fault)
{
    struct isolate_hypothesis *new = add(to, ISOLATE_PLANT);
    enum kind_change change = fault->effects[0].change;
    new->fault = fault;
    new->mean = change != KIND_STATE_SHIFTS;
    new->sd = change == KIND_INPUT_IS ? input_spread : plant_spread;
    snprintf(new->name, sizeof new->name, "%s", fault->name);
    snprintf(new->says, sizeof new->says, "%s", fault->says);
}

/* What can't be less than nothing shows a share of it, else a wrong level. */
static void add_input(struct isolate_plan *to, const struct plan *plan, size_t sensor)
{
    const struct kind_row *row = plan_row(plan->kind, plan->sensors[sensor].signal);
    bool share = row->min == 0 && strcmp(row->unit, "%") != 0; // NOLINT: as told
    if (share)
        add_sensor(to, plan, ISOLATE_INPUT_SCALE, sensor, scale_sd);
    else
        add_sensor(to, plan, ISOLATE_INPUT, sensor, bias_sd * plan->sensors[sensor].sd);
}

static void add_driven(struct isolate_plan *to, const struct plan *plan)
{
    const struct kind *kind = plan->kind;
    for (size_t i = 0; i < kind->n_faults && to->n < ISOLATE_BANK_MOST; i++)
        add_plant(to, &kind->faults[i]);
    for (size_t i = 0; i < plan->n_sensors && to->n < ISOLATE_BANK_MOST; i++)
        if (!is_output(plan, i) && !(flags_of(plan, i) & KIND_SWITCH))
            add_input(to, plan, i);
}

/* Of what people and controllers set, only that it is heard, and with sense. */
static void add_signs(struct isolate_plan *to, const struct plan *plan, size_t sensor)
{
    unsigned flags = flags_of(plan, sensor);
    bool measured = !(flags & (KIND_SWITCH | KIND_CUMULATIVE));
    for (enum isolate_cause cause = ISOLATE_STUCK; cause < ISOLATE_CAUSES; cause++) {
        bool any =
            cause == ISOLATE_SILENT || cause == ISOLATE_RANGE || cause == ISOLATE_CLOCK;
        bool modelled = is_output(plan, sensor) && to->n_bank > 0;
        if (any || (measured && (cause != ISOLATE_UNIT || modelled)))
            add_sensor(to, plan, cause, sensor, 1);
    }
}

static const struct plan_rule *asking(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_rules; i++)
        if (plan->rules[i].type->isolates)
            return &plan->rules[i];
    return NULL;
}

struct isolate_plan *isolate_plan_new(const struct plan *plan)
{
    const struct plan_rule *rule = asking(plan);
    if (!rule)
        return NULL;
    size_t most = ISOLATE_BANK_MOST + plan->n_sensors * (ISOLATE_CAUSES - ISOLATE_STUCK);
    struct isolate_plan *to =
        mem_new(1, sizeof *to + most * sizeof(struct isolate_hypothesis));
    if (!isinf(plan->kind->gate)) { /* a model that can contradict */
        add_readings(to, plan);
        add_driven(to, plan);
    }
    to->n_bank = to->n;
    for (size_t i = 0; i < plan->n_sensors; i++)
        add_signs(to, plan, i);
    to->excludes = rule->type->isolates(rule->params) == RULE_ISOLATES_AND_EXCLUDES;
    return to;
}

/* ---- the block ---- */

size_t isolate_size(const struct plan *plan)
{
    if (!plan->isolate)
        return 0;
    return sizeof(struct isolate_head) + plan->isolate->n * sizeof(struct isolate_fact) +
           plan->n_sensors * sizeof(struct isolate_sensor) +
           plan->kind->n_states * sizeof(struct isolate_habit) +
           (5 + plan->n_x) * isolate_columns(plan) * sizeof(double);
}

struct isolate_block isolate_block(const struct twin *twin)
{
    const struct plan *plan = twin->plan;
    struct isolate_block block = {.head = NULL};
    if (!plan->isolate)
        return block;
    size_t m = isolate_columns(plan);
    char *at = twin->block + plan->at_isolate;
    block.head = (void *)at;
    at += sizeof *block.head;
    block.facts = (void *)at;
    at += plan->isolate->n * sizeof *block.facts;
    block.sensors = (void *)at;
    at += plan->n_sensors * sizeof *block.sensors;
    block.habits = (void *)at;
    at += plan->kind->n_states * sizeof *block.habits;
    block.c = (void *)at;
    block.d = block.c + m;
    block.recent = block.d + m;
    block.since = block.recent + m;
    block.doubt = block.since + m;
    block.g = block.doubt + m;
    return block;
}
