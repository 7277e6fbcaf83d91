/* Fault isolation: which fault explains what the sensors say, and how well. For twins that
 * have a rule which asks for it; all that is learned lies in the twin's block.
 *
 * Each hypothesis (a sensor is biased, a vent does not close, ..) has its evidence: how
 * many times likelier what came is with the fault than without, as a logarithm. How often
 * as much comes about where nothing is wrong is learned, hypothesis by hypothesis. */
#ifndef TWIND_ISOLATE_H
#define TWIND_ISOLATE_H

#include "twind/sensor.h"

enum {
    ISOLATE_VERSION = 1,     /* of the meaning of what is learned */
    ISOLATE_BANK_MOST = 112, /* hypotheses that the filter can tell */
    ISOLATE_MOST = 1024,     /* hypotheses in all */
    ISOLATE_NAME = 96,
    ISOLATE_SAYS = 112,
};

/* What may be wrong. Those before ISOLATE_STUCK show in the filter's innovations. */
enum isolate_cause {
    ISOLATE_BIAS,
    ISOLATE_DRIFT,
    ISOLATE_SCALE,
    ISOLATE_INPUT, /* the sensor of an input is biased, or... */
    ISOLATE_INPUT_SCALE,
    ISOLATE_PLANT, /* a row of the kind's faults */
    ISOLATE_STUCK,
    ISOLATE_NOISE,
    ISOLATE_SPIKE,
    ISOLATE_SILENT,
    ISOLATE_UNIT,
    ISOLATE_RANGE, /* shows what can't be */
    ISOLATE_CLOCK,
    ISOLATE_CAUSES
};

struct isolate_hypothesis {
    enum isolate_cause cause;
    size_t sensor;                  /* PLAN_NONE: none's */
    const struct kind_fault *fault; /* of ISOLATE_PLANT */
    double mean, sd;                /* of the size, beforehand */
    char name[ISOLATE_NAME], says[ISOLATE_SAYS];
};

/* What is told apart in twins of one plan: first those of the bank, of these first the
 * `n_direct` that act on readings alone. */
struct isolate_plan {
    size_t n, n_bank, n_direct;
    bool excludes;
    struct isolate_hypothesis all[];
};

/* Room for the work, for twins of any plan: what is done with this scratch really happens
 * to them, and is evidence. */
void isolate_watch(struct twin_scratch *scratch);
void isolate_unwatch(struct twin_scratch *scratch);

/* NULL: no rule of the plan asks for it. free() */
struct isolate_plan *isolate_plan_new(const struct plan *plan);

/* Bytes in the block of a plan that has one; 0: it has none. */
size_t isolate_size(const struct plan *plan);

/* A clock that was set: the twin's times move by `by`. */
void isolate_shift(struct twin *twin, double by, double below);

/* ---- what comes ---- */

/* The filter's covariances have followed over a span (s). */
void isolate_follow(struct twin *twin, double span, struct twin_scratch *scratch);

/* A reading of an output met what the twin expected: its gradient and gain are in the
 * scratch. */
struct isolate_reading {
    size_t sensor;
    double expected, residual;
    double variance; /* of the innovation */
    bool heeded;     /* it will move the twin */
};

void isolate_meet(struct twin *twin, const struct isolate_reading *reading,
                  struct twin_scratch *scratch);

/* A reading as it was judged, before it is used. */
void isolate_hear(struct twin *twin, const struct engine_reading *reading,
                  const struct sensor_verdict *verdict, struct twin_scratch *scratch);

/* ---- what it says ---- */

/* Weighs the evidence as of `time`; nothing happens where it was weighed just now. */
void isolate_look(struct twin *twin, double time);

/* The faults that would explain what came, the likeliest first: at most `most`. Their
 * texts live as long as the plan. */
size_t isolate_faults(const struct twin *twin, struct rule_fault *to, size_t most);

/* Whether the sensor's readings are to be kept out of the estimate. */
bool isolate_excludes(const struct twin *twin, size_t sensor);

#endif
