/* Exponentially weighted mean and variance (West 1979, Comm. ACM 22), with values drawn to
 * 5 standard deviations (Huber 1964) once there are enough of them. */
#include "twind/baseline.h"

#include <math.h>

static const double EDGE = 5;   /* standard deviations */
static const double YOUNG = 50; /* rows */
/* of the mean's own size: what rounding makes of a stream that stands still */
static const double ROUNDING = 1e-12;

double baseline_deviation(const struct baseline *b, double x)
{
    double d = x - b->mean;
    if (fabs(d) <= ROUNDING * fabs(b->mean))
        return 0;
    return b->variance > 0 ? d / sqrt(b->variance) : copysign(INFINITY, d);
}

void baseline_learn(struct baseline *b, double x, double memory)
{
    if (b->rows++ == 0) {
        b->mean = x;
        return;
    }
    double edge = EDGE * sqrt(b->variance);
    if (b->rows > YOUNG && b->variance > 0)
        x = fmin(fmax(x, b->mean - edge), b->mean + edge);
    double a = fmax(1 / memory, 1 / b->rows);
    double d = x - b->mean;
    if (fabs(d) <= ROUNDING * fabs(b->mean))
        d = 0;
    b->mean += a * d;
    b->variance = (1 - a) * (b->variance + a * d * d);
}
