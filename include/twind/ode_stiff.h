/* Steps of stiff ordinary differential equations, much longer than an explicit method can
 * take, with their error held. No allocation: the room is the caller's.
 *
 * States come in blocks that do not see each other's: of these the Jacobian is made by
 * nudging one state of each at once, kept over several steps while it is good. */
#ifndef TWIND_ODE_STIFF_H
#define TWIND_ODE_STIFF_H

#include "twind/ode.h"

#include <stdbool.h>

enum { ODE_STIFF_MOST = 128, ODE_STIFF_BLOCK = 18 }; /* states; of one block */

struct ode_stiff_problem {
    ode_rhs *rhs;
    const void *context;
    size_t n;
    const unsigned char
        *block;               /* n: numbered from 0, at most ODE_STIFF_BLOCK states each */
    const double *scale;      /* n: a typical deviation of each state, > 0 */
    double tolerance;         /* error of a step, as a share of `scale` */
    double shortest, longest; /* s: a step of `shortest` is taken whatever its error */
};

struct ode_stiff {
    double step; /* s, to try next */
    size_t n_blocks;
    size_t
        first[ODE_STIFF_MOST + 1]; /* block b: order[first[b]] .. order[first[b+1] - 1] */
    unsigned char order[ODE_STIFF_MOST];
    unsigned char pivot[ODE_STIFF_MOST];
    double jacobian[ODE_STIFF_MOST * ODE_STIFF_BLOCK]; /* block after block, row-major */
    double lu[ODE_STIFF_MOST * ODE_STIFF_BLOCK];
    double factored; /* s: the step that lu is of; 0: none */
    int age;         /* steps taken with this Jacobian; < 0: there is none */
    double f0[ODE_STIFF_MOST], end[ODE_STIFF_MOST]; /* dx/dt at the last step's two ends */
    double f1[ODE_STIFF_MOST], f2[ODE_STIFF_MOST];
    double k1[ODE_STIFF_MOST], k2[ODE_STIFF_MOST], k3[ODE_STIFF_MOST];
    double x[ODE_STIFF_MOST];
};

/* Before the first step: arranges the blocks, and knows of no Jacobian. The first step
 * tried will be `longest`. */
void ode_stiff_begin(struct ode_stiff *room, const struct ode_stiff_problem *problem);

/* One step from t in place, of at most `most` seconds: returns how many. Between steps
 * inputs and states may have jumped. */
double ode_stiff_step(struct ode_stiff *room, const struct ode_stiff_problem *problem,
                      double t, double most, double *x);

#endif
