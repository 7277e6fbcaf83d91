/* Moves the states of a kind through time: which method, in which steps. */
#ifndef TWIND_MOTION_H
#define TWIND_MOTION_H

#include "twind/kind.h"
#include "twind/ode_stiff.h"

enum motion_method {
    MOTION_AUTO, /* rk4 for short spans, rosenbrock for those that it would cost more */
    MOTION_RK4,
    MOTION_EULER,
    MOTION_ROSENBROCK,
};

/* By its name in the configuration ("rk4"); false: there is no such method. */
bool motion_find(const char *name, enum motion_method *method);
extern const char *const motion_names[]; /* by method; ends with NULL */

/* Room for the work on one kind at a time. */
struct motion {
    enum motion_method method; /* not auto */
    const struct kind *kind;
    double rk[5 * KIND_STATES_MAX];
    unsigned char block[KIND_STATES_MAX];
    double scale[KIND_STATES_MAX];
    double taken;                 /* s, the last step */
    double from[KIND_STATES_MAX]; /* states at its begin; then their mean over it */
    struct ode_stiff stiff;
};

_Static_assert((int)ODE_STIFF_MOST >= KIND_STATES_MAX, "room for any kind");
_Static_assert((int)ODE_STIFF_BLOCK >= KIND_BLOCK_MAX, "and for its blocks");

/* What auto means for a span of so many seconds; others stay as they are. */
enum motion_method motion_choose(const struct kind *kind, enum motion_method wanted,
                                 double span);

/* s: the longest step that the method may be asked for. A longer one is unstable
 * (explicit methods), or too coarse for what is summed up step by step. */
double motion_longest(const struct kind *kind, enum motion_method method);

/* Makes the room ready for this kind; forgets all that it knew. */
void motion_begin(struct motion *motion, const struct kind *kind,
                  enum motion_method method);

/* One step of at most `most` seconds from the moment `at`, whose states are x, in place.
 * Returns its length: rosenbrock takes shorter ones where the error would be too large, the
 * others take it whole. The caller holds x in its range. */
double motion_step(struct motion *motion, const struct kind_point *at, double most,
                   double *x);

/* The mean of the states over the last step, which ended in x: what accumulate() is to see.
 * Once a step. */
const double *motion_mean(struct motion *motion, const double *x);

#endif
