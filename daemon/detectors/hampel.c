/* hampel: single outliers against the median of the last readings.
 *
 *   d = |x - median| / (1.4826 MAD)     score = d / (d + limit)
 *
 * Hampel 1974, "The influence curve and its role in robust estimation", J. Am. Stat. Assoc.
 * 69. Where more than half of the window is one value the MAD is 0, and the mean absolute
 * deviation takes its place. Valid for signals that change slowly against the window. */
#include "twind/detector.h"

#include <math.h>
#include <string.h>

enum param { WINDOW, LIMIT, PARAMS };
enum { WINDOW_MAX = 401 };

static const struct detector_row rows[PARAMS] = {
    [WINDOW] = {"window", "readings that it looks back", 61, 5, WINDOW_MAX},
    [LIMIT] = {"limit", "robust standard deviations from the median", 8, 0.5, 1e3},
};
_Static_assert(sizeof rows / sizeof *rows == PARAMS, "a row for each parameter");

struct state {
    size_t n, next;
    double value, median, scale;
    double at[]; /* the window as a ring, and behind it sorted */
};

static size_t window_of(const double *params)
{
    return (size_t)params[WINDOW];
}

/* The first place in sorted[0..n) that is not less. */
static size_t place(const double *sorted, size_t n, double x)
{
    size_t low = 0;
    while (low < n) {
        size_t middle = (low + n) / 2;
        if (sorted[middle] < x)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

static void take(struct state *s, size_t window, double x)
{
    double *sorted = s->at + window;
    if (s->n == window) {
        size_t old = place(sorted, s->n, s->at[s->next]);
        s->n--;
        memmove(sorted + old, sorted + old + 1, (s->n - old) * sizeof *sorted);
    }
    s->at[s->next] = x;
    s->next = (s->next + 1) % window;
    size_t new = place(sorted, s->n, x);
    memmove(sorted + new + 1, sorted + new, (s->n - new) * sizeof *sorted);
    sorted[new] = x;
    s->n++;
}

/* The median of |sorted - median|: the deviations grow to both sides, so the least half of
 * them is gathered from the middle outwards. */
static double deviation(const double *sorted, size_t n, double median)
{
    size_t right = place(sorted, n, median), left = right;
    double last = 0;
    for (size_t taken = 0; taken <= n / 2; taken++) {
        double down = left > 0 ? median - sorted[left - 1] : (double)INFINITY;
        double up = right < n ? sorted[right] - median : (double)INFINITY;
        last = fmin(down, up);
        if (down <= up)
            left--;
        else
            right++;
    }
    return last;
}

static double mean_deviation(const double *sorted, size_t n, double median)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += fabs(sorted[i] - median);
    return sum / (double)n;
}

static double judge(struct state *s, size_t window, double x)
{
    const double *sorted = s->at + window;
    s->median = sorted[s->n / 2];
    s->scale = 1.4826 * deviation(sorted, s->n, s->median);
    if (!(s->scale > 0))
        s->scale = 1.2533 * mean_deviation(sorted, s->n, s->median);
    double d = fabs(x - s->median);
    return d > 0 ? d / s->scale : 0;
}

static double step(const double *params, void *state, double time, const double *values,
                   size_t n)
{
    (void)time, (void)n;
    struct state *s = state;
    double x = s->value = values[0];
    size_t window = window_of(params);
    double d = s->n == window ? judge(s, window, x) : 0;
    take(s, window, x);
    return isinf(d) ? 1 : d / (d + params[LIMIT]);
}

static struct detector_reason reason(const double *params, const void *state)
{
    const struct state *s = state;
    return (struct detector_reason){
        .what = "value",
        .value = s->value,
        .low = s->median - params[LIMIT] * s->scale,
        .high = s->median + params[LIMIT] * s->scale,
        .where = "among the last readings",
        .readings = NAN,
    };
}

static size_t size(const double *params, size_t n)
{
    (void)n;
    return sizeof(struct state) + 2 * window_of(params) * sizeof(double);
}

const struct detector detector_hampel = {
    .name = "hampel",
    .help = "one reading far from the median of the last ones",
    .reference = "Hampel 1974",
    .params = rows,
    .n_params = PARAMS,
    .size = size,
    .step = step,
    .reason = reason,
};
