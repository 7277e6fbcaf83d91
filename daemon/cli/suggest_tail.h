/* From a signal's past: its noise, the delays and the clear limit that it wants, and the
 * limit that it exceeds so and so often. */
#ifndef TWIND_CLI_SUGGEST_TAIL_H
#define TWIND_CLI_SUGGEST_TAIL_H

#include "suggest_run.h"

/* A rule that is up above a level of `values`, which the caller turns so that up is up. */
struct suggest_signal {
    const struct suggest_trace *trace;
    const double *values; /* at each moment of the trace; NAN: not known */
    size_t from, to;      /* the moments to learn from: from .. to - 1 */
    double interval;      /* s: usual time between readings */
    /* The rule of this level, which clears at `clear`. */
    void (*make)(const void *context, double level, double clear,
                 struct suggest_rule *rule);
    const void *context;
    bool delays; /* choose `for` and `keep`, too */
};

struct suggest_tail {
    double noise;       /* sd from reading to reading */
    double spread;      /* between the 1st and the 99th of a hundred values */
    double hysteresis;  /* from the limit to the clear limit */
    double delay, keep; /* s */
    double level;       /* that is exceeded `rate` times a week */
    double seen;        /* the highest peak */
    size_t peaks;       /* that the level is from */
};

/* `rate`: alarms a week. False: e says why there is none. */
bool suggest_tail_find(const struct suggest_signal *signal, double rate, double keep,
                       struct suggest_tail *tail, struct err *e);

/* The alarms that began between two moments. */
size_t suggest_tail_count(const struct suggest_trace *trace,
                          const struct suggest_rule *rule, double from, double to);

#endif
