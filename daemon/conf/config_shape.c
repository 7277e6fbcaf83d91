/* From the keys of a twin to its plan: kind, parameters, sensors, commands, forecast,
 * rules. */
#include "twind/config_shape.h"

#include "twind/config_declare.h"
#include "twind/config_rule.h"
#include "twind/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- the kind -- */

static const struct kind *find_kind(struct config_reader *reader,
                                    const struct config_place *twin, const char *name)
{
    const struct kind *kind = kinds_find(name);
    struct config_place at = config_place_of(twin, "kind");
    struct config_hint hint = {.word = name};
    for (size_t i = 0; !kind && kinds_all[i]; i++)
        config_hint_offer(&hint, kinds_all[i]->name);
    if (!kind)
        config_fault(reader, &at, "there is no kind \"%s\"; %s", name,
                     config_hint_text(&hint));
    return kind;
}

/* The kind as finely as it is wanted; where it is not, itself, so that the rest is checked.
 */
static const struct kind *find_detail(struct config_reader *reader,
                                      const struct config_place *twin,
                                      const struct kind *kind, const char *detail)
{
    const struct kind *found = kinds_detail(kind, detail);
    struct config_place at = config_place_of(twin, "detail");
    struct config_hint hint = {.word = detail};
    for (size_t i = 0; !found && kind->details && kind->details[i]; i++)
        config_hint_offer(&hint, kind->details[i]->detail);
    if (!found && !kind->details)
        config_fault_key(reader, &at, "the kind %s has no details to choose from",
                         kind->name);
    else if (!found)
        config_fault(reader, &at, "the kind %s has no detail \"%s\"; %s", kind->name,
                     detail, config_hint_text(&hint));
    return found ? found : kind;
}

static struct plan *new_plan(struct config_reader *reader, const struct config_place *twin,
                             const struct config_twin_keys *keys)
{
    const struct kind *kind = find_kind(reader, twin, keys->kind);
    kind = kind ? find_detail(reader, twin, kind, keys->detail) : NULL;
    if (!kind)
        return NULL;
    struct config_place at = config_place_of(twin, "signals");
    if (!kind->declare && keys->signals) {
        config_fault_key(reader, &at,
                         "the kind %s has its own signals; signals are for "
                         "the kind generic",
                         kind->name);
        return NULL;
    }
    if (!kind->declare)
        return plan_new(kind);
    if (!keys->signals) {
        config_fault(reader, twin,
                     "the kind %s needs the key signals: {NAME: {\"unit\": "
                     "..}}",
                     kind->name);
        return NULL;
    }
    struct config_declared *declared = config_declare(reader, twin, kind);
    if (!declared)
        return NULL;
    struct plan *plan = plan_new(&declared->kind);
    plan->declared = declared;
    return plan;
}

/* -- parameters -- */

static void read_params(struct config_reader *reader, const struct config_place *twin,
                        struct plan *plan)
{
    const struct kind *kind = plan->kind;
    struct config_key keys[KIND_ROWS_MAX];
    struct config_table table = {keys, kind->n_params};
    struct config_place params = config_place_of(twin, "params");
    for (size_t i = 0; i < kind->n_params; i++)
        keys[i] = config_key_of_row(&kind->params[i], i * sizeof(double));
    config_keys_read(reader, &params, &table, plan->params);
}

/* -- sensors -- */

static bool is_bindable(const struct kind *kind, size_t signal)
{
    return signal < kind->n_inputs || (plan_row(kind, signal)->flags & KIND_MEASURED);
}

static void fail_signal(struct config_reader *reader, const struct config_place *place,
                        const struct kind *kind, bool exists)
{
    struct config_hint hint = {.word = exists ? "" : json_key(place->node)};
    for (size_t i = 0; i < kind->n_inputs + kind->n_outputs; i++)
        if (is_bindable(kind, i))
            config_hint_offer(&hint, plan_row(kind, i)->name);
    if (exists)
        config_fault_key(reader, place,
                         "the kind %s computes %s, no sensor can be bound to "
                         "it; %s",
                         kind->name, json_key(place->node), config_hint_text(&hint));
    else
        config_fault_key(reader, place, "the kind %s has no signal %s to bind; %s",
                         kind->name, json_key(place->node), config_hint_text(&hint));
}

static bool is_bound(const struct plan *plan, size_t signal)
{
    for (size_t i = 0; i < plan->n_sensors; i++)
        if (plan->sensors[i].signal == signal)
            return true;
    return false;
}

static void read_binding(struct config_reader *reader, const struct config_place *place,
                         struct config_shape *shape)
{
    struct plan *plan = shape->plan;
    size_t signal = plan_signal(plan->kind, json_key(place->node));
    if (signal == PLAN_NONE || !is_bindable(plan->kind, signal)) {
        fail_signal(reader, place, plan->kind, signal != PLAN_NONE);
        return;
    }
    if (is_bound(plan, signal))
        return; /* the key stands twice, which is told elsewhere */
    size_t i = plan->n_sensors++;
    const struct kind_row *row = plan_row(plan->kind, signal);
    plan->sensors[i].signal = signal;
    bool fine =
        config_binding_read(reader, place, row, &plan->sensors[i], &shape->mappings[i]);
    if (fine && !(plan->sensors[i].sd > 0) && signal >= plan->kind->n_inputs)
        config_fault(reader, place, "the kind %s knows no usual sensor of %s; give its sd",
                     plan->kind->name, row->name);
}

/* Sensors without a binding, for readings that come by name. */
static void add_unbound(struct plan *plan)
{
    const struct kind *kind = plan->kind;
    for (size_t signal = 0; signal < kind->n_inputs + kind->n_outputs; signal++) {
        struct plan_sensor usual = plan_sensor_usual(kind, signal);
        bool believable = usual.sd > 0 || signal < kind->n_inputs;
        if (is_bindable(kind, signal) && believable && !is_bound(plan, signal))
            plan->sensors[plan->n_sensors++] = usual;
    }
}

static void read_bindings(struct config_reader *reader, const struct config_place *twin,
                          const struct config_twin_keys *keys, bool every_signal,
                          struct config_shape *shape)
{
    struct plan *plan = shape->plan;
    struct config_place bind = config_place_of(twin, "bind");
    struct config_place binding = {.up = &bind, .node = json_first(keys->bind)};
    size_t unbound = every_signal ? plan->kind->n_inputs + plan->kind->n_outputs : 0;
    size_t n = json_count(keys->bind) + unbound;
    shape->mappings = mem_new(n, sizeof *shape->mappings);
    plan->sensors = mem_new(n, sizeof *plan->sensors);
    for (; binding.node; binding.node = json_next(binding.node))
        read_binding(reader, &binding, shape);
    if (every_signal)
        add_unbound(plan);
}

/* -- commands -- */

static bool find_input(struct config_reader *reader, const struct config_place *place,
                       const struct kind *kind, size_t *signal)
{
    struct config_hint hint = {.word = json_key(place->node)};
    *signal = plan_signal(kind, json_key(place->node));
    if (*signal < kind->n_inputs)
        return true;
    for (size_t i = 0; i < kind->n_inputs; i++)
        config_hint_offer(&hint, kind->inputs[i].name);
    return config_fault_key(reader, place, "the kind %s has no input %s to set; %s",
                            kind->name, json_key(place->node), config_hint_text(&hint));
}

static void read_actuator(struct config_reader *reader, const struct config_place *place,
                          struct config_shape *shape)
{
    size_t signal;
    if (!find_input(reader, place, shape->plan->kind, &signal))
        return;
    struct config_drive *drive = &shape->drives[shape->n_drives++];
    drive->signal = signal;
    config_keys_start(&config_actuator_table, &drive->keys);
    if (json_type(place->node) == JSON_TEXT)
        return;
    config_keys_read(reader, place, &config_actuator_table, &drive->keys);
    struct config_place at = config_place_of(place, "payload");
    if (drive->keys.payload && !strstr(drive->keys.payload, "{value}"))
        config_warn(reader, &at,
                    "the payload holds no {value}: every command looks the "
                    "same");
}

static void read_actuators(struct config_reader *reader, const struct config_place *twin,
                           struct config_shape *shape)
{
    struct config_place actuate = config_place_of(twin, "actuate");
    struct config_place actuator = {.up = &actuate, .node = json_first(actuate.node)};
    shape->drives = mem_new(json_count(actuate.node), sizeof *shape->drives);
    for (; actuator.node; actuator.node = json_next(actuator.node))
        read_actuator(reader, &actuator, shape);
}

/* -- the whole -- */

static void fill(struct config_reader *reader, const struct config_place *twin,
                 const struct config_twin_keys *keys, const struct config *config,
                 struct config_shape *shape)
{
    struct config_place rules = config_place_of(twin, "rules");
    struct config_place forecast = config_place_of(twin, "forecast");
    struct config_place calibrate = config_place_of(twin, "calibrate");
    if (keys->params)
        read_params(reader, twin, shape->plan);
    if (keys->bind || config->every_signal)
        read_bindings(reader, twin, keys, config->every_signal, shape);
    if (keys->actuate)
        read_actuators(reader, twin, shape);
    if (keys->forecast)
        shape->outlooks =
            config_forecast_read(reader, &forecast, shape->plan, &shape->n_outlooks);
    if (keys->calibrate)
        config_calibrate_read(reader, &calibrate, shape->plan, config, &shape->calibrate);
    if (keys->rules)
        config_rules_read(reader, &rules, shape->plan);
}

static void check_step(struct config_reader *reader, const struct config_place *twin,
                       const struct plan *plan)
{
    struct config_place at = config_place_of(twin, "integrator");
    double longest = motion_longest(plan->kind, plan->integrator);
    double step = fmax(plan->step, plan->forecast.step);
    bool explicit = plan->integrator == MOTION_RK4 || plan->integrator == MOTION_EULER;
    if (explicit && step > longest)
        config_warn(reader, &at,
                    "a step of %g s is longer than %s is stable on a %s (%.3g s): it is "
                    "taken in %g pieces; auto or rosenbrock cost less",
                    step, motion_names[plan->integrator], plan->kind->name, longest,
                    ceil(step / longest));
}

static bool keeps_health(const struct config_twin_keys *keys, const struct plan *plan)
{
    bool asked = plan->kind->n_health > 0;
    for (size_t i = 0; i < plan->n_rules; i++)
        asked |= plan->rules[i].type->asks_parts;
    for (size_t i = 0; i < plan->n_sensors; i++)
        asked |= plan->sensors[i].battery;
    return keys->health == CONFIG_HEALTH_ON ||
           (keys->health == CONFIG_HEALTH_AUTO && asked);
}

struct config_shape *config_shape_read(struct config_reader *reader,
                                       const struct config_place *twin,
                                       const struct config_twin_keys *keys,
                                       const struct config *config)
{
    struct plan *plan = new_plan(reader, twin, keys);
    size_t before = reader->n_errors;
    struct err e;
    if (!plan)
        return NULL;
    struct config_shape *shape = mem_new(1, sizeof *shape);
    *shape =
        (struct config_shape){.references = 1, .plan = plan, .calibrate = {.every = NAN}};
    plan->step = isnan(keys->step) ? config->step : keys->step;
    plan->states_every = config->history.states;
    plan->integrator = (enum motion_method)keys->integrator;
    fill(reader, twin, keys, config, shape);
    plan->health = keeps_health(keys, plan);
    check_step(reader, twin, plan);
    if (reader->n_errors == before && !plan_finish(plan, &e))
        config_fault(reader, twin, "%s", e.text);
    if (reader->n_errors == before)
        return shape;
    config_shape_drop(shape);
    return NULL;
}

struct config_shape *config_shape_hold(struct config_shape *shape)
{
    shape->references++;
    return shape;
}

void config_shape_drop(struct config_shape *shape)
{
    if (!shape || --shape->references > 0)
        return;
    for (size_t i = 0; shape->mappings && i < shape->plan->n_sensors; i++)
        config_mapping_clear(&shape->mappings[i]);
    for (size_t i = 0; i < shape->n_drives; i++)
        config_keys_clear(&config_actuator_table, &shape->drives[i].keys);
    for (size_t i = 0; i < shape->n_outlooks; i++)
        config_outlook_clear(&shape->outlooks[i]);
    config_keys_clear(&config_calibrate_table, &shape->calibrate);
    free(shape->mappings);
    free(shape->drives);
    free(shape->outlooks);
    plan_drop(shape->plan);
    free(shape);
}
