/* The extended Kalman filter over a twin's blocks: linearised where the twin is, by finite
 * differences of the kind's derive() and observe(). No allocation. */
#ifndef TWIND_FILTER_H
#define TWIND_FILTER_H

#include "twind/twin.h"

enum { FILTER_BLOCK = KIND_BLOCK_MAX * KIND_BLOCK_MAX };

/* twin.h's scratch: one for all twins, one twin at a time. */
struct twin_scratch {
    double p[KIND_ROWS_MAX];   /* parameters, with the estimated ones */
    double x[KIND_STATES_MAX]; /* states, one of them nudged */
    double base[KIND_STATES_MAX], dx[KIND_STATES_MAX], rk[5 * KIND_STATES_MAX];
    double A[KIND_STATES_MAX * KIND_BLOCK_MAX]; /* Jacobians, block after block */
    double F[FILTER_BLOCK], Q[FILTER_BLOCK], work[3 * FILTER_BLOCK];
    double h[KIND_STATES_MAX]; /* gradient of an output */
    double h_block[KIND_BLOCK_MAX], dx_block[KIND_BLOCK_MAX], q[KIND_BLOCK_MAX];
    double variance[KIND_STATES_MAX]; /* h P h' of each block */
    uint64_t touched;                 /* bit b: h is not 0 in block b */
    uint64_t resets;
};

double *filter_covariance(const struct twin *twin, size_t block);

/* The twin's present moment; estimated parameters are put into scratch->p. */
struct kind_point filter_point(const struct twin *twin, struct twin_scratch *scratch);

/* States to the values of the rows, covariances to their variances, uncorrelated. */
void filter_start(struct twin *twin);

/* Linearises where the twin is. */
void filter_linearise(const struct twin *twin, struct twin_scratch *scratch);

/* Moves the covariances over dt seconds by that linearisation. */
void filter_predict(struct twin *twin, double dt, struct twin_scratch *scratch);

/* The gradient of an output to scratch->h, touched and variance; returns the sum of the
 * variances: the output's. `expected`: observe() of it, now. */
double filter_gradient(const struct twin *twin, size_t output, double expected,
                       struct twin_scratch *scratch);

/* Widens the covariances along the gradient in scratch until the output's variance is
 * `target`; those of states that the output does not read stay. */
void filter_open(struct twin *twin, double target, struct twin_scratch *scratch);

/* Corrects states and covariances by residual = measured - expected, noise variance r. */
void filter_correct(struct twin *twin, double residual, double r,
                    struct twin_scratch *scratch);

/* Holds the states in their ranges, and puts blocks that are no longer finite back to their
 * start, counted in scratch->resets. */
void filter_settle(struct twin *twin, struct twin_scratch *scratch);

#endif
