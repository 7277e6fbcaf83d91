/* range: leaves the range seen so far, which narrows slowly when it is not renewed.
 *
 *   e = (x - high) / (high - low)    score = e / (e + margin)
 *
 * Valid for any signal; blind to what happens within its range. */
#include "twind/detector.h"

#include <math.h>

enum param { MARGIN, FORGET, YOUNG, PARAMS };

static const struct detector_row rows[PARAMS] = {
    [MARGIN] = {"margin", "alarm beyond the range by so much of its width", 0.1, 1e-6, 1e3},
    [FORGET] = {"forget", "of the range's width, lost each reading", 3e-5, 0, 0.1},
    [YOUNG] = {"young", "readings before it speaks", 100, 1, 1e6},
};
_Static_assert(sizeof rows / sizeof *rows == PARAMS, "a row for each parameter");

struct state {
    double low, high, rows;
    double value, was_low, was_high; /* of the last reading, and before it */
};

static double beyond(const struct state *s, double x)
{
    double out = fmax(x - s->high, s->low - x);
    if (out <= 0)
        return 0;
    return s->high > s->low ? out / (s->high - s->low) : (double)INFINITY;
}

static void take(struct state *s, double x, double forget)
{
    double lost = forget * (s->high - s->low) / 2;
    s->low = fmin(s->low + lost, x);
    s->high = fmax(s->high - lost, x);
}

static double step(const double *params, void *state, double time, const double *values,
                   size_t n)
{
    (void)time, (void)n;
    struct state *s = state;
    double x = s->value = values[0];
    if (s->rows++ == 0)
        s->low = s->high = x;
    s->was_low = s->low;
    s->was_high = s->high;
    double out = s->rows > params[YOUNG] ? beyond(s, x) : 0;
    take(s, x, params[FORGET]);
    return isinf(out) ? 1 : out / (out + params[MARGIN]);
}

static struct detector_reason reason(const double *params, const void *state)
{
    (void)params;
    const struct state *s = state;
    return (struct detector_reason){
        .what = "value",
        .value = s->value,
        .low = s->was_low,
        .high = s->was_high,
        .where = "",
        .readings = NAN,
    };
}

static size_t size(const double *params, size_t n)
{
    (void)params, (void)n;
    return sizeof(struct state);
}

const struct detector detector_range = {
    .name = "range",
    .help = "leaves the range seen so far, slowly forgotten",
    .reference = "records",
    .params = rows,
    .n_params = PARAMS,
    .size = size,
    .step = step,
    .reason = reason,
};
