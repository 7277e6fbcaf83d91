/* Sensors and the twin's model disagree for longer than chance allows.
 *
 * Of each sensor the mean of the normalised innovations squared, weighted exponentially
 * over `window`, is compared with what it usually is. Under a true model innovations are
 * white, and the mean's law is by Satterthwaite's (1946) approximation 1/h times a
 * chi-square with h = (sum w)^2 / sum w^2 degrees of freedom. Those of real twins are
 * neither white nor of the variance that the filter says, so its level M and variance V are
 * learned over MEMORY windows; h is then 2 M^2 / V, the effective number, and never more
 * than the white one. Until WARM windows were seen the model is believed: M is 1, or what
 * was seen if that is more.
 *
 * On the twin two things count once, as one test of two: the sensors' means over their own
 * levels, weighted by their h and put together, which is treated in the same way; and the
 * least probable single sensor (Bonferroni). Only sensors that have warmed up count.
 *
 * A fault is learned slowly, and as no more than a few times what is usual.
 *
 * Up when the probability is below `probability`, down when it is above the square root of
 * that. */
#include "twind/rule.h"
#include "twind/stats.h"

#include <math.h>
#include <stdio.h>

enum { PROBABILITY, WINDOW, PARAMS };
enum { MEMORY = 200, WARM = 24, PRIOR = 10, SILENT = 3 }; /* windows */

/* While up: how slowly it is learned, and of how much at most, in levels. */
static const double reluctance = 0.25, most = 3;

/* What a mean over the window usually is. */
struct usual {
    double mean, square; /* of it and of its square */
    double learned;      /* s */
};

struct watch {
    double last, sum, weight, weight2;
    double chance; /* of its last mean */
    struct usual usual;
};

struct state {
    double chance;       /* the verdict's; 0 at the start, when `last` is */
    double last;         /* when it was made */
    double worst, share; /* sensor that contributes most, of all excess */
    struct usual together;
    struct watch each[];
};

/* ---- what is usual ---- */

static bool is_warm(const struct usual *usual, double window)
{
    return usual->learned >= WARM * window;
}

static double level(const struct usual *usual, double window)
{
    return is_warm(usual, window) ? usual->mean : fmax(usual->mean, 1);
}

/* Degrees of freedom: what was seen, with the white number as the prior. */
static double freedom(const struct usual *usual, double window, double white)
{
    double seen = usual->learned / (2 * window), square = usual->mean * usual->mean;
    double spread = square > 0 ? fmax(usual->square / square - 1, 0) : 0;
    spread = (PRIOR * 2 / white + seen * spread) / (PRIOR + seen);
    return fmin(2 / spread, white);
}

/* The memory grows with time, so that how it began is soon forgotten. */
static void learn(struct usual *usual, double value, double passed, double window)
{
    usual->learned += passed;
    double rate = usual->learned > 0 ? fmax(1 / (MEMORY * window), 2 / usual->learned)
                                     : (double)INFINITY;
    double share = usual->learned > 0 ? 1 - exp(-passed * rate) : 1;
    usual->mean += share * (value - usual->mean);
    usual->square += share * (value * value - usual->square);
}

/* The probability of so great a value; it is taken in. */
static double judge(struct usual *usual, double value, double white, double passed,
                    const double *params)
{
    double window = params[WINDOW], usually = level(usual, window);
    double h = freedom(usual, window, white);
    double chance = stats_chi_square_tail(h * value / usually, h);
    passed = fmin(passed, window);
    if (chance < params[PROBABILITY])
        learn(usual, fmin(value, most * usually), reluctance * passed, window);
    else
        learn(usual, value, passed, window);
    return chance;
}

/* ---- one sensor ---- */

static double mean_of(const struct watch *w)
{
    return w->sum / w->weight;
}

static double white_of(const struct watch *w)
{
    return w->weight * w->weight / w->weight2;
}

static void take(struct watch *w, const struct rule_sensor *sensor, const double *params)
{
    double passed = w->weight > 0 ? fmax(sensor->time - w->last, 0) : 0;
    double fade = w->weight > 0 ? exp(-passed / params[WINDOW]) : 0;
    w->last = sensor->time;
    w->sum = w->sum * fade + sensor->surprise * sensor->surprise;
    w->weight = w->weight * fade + 1;
    w->weight2 = w->weight2 * fade * fade + 1;
    w->chance = judge(&w->usual, mean_of(w), white_of(w), passed, params);
}

/* ---- the twin ---- */

/* What the sensors that are warm and not silent say. */
struct chorus {
    double freedom, sum; /* of their degrees; of means over levels, times these */
    double excess;       /* of all that are above their level */
    size_t n;
    struct voice {
        size_t sensor;
        double chance, over;
    } loudest, rarest; /* the greatest excess; the least chance */
};

static void add(struct chorus *c, const struct watch *w, size_t index, double window)
{
    double h = freedom(&w->usual, window, white_of(w));
    double over = h * (mean_of(w) / level(&w->usual, window) - 1);
    c->n++;
    c->freedom += h;
    c->sum += h + over;
    c->excess += fmax(over, 0);
    const struct voice voice = {index, w->chance, fmax(over, 0)};
    if (c->n == 1 || voice.over > c->loudest.over)
        c->loudest = voice;
    if (c->n == 1 || voice.chance < c->rarest.chance)
        c->rarest = voice;
}

static void judge_twin(struct state *s, const double *params, const struct rule_input *in)
{
    double window = params[WINDOW];
    double passed = s->last > 0 ? fmax(in->time - s->last, 0) : 0;
    struct chorus c = {0};
    for (size_t i = 0; i < in->n_sensors; i++)
        if (is_warm(&s->each[i].usual, window) &&
            in->time - s->each[i].last <= SILENT * window)
            add(&c, &s->each[i], i, window);
    if (c.n == 0)
        return;
    double all = judge(&s->together, c.sum / c.freedom, c.freedom, passed, params);
    double one = (double)c.n * c.rarest.chance;
    const struct voice *worst = one < all ? &c.rarest : &c.loudest;
    s->chance = fmin(1, 2 * fmin(all, one));
    s->last = in->time;
    s->worst = (double)worst->sensor;
    s->share = c.excess > 0 ? worst->over / c.excess : 0;
}

static struct rule_verdict step(const double *params, double *state,
                                const struct rule_input *in)
{
    struct state *s = (struct state *)(void *)state;
    struct rule_verdict verdict = {
        .answer = RULE_UNKNOWN, .value = NAN, .limit = params[PROBABILITY]};
    bool any = false;
    for (size_t i = 0; i < in->n_sensors; i++) {
        if (!in->sensors[i].fresh || isnan(in->sensors[i].surprise))
            continue;
        take(&s->each[i], &in->sensors[i], params);
        any = true;
    }
    if (any && in->n == 0) {
        judge_twin(s, params, in);
    } else if (any) {
        s->chance = s->each[0].chance;
        s->last = in->time;
    }
    if (s->last <= 0)
        return verdict;
    verdict.value = s->chance;
    verdict.answer = s->chance < params[PROBABILITY]         ? RULE_UP
                     : s->chance > sqrt(params[PROBABILITY]) ? RULE_DOWN
                                                             : RULE_BETWEEN;
    return verdict;
}

static size_t state_size(const double *params, size_t n)
{
    (void)params;
    return (sizeof(struct state) + n * sizeof(struct watch)) / sizeof(double);
}

static void explain(const double *params, const double *state, const char *const *names,
                    size_t n, char text[RULE_REASON])
{
    const struct state *s = (const struct state *)(const void *)state;
    size_t worst = (size_t)s->worst;
    (void)params;
    if (n == 0 || worst >= n)
        text[0] = '\0';
    else if (s->share > 0)
        snprintf(text, RULE_REASON,
                 "the sensors disagree with the model, mostly %.100s (%.0f %%)",
                 names[worst], 100 * s->share);
    else
        snprintf(text, RULE_REASON, "%.100s disagrees with the model", names[worst]);
}

static const struct rule_row params[] = {
    [PROBABILITY] = {"probability", "up when chance alone would do this less often",
                     RULE_FRACTION, 1e-6, 1e-12, 0.5, false, NULL},
    [WINDOW] = {"window",
                "over which the disagreement is judged, beside what it was over the last "
                "200 of them",
                RULE_DURATION, 3600, 1, 31536000, false, NULL},
};

_Static_assert(sizeof params / sizeof *params == PARAMS, "one row a parameter");

const struct rule_type rule_deviation = {
    .name = "deviation",
    .help = "a sensor, or without `on` all of them together, and the twin's model disagree "
            "for longer than chance allows",
    .params = params,
    .n_params = PARAMS,
    .scope = RULE_ON_EITHER,
    .sensor_only = true,
    .asks_sensors = true,
    .state_size = state_size,
    .step = step,
    .bears_steps = true,
    .explain = explain,
    .unit = "",
    .message = "{reason}: probability {value}, limit {limit}",
};
