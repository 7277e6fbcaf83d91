/* What a house does at each hour of its day that the model does not know: the neighbour's
 * heat, a lamp schedule that nobody told, watering, people. The filter's unknown fluxes are
 * what differs from these habits, and teach them. */
#ifndef TWIND_KINDS_GREENHOUSE_HABIT_H
#define TWIND_KINDS_GREENHOUSE_HABIT_H

#include "twind/kind.h"

struct greenhouse_habit {
    double heat, vapour, co2, light; /* as the unknown fluxes: see their rows */
    double rate; /* 1/s at which a flux that lasts turns from unknown to habit */
};

struct greenhouse_habit greenhouse_habit_find(const struct kind_point *at);

/* Learns, in memory m, from the unknown fluxes of the `dt` seconds that end at `at`. */
void greenhouse_habit_learn(const struct kind_point *at, double dt, double *m);

#endif
