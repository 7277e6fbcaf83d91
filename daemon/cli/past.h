/* A twin rebuilt from the readings in its history, through the same engine, so that it
 * knows what it knew and has learned what it learned. */
#ifndef TWIND_CLI_PAST_H
#define TWIND_CLI_PAST_H

#include "twind/config.h"
#include "twind/engine.h"

struct past_options {
    const char *file;    /* the configuration */
    const char *twin;    /* its id */
    const char *history; /* NULL: the configuration's */
    double from, to;     /* s since the epoch, inclusive; may be infinite */
    /* Told every ten-thousand readings or so, of how many; NULL: nobody. */
    void (*progress)(size_t done, size_t of);
};

struct past {
    struct config config;
    struct engine *engine;
    struct twin *twin;
    double now; /* of the last reading */
};

/* 0: done. Else an exit status, with e saying why (errors of the configuration are told on
 * stderr, and e->text is empty). past_close() it either way. `past` is zeroed. */
int past_open(const struct past_options *options, struct past *past, struct err *e);
void past_close(struct past *past);

/* For options->progress: a line on a terminal's stderr that is written over. */
void past_show_progress(size_t done, size_t of);

#endif
