/* One value an hour of the local day, linear between them:
 *
 *   dh_i/dt = w_i D / (n 3600 s)        D the unknown flux, w_i the hour's weight now
 *
 * with n = 1 on the first day, 2 on the second, at last habit_days: the mean of the first
 * days, then a memory that fades. */
#include "greenhouse_habit.h"
#include "greenhouse_signals.h"

static const double HOUR = 3600, DAY_LENGTH = 86400;
enum { HOURS = 24, FLUXES = 4 };

/* Of the two hours between which the moment lies. */
struct between {
    size_t first, second;
    double share; /* of the second */
};

static struct between find_hours(const struct kind_point *at)
{
    double hours = at->time / HOUR + at->p[UTC_OFFSET] - 0.5;
    hours -= HOURS * floor(hours / HOURS);
    size_t first = (size_t)hours % HOURS;
    return (struct between){first, (first + 1) % HOURS, hours - (double)first};
}

static double usual(const double *m, size_t flux, const struct between *b)
{
    const double *h = m + HABITS + flux * HOURS;
    return h[b->first] + b->share * (h[b->second] - h[b->first]);
}

static double learning_rate(const double *p, const double *m) /* 1/s */
{
    return 1 / (HOUR * fmax(fmin(1 + m[LEARNED], p[HABIT_DAYS]), 1));
}

struct greenhouse_habit greenhouse_habit_find(const struct kind_point *at)
{
    if (!(at->p[HABIT_DAYS] > 0))
        return (struct greenhouse_habit){0};
    struct between b = find_hours(at);
    double w = b.share;
    return (struct greenhouse_habit){
        .heat = usual(at->m, 0, &b),
        .vapour = usual(at->m, 1, &b),
        .co2 = usual(at->m, 2, &b),
        .light = usual(at->m, 3, &b),
        .rate = (w * w + (1 - w) * (1 - w)) * learning_rate(at->p, at->m),
    };
}

void greenhouse_habit_learn(const struct kind_point *at, double dt, double *m)
{
    static const size_t fluxes[FLUXES] = {D_HEAT, D_VAPOUR, D_CO2, D_LIGHT};
    if (!(at->p[HABIT_DAYS] > 0))
        return;
    struct between b = find_hours(at);
    double gain = fmin(dt * learning_rate(at->p, m), 1);
    for (size_t f = 0; f < FLUXES; f++) {
        double *h = m + HABITS + f * HOURS, d = gain * at->x[fluxes[f]];
        h[b.first] += (1 - b.share) * d;
        h[b.second] += b.share * d;
    }
    m[LEARNED] += dt / DAY_LENGTH;
}
