/* A history as a recording: every stored reading, in the order of time, a day at a time.
 * One read transaction, so that a daemon may go on writing meanwhile. */
#ifndef TWIND_HISTORY_TAPE_H
#define TWIND_HISTORY_TAPE_H

#include "twind/history_read.h"
#include "twind/quality.h"

#include <stdbool.h>

struct history_tape_series {
    char *twin, *signal, *unit;
    bool skip; /* set by the caller: not wanted */
    long long number;
};

struct history_tape;

/* NULL: e says why. The reader must outlive the tape. */
struct history_tape *history_tape_open(struct history_read *reader, struct err *e);
void history_tape_close(struct history_tape *tape);

/* Whose readings there are. */
struct history_tape_series *history_tape_series(struct history_tape *tape, size_t *n);

struct history_tape_hooks {
    void *context;
    /* Readings of one time come in the order in which their series began. False: stop, with
     * e said. */
    bool (*reading)(void *context, const struct history_tape_series *series, double time,
                    double value, enum quality quality, struct err *e);
    /* What an input was set to by a command, before the readings of its time. */
    bool (*command)(void *context, double time, const char *twin, const char *input,
                    const char *value, struct err *e);
};

/* Between `from` and `to` (s since the epoch, inclusive; may be infinite). May be called
 * again. */
bool history_tape_play(struct history_tape *tape, double from, double to,
                       const struct history_tape_hooks *hooks, struct err *e);

#endif
