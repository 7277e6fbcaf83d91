/* The usual course of a day.
 *
 * The room: the days learned from, then for each channel 24 hours of all days and 24 of
 * what the weekend adds. Each reading moves the two hours that it lies between, in
 * proportion to their weights; a weekend's moves both lists, the second one more, for
 * weekends are fewer; weekdays take back what was not theirs. */
#include "twind/air_profile.h"

#include <math.h>

#define DAY 86400.0
#define HOUR 3600.0

enum { DAYS, LISTS };

static const double doubted = 4; /* days that the zeros of the beginning count */
static const double rarer = 2.5; /* so much faster what weekends add is learned */

static double is_weekend(double hour)
{
    double day = floor(hour / AIR_PROFILE_HOURS) + 4; /* 1 January 1970 was a Thursday */
    double weekday = day - 7 * floor(day / 7);        /* from Sunday on */
    return weekday < 1 || weekday >= 6;
}

static size_t of_day(double hour)
{
    return (size_t)(hour - AIR_PROFILE_HOURS * floor(hour / AIR_PROFILE_HOURS));
}

struct air_moment air_profile_moment(double time, double utc_offset)
{
    double hours = time / HOUR + utc_offset - 0.5, before = floor(hours);
    double share = hours - before;
    return (struct air_moment){{of_day(before), of_day(before + 1)},
                               {1 - share, share},
                               {is_weekend(before), is_weekend(before + 1)}};
}

static const double *list(const double *room, size_t channel)
{
    return room + LISTS + channel * 2 * AIR_PROFILE_HOURS;
}

static double end(const double *room, size_t channel, const struct air_moment *at, size_t i)
{
    const double *hours = list(room, channel) + at->hour[i];
    return hours[0] + at->weekend[i] * hours[AIR_PROFILE_HOURS];
}

double air_profile_value(const double *room, size_t channel, const struct air_moment *at)
{
    return at->weight[0] * end(room, channel, at, 0) +
           at->weight[1] * end(room, channel, at, 1);
}

double air_profile_slope(const double *room, size_t channel, const struct air_moment *at)
{
    return (end(room, channel, at, 1) - end(room, channel, at, 0)) / HOUR;
}

void air_profile_learn(double *room, size_t n, const struct air_moment *at, double seconds,
                       double days, const double *missing)
{
    double rate = days > 0 ? seconds / HOUR / fmin(doubted + room[DAYS], days) : 0;
    for (size_t channel = 0; channel < n; channel++)
        for (size_t i = 0; i < 2; i++) {
            double *hours = room + (list(room, channel) - room) + at->hour[i];
            double step = rate * at->weight[i] * missing[channel];
            hours[0] += step;
            hours[AIR_PROFILE_HOURS] += at->weekend[i] * rarer * step;
        }
    room[DAYS] += seconds / DAY;
}
