/* When forecasts are due: the engine's hook. */
#ifndef TWIND_FORESIGHT_H
#define TWIND_FORESIGHT_H

#include "twind/judge.h"

struct foresight {
    const struct engine_sink *sink;
    struct judge *judge;
    struct forecast_work *work; /* NULL: no twin has asked for one yet */
    struct forecast *forecast;  /* room for the largest so far */
    size_t room;                /* of it, in steps of... */
    const struct kind *kind;    /* ...this kind */
};

/* Learning and forecasts of the moments before `time` that have fallen due: call it before
 * anything of that time is done, so that all readings up to those moments, and none after
 * them, have been applied. After a gap the last hour is learned from, and the last forecast
 * made. */
void foresight_keep(struct foresight *foresight, struct twin *twin, double time);

/* A clock that was set: the twin's times move by `by`, what is of the last day is
 * forgotten. */
void foresight_shift(struct twin *twin, double by, double below);

void foresight_free(struct foresight *foresight);

#endif
