/* How much more the sources give at one bearing of the wind than at all: a learned wind
 * rose for each of a few channels, in plain doubles that the caller keeps. Zeroed memory is
 * a rose that makes no difference. */
#ifndef TWIND_AIR_ROSE_H
#define TWIND_AIR_ROSE_H

#include <stddef.h>

enum { AIR_ROSE_SECTORS = 12 };

/* Doubles that `n` channels need. */
#define AIR_ROSE_ROOM(n) ((n)*AIR_ROSE_SECTORS)

/* Factor of a channel's source with the wind from `bearing` (deg, 0 or more). */
double air_rose_factor(const double *room, size_t channel, double bearing);

/* Draws the factors of this bearing to where they would have to be, with a memory of `days`
 * (0: nothing is learned): `missing` is the share by which each of the `n` sources was
 * larger over these `seconds` than it should have been. */
void air_rose_learn(double *room, size_t n, double bearing, double seconds, double days,
                    const double *missing);

#endif
