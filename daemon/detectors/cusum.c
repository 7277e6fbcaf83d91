/* cusum: small shifts that last, by sums of standardised deviations z.
 *
 *   up   = max(0, up + z - slack),   down = max(0, down - z - slack),   alarm at `limit`
 *
 * Page 1954, "Continuous inspection schemes", Biometrika 41; Hinkley 1971, Biometrika 58.
 * The sums begin anew after an alarm. One reading counts at most `limit` / 2, so that a
 * single outlier is no shift. Valid for readings that depend little on each other. */
#include "twind/detector.h"
#include "twind/baseline.h"

#include <math.h>

enum param { SLACK, LIMIT, MEMORY, YOUNG, PARAMS };

static const struct detector_row rows[PARAMS] = {
    [SLACK] = {"slack", "standard deviations that are not counted", 0.5, 0, 10},
    [LIMIT] = {"limit", "sum of standard deviations at which it alarms", 10, 1, 1e4},
    [MEMORY] = {"memory", "readings over which the usual level is learned", 1000, 10, 1e7},
    [YOUNG] = {"young", "readings before it speaks", 100, 1, 1e6},
};
_Static_assert(sizeof rows / sizeof *rows == PARAMS, "a row for each parameter");

struct state {
    struct baseline usual;
    double up, down;
    double value, level, sd;
};

static double step(const double *params, void *state, double time, const double *values,
                   size_t n)
{
    (void)time, (void)n;
    struct state *s = state;
    double x = s->value = values[0], most = params[LIMIT] / 2;
    double z = fmin(fmax(baseline_deviation(&s->usual, x), -most), most);
    s->level = s->usual.mean;
    s->sd = sqrt(s->usual.variance);
    bool young = s->usual.rows < params[YOUNG];
    baseline_learn(&s->usual, x, params[MEMORY]);
    if (young)
        return 0;
    s->up = fmax(0, s->up + z - params[SLACK]);
    s->down = fmax(0, s->down - z - params[SLACK]);
    double sum = fmax(s->up, s->down);
    if (sum >= params[LIMIT])
        s->up = s->down = 0;
    return sum / (sum + params[LIMIT]);
}

static struct detector_reason reason(const double *params, const void *state)
{
    const struct state *s = state;
    return (struct detector_reason){
        .what = "value",
        .value = s->value,
        .low = s->level - params[SLACK] * s->sd,
        .high = s->level + params[SLACK] * s->sd,
        .where = "on average",
        .readings = NAN,
    };
}

static size_t size(const double *params, size_t n)
{
    (void)params, (void)n;
    return sizeof(struct state);
}

const struct detector detector_cusum = {
    .name = "cusum",
    .help = "a small shift that lasts",
    .reference = "Page 1954; Hinkley 1971",
    .params = rows,
    .n_params = PARAMS,
    .size = size,
    .step = step,
    .reason = reason,
};
