/* The third contract, after kind.h and rule.h: a detector of anomalies.
 *
 * A detector takes a time and a value (or several) and answers a score in 0..1; 0.5 is its
 * own level of alarm. Its state is plain data of a fixed size, zero at the start; it looks
 * only back, allocates nothing, and scale and offset of the values are the same to it. */
#ifndef TWIND_DETECTOR_H
#define TWIND_DETECTOR_H

#include "twind/err.h"

#include <stddef.h>

enum { DETECTOR_PARAMS_MAX = 8, DETECTOR_STATE_MAX = 8192, DETECTOR_TEXT = 192 };

struct detector_row {
    const char *name, *help;
    double value;    /* default */
    double min, max; /* what is accepted */
};

/* Why the last score is what it is. */
struct detector_reason {
    const char *what;        /* is judged: "value", "mean of the last 24 readings" */
    double value, low, high; /* it, and what is usual; NAN: not known yet */
    const char *where;       /* "at this hour"; "": always */
    double readings;         /* met about once in so many; NAN: not said */
    size_t signal;           /* counted from 1: contributes most, a share of all; 0: none */
    double share;
};

struct detector {
    const char *name, *help;
    const char *reference; /* who described it */
    const struct detector_row *params;
    size_t n_params;
    /* Looks at several signals at once; the others watch one signal each. */
    bool joint;
    /* Takes its place, with its parameters, on more than one signal; NULL: none does. */
    const struct detector *several;
    /* Bytes of the state for n signals, aligned as a double is. */
    size_t (*size)(const double *params, size_t n);
    /* `time` in s; NAN: not known; may step back. Values are finite; of a joint detector
     * some may be NAN, which is missing. */
    double (*step)(const double *params, void *state, double time, const double *values,
                   size_t n);
    struct detector_reason (*reason)(const double *params, const void *state);
};

/* Every detector, in the order of the documents; ends with NULL. */
extern const struct detector *const detectors_all[];

/* Their names, in that order; ends with NULL. */
extern const char *const detectors_names[];

/* NULL: there is no such detector. */
const struct detector *detectors_find(const char *name);

/* The one that looks at n signals: itself, or what takes its place. */
const struct detector *detectors_for(const struct detector *detector, size_t n);

/* The defaults of the detector's parameters. */
void detectors_defaults(const struct detector *detector, double *params);

/* One parameter by its name. */
bool detectors_set(const struct detector *detector, double *params, const char *name,
                   double value, struct err *e);

/* What all callers use in place of step(): values that are no numbers a sensor gives (not
 * finite, beyond 1e100) are missing; where no value is there the score is 0 and the state
 * stays. */
double detectors_step(const struct detector *detector, const double *params, void *state,
                      double time, const double *values, size_t n);

/* A reason in words, without its signal. */
void detectors_describe(const struct detector_reason *why, char text[DETECTOR_TEXT]);

/* "value 7.2, usually 3.1 to 5 at this hour; about once in 20000 readings". */
void detectors_explain(const struct detector *detector, const double *params,
                       const void *state, char text[DETECTOR_TEXT]);

#endif
