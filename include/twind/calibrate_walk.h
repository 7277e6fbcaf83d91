/* One walk over a record with given parameters: the errors of all its predictions. Several
 * may go on side by side, each of its own. Only calibrate*.c needs it. */
#ifndef TWIND_CALIBRATE_WALK_H
#define TWIND_CALIBRATE_WALK_H

#include "twind/calibrate_record.h"

struct calibrate_walk;

/* The record and its plan must outlive it. */
struct calibrate_walk *calibrate_walk_new(const struct calibrate_record *record);
void calibrate_walk_free(struct calibrate_walk *walk);

/* Fills rows with predicted less measured, over the first n_moments; p: the values of the n
 * parameters of these indexes, the others are the plan's. */
void calibrate_walk_take(struct calibrate_walk *walk, const size_t *params, const double *p,
                         size_t n, size_t n_moments, double *rows);

#endif
