/* Peaks over the tenth greatest: P(X > x) = (k/n) (1 + g (x - u)/s)^(-1/g), u the k-th
 * greatest peak of n rows (Pickands 1975, Annals of Statistics 3; Leadbetter 1991,
 * Statistics & Probability Letters 12: peaks of clusters, for the values within one are not
 * independent). The mean excess over u takes a part of u with it, without which a few
 * near-equal peaks would call anything above them impossible; the shape g is by moments
 * (Hosking & Wallis 1987, Technometrics 29), drawn towards 0, the exponential tail, for ten
 * peaks say little of it, and never below, for nothing is impossible. Real signals have a
 * long memory, and n readings of them say no more than about n^(2 - 2H) independent ones, H
 * near 3/4 (Beran 1994, Statistics for Long-Memory Processes): beyond a thousand rows it is
 * the square root that counts. The peaks shrink slowly, so that a record of long ago does
 * not rule for ever. Valid for streams whose tails fall no slower than that of g = 1/2;
 * heavier ones alarm more often than they should. */
#include "twind/tail.h"

#include <math.h>

enum { APART = 30, YOUNG = 100, LEAST_PEAKS = 3 }; /* rows, rows, peaks */

static const double FORGET = 3e-4; /* a cluster */
static const double PRIOR = 0.3;   /* of the threshold */
static const double SHORT = 1000;  /* rows that count as themselves */
static const double LONG = 1e5;    /* rows that count at all */
static const double MEASURED = 5;  /* peaks as which the prior of the shape counts */
static const double STRAIGHT = 1e-6;

static void insert(struct tail *tail, double x)
{
    int i = tail->n;
    if (i == TAIL_PEAKS && x <= tail->peaks[--i])
        return;
    if (tail->n < TAIL_PEAKS)
        tail->n++;
    for (; i > 0 && tail->peaks[i - 1] < x; i--)
        tail->peaks[i] = tail->peaks[i - 1];
    tail->peaks[i] = x;
}

double tail_usual(const struct tail *tail)
{
    return tail->n >= LEAST_PEAKS ? tail->peaks[tail->n - 1] : (double)NAN;
}

/* Of the generalised Pareto distribution of the excesses over u, whose mean is `mean`. */
static double shape(const struct tail *tail, double u, double mean)
{
    double variance = 0;
    for (int i = 0; i < tail->n; i++)
        variance += pow(tail->peaks[i] - u - mean, 2) / tail->n;
    if (!(variance > 0))
        return 0;
    double g = (1 - mean * mean / variance) / 2;
    return fmax(0, fmin(0.5, g)) * tail->n / (tail->n + MEASURED);
}

/* -ln of the probability that a peak over u exceeds it by so much. */
static double rarity(const struct tail *tail, double u, double excess)
{
    double mean = 0;
    for (int i = 0; i < tail->n; i++)
        mean += (tail->peaks[i] - u) / tail->n;
    double g = shape(tail, u, mean);
    double s = (1 - g) * (mean + PRIOR * u / tail->n);
    if (fabs(g) < STRAIGHT)
        return excess / s;
    return log(1 + g * excess / s) / g;
}

double tail_rows(double rows)
{
    return rows > SHORT ? sqrt(rows * SHORT) : rows;
}

double tail_surprise(const struct tail *tail, double x)
{
    if (tail->rows < YOUNG || tail->n < LEAST_PEAKS || tail->said)
        return 0;
    double u = tail_usual(tail);
    if (!(x > u))
        return 0;
    double rows = tail_rows(fmin(tail->rows + 1, LONG));
    double s = log10(rows / tail->n) + rarity(tail, u, x - u) / log(10);
    return fmin(fmax(0, s), TAIL_GREATEST);
}

void tail_say(struct tail *tail)
{
    tail->said = true;
}

static void close_cluster(struct tail *tail)
{
    if (tail->cluster > 0)
        insert(tail, tail->cluster);
    tail->cluster = 0;
    tail->age = 0;
    for (int i = 0; i < tail->n; i++)
        tail->peaks[i] *= 1 - FORGET;
}

void tail_learn(struct tail *tail, double x)
{
    tail->rows++;
    if (tail->said && !(x > tail_usual(tail)))
        tail->said = false;
    if (x > tail->cluster) {
        tail->cluster = x;
        tail->age = 0;
    }
    if (++tail->age > APART)
        close_cluster(tail);
}

double tail_score(double surprise, double risk)
{
    return surprise > 0 ? surprise / (surprise + risk) : 0;
}
