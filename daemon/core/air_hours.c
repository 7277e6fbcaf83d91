/* Means of the last clock hours.
 *
 * The room: the hour that runs (hours since the epoch), the seconds seen of it, a sum for
 * each channel, and a ring of AIR_HOURS_KEPT hours of n channels. The ring holds 1 + mean,
 * so that 0 is an hour that was not seen (means are not negative). */
#include "twind/air_hours.h"

#include <math.h>
#include <stdbool.h>

#define HOUR 3600.0

enum { RUNNING, SECONDS, SUMS };

/* Fewer are not a mean of the hour: the rule of three quarters of US EPA. */
static const double seconds_enough = 0.75 * HOUR;

static size_t slot(size_t n, double hour, size_t channel)
{
    double kept = hour - AIR_HOURS_KEPT * floor(hour / AIR_HOURS_KEPT);
    return SUMS + n + (size_t)kept * n + channel;
}

static void close_hour(double *room, size_t n, double next)
{
    bool enough = room[SECONDS] >= seconds_enough;
    for (size_t i = 0; i < n; i++) {
        double mean = enough ? fmax(room[SUMS + i] / room[SECONDS], 0) : 0;
        room[slot(n, room[RUNNING], i)] = enough ? 1 + mean : 0;
        room[SUMS + i] = 0;
    }
    size_t unseen = (size_t)fmin(next - room[RUNNING] - 1, AIR_HOURS_KEPT);
    for (size_t back = 1; back <= unseen; back++)
        for (size_t i = 0; i < n; i++)
            room[slot(n, next - (double)back, i)] = 0;
    room[RUNNING] = next;
    room[SECONDS] = 0;
}

static void add_within(double *room, size_t n, double hour, double seconds,
                       const double *values)
{
    if (hour > room[RUNNING])
        close_hour(room, n, hour);
    room[SECONDS] += seconds;
    for (size_t i = 0; i < n; i++)
        room[SUMS + i] += values[i] * seconds;
}

void air_hours_add(double *room, size_t n, double end, double seconds, const double *values)
{
    double first = floor((end - seconds) / HOUR), boundary = (first + 1) * HOUR;
    double after = end > boundary ? end - boundary : 0;
    if (seconds > after)
        add_within(room, n, first, seconds - after, values);
    if (after > 0)
        add_within(room, n, first + 1, after, values);
}

/* The mean of a clock hour, `back` before the running one. */
static double clock_hour(const double *room, size_t n, size_t channel, size_t back)
{
    if (back == 0)
        return room[SECONDS] > 0 ? room[SUMS + channel] / room[SECONDS] : (double)NAN;
    double kept = room[slot(n, room[RUNNING] - (double)back, channel)];
    return kept > 0 ? kept - 1 : (double)NAN;
}

double air_hours_mean(const double *room, size_t n, size_t channel, double now, size_t back)
{
    double part = fmin(fmax(now / HOUR - room[RUNNING], 0), 1);
    double newer = clock_hour(room, n, channel, back);
    double older = clock_hour(room, n, channel, back + 1);
    if (isnan(older) || part >= 1)
        return newer;
    if (isnan(newer))
        return older;
    return part * newer + (1 - part) * older;
}

double air_hours_average(const double *room, size_t n, size_t channel, double now,
                         size_t hours)
{
    double sum = 0, there = 0;
    for (size_t back = 0; back < hours; back++) {
        double mean = air_hours_mean(room, n, channel, now, back);
        if (isnan(mean))
            continue;
        sum += mean;
        there++;
    }
    return there > 0 ? sum / there : (double)NAN;
}
