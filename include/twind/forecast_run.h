/* The model's part of a forecast: a copy of the twin that runs ahead. */
#ifndef TWIND_FORECAST_RUN_H
#define TWIND_FORECAST_RUN_H

#include "twind/forecast_view.h"

struct forecast_work {
    struct twin_scratch *scratch;
    struct forecast_view view;
    char *copy, *path; /* of the twin's block: the one that runs; its past moments */
    size_t copy_room, path_room;
    double *room[3]; /* of outputs and steps */
    size_t rooms[3];
};

struct forecast_run {
    struct forecast_work *work;
    const struct forecast_request *request;
    struct twin copy;
    bool changed;  /* with the request's changes */
    bool released; /* actuators that follow what they change are the model's to move */
    double spread; /* the moment that the covariances are of: they stand still but when
                      they are asked for */
};

/* The copy stands at the moment that the request is made. The work's view is of the twin.
 */
void forecast_run_begin(struct forecast_run *run, const struct twin *twin);

/* Runs on to this time; inputs are then those of that moment. */
void forecast_run_to(struct forecast_run *run, double time);

/* An output now, and its standard deviation (forecast_run_follow() first). */
double forecast_run_output(struct forecast_run *run, size_t output, double *sd);

/* Brings the covariances to the present. */
void forecast_run_follow(struct forecast_run *run);

/* Keeps the moment as the k-th of n; goes back to it. */
void forecast_run_keep(struct forecast_run *run, size_t k, size_t n);
void forecast_run_recall(struct forecast_run *run, size_t k);

#endif
