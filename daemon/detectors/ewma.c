/* ewma: a control chart of a moving mean.
 *
 *   z = lambda x + (1 - lambda) z,   limit: L sigma sqrt(lambda / (2 - lambda))
 *
 * Roberts 1959, "Control chart tests based on geometric moving averages", Technometrics 1.
 * Level and sigma are learned over `memory`. Valid for readings that depend little on each
 * other, as residuals do; of a signal with a daily course it says the course. */
#include "twind/detector.h"
#include "twind/baseline.h"

#include <math.h>

enum param { LAMBDA, LIMIT, MEMORY, YOUNG, PARAMS };

static const struct detector_row rows[PARAMS] = {
    [LAMBDA] = {"lambda", "weight of a reading in the moving mean", 0.2, 0.001, 1},
    [LIMIT] = {"limit", "standard deviations of the moving mean", 5, 0.5, 1e3},
    [MEMORY] = {"memory", "readings over which the usual level is learned", 1000, 10, 1e7},
    [YOUNG] = {"young", "readings before it speaks", 100, 1, 1e6},
};
_Static_assert(sizeof rows / sizeof *rows == PARAMS, "a row for each parameter");

struct state {
    struct baseline usual;
    double mean, level, sd;
};

static double step(const double *params, void *state, double time, const double *values,
                   size_t n)
{
    (void)time, (void)n;
    struct state *s = state;
    double x = values[0], lambda = params[LAMBDA];
    s->mean = s->usual.rows > 0 ? s->mean + lambda * (x - s->mean) : x;
    double narrow = sqrt(lambda / (2 - lambda));
    double z = fabs(baseline_deviation(&s->usual, s->mean)) / narrow;
    s->level = s->usual.mean;
    s->sd = sqrt(s->usual.variance) * narrow;
    bool young = s->usual.rows < params[YOUNG];
    baseline_learn(&s->usual, x, params[MEMORY]);
    if (young)
        return 0;
    return isinf(z) ? 1 : z / (z + params[LIMIT]);
}

static struct detector_reason reason(const double *params, const void *state)
{
    const struct state *s = state;
    return (struct detector_reason){
        .what = "moving mean",
        .value = s->mean,
        .low = s->level - params[LIMIT] * s->sd,
        .high = s->level + params[LIMIT] * s->sd,
        .where = "",
        .readings = NAN,
    };
}

static size_t size(const double *params, size_t n)
{
    (void)params, (void)n;
    return sizeof(struct state);
}

const struct detector detector_ewma = {
    .name = "ewma",
    .help = "its moving mean leaves the usual level",
    .reference = "Roberts 1959",
    .params = rows,
    .n_params = PARAMS,
    .size = size,
    .step = step,
    .reason = reason,
};
