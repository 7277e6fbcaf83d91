/* The effect of faults on a Kalman filter's innovations.
 *
 * A fault of size z adds z b(t) to the derivative of the true states, or z d to a reading.
 * Let g = d(truth - estimate)/dz. The filter moves by F and by gain K = dx/residual, so
 *
 *   g' = F g + integral of F b       over a span
 *   s  = d + h g                     what the fault adds to the innovation
 *   g' = g - K s                     a reading that is heeded (K = 0: one that is not)
 *
 * and with innovations v of variance S the log likelihood ratio of a size z is z D - z^2
 * C/2, D = sum s v/S, C = sum s^2/S (Willsky & Jones 1976, IEEE Trans. Automatic Control
 * 21, 108-112; Friedland 1969, 14, 359-367). Over a normal prior (m, q) of the size its
 * integral is
 *
 *   log BF = ((D + m/q)^2 / (C + 1/q) - m^2/q - log(1 + C q)) / 2
 *
 * The integral of F b is phi(A dt) b dt, phi(z) = (e^z - 1)/z, by the rational
 * approximation that belongs to the Radau IIA method of order 3,
 *
 *   phi(z) = (1 - z/6) / (1 - 2z/3 + z^2/6)
 *
 * which is -1/z for stiff states, as it should be, and within 8 % of phi for all z < 0. */
#include "twind/bank.h"

#include <math.h>
#include <string.h>

/* The rows of a block, together. */
static void gather(const struct plan_block *block, size_t m, const double *from, double *to)
{
    for (size_t i = 0; i < block->n; i++)
        memcpy(to + i * m, from + block->index[i] * m, m * sizeof *to);
}

static void add_row(size_t m, double share, const double *restrict from,
                    double *restrict to)
{
    for (size_t j = 0; j < m; j++)
        to[j] += share * from[j];
}

/* to = M from, rows of m */
static void multiply(size_t n, const double *M, size_t m, const double *from, double *to)
{
    memset(to, 0, m * sizeof *to);
    for (size_t k = 0; k < n; k++)
        if (M[k] != 0)
            add_row(m, M[k], from + k * m, to);
}

void bank_move(const struct plan *plan, const double *F, size_t m, double *g, double *work)
{
    for (size_t b = 0; b < plan->n_blocks; b++) {
        const struct plan_block *block = &plan->blocks[b];
        gather(block, m, g, work);
        for (size_t i = 0; i < block->n; i++)
            multiply(block->n, F + block->p + i * block->n, m, work,
                     g + block->index[i] * m);
    }
}

/* ---- what a derivative adds ---- */

/* 1 - 2z/3 + z^2/6, z = A dt */
static void make_left(size_t n, const double *A, double dt, double *left)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double square = 0;
            for (size_t k = 0; k < n; k++)
                square += A[i * n + k] * A[k * n + j];
            left[i * n + j] = (i == j) - 2 * dt / 3 * A[i * n + j] + dt * dt / 6 * square;
        }
}

static void swap(size_t m, double *a, double *b)
{
    for (size_t j = 0; j < m; j++) {
        double kept = a[j];
        a[j] = b[j];
        b[j] = kept;
    }
}

/* Left x = right by Gauss and Jordan with pivots; x in place of right, left is spent. */
static void solve(size_t n, double *left, size_t m, double *right)
{
    for (size_t j = 0; j < n; j++) {
        size_t pivot = j;
        for (size_t i = j + 1; i < n; i++)
            if (fabs(left[i * n + j]) > fabs(left[pivot * n + j]))
                pivot = i;
        if (pivot != j) {
            swap(n, left + j * n, left + pivot * n);
            swap(m, right + j * m, right + pivot * m);
        }
        double reciprocal = 1 / left[j * n + j];
        for (size_t k = 0; k < n; k++)
            left[j * n + k] *= reciprocal;
        for (size_t k = 0; k < m; k++)
            right[j * m + k] *= reciprocal;
        for (size_t i = 0; i < n; i++) {
            double share = left[i * n + j];
            if (i == j || share == 0)
                continue;
            add_row(n, -share, left + j * n, left + i * n);
            add_row(m, -share, right + j * m, right + i * m);
        }
    }
}

void bank_drive(const struct plan *plan, const double *A, double dt, size_t m, double *b,
                double *work)
{
    double left[KIND_BLOCK_MAX * KIND_BLOCK_MAX];
    for (size_t k = 0; k < plan->n_blocks; k++) {
        const struct plan_block *block = &plan->blocks[k];
        const double *own = A + block->p;
        for (size_t i = 0; i < block->n; i++) {
            double *to = work + i * m;
            memset(to, 0, m * sizeof *to);
            add_row(m, dt, b + block->index[i] * m, to);
            for (size_t j = 0; j < block->n; j++)
                add_row(m, -dt * dt / 6 * own[i * block->n + j], b + block->index[j] * m,
                        to);
        }
        make_left(block->n, own, dt, left);
        solve(block->n, left, m, work);
        for (size_t i = 0; i < block->n; i++)
            memcpy(b + block->index[i] * m, work + i * m, m * sizeof *b);
    }
}

/* ---- readings ---- */

void bank_foresee(size_t n_x, const double *h, size_t m, const double *g, double *s)
{
    for (size_t i = 0; i < n_x; i++)
        if (h[i] != 0)
            add_row(m, h[i], g + i * m, s);
}

void bank_heed(size_t n_x, const double *gain, size_t m, const double *s, double *g)
{
    for (size_t i = 0; i < n_x; i++)
        if (gain[i] != 0)
            add_row(m, -gain[i], s, g + i * m);
}

void bank_weigh(size_t m, const double *s, double residual, double variance, double *c,
                double *d)
{
    double weight = 1 / variance, pull = residual / variance;
    for (size_t j = 0; j < m; j++) {
        c[j] += s[j] * s[j] * weight;
        d[j] += s[j] * pull;
    }
}

double bank_odds(double c, double d, double mean, double sd)
{
    double q = sd * sd, sum = d + mean / q;
    return (sum * sum / (c + 1 / q) - mean * mean / q - log1p(c * q)) / 2;
}

/* ---- effects ---- */

/* The twin's present moment as it would be with the effects; gain: what the states get. */
struct altered {
    double p[KIND_ROWS_MAX], u[KIND_ROWS_MAX], gain[KIND_STATES_MAX];
    struct kind_point at;
};

static void alter(const struct twin *twin, const struct kind_effect *effects,
                  const struct kind_point *now, struct altered *to)
{
    const struct kind *kind = twin->plan->kind;
    const double hour = 3600;
    memcpy(to->p, now->p, kind->n_params * sizeof *to->p);
    memcpy(to->u, now->u, kind->n_inputs * sizeof *to->u);
    memset(to->gain, 0, kind->n_states * sizeof *to->gain);
    for (size_t i = 0; i < KIND_EFFECTS_MAX && effects[i].change != KIND_NO_CHANGE; i++) {
        const struct kind_effect *effect = &effects[i];
        if (effect->change == KIND_INPUT_IS)
            to->u[effect->row] = effect->value;
        else if (effect->change == KIND_PARAM_TIMES)
            to->p[effect->row] *= effect->value;
        else
            to->gain[effect->row] += effect->value / hour;
    }
    to->at = *now;
    to->at.p = to->p;
    to->at.u = to->u;
}

void bank_derive(const struct twin *twin, struct twin_scratch *s, double *dx)
{
    const struct kind_point now = filter_point(twin, s);
    twin->plan->kind->derive(&now, dx);
}

void bank_effect(const struct twin *twin, const struct kind_effect *effects,
                 const double *base, struct twin_scratch *s, double *dx)
{
    const struct kind *kind = twin->plan->kind;
    const struct kind_point now = filter_point(twin, s);
    struct altered altered;
    alter(twin, effects, &now, &altered);
    kind->derive(&altered.at, s->dx);
    memset(dx, 0, twin->plan->n_x * sizeof *dx);
    for (size_t i = 0; i < kind->n_states; i++) {
        double change = s->dx[i] - base[i];
        dx[i] = (isfinite(change) ? change : 0) + altered.gain[i];
    }
}

double bank_effect_seen(const struct twin *twin, const struct kind_effect *effects,
                        size_t output, double base, struct twin_scratch *s)
{
    const struct kind_point now = filter_point(twin, s);
    struct altered altered;
    alter(twin, effects, &now, &altered);
    return twin->plan->kind->observe(&altered.at, output) - base;
}
