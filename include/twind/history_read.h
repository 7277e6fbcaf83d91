/* Reading a history from outside the daemon, while it may be running: by a connection of
 * its own that only reads. And the one thing that is written from outside: what a
 * calibration found. */
#ifndef TWIND_HISTORY_READ_H
#define TWIND_HISTORY_READ_H

#include "twind/err.h"

#include <stddef.h>

struct history_read;

/* NULL: e says why. */
struct history_read *history_read_open(const char *path, struct err *e);
void history_read_close(struct history_read *reader);

struct history_read_series {
    const char *twin, *signal, *unit; /* readings in another unit are not meant */
    double from, to;                  /* s since the epoch, inclusive; may be infinite */
};

/* Every good reading, not in order. False: e says why. */
bool history_read_good(struct history_read *reader,
                       const struct history_read_series *series,
                       void (*each)(void *context, double time, double value),
                       void *context, struct err *e);

struct history_calibration {
    double time;
    const char *twin, *result; /* "applied", or why not */
    double error_before, error_after;
    const struct history_value {
        const char *param;
        double value, standard_error; /* not finite: stored as NULL */
    } * values;
    size_t n;
};

/* Rows for the view `calibrations`, in one transaction of a second write connection: the
 * daemon's writer waits for the moment that it takes, and this one up to 10 s for a commit
 * or a housekeeping step of the daemon's. */
bool history_read_note(const char *path, const struct history_calibration *calibration,
                       struct err *e);

#endif
