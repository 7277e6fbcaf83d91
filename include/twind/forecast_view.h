/* A twin as its forecasts see it at one moment: the present, and the inputs to come. */
#ifndef TWIND_FORECAST_VIEW_H
#define TWIND_FORECAST_VIEW_H

#include "twind/forecast_block.h"

struct forecast_view {
    const struct twin *twin;
    struct forecast_block block;
    double made;
    forecast_known *known;
    void *context;
    size_t sensor[2 * KIND_ROWS_MAX]; /* of each signal; PLAN_NONE */
    double now[2 * KIND_ROWS_MAX];    /* what each sensor says; NAN: not known */
};

/* The present of the twin as of `made`: the last good reading where it is not older than a
 * raster step, else the estimate (of an input: its value) where there was a good one in the
 * last hour or 1/24 of the horizon. */
void forecast_view(struct forecast_view *view, const struct twin *twin, double made,
                   struct twin_scratch *scratch);

/* What is expected of an input at this time: known, given, learned, or as it is. NAN: the
 * model's own control. */
double forecast_expect(const struct forecast_view *view, size_t input, double time);

/* The features of a signal with a sensor that are learned from, `time` being ahead: how far
 * the same time of the last day and the usual value then are from the present; 0 where they
 * are not known. */
double forecast_view_yesterday(const struct forecast_view *view, size_t sensor,
                               double time);
double forecast_view_usual(const struct forecast_view *view, size_t sensor, double time);

#endif
