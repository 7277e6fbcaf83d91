/* seasonal: how far from the usual value of this quarter of an hour of the day, and of this
 * hour of the week where that tells more (season.c), against the greatest such deviations
 * so far (tail.c). Baseline by Winters 1960, Management Science 6. Valid for signals with a
 * daily course; silent for the first `days` days. */
#include "twind/detector.h"
#include "twind/season.h"
#include "twind/tail.h"

#include <math.h>

enum param { RISK, DAYS, WEIGHT, PARAMS };

static const struct detector_row rows[PARAMS] = {
    [RISK] = {"risk", "alarm where a reading is rarer than 10^-risk", 4, 1, 12},
    [DAYS] = {"days", "days before the daily course counts", 2, 1, 365},
    [WEIGHT] = {"weight", "of a new day in the usual value", 0.1, 0.001, 1},
};
_Static_assert(sizeof rows / sizeof *rows == PARAMS, "a row for each parameter");

static const double ROUNDING = 1e-9; /* of the range: a deviation that is none */

struct state {
    struct season season;
    struct tail above, below;
    double rows, low, high;
    double value, usual, surprise; /* of the last reading */
};

static void look(struct state *s, double x)
{
    double d = x - s->usual;
    if (fabs(d) <= ROUNDING * (s->high - s->low))
        d = 0;
    s->surprise = fmax(tail_surprise(&s->above, d), tail_surprise(&s->below, -d));
    tail_learn(&s->above, d);
    tail_learn(&s->below, -d);
}

static double step(const double *params, void *state, double time, const double *values,
                   size_t n)
{
    (void)n;
    struct state *s = state;
    double x = values[0];
    s->low = s->rows > 0 ? fmin(s->low, x) : x;
    s->high = s->rows > 0 ? fmax(s->high, x) : x;
    s->rows++;
    s->value = x;
    s->surprise = 0;
    if (season_expect(&s->season, time, params[DAYS], &s->usual))
        look(s, x);
    season_learn(&s->season, time, x, params[WEIGHT]);
    return tail_score(s->surprise, params[RISK]);
}

static struct detector_reason reason(const double *params, const void *state)
{
    (void)params;
    const struct state *s = state;
    return (struct detector_reason){
        .what = "value",
        .value = s->value,
        .low = s->usual - tail_usual(&s->below),
        .high = s->usual + tail_usual(&s->above),
        .where = "at this hour",
        .readings = pow(10, s->surprise),
    };
}

static size_t size(const double *params, size_t n)
{
    (void)params, (void)n;
    return sizeof(struct state);
}

const struct detector detector_seasonal = {
    .name = "seasonal",
    .help = "leaves what is usual at this time of the day and week",
    .reference = "Winters 1960",
    .params = rows,
    .n_params = PARAMS,
    .size = size,
    .step = step,
    .reason = reason,
};
