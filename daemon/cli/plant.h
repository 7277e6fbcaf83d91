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

/* A fault, from `at` for `lasts` seconds after the start; of each day, where daily, only
 * between two hours of the sun's clock. */
struct plant_fault {
    double at, lasts, value, offset;
    double from, to; /* h; both 0: all day */
    int type;        /* of the table in plant_fault.c */
    char *signal;    /* what it befalls: a sensor's signal, an input, a parameter, a state,
                        a device's topic */
    char *note;      /* for who watches: "the boiler fails"; NULL */
    double held;     /* a stuck sensor's value; a parameter's before */
    bool begun, told;
};

/* An input or a parameter that follows the clock: from each hour of the sun's clock on, its
 * value. */
struct plant_schedule {
    const struct kind_row *row;
    double *follows; /* in the plant */
    size_t n;
    double *hours, *values;
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
    double ahead;          /* s: its clock, of the true time */
    struct text last;      /* what it said last */
};

struct plant {
    char *id;
    double start, now, first;   /* s; first: of its first message */
    struct random random, fate; /* fate: of faults, so that they change nothing else */
    struct weather weather;
    struct model model; /* .kind NULL: a recording */
    double step;        /* s between moves */
    double unrest;      /* process noise, in units of the kind's own */
    /* The inputs as control, schedule and weather want them; as devices tell them. What the
     * model lives by (its u) is neither, where an actuator does not obey. */
    double wanted[KIND_ROWS_MAX], shown[KIND_ROWS_MAX];
    struct plant_device *devices;
    struct plant_fault *faults;
    struct plant_noise *noises;
    struct plant_control *controls;
    struct plant_schedule *schedules;
    size_t n_devices, n_faults, n_noises, n_controls, n_schedules;
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

/* Hours of the sun's clock, 0 to 24. */
double plant_hour(const struct plant *plant);

/* plant_fault.c: what a sensor makes of the true value (NAN: it says nothing), and what
 * befalls the plant itself. */
bool plant_fault_type(const char *name, int *type);
/* Which table of the kind a type speaks of. */
enum plant_target { PLANT_SENSOR, PLANT_INPUT, PLANT_PARAM, PLANT_STATE, PLANT_DEVICE };
enum plant_target plant_fault_target(int type);
/* "stuck, bias, .." */
extern const char plant_fault_types[];
double plant_fault_sensor(struct plant *plant, const char *signal, double value,
                          bool *silent);
/* What is left of a value when its unit is mistaken. */
double plant_fault_unit(const struct plant *plant, const char *signal, double value);
/* From what is wanted of the inputs to what they show and are. */
void plant_fault_apply(struct plant *plant, double dt);
/* Whether the device says again what it said last; sets its clock. */
bool plant_fault_device(const struct plant *plant, struct plant_device *device);
/* A line for each fault that begins or ends by the plant's present. */
void plant_fault_tell(struct plant *plant, FILE *to);

/* plant_device.c: fills a device's template at the plant's present. False: nothing to say.
 */
bool plant_fill(struct plant *plant, struct plant_device *device, struct text *to);
/* All signals of the template are known. */
bool plant_check(const struct plant *plant, const struct plant_device *device,
                 struct err *e);

#endif
