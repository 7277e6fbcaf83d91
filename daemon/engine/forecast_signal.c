/* The day's course is a slowly forgetting mean of 24 bins with linear interpolation between
 * their middles; the week's is the mean deviation from it by eighths of each day, shrunk to
 * 0 while few days were seen. */
#include "twind/forecast_signal.h"

#include <math.h>

static const double day = 86400, week = 604800, hour = 3600;
/* Values of a bin after which the older ones fade: of 14 days; of 8 weeks. */
static const float hour_most = 14 * 4 * 2, week_most = 8 * 12;
/* A week's bin is believed by half after so many values. */
static const float week_half = 2 * 12;

static size_t slot_of(double number)
{
    return (size_t)fmod(number, SIGNAL_SLOTS);
}

struct place {
    size_t below, above; /* bins */
    float share;         /* of `above` */
};

static struct place place_of(double local_time)
{
    double at = fmod(local_time, day) / hour - 0.5;
    if (at < 0)
        at += SIGNAL_HOURS;
    size_t below = (size_t)at % SIGNAL_HOURS;
    return (struct place){below, (below + 1) % SIGNAL_HOURS, (float)(at - floor(at))};
}

static size_t week_bin(double local_time)
{
    return (size_t)(fmod(local_time, week) / (day / SIGNAL_PARTS)) % SIGNAL_WEEK;
}

static float day_course(const struct forecast_signal *s, double local_time)
{
    struct place p = place_of(local_time);
    if (s->hour_n[p.below] == 0 || s->hour_n[p.above] == 0)
        return s->hour_n[p.below] > 0 ? s->hour[p.below] : s->hour[p.above];
    return s->hour[p.below] + p.share * (s->hour[p.above] - s->hour[p.below]);
}

double forecast_signal_usual(const struct forecast_signal *s, double local_time)
{
    struct place p = place_of(local_time);
    if (s->hour_n[p.below] == 0 && s->hour_n[p.above] == 0)
        return NAN;
    size_t bin = week_bin(local_time);
    float trust = s->week_n[bin] / (s->week_n[bin] + week_half);
    return (double)(day_course(s, local_time) + trust * s->week[bin]);
}

static void see_hour(struct forecast_signal *s, size_t bin, float weight, float value)
{
    s->hour_n[bin] = fminf(s->hour_n[bin] + weight, hour_most);
    if (weight > 0)
        s->hour[bin] += weight / s->hour_n[bin] * (value - s->hour[bin]);
}

static void learn_course(struct forecast_signal *s, double local_time, float value)
{
    struct place p = place_of(local_time);
    size_t bin = week_bin(local_time);
    see_hour(s, p.below, 1 - p.share, value);
    see_hour(s, p.above, p.share, value);
    s->week_n[bin] = fminf(s->week_n[bin] + 1, week_most);
    s->week[bin] += (value - day_course(s, local_time) - s->week[bin]) / s->week_n[bin];
}

void forecast_signal_see(struct forecast_signal *s, double number, double newest,
                         double value, double local)
{
    for (double k = fmax(newest + 1, number - SIGNAL_SLOTS + 1); k < number; k++)
        s->ring[slot_of(k)] = NAN;
    s->ring[slot_of(number)] = (float)value;
    if (!isfinite(value))
        return;
    float v = (float)value;
    s->least = s->n > 0 ? fminf(s->least, v) : v;
    s->most = s->n > 0 ? fmaxf(s->most, v) : v;
    s->n++;
    learn_course(s, number * SIGNAL_RASTER + local, v);
}

static double at_number(const struct forecast_signal *s, double newest, double number)
{
    if (s->n == 0 || number > newest || number <= newest - SIGNAL_SLOTS)
        return NAN;
    return (double)s->ring[slot_of(number)];
}

double forecast_signal_past(const struct forecast_signal *s, double newest, double time)
{
    double at = time / SIGNAL_RASTER, number = floor(at), share = at - number;
    double below = at_number(s, newest, number);
    if (share == 0)
        return below;
    double above = at_number(s, newest, number + 1);
    if (isnan(below) || isnan(above))
        return isnan(below) ? above : below;
    return below + share * (above - below);
}

double forecast_signal_mean(const struct forecast_signal *s, double newest)
{
    double sum = 0, n = 0;
    for (double k = newest - SIGNAL_SLOTS + 2; k <= newest; k++) {
        double value = at_number(s, newest, k);
        sum += isnan(value) ? 0 : value;
        n += !isnan(value);
    }
    return n > 0 ? sum / n : (double)NAN;
}
