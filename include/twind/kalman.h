/* The Kalman filter's algebra for one block of n states: dense, row-major, no allocation.
 * Covariances stay symmetric and positive by construction. */
#ifndef TWIND_KALMAN_H
#define TWIND_KALMAN_H

#include <stdbool.h>
#include <stddef.h>

/* F = exp(A dt), and Q, the covariance that white noise of the n densities q (variance per
 * second, diagonal) leaves behind after dt. Both come out of one scaling and squaring, so
 * fast and slow states may share a block. `scratch`: 3 n n doubles. For ||A dt|| <= 50,
 * stiff systems included, F is exact to 1e-7 and Q to 0.6 % of each damped state's noise.
 */
void kalman_transition(size_t n, const double *A, const double *q, double dt, double *F,
                       double *Q, double *scratch);

/* P = F P F' + Q. `scratch`: n n doubles. */
void kalman_predict(size_t n, const double *F, const double *Q, double *P, double *scratch);

/* h P h' */
double kalman_variance(size_t n, const double *P, const double *h);

struct kalman_innovation {
    double variance; /* S = h P h' + r */
    double nis;      /* residual^2 / S: chi-square with 1 degree of freedom */
    bool accepted;   /* nis <= gate */
};

/* One scalar measurement with gradient h (n), residual = measured - expected and noise
 * variance r > 0. Where accepted, writes the correction of the n states to dx and updates P
 * in Joseph's form; else leaves P, dx zeroed. gate <= 0: no gate. A measurement of several
 * uncorrelated blocks is one update of each, with the h P h' of the others added to r.
 * `scratch`: 2 n doubles. */
struct kalman_innovation kalman_update(size_t n, double *P, const double *h,
                                       double residual, double r, double gate, double *dx,
                                       double *scratch);

#endif
