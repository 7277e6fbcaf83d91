/* Continuous-discrete Kalman filter.
 *
 *   F = exp(A dt): scaling and squaring of a Taylor series (Moler & Van Loan 2003,
 * "Nineteen dubious ways to compute the exponential of a matrix", method 3), the series of
 * order 4 or 6 evaluated by Paterson & Stockmeyer (1973) in 2 or 3 products. Q(dt) =
 * integral of F(s) diag(q) F(s)' ds: the trapezoidal rule over the scaled step h, then
 * doubled with F: Q(2h) = F(h) Q(h) F(h)' + Q(h). Update: Joseph's stabilised form (Bucy &
 * Joseph 1968), P = (I-Kh) P (I-Kh)' + K r K', as two rank-one steps, so that it costs n^2.
 *
 * Products keep four sums at a time, which the processor can add up side by side. */
#include "twind/kalman.h"

#include <math.h>
#include <string.h>

static const double step_norm = 0.125;   /* of A h where the series is summed */
static const double short_norm = 0.0078; /* below it order 4 will do */

/* sum over k of a[k] B[k, j..j+3], where B has n columns */
static void four_columns(size_t n, const double *a, const double *B, double *sum)
{
    double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (size_t k = 0; k < n; k++, B += n) {
        s0 += a[k] * B[0];
        s1 += a[k] * B[1];
        s2 += a[k] * B[2];
        s3 += a[k] * B[3];
    }
    sum[0] = s0, sum[1] = s1, sum[2] = s2, sum[3] = s3;
}

static void one_column(size_t n, const double *a, const double *B, double *sum)
{
    *sum = 0;
    for (size_t k = 0; k < n; k++, B += n)
        *sum += a[k] * B[0];
}

/* C = A B */
static void multiply(size_t n, const double *restrict A, const double *restrict B,
                     double *restrict C)
{
    for (size_t i = 0; i < n; i++) {
        size_t j = 0;
        for (; j + 4 <= n; j += 4)
            four_columns(n, A + i * n, B + j, C + i * n + j);
        for (; j < n; j++)
            one_column(n, A + i * n, B + j, C + i * n + j);
    }
}

/* b times four rows of A */
static void four_rows(size_t n, const double *b, const double *A, double *sum)
{
    const double *A1 = A + n, *A2 = A1 + n, *A3 = A2 + n;
    double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (size_t k = 0; k < n; k++) {
        s0 += b[k] * A[k];
        s1 += b[k] * A1[k];
        s2 += b[k] * A2[k];
        s3 += b[k] * A3[k];
    }
    sum[0] = s0, sum[1] = s1, sum[2] = s2, sum[3] = s3;
}

static void one_row(size_t n, const double *b, const double *A, double *sum)
{
    *sum = 0;
    for (size_t k = 0; k < n; k++)
        *sum += b[k] * A[k];
}

/* C += scale * B A', symmetric: the caller knows that it is, and one half is computed. */
static void add_symmetric(size_t n, const double *restrict B, const double *restrict A,
                          double scale, double *restrict C)
{
    for (size_t i = 0; i < n; i++) {
        double sum[4];
        for (size_t j = 0, m; j <= i; j += m) {
            m = j + 4 <= n ? 4 : 1;
            if (m == 4)
                four_rows(n, B + i * n, A + j * n, sum);
            else
                one_row(n, B + i * n, A + j * n, sum);
            for (size_t k = j; k < j + m && k <= i; k++)
                C[k * n + i] = C[i * n + k] += scale * sum[k - j];
        }
    }
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

static void add_identity(size_t n, double *F)
{
    for (size_t i = 0; i < n; i++)
        F[i * n + i] += 1;
}

/* F = I + B + B^2 (I/2 + B/6 + B^2/24). `B2`, `work`: n n. */
static void series_4(size_t n, const double *B, double *F, double *B2, double *work)
{
    multiply(n, B, B, B2);
    for (size_t i = 0; i < n * n; i++)
        work[i] = B[i] / 6 + B2[i] / 24;
    for (size_t i = 0; i < n; i++)
        work[i * n + i] += 1.0 / 2;
    multiply(n, B2, work, F);
    for (size_t i = 0; i < n * n; i++)
        F[i] += B[i];
    add_identity(n, F);
}

/* F = I + B + B^2/2 + B^3 (I/6 + B/24 + B^2/120 + B^3/720) */
static void series_6(size_t n, const double *B, double *F, double *B2, double *B3,
                     double *work)
{
    multiply(n, B, B, B2);
    multiply(n, B2, B, B3);
    for (size_t i = 0; i < n * n; i++)
        work[i] = B[i] / 24 + B2[i] / 120 + B3[i] / 720;
    for (size_t i = 0; i < n; i++)
        work[i * n + i] += 1.0 / 6;
    multiply(n, B3, work, F);
    for (size_t i = 0; i < n * n; i++)
        F[i] += B[i] + B2[i] / 2;
    add_identity(n, F);
}

/* Q = h/2 (diag(q) + F diag(q) F') */
static void trapezoid(size_t n, const double *F, const double *q, double h, double *Q,
                      double *work)
{
    memset(Q, 0, n * n * sizeof *Q);
    for (size_t i = 0; i < n; i++) {
        Q[i * n + i] = h / 2 * q[i];
        for (size_t j = 0; j < n; j++)
            work[i * n + j] = F[i * n + j] * q[j];
    }
    add_symmetric(n, work, F, h / 2, Q);
}

void kalman_transition(size_t n, const double *A, const double *q, double dt, double *F,
                       double *Q, double *scratch)
{
    int doublings = 0;
    double size = norm(n, A) * dt, *work = scratch, *B = scratch + n * n;
    if (isfinite(size) && size > step_norm) {
        (void)frexp(size / step_norm, &doublings);
        size = ldexp(size, -doublings);
    }
    double h = ldexp(dt, -doublings);
    for (size_t i = 0; i < n * n; i++)
        B[i] = A[i] * h;
    if (size <= short_norm)
        series_4(n, B, F, work, Q);
    else
        series_6(n, B, F, work, B + n * n, Q);
    trapezoid(n, F, q, h, Q, work);
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
    return variance < 0 ? 0 : variance; /* what is not finite stays so */
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
