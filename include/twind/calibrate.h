/* Calibration: parameters of a twin from its own readings, through the same filter. The
 * twin is run over the record; at regular moments a copy goes on without its outputs'
 * readings, with the inputs as they were, and its errors over the horizon are what is
 * minimised. No I/O, no clock; all is allocated in calibrate_new(). */
#ifndef TWIND_CALIBRATE_H
#define TWIND_CALIBRATE_H

#include "twind/fit.h"
#include "twind/plan.h"

enum {
    CALIBRATE_BANDS = 3,  /* lead: to 1/24, to 1/4, to all of the horizon */
    CALIBRATE_LANES = 64, /* runs side by side, at most */
    CALIBRATE_STARTS = 32,
};

struct calibrate_reading {
    double time, value;
    size_t sensor; /* of the plan */
};

struct calibrate_task {
    const struct plan *plan; /* finished; with the parameters to start from */
    const struct calibrate_reading *readings; /* good ones, in any order */
    size_t n_readings;
    const size_t *params; /* indexes of the kind's parameters; at most FIT_MAX */
    size_t n_params;
    double horizon;  /* s */
    double held_out; /* share of the time, at its end, that only judges */
    size_t starts;   /* points tried beside the present one; at most CALIBRATE_STARTS */
    /* Runs side by side, in so many lanes; NULL: one after another. The result is the same.
     */
    fit_each *each;
    void *pool;
    size_t lanes;
    /* After runs over the record: so many of about so many, and the error so far. */
    void (*progress)(void *context, size_t done, size_t about, double error);
    void *context; /* progress may be NULL */
};

/* Root mean square of an output's errors in its own unit, on the held-out part. */
struct calibrate_cell {
    size_t sensor, band, n;
    double before, after;
};

/* Errors of all outputs together: root mean square of each output's and band's mean square
 * error over that of the parameters at the start (on the training part), or over the
 * sensor's sd where that is larger. 1: as good as before. */
struct calibrate_result {
    double before[FIT_MAX];
    struct fit_result fit; /* p: after. A blind parameter keeps its value. With the prior */
    double training_before, training_after, held_before, held_after;
    double from, split, to; /* training, held-out */
    size_t n_training, n_held, runs;
    bool accepted; /* the held-out error has fallen */
    struct calibrate_cell *cells;
    size_t n_cells;
};

/* Checks the task and plans the work. NULL: e says what is missing. The task must outlive
 * it; its readings need not. */
struct calibrate *calibrate_new(const struct calibrate_task *task, struct err *e);
void calibrate_free(struct calibrate *calibrate);

/* `result` points into `calibrate`. */
void calibrate_run(struct calibrate *calibrate, struct calibrate_result *result);

/* The kind's parameters that are worth fitting (KIND_FIT); returns how many, <= FIT_MAX. */
size_t calibrate_usual(const struct kind *kind, size_t params[FIT_MAX]);

/* Whether it can be fitted: e says why not. */
bool calibrate_allows(const struct kind *kind, size_t param, struct err *e);

#endif
