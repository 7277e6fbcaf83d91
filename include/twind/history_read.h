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

/* For the other readers among history*.c: the connection, and its present error as e.
 * Always false. */
struct sqlite3;
struct sqlite3 *history_read_connection(const struct history_read *reader);
bool history_read_failed(const struct history_read *reader, struct err *e);

struct history_read_series {
    const char *twin, *signal, *unit; /* readings in another unit are not meant */
    double from, to;                  /* s since the epoch, inclusive; may be infinite */
};

/* Every good reading, not in order. False: e says why. */
bool history_read_good(struct history_read *reader,
                       const struct history_read_series *series,
                       void (*each)(void *context, double time, double value),
                       void *context, struct err *e);

/* The same with those that were not believed; only retained ones of unknown age are not
 * among them. */
bool history_read_any(struct history_read *reader, const struct history_read_series *series,
                      void (*each)(void *context, double time, double value), void *context,
                      struct err *e);

/* What is stored of one name: readings as they came, estimates with their standard
 * deviation, or means of hours or days with the least and the most. */
enum history_read_what {
    HISTORY_READ_READINGS,
    HISTORY_READ_STATES,
    HISTORY_READ_HOURS,
    HISTORY_READ_DAYS,
};

struct history_read_point {
    double time, value;
    double low, high; /* of a mean; of an estimate the 90 % band; of a reading NAN */
};

struct history_read_points {
    const char *twin, *name;
    enum history_read_what what;
    double from, to; /* s since the epoch, inclusive; finite */
};

/* In the order of time. Of means those of the estimate, else those of the readings. */
bool history_read_points(struct history_read *reader,
                         const struct history_read_points *points,
                         void (*each)(void *context,
                                      const struct history_read_point *point),
                         void *context, struct err *e);

/* The unit that the twin's signal has in the history, and when it was last stored. False:
 * e says that there is none, or why it cannot be read. */
enum { HISTORY_READ_UNIT = 32 };
bool history_read_find(struct history_read *reader, const char *twin, const char *name,
                       char unit[HISTORY_READ_UNIT], double *newest, struct err *e);

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
