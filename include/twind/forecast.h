/* Forecasts: what a twin's outputs will be, with their uncertainty, and what they would be
 * if inputs were other than expected.
 *
 *   mean = model + learned correction
 *
 * The model's part is the twin itself, run ahead on a copy of its block. What its inputs
 * will be is given (a weather service), known (a recording), or learned: from the value
 * now, the same time of the last day, and the usual course of day and week. What the model
 * then still gets wrong is learned per output and lead from the forecasts' own past errors,
 * and so is the standard deviation. All that is learned lies in the twin's block, of a size
 * that never changes. A what-if differs from the plain forecast by the models' difference:
 * the correction is the same. */
#ifndef TWIND_FORECAST_H
#define TWIND_FORECAST_H

#include "twind/twin.h"

/* An input held at a value, instead of what is expected of it. */
struct forecast_change {
    size_t input;
    double from, to; /* s since the epoch */
    double value;
};

/* The value of an input at a time to come; NAN: not known. */
typedef double forecast_known(void *context, const struct twin *twin, size_t input,
                              double time);

enum {
    FORECAST_RASTER = 900, /* s between looks at the twin, from which is learned */
    FORECAST_STEPS_MOST = 672,
    FORECAST_HORIZON_MOST = 7 * 86400, /* s */
};

struct forecast_request {
    double made; /* steps are at made + step, made + 2 step, .. made + n step */
    double step; /* s */
    size_t n;
    const struct forecast_change *changes; /* a later one counts where two overlap */
    size_t n_changes;
    forecast_known *known; /* NULL: nothing */
    void *context;
};

/* Arrays are [row][step], `n` long each. */
struct forecast {
    double made, step;
    size_t n;
    const struct kind *kind;
    double *mean, *sd; /* of the kind's outputs */
    double *inputs;    /* expected inputs; NAN: the model's own control */
};

/* Room for forecasts of up to n steps of this kind. */
struct forecast *forecast_new(const struct kind *kind, size_t n);
void forecast_free(struct forecast *forecast);

/* Room for the work, for twins of any plan; grows as needed. */
struct forecast_work;
struct forecast_work *forecast_work_new(void);
void forecast_work_free(struct forecast_work *work);

/* The forecast of a twin, whose block stays as it is. The twin's plan need not have one
 * configured: then inputs stay as they are now and nothing is corrected. `to` has room. */
void forecast_make(struct forecast_work *work, const struct twin *twin,
                   const struct forecast_request *request, struct forecast *to);

/* Whether changes leave this input to the model's own control: it is an actuator that
 * follows a set-point which they move, or a set-point whose actuator they move, and they do
 * not move it itself. What is known or learned of it is void then: it is NAN. In a what-if
 * forecast_make() sees to it. */
bool forecast_releases(const struct kind *kind, const struct forecast_change *changes,
                       size_t n, size_t input);

/* The model's part alone, for many what-ifs of one moment: means and inputs without what is
 * learned, and no standard deviations. */
void forecast_model(struct forecast_work *work, const struct twin *twin,
                    const struct forecast_request *request, struct forecast *to);

/* What a weather service says of an input that the plan's forecast is given: replaces what
 * it said before. Times ascend; between them the value is interpolated. */
void forecast_give(struct twin *twin, size_t input, const double *times,
                   const double *values, size_t n);

/* How good the twin's own forecasts were lately, at about this lead (s). */
struct forecast_skill {
    double rmse, persistence; /* in the output's unit; of "as it is now" */
    double within;            /* 0..1: share of readings that fell into the 90 % band */
    double n;                 /* forecasts that this is of */
};

/* False: the output is not measured, or nothing came yet. */
bool forecast_skill(const struct twin *twin, size_t output, double lead,
                    struct forecast_skill *skill);

/* ---- the engine's side ---- */

/* Bytes in the block of a plan whose other parts are derived; 0: no forecast. */
size_t forecast_size(const struct plan *plan);

/* Looks at the twin as of `time`, its readings up to then applied: learns. Called each
 * FORECAST_RASTER seconds. `known` and `context` as in a request. */
void forecast_learn(struct forecast_work *work, struct twin *twin, double time,
                    forecast_known *known, void *context);

#endif
