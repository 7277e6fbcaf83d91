/* Peaks over the tenth greatest, with an exponential tail: P(X > x) = (k/n) exp(-(x -
 * u)/b), u the k-th greatest peak of n rows, b the mean excess over u (Pickands 1975,
 * Annals of Statistics 3; Leadbetter 1991, Statistics & Probability Letters 12: peaks of
 * clusters, for the values within one are not independent). A part of u is added to b,
 * without which a few near-equal peaks would call anything above them impossible. The peaks
 * shrink slowly, so that a record of long ago does not rule for ever. Valid for streams
 * whose tails fall no slower than exponentially; heavier ones alarm more often than they
 * should. */
#include "twind/tail.h"

#include <math.h>

enum { APART = 30, YOUNG = 100, LEAST_PEAKS = 3 }; /* rows, rows, peaks */

static const double FORGET = 3e-5; /* a row */
static const double PRIOR = 0.3;   /* of the threshold */

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

double tail_surprise(const struct tail *tail, double x)
{
    if (tail->rows < YOUNG || tail->n < LEAST_PEAKS)
        return 0;
    double u = tail_usual(tail);
    if (!(x > u))
        return 0;
    double excess = 0;
    for (int i = 0; i < tail->n; i++)
        excess += tail->peaks[i] - u;
    double b = (excess + PRIOR * u) / tail->n;
    double rows = fmin(tail->rows + 1, 1 / FORGET);
    return fmax(0, log10(rows / tail->n) + (x - u) / b / log(10));
}

void tail_learn(struct tail *tail, double x)
{
    tail->rows++;
    if (x > tail->cluster) {
        tail->cluster = x;
        tail->age = 0;
    }
    if (++tail->age > APART) {
        if (tail->cluster > 0)
            insert(tail, tail->cluster);
        tail->cluster = 0;
        tail->age = 0;
    }
    for (int i = 0; i < tail->n; i++)
        tail->peaks[i] *= 1 - FORGET;
}

double tail_score(double surprise, double risk)
{
    return surprise > 0 ? surprise / (surprise + risk) : 0;
}
