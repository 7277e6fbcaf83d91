/* How far a building's savings can be trusted, by its energy signature: the heat that the
 * plant gave, day by day, against what the model needs to hold the air as it was (without
 * the unknown gain), y = a + b x, least squares with a memory of a month or two (the
 * regression of ASHRAE Guideline 14 and IPMVP, with the model in place of the degree days).
 *
 * What a set-point saves is proportional to the heat loss, and so wrong by the share that b
 * is off 1: r^2 = (b - 1)^2 + se(b)^2. Before there are days enough, b is taken as 1 with
 * an sd of 0.5 (Bayesian, sigma by the residuals and a first guess of 2 W/m2). So sd^2 = (r
 * saved)^2 + (sigma of a day's mean)^2. Heating alone is looked at; cooling is taken to be
 * known as well as heating is.
 *
 * Days count where heat is metered, which shows in a size_scale that has moved: else the
 * plant's heat is the model's own, and would agree with it. */
#include "building_parts.h"

static const double kept = 0.97;        /* of yesterday's weight, a day */
static const double prior_sd = 0.5;     /* of b */
static const double first_sigma = 2.0;  /* W/m2 */
static const double least_hours = 20.0; /* of a day that counts */
static const double least_heat = 1.0;   /* W/m2 */

static void add_day(double *m)
{
    double x = m[DAY_NEED] / m[DAY_HOURS], y = m[DAY_HEAT] / m[DAY_HOURS];
    if (!(m[DAY_HOURS] >= least_hours && y >= least_heat))
        return;
    const double new[] = {1.0, x, y, x * x, x * y, y * y};
    for (size_t i = 0; i < sizeof new / sizeof new[0]; i++)
        m[SUMS + i] = kept * m[SUMS + i] + new[i];
}

void building_signature_add(const struct kind_point *at, double dt, bool midnight,
                            double need, double *m)
{
    double hours = dt / 3600.0;
    if (midnight) {
        if (at->p[SIZE_SCALE] != m[FIRST_SIZE])
            add_day(m);
        m[DAY_HOURS] = m[DAY_NEED] = m[DAY_HEAT] = 0.0;
    }
    m[DAY_HOURS] += hours;
    m[DAY_NEED] += need * at->p[SIZE_SCALE] * hours;
    m[DAY_HEAT] += at->x[HEATING] * at->p[SIZE_SCALE] * hours;
}

double building_signature_error(const double *m, double *sigma)
{
    const double *s = &m[SUMS]; /* n, x, y, xx, xy, yy */
    double n = fmax(s[0], 1e-9);
    double xx = fmax(s[3] - s[1] * s[1] / n, 0.0), xy = s[4] - s[1] * s[2] / n;
    double yy = fmax(s[5] - s[2] * s[2] / n, 0.0);
    double rest = xx > 0.0 ? fmax(yy - xy * xy / xx, 0.0) : 0.0;
    double variance = (rest + first_sigma * first_sigma) / fmax(n - 1.0, 1.0);
    double weight = variance / (prior_sd * prior_sd);
    double slope = (xy + weight) / (xx + weight);
    *sigma = sqrt(variance);
    return sqrt((slope - 1.0) * (slope - 1.0) + variance / (xx + weight));
}
