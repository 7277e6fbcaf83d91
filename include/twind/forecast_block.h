/* What a twin has learned for its forecasts, as it lies in the twin's block. */
#ifndef TWIND_FORECAST_BLOCK_H
#define TWIND_FORECAST_BLOCK_H

#include "twind/forecast.h"
#include "twind/forecast_signal.h"

enum {
    FORECAST_VERSION = 1, /* of the meaning of what is learned */
    FORECAST_ANCHORS = 6, /* leads at which coefficients are learned; linear between */
};

/* Zero: nothing has been seen yet. */
struct forecast_head {
    double learned; /* s: the raster moment that was looked at last */
    double made;    /* s: of the last forecast */
    double newest;  /* number of the newest raster moment in the rings */
};

/* What a weather service said last, on the raster from `first` on. */
struct forecast_given {
    double first; /* number of the first raster moment */
    double n;     /* how many are known from there on */
};

/* Where things lie. */
struct forecast_block {
    struct forecast_head *head;
    struct forecast_signal *signals; /* one a sensor of the plan */
    struct forecast_given *given;    /* one a given input */
    float *windows;                  /* forecast_window() values of each of them */
};

/* NULL members where the plan has no forecast. */
struct forecast_block forecast_block(const struct twin *twin);

/* Values that are kept of a given input: two horizons. */
size_t forecast_window(const struct plan *plan);

/* The seconds ahead of an anchor: shares 1/24, 1/8, 1/4, 1/2, 3/4, 1 of the horizon, in
 * whole raster steps. */
double forecast_lead(const struct plan *plan, size_t anchor);

/* Forgets the last day, and what is awaited; what was learned stays. */
void forecast_forget_day(struct twin *twin);

#endif
