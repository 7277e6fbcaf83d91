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
    size_t sensor[FORECAST_SENSORS]; /* of each signal; PLAN_NONE */
    double now[FORECAST_SENSORS];    /* what each sensor says; NAN: not known */
    size_t n_outputs, n_inputs;      /* forecast_others() */
    struct course courses[FORECAST_SENSORS][FORECAST_ANCHORS];
    /* forecast_view_solve(): */
    double day_mean[FORECAST_SENSORS];
    double *coefficients; /* of all courses, COURSE_COEFFICIENTS each */
    size_t room;
};

/* The present of the twin as of `made`: the last good reading where it is not older than a
 * raster step, else the estimate (of an input: its value) where there was a good one in the
 * last hour or 1/24 of the horizon. Keeps the view's room; `known` and `context` are the
 * caller's to set. */
void forecast_view(struct forecast_view *view, const struct twin *twin, double made,
                   struct twin_scratch *scratch);

/* An output that is not known now is the estimate, where its sensor is not stale and was
 * heard within a quarter of the horizon: to foretell from, not to learn from. (An input may
 * be told only when it changes: it stays as it is.) */
void forecast_view_presume(struct forecast_view *view, struct twin_scratch *scratch);

/* Whether the sensor's signal has a course, and is known now. */
bool forecast_can_foretell(const struct forecast_view *view, size_t sensor);

/* Works out what was learned, for what follows. */
void forecast_view_solve(struct forecast_view *view);

/* The coefficients of a course, as they were worked out. */
double *forecast_coefficients(const struct forecast_view *view, size_t sensor,
                              size_t anchor);

/* What is expected of an input at this time: known, given, learned, or as it is. NAN: the
 * model's own control. */
double forecast_expect(const struct forecast_view *view, size_t input, double time);

/* The features that any signal has: COURSE_OWN of them. */
void forecast_own_features(const struct forecast_view *view, size_t sensor, double time,
                           float *features);

/* The features of an output at a time to come, where the model says `model` of it and
 * `inputs` (of the kind, `stride` apart) are expected. */
void forecast_features(const struct forecast_view *view, size_t sensor, double time,
                       double model, const double *inputs, size_t stride, float *features);

/* The learned change from the present of the sensor's signal. */
double forecast_change(const struct forecast_view *view, size_t sensor, double time,
                       const float *features);

/* Its range as far as it was seen, inside the row's. */
double forecast_confine(const struct forecast_view *view, size_t sensor, double value);

/* The anchors around a time: `above`, and its share; the rest is the anchor below, or
 * before the first one the present itself. */
struct forecast_between {
    size_t above;
    double share;
};
struct forecast_between forecast_between(const struct forecast_view *view, double time);

/* The block of the day that a time is in. */
size_t forecast_day_block(const struct plan *plan, double time);

#endif
