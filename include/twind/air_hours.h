/* Means of the last clock hours (UTC) of a few channels, in plain doubles that the caller
 * keeps: zeroed memory is a memory without hours. Time is an argument; it only goes on. */
#ifndef TWIND_AIR_HOURS_H
#define TWIND_AIR_HOURS_H

#include <stddef.h>

enum { AIR_HOURS_KEPT = 24 };

/* Doubles that `n` channels need. */
#define AIR_HOURS_ROOM(n) (2 + (n) * (1 + AIR_HOURS_KEPT))

/* Values that held over the `seconds` (up to 3600) that end at `end` s since the epoch. An
 * hour counts when it is over, if three quarters of it were seen. */
void air_hours_add(double *room, size_t n, double end, double seconds,
                   const double *values);

/* The mean of the 60 minutes that end `back` hours (0..22) before `now`: the parts of two
 * clock hours, weighted by time; exact at full hours. Where one of them was not seen, the
 * other stands for both; NAN where neither was. */
double air_hours_mean(const double *room, size_t n, size_t channel, double now,
                      size_t back);

/* The mean of the last `hours` of these, of those that are there; NAN where none is. */
double air_hours_average(const double *room, size_t n, size_t channel, double now,
                         size_t hours);

#endif
