/* Continuous-discrete Kalman filter.
 *
 *   F = exp(A dt): scaling and squaring of a Taylor series (Moler & Van Loan 2003,
 * "Nineteen dubious ways to compute the exponential of a matrix", method 3). Q(dt) =
 * integral of F(s) diag(q) F(s)' ds: Simpson's rule over the scaled step h, then doubled
 * with F: Q(2h) = F(h) Q(h) F(h)' + Q(h). Update: Joseph's stabilised form (Bucy & Joseph
 * 1968), P = (I-Kh) P (I-Kh)' + K r K', as two rank-one steps, so that it costs n^2. */
#include "twind/kalman.h"

#include <math.h>
#include <string.h>

static const double half_step_norm = 0.25; /* of A h/2 where the series is summed */
static const double series_end = 0x1p-56;

/* C = A B */
static void multiply(size_t n, const double *restrict A, const double *restrict B,
                     double *restrict C)
{
    memset(C, 0, n * n * sizeof *C);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            double a = A[i * n + k];
            for (size_t j = 0; j < n; j++)
                C[i * n + j] += a * B[k * n + j];
        }
}

/* C += scale * B A', symmetric: the caller knows that it is, and one half is computed. */
static void add_symmetric(size_t n, const double *restrict B, const double *restrict A,
                          double scale, double *restrict C)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t k = 0; k < n; k++)
                sum += B[i * n + k] * A[j * n + k];
            C[i * n + j] += scale * sum;
            C[j * n + i] = C[i * n + j];
        }
}

/* C += scale * F diag(q) F' */
static void add_noise(size_t n, const double *F, const double *q, double scale, double *C,
                      double *scratch)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            scratch[i * n + j] = F[i * n + j] * q[j];
    add_symmetric(n, scratch, F, scale, C);
}

static double norm(size_t n, const double *A)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++)
            sum += fabs(A[i * n + j]);
        largest = fmax(largest, sum);
    }
    return largest;
}

/* F = I + A h + (A h)^2 / 2 + .. ; `scratch`: 2 n n. */
static void taylor(size_t n, const double *A, double h, double size, double *F,
                   double *scratch)
{
    double *term = scratch, *next = scratch + n * n;
    for (size_t i = 0; i < n * n; i++)
        F[i] = term[i] = A[i] * h;
    for (size_t i = 0; i < n; i++)
        F[i * n + i] += 1;
    double bound = size;
    for (int k = 2; bound > series_end && k < 30; k++) {
        multiply(n, term, A, next);
        for (size_t i = 0; i < n * n; i++) {
            next[i] *= h / k;
            F[i] += next[i];
        }
        double *swap = term;
        term = next;
        next = swap;
        bound *= size / k;
    }
}

/* Q of a step h from F of its half and of its whole. */
static void simpson(size_t n, const double *half, const double *whole, const double *q,
                    double h, double *Q, double *scratch)
{
    memset(Q, 0, n * n * sizeof *Q);
    for (size_t i = 0; i < n; i++)
        Q[i * n + i] = h / 6 * q[i];
    add_noise(n, half, q, h * 4 / 6, Q, scratch);
    add_noise(n, whole, q, h / 6, Q, scratch);
}

void kalman_transition(size_t n, const double *A, const double *q, double dt, double *F,
                       double *Q, double *scratch)
{
    int doublings = 0;
    double size = norm(n, A) * dt / 2;
    if (isfinite(size) && size > half_step_norm) {
        (void)frexp(size / half_step_norm, &doublings);
        size = ldexp(size, -doublings);
    }
    double h = ldexp(dt, -doublings);
    double *half = scratch, *work = scratch + n * n;
    taylor(n, A, h / 2, size, half, work);
    multiply(n, half, half, F);
    simpson(n, half, F, q, h, Q, work);
    for (int i = 0; i < doublings; i++) {
        multiply(n, F, Q, work);
        add_symmetric(n, work, F, 1, Q);
        multiply(n, F, F, work);
        memcpy(F, work, n * n * sizeof *F);
    }
}

void kalman_predict(size_t n, const double *F, const double *Q, double *P, double *scratch)
{
    multiply(n, F, P, scratch);
    memcpy(P, Q, n * n * sizeof *P);
    add_symmetric(n, scratch, F, 1, P);
}

/* y = P h; returns h P h' */
static double apply(size_t n, const double *P, const double *h, double *y)
{
    double variance = 0;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++)
            sum += P[i * n + j] * h[j];
        y[i] = sum;
        variance += h[i] * sum;
    }
    return variance;
}

double kalman_variance(size_t n, const double *P, const double *h)
{
    double variance = 0;
    for (size_t i = 0; i < n; i++) {
        if (h[i] == 0)
            continue;
        for (size_t j = 0; j < n; j++)
            variance += h[i] * P[i * n + j] * h[j];
    }
    return fmax(variance, 0);
}

/* P = (I-Kh) P (I-Kh)' + K r K', symmetric to the last bit. `y` holds P h', and is used up.
 */
static void joseph(size_t n, double *P, const double *K, const double *h, double r,
                   double *y)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            P[i * n + j] -= K[i] * y[j];
    apply(n, P, h, y);
    for (size_t i = 0; i < n; i++) {
        double b = y[i] - r * K[i];
        for (size_t j = 0; j < n; j++)
            P[i * n + j] -= b * K[j];
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            P[i * n + j] = P[j * n + i] = (P[i * n + j] + P[j * n + i]) / 2;
}

struct kalman_innovation kalman_update(size_t n, double *P, const double *h,
                                       double residual, double r, double gate, double *dx,
                                       double *scratch)
{
    double *y = scratch, *K = scratch + n;
    struct kalman_innovation in = {.variance = fmax(apply(n, P, h, y), 0) + r};
    in.nis = residual * residual / in.variance;
    in.accepted = gate <= 0 || in.nis <= gate;
    if (!in.accepted) {
        memset(dx, 0, n * sizeof *dx);
        return in;
    }
    for (size_t i = 0; i < n; i++) {
        K[i] = y[i] / in.variance;
        dx[i] = K[i] * residual;
    }
    joseph(n, P, K, h, r, y);
    return in;
}
