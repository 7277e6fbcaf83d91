/* The Kalman filter's algebra for one block of n states: dense, row-major, no allocation.
 * Covariances stay symmetric and positive by construction. */
#ifndef TWIND_KALMAN_H
#define TWIND_KALMAN_H

#include <stdbool.h>
#include <stddef.h>

/* F = exp(A dt) by scaling and squaring of a Taylor series (Moler & Van Loan 2003, method
 * 3). `scratch`: 2 n n doubles. Exact to 1e-12 relative for ||A dt|| <= 50. */
void kalman_transition(size_t n, const double *A, double dt, double *F, double *scratch);

/* P = F P F' + Q, where q holds the n diagonal noise densities (variance per second) and
 * Q = dt/2 (F diag(q) F' + diag(q)), the trapezoidal rule. `scratch`: n n doubles. */
void kalman_predict(size_t n, const double *F, const double *q, double dt, double *P,
                    double *scratch);

struct kalman_innovation {
    double variance; /* S = h P h' + r */
    double nis;      /* residual^2 / S: chi-square with 1 degree of freedom */
    bool accepted;   /* nis <= gate */
};

/* One scalar measurement with gradient h (n), residual = measured - expected and noise
 * variance r > 0. Where accepted, writes the correction of the n states to dx and updates P
 * in Joseph's form; else leaves both (dx zeroed). gate <= 0: no gate. */
struct kalman_innovation kalman_update(size_t n, double *P, const double *h, double residual,
                                       double r, double gate, double *dx);

#endif
