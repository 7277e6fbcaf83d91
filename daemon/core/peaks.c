/* Peaks over a threshold: excesses of independent peaks follow a generalised Pareto law
 * (Pickands 1975; Davison and Smith 1990). Fitted by probability-weighted moments (Hosking
 * and Wallis 1987), which do well with few peaks: with a0 the mean excess and
 * a1 = mean((1 - p) x), p = (i - 0.35) / n,
 *
 *     shape = 2 - a0 / (a0 - 2 a1),  scale = 2 a0 a1 / (a0 - 2 a1)
 *
 * A level is exceeded `rate` times in the mean where the law's tail is rate / law.rate. */
#include "twind/peaks.h"

#include <math.h>
#include <stdlib.h>

static const double least_shape = -0.5, most_shape = 0.25, straight = 1e-6;

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct peaks_law peaks_fit(double *heights, size_t n, double threshold, double time)
{
    struct peaks_law law = {.threshold = threshold, .rate = (double)n / time};
    double a0 = 0, a1 = 0;
    qsort(heights, n, sizeof *heights, compare);
    for (size_t i = 0; i < n; i++) {
        double excess = fmax(heights[i] - threshold, 0);
        double p = ((double)i + 1 - 0.35) / (double)n;
        a0 += excess / (double)n;
        a1 += (1 - p) * excess / (double)n;
    }
    if (!(a0 > 0))
        return law;
    double free_shape = a0 - 2 * a1 > 0 ? 2 - a0 / (a0 - 2 * a1) : least_shape;
    law.shape = fmin(fmax(free_shape, least_shape), most_shape);
    /* at a shape that is held the mean excess, scale / (1 - shape), is kept */
    law.scale = a0 * (1 - law.shape);
    return law;
}

double peaks_level(const struct peaks_law *law, double rate)
{
    double often = fmax(law->rate / rate, 1);
    if (fabs(law->shape) < straight)
        return law->threshold + law->scale * log(often);
    return law->threshold + law->scale / law->shape * (pow(often, law->shape) - 1);
}
