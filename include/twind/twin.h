/* One twin: a plan and a block of plain data that is all it knows. The block can be copied,
 * written and read back; nothing in it points anywhere. */
#ifndef TWIND_TWIN_H
#define TWIND_TWIN_H

#include "twind/plan.h"
#include "twind/quality.h"

enum twin_health { TWIN_OK, TWIN_DEGRADED, TWIN_STALE };

struct twin_head {
    double time;   /* the moment that the states are of; 0: nothing has come yet */
    double born;   /* first advanced */
    double stored; /* last state in the history */
    double tick;   /* last deadline kept by the timer */
};

struct twin_sensor {
    double time;      /* sample time of the newest reading; NAN: never seen */
    double value;     /* that reading, in the signal's unit */
    double predicted; /* what the twin expected; NAN: an input, or the first */
    double nis;       /* normalised innovation squared; NAN */
    double changed;   /* since when the value stands */
    double used;      /* sample time of the last one that moved the twin; NAN */
    double raw, carried; /* counter: last raw value; what resets have swallowed */
    uint8_t quality;
    uint8_t rejected; /* in a row */
    uint8_t spare[6];
};

struct twin {
    const struct plan *plan;
    const char *id, *name; /* owned by the engine */
    char *block;           /* plan->block_size bytes */
    double due;            /* when the timer looks again */
    uint32_t index;        /* in the engine */
    uint32_t heap;         /* position in the timer heap */
    void *user;            /* the edge's */
};

static inline struct twin_head *twin_head(const struct twin *twin)
{
    return (struct twin_head *)(void *)twin->block;
}

static inline double *twin_x(const struct twin *twin)
{
    return (double *)(void *)(twin->block + twin->plan->at_x);
}

static inline double *twin_u(const struct twin *twin)
{
    return (double *)(void *)(twin->block + twin->plan->at_u);
}

static inline struct twin_sensor *twin_sensors(const struct twin *twin)
{
    return (struct twin_sensor *)(void *)(twin->block + twin->plan->at_sensors);
}

static inline struct alert *twin_alerts(const struct twin *twin)
{
    return (struct alert *)(void *)(twin->block + twin->plan->at_alerts);
}

/* Room for the filter's work, for one twin at a time. */
struct twin_scratch;
struct twin_scratch *twin_scratch_new(void);

/* Puts a zeroed block at its start: states, covariance, inputs' defaults, sensors unseen. */
void twin_start(struct twin *twin);

/* Moves states, covariance and memory to `time` (later than now; else nothing happens). */
void twin_advance(struct twin *twin, double time, struct twin_scratch *scratch);

/* One measurement of a signal by its sensor at the twin's present time: an input is set, an
 * output corrects the states. Returns good or rejected; the sensor's predicted and nis are
 * set. */
enum quality twin_measure(struct twin *twin, size_t sensor, double value,
                          struct twin_scratch *scratch);

/* The estimate of an output (index into the kind's outputs), and its standard deviation
 * where `sd` is not NULL. */
double twin_estimate(const struct twin *twin, size_t output, double *sd,
                     struct twin_scratch *scratch);

/* A signal (input or output): inputs have their present value and sd 0. */
double twin_signal(const struct twin *twin, size_t signal, double *sd,
                   struct twin_scratch *scratch);

/* ok: every sensor is good; stale: every sensor is stale or unseen; else degraded. */
enum twin_health twin_health(const struct twin *twin, double now);
const char *twin_health_name(enum twin_health health);

/* Temperature (Cel) and pressure (hPa) to convert gases with: the twin's own signals, else
 * 20 Cel and 1013.25 hPa. */
void twin_air(const struct twin *twin, double *temperature, double *pressure,
              struct twin_scratch *scratch);

#endif
