/* A site of a plant's script, as JSON, to a plant. */
#include "plant.h"

#include "twind/cli.h"
#include "twind/json_tree.h"
#include "twind/mem.h"
#include "twind/times.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Every member's key must be one of the words. */
static bool check_keys(struct plant *plant, const struct cJSON *object, const char *words,
                       struct err *e)
{
    plant->reading = object;
    if (json_type(object) != JSON_OBJECT)
        return err_set(e, "expected an object with %s", words);
    for (const struct cJSON *at = json_first(object); at; at = json_next(at)) {
        const char *key = json_key(at), *found = words;
        size_t n = strlen(key);
        while ((found = strstr(found, key)) &&
               !((found == words || found[-1] == ' ') && (!found[n] || found[n] == ' ')))
            found += n + (n == 0);
        if (n > 0 && found)
            continue;
        plant->reading = at;
        return err_set(e, "there is no key \"%s\" here; allowed: %s", key, words);
    }
    return true;
}

static bool read_duration(struct plant *plant, const struct cJSON *value, double none,
                          double *seconds, struct err *e)
{
    const char *text = json_text(value);
    *seconds = json_number(value, none);
    if (!value)
        return true;
    plant->reading = value;
    if (text && !times_parse_duration(text, seconds))
        return err_set(e, "'%s' is no duration such as 30s, 5m or 2h", text);
    if (!isfinite(*seconds))
        return err_set(e, "a number that is not finite");
    return *seconds >= 0 || err_set(e, "a duration must not be less than 0 s");
}

static bool read_number(struct plant *plant, const struct cJSON *object, const char *key,
                        double none, double *number, struct err *e)
{
    const struct cJSON *value = json_member(object, key);
    *number = json_number(value, none);
    if (!value || (json_type(value) == JSON_NUMBER && isfinite(*number)))
        return true;
    plant->reading = value;
    return err_set(e, "%s must be a finite number", key);
}

static char *copy(const struct cJSON *value)
{
    return json_text(value) ? mem_text(json_text(value)) : NULL;
}

static bool read_device(struct plant *plant, const struct cJSON *from, struct err *e)
{
    struct plant_device *device = &plant->devices[plant->n_devices++];
    device->topic = copy(json_member(from, "topic"));
    device->payload = copy(json_member(from, "payload"));
    device->next = plant->start;
    if (!check_keys(plant, from, "topic payload every", e) ||
        !read_duration(plant, json_member(from, "every"), 60, &device->every, e))
        return false;
    plant->reading = from;
    if (!device->topic || !device->payload)
        return err_set(e, "a device needs a topic and a payload, both texts");
    if (!(device->every > 0))
        return err_set(e, "every must be more than 0 s");
    plant->reading = json_member(from, "payload");
    return plant_check(plant, device, e);
}

static bool has_device(const struct plant *plant, const char *topic)
{
    size_t i = 0;
    while (i < plant->n_devices && strcmp(plant->devices[i].topic, topic) != 0)
        i++;
    return i < plant->n_devices;
}

static bool is_here(const struct plant *plant, const struct plant_fault *fault)
{
    const struct kind *kind = plant->model.kind;
    const char *signal = fault->signal;
    switch (plant_fault_target(fault->type)) {
    case PLANT_INPUT:
        return kind && model_find(kind->inputs, kind->n_inputs, signal) < kind->n_inputs;
    case PLANT_PARAM:
        return kind && model_find(kind->params, kind->n_params, signal) < kind->n_params;
    case PLANT_STATE:
        return kind && model_find(kind->states, kind->n_states, signal) < kind->n_states;
    case PLANT_DEVICE:
        return has_device(plant, signal);
    default:
        return plant_knows(plant, signal);
    }
}

/* The signal must be in the table that the fault speaks of, or one that a sensor measures.
 */
static bool check_fault(const struct plant *plant, const struct plant_fault *fault,
                        const char *type, struct err *e)
{
    if (!(fault->from >= 0 && fault->from <= 24 && fault->to >= 0 && fault->to <= 24))
        return err_set(e, "from and to are hours of the day, 0 to 24");
    if (strcmp(type, "wear") == 0 && !(fault->lasts > 0 && isfinite(fault->lasts)))
        return err_set(e, "a wear needs the time (for) in which it comes to its value");
    return is_here(plant, fault) ||
           err_set(e, "a fault of the type %s befalls '%s', which is not here", type,
                   fault->signal);
}

static bool read_fault_numbers(struct plant *plant, const struct cJSON *from,
                               struct plant_fault *fault, struct err *e)
{
    double always = INFINITY;
    return read_duration(plant, json_member(from, "at"), 0, &fault->at, e) &&
           read_duration(plant, json_member(from, "for"), always, &fault->lasts, e) &&
           read_number(plant, from, "value", 0, &fault->value, e) &&
           read_number(plant, from, "offset", 0, &fault->offset, e) &&
           read_number(plant, from, "from", 0, &fault->from, e) &&
           read_number(plant, from, "to", 0, &fault->to, e);
}

static bool read_fault(struct plant *plant, const struct cJSON *from, struct err *e)
{
    struct plant_fault *fault = &plant->faults[plant->n_faults++];
    const char *type = json_text(json_member(from, "type"));
    fault->signal = copy(json_member(from, "signal"));
    fault->note = copy(json_member(from, "note"));
    if (!check_keys(plant, from, "at for type signal value offset from to note", e) ||
        !read_fault_numbers(plant, from, fault, e))
        return false;
    plant->reading = from;
    if (!type || !fault->signal)
        return err_set(e, "a fault needs a type and a signal, both texts");
    if (!plant_fault_type(type, &fault->type))
        return err_set(e, "fault type '%s'; allowed: %s", type, plant_fault_types);
    return check_fault(plant, fault, type, e);
}

static bool find_row(const struct kind_row *rows, size_t n, const char *name, size_t *row,
                     struct err *e)
{
    *row = name ? model_find(rows, n, name) : n;
    return *row < n ||
           err_set(e, "'%s' is not in the kind's table", name ? name : "(no text)");
}

/* "heating_power": {"of": "air_temperature", "setpoint": "heating_setpoint", "gain": 5000,
 * "most": 28800} */
static bool read_control(struct plant *plant, const struct cJSON *from, struct err *e)
{
    struct plant_control *control = &plant->controls[plant->n_controls++];
    const struct kind *kind = plant->model.kind;
    if (!check_keys(plant, from, "of setpoint gain most", e) ||
        !read_number(plant, from, "gain", 0, &control->gain, e) ||
        !read_number(plant, from, "most", 100, &control->most, e))
        return false;
    plant->reading = from;
    return find_row(kind->inputs, kind->n_inputs, json_key(from), &control->input, e) &&
           find_row(kind->outputs, kind->n_outputs, json_text(json_member(from, "of")),
                    &control->signal, e) &&
           find_row(kind->inputs, kind->n_inputs, json_text(json_member(from, "setpoint")),
                    &control->setpoint, e);
}

static bool read_hour(struct plant *plant, const struct cJSON *pair, double before,
                      struct plant_schedule *schedule, struct err *e)
{
    const struct kind_row *row = schedule->row;
    const struct cJSON *hour = json_first(pair), *value = hour ? json_next(hour) : NULL;
    double at = json_number(hour, NAN), to = json_number(value, NAN);
    plant->reading = pair;
    if (json_count(pair) != 2 || !(at > before && at < 24) || !isfinite(to))
        return err_set(e, "expected [hour, value], the hours rising, 0 to below 24");
    if (!(to >= row->min && to <= row->max))
        return err_set(e, "%s is %g, allowed are %g to %g %s", row->name, to, row->min,
                       row->max, row->unit);
    schedule->hours[schedule->n] = at;
    schedule->values[schedule->n++] = to;
    return true;
}

static bool find_scheduled(struct plant *plant, const char *name,
                           struct plant_schedule *schedule)
{
    const struct kind *kind = plant->model.kind;
    size_t input = model_find(kind->inputs, kind->n_inputs, name);
    size_t param = model_find(kind->params, kind->n_params, name);
    bool is_input = input < kind->n_inputs;
    if (!is_input && param == kind->n_params)
        return false;
    schedule->row = is_input ? &kind->inputs[input] : &kind->params[param];
    schedule->follows = is_input ? &plant->wanted[input] : &plant->model.p[param];
    return true;
}

/* "lamp": [[4, 100], [20, 0]]: from 4 h on all of them, from 20 h on none. */
static bool read_schedule(struct plant *plant, const struct cJSON *from, struct err *e)
{
    struct plant_schedule *schedule = &plant->schedules[plant->n_schedules++];
    plant->reading = from;
    schedule->hours = mem_new(json_count(from), sizeof *schedule->hours);
    schedule->values = mem_new(json_count(from), sizeof *schedule->values);
    if (json_count(from) == 0)
        return err_set(e, "expected a list of [hour, value]");
    if (!find_scheduled(plant, json_key(from), schedule))
        return err_set(e, "'%s' is neither an input nor a parameter", json_key(from));
    double before = -1;
    for (const struct cJSON *at = json_first(from); at; at = json_next(at)) {
        if (!read_hour(plant, at, before, schedule, e))
            return false;
        before = schedule->hours[schedule->n - 1];
    }
    return true;
}

static bool read_noise(struct plant *plant, const struct cJSON *from, struct err *e)
{
    struct plant_noise *noise = &plant->noises[plant->n_noises++];
    noise->signal = mem_text(json_key(from) ? json_key(from) : "");
    plant->reading = from;
    if (!plant_knows(plant, noise->signal))
        return err_set(e, "there is no signal '%s'", noise->signal);
    noise->sd = json_number(from, -1);
    return (noise->sd >= 0 && isfinite(noise->sd)) ||
           err_set(e, "a noise is a standard deviation, 0 or more");
}

static bool read_settings(struct plant *plant, const struct cJSON *object,
                          const struct kind_row *rows, size_t n, double *values,
                          struct err *e)
{
    for (const struct cJSON *at = json_first(object); at; at = json_next(at)) {
        char setting[128];
        plant->reading = at;
        snprintf(setting, sizeof setting, "%s=%.17g", json_key(at), json_number(at, NAN));
        if (!model_assign(rows, n, setting, values, e))
            return false;
    }
    return true;
}

static bool read_weather(struct plant *plant, const struct cJSON *from, struct err *e)
{
    struct weather *w = &plant->weather;
    *w = (struct weather){.latitude = 52};
    if (from &&
        !check_keys(plant, from, "latitude longitude mean season swing cloud wind", e))
        return false;
    return read_number(plant, from, "latitude", 52, &w->latitude, e) &&
           read_number(plant, from, "longitude", 0, &w->longitude, e) &&
           read_number(plant, from, "mean", 10, &w->mean, e) &&
           read_number(plant, from, "season", 8, &w->season, e) &&
           read_number(plant, from, "swing", 5, &w->swing, e) &&
           read_number(plant, from, "cloud", 0.5, &w->cloud_mean, e) &&
           read_number(plant, from, "wind", 3.5, &w->wind_mean, e);
}

static bool read_model(struct plant *plant, const struct cJSON *site, const char *name,
                       struct err *e)
{
    const struct kind *kind = kinds_find(name);
    plant->reading = json_member(site, "kind");
    if (!kind || kind->n_states == 0)
        return err_set(e, "'%s' is no kind with a model (twinctl kinds lists them)", name);
    model_init(&plant->model, kind);
    if (!read_weather(plant, json_member(site, "weather"), e) ||
        !read_number(plant, site, "unrest", 1, &plant->unrest, e) ||
        !read_settings(plant, json_member(site, "params"), kind->params, kind->n_params,
                       plant->model.p, e) ||
        !read_settings(plant, json_member(site, "inputs"), kind->inputs, kind->n_inputs,
                       plant->model.u, e) ||
        !read_duration(plant, json_member(site, "step"), 60, &plant->step, e))
        return false;
    return plant->step > 0 || err_set(e, "step must be more than 0 s");
}

static bool read_recording(struct plant *plant, const char *path, const char *data,
                           struct err *e)
{
    char full[4096];
    char *const *cells;
    bool relative = data && path[0] != '/';
    snprintf(full, sizeof full, "%s%s%s", relative ? data : "", relative ? "/" : "", path);
    if (!(plant->csv = cli_csv_open(full, e)))
        return false;
    size_t n = cli_csv_next(plant->csv, &cells);
    plant->columns = mem_new(n, sizeof *plant->columns);
    plant->cells = mem_new(n, sizeof *plant->cells);
    for (plant->n_columns = 0; plant->n_columns < n; plant->n_columns++)
        plant->columns[plant->n_columns] = mem_text(cells[plant->n_columns]);
    if (n == 0)
        return err_set(e, "%s is empty", full);
    return plant_next_row(plant, e) || err_wrap(e, "%s", full);
}

typedef bool read_element(struct plant *plant, const struct cJSON *from, struct err *e);

static bool read_each(struct plant *plant, const struct cJSON *list, read_element *read,
                      struct err *e)
{
    for (const struct cJSON *at = json_first(list); at; at = json_next(at))
        if (!read(plant, at, e))
            return false;
    return true;
}

static bool read_lists(struct plant *plant, const struct cJSON *site, struct err *e)
{
    const struct cJSON *devices = json_member(site, "devices");
    const struct cJSON *faults = json_member(site, "faults");
    const struct cJSON *noise = json_member(site, "noise");
    const struct cJSON *controls = json_member(site, "controls");
    const struct cJSON *schedules = json_member(site, "schedule");
    plant->devices = mem_new(json_count(devices), sizeof *plant->devices);
    plant->faults = mem_new(json_count(faults), sizeof *plant->faults);
    plant->noises = mem_new(json_count(noise), sizeof *plant->noises);
    plant->controls = mem_new(json_count(controls), sizeof *plant->controls);
    plant->schedules = mem_new(json_count(schedules), sizeof *plant->schedules);
    plant->reading = site;
    if (json_count(devices) == 0)
        return err_set(e, "devices are missing: who publishes?");
    if ((controls || schedules) && !plant->model.kind)
        return err_set(e, "a recording has neither controls nor a schedule");
    return read_each(plant, devices, read_device, e) &&
           read_each(plant, faults, read_fault, e) &&
           read_each(plant, noise, read_noise, e) &&
           read_each(plant, controls, read_control, e) &&
           read_each(plant, schedules, read_schedule, e);
}

bool plant_read(struct plant *plant, const struct cJSON *site,
                const struct plant_options *options, struct err *e)
{
    const char *id = json_text(json_member(site, "id"));
    const char *kind = json_text(json_member(site, "kind"));
    const char *csv = options->csv ? options->csv : json_text(json_member(site, "csv"));
    *plant = (struct plant){.start = options->start,
                            .now = options->start,
                            .random = {options->seed},
                            .fate = {~options->seed}};
    plant->id = mem_text(id ? id : "site");
    if (!check_keys(plant, site,
                    "id kind csv weather unrest params inputs step devices faults noise "
                    "controls schedule",
                    e))
        return false;
    if (!kind == !csv)
        return err_set(e, "a site needs a kind to live or a csv to play, one of them");
    if (!(kind ? read_model(plant, site, kind, e)
               : read_recording(plant, csv, options->data, e)) ||
        !read_lists(plant, site, e))
        return false;
    plant_begin(plant);
    plant->first = plant_next(plant);
    return true;
}
