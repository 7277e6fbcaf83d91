/* One site of the virtual plant: a model with parameters of its own living through weather,
 * with devices that report it and faults that befall it; or the rows of a recorded CSV in
 * the model's place. Read from a script; see twinctl(1). */
#ifndef TWIND_CLI_PLANT_H
#define TWIND_CLI_PLANT_H

#include "model.h"
#include "weather.h"

#include "twind/err.h"
#include "twind/text.h"

#include <stdbool.h>
#include <stdio.h>

struct cJSON;

/* A fault, from `at` for `lasts` seconds after the start. */
struct plant_fault {
    double at, lasts, value;
    int type;     /* of the table in plant_fault.c */
    char *signal; /* what it befalls: a sensor's signal, an input, a parameter, a state */
    char *note;   /* for who watches: "the boiler fails"; NULL */
    double held;  /* a stuck sensor's value; a parameter's before */
    bool begun, told;
};

/* The site's own climate computer: an input in proportion to how far a signal is below (or
 * above) its set-point, 0 to `most`. */
struct plant_control {
    size_t input, signal, setpoint; /* input; output; input that holds the set-point */
    double gain;                    /* per unit of the signal; below 0: acts above it */
    double most;
};

struct plant_noise {
    char *signal;
    double sd;
};

struct plant_device {
    char *topic, *payload; /* payload with {signal:decimals}, {time}, {epoch}, {epoch_ms} */
    double every, next;    /* s */
};

struct plant {
    char *id;
    double start, now, first; /* s; first: of its first message */
    struct random random;
    struct weather weather;
    struct model model; /* .kind NULL: a recording */
    double step;        /* s between moves */
    double unrest;      /* process noise, in units of the kind's own */
    struct plant_device *devices;
    struct plant_fault *faults;
    struct plant_noise *noises;
    struct plant_control *controls;
    size_t n_devices, n_faults, n_noises, n_controls;
    const struct cJSON *reading; /* where in the script: for the place of an error */
    struct cli_csv *csv;         /* a recording */
    char **columns, **cells;     /* its names; its present row, copied */
    size_t n_columns;
    bool ended;
};

struct plant_options {
    double start; /* s */
    uint64_t seed;
    const char *data; /* folder of relative CSV paths; NULL: the present one */
    const char *csv;  /* the recording, in place of the site's own key; NULL */
};

/* From one object of the script's `sites`. False: e says what is wrong, plant->reading is
 * the value that is. plant_clear() is due in any case. */
bool plant_read(struct plant *plant, const struct cJSON *site,
                const struct plant_options *options, struct err *e);
void plant_clear(struct plant *plant);

/* When something is to be published next; INFINITY: never again. */
double plant_next(const struct plant *plant);

/* Lives on to that time, and hands over each message that is due: topic and payload. */
bool plant_run(struct plant *plant, double until, void *context,
               void (*publish)(void *context, const char *topic,
                               const struct text *payload),
               struct err *e);

/* The plant's true value of a signal (or a recording's cell); NAN: none. */
double plant_value(const struct plant *plant, const char *signal);

/* Whether there is such a signal, and what its sensor can show at all. */
bool plant_knows(const struct plant *plant, const char *signal);
void plant_range(const struct plant *plant, const char *signal, double *min, double *max);

/* plant_read.c only. */
void plant_begin(struct plant *plant);
bool plant_next_row(struct plant *plant, struct err *e);

/* plant_fault.c: what a sensor makes of the true value (NAN: it says nothing), and what
 * befalls the plant itself. */
bool plant_fault_type(const char *name, int *type);
double plant_fault_sensor(struct plant *plant, const char *signal, double value,
                          bool *silent);
void plant_fault_apply(struct plant *plant, double dt);
/* A line for each fault that begins or ends by the plant's present. */
void plant_fault_tell(struct plant *plant, FILE *to);

/* plant_device.c: fills a device's template at the plant's present. False: nothing to say.
 */
bool plant_fill(struct plant *plant, const struct plant_device *device, struct text *to);
/* All signals of the template are known. */
bool plant_check(const struct plant *plant, const struct plant_device *device,
                 struct err *e);

#endif
