/* What a twin has learned for its forecasts, as it lies in the twin's block. */
#ifndef TWIND_FORECAST_BLOCK_H
#define TWIND_FORECAST_BLOCK_H

#include "twind/forecast.h"
#include "twind/forecast_course.h"
#include "twind/forecast_signal.h"

enum {
    FORECAST_VERSION = 1, /* of the meaning of what is learned */
    FORECAST_ANCHORS = 6, /* leads at which it is learned; linear between */
    FORECAST_SENSORS = 2 * KIND_ROWS_MAX,
};

/* Zero: nothing has been seen yet. */
struct forecast_head {
    double learned; /* s: the raster moment that was looked at last */
    double made;    /* s: of the last forecast */
    double newest;  /* number of the newest raster moment in the rings */
    double params;  /* a hash of the parameters that the model had last; 0: none yet */
    /* Those sensors (+ 1) that are features of all outputs, as they were first heard. */
    unsigned char outputs[COURSE_OUTPUTS_MOST], inputs[COURSE_INPUTS_MOST];
    unsigned char spare[3];
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
    float *courses;                  /* forecast_courses() */
};

/* NULL members where the plan has no forecast. */
struct forecast_block forecast_block(const struct twin *twin);

/* Values that are kept of a given input: two horizons. */
size_t forecast_window(const struct plan *plan);

/* The seconds ahead of an anchor: shares 1/24, 1/8, 1/4, 1/2, 3/4, 1 of the horizon, in
 * whole raster steps. */
double forecast_lead(const struct plan *plan, size_t anchor);

/* Seconds between the forecasts that are learned from: a 24th of the horizon, in whole
 * raster steps. */
double forecast_issue(const struct plan *plan);

/* Whether a sensor's signal has a course that is learned: neither a meter's has, nor a
 * bearing's. */
bool forecast_has_course(const struct plan *plan, size_t sensor);

/* How many outputs, or inputs, are features of all outputs at most. */
size_t forecast_others(const struct plan *plan, bool inputs);

/* Of every sensor that has one, one an anchor. */
void forecast_courses(const struct twin *twin, struct course (*to)[FORECAST_ANCHORS]);

/* Where the plan has other parameters than when it was asked last (a calibration): what was
 * learned of the model's errors counts half. */
void forecast_heed_params(struct twin *twin);

/* Forgets the last day, and what is awaited; what was learned stays. */
void forecast_forget_day(struct twin *twin);

#endif
