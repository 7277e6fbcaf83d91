/* The extended Kalman filter over a twin's blocks: linearised where the twin is, by finite
 * differences of the kind's derive() and observe(). No allocation. */
#ifndef TWIND_FILTER_H
#define TWIND_FILTER_H

#include "twind/motion.h"
#include "twind/twin.h"

enum { FILTER_BLOCK = KIND_BLOCK_MAX * KIND_BLOCK_MAX };

/* twin.h's scratch: one for all twins, one twin at a time. */
struct twin_scratch {
    double p[KIND_ROWS_MAX];   /* parameters, with the estimated ones */
    double x[KIND_STATES_MAX]; /* states, one of them nudged */
    double base[KIND_STATES_MAX], dx[KIND_STATES_MAX];
    struct motion motion;
    double A[KIND_STATES_MAX * KIND_BLOCK_MAX]; /* Jacobians, block after block */
    double F[KIND_STATES_MAX * KIND_BLOCK_MAX]; /* transitions, likewise */
    double Q[FILTER_BLOCK], work[3 * FILTER_BLOCK];
    double h[KIND_STATES_MAX];    /* gradient of an output */
    double gain[KIND_STATES_MAX]; /* filter_gain() */
    double h_block[KIND_BLOCK_MAX], dx_block[KIND_BLOCK_MAX], q[KIND_BLOCK_MAX];
    double variance[KIND_STATES_MAX]; /* h P h' of each block */
    uint64_t touched;                 /* bit b: h is not 0 in block b */
    /* covariances of a twin as they would be now, while its own lag behind */
    double P[KIND_STATES_MAX * KIND_BLOCK_MAX];
    struct filter_copy {
        const struct twin *twin;
        double time, spread;
        uint64_t revision;
    } copy;
    /* Of the engine's own scratch alone: only what really happens is evidence of faults. */
    struct isolate_work *isolate;
    uint64_t resets;
};

double *filter_covariance(const struct twin *twin, size_t block);

/* The twin's present moment; estimated parameters are put into scratch->p. */
struct kind_point filter_point(const struct twin *twin, struct twin_scratch *scratch);

/* States to the values of the rows, covariances to their variances, uncorrelated. */
void filter_start(struct twin *twin);

/* Moves the covariances to the twin's present: linearised where it is now. */
void filter_follow(struct twin *twin, struct twin_scratch *scratch);

/* The gradient of an output to scratch->h and touched. `expected`: observe() of it, now. */
void filter_gradient(const struct twin *twin, size_t output, double expected,
                     struct twin_scratch *scratch);

/* The variance of the output of which the gradient is in scratch, of the covariances as
 * they stand. */
double filter_variance(const struct twin *twin, struct twin_scratch *scratch);

/* Its variance now, without touching the twin. */
double filter_variance_now(const struct twin *twin, struct twin_scratch *scratch);

/* What the process noise alone has added to it while the covariances lag behind. */
double filter_lagging(const struct twin *twin, const struct twin_scratch *scratch);

/* Widens the covariances along the gradient in scratch until the output's variance is
 * `target`; those of states that the output does not read stay. */
void filter_open(struct twin *twin, double target, struct twin_scratch *scratch);

/* The model was wrong: the states of the blocks that the gradient in scratch touches are
 * again at least as uncertain as at their start. Estimated parameters are not. */
void filter_doubt(struct twin *twin, struct twin_scratch *scratch);

/* How far a residual of 1 would move the states, to scratch->gain: the gradient and
 * filter_variance() are in the scratch. */
void filter_gain(const struct twin *twin, double r, struct twin_scratch *scratch);

/* Corrects states and covariances by residual = measured - expected, noise variance r. */
void filter_correct(struct twin *twin, double residual, double r,
                    struct twin_scratch *scratch);

/* Holds the states in their ranges, and puts blocks that are no longer finite back to their
 * start, counted in scratch->resets. `states_only`: the covariances were not touched. */
void filter_settle(struct twin *twin, bool states_only, struct twin_scratch *scratch);

#endif
