/* t2: several signals together, by the moving mean of all and by the scatter around it.
 *
 *   u = (x - mean) / sd,  R = E[u u'],  P = (R + ridge I)^-1
 *   z = lambda u + (1 - lambda) z,  w_i = z_i / sd(z_i) sd(u_i)
 *   T2 = w' P w                 the level of all signals together has moved
 *   Q  = moving mean of u' P u  they scatter more, or go together in another way
 *
 * Lowry, Woodall, Champ, Rigdon 1992, "A multivariate exponentially weighted moving average
 * control chart", Technometrics 34. Q is a soft form of the squared prediction error of
 * Jackson, Mudholkar 1979, Technometrics 21: directions in which the signals hardly move
 * count most, without a choice of how many there are. z is judged by its own scatter, for
 * readings that depend on the ones before make it greater than lambda / (2 - lambda).
 *
 * The cube root of each is nearly normal (Wilson, Hilferty 1931, Proc. Natl. Acad. Sci.
 * 17): its mean and sd over an epoch of usual rows, each half as long again as the one
 * before, say how rare a value is. Between epochs they stand still, so that a slow ramp
 * does not teach its own limit. What few rows make of P, T2 and Q is taken off first.
 *
 * A row teaches only after DELAY rows without alarm, and less where one of them was
 * suspicious; in alarm only those signals learn that are as usual by themselves. So a fault
 * stays one as long as it lasts, but what was reached in each of the last two blocks of
 * half the `patience` is no alarm any more and teaches. A missing value is what the others
 * say. Valid for up to 64 signals around one operating point; it counts rows, not time. */
#include "twind/detector.h"
#include "twind/baseline.h"
#include "twind/spd.h"
#include "twind/stats.h"
#include "twind/tail.h"

#include <math.h>
#include <string.h>

enum param { LAMBDA, RISK, MEMORY, YOUNG, PATIENCE, PARAMS };
enum { DELAY = 48, UNSETTLED = 10 }; /* rows; the first means say nothing */

static const struct detector_row rows[PARAMS] = {
    [LAMBDA] = {"lambda", "weight of a reading in the moving mean", 0.1, 0.001, 1},
    [RISK] = {"risk", "alarm where all signals together are rarer than 10^-risk", 4, 1,
              100},
    [MEMORY] = {"memory", "readings over which what is usual is learned", 3000, 10, 1e7},
    [YOUNG] = {"young", "readings before it speaks; at least 1.5 a signal", 100, 20, 1e6},
    [PATIENCE] = {"patience", "readings after which what came again and again is usual",
                  2000, 20, 1e7},
};
_Static_assert(sizeof rows / sizeof *rows == PARAMS, "a row for each parameter");

static const double MOST = 10;  /* standard deviations that a reading counts */
static const double TAUGHT = 5; /* and that it teaches */
static const double RIDGE = 3e-4, RIDGE_YOUNG = 0.1;
static const double LAG = 0.15;      /* of all rows: the delay while they are few */
static const double LESS = 0.1;      /* that a row teaches near a suspicious one */
static const double SUSPECT = 2;     /* surprise */
static const double CLEAR = 0.3;     /* of the risk, below which an alarm ends */
static const double OWN_USUAL = 2.5; /* standard deviations of a signal's moving mean */
static const double MARGIN = 1.2;    /* of what was reached before */
static const double WINDUP = 12;     /* standard deviations that a chart may be out */

enum chart_name { LEVEL, SCATTER, CHARTS };

/* How much greater a chart is for each signal a row, beyond what a Wishart matrix says. */
static const double excess[CHARTS] = {[LEVEL] = 0.4, [SCATTER] = 0.2};

/* Rows of an epoch that halve a deviation: in Q neighbours share twice as many readings. */
static const double halve[CHARTS] = {[LEVEL] = 20, [SCATTER] = 40};

struct chart {
    struct baseline usual, next; /* of the epoch before, of the present one */
    double scale;                /* from the statistic to what is charted, cubed */
    double spread, few;          /* least sd, of the mean; rows that halve a deviation */
    double value, surprise;
    double whole;           /* value, without unwind() */
    double before, present; /* greatest in alarm, in the block before and in this one */
    double often;           /* reached in each of the last two blocks */
};

struct signal {
    struct baseline usual;
    double z, whole;         /* the moving mean, and as it is without unwind() */
    double taught, smoothed; /* the same of the row that is learned */
    double scatter;          /* E[smoothed^2] */
    double weight;           /* takes z to units in which its covariance is R */
    double shares[CHARTS];
};

struct state {
    double n, rows, learned;
    double calm, up;                 /* rows since something was suspicious, and in alarm */
    double next;                     /* the row to be learned */
    double t2, q, whole_t2, whole_q; /* the latter without unwind() */
    struct chart charts[CHARTS];
    struct signal signals[]; /* behind them R, P (n x n) and the rows to be learned */
};

static double *correlation(struct state *s)
{
    return (double *)(void *)(s->signals + (size_t)s->n);
}

static double *precision(struct state *s)
{
    return correlation(s) + (size_t)s->n * (size_t)s->n;
}

/* Values and charts of a row that waits to be learned. */
static double *waiting(struct state *s, double row)
{
    size_t n = (size_t)s->n, place = (size_t)fmod(row, DELAY);
    return precision(s) + n * n + place * (n + CHARTS);
}

static double clip(double x, double most)
{
    return fmin(fmax(x, -most), most);
}

static double ridge_of(struct state *s, size_t i)
{
    double young = s->n / (s->learned + 1);
    bool stood = correlation(s)[i * (size_t)s->n + i] < 1e-3;
    return RIDGE + RIDGE_YOUNG * young * young + (stood ? 1 : 0);
}

/* What so few rows make of a chart: the mean of the inverse of a Wishart matrix, with the
 * degrees of freedom that the ridge leaves; and what a mean of chi-squares scatters at
 * least, though few rows that depend on each other show less. */
static void scale_chart(struct state *s, enum chart_name k, double learned, double free,
                        double lambda)
{
    struct chart *c = &s->charts[k];
    double mean = k == LEVEL ? 1 : lambda / 2 / (2 - lambda / 2);
    c->scale = fmax(learned - free - 1, free / 2) / learned * s->n / fmax(free, 0.1) /
               pow(1 + excess[k] * s->n / learned, 3);
    c->spread = sqrt(2 / s->n * mean) / 3;
    c->few = halve[k];
}

static void factorise(struct state *s, const double *params)
{
    size_t n = (size_t)s->n;
    double *P = precision(s), free = 0, learned = fmin(s->learned, params[MEMORY]) + 1;
    memcpy(P, correlation(s), n * n * sizeof *P);
    for (size_t i = 0; i < n; i++)
        P[i * n + i] += ridge_of(s, i);
    spd_invert(n, P, P);
    for (size_t i = 0; i < n; i++)
        free += 1 - ridge_of(s, i) * P[i * n + i];
    for (enum chart_name k = 0; k < CHARTS; k++)
        scale_chart(s, k, learned, free, params[LAMBDA]);
}

/* ---- a row ---- */

/* What the others say of a signal that is missing. */
static double expected(const double *P, const double *u, size_t n, size_t i)
{
    double sum = 0;
    for (size_t j = 0; j < n; j++)
        sum += j == i ? 0 : P[i * n + j] * u[j];
    return P[i * n + i] > 0 ? -sum / P[i * n + i] : 0;
}

static void standardise(struct state *s, const double *values, double most, double *u)
{
    size_t n = (size_t)s->n;
    for (size_t i = 0; i < n; i++) {
        const struct baseline *usual = &s->signals[i].usual;
        bool known = !isnan(values[i]) && usual->rows > UNSETTLED;
        u[i] = known ? clip(baseline_deviation(usual, values[i]), most) : 0;
    }
    for (size_t i = 0; i < n; i++)
        if (isnan(values[i]))
            u[i] = clip(expected(precision(s), u, n, i), most);
}

static void move(struct signal *g, double u, double variance, double lambda)
{
    double own = lambda / (2 - lambda);
    g->z += lambda * (u - g->z);
    g->whole += lambda * (u - g->whole);
    g->weight = 1 / sqrt(variance > 0 ? fmax(g->scatter / variance, own) : own);
}

/* w' P w of the moving means, and each signal's part in it. */
static double level(struct state *s)
{
    size_t n = (size_t)s->n;
    const double *P = precision(s);
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        struct signal *g = &s->signals[i];
        double pull = 0;
        for (size_t j = 0; j < n; j++)
            pull += P[i * n + j] * s->signals[j].z * s->signals[j].weight;
        g->shares[LEVEL] = g->z * g->weight * pull;
        total += g->shares[LEVEL];
    }
    return total;
}

static double whole_level(struct state *s)
{
    size_t n = (size_t)s->n;
    const double *P = precision(s);
    double total = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            total += P[i * n + j] * s->signals[i].whole * s->signals[i].weight *
                     s->signals[j].whole * s->signals[j].weight;
    return total;
}

/* u' P u, and each signal's part in it. */
static double scatter(struct state *s, const double *u, double lambda)
{
    size_t n = (size_t)s->n;
    const double *P = precision(s);
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        struct signal *g = &s->signals[i];
        double error = 0;
        for (size_t j = 0; j < n; j++)
            error += P[i * n + j] * u[j];
        g->shares[SCATTER] += lambda / 2 * (u[i] * error - g->shares[SCATTER]);
        total += u[i] * error;
    }
    return fmin(total, 4 * s->n + 30);
}

static void look(struct state *s, const double *values, double lambda)
{
    size_t n = (size_t)s->n;
    const double *R = correlation(s);
    double u[SPD_MOST], row;
    standardise(s, values, MOST, u);
    for (size_t i = 0; i < n; i++)
        move(&s->signals[i], u[i], R[i * n + i], lambda);
    row = scatter(s, u, lambda);
    s->q += lambda / 2 * (row - s->q);
    s->whole_q += lambda / 2 * (row - s->whole_q);
    s->t2 = level(s);
    s->whole_t2 = s->up > 0 ? whole_level(s) : s->t2;
}

/* ---- how rare ---- */

static double surprise_of(const struct chart *c, const struct baseline *epoch)
{
    double sd = fmax(sqrt(epoch->variance), c->spread * epoch->mean);
    double d = (c->value - epoch->mean) / sd * epoch->rows / (epoch->rows + c->few);
    return d > 0 ? -log10(fmax(stats_normal(-d), 1e-300)) : 0;
}

static void chart_judge(struct chart *c, double statistic, double whole, double risk)
{
    c->value = cbrt(fmax(statistic, 0) * c->scale);
    c->whole = cbrt(fmax(whole, 0) * c->scale);
    c->surprise = c->usual.rows > 0 ? surprise_of(c, &c->usual) : 0;
    if (c->next.rows > DELAY)
        c->surprise = fmax(c->surprise, surprise_of(c, &c->next));
    if (c->surprise > risk)
        c->present = fmax(c->present, c->whole);
    if (c->whole <= c->often)
        c->surprise = 0;
}

static void chart_end_block(struct chart *c)
{
    c->often = MARGIN * fmin(c->before, c->present);
    c->before = c->present;
    c->present = 0;
}

static void chart_learn(struct chart *c, double value, double memory)
{
    baseline_learn(&c->next, value, memory);
    if (c->next.rows < fmin(fmax(60, 1.5 * c->usual.rows), memory))
        return;
    c->usual = c->next;
    c->next = (struct baseline){0};
}

/* The statistic that is WINDUP out, beyond which nothing is kept: an alarm ends soon after
 * its cause. */
static double most_of(const struct chart *c)
{
    return pow(c->usual.mean + WINDUP * sqrt(c->usual.variance), 3) / c->scale;
}

static void unwind(struct state *s)
{
    double most = most_of(&s->charts[LEVEL]);
    if (s->t2 > most)
        for (size_t i = 0; i < (size_t)s->n; i++)
            s->signals[i].z *= sqrt(most / s->t2);
    s->q = fmin(s->q, most_of(&s->charts[SCATTER]));
}

static void forget_whole(struct state *s)
{
    for (size_t i = 0; i < (size_t)s->n; i++)
        s->signals[i].whole = s->signals[i].z;
    s->whole_q = s->q;
}

/* ---- learning ---- */

static void learn_relations(struct state *s, double weight)
{
    size_t n = (size_t)s->n;
    double *R = correlation(s);
    for (size_t i = 0; i < n; i++) {
        struct signal *g = &s->signals[i];
        g->scatter += weight * (pow(clip(g->smoothed, TAUGHT), 2) - g->scatter);
        for (size_t j = 0; j <= i; j++)
            R[i * n + j] += weight * (g->taught * s->signals[j].taught - R[i * n + j]);
    }
}

static void learn(struct state *s, const double *row, const double *params, double weight)
{
    size_t n = (size_t)s->n;
    double u[SPD_MOST], memory = params[MEMORY] / weight;
    standardise(s, row, TAUGHT, u);
    for (size_t i = 0; i < n; i++) {
        struct signal *g = &s->signals[i];
        g->taught = u[i];
        g->smoothed += params[LAMBDA] * (u[i] - g->smoothed);
    }
    double settled = ++s->learned - UNSETTLED;
    if (settled > 0)
        learn_relations(s, fmax(1 / memory, weight / settled));
    for (size_t i = 0; i < n; i++)
        if (!isnan(row[i]))
            baseline_learn(&s->signals[i].usual, row[i], memory);
}

static double needed(const struct state *s, const double *params)
{
    return fmax(params[YOUNG], 1.5 * s->n);
}

static void learn_what_waited(struct state *s, const double *params)
{
    double lag = fmin(DELAY, floor(s->rows * LAG));
    for (; s->rows - s->next > lag; s->next++) {
        const double *row = waiting(s, s->next);
        double weight = s->calm > s->rows - s->next ? 1 : LESS;
        learn(s, row, params, weight);
        if (s->next > 0.75 * needed(s, params)) /* before, P is too coarse to chart */
            for (int k = 0; k < CHARTS; k++)
                chart_learn(&s->charts[k], row[(size_t)s->n + (size_t)k],
                            params[MEMORY] / weight);
    }
}

/* What wanders by itself is not to look like a fault when the alarm ends. */
static void learn_in_alarm(struct state *s, const double *values, double memory)
{
    for (size_t i = 0; i < (size_t)s->n; i++) {
        struct signal *g = &s->signals[i];
        if (!isnan(values[i]) && fabs(g->whole) < OWN_USUAL * sqrt(g->scatter))
            baseline_learn(&g->usual, values[i], memory);
    }
    s->next = s->rows;
}

/* ---- the whole ---- */

static void keep(struct state *s, const double *values)
{
    double *row = waiting(s, s->rows++);
    memcpy(row, values, (size_t)s->n * sizeof *row);
    for (int k = 0; k < CHARTS; k++)
        row[(size_t)s->n + (size_t)k] = s->charts[k].value;
}

static double judge(struct state *s, const double *params)
{
    double risk = params[RISK];
    chart_judge(&s->charts[LEVEL], s->t2, s->whole_t2, risk);
    chart_judge(&s->charts[SCATTER], s->q, s->whole_q, risk);
    double surprise = fmax(s->charts[LEVEL].surprise, s->charts[SCATTER].surprise);
    if (s->rows + 1 < needed(s, params))
        surprise = 0;
    s->up = surprise > (s->up > 0 ? CLEAR * risk : risk) ? s->up + 1 : 0;
    s->calm = surprise > SUSPECT ? 0 : s->calm + 1;
    double score = tail_score(surprise, risk);
    return s->up > 0 ? fmax(score, 0.5) : fmin(score, 0.499);
}

static double step(const double *params, void *state, double time, const double *values,
                   size_t n)
{
    (void)time;
    struct state *s = state;
    s->n = (double)(n < SPD_MOST ? n : SPD_MOST);
    double every = 1 + floor(s->n / 8); /* the inverse costs n^3 */
    if (fmod(s->rows, every) == 0)
        factorise(s, params);
    look(s, values, params[LAMBDA]);
    double score = judge(s, params);
    keep(s, values);
    if (s->up > 0) {
        unwind(s);
        learn_in_alarm(s, values, params[MEMORY]);
    } else {
        forget_whole(s);
        learn_what_waited(s, params);
    }
    if (fmod(s->rows, ceil(params[PATIENCE] / 2)) == 0)
        for (int k = 0; k < CHARTS; k++)
            chart_end_block(&s->charts[k]);
    return score;
}

/* Of the two epochs that which finds it rarer. */
static const struct baseline *judge_of(const struct chart *c)
{
    bool late =
        c->next.rows > DELAY && surprise_of(c, &c->next) > surprise_of(c, &c->usual);
    return late || c->usual.rows == 0 ? &c->next : &c->usual;
}

static struct detector_reason reason(const double *params, const void *state)
{
    (void)params;
    const struct state *s = state;
    enum chart_name which =
        s->charts[SCATTER].surprise > s->charts[LEVEL].surprise ? SCATTER : LEVEL;
    const struct chart *c = &s->charts[which];
    const struct baseline *epoch = judge_of(c);
    double total = 0, sd = fmax(sqrt(epoch->variance), c->spread * epoch->mean);
    size_t most = 0;
    for (size_t i = 0; i < (size_t)s->n; i++) {
        total += fmax(s->signals[i].shares[which], 0);
        if (s->signals[i].shares[which] > s->signals[most].shares[which])
            most = i;
    }
    return (struct detector_reason){
        .what = which == LEVEL ? "level of all signals together"
                               : "scatter of all signals together",
        .value = c->value,
        .low = fmax(epoch->mean - 3 * sd, 0),
        .high = epoch->mean + 3 * sd,
        .where = "",
        .readings = pow(10, fmin(c->surprise, 12)),
        .signal = most + 1,
        .share = total > 0 ? fmin(s->signals[most].shares[which] / total, 0.99) : 0,
    };
}

static size_t size(const double *params, size_t n)
{
    (void)params;
    n = n < SPD_MOST ? n : SPD_MOST;
    return sizeof(struct state) + n * sizeof(struct signal) +
           (2 * n * n + DELAY * (n + CHARTS)) * sizeof(double);
}

const struct detector detector_t2 = {
    .name = "t2",
    .help = "several signals together leave how they usually go together",
    .reference = "Lowry et al. 1992; Jackson, Mudholkar 1979",
    .params = rows,
    .n_params = PARAMS,
    .joint = true,
    .size = size,
    .step = step,
    .reason = reason,
};
