/* auto: four views of a signal under one score.
 *
 *   d1 = x - EWMA(x), long      leaves its level
 *   d2 = x - EWMA(x), short     jumps
 *   d3 = x - mean of this quarter of an hour of the day   leaves its daily course
 *   d4 = EWMA(d3)               leaves it for hours, by however little
 *
 * Each is judged by how rare it is (tail.c), upwards and downwards; the rarest counts:
 * score = s / (s + risk), s = -log10 of its probability. An anomaly is said once: after an
 * alarm the score is 0 for `silence` readings, and for d3 and d4 again a day later, for the
 * mean of that hour has learned from it.
 *
 * Extreme values in streams: Siffer, Fouque, Termier, Largouet 2017, "Anomaly detection in
 * streams with extreme value theory", KDD. What a streaming detector owes its user: Ahmad,
 * Lavin, Purdy, Agha 2017, "Unsupervised real-time anomaly detection for streaming data",
 * Neurocomputing 262. Valid for signals that look back on some hundred readings; d3 and d4
 * join after some days. */
#include "twind/detector.h"
#include "twind/season.h"
#include "twind/tail.h"

#include <math.h>

enum param { RISK, SILENCE, MEMORY, QUICK, DAYS, LASTING, PARAMS };

static const struct detector_row rows[PARAMS] = {
    [RISK] = {"risk", "alarm where a reading is rarer than 10^-risk", 4.1, 1, 12},
    [SILENCE] = {"silence", "readings after an alarm without another", 60, 0, 1e6},
    [MEMORY] = {"memory", "readings that the moving mean looks back", 250, 2, 1e6},
    [QUICK] = {"quick", "readings that the quick mean looks back", 16, 2, 1e4},
    [DAYS] = {"days", "days before the daily course counts", 2, 1, 365},
    [LASTING] = {"lasting", "readings over which a lasting deviation is averaged", 24, 2,
                 1e4},
};
_Static_assert(sizeof rows / sizeof *rows == PARAMS, "a row for each parameter");

enum view { FROM_MEAN, JUMP, FROM_DAY, FOR_LONG, VIEWS };

static const char *const where[VIEWS] = {
    [FROM_MEAN] = "lately",
    [JUMP] = "at the moment",
    [FROM_DAY] = "at this hour",
    [FOR_LONG] = "at this hour, on average over the last readings",
};

static const double DAY_WEIGHT = 0.1;
static const double DAY = 86400, ECHO = 2 * 3600; /* s */
static const double ROUNDING = 1e-9; /* of the range: a deviation that is none */

struct state {
    struct tail tails[VIEWS][2];
    struct season season;
    double rows, mean, quick, lasting, low, high;
    double since, alarm;              /* readings; the time of the last one */
    double value, expected, surprise; /* of the last reading */
    enum view view;                   /* that was surprised most */
};

/* Judges the deviation of `x` from what is expected, and takes it in. */
static void look(struct state *s, enum view view, double x, double expected)
{
    double d = x - expected;
    if (fabs(d) <= ROUNDING * (s->high - s->low))
        d = 0;
    for (int side = 0; side < 2; side++) {
        double out = side ? -d : d;
        double surprise = tail_surprise(&s->tails[view][side], out);
        tail_learn(&s->tails[view][side], out);
        if (surprise > s->surprise || (view == 0 && side == 0)) {
            s->surprise = surprise;
            s->view = view;
            s->value = x;
            s->expected = expected;
        }
    }
}

static void look_at_day(const double *params, struct state *s, double time, double x)
{
    double usual;
    if (season_expect(&s->season, time, params[DAYS], &usual)) {
        look(s, FROM_DAY, x, usual);
        s->lasting += (x - usual - s->lasting) / params[LASTING];
        look(s, FOR_LONG, usual + s->lasting, usual);
    }
    season_learn(&s->season, time, x, DAY_WEIGHT);
}

static bool is_echo(const struct state *s, double time)
{
    bool of_day = s->view == FROM_DAY || s->view == FOR_LONG;
    return of_day && fabs(time - s->alarm - DAY) < ECHO;
}

/* An alarm is said once. */
static double say(struct state *s, double time, double score, double silence)
{
    s->since++;
    if (score < 0.5)
        return score;
    if (s->since < silence)
        return 0;
    bool echo = is_echo(s, time);
    s->alarm = time;
    if (echo)
        return 0;
    s->since = 0;
    return score;
}

static double step(const double *params, void *state, double time, const double *values,
                   size_t n)
{
    (void)n;
    struct state *s = state;
    double x = values[0];
    if (s->rows++ == 0) {
        s->mean = s->quick = s->low = s->high = x;
        s->since = INFINITY;
        s->alarm = NAN;
    }
    s->low = fmin(s->low, x);
    s->high = fmax(s->high, x);
    look(s, FROM_MEAN, x, s->mean);
    look(s, JUMP, x, s->quick);
    s->mean += fmax(1 / params[MEMORY], 1 / s->rows) * (x - s->mean);
    s->quick += (x - s->quick) / params[QUICK];
    look_at_day(params, s, time, x);
    return say(s, time, tail_score(s->surprise, params[RISK]), params[SILENCE]);
}

static struct detector_reason reason(const double *params, const void *state)
{
    (void)params;
    const struct state *s = state;
    return (struct detector_reason){
        .what = "value",
        .value = s->value,
        .low = s->expected - tail_usual(&s->tails[s->view][1]),
        .high = s->expected + tail_usual(&s->tails[s->view][0]),
        .where = where[s->view],
        .readings = pow(10, s->surprise),
    };
}

static size_t size(const double *params, size_t n)
{
    (void)params, (void)n;
    return sizeof(struct state);
}

const struct detector detector_auto = {
    .name = "auto",
    .help = "the default: leaves its recent level or its daily course, as it never did",
    .reference = "Siffer et al. 2017; Ahmad et al. 2017",
    .params = rows,
    .n_params = PARAMS,
    .size = size,
    .step = step,
    .reason = reason,
};
