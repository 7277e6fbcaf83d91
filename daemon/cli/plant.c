/* A site lives: weather, control, faults, the model's equations and its unrest, a step at a
 * time; or the rows of a recording pass. */
#include "plant.h"

#include "twind/cli.h"
#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

bool plant_next_row(struct plant *plant, struct err *e)
{
    char *const *cells;
    size_t n = cli_csv_next(plant->csv, &cells);
    plant->ended = n == 0;
    if (plant->ended)
        return cli_csv_ended_well(plant->csv, e);
    if (n != plant->n_columns)
        return err_set(e, "line %lu: %zu cells, the header has %zu",
                       cli_csv_line(plant->csv), n, plant->n_columns);
    for (size_t i = 0; i < n; i++) {
        free(plant->cells[i]);
        plant->cells[i] = mem_text(cells[i]);
    }
    return cli_time(plant->cells[0], &plant->now) ||
           err_set(e, "line %lu: '%s' is no time", cli_csv_line(plant->csv),
                   plant->cells[0]);
}

void plant_clear(struct plant *plant)
{
    for (size_t i = 0; i < plant->n_devices; i++) {
        free(plant->devices[i].topic);
        free(plant->devices[i].payload);
        text_free(&plant->devices[i].last);
    }
    for (size_t i = 0; i < plant->n_faults; i++) {
        free(plant->faults[i].signal);
        free(plant->faults[i].note);
    }
    for (size_t i = 0; i < plant->n_noises; i++)
        free(plant->noises[i].signal);
    for (size_t i = 0; i < plant->n_schedules; i++) {
        free(plant->schedules[i].hours);
        free(plant->schedules[i].values);
    }
    for (size_t i = 0; i < plant->n_columns; i++) {
        free(plant->columns[i]);
        free(plant->cells[i]);
    }
    cli_csv_close(plant->csv);
    model_clear(&plant->model);
    free(plant->id);
    free(plant->devices);
    free(plant->faults);
    free(plant->noises);
    free(plant->controls);
    free(plant->schedules);
    free(plant->columns);
    free(plant->cells);
}

static size_t column(const struct plant *plant, const char *name)
{
    size_t i = 1;
    while (i < plant->n_columns && strcmp(plant->columns[i], name) != 0)
        i++;
    return i;
}

static double recorded(const struct plant *plant, const char *name)
{
    double value;
    size_t i = column(plant, name);
    return i < plant->n_columns && cli_number(plant->cells[i], &value) ? value
                                                                       : (double)NAN;
}

/* The row of an output, else of an input; NULL: the kind has none, or it is a recording. */
static const struct kind_row *row_of(const struct plant *plant, const char *signal)
{
    const struct kind *kind = plant->model.kind;
    if (!kind)
        return NULL;
    size_t i = model_find(kind->outputs, kind->n_outputs, signal);
    if (i < kind->n_outputs)
        return &kind->outputs[i];
    i = model_find(kind->inputs, kind->n_inputs, signal);
    return i < kind->n_inputs ? &kind->inputs[i] : NULL;
}

bool plant_knows(const struct plant *plant, const char *signal)
{
    if (!plant->model.kind)
        return column(plant, signal) < plant->n_columns;
    return row_of(plant, signal) || !isnan(weather_value(&plant->weather, signal));
}

void plant_range(const struct plant *plant, const char *signal, double *min, double *max)
{
    const struct kind_row *row = row_of(plant, signal);
    bool bounded = row && row->min < row->max;
    *min = bounded ? row->min : (double)-INFINITY;
    *max = bounded ? row->max : (double)INFINITY;
}

double plant_value(const struct plant *plant, const char *signal)
{
    const struct kind *kind = plant->model.kind;
    if (!kind)
        return recorded(plant, signal);
    size_t i = model_find(kind->outputs, kind->n_outputs, signal);
    if (i < kind->n_outputs)
        return model_output(&plant->model, i);
    i = model_find(kind->inputs, kind->n_inputs, signal);
    if (i < kind->n_inputs)
        return plant->shown[i];
    return weather_value(&plant->weather, signal);
}

double plant_hour(const struct plant *plant)
{
    return fmod(plant->now / 3600 + plant->weather.longitude / 15 + 24, 24);
}

/* Weather into the inputs that it knows; the rest stays as the script set it. */
static void expose(struct plant *plant)
{
    const struct kind *kind = plant->model.kind;
    for (size_t i = 0; i < kind->n_inputs; i++) {
        double value = weather_value(&plant->weather, kind->inputs[i].name);
        if (!isnan(value))
            plant->wanted[i] = fmin(fmax(value, kind->inputs[i].min), kind->inputs[i].max);
    }
}

static void keep_hours(struct plant *plant)
{
    double hour = plant_hour(plant);
    for (size_t i = 0; i < plant->n_schedules; i++) {
        const struct plant_schedule *s = &plant->schedules[i];
        size_t present = s->n - 1; /* before the first hour: the last value of yesterday */
        for (size_t j = 0; j < s->n && hour >= s->hours[j]; j++)
            present = j;
        *s->follows = s->values[present];
    }
}

static void control(struct plant *plant)
{
    for (size_t i = 0; i < plant->n_controls; i++) {
        const struct plant_control *c = &plant->controls[i];
        double below = plant->wanted[c->setpoint] - model_output(&plant->model, c->signal);
        plant->wanted[c->input] = fmin(fmax(c->gain * below, 0), c->most);
    }
}

void plant_begin(struct plant *plant)
{
    if (!plant->model.kind)
        return;
    memcpy(plant->wanted, plant->model.u, sizeof plant->wanted);
    weather_begin(&plant->weather, plant->start);
    expose(plant);
    keep_hours(plant);
    memcpy(plant->model.u, plant->wanted, sizeof plant->model.u);
    model_begin(&plant->model, plant->start);
    control(plant);
    memcpy(plant->shown, plant->wanted, sizeof plant->shown);
}

static void stir(struct plant *plant, double dt)
{
    const struct kind *kind = plant->model.kind;
    for (size_t i = 0; i < kind->n_states; i++) {
        double sd = plant->unrest * kind->states[i].noise * sqrt(dt / 3600);
        double x = plant->model.x[i] + sd * random_normal(&plant->random);
        plant->model.x[i] = fmin(fmax(x, kind->states[i].min), kind->states[i].max);
    }
}

static bool live_until(struct plant *plant, double until, struct err *e)
{
    while (plant->now < until) {
        double dt = fmin(plant->step, until - plant->now);
        weather_move_to(&plant->weather, plant->now + dt, &plant->random);
        plant->now += dt;
        expose(plant);
        keep_hours(plant);
        control(plant);
        plant_fault_apply(plant, dt);
        if (!model_move_to(&plant->model, plant->now, e))
            return false;
        stir(plant, dt);
    }
    return true;
}

double plant_next(const struct plant *plant)
{
    if (!plant->model.kind)
        return plant->ended ? (double)INFINITY : plant->now;
    double next = INFINITY;
    for (size_t i = 0; i < plant->n_devices; i++)
        next = fmin(next, plant->devices[i].next);
    return next;
}

bool plant_run(struct plant *plant, double until, void *context,
               void (*publish)(void *context, const char *topic,
                               const struct text *payload),
               struct err *e)
{
    struct text payload = {0};
    bool recording = !plant->model.kind;
    bool done = recording || live_until(plant, until, e);
    for (size_t i = 0; done && i < plant->n_devices; i++) {
        struct plant_device *device = &plant->devices[i];
        if (!recording && device->next > until)
            continue;
        if (plant_fill(plant, device, &payload))
            publish(context, device->topic, &payload);
        device->next += device->every;
    }
    text_free(&payload);
    return done && (!recording || plant_next_row(plant, e));
}
