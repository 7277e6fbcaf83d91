/* What is learned of one signal's future at one lead: how its change goes with what is
 * known when a forecast is made, which of several ways to foretell it did best, and how
 * wrong the forecasts were.
 *
 * Everything is learned from forecasts that wait for their time to come (`waiting`), so
 * that nothing is judged by what was known only later. */
#ifndef TWIND_FORECAST_COURSE_H
#define TWIND_FORECAST_COURSE_H

#include <stdbool.h>
#include <stddef.h>

/* Features are distances from the present, in the signal's unit, but where said. */
enum course_feature {
    COURSE_YESTERDAY, /* the same time of the last day */
    COURSE_USUAL,     /* the usual course of day and week */
    COURSE_DAY_AGO,   /* the present of a day ago */
    COURSE_HOUR_AGO,
    COURSE_DAY_MEAN, /* of the last day */
    COURSE_LEVEL,    /* the present itself */
    COURSE_OWN,
    COURSE_MODEL = COURSE_OWN,
    COURSE_ERROR, /* the model's last error that is known at this lead */
    COURSE_CLOCK, /* sine and cosine of the day and the half day: 4 */
    COURSE_OTHERS = COURSE_CLOCK + 4, /* the present of other outputs; then of inputs, and
                                         what is expected of them */
    COURSE_OUTPUTS_MOST = 8,
    COURSE_INPUTS_MOST = 13, /* of each, those that were heard first */
    COURSE_FEATURES_MOST = COURSE_OTHERS + COURSE_OUTPUTS_MOST + 2 * COURSE_INPUTS_MOST
};

/* The ways to foretell: all are linear in the features. */
enum course_way {
    COURSE_STAYS, /* persistence */
    COURSE_AGAIN, /* as yesterday */
    COURSE_USUALLY,
    COURSE_BY_MODEL,
    COURSE_FEW,   /* regression on the first three and the model */
    COURSE_FIRM,  /* on all, held by its prior */
    COURSE_LOOSE, /* on all, held a little */
    COURSE_FREE,  /* on all, hardly held */
    COURSE_WAYS
};

enum { COURSE_BLOCKS = 8 }; /* of the target's day */

/* Errors of the forecasts as they were made. Zero at the start. */
struct course_record {
    float n, square, persistence; /* mean squares */
    float block_n[COURSE_BLOCKS], block_square[COURSE_BLOCKS];
    float within;  /* share in the 90 % band */
    float stretch; /* log of the factor on the sd that makes the band hold */
    float error;   /* the model's last that is known */
};

/* A forecast that waits for its time. */
struct course_waiting {
    float number; /* of its issue, never 0; else there is none */
    float now, mean, sd, model;
    float way[COURSE_WAYS];
};

/* One lead of one signal, in the twin's block. */
struct course {
    size_t n;       /* features: COURSE_OWN for an input */
    double ahead;   /* lead in issues */
    float *moments; /* ridge_floats(n) */
    float *losses;  /* mean squares of the ways, and their weight; then by block */
    float *waiting; /* `slots` times a struct course_waiting and n features */
    size_t slots;
    struct course_record *record;
};

/* Floats that it takes in the block. */
size_t course_floats(size_t n, size_t slots);

/* Puts it on that many floats of the block. */
struct course course_at(float *block, size_t n, size_t slots, double ahead);

/* Each way's coefficients and intercept. */
enum { COURSE_COEFFICIENTS = COURSE_WAYS * (COURSE_FEATURES_MOST + 1) };
void course_solve(const struct course *course, double *coefficients);

/* The change from the present that is foretold for a time in this block of the day. */
double course_change(const struct course *course, const double *coefficients, size_t block,
                     const float *features);

/* Remembers a forecast that was made at issue `number`. */
void course_issue(struct course *course, double number, const double *coefficients,
                  const float *features, double now, double mean, double sd);

/* What was foretold at issue `number` has come, in this block of the day: learns. */
void course_come(struct course *course, double number, double value, size_t block);

/* The standard deviation, where the model's own is `model_sd`. */
double course_sd(const struct course *course, size_t block, double model_sd);

/* The model is another: what is known of it counts half, and what waits is forgotten. */
void course_doubt(struct course *course);

/* Forgets what waits. */
void course_forget(struct course *course);

#endif
