/* spot: peaks over a threshold, of the deviation from a moving mean, with a chosen risk.
 *
 *   P(X > x) = (N_t / n) (1 + gamma (x - t) / sigma)^(-1/gamma),   x > t
 *
 * The threshold t is a high quantile of the first readings; the excesses over it follow a
 * generalised Pareto distribution. Siffer, Fouque, Termier, Largouet 2017, "Anomaly
 * detection in streams with extreme value theory", KDD (there DSPOT). The fit is by
 * moments, gamma = (1 - m^2/v) / 2 and sigma = m (1 + m^2/v) / 2 (Hosking & Wallis 1987,
 * Technometrics 29), which needs no search; gamma < 1/2. An alarm teaches no more than its
 * level (there: nothing, and a lasting change is said for ever).
 * Valid for streams that are stationary but for a slow drift. */
#include "twind/detector.h"

#include <math.h>

enum param { RISK, MEMORY, QUANTILE, PARAMS };
enum {
    FIRST = 200,      /* readings to begin with */
    PEAKS = 100,      /* excesses remembered a side */
    LEAST_PEAKS = 10, /* without which nothing is said of a side */
};

static const struct detector_row rows[PARAMS] = {
    [RISK] = {"risk", "alarm where a reading is rarer than 10^-risk", 5, 1, 12},
    [MEMORY] = {"memory", "readings that the moving mean looks back", 250, 2, 1e6},
    [QUANTILE] = {"quantile", "of the first 200 readings: the threshold", 0.95, 0.5, 0.99},
};
_Static_assert(sizeof rows / sizeof *rows == PARAMS, "a row for each parameter");

struct side {
    double threshold, peaks[PEAKS], count; /* excesses; how many there were */
    double mean, square;                   /* of those remembered: sums */
};

struct state {
    double rows, average;
    double first[FIRST]; /* deviations, sorted, until there are enough */
    struct side sides[2];
    double value, surprise;
};

static void add_peak(struct side *side, double excess)
{
    size_t slot = (size_t)fmod(side->count, PEAKS);
    side->peaks[slot] = excess;
    side->count++;
    size_t n = side->count < PEAKS ? (size_t)side->count : PEAKS;
    side->mean = side->square = 0;
    for (size_t i = 0; i < n; i++)
        side->mean += side->peaks[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        side->square += pow(side->peaks[i] - side->mean, 2) / (double)n;
}

static void begin_side(struct side *side, const double *first, int sign, double quantile)
{
    size_t at = (size_t)(quantile * (FIRST - 1));
    side->threshold = sign > 0 ? first[at] : -first[FIRST - 1 - at];
    for (size_t i = 0; i < FIRST; i++)
        if (sign * first[i] > side->threshold)
            add_peak(side, sign * first[i] - side->threshold);
}

struct pareto {
    double gamma, sigma;
};

/* False: too few excesses to say. */
static bool fit(const struct side *side, struct pareto *p)
{
    if (side->count < LEAST_PEAKS || !(side->mean > 0))
        return false;
    double ratio = side->square > 0 ? side->mean * side->mean / side->square : 1;
    p->gamma = fmax((1 - ratio) / 2, -0.2);
    p->sigma = side->mean * (1 - p->gamma);
    return true;
}

static bool is_exponential(const struct pareto *p)
{
    return fabs(p->gamma) < 1e-6;
}

/* -ln of the probability that an excess is greater. */
static double rarity(const struct pareto *p, double excess)
{
    double y = 1 + p->gamma * excess / p->sigma;
    if (is_exponential(p))
        return excess / p->sigma;
    return y > 0 ? log(y) / p->gamma : (double)INFINITY;
}

/* The excess of that rarity. */
static double excess_of(const struct pareto *p, double rarity)
{
    return is_exponential(p) ? p->sigma * rarity
                             : p->sigma * (exp(p->gamma * rarity) - 1) / p->gamma;
}

/* -log10 of the probability of a deviation that far over the threshold, which is taken in.
 */
static double judge_side(struct side *side, double readings, double excess, double risk)
{
    struct pareto p;
    if (!fit(side, &p)) {
        add_peak(side, excess);
        return 0;
    }
    double peaks = log(readings / side->count);
    double surprise = fmax(0, (peaks + rarity(&p, excess)) / log(10));
    double edge = excess_of(&p, fmax(0, risk * log(10) - peaks));
    add_peak(side, fmin(excess, edge));
    return surprise;
}

static void collect(struct state *s, double d, double quantile)
{
    size_t i = (size_t)s->rows - 1;
    for (; i > 0 && s->first[i - 1] > d; i--)
        s->first[i] = s->first[i - 1];
    s->first[i] = d;
    if (s->rows < FIRST)
        return;
    begin_side(&s->sides[0], s->first, 1, quantile);
    begin_side(&s->sides[1], s->first, -1, quantile);
}

static void judge(struct state *s, double d, double risk)
{
    for (int i = 0; i < 2; i++) {
        struct side *side = &s->sides[i];
        double excess = (i ? -d : d) - side->threshold;
        if (excess <= 0)
            continue;
        s->surprise = fmax(s->surprise, judge_side(side, s->rows, excess, risk));
    }
}

static double step(const double *params, void *state, double time, const double *values,
                   size_t n)
{
    (void)time, (void)n;
    struct state *s = state;
    double x = values[0];
    if (s->rows++ == 0)
        s->average = x;
    double d = s->value = x - s->average;
    s->surprise = 0;
    if (s->rows <= FIRST)
        collect(s, d, params[QUANTILE]);
    else
        judge(s, d, params[RISK]);
    s->average += fmax(1 / params[MEMORY], 1 / s->rows) * d;
    return isinf(s->surprise) ? 1 : s->surprise / (s->surprise + params[RISK]);
}

static struct detector_reason reason(const double *params, const void *state)
{
    (void)params;
    const struct state *s = state;
    return (struct detector_reason){
        .what = "deviation from the moving mean",
        .value = s->value,
        .low = -s->sides[1].threshold,
        .high = s->sides[0].threshold,
        .where = "",
        .readings = pow(10, s->surprise),
    };
}

static size_t size(const double *params, size_t n)
{
    (void)params, (void)n;
    return sizeof(struct state);
}

const struct detector detector_spot = {
    .name = "spot",
    .help = "a peak that is rarer than a chosen risk",
    .reference = "Siffer et al. 2017",
    .params = rows,
    .n_params = PARAMS,
    .size = size,
    .step = step,
    .reason = reason,
};
