/* Extended Kalman filter, block by block.
 *
 *   A_ij = d(dx_i/dt)/dx_j by forward differences: the j-th state of every block is nudged
 *   at once, for blocks do not see each other.
 *   S = sum over blocks of h P h' + r; each block is corrected as if the others' variance
 *   were measurement noise, which is its exact marginal where blocks are uncorrelated.
 *
 * A state's standard deviation is held below the width of its range: what is known to be
 * inside cannot be less certain than that. */
#include "twind/filter.h"

#include "twind/kalman.h"

#include <string.h>

static const double nudge_share = 1e-3; /* of the row's spread */
static const double hour = 3600, day = 86400;

/* All blocks, one after another. */
static double *covariances(const struct twin *twin)
{
    return (double *)(void *)(twin->block + twin->plan->at_cov);
}

double *filter_covariance(const struct twin *twin, size_t block)
{
    return covariances(twin) + twin->plan->blocks[block].p;
}

struct kind_point filter_point(const struct twin *twin, struct twin_scratch *s)
{
    const struct plan *plan = twin->plan;
    const struct kind *kind = plan->kind;
    struct kind_point at = {
        .time = twin_head(twin)->time,
        .p = plan->params,
        .u = twin_u(twin),
        .x = twin_x(twin),
        .m = (const double *)(const void *)(twin->block + plan->at_memory),
    };
    if (plan->n_x > kind->n_states) {
        memcpy(s->p, plan->params, kind->n_params * sizeof *s->p);
        for (size_t i = kind->n_states; i < plan->n_x; i++)
            s->p[plan->estimated[i - kind->n_states]] = at.x[i];
        at.p = s->p;
    }
    return at;
}

static double start_variance(const struct kind_row *row)
{
    return row->spread * row->spread;
}

static double start_value(const struct plan *plan, size_t i)
{
    size_t n = plan->kind->n_states;
    return i < n ? plan->x_rows[i]->value : plan->params[plan->estimated[i - n]];
}

static void start_block(struct twin *twin, size_t b)
{
    const struct plan_block *block = &twin->plan->blocks[b];
    double *P = filter_covariance(twin, b);
    memset(P, 0, block->n * block->n * sizeof *P);
    for (size_t i = 0; i < block->n; i++) {
        size_t k = block->index[i];
        P[i * block->n + i] = start_variance(twin->plan->x_rows[k]);
        twin_x(twin)[k] = start_value(twin->plan, k);
    }
}

void filter_start(struct twin *twin)
{
    for (size_t b = 0; b < twin->plan->n_blocks; b++)
        start_block(twin, b);
}

/* ---- linearisation ---- */

/* A step that is small for the row, visible beside x, and inside the range. */
static double nudge(const struct kind_row *row, double x)
{
    double step = fmax(nudge_share * row->spread, 1e-7 * fabs(x));
    if (step == 0)
        step = 1e-6;
    return x + step > row->max ? -step : step;
}

/* State i of the scratch's copy, and the parameter behind it. */
static void put_state(const struct plan *plan, struct twin_scratch *s, size_t i, double x)
{
    s->x[i] = x;
    if (i >= plan->kind->n_states)
        s->p[plan->estimated[i - plan->kind->n_states]] = x;
}

static struct kind_point nudged_point(const struct twin *twin, struct twin_scratch *s)
{
    struct kind_point at = filter_point(twin, s);
    memcpy(s->x, at.x, twin->plan->n_x * sizeof *s->x);
    at.x = s->x;
    return at;
}

/* Column j of the block's Jacobian, from the nudged derivative in dx. */
static void take_column(const struct plan *plan, const struct plan_block *block, size_t j,
                        double step, struct twin_scratch *s)
{
    for (size_t i = 0; i < block->n; i++) {
        size_t k = block->index[i];
        s->A[block->p + i * block->n + j] =
            k < plan->kind->n_states ? (s->dx[k] - s->base[k]) / step : 0;
    }
}

static size_t largest_block(const struct plan *plan)
{
    size_t n = 0;
    for (size_t b = 0; b < plan->n_blocks; b++)
        n = plan->blocks[b].n > n ? plan->blocks[b].n : n;
    return n;
}

static void linearise(const struct twin *twin, struct twin_scratch *s)
{
    const struct plan *plan = twin->plan;
    const double *x = twin_x(twin);
    struct kind_point at = nudged_point(twin, s);
    size_t columns = largest_block(plan);
    plan->kind->derive(&at, s->base);
    for (size_t j = 0; j < columns; j++) {
        double step[KIND_STATES_MAX];
        for (size_t b = 0; b < plan->n_blocks; b++) {
            if (j >= plan->blocks[b].n)
                continue;
            size_t k = plan->blocks[b].index[j];
            step[b] = nudge(plan->x_rows[k], x[k]);
            put_state(plan, s, k, x[k] + step[b]);
        }
        plan->kind->derive(&at, s->dx);
        for (size_t b = 0; b < plan->n_blocks; b++) {
            if (j >= plan->blocks[b].n)
                continue;
            take_column(plan, &plan->blocks[b], j, step[b], s);
            put_state(plan, s, plan->blocks[b].index[j], x[plan->blocks[b].index[j]]);
        }
    }
}

static void read_by_differences(const struct twin *twin, size_t output, double expected,
                                struct twin_scratch *s)
{
    const struct plan *plan = twin->plan;
    const double *x = twin_x(twin);
    struct kind_point at = nudged_point(twin, s);
    for (size_t i = 0; i < plan->n_x; i++) {
        double step = nudge(plan->x_rows[i], x[i]);
        put_state(plan, s, i, x[i] + step);
        double slope = (plan->kind->observe(&at, output) - expected) / step;
        put_state(plan, s, i, x[i]);
        s->h[i] = isfinite(slope) ? slope : 0;
        if (s->h[i] != 0)
            s->touched |= UINT64_C(1) << plan->x_block[i];
    }
}

static void gather(const struct plan_block *block, struct twin_scratch *s)
{
    for (size_t i = 0; i < block->n; i++)
        s->h_block[i] = s->h[block->index[i]];
}

static bool touches(const struct twin_scratch *s, size_t b)
{
    return s->touched >> b & 1;
}

static double sum_variance(const struct twin *twin, const double *P, struct twin_scratch *s)
{
    double sum = 0;
    for (size_t b = 0; b < twin->plan->n_blocks; b++) {
        const struct plan_block *block = &twin->plan->blocks[b];
        if (!touches(s, b))
            continue;
        gather(block, s);
        s->variance[b] = kalman_variance(block->n, P + block->p, s->h_block);
        sum += s->variance[b];
    }
    return sum;
}

double filter_variance(const struct twin *twin, struct twin_scratch *s)
{
    return sum_variance(twin, covariances(twin), s);
}

void filter_gradient(const struct twin *twin, size_t output, double expected,
                     struct twin_scratch *s)
{
    const struct plan *plan = twin->plan;
    size_t state = plan->kind->reads ? plan->kind->reads(output) : 0;
    s->touched = 0;
    if (state > 0) {
        memset(s->h, 0, plan->n_x * sizeof *s->h);
        s->h[state - 1] = 1;
        s->touched = UINT64_C(1) << plan->x_block[state - 1];
    } else {
        read_by_differences(twin, output, expected, s);
    }
}

/* ---- covariances ---- */

/* Process noise, variance per second. */
static double density(const struct plan *plan, size_t i)
{
    double noise = plan->x_rows[i]->noise;
    return noise * noise / (i < plan->kind->n_states ? hour : day);
}

static void cap_variance(const struct plan *plan, const struct plan_block *block, double *P)
{
    for (size_t i = 0; i < block->n; i++) {
        const struct kind_row *row = plan->x_rows[block->index[i]];
        double most = (row->max - row->min) * (row->max - row->min);
        if (!(most > 0) || !(P[i * block->n + i] > most))
            continue;
        double scale = sqrt(most / P[i * block->n + i]);
        for (size_t j = 0; j < block->n; j++) {
            P[i * block->n + j] *= scale;
            P[j * block->n + i] *= scale;
        }
    }
}

/* P, as of `spread`, to the twin's present. */
static void predict(const struct twin *twin, double *P, struct twin_scratch *s)
{
    const struct plan *plan = twin->plan;
    double dt = twin_head(twin)->time - twin_head(twin)->spread;
    linearise(twin, s);
    for (size_t b = 0; b < plan->n_blocks; b++) {
        const struct plan_block *block = &plan->blocks[b];
        for (size_t i = 0; i < block->n; i++)
            s->q[i] = density(plan, block->index[i]);
        double *F = s->F + block->p;
        kalman_transition(block->n, s->A + block->p, s->q, dt, F, s->Q, s->work);
        kalman_predict(block->n, F, s->Q, P + block->p, s->work);
        cap_variance(plan, block, P + block->p);
    }
}

void filter_follow(struct twin *twin, struct twin_scratch *s)
{
    struct twin_head *head = twin_head(twin);
    if (!(head->time > head->spread))
        return;
    predict(twin, covariances(twin), s);
    head->spread = head->time;
    head->revision++;
    filter_settle(twin, false, s);
}

double filter_variance_now(const struct twin *twin, struct twin_scratch *s)
{
    const struct twin_head *head = twin_head(twin);
    const struct filter_copy now = {twin, head->time, head->spread, head->revision};
    if (!(head->time > head->spread))
        return filter_variance(twin, s);
    if (s->copy.twin != now.twin || s->copy.time != now.time ||
        s->copy.spread != now.spread || s->copy.revision != now.revision) {
        memcpy(s->P, covariances(twin), twin->plan->n_cov * sizeof *s->P);
        predict(twin, s->P, s);
        s->copy = now;
    }
    double variance = sum_variance(twin, s->P, s);
    return isfinite(variance) ? variance : filter_variance(twin, s);
}

double filter_lagging(const struct twin *twin, const struct twin_scratch *s)
{
    const struct plan *plan = twin->plan;
    double sum = 0, lag = twin_head(twin)->time - twin_head(twin)->spread;
    for (size_t i = 0; lag > 0 && i < plan->n_x; i++)
        if (touches(s, plan->x_block[i]))
            sum += s->h[i] * s->h[i] * density(plan, i) * lag;
    return sum;
}

/* Weights of the states by their spread; where none has one, all alike. */
static double weight(const struct plan *plan, const struct twin_scratch *s, size_t i,
                     bool alike)
{
    if (s->h[i] == 0 || !touches(s, plan->x_block[i]))
        return 0;
    return alike ? 1 : start_variance(plan->x_rows[i]);
}

void filter_open(struct twin *twin, double target, struct twin_scratch *s)
{
    const struct plan *plan = twin->plan;
    double present = filter_variance(twin, s), reach = 0;
    for (size_t i = 0; i < plan->n_x; i++)
        reach += s->h[i] * s->h[i] * weight(plan, s, i, false);
    bool alike = !(reach > 0);
    for (size_t i = 0; alike && i < plan->n_x; i++)
        reach += s->h[i] * s->h[i] * weight(plan, s, i, true);
    if (!(target > present) || !(reach > 0))
        return;
    double share = (target - present) / reach;
    for (size_t b = 0; b < plan->n_blocks; b++) {
        const struct plan_block *block = &plan->blocks[b];
        double *P = filter_covariance(twin, b);
        for (size_t i = 0; i < block->n; i++)
            P[i * block->n + i] += share * weight(plan, s, block->index[i], alike);
    }
    filter_variance(twin, s);
}

void filter_doubt(struct twin *twin, struct twin_scratch *s)
{
    const struct plan *plan = twin->plan;
    for (size_t b = 0; b < plan->n_blocks; b++) {
        const struct plan_block *block = &plan->blocks[b];
        double *P = filter_covariance(twin, b);
        for (size_t i = 0; touches(s, b) && i < block->n; i++) {
            size_t k = block->index[i];
            double *variance = &P[i * block->n + i];
            if (k < plan->kind->n_states)
                *variance = fmax(*variance, start_variance(plan->x_rows[k]));
        }
    }
    filter_variance(twin, s);
}

void filter_gain(const struct twin *twin, double r, struct twin_scratch *s)
{
    const struct plan *plan = twin->plan;
    double variance = r;
    memset(s->gain, 0, plan->n_x * sizeof *s->gain);
    for (size_t b = 0; b < plan->n_blocks; b++)
        variance += touches(s, b) ? s->variance[b] : 0;
    for (size_t b = 0; b < plan->n_blocks; b++) {
        const struct plan_block *block = &plan->blocks[b];
        if (!touches(s, b))
            continue;
        gather(block, s);
        for (size_t i = 0; i < block->n; i++) {
            const double *P = filter_covariance(twin, b) + i * block->n;
            double *gain = &s->gain[block->index[i]];
            for (size_t j = 0; j < block->n; j++)
                *gain += P[j] * s->h_block[j] / variance;
        }
    }
}

void filter_correct(struct twin *twin, double residual, double r, struct twin_scratch *s)
{
    const struct plan *plan = twin->plan;
    double *x = twin_x(twin), sum = 0;
    twin_head(twin)->revision++;
    for (size_t b = 0; b < plan->n_blocks; b++)
        sum += touches(s, b) ? s->variance[b] : 0;
    for (size_t b = 0; b < plan->n_blocks; b++) {
        const struct plan_block *block = &plan->blocks[b];
        if (!touches(s, b))
            continue;
        gather(block, s);
        kalman_update(block->n, filter_covariance(twin, b), s->h_block, residual,
                      r + fmax(sum - s->variance[b], 0), 0, s->dx_block, s->work);
        for (size_t i = 0; i < block->n; i++)
            x[block->index[i]] += s->dx_block[i];
    }
}

/* ---- what must never spread ---- */

static bool is_finite(const struct twin *twin, size_t b, bool states_only)
{
    const struct plan_block *block = &twin->plan->blocks[b];
    const double *P = filter_covariance(twin, b), *x = twin_x(twin);
    double sum = 0; /* not finite if any of them is not */
    for (size_t i = 0; i < block->n; i++)
        sum += x[block->index[i]] * 0;
    for (size_t i = 0; !states_only && i < block->n * block->n; i++)
        sum += P[i] * 0;
    return sum == 0;
}

static void reset_block(struct twin *twin, size_t b)
{
    start_block(twin, b);
    twin_head(twin)->measured &= ~(UINT64_C(1) << b);
    twin_head(twin)->revision++;
}

void filter_settle(struct twin *twin, bool states_only, struct twin_scratch *s)
{
    const struct plan *plan = twin->plan;
    double *x = twin_x(twin);
    for (size_t b = 0; b < plan->n_blocks; b++)
        if (!is_finite(twin, b, states_only)) {
            reset_block(twin, b);
            s->resets++;
        }
    for (size_t i = 0; i < plan->n_x; i++) {
        const struct kind_row *row = plan->x_rows[i];
        if (row->min < row->max)
            x[i] = x[i] < row->min ? row->min : x[i] > row->max ? row->max : x[i];
    }
}
