/* A twin as it is after its readings in a history: it has seen and learned from them what
 * the daemon's own would have. */
#ifndef TWIND_CLI_PAST_H
#define TWIND_CLI_PAST_H

#include "twind/engine.h"

struct past_reading {
    double time, value;
    size_t sensor;
};

struct past {
    struct engine *engine;
    struct twin *twin;
    struct past_reading *readings; /* good ones, in the order of time */
    size_t n, room;
    size_t sensor; /* being read */
};

/* The readings of the twin's sensors up to `to` (INFINITY: all). False: e says why they
 * cannot be read, or that there are none. */
bool past_read(struct past *past, const char *history, const char *id,
               const struct plan *plan, double to, struct err *e);

/* Makes the twin and takes it through them. `progress` (NULL: none) is told the share. */
void past_relive(struct past *past, const char *id, struct plan *plan,
                 void (*progress)(double share));

void past_clear(struct past *past);

#endif
