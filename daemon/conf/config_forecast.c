/* From the keys of a forecast to the plan, and to how weather services' messages are read.
 */
#include "twind/config_forecast.h"

#include "twind/forecast.h"
#include "twind/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = FORECAST_STEPS_MOST };
static const double HOUR = 3600, MILLISECOND = 1e-3;

/* -- when -- */

static void check_times(struct config_reader *reader, const struct config_place *place,
                        const struct config_forecast_keys *keys)
{
    double steps = round(keys->horizon / keys->step);
    struct config_place horizon = config_place_of(place, "horizon");
    struct config_place every = config_place_of(place, "every");
    if (steps < 1 || fabs(steps * keys->step - keys->horizon) > MILLISECOND)
        config_fault(reader, &horizon,
                     "the horizon of %g s is no multiple of the step of %g s",
                     keys->horizon, keys->step);
    else if (steps > STEPS_MAX)
        config_fault(reader, &horizon,
                     "%.0f steps of %g s; a forecast has at most %d: make the step longer "
                     "or the horizon shorter",
                     steps, keys->step, STEPS_MAX);
    if (keys->every < keys->step)
        config_fault(reader, &every,
                     "every (%g s) must not be shorter than the step of %g s", keys->every,
                     keys->step);
}

/* -- inputs that are told -- */

static bool find_input(struct config_reader *reader, const struct config_place *place,
                       const struct kind *kind, size_t *input)
{
    struct config_hint hint = {.word = json_key(place->node)};
    *input = plan_signal(kind, json_key(place->node));
    if (*input < kind->n_inputs)
        return true;
    for (size_t i = 0; i < kind->n_inputs; i++)
        config_hint_offer(&hint, kind->inputs[i].name);
    return config_fault_key(reader, place, "the kind %s has no input %s; %s", kind->name,
                            json_key(place->node), config_hint_text(&hint));
}

static void check_shape(struct config_reader *reader, const struct config_place *place,
                        const struct config_future_keys *keys)
{
    bool two = keys->times && keys->values, one = keys->list && keys->time && keys->value;
    bool part_of_two = keys->times || keys->values;
    bool part_of_one = keys->list || keys->time || keys->value;
    if ((two && !part_of_one) || (one && !part_of_two))
        return;
    config_fault(reader, place,
                 "expected either times and values, or list, time and value: where the "
                 "forecast is in the payload, such as \"times\": \"/hourly/time\", "
                 "\"values\": \"/hourly/temperature_2m\"");
}

static struct json_pointer *pointer_of(const char *path)
{
    struct err e; /* the path has been checked */
    return path ? json_pointer_new(path, &e) : NULL;
}

static double zone_of(const struct plan *plan)
{
    for (size_t i = 0; i < plan->kind->n_params; i++)
        if (strcmp(plan->kind->params[i].name, "utc_offset") == 0)
            return plan->params[i] * HOUR;
    return 0;
}

static void compile(struct config_reader *reader, const struct config_place *place,
                    const struct plan *plan, struct config_outlook *outlook)
{
    struct config_future_keys *keys = &outlook->keys;
    struct payload_series *series = &outlook->series;
    const struct kind_row *row = &plan->kind->inputs[outlook->input];
    struct config_place at = config_place_of(place, "unit");
    struct err e;
    series->times = pointer_of(keys->times);
    series->values = pointer_of(keys->values);
    series->list = pointer_of(keys->list);
    series->time = pointer_of(keys->time);
    series->value = pointer_of(keys->value);
    series->zone = isnan(keys->zone) ? zone_of(plan) : keys->zone;
    series->scale = keys->scale;
    series->offset = keys->offset;
    if (!keys->unit)
        keys->unit = mem_text(row->unit);
    bool same = strcmp(keys->unit, row->unit) == 0;
    if (!units_convert(same ? "" : keys->unit, row->unit, row->molar_mass, &series->unit,
                       &e))
        config_fault(reader, &at, "%s", e.text);
}

/* The list keeps the order of the keys in the file: the topics are read beside it. */
static void read_input(struct config_reader *reader, const struct config_place *place,
                       struct plan *plan, struct config_outlook *outlook, size_t *n)
{
    size_t input;
    if (!find_input(reader, place, plan->kind, &input))
        return;
    for (size_t i = 0; i < *n; i++)
        if (outlook[i].input == input)
            return; /* the key stands twice, which is told elsewhere */
    struct config_outlook *made = &outlook[*n];
    made->input = plan->forecast.given[(*n)++] = input;
    config_keys_start(&config_future_table, &made->keys);
    config_keys_read(reader, place, &config_future_table, &made->keys);
    made->keys.topic = NULL; /* each twin's own, and the file is closed before long */
    check_shape(reader, place, &made->keys);
    compile(reader, place, plan, made);
}

static struct config_outlook *read_inputs(struct config_reader *reader,
                                          const struct config_place *inputs,
                                          struct plan *plan, size_t *n)
{
    size_t most = json_count(inputs->node);
    struct config_outlook *outlook = mem_new(most, sizeof *outlook);
    struct config_place input = {.up = inputs, .node = json_first(inputs->node)};
    plan->forecast.given = mem_new(most, sizeof *plan->forecast.given);
    for (; input.node; input.node = json_next(input.node))
        read_input(reader, &input, plan, outlook, n);
    plan->forecast.n_given = *n;
    return outlook;
}

struct config_outlook *config_forecast_read(struct config_reader *reader,
                                            const struct config_place *forecast,
                                            struct plan *plan, size_t *n)
{
    struct config_forecast_keys keys = {.inputs = NULL};
    struct config_place inputs = config_place_of(forecast, "inputs");
    size_t before = reader->n_errors;
    config_keys_start(&config_forecast_table, &keys);
    config_keys_read(reader, forecast, &config_forecast_table, &keys);
    if (reader->n_errors == before)
        check_times(reader, forecast, &keys);
    plan->forecast.every = keys.every;
    plan->forecast.horizon = keys.horizon;
    plan->forecast.step = keys.step;
    return keys.inputs ? read_inputs(reader, &inputs, plan, n) : NULL;
}

void config_outlook_clear(struct config_outlook *outlook)
{
    config_keys_clear(&config_future_table, &outlook->keys);
    payload_series_clear(&outlook->series);
}
