/* One twin: a plan and a block of plain data that is all it knows. The block can be copied,
 * written and read back; nothing in it points anywhere. */
#ifndef TWIND_TWIN_H
#define TWIND_TWIN_H

#include "twind/plan.h"
#include "twind/quality.h"

enum twin_health { TWIN_OK, TWIN_DEGRADED, TWIN_STALE };

struct twin_head {
    double time;       /* the moment that the states are of; 0: nothing has come yet */
    double spread;     /* the moment that the covariances are of: they may lag behind */
    double born;       /* first advanced */
    double stored;     /* last state in the history */
    double tick;       /* last deadline kept by the timer */
    double judged;     /* when the rules were last looked at */
    uint64_t measured; /* bit b: block b has been corrected by a sensor */
    uint64_t revision; /* counts the changes of the covariances */
};

struct twin_sensor {
    double time;         /* sample time of the newest reading; NAN: never seen */
    double value;        /* that reading, in the signal's unit */
    double predicted;    /* what the twin expected; NAN: an input, or the first */
    double nis;          /* normalised innovation squared; NAN */
    double changed;      /* since when the value stands */
    double used;         /* sample time of the last one that moved the twin; NAN */
    double raw, carried; /* counter: last raw value; what resets have swallowed */
    double before; /* counter: the raw value before the last, should that be a glitch */
    uint8_t quality;
    uint8_t rejected; /* in a row */
    uint8_t counter;  /* enum sensor_counter */
    uint8_t spare[5];
};

struct twin {
    const struct plan *plan;
    const char *id, *name; /* owned by the engine */
    char *block;           /* plan->block_size bytes */
    double due;            /* when the timer looks again; 0: as soon as it can */
    double watched; /* since when this run of the program has been looking; 0: not yet */
    uint32_t index; /* in the engine */
    uint32_t heap;  /* position in the timer heap */
    void *user;     /* the edge's */
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
struct twin_scratch *twin_scratch_new(void); /* free() */

/* Puts a zeroed block at its start: states, covariance, inputs' defaults, sensors unseen.
 */
void twin_start(struct twin *twin);

/* The twin's life begins at `time` with the inputs that are known by then. May be called
 * again as long as no output has been measured. */
void twin_begin(struct twin *twin, double time);

/* Moves states and memory to `time`; the covariances follow when they are asked for, or
 * after a quarter of an hour. Nothing happens where that is less than the kind's min_step
 * ahead: the time then stays too, so that the noise is not lost. The work is bounded: of a
 * very long gap only the last pieces are integrated. */
void twin_advance(struct twin *twin, double time, struct twin_scratch *scratch);

/* One measurement of a signal by its sensor at the twin's present time: an input is set, an
 * output corrects the states. Returns good or rejected; the sensor's predicted, nis, used
 * and rejected are set (its time is the caller's to set first).
 *
 * Rejected is what lies more than 5 standard deviations (of estimate and sensor together)
 * from the expected, with two ways out: the first measurement of a block, and one that
 * follows two rejections in a row and comes at least 2 s after the last that was used, are
 * believed, and the covariance is opened as far as it takes, the block's other states to
 * where they began. The model has then lost its credit: all that follow are believed, until
 * one lies within the gate. A meter's first reading sets its level. */
enum quality twin_measure(struct twin *twin, size_t sensor, double value,
                          struct twin_scratch *scratch);

void twin_set_input(struct twin *twin, size_t input, double value);

/* The estimate of an output (index into the kind's outputs), and its standard deviation
 * where `sd` is not NULL. */
double twin_estimate(const struct twin *twin, size_t output, double *sd,
                     struct twin_scratch *scratch);

/* A signal (input or output): inputs have their present value and sd 0. */
double twin_signal(const struct twin *twin, size_t signal, double *sd,
                   struct twin_scratch *scratch);

/* Blocks that were put back to their start because they held a number that is not finite.
 */
uint64_t twin_scratch_resets(const struct twin_scratch *scratch);

/* ok: every sensor is good; stale: every sensor is stale or unseen; else degraded. */
enum twin_health twin_health(const struct twin *twin, double now);
const char *twin_health_name(enum twin_health health);

/* The sensor's quality as of now: stale where it is silent for longer than its timeout or
 * was never seen, else its last reading's. */
enum quality twin_sensor_quality(const struct twin *twin, size_t sensor, double now);

/* Temperature (Cel) and pressure (hPa) to convert gases with: the twin's own signals, else
 * 20 Cel and 1013.25 hPa. */
void twin_air(const struct twin *twin, double *temperature, double *pressure,
              struct twin_scratch *scratch);

#endif
