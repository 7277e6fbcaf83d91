/* A linearly implicit method of order 2, L-stable, with an error estimate: the modified
 * Rosenbrock triple of Shampine & Reichelt (1997), "The MATLAB ODE Suite", SIAM J. Sci.
 * Comput. 18, 1-22.
 *
 *   W = I - gamma h J, gamma = 1 / (2 + sqrt 2)
 *   W k1 = f(t, x)
 *   W (k2 - k1) = f(t + h/2, x + h/2 k1) - k1            x' = x + h k2
 *   W k3 = f(t + h, x') - (6 + sqrt 2) (k2 - f1) - 2 (k1 - f0)
 *   error = h/6 (k1 - 2 k2 + k3)
 *
 * It is a W-method: its order holds with any matrix for J, so that a Jacobian by coarse
 * differences, of an earlier step, or without the blocks' coupling costs some accuracy and
 * nothing else. What a bad one does shows in the error estimate. */
#include "twind/ode_stiff.h"

#include <math.h>
#include <string.h>

static const double gamma_ = 0.29289321881345254, e32 = 7.414213562373095;
static const double nudge_share = 1e-3;                           /* of the state's scale */
static const double safety = 0.85, least = 0.15, most_growth = 4; /* of the step */
enum { OLDEST = 8 }; /* steps with one Jacobian */

void ode_stiff_begin(struct ode_stiff *room, const struct ode_stiff_problem *problem)
{
    size_t at = 0, b = 0;
    for (room->first[0] = 0; at < problem->n; b++) {
        for (size_t i = 0; i < problem->n; i++)
            if (problem->block[i] == b)
                room->order[at++] = (unsigned char)i;
        room->first[b + 1] = at;
    }
    room->n_blocks = b;
    room->step = problem->longest;
    room->factored = 0;
    room->age = -1;
}

/* ---- the Jacobian ---- */

static size_t size_of(const struct ode_stiff *room, size_t b)
{
    return room->first[b + 1] - room->first[b];
}

static size_t largest_block(const struct ode_stiff *room)
{
    size_t n = 0;
    for (size_t b = 0; b < room->n_blocks; b++)
        n = size_of(room, b) > n ? size_of(room, b) : n;
    return n;
}

/* Column j of each block that has one; f0 is the derivative at x. */
static void differentiate(struct ode_stiff *room, const struct ode_stiff_problem *problem,
                          double t, size_t j)
{
    for (size_t b = 0; b < room->n_blocks; b++)
        if (j < size_of(room, b)) {
            size_t k = room->order[room->first[b] + j];
            room->x[k] += nudge_share * problem->scale[k];
        }
    problem->rhs(problem->context, t, room->x, room->f1);
    for (size_t b = 0; b < room->n_blocks; b++) {
        size_t n = size_of(room, b);
        const unsigned char *order = room->order + room->first[b];
        double *J = room->jacobian + room->first[b] * ODE_STIFF_BLOCK;
        if (j >= n)
            continue;
        double step = nudge_share * problem->scale[order[j]];
        for (size_t i = 0; i < n; i++)
            J[i * n + j] = (room->f1[order[i]] - room->f0[order[i]]) / step;
    }
}

static void linearise(struct ode_stiff *room, const struct ode_stiff_problem *problem,
                      double t, const double *x)
{
    for (size_t j = 0; j < largest_block(room); j++) {
        memcpy(room->x, x, problem->n * sizeof *x);
        differentiate(room, problem, t, j);
    }
    room->age = 0;
    room->factored = 0;
}

/* ---- W = L U, by rows, with pivots ---- */

static void swap_rows(size_t n, double *A, size_t i, size_t j)
{
    for (size_t k = 0; i != j && k < n; k++) {
        double kept = A[i * n + k];
        A[i * n + k] = A[j * n + k];
        A[j * n + k] = kept;
    }
}

static size_t largest_below(size_t n, const double *A, size_t j)
{
    size_t best = j;
    for (size_t i = j + 1; i < n; i++)
        if (fabs(A[i * n + j]) > fabs(A[best * n + j]))
            best = i;
    return best;
}

/* The diagonal becomes its reciprocal. */
static void factor_block(size_t n, double *A, unsigned char *pivot)
{
    for (size_t j = 0; j < n; j++) {
        size_t row = largest_below(n, A, j);
        pivot[j] = (unsigned char)row;
        swap_rows(n, A, j, row);
        double *of_j = A + j * n;
        of_j[j] = 1 / of_j[j];
        for (size_t i = j + 1; i < n; i++) {
            double *of_i = A + i * n, share = of_i[j] * of_j[j];
            of_i[j] = share;
            for (size_t k = j + 1; share != 0 && k < n; k++)
                of_i[k] -= share * of_j[k];
        }
    }
}

static void factor(struct ode_stiff *room, double h)
{
    for (size_t b = 0; b < room->n_blocks; b++) {
        size_t n = size_of(room, b), at = room->first[b] * ODE_STIFF_BLOCK;
        double *A = room->lu + at;
        for (size_t i = 0; i < n * n; i++)
            A[i] = -gamma_ * h * room->jacobian[at + i];
        for (size_t i = 0; i < n; i++)
            A[i * n + i] += 1;
        factor_block(n, A, room->pivot + room->first[b]);
    }
    room->factored = h;
}

static void solve_block(size_t n, const double *A, const unsigned char *pivot, double *y)
{
    for (size_t i = 0; i < n; i++) {
        double kept = y[pivot[i]];
        y[pivot[i]] = y[i];
        y[i] = kept;
    }
    for (size_t i = 1; i < n; i++) {
        double rest = y[i];
        for (size_t k = 0; k < i; k++)
            rest -= A[i * n + k] * y[k];
        y[i] = rest;
    }
    for (size_t i = n; i-- > 0;) {
        double rest = y[i];
        for (size_t k = i + 1; k < n; k++)
            rest -= A[i * n + k] * y[k];
        y[i] = rest * A[i * n + i];
    }
}

/* W k = right */
static void solve(const struct ode_stiff *room, const double *right, double *k)
{
    double y[ODE_STIFF_BLOCK];
    for (size_t b = 0; b < room->n_blocks; b++) {
        size_t n = size_of(room, b), at = room->first[b];
        const unsigned char *order = room->order + at;
        for (size_t i = 0; i < n; i++)
            y[i] = right[order[i]];
        solve_block(n, room->lu + at * ODE_STIFF_BLOCK, room->pivot + at, y);
        for (size_t i = 0; i < n; i++)
            k[order[i]] = y[i];
    }
}

/* ---- a step ---- */

/* From x to room->x; returns the error, 1 being the tolerance. f0 is known. */
static double try_step(struct ode_stiff *room, const struct ode_stiff_problem *problem,
                       double t, double h, const double *x)
{
    size_t n = problem->n;
    double *f0 = room->f0, *f1 = room->f1, *f2 = room->f2, *to = room->x, worst = 0;
    double *end = room->end;
    double *k1 = room->k1, *k2 = room->k2, *k3 = room->k3;
    if (!(fabs(h - room->factored) <= 1e-12 * h))
        factor(room, h);
    solve(room, f0, k1);
    for (size_t i = 0; i < n; i++)
        to[i] = x[i] + h / 2 * k1[i];
    problem->rhs(problem->context, t + h / 2, to, f1);
    for (size_t i = 0; i < n; i++)
        to[i] = f1[i] - k1[i];
    solve(room, to, k2);
    for (size_t i = 0; i < n; i++) {
        k2[i] += k1[i];
        to[i] = x[i] + h * k2[i];
    }
    problem->rhs(problem->context, t + h, to, end);
    for (size_t i = 0; i < n; i++)
        f2[i] = end[i] - e32 * (k2[i] - f1[i]) - 2 * (k1[i] - f0[i]);
    solve(room, f2, k3);
    for (size_t i = 0; i < n; i++) {
        double error = h / 6 * fabs(k1[i] - 2 * k2[i] + k3[i]) / problem->scale[i];
        worst = error <= worst || isnan(worst) ? worst : error;
    }
    return worst / problem->tolerance;
}

/* Of a step with this error (order 3), what the next should be. */
static double growth(double error)
{
    if (!isfinite(error))
        return least;
    return fmin(fmax(safety / cbrt(fmax(error, 1e-6)), least), most_growth);
}

double ode_stiff_step(struct ode_stiff *room, const struct ode_stiff_problem *problem,
                      double t, double most, double *x)
{
    double h = fmin(most, room->step);
    h = most / ceil(most / h - 1e-9); /* no crumbs at the end */
    problem->rhs(problem->context, t, x, room->f0);
    if (room->age < 0 || room->age >= OLDEST)
        linearise(room, problem, t, x);
    for (;;) {
        double error = try_step(room, problem, t, h, x), share = growth(error);
        if (error <= 1 || h <= problem->shortest) {
            room->step = fmin(fmax(h * share, problem->shortest), problem->longest);
            break;
        }
        if (room->age > 0) /* may be to blame */
            linearise(room, problem, t, x);
        h = fmax(h * fmin(share, 0.7), fmin(problem->shortest, h));
    }
    room->age++;
    memcpy(x, room->x, problem->n * sizeof *x);
    return h;
}
