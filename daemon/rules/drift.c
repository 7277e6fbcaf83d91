/* A slow value leaves its band: an estimated parameter, an index of wear, any signal.
 *
 * The value is smoothed exponentially over `window` w. With `above` or `below` the band is
 * given; else it is `by` (and `share` of it) about the reference: the mean over the first
 * `reference` r of the rule's life, each value weighted by 1 / sd^2 and its time. The
 * reference then stands, for one that followed would follow the drift.
 *
 * Up when the band is left by `sure` standard deviations, down when the value lies in it
 * again. The variance is the sum of
 *   - the estimate's own, now and (of the reference) when that was ready;
 *   - the scatter of the smoothed value, half the mean square of its changes over 2 w (von
 *     Neumann 1941), which a slow drift hardly enters; (1 + 2 w / r) times with reference.
 * While few changes were seen, that is widened as Student's law is beside the normal one.
 *
 * Without a known value no time passes. What has a day's rhythm wants a window of a day or
 * more. */
#include "limits.h"
#include "twind/rule.h"

#include <math.h>
#include <stdio.h>

enum { ABOVE, BELOW, BY, SHARE, REFERENCE, WINDOW, SURE, PARAMS };

struct state {
    double last;         /* time of the last known value; 0: none yet */
    double lived;        /* s that it was known */
    double smooth;       /* the value */
    double weight, mean; /* the reference, and what it weighs */
    double sd;           /* of its last value */
    double anchor, then; /* the smoothed value as it was, and at which `lived` */
    double scatter, n;   /* half the mean square of n changes of it */
    double of;           /* the standard deviation at the last step */
};
enum {
    MEMORY = 60, /* changes that are remembered */
    ENOUGH = 4,  /* of them to know a jump: MOST times the scatter */
    MOST = 9,
};
enum { STATE = sizeof(struct state) / sizeof(double) };

static bool has_reference(const double *params)
{
    return isnan(params[ABOVE]) && isnan(params[BELOW]);
}

static double known_sd(const struct rule_input *in)
{
    return in->sd > 0 ? in->sd : 0;
}

/* Time since the last known value; none passes over a gap that is longer than the window.
 */
static double passed_since(const struct state *s, const double *params, double time)
{
    double passed = time - s->last;
    return s->last > 0 && passed > 0 && passed <= params[WINDOW] ? passed : 0;
}

static void learn_reference(struct state *s, double value, double sd, double passed)
{
    double weight = passed / (sd > 0 ? sd * sd : 1);
    s->weight += weight;
    if (s->weight > 0)
        s->mean += weight / s->weight * (value - s->mean);
    s->sd = sd;
}

/* Begins when the smoothing has settled. */
static void learn_scatter(struct state *s, double window)
{
    double change = s->smooth - s->anchor;
    if (s->lived - s->then < 2 * window)
        return;
    if (s->then > 0) {
        double square = change * change / 2;
        if (s->n >= ENOUGH && s->scatter > 0) /* a jump is no scatter */
            square = fmin(square, MOST * s->scatter);
        s->n = fmin(s->n + 1, MEMORY);
        s->scatter += (square - s->scatter) / s->n;
    }
    s->anchor = s->smooth;
    s->then = s->lived;
}

static void take(struct state *s, const double *params, const struct rule_input *in)
{
    double passed = passed_since(s, params, in->time);
    if (s->last <= 0)
        s->smooth = s->mean = in->value;
    s->last = in->time;
    s->lived += passed;
    s->smooth += (1 - exp(-passed / params[WINDOW])) * (in->value - s->smooth);
    learn_scatter(s, params[WINDOW]);
    if (has_reference(params) && s->lived <= params[REFERENCE])
        learn_reference(s, in->value, known_sd(in), passed);
}

/* Student's quantiles beside the normal ones, for 2 to 4 standard deviations. */
static double widened(double n)
{
    return 1 + 2.5 / n + 6 / (n * n);
}

static double deviation(const struct state *s, const double *params, double sd)
{
    double share = has_reference(params) ? 2 * params[WINDOW] / params[REFERENCE] : 0;
    double wide = widened(fmax(s->n, 1));
    return sqrt(sd * sd + s->sd * s->sd + s->scatter * (1 + share) * wide * wide);
}

/* How far the value lies beyond the upper (+1) or lower (-1) end; NAN: there is none. */
static double beyond(const struct state *s, const double *params, int side, double *limit)
{
    double by = (isnan(params[BY]) ? 0 : params[BY]) +
                (isnan(params[SHARE]) ? 0 : params[SHARE] * fabs(s->mean));
    *limit = has_reference(params) ? s->mean + side * by
             : side > 0            ? params[ABOVE]
                                   : params[BELOW];
    return side * (s->smooth - *limit);
}

static struct rule_verdict step(const double *params, double *state,
                                const struct rule_input *in)
{
    struct state *s = (struct state *)(void *)state;
    struct rule_verdict verdict = {.answer = RULE_UNKNOWN, .value = NAN, .limit = NAN};
    double upper, lower;
    if (isnan(in->value))
        return verdict;
    take(s, params, in);
    verdict.value = s->smooth;
    verdict.answer = RULE_DOWN;
    if (s->n == 0 || (has_reference(params) && s->lived <= params[REFERENCE]))
        return verdict;
    double over = beyond(s, params, +1, &upper), under = beyond(s, params, -1, &lower);
    bool high = !(under > over);
    double far = high ? over : under;
    s->of = deviation(s, params, known_sd(in));
    verdict.limit = high ? upper : lower;
    verdict.answer = far > 0 && far >= params[SURE] * s->of ? RULE_UP
                     : far > 0                              ? RULE_BETWEEN
                                                            : RULE_DOWN;
    return verdict;
}

static void explain(const double *params, const double *state, const char *const *names,
                    size_t n, char text[RULE_REASON])
{
    const struct state *s = (const struct state *)(const void *)state;
    const double day = 86400;
    (void)names, (void)n;
    if (has_reference(params))
        snprintf(text, RULE_REASON, "it was %.4g in its first %.3g days (sd now %.2g)",
                 s->mean, params[REFERENCE] / day, s->of);
    else
        snprintf(text, RULE_REASON, "its sd is %.2g", s->of);
}

static bool check(const double *params, struct err *e)
{
    bool change = !isnan(params[BY]) || !isnan(params[SHARE]);
    if (has_reference(params) != change)
        return err_set(e, "give either a band (above, below) or a change (by, share)");
    if (!limits_check_order(params[ABOVE], params[BELOW], e))
        return false;
    if (has_reference(params) && params[REFERENCE] < 2 * params[WINDOW])
        return err_set(e, "reference (%g s) must be at least twice the window (%g s)",
                       params[REFERENCE], params[WINDOW]);
    return true;
}

static const struct rule_row params[] = {
    [ABOVE] = {"above", "up when the smoothed value is surely greater", RULE_SIGNAL, NAN,
               -1e12, 1e12, false, NULL},
    [BELOW] = {"below", "up when it is surely smaller", RULE_SIGNAL, NAN, -1e12, 1e12,
               false, NULL},
    [BY] = {"by",
            "without above and below: up when it has surely changed by more than this; 0: "
            "at all",
            RULE_SIGNAL, NAN, 0, 1e12, false, NULL},
    [SHARE] = {"share", "the same as a share of what it was", RULE_FRACTION, NAN, 0, 10,
               false, NULL},
    [REFERENCE] = {"reference", "how long it is learned what it was, from the beginning",
                   RULE_DURATION, 1209600, 60, 31536000, false, NULL},
    [WINDOW] = {"window", "over which the value is smoothed", RULE_DURATION, 86400, 1,
                31536000, false, NULL},
    [SURE] = {"sure", "by so many standard deviations", RULE_NUMBER, 3, 0, 100, false,
              NULL},
};

_Static_assert(sizeof params / sizeof *params == PARAMS, "one row a parameter");

const struct rule_type rule_drift = {
    .name = "drift",
    .help = "a slow value, such as an estimated parameter or an index of wear, leaves its "
            "band, or what it was in the beginning, by more than chance",
    .params = params,
    .n_params = PARAMS,
    .asks_sd = true,
    .n_state = STATE,
    .step = step,
    .check = check,
    .bears_steps = true,
    .explain = explain,
    .message = "{on} has drifted to {value} {unit}, limit {limit} {unit}: {reason}",
};
