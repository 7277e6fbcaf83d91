/* Bounded nonlinear least squares and what it says of its parameters.
 *
 *   p = min + (max - min) (1 + sin z)/2            z is free, p never leaves its range
 *   minimise r'r over z                            More (1978), Levenberg-Marquardt
 *   Cov = (J'J)^-1 B (J'J)^-1, B = sum of J_g' r_g r_g' J_g
 *                                                  Liang & Zeger (1986), Biometrika 73, 13
 *   condition index of eigenvector k of the J'J with columns of length 1:
 *   sqrt(lambda_max/lambda_k)                      Belsley, Kuh & Welsch (1980), ch. 3
 *
 * J is by central differences of a thousandth of the range, so that a residual with small
 * jumps (a reading that is believed or not) still has a slope. */
#include "twind/fit.h"

#include "twind/mem.h"

#include <cminpack.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double tolerance = 1e-6, slope_step = 1e-3, edge = 1e-3;
static const double tie_condition = 30, tie_share = 0.3;
/* A parameter of which the whole range moves the residuals less than this is not seen. */
static const double blind_share = 1e-6;

struct fit {
    size_t n, m;
    double *r, *up, *J, *work; /* m, m, m*n (column after column), m */
    const struct fit_problem *problem;
    size_t evaluations;
};

struct fit *fit_new(size_t n, size_t m)
{
    struct fit *fit = mem_new(1, sizeof *fit);
    *fit = (struct fit){.n = n, .m = m};
    fit->r = mem_new(m, sizeof(double));
    fit->up = mem_new(m, sizeof(double));
    fit->work = mem_new(m, sizeof(double));
    fit->J = mem_new(m * n, sizeof(double));
    return fit;
}

void fit_free(struct fit *fit)
{
    if (!fit)
        return;
    free(fit->r);
    free(fit->up);
    free(fit->work);
    free(fit->J);
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

static void evaluate(struct fit *fit, const double *p, double *r)
{
    fit->problem->residuals(fit->problem->context, p, r);
    fit->evaluations++;
}

static int evaluate_free(void *context, int m, int n, const double *z, double *r, int flag)
{
    struct fit *fit = context;
    double p[FIT_MAX];
    (void)m, (void)flag;
    for (int i = 0; i < n; i++)
        p[i] = to_bounded(fit->problem, (size_t)i, z[i]);
    evaluate(fit, p, r);
    return 0;
}

void fit_descend(struct fit *fit, const struct fit_problem *problem,
                 struct fit_result *result)
{
    double z[FIT_MAX], p[FIT_MAX], diag[FIT_MAX], qtf[FIT_MAX], w1[FIT_MAX], w2[FIT_MAX],
        w3[FIT_MAX];
    int pivot[FIT_MAX], used = 0;
    fit->problem = problem;
    fit->evaluations = 0;
    evaluate(fit, result->p, fit->r);
    result->before = result->after = sum_squares(fit->r, fit->m);
    for (size_t i = 0; i < fit->n; i++)
        z[i] = to_free(problem, i, result->p[i]);
    lmdif(evaluate_free, fit, (int)fit->m, (int)fit->n, z, fit->r, tolerance, tolerance, 0,
          (int)problem->most_evaluations, slope_step * slope_step, diag, 1, 1, 0, &used,
          fit->J, (int)fit->m, pivot, qtf, w1, w2, w3, fit->work);
    double after = sum_squares(fit->r, fit->m);
    for (size_t i = 0; i < fit->n; i++)
        p[i] = to_bounded(problem, i, z[i]);
    if (after < result->before) {
        memcpy(result->p, p, fit->n * sizeof *p);
        result->after = after;
    }
    result->evaluations = fit->evaluations;
}

/* ---- examination ---- */

/* Column i of J = dr/dp_i, with p in units of its range. */
static void take_slope(struct fit *fit, size_t i, const double *at)
{
    const struct fit_problem *problem = fit->problem;
    double p[FIT_MAX], *column = fit->J + i * fit->m;
    memcpy(p, at, fit->n * sizeof *p);
    double up = fmin(at[i] + slope_step * width(problem, i), problem->max[i]);
    double down = fmax(at[i] - slope_step * width(problem, i), problem->min[i]);
    p[i] = up;
    evaluate(fit, p, fit->up);
    p[i] = down;
    evaluate(fit, p, fit->work);
    for (size_t k = 0; k < fit->m; k++)
        column[k] = (fit->up[k] - fit->work[k]) * width(problem, i) / (up - down);
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

/* What the columns of J that are seen say, in units of their lengths. */
struct spectrum {
    size_t n, seen[FIT_MAX]; /* which parameters */
    double length[FIT_MAX];
    double value[FIT_MAX], V[FIT_MAX][FIT_MAX], largest;
};

static void find_spectrum(struct fit *fit, struct spectrum *s, uint32_t *blind)
{
    double A[FIT_MAX][FIT_MAX], scale = sqrt(dot(fit->r, fit->r, fit->m));
    s->n = 0;
    *blind = 0;
    for (size_t i = 0; i < fit->n; i++) {
        const double *column = fit->J + i * fit->m;
        double length = sqrt(dot(column, column, fit->m));
        if (!(length > blind_share * scale)) {
            *blind |= UINT32_C(1) << i;
            continue;
        }
        s->length[s->n] = length;
        s->seen[s->n++] = i;
    }
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->n; j++)
            A[i][j] =
                dot(fit->J + s->seen[i] * fit->m, fit->J + s->seen[j] * fit->m, fit->m) /
                (s->length[i] * s->length[j]);
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

/* B of the file's head along the eigenvectors, in C. */
static void add_group(const struct spectrum *s, const double *g, double B[FIT_MAX][FIT_MAX])
{
    double along[FIT_MAX] = {0};
    for (size_t k = 0; k < s->n; k++)
        for (size_t i = 0; i < s->n; i++)
            along[k] += s->V[i][k] * g[i] / s->length[i];
    for (size_t k = 0; k < s->n; k++)
        for (size_t l = 0; l < s->n; l++)
            B[k][l] += along[k] * along[l];
}

static size_t sum_groups(const struct fit *fit, const struct spectrum *s,
                         double B[FIT_MAX][FIT_MAX])
{
    const uint32_t *group = fit->problem->group;
    double g[FIT_MAX] = {0};
    size_t count = 0;
    for (size_t k = 0; k < fit->m; k++) {
        for (size_t i = 0; i < s->n; i++)
            g[i] += fit->J[s->seen[i] * fit->m + k] * fit->r[k];
        if (k + 1 < fit->m && group && group[k + 1] == group[k])
            continue;
        add_group(s, g, B);
        memset(g, 0, sizeof g);
        count++;
    }
    return count;
}

static void find_errors(struct fit *fit, const struct spectrum *s,
                        struct fit_result *result)
{
    double B[FIT_MAX][FIT_MAX] = {{0}};
    double groups = (double)sum_groups(fit, s, B), n = (double)fit->n;
    double spare = fmax((double)fit->m - n, 1);
    double variance = dot(fit->r, fit->r, fit->m) / spare;
    double few = groups > n ? groups / (groups - n) : 1; /* of few groups: too sure */
    for (size_t i = 0; i < fit->n; i++)
        result->standard_error[i] = INFINITY;
    for (size_t i = 0; i < s->n; i++) {
        double plain = 0, robust = 0;
        for (size_t k = 0; k < s->n; k++) {
            plain += s->V[i][k] * s->V[i][k] / s->value[k];
            for (size_t l = 0; l < s->n; l++)
                robust += s->V[i][k] * s->V[i][l] * B[k][l] / (s->value[k] * s->value[l]);
        }
        double most = fmax(variance * plain, few * robust);
        result->standard_error[s->seen[i]] =
            sqrt(most) / s->length[i] * width(fit->problem, s->seen[i]);
    }
}

void fit_examine(struct fit *fit, const struct fit_problem *problem,
                 struct fit_result *result)
{
    struct spectrum spectrum;
    fit->problem = problem;
    fit->evaluations = 0;
    evaluate(fit, result->p, fit->r);
    result->at_bound = 0;
    for (size_t i = 0; i < fit->n; i++) {
        double share = (result->p[i] - problem->min[i]) / width(problem, i);
        if (share < 2 * edge || share > 1 - 2 * edge)
            result->at_bound |= UINT32_C(1) << i;
        take_slope(fit, i, result->p);
    }
    find_spectrum(fit, &spectrum, &result->blind);
    find_ties(&spectrum, result);
    find_errors(fit, &spectrum, result);
    result->evaluations += fit->evaluations;
}
