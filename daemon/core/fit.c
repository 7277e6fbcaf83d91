/* Bounded nonlinear least squares and what it says of its parameters.
 *
 *   p = min + (max - min) (1 + sin z)/2            z is free, p never leaves its range
 *   minimise r'r + q'q over z                      More (1978), Levenberg-Marquardt
 *   q_i = (g(p_i) - g(centre_i)) / (spread_i sqrt(evidence)), g(p) = p or ln(p/centre +
 * 1/10) the prior: the mode of the posterior Cov = H^-1 B H^-1, H = J'J + Q'Q, B = sum of
 * J_g' r_g r_g' J_g + Q'Q/evidence Liang & Zeger (1986), Biometrika 73, 13 condition index
 * of eigenvector k of the J'J with columns of length 1: sqrt(lambda_max/lambda_k) Belsley,
 * Kuh & Welsch (1980), ch. 3
 *
 * J is by differences over a twentieth of the prior's spread (central ones for the errors),
 * without a prior a thousandth of the range, so that a residual with small jumps still has
 * a slope: a filter's gain jumps where its model has a kink. */
#include "twind/fit.h"

#include "twind/mem.h"

#include <cminpack.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double slope_step = 1e-3, slope_spread = 0.05, slope_most = 0.1, edge = 1e-3;
/* So that 0 is unlikely, but possible: some three factors of 2 away. */
static const double ratio_foot = 0.1;
/* A step that gains less of the sum of squares, or moves less of the way, is the last. */
static const double gain_least = 1e-4, move_least = 1e-3;
static const double tie_condition = 30, tie_share = 0.3;
/* A parameter of which the whole range moves the residuals less than this is not seen. */
static const double blind_share = 1e-6;

struct fit {
    size_t n, m;      /* the rows of the prior come after m residuals */
    double *r, *work; /* m + n */
    double *J;        /* (m + n) n, column after column */
    double *down;     /* m n */
    const struct fit_problem *problem;
    const double *at; /* z or p of which slopes are taken */
    size_t evaluations;
};

struct fit *fit_new(size_t n, size_t m)
{
    struct fit *fit = mem_new(1, sizeof *fit);
    *fit = (struct fit){.n = n, .m = m};
    fit->r = mem_new(m + n, sizeof(double));
    fit->work = mem_new(m + n, sizeof(double));
    fit->J = mem_new((m + n) * n, sizeof(double));
    fit->down = mem_new(m * n, sizeof(double));
    return fit;
}

void fit_free(struct fit *fit)
{
    if (!fit)
        return;
    free(fit->r);
    free(fit->work);
    free(fit->J);
    free(fit->down);
    free(fit);
}

static double width(const struct fit_problem *problem, size_t i)
{
    return problem->max[i] - problem->min[i];
}

static double clamp(double x, double min, double max)
{
    return fmin(fmax(x, min), max);
}

/* ---- descent ---- */

/* At an end of the range the slope over z is 0: begin a little inside. */
static double to_free(const struct fit_problem *problem, size_t i, double p)
{
    double share = clamp((p - problem->min[i]) / width(problem, i), edge, 1 - edge);
    return asin(2 * share - 1);
}

static double to_bounded(const struct fit_problem *problem, size_t i, double z)
{
    double p = problem->min[i] + width(problem, i) * (1 + sin(z)) / 2;
    return clamp(p, problem->min[i], problem->max[i]);
}

static double sum_squares(const double *r, size_t m)
{
    double sum = 0;
    for (size_t i = 0; i < m; i++)
        sum += r[i] * r[i];
    return sum;
}

static bool has_prior(const struct fit_problem *problem, size_t i)
{
    return problem->prior && isfinite(problem->prior[i].spread);
}

static double prior_row(const struct fit_problem *problem, size_t i, double p)
{
    if (!has_prior(problem, i))
        return 0;
    const struct fit_prior *prior = &problem->prior[i];
    double off = prior->ratio ? log((p / prior->centre + ratio_foot) / (1 + ratio_foot))
                              : p - prior->centre;
    return off / (prior->spread * sqrt(problem->evidence));
}

/* One standard deviation of the prior about p. */
static double prior_unit(const struct fit_prior *prior, double p)
{
    return prior->spread * (prior->ratio ? p + ratio_foot * prior->centre : 1);
}

/* d prior_row/dp, with p in units of its range. */
static double prior_slope(const struct fit_problem *problem, size_t i, double p)
{
    return has_prior(problem, i) ? width(problem, i) / (prior_unit(&problem->prior[i], p) *
                                                        sqrt(problem->evidence))
                                 : 0;
}

/* What p is changed by for a slope, as a share of its range. */
static double step_at(const struct fit_problem *problem, size_t i, double p)
{
    if (!has_prior(problem, i))
        return slope_step;
    return fmin(slope_spread * prior_unit(&problem->prior[i], p) / width(problem, i),
                slope_most);
}

/* Likewise of z: dp/dz is half the range times cos z. */
static double step_free(const struct fit_problem *problem, size_t i, double z)
{
    double share = step_at(problem, i, to_bounded(problem, i, z));
    return fmin(share / fmax(fabs(cos(z)) / 2, share), slope_most);
}

/* All rows at p. */
static void evaluate(const struct fit *fit, size_t lane, const double *p, double *r)
{
    fit->problem->residuals(fit->problem->context, lane, p, r);
    for (size_t i = 0; i < fit->n; i++)
        r[fit->m + i] = prior_row(fit->problem, i, p[i]);
}

static void do_each(struct fit *fit, size_t n, void (*work)(void *, size_t, size_t))
{
    const struct fit_problem *problem = fit->problem;
    fit->evaluations += n;
    if (problem->each)
        problem->each(problem->pool, n, work, fit);
    for (size_t i = 0; !problem->each && i < n; i++)
        work(fit, i, 0);
}

static void evaluate_free(const struct fit *fit, size_t lane, const double *z, double *r)
{
    double p[FIT_MAX];
    for (size_t i = 0; i < fit->n; i++)
        p[i] = to_bounded(fit->problem, i, z[i]);
    evaluate(fit, lane, p, r);
}

static void nudge_free(void *context, size_t i, size_t lane)
{
    struct fit *fit = context;
    double z[FIT_MAX];
    memcpy(z, fit->at, fit->n * sizeof *z);
    z[i] += step_free(fit->problem, i, z[i]);
    evaluate_free(fit, lane, z, fit->J + i * (fit->m + fit->n));
}

static int answer(void *context, int rows, int n, const double *z, double *r, double *J,
                  int room, int what)
{
    struct fit *fit = context;
    (void)room;
    if (what == 1) {
        fit->evaluations++;
        evaluate_free(fit, 0, z, r);
    } else if (what == 2) {
        fit->at = z;
        do_each(fit, (size_t)n, nudge_free);
        for (int k = 0; k < rows * n; k++)
            J[k] = (J[k] - r[k % rows]) /
                   step_free(fit->problem, (size_t)(k / rows), z[k / rows]);
    }
    return 0;
}

void fit_descend(struct fit *fit, const struct fit_problem *problem,
                 struct fit_result *result)
{
    double z[FIT_MAX], p[FIT_MAX], diag[FIT_MAX], qtf[FIT_MAX], w1[FIT_MAX], w2[FIT_MAX],
        w3[FIT_MAX];
    int pivot[FIT_MAX], used = 0, slopes = 0;
    size_t rows = fit->m + fit->n;
    fit->problem = problem;
    fit->evaluations = 1;
    evaluate(fit, 0, result->p, fit->r);
    result->before = result->after = sum_squares(fit->r, rows);
    for (size_t i = 0; i < fit->n; i++)
        z[i] = to_free(problem, i, result->p[i]);
    lmder(answer, fit, (int)rows, (int)fit->n, z, fit->r, fit->J, (int)rows, gain_least,
          move_least, 0, (int)problem->most_evaluations, diag, 1, 1, 0, &used, &slopes,
          pivot, qtf, w1, w2, w3, fit->work);
    double after = sum_squares(fit->r, rows);
    for (size_t i = 0; i < fit->n; i++)
        p[i] = to_bounded(problem, i, z[i]);
    if (after < result->before) {
        memcpy(result->p, p, fit->n * sizeof *p);
        result->after = after;
    }
    result->evaluations = fit->evaluations;
}

/* ---- examination ---- */

static double nudged(const struct fit *fit, size_t i, int way, double *p)
{
    const struct fit_problem *problem = fit->problem;
    memcpy(p, fit->at, fit->n * sizeof *p);
    double by = way * step_at(problem, i, p[i]) * width(problem, i);
    p[i] = clamp(p[i] + by, problem->min[i], problem->max[i]);
    return p[i];
}

/* The even ones up to J, the odd ones down. */
static void nudge(void *context, size_t i, size_t lane)
{
    struct fit *fit = context;
    double p[FIT_MAX];
    bool down = i % 2 == 1;
    double *to = down ? fit->down + i / 2 * fit->m : fit->J + i / 2 * fit->m;
    nudged(fit, i / 2, down ? -1 : 1, p);
    fit->problem->residuals(fit->problem->context, lane, p, to);
}

/* J = dr/dp, with p in units of its range; m rows. */
static void take_slopes(struct fit *fit, const double *at)
{
    double p[FIT_MAX];
    fit->at = at;
    do_each(fit, 2 * fit->n, nudge);
    for (size_t i = 0; i < fit->n; i++) {
        double up = nudged(fit, i, 1, p), down = nudged(fit, i, -1, p);
        for (size_t k = 0; k < fit->m; k++)
            fit->J[i * fit->m + k] = (fit->J[i * fit->m + k] - fit->down[i * fit->m + k]) *
                                     width(fit->problem, i) / (up - down);
    }
}

static double dot(const double *a, const double *b, size_t m)
{
    double sum = 0;
    for (size_t k = 0; k < m; k++)
        sum += a[k] * b[k];
    return sum;
}

/* Eigenvalues to the diagonal of A, eigenvectors to the columns of V: Jacobi's rotations,
 * for n is small. */
static void rotate(double A[FIT_MAX][FIT_MAX], double V[FIT_MAX][FIT_MAX], size_t n,
                   size_t p, size_t q)
{
    double theta = (A[q][q] - A[p][p]) / (2 * A[p][q]);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;
    for (size_t k = 0; k < n; k++) {
        double x = A[k][p], y = A[k][q];
        A[k][p] = c * x - s * y;
        A[k][q] = s * x + c * y;
    }
    for (size_t k = 0; k < n; k++) {
        double x = A[p][k], y = A[q][k];
        A[p][k] = c * x - s * y;
        A[q][k] = s * x + c * y;
        x = V[k][p], y = V[k][q];
        V[k][p] = c * x - s * y;
        V[k][q] = s * x + c * y;
    }
}

static void decompose(double A[FIT_MAX][FIT_MAX], double V[FIT_MAX][FIT_MAX], size_t n)
{
    enum { SWEEPS = 60 };
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            V[i][j] = i == j;
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++)
                if (fabs(A[p][q]) > 1e-15 * sqrt(fabs(A[p][p] * A[q][q])))
                    rotate(A, V, n, p, q);
}

/* H, scaled to a diagonal of 1, of the columns of J that are seen. */
struct spectrum {
    size_t n, seen[FIT_MAX]; /* which parameters */
    double length[FIT_MAX];  /* sqrt of H's diagonal */
    double value[FIT_MAX], V[FIT_MAX][FIT_MAX], largest;
};

static uint32_t find_blind(const struct fit *fit)
{
    double scale = sqrt(dot(fit->r, fit->r, fit->m));
    uint32_t blind = 0;
    for (size_t i = 0; i < fit->n; i++) {
        const double *column = fit->J + i * fit->m;
        if (!(sqrt(dot(column, column, fit->m)) > blind_share * scale))
            blind |= UINT32_C(1) << i;
    }
    return blind;
}

/* `slope` is the prior's, per parameter. */
static void find_spectrum(const struct fit *fit, uint32_t blind, const double *slope,
                          struct spectrum *s)
{
    double A[FIT_MAX][FIT_MAX];
    s->n = 0;
    for (size_t i = 0; i < fit->n; i++)
        if (!(blind >> i & 1))
            s->seen[s->n++] = i;
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->n; j++)
            A[i][j] =
                dot(fit->J + s->seen[i] * fit->m, fit->J + s->seen[j] * fit->m, fit->m) +
                (i == j ? slope[s->seen[i]] * slope[s->seen[i]] : 0);
    for (size_t i = 0; i < s->n; i++)
        s->length[i] = sqrt(A[i][i]);
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->n; j++)
            A[i][j] /= s->length[i] * s->length[j];
    decompose(A, s->V, s->n);
    s->largest = 0;
    for (size_t k = 0; k < s->n; k++) {
        s->value[k] = A[k][k];
        s->largest = fmax(s->largest, A[k][k]);
    }
    for (size_t k = 0; k < s->n; k++)
        s->value[k] = fmax(s->value[k], 1e-14 * s->largest);
}

static void find_ties(const struct spectrum *s, struct fit_result *result)
{
    result->n_ties = 0;
    for (size_t k = 0; k < s->n; k++) {
        double condition = sqrt(s->largest / s->value[k]);
        if (condition < tie_condition)
            continue;
        struct fit_tie *tie = &result->ties[result->n_ties++];
        *tie = (struct fit_tie){.condition = condition};
        for (size_t i = 0; i < s->n; i++)
            if (fabs(s->V[i][k]) > tie_share)
                tie->mask |= UINT32_C(1) << s->seen[i];
    }
}

/* Adds share g g' to B of the file's head along the eigenvectors. */
static void add_group(const struct spectrum *s, const double *g, double share,
                      double B[FIT_MAX][FIT_MAX])
{
    double along[FIT_MAX] = {0};
    for (size_t k = 0; k < s->n; k++)
        for (size_t i = 0; i < s->n; i++)
            along[k] += s->V[i][k] * g[i] / s->length[i];
    for (size_t k = 0; k < s->n; k++)
        for (size_t l = 0; l < s->n; l++)
            B[k][l] += share * along[k] * along[l];
}

static bool ends_group(const struct fit *fit, size_t row)
{
    const uint32_t *group = fit->problem->group;
    return row + 1 >= fit->m || !group || group[row + 1] != group[row];
}

static size_t count_groups(const struct fit *fit)
{
    size_t count = 0;
    for (size_t k = 0; k < fit->m; k++)
        count += ends_group(fit, k);
    return count;
}

static void sum_groups(const struct fit *fit, const struct spectrum *s, double share,
                       double B[FIT_MAX][FIT_MAX])
{
    double g[FIT_MAX] = {0};
    for (size_t k = 0; k < fit->m; k++) {
        for (size_t i = 0; i < s->n; i++)
            g[i] += fit->J[s->seen[i] * fit->m + k] * fit->r[k];
        if (!ends_group(fit, k))
            continue;
        add_group(s, g, share, B);
        memset(g, 0, sizeof g);
    }
}

static void sum_priors(const struct fit *fit, const struct spectrum *s, const double *slope,
                       double B[FIT_MAX][FIT_MAX])
{
    for (size_t i = 0; i < s->n && fit->problem->prior; i++) {
        double g[FIT_MAX] = {0};
        g[i] = slope[s->seen[i]];
        add_group(s, g, 1 / fit->problem->evidence, B);
    }
}

static void find_errors(struct fit *fit, const struct spectrum *s, const double *slope,
                        struct fit_result *result)
{
    double B[FIT_MAX][FIT_MAX] = {{0}};
    double groups = (double)count_groups(fit), n = (double)fit->n;
    double spare = fmax((double)fit->m - n, 1);
    double variance = dot(fit->r, fit->r, fit->m) / spare;
    /* of few groups: too sure */
    sum_groups(fit, s, groups > n ? groups / (groups - n) : 1, B);
    sum_priors(fit, s, slope, B);
    for (size_t i = 0; i < fit->n; i++)
        result->standard_error[i] = INFINITY;
    for (size_t i = 0; i < s->n; i++) {
        double plain = 0, robust = 0;
        for (size_t k = 0; k < s->n; k++) {
            plain += s->V[i][k] * s->V[i][k] / s->value[k];
            for (size_t l = 0; l < s->n; l++)
                robust += s->V[i][k] * s->V[i][l] * B[k][l] / (s->value[k] * s->value[l]);
        }
        result->standard_error[s->seen[i]] = sqrt(fmax(variance * plain, robust)) /
                                             s->length[i] * width(fit->problem, s->seen[i]);
    }
}

void fit_examine(struct fit *fit, const struct fit_problem *problem,
                 struct fit_result *result)
{
    struct spectrum spectrum;
    double slope[FIT_MAX], none[FIT_MAX] = {0};
    fit->problem = problem;
    fit->evaluations = 1;
    evaluate(fit, 0, result->p, fit->r);
    result->at_bound = 0;
    for (size_t i = 0; i < fit->n; i++) {
        double share = (result->p[i] - problem->min[i]) / width(problem, i);
        if (share < 2 * edge || share > 1 - 2 * edge)
            result->at_bound |= UINT32_C(1) << i;
        slope[i] = prior_slope(problem, i, result->p[i]);
    }
    take_slopes(fit, result->p);
    result->blind = find_blind(fit);
    find_spectrum(fit, result->blind, none, &spectrum);
    find_ties(&spectrum, result);
    find_spectrum(fit, result->blind, slope, &spectrum);
    find_errors(fit, &spectrum, slope, result);
    result->evaluations += fit->evaluations;
}
