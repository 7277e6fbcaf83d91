/* t2: several signals together, by a multivariate exponentially weighted moving average.
 *
 *   u = (x - mean) / sd,   z = lambda u + (1 - lambda) z,   R = E[u u']
 *   T2 = (2 - lambda) / lambda z' (R + ridge I)^-1 z
 *
 * Lowry, Woodall, Champ, Rigdon 1992, "A multivariate exponentially weighted moving average
 * control chart", Technometrics 34. Readings that depend on each other make T2 greater than
 * its chi-square law says: sqrt(T2) is judged by its own learned mean and scatter. The
 * ridge keeps directions in which the signals never move from ruling. z_i (R^-1 z)_i is
 * what signal i contributes. While it alarms it learns a tenth as fast. A missing value is
 * taken as usual. Valid for signals around one operating point; up to 64. */
#include "twind/detector.h"
#include "twind/baseline.h"

#include <math.h>

enum param { LAMBDA, LIMIT, MEMORY, YOUNG, PARAMS };
enum { SIGNALS_MAX = 64 };

static const struct detector_row rows[PARAMS] = {
    [LAMBDA] = {"lambda", "weight of a reading in the moving mean", 0.1, 0.001, 1},
    [LIMIT] = {"limit", "standard deviations of sqrt(T2) from its mean", 6, 0.5, 1e3},
    [MEMORY] = {"memory", "readings over which what is usual is learned", 3000, 10, 1e7},
    [YOUNG] = {"young", "readings before it speaks; at least ten a signal", 200, 10, 1e6},
};
_Static_assert(sizeof rows / sizeof *rows == PARAMS, "a row for each parameter");

static const double MOST = 20;  /* standard deviations that a reading counts */
static const double TAUGHT = 5; /* and that it teaches */
static const double RIDGE = 0.05;
static const double SLOWER = 10; /* it learns while it alarms */

struct signal {
    struct baseline usual;
    double u, z, share;
};

struct state {
    double n, rows, t, score;
    struct baseline chart;
    struct signal signals[]; /* behind them R and its factor, n * n each */
};

static double *correlation(struct state *s)
{
    return (double *)(void *)(s->signals + (size_t)s->n);
}

static double clip(double x, double most)
{
    return fmin(fmax(x, -most), most);
}

static void average(struct state *s, const double *values, double lambda)
{
    for (size_t i = 0; i < (size_t)s->n; i++) {
        struct signal *signal = &s->signals[i];
        bool known = !isnan(values[i]) && signal->usual.rows > 1;
        signal->u = known ? clip(baseline_deviation(&signal->usual, values[i]), MOST) : 0;
        signal->z += lambda * (signal->u - signal->z);
    }
}

/* Cholesky: the lower factor of R + ridge I. */
static void factorise(struct state *s)
{
    size_t n = (size_t)s->n;
    const double *R = correlation(s);
    double *L = correlation(s) + n * n;
    for (size_t j = 0; j < n; j++)
        for (size_t i = j; i < n; i++) {
            double sum = R[i * n + j] + (i == j ? RIDGE : 0);
            for (size_t k = 0; k < j; k++)
                sum -= L[i * n + k] * L[j * n + k];
            L[i * n + j] = i == j ? sqrt(fmax(sum, RIDGE / 10)) : sum / L[j * n + j];
        }
}

/* z' A^-1 z, and each signal's part in it. */
static double distance(struct state *s)
{
    size_t n = (size_t)s->n;
    const double *L = correlation(s) + n * n;
    double y[SIGNALS_MAX], total = 0;
    for (size_t i = 0; i < n; i++) {
        y[i] = s->signals[i].z;
        for (size_t k = 0; k < i; k++)
            y[i] -= L[i * n + k] * y[k];
        y[i] /= L[i * n + i];
        total += y[i] * y[i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            y[i] -= L[k * n + i] * y[k];
        y[i] /= L[i * n + i];
        s->signals[i].share = s->signals[i].z * y[i];
    }
    return total;
}

static void learn(struct state *s, const double *values, double memory)
{
    size_t n = (size_t)s->n;
    double *R = correlation(s), a = fmax(1 / memory, 1 / s->rows);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++)
            R[i * n + j] +=
                a * (clip(s->signals[i].u, TAUGHT) * clip(s->signals[j].u, TAUGHT) -
                     R[i * n + j]);
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            baseline_learn(&s->signals[i].usual, values[i], memory);
}

static double judge(struct state *s, const double *params)
{
    double needed = fmax(params[YOUNG], 10 * s->n), memory = params[MEMORY];
    s->t = sqrt(distance(s) * (2 - params[LAMBDA]) / params[LAMBDA]);
    if (s->rows < needed / 2) /* R is still coarse: nothing to learn a scatter from */
        return 0;
    double out = fmax(0, baseline_deviation(&s->chart, s->t));
    baseline_learn(&s->chart, s->t, s->score >= 0.5 ? memory * SLOWER : memory);
    if (s->rows < needed)
        return 0;
    return isinf(out) ? 1 : out / (out + params[LIMIT]);
}

static double step(const double *params, void *state, double time, const double *values,
                   size_t n)
{
    (void)time;
    struct state *s = state;
    s->n = (double)(n < SIGNALS_MAX ? n : SIGNALS_MAX);
    size_t every = 1 + (size_t)s->n / 8; /* the factor costs n^3 */
    if ((size_t)fmod(s->rows++, (double)every) == 0)
        factorise(s);
    average(s, values, params[LAMBDA]);
    s->score = judge(s, params);
    learn(s, values, s->score >= 0.5 ? params[MEMORY] * SLOWER : params[MEMORY]);
    return s->score;
}

static struct detector_reason reason(const double *params, const void *state)
{
    const struct state *s = state;
    double sd = sqrt(s->chart.variance), total = 0;
    size_t most = 0;
    for (size_t i = 0; i < (size_t)s->n; i++) {
        total += s->signals[i].share;
        if (s->signals[i].share > s->signals[most].share)
            most = i;
    }
    return (struct detector_reason){
        .what = "distance of all signals together",
        .value = s->t,
        .low = 0,
        .high = s->chart.mean + params[LIMIT] * sd,
        .where = "",
        .readings = NAN,
        .signal = most + 1,
        .share = total > 0 ? s->signals[most].share / total : 0,
    };
}

static size_t size(const double *params, size_t n)
{
    (void)params;
    n = n < SIGNALS_MAX ? n : SIGNALS_MAX;
    return sizeof(struct state) + n * sizeof(struct signal) + 2 * n * n * sizeof(double);
}

const struct detector detector_t2 = {
    .name = "t2",
    .help = "several signals together leave how they usually go together",
    .reference = "Lowry et al. 1992",
    .params = rows,
    .n_params = PARAMS,
    .joint = true,
    .size = size,
    .step = step,
    .reason = reason,
};
