#include "plant.h"

#include "twind/cli.h"
#include "twind/json_tree.h"
#include "twind/mem.h"
#include "twind/times.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading the script ---- */

static bool read_duration(const struct cJSON *value, double none, double *seconds,
                          const char *what, struct err *e)
{
    const char *text = json_text(value);
    *seconds = json_number(value, none);
    if (text && !times_parse_duration(text, seconds))
        return err_set(e, "%s: '%s' is no duration", what, text);
    return *seconds > 0 || *seconds == none ||
           err_set(e, "%s must be greater than 0", what);
}

static bool read_device(struct plant *plant, const struct cJSON *from, struct err *e)
{
    struct plant_device *device = &plant->devices[plant->n_devices++];
    const char *topic = json_text(json_member(from, "topic"));
    const char *payload = json_text(json_member(from, "payload"));
    if (!topic || !payload)
        return err_set(e, "a device needs topic and payload");
    device->topic = mem_text(topic);
    device->payload = mem_text(payload);
    device->next = plant->start;
    return read_duration(json_member(from, "every"), 60, &device->every, "every", e);
}

/* The table that a fault of the plant itself speaks of must have its signal. */
static bool check_fault(const struct plant *plant, const struct plant_fault *fault,
                        const char *type, struct err *e)
{
    const struct kind *kind = plant->model.kind;
    bool found = true;
    if (strcmp(type, "input") == 0)
        found = kind &&
                model_find(kind->inputs, kind->n_inputs, fault->signal) < kind->n_inputs;
    if (strcmp(type, "parameter") == 0)
        found = kind &&
                model_find(kind->params, kind->n_params, fault->signal) < kind->n_params;
    if (strcmp(type, "state") == 0)
        found = kind &&
                model_find(kind->states, kind->n_states, fault->signal) < kind->n_states;
    return found || err_set(e, "fault: the kind has no %s '%s'", type, fault->signal);
}

static bool read_fault(struct plant *plant, const struct cJSON *from, struct err *e)
{
    struct plant_fault *fault = &plant->faults[plant->n_faults++];
    const char *type = json_text(json_member(from, "type"));
    const char *signal = json_text(json_member(from, "signal"));
    fault->signal = mem_text(signal ? signal : "");
    fault->value = json_number(json_member(from, "value"), 0);
    if (!type || !plant_fault_type(type, &fault->type))
        return err_set(e,
                       "fault type '%s': stuck, bias, drift, spike, noise, scale, dropout, "
                       "input, parameter or state",
                       type ? type : "");
    return read_duration(json_member(from, "at"), 0, &fault->at, "at", e) &&
           read_duration(json_member(from, "for"), (double)INFINITY, &fault->lasts, "for",
                         e) &&
           check_fault(plant, fault, type, e);
}

static bool read_settings(const struct cJSON *object, const struct kind_row *rows, size_t n,
                          double *values, struct err *e)
{
    for (const struct cJSON *at = json_first(object); at; at = json_next(at)) {
        char setting[128];
        snprintf(setting, sizeof setting, "%s=%.17g", json_key(at), json_number(at, NAN));
        if (!model_assign(rows, n, setting, values, e))
            return false;
    }
    return true;
}

static void read_weather(struct weather *w, const struct cJSON *from)
{
    *w = (struct weather){
        .latitude = json_number(json_member(from, "latitude"), 52),
        .longitude = json_number(json_member(from, "longitude"), 0),
        .mean = json_number(json_member(from, "mean"), 10),
        .season = json_number(json_member(from, "season"), 8),
        .swing = json_number(json_member(from, "swing"), 5),
        .cloud_mean = json_number(json_member(from, "cloud"), 0.5),
        .wind_mean = json_number(json_member(from, "wind"), 3.5),
    };
}

static bool read_model(struct plant *plant, const struct cJSON *site, const char *name,
                       struct err *e)
{
    const struct kind *kind = kinds_find(name);
    if (!kind || kind->n_states == 0)
        return err_set(e, "'%s' is no kind with a model", name);
    model_init(&plant->model, kind);
    read_weather(&plant->weather, json_member(site, "weather"));
    plant->unrest = json_number(json_member(site, "unrest"), 1);
    return read_settings(json_member(site, "params"), kind->params, kind->n_params,
                         plant->model.p, e) &&
           read_settings(json_member(site, "inputs"), kind->inputs, kind->n_inputs,
                         plant->model.u, e) &&
           read_duration(json_member(site, "step"), 60, &plant->step, "step", e);
}

static bool next_row(struct plant *plant, struct err *e)
{
    char *const *cells;
    size_t n = cli_csv_next(plant->csv, &cells);
    plant->ended = n == 0;
    if (plant->ended)
        return true;
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

static bool read_recording(struct plant *plant, const char *path, const char *data,
                           struct err *e)
{
    char full[4096];
    char *const *cells;
    snprintf(full, sizeof full, "%s%s%s", path[0] == '/' || !data ? "" : data,
             path[0] == '/' || !data ? "" : "/", path);
    if (!(plant->csv = cli_csv_open(full, e)))
        return false;
    plant->n_columns = cli_csv_next(plant->csv, &cells);
    plant->columns = mem_new(plant->n_columns, sizeof *plant->columns);
    plant->cells = mem_new(plant->n_columns, sizeof *plant->cells);
    for (size_t i = 0; i < plant->n_columns; i++)
        plant->columns[i] = mem_text(cells[i]);
    return next_row(plant, e) || err_wrap(e, "%s", full);
}

static size_t count(const struct cJSON *list)
{
    size_t n = 0;
    for (const struct cJSON *at = json_first(list); at; at = json_next(at))
        n++;
    return n;
}

static bool read_lists(struct plant *plant, const struct cJSON *site, struct err *e)
{
    const struct cJSON *devices = json_member(site, "devices"), *at;
    const struct cJSON *faults = json_member(site, "faults");
    const struct cJSON *noise = json_member(site, "noise");
    plant->devices = mem_new(count(devices), sizeof *plant->devices);
    plant->faults = mem_new(count(faults), sizeof *plant->faults);
    plant->noises = mem_new(count(noise), sizeof *plant->noises);
    for (at = json_first(devices); at; at = json_next(at))
        if (!read_device(plant, at, e))
            return false;
    for (at = json_first(faults); at; at = json_next(at))
        if (!read_fault(plant, at, e))
            return false;
    for (at = json_first(noise); at; at = json_next(at))
        plant->noises[plant->n_noises++] =
            (struct plant_noise){mem_text(json_key(at)), json_number(at, 0)};
    return true;
}

bool plant_read(struct plant *plant, const struct cJSON *site, double start, uint64_t seed,
                const char *data, struct err *e)
{
    const char *id = json_text(json_member(site, "id"));
    const char *kind = json_text(json_member(site, "kind"));
    const char *csv = json_text(json_member(site, "csv"));
    *plant = (struct plant){.start = start, .now = start, .random = {seed}};
    plant->id = mem_text(id ? id : "site");
    bool read = kind  ? read_model(plant, site, kind, e)
                : csv ? read_recording(plant, csv, data, e)
                      : err_set(e, "a site needs kind or csv");
    if (!read || !read_lists(plant, site, e))
        return err_wrap(e, "site %s", plant->id);
    if (kind) {
        weather_begin(&plant->weather, start);
        model_begin(&plant->model, start);
    }
    return true;
}

void plant_clear(struct plant *plant)
{
    for (size_t i = 0; i < plant->n_devices; i++) {
        free(plant->devices[i].topic);
        free(plant->devices[i].payload);
    }
    for (size_t i = 0; i < plant->n_faults; i++)
        free(plant->faults[i].signal);
    for (size_t i = 0; i < plant->n_noises; i++)
        free(plant->noises[i].signal);
    for (size_t i = 0; i < plant->n_columns; i++) {
        free(plant->columns[i]);
        free(plant->cells[i]);
    }
    if (plant->csv)
        cli_csv_close(plant->csv);
    model_clear(&plant->model);
    free(plant->id);
    free(plant->devices);
    free(plant->faults);
    free(plant->noises);
    free(plant->columns);
    free(plant->cells);
}

/* ---- living ---- */

static double recorded(const struct plant *plant, const char *name)
{
    for (size_t i = 1; i < plant->n_columns; i++)
        if (strcmp(plant->columns[i], name) == 0) {
            char *end;
            double value = strtod(plant->cells[i], &end);
            return end == plant->cells[i] ? (double)NAN : value;
        }
    return NAN;
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
        return plant->model.u[i];
    return weather_value(&plant->weather, signal);
}

/* Weather into the inputs that it knows; the rest stays as the script set it. */
static void expose(struct plant *plant)
{
    const struct kind *kind = plant->model.kind;
    for (size_t i = 0; i < kind->n_inputs; i++) {
        double value = weather_value(&plant->weather, kind->inputs[i].name);
        if (!isnan(value))
            plant->model.u[i] = fmin(fmax(value, kind->inputs[i].min), kind->inputs[i].max);
    }
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
        expose(plant);
        plant->now += dt;
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
    return done && (!recording || next_row(plant, e));
}
