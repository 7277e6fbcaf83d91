/* auto: five views of a signal under one score.
 *
 *   d1 = x - EWMA(x), long      leaves its level
 *   d2 = x - EWMA(x), short     jumps
 *   d3 = x - mean of this quarter of an hour of the day   leaves its daily course
 * (season.c) d4 = EWMA(d3)               leaves it for hours, by however little d5 =
 * readings since the last change                   stands still
 *
 * Each is judged by how rare it is (tail.c), d1 to d4 upwards and downwards; the rarest
 * counts: score = s / (s + risk), s = -log10 of its probability. Readings of d4 overlap, so
 * that there are fewer of them; d5 is no rarer than REPEATS to the power of its length. d3
 * and d4 speak after they have been learning for as many days as the daily course needs.
 *
 * An anomaly is said once: after an alarm the score is 0 for `silence` readings, each view
 * that took part until it has been back in its usual range, and d3 and d4 again a
 * day later, for the mean of that hour has learned from it.
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
    [RISK] = {"risk", "alarm where a reading is rarer than 10^-risk", 3.6, 1, 12},
    [SILENCE] = {"silence", "readings after an alarm without another", 60, 0, 1e6},
    [MEMORY] = {"memory", "readings that the moving mean looks back", 200, 2, 1e6},
    [QUICK] = {"quick", "readings that the quick mean looks back", 20, 2, 1e4},
    [DAYS] = {"days", "days that make a daily course; it counts after as many again", 3, 1,
              365},
    [LASTING] = {"lasting", "readings over which a lasting deviation is averaged", 24, 2,
                 1e4},
};
_Static_assert(sizeof rows / sizeof *rows == PARAMS, "a row for each parameter");

enum view { FROM_MEAN, JUMP, FROM_DAY, FOR_LONG, STILL, VIEWS };

static const char *const where[VIEWS] = {
    [FROM_MEAN] = "lately",
    [JUMP] = "at the moment",
    [FROM_DAY] = "at this hour",
    [FOR_LONG] = "at this hour, on average over the last readings",
    [STILL] = "",
};

static const double DAY_WEIGHT = 0.1;
static const double DAY = 86400, ECHO = 2 * 3600; /* s */
static const double ROUNDING = 1e-9; /* of the range: a deviation that is none */
static const double REPEATS = 0.9;   /* of the readings, at least, repeat the one before */
static const double YOUNG = 100;     /* readings */

struct state {
    struct tail tails[STILL][2], stills;
    struct season season;
    double rows, mean, quick, lasting, low, high, last;
    double course;                    /* the time since when the daily course is known */
    double still, repeats;            /* readings like the one before: by now, ever */
    double since, alarm;              /* readings; the time of the last one */
    double value, expected, surprise; /* of the last reading */
    enum view view;                   /* that was surprised most */
    bool still_said;
};

static void begin(struct state *s, double x)
{
    s->mean = s->quick = s->low = s->high = x;
    s->since = INFINITY;
    s->course = s->alarm = NAN;
}

/* ---- the views ---- */

static void tell(struct state *s, enum view view, double surprise, double x,
                 double expected)
{
    if (surprise <= s->surprise)
        return;
    s->surprise = surprise;
    s->view = view;
    s->value = x;
    s->expected = expected;
}

static double rounding(const struct state *s)
{
    return ROUNDING * (s->high - s->low);
}

/* How rare the deviation is, which is taken in. */
static double judge(struct state *s, enum view view, double d)
{
    struct tail *tails = s->tails[view];
    if (fabs(d) <= rounding(s))
        d = 0;
    double surprise = fmax(tail_surprise(&tails[0], d), tail_surprise(&tails[1], -d));
    tail_learn(&tails[0], d);
    tail_learn(&tails[1], -d);
    return surprise;
}

static void look_at_level(const double *params, struct state *s, double x)
{
    tell(s, FROM_MEAN, judge(s, FROM_MEAN, x - s->mean), x, s->mean);
    tell(s, JUMP, judge(s, JUMP, x - s->quick), x, s->quick);
    s->mean += fmax(1 / params[MEMORY], 1 / s->rows) * (x - s->mean);
    s->quick += (x - s->quick) / params[QUICK];
}

static bool is_course_known(const double *params, struct state *s, double time)
{
    if (!(time >= s->course))
        s->course = time;
    return time - s->course >= params[DAYS] * DAY;
}

static void look_at_day(const double *params, struct state *s, double time, double x)
{
    double usual;
    if (season_expect(&s->season, time, params[DAYS], &usual)) {
        s->lasting += (x - usual - s->lasting) / params[LASTING];
        double now = judge(s, FROM_DAY, x - usual);
        double lasting = judge(s, FOR_LONG, s->lasting);
        if (lasting > 0)
            lasting -= log10(params[LASTING]) / 2;
        if (is_course_known(params, s, time)) {
            tell(s, FROM_DAY, now, x, usual);
            tell(s, FOR_LONG, lasting, usual + s->lasting, usual);
        }
    }
    season_learn(&s->season, time, x, DAY_WEIGHT);
}

/* Where it has hardly ever stood, a second time may be twice as long. */
static double judge_still(const struct state *s)
{
    if (s->still == 0 || s->still_said || s->rows < YOUNG)
        return 0;
    double chance = -s->still * log10(fmax(REPEATS, (s->repeats + 1) / s->rows));
    if (isnan(tail_usual(&s->stills)))
        return s->still > 2 * s->stills.peaks[0] ? chance : 0;
    return fmin(chance, tail_surprise(&s->stills, s->still));
}

static void look_at_change(struct state *s, double x)
{
    bool same = s->rows > 1 && fabs(x - s->last) <= rounding(s);
    s->still = same ? s->still + 1 : 0;
    s->repeats += same;
    s->still_said = s->still_said && same;
    s->last = x;
    tell(s, STILL, judge_still(s), s->still, 0);
    tail_learn(&s->stills, s->still);
}

/* ---- an alarm is said once ---- */

static bool is_echo(const struct state *s, double time)
{
    bool of_day = s->view == FROM_DAY || s->view == FOR_LONG;
    return of_day && fabs(time - s->alarm - DAY) < ECHO;
}

/* What is back in its usual range forgets it with the next reading. */
static void mark_as_said(struct state *s)
{
    for (int view = 0; view < STILL; view++)
        for (int side = 0; side < 2; side++)
            tail_say(&s->tails[view][side]);
    s->still_said = s->still_said || s->view == STILL;
}

static double say(struct state *s, double time, double score, double silence)
{
    s->since++;
    if (score < 0.5)
        return score;
    mark_as_said(s);
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
    if (s->rows++ == 0)
        begin(s, x);
    s->low = fmin(s->low, x);
    s->high = fmax(s->high, x);
    s->surprise = 0;
    s->view = FROM_MEAN;
    s->value = x;
    s->expected = s->mean;
    look_at_level(params, s, x);
    look_at_day(params, s, time, x);
    look_at_change(s, x);
    return say(s, time, tail_score(s->surprise, params[RISK]), params[SILENCE]);
}

static struct detector_reason reason(const double *params, const void *state)
{
    (void)params;
    const struct state *s = state;
    struct detector_reason why = {
        .what = "value",
        .value = s->value,
        .where = where[s->view],
        .readings = pow(10, s->surprise),
    };
    if (s->view == STILL) {
        why.what = "readings without a change";
        why.high = tail_usual(&s->stills);
        return why;
    }
    why.low = s->expected - tail_usual(&s->tails[s->view][1]);
    why.high = s->expected + tail_usual(&s->tails[s->view][0]);
    return why;
}

static size_t size(const double *params, size_t n)
{
    (void)params, (void)n;
    return sizeof(struct state);
}

extern const struct detector detector_several;

const struct detector detector_auto = {
    .name = "auto",
    .help = "the default: leaves its recent level or its daily course, or stands still, as "
            "it never did",
    .reference = "Siffer et al. 2017; Ahmad et al. 2017",
    .params = rows,
    .n_params = PARAMS,
    .several = &detector_several,
    .size = size,
    .step = step,
    .reason = reason,
};
