/* What is usual at an hour of the day, on weekdays and on weekends, of a few channels:
 * learned while it runs, in plain doubles that the caller keeps. Zeroed memory is a profile
 * of zeros. Between the middles of the hours it is a straight line. */
#ifndef TWIND_AIR_PROFILE_H
#define TWIND_AIR_PROFILE_H

#include <stddef.h>

enum { AIR_PROFILE_HOURS = 24 };

/* Doubles that `n` channels need. */
#define AIR_PROFILE_ROOM(n) (1 + (n)*2 * AIR_PROFILE_HOURS)

/* Where a moment lies: between two of the week's hours. */
struct air_moment {
    size_t hour[2];
    double weight[2]; /* of these; their sum is 1 */
    double weekend[2];
};

/* `time` s since the epoch, `utc_offset` h. */
struct air_moment air_profile_moment(double time, double utc_offset);

double air_profile_value(const double *room, size_t channel, const struct air_moment *at);

/* Its change a second. */
double air_profile_slope(const double *room, size_t channel, const struct air_moment *at);

/* Draws the profiles to what was `missing` (the truth less the profile, one for each of `n`
 * channels) over these `seconds`: fast in the first days, then with a memory of `days`; 0:
 * nothing is learned. */
void air_profile_learn(double *room, size_t n, const struct air_moment *at, double seconds,
                       double days, const double *missing);

#endif
