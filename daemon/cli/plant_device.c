/* A device's message from its template: "{\"temperature\":{air_temperature:1}}". A name in
 * braces is a signal with decimals; {time}, {epoch}, {epoch_ms} are the time. A signal may
 * be scaled: {heating_power*0.001:3}. */
#include "plant.h"

#include "twind/times.h"

#include <stdlib.h>
#include <string.h>

struct field {
    char name[64];
    double scale;
    int decimals;
};

static bool read_field(const char *at, size_t length, struct field *field)
{
    char text[96];
    if (length >= sizeof text)
        return false;
    memcpy(text, at, length);
    text[length] = '\0';
    *field = (struct field){.scale = 1, .decimals = 2};
    char *colon = strchr(text, ':'), *star = strchr(text, '*');
    if (colon)
        field->decimals = (int)strtol(colon + 1, NULL, 10);
    if (star)
        field->scale = strtod(star + 1, NULL);
    size_t name =
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    if (name == 0 || name >= sizeof field->name ||
        (text[name] && !strchr("*:", text[name])))
        return false; /* a brace of the JSON's own */
    memcpy(field->name, text, name);
    field->name[name] = '\0';
    return true;
}

static double noise_of(const struct plant *plant, const char *signal)
{
    for (size_t i = 0; i < plant->n_noises; i++)
        if (strcmp(plant->noises[i].signal, signal) == 0)
            return plant->noises[i].sd;
    const struct kind *kind = plant->model.kind;
    if (!kind)
        return 0;
    size_t output = model_find(kind->outputs, kind->n_outputs, signal);
    return output < kind->n_outputs ? kind->outputs[output].noise : 0;
}

static bool put_time(double now, const char *name, struct text *to)
{
    char text[TIME_TEXT];
    if (strcmp(name, "time") == 0)
        text_put(to, "%s", times_format(now, text));
    else if (strcmp(name, "epoch") == 0)
        text_put(to, "%.3f", now);
    else if (strcmp(name, "epoch_ms") == 0)
        text_put(to, "%.0f", now * 1000);
    else
        return false;
    return true;
}

/* False: the sensor is silent. */
static bool put_signal(struct plant *plant, const struct field *field, struct text *to)
{
    bool silent = false;
    double value = plant_value(plant, field->name);
    if (isnan(value)) {
        text_put(to, "null");
        return true;
    }
    double min, max;
    value += noise_of(plant, field->name) * random_normal(&plant->random);
    value = plant_fault_sensor(plant, field->name, value, &silent);
    plant_range(plant, field->name, &min, &max); /* no sensor shows what can't be */
    value = plant_fault_unit(plant, field->name, fmin(fmax(value, min), max));
    text_put(to, "%.*f", field->decimals, value * field->scale);
    return !silent;
}

static bool is_time(const char *name)
{
    return strcmp(name, "time") == 0 || strcmp(name, "epoch") == 0 ||
           strcmp(name, "epoch_ms") == 0;
}

bool plant_check(const struct plant *plant, const struct plant_device *device,
                 struct err *e)
{
    struct field field;
    for (const char *at = device->payload; (at = strchr(at, '{')); at++) {
        size_t inside = strcspn(at + 1, "{}");
        if (at[1 + inside] == '}' && read_field(at + 1, inside, &field) &&
            !is_time(field.name) && !plant_knows(plant, field.name))
            return err_set(e, "{%s}: there is no such signal%s", field.name,
                           plant->model.kind ? "" : " among the columns");
    }
    return true;
}

static bool fill(struct plant *plant, const struct plant_device *device, struct text *to)
{
    struct field field;
    bool says = true;
    size_t values = 0, missing = 0;
    text_clear(to);
    for (const char *at = device->payload; *at;) {
        size_t inside = *at == '{' ? strcspn(at + 1, "{}") : 0;
        if (*at != '{' || at[1 + inside] != '}' || !read_field(at + 1, inside, &field)) {
            text_bytes(to, at++, 1);
            continue;
        }
        if (!put_time(plant->now + device->ahead, field.name, to)) {
            values++;
            missing += isnan(plant_value(plant, field.name)) ? 1 : 0;
            says = put_signal(plant, &field, to) && says;
        }
        at += inside + 2;
    }
    return says && (values == 0 || missing < values);
}

bool plant_fill(struct plant *plant, struct plant_device *device, struct text *to)
{
    bool frozen = plant_fault_device(plant, device), says = fill(plant, device, to);
    struct text *last = &device->last;
    if (frozen && last->used > 0) {
        text_clear(to);
        text_bytes(to, last->at, last->used);
        return true;
    }
    text_clear(last);
    if (says)
        text_bytes(last, to->at, to->used);
    return says;
}
