/* Plans: made by the configuration, checked and completed here once, then only read. */
#include "twind/plan.h"

#include "twind/forecast.h"
#include "twind/isolate.h"
#include "twind/layout.h"
#include "twind/mem.h"
#include "twind/subject.h"
#include "twind/wear.h"

#include <stdlib.h>
#include <string.h>

static const double usual_step = 10, usual_states_every = 60;

struct plan *plan_new(const struct kind *kind)
{
    struct plan *plan = mem_new(1, sizeof *plan);
    plan->kind = kind;
    plan->params = mem_new(kind->n_params, sizeof *plan->params);
    for (size_t i = 0; i < kind->n_params; i++)
        plan->params[i] = kind->params[i].value;
    plan->step = usual_step;
    plan->states_every = usual_states_every;
    plan->references = 1;
    return plan;
}

const struct kind_row *plan_row(const struct kind *kind, size_t signal)
{
    return signal < kind->n_inputs ? &kind->inputs[signal]
                                   : &kind->outputs[signal - kind->n_inputs];
}

static size_t n_signals(const struct kind *kind)
{
    return kind->n_inputs + kind->n_outputs;
}

size_t plan_signal(const struct kind *kind, const char *name)
{
    for (size_t i = 0; i < n_signals(kind); i++)
        if (strcmp(plan_row(kind, i)->name, name) == 0)
            return i;
    return PLAN_NONE;
}

size_t plan_rule_width(const struct plan *plan, const struct plan_rule *rule)
{
    return rule->n_members > 0      ? rule->n_members
           : rule->n_subjects > 0   ? rule->n_subjects
           : rule->type->asks_parts ? plan->n_wear
                                    : plan->n_sensors;
}

const char *plan_rule_part(const struct plan *plan, const struct plan_rule *rule, size_t i)
{
    if (rule->n_members > 0)
        return plan->rules[rule->members[i].rule].id;
    if (rule->type->asks_parts)
        return plan
            ->wear[rule->n_subjects > 0 ? wear_find(plan, rule->subjects[i].signal) : i]
            .label;
    return rule->n_subjects > 0 ? rule->subjects[i].text
                                : plan_row(plan->kind, plan->sensors[i].signal)->name;
}

struct plan_sensor plan_sensor_usual(const struct kind *kind, size_t signal)
{
    const struct kind_row *row = plan_row(kind, signal);
    return (struct plan_sensor){
        .signal = signal,
        .sd = row->noise,
        .timeout = INFINITY,
        .min = row->min,
        .max = row->max,
        .stuck_after = INFINITY,
    };
}

/* ---- checks ---- */

static bool check_kind(const struct kind *kind, struct err *e)
{
    if (kind->n_params > KIND_ROWS_MAX || kind->n_inputs > KIND_ROWS_MAX ||
        kind->n_states > KIND_STATES_MAX || kind->n_outputs > KIND_ROWS_MAX ||
        kind->n_memory > KIND_MEMORY_MAX)
        return err_set(e,
                       "kind %s is too large: at most %d rows a table, %d states, %d "
                       "doubles of memory",
                       kind->name, KIND_ROWS_MAX, KIND_STATES_MAX, KIND_MEMORY_MAX);
    if (!(kind->max_step > 0))
        return err_set(e, "kind %s: max_step must be greater than 0 s", kind->name);
    return true;
}

static bool check_sensors(struct plan *plan, struct err *e)
{
    bool seen[2 * KIND_ROWS_MAX] = {false};
    for (size_t i = 0; i < plan->n_sensors; i++) {
        struct plan_sensor *sensor = &plan->sensors[i];
        if (sensor->signal >= n_signals(plan->kind))
            return err_set(e, "sensor %zu: kind %s has %zu signals, there is no number %zu",
                           i, plan->kind->name, n_signals(plan->kind), sensor->signal);
        const struct kind_row *row = plan_row(plan->kind, sensor->signal);
        bool output = sensor->signal >= plan->kind->n_inputs;
        if (output && !(row->flags & KIND_MEASURED))
            return err_set(e, "%s is computed by the model; no sensor can be bound to it",
                           row->name);
        if (seen[sensor->signal])
            return err_set(e, "%s has two sensors; one is allowed", row->name);
        seen[sensor->signal] = true;
        if (!(sensor->sd > 0))
            sensor->sd = row->noise > 0 ? row->noise : 1e-6 * fmax(1, fabs(row->value));
    }
    return true;
}

size_t plan_sensor_of(const struct plan *plan, size_t signal)
{
    for (size_t i = 0; i < plan->n_sensors; i++)
        if (plan->sensors[i].signal == signal)
            return i;
    return PLAN_NONE;
}

static bool check_subject(const struct plan *plan, const struct plan_rule *rule,
                          struct plan_subject *subject, struct err *e)
{
    const struct kind *kind = plan->kind;
    if (subject->twin) {
        subject->sensor = PLAN_NONE;
        return subject > rule->subjects ||
               err_set(e, "rule %s: its first signal must be the twin's own", rule->id);
    }
    const char *on = subject_name(kind, subject->subject, subject->signal);
    bool signal = subject->subject <= RULE_RESIDUAL;
    if (!on || !*on)
        return err_set(e, "rule %s is on no signal of kind %s", rule->id, kind->name);
    subject->sensor = signal ? plan_sensor_of(plan, subject->signal) : PLAN_NONE;
    bool sensor = subject->subject == RULE_MEASURED || subject->subject == RULE_RESIDUAL;
    if (subject->sensor == PLAN_NONE && (sensor || rule->type->sensor_only))
        return err_set(e, "rule %s looks at the sensor of %s, but none is bound", rule->id,
                       on);
    if (subject->subject == RULE_RESIDUAL && subject->signal < kind->n_inputs)
        return err_set(e, "rule %s: %s is an input, the model expects nothing of it",
                       rule->id, on);
    if (rule->type->forecast &&
        (subject->subject != RULE_ESTIMATE || subject->signal < kind->n_inputs))
        return err_set(e, "rule %s looks at forecasts, which are of outputs; %s is none",
                       rule->id, on);
    if (!subject->text)
        subject->text = subject_text(subject->subject, on);
    return true;
}

/* Health that a rule looks at must be kept, and seen. */
static bool check_health(const struct plan *plan, const struct plan_rule *rule,
                         struct err *e)
{
    const struct kind_health *health = plan->kind->health;
    bool asks = rule->type->asks_parts;
    for (size_t i = 0; i < rule->n_subjects; i++) {
        const struct plan_subject *on = &rule->subjects[i];
        bool own = on->subject == RULE_HEALTH && !on->twin;
        if (rule->type->asks_parts && !own)
            return err_set(e,
                           "rule %s looks at wear, so it is on health.NAME or on nothing",
                           rule->id);
        if (own && plan->health && wear_find(plan, on->signal) == PLAN_NONE)
            return err_set(e, "rule %s: %s is not seen without sensors of %s%s%s", rule->id,
                           on->text, health[on->signal].needs[0],
                           health[on->signal].needs[1] ? " and " : "",
                           health[on->signal].needs[1] ? health[on->signal].needs[1] : "");
        asks |= own;
    }
    return !asks || plan->health ||
           err_set(e,
                   "rule %s looks at wear, which is not kept: give the twin \"health\": "
                   "\"on\"",
                   rule->id);
}

static bool check_rule(const struct plan *plan, size_t index, struct err *e)
{
    struct plan_rule *rule = &plan->rules[index];
    if (rule->n_subjects < rule_least(rule->type) ||
        rule->n_subjects > rule_most(rule->type))
        return err_set(e, "rule %s is on %zu signals, a rule of the type %s on %zu to %zu",
                       rule->id, rule->n_subjects, rule->type->name, rule_least(rule->type),
                       rule_most(rule->type));
    for (size_t i = 0; i < rule->n_subjects; i++)
        if (!check_subject(plan, rule, &rule->subjects[i], e))
            return false;
    if (!check_health(plan, rule, e))
        return false;
    if (rule->type->forecast && !(plan->forecast.every > 0))
        return err_set(e,
                       "rule %s looks at forecasts, but the twin makes none: give it "
                       "`forecast`",
                       rule->id);
    size_t n_state = rule_state_size(rule->type, rule->params, plan_rule_width(plan, rule));
    if (n_state > RULE_STATE_MAX)
        return err_set(e,
                       "rule %s keeps %zu numbers, at most %d are allowed: put it on fewer "
                       "signals",
                       rule->id, n_state, RULE_STATE_MAX);
    for (size_t i = 0; i < rule->n_unless; i++)
        if (rule->unless[i] >= index)
            return err_set(e, "rule %s is suppressed by a rule that comes after it",
                           rule->id);
    for (size_t i = 0; i < rule->n_members; i++)
        if (rule->members[i].rule >= index)
            return err_set(e, "rule %s looks at a rule that comes after it", rule->id);
    return true;
}

static bool check_forecast(const struct plan *plan, struct err *e)
{
    const struct plan_forecast *f = &plan->forecast;
    if (f->every == 0)
        return true;
    if (!(f->every >= FORECAST_RASTER))
        return err_set(e, "forecast: every (%g s) must be at least %d s", f->every,
                       FORECAST_RASTER);
    if (!(f->step > 0) || !(f->horizon >= FORECAST_RASTER) || !(f->horizon >= f->step) ||
        !(f->horizon <= FORECAST_HORIZON_MOST))
        return err_set(e,
                       "forecast: horizon (%g s) must be %d to %d s and not less than step "
                       "(%g s)",
                       f->horizon, FORECAST_RASTER, FORECAST_HORIZON_MOST, f->step);
    if (f->horizon / f->step > FORECAST_STEPS_MOST)
        return err_set(e, "forecast: %g steps of %g s, at most %d are allowed",
                       f->horizon / f->step, f->step, FORECAST_STEPS_MOST);
    for (size_t i = 0; i < f->n_given; i++)
        if (f->given[i] >= plan->kind->n_inputs)
            return err_set(e, "forecast: kind %s has %zu inputs, there is no number %zu",
                           plan->kind->name, plan->kind->n_inputs, f->given[i]);
    return true;
}

/* ---- what is derived ---- */

static void collect_states(struct plan *plan)
{
    const struct kind *kind = plan->kind;
    size_t n = kind->n_states;
    for (size_t i = 0; i < kind->n_params; i++)
        n += kind->params[i].noise > 0;
    plan->x_rows = mem_new(n, sizeof(void *));
    plan->x_block = mem_new(n, sizeof *plan->x_block);
    plan->estimated = mem_new(n - kind->n_states, sizeof *plan->estimated);
    for (size_t i = 0; i < kind->n_states; i++)
        plan->x_rows[i] = &kind->states[i];
    plan->n_x = kind->n_states;
    for (size_t i = 0; i < kind->n_params; i++)
        if (kind->params[i].noise > 0) {
            plan->estimated[plan->n_x - kind->n_states] = i;
            plan->x_rows[plan->n_x++] = &kind->params[i];
        }
}

static bool fill_block(struct plan *plan, size_t number, struct err *e)
{
    struct plan_block *block = &plan->blocks[number];
    for (size_t i = 0; i < plan->n_x; i++) {
        if (plan->x_rows[i]->block != (int)number)
            continue;
        if (block->n == KIND_BLOCK_MAX)
            return err_set(e, "kind %s: block %zu has more than %d states",
                           plan->kind->name, number, KIND_BLOCK_MAX);
        block->index[block->n++] = (uint8_t)i;
        plan->x_block[i] = (uint8_t)number;
    }
    if (block->n == 0)
        return err_set(e, "kind %s: no state is in block %zu", plan->kind->name, number);
    block->p = plan->n_cov;
    plan->n_cov += block->n * block->n;
    return true;
}

static bool make_blocks(struct plan *plan, struct err *e)
{
    for (size_t i = 0; i < plan->n_x; i++) {
        int block = plan->x_rows[i]->block;
        if (block < 0 || block >= KIND_BLOCKS_MAX)
            return err_set(e, "kind %s: %s is in block %d, allowed are 0 to %d",
                           plan->kind->name, plan->x_rows[i]->name, block,
                           KIND_BLOCKS_MAX - 1);
        if ((size_t)block >= plan->n_blocks)
            plan->n_blocks = (size_t)block + 1;
    }
    plan->blocks = mem_new(plan->n_blocks, sizeof *plan->blocks);
    for (size_t b = 0; b < plan->n_blocks; b++)
        if (!fill_block(plan, b, e))
            return false;
    return true;
}

static size_t flagged(const struct kind *kind, unsigned flag)
{
    for (size_t i = 0; i < n_signals(kind); i++)
        if (plan_row(kind, i)->flags & flag)
            return i;
    return PLAN_NONE;
}

static void find_utc_offset(struct plan *plan)
{
    for (size_t i = 0; i < plan->kind->n_params; i++)
        if (strcmp(plan->kind->params[i].name, "utc_offset") == 0)
            plan->utc_offset = plan->params[i];
}

static void derive_rest(struct plan *plan)
{
    const struct kind *kind = plan->kind;
    plan->temperature = flagged(kind, KIND_TEMPERATURE);
    plan->pressure = flagged(kind, KIND_PRESSURE);
    find_utc_offset(plan);
    plan->rule_state = mem_new(plan->n_rules, sizeof *plan->rule_state);
    size_t n = 0;
    for (size_t i = 0; i < plan->n_rules; i++) {
        plan->rule_state[i] = n;
        n += rule_state_size(plan->rules[i].type, plan->rules[i].params,
                             plan_rule_width(plan, &plan->rules[i]));
    }
    plan->isolate = isolate_plan_new(plan);
    layout_place(plan, &(struct layout_counts){
                           kind->n_inputs, kind->n_memory, n, forecast_size(plan),
                           plan->n_wear * sizeof(struct wear_state), isolate_size(plan)});
}

bool plan_finish(struct plan *plan, struct err *e)
{
    if (!check_kind(plan->kind, e) || !check_sensors(plan, e))
        return false;
    if (!(plan->step > 0) || !(plan->states_every > 0))
        return err_set(e, "step (%g s) and states_every (%g s) must be greater than 0 s",
                       plan->step, plan->states_every);
    plan->wear = mem_new(plan->health ? WEAR_MOST : 0, sizeof *plan->wear);
    wear_list(plan);
    for (size_t i = 0; i < plan->n_rules; i++)
        if (!check_rule(plan, i, e))
            return false;
    if (!check_forecast(plan, e))
        return false;
    collect_states(plan);
    if (plan->n_x > KIND_STATES_MAX)
        return err_set(e, "kind %s: %zu states and estimated parameters, at most %d",
                       plan->kind->name, plan->n_x, KIND_STATES_MAX);
    if (!make_blocks(plan, e))
        return false;
    derive_rest(plan);
    return true;
}

struct plan *plan_vary(struct plan *base, const double *params)
{
    struct plan *plan = mem_new(1, sizeof *plan);
    size_t n = base->kind->n_params;
    *plan = *base;
    plan->base = plan_hold(base);
    plan->references = 1;
    plan->params = mem_new(n, sizeof *plan->params);
    memcpy(plan->params, params, n * sizeof *plan->params);
    find_utc_offset(plan);
    return plan;
}

static void drop_varied(struct plan *plan)
{
    plan_drop(plan->base);
    free(plan->params);
    free(plan);
}

struct plan *plan_hold(struct plan *plan)
{
    plan->references++;
    return plan;
}

static void drop_rule(struct plan_rule *rule)
{
    for (size_t i = 0; i < rule->n_subjects; i++) {
        free(rule->subjects[i].twin);
        free(rule->subjects[i].text);
    }
    free(rule->subjects);
    free(rule->id);
    free(rule->message);
    free(rule->params);
    free(rule->unless);
    free(rule->members);
}

void plan_drop(struct plan *plan)
{
    if (!plan || --plan->references > 0)
        return;
    if (plan->base) {
        drop_varied(plan);
        return;
    }
    for (size_t i = 0; i < plan->n_rules; i++)
        drop_rule(&plan->rules[i]);
    free(plan->rules);
    free(plan->sensors);
    free(plan->params);
    free(plan->blocks);
    free(plan->x_rows);
    free(plan->x_block);
    free(plan->estimated);
    free(plan->rule_state);
    free(plan->wear);
    free(plan->forecast.given);
    free(plan->isolate);
    free(plan->declared);
    free(plan);
}
