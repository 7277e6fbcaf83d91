/* The usual value at each quarter of an hour of the day (UTC), learned as it goes. */
#ifndef TWIND_SEASON_H
#define TWIND_SEASON_H

#include <stdbool.h>

enum { SEASON_SLOTS = 96 };

/* Zero at the start. */
struct season {
    double mean[SEASON_SLOTS];
    double days[SEASON_SLOTS]; /* that a slot has seen */
    double now;                /* mean of the slot that is passing */
    int slot, rows;            /* that one, and what it has seen */
};

/* What is usual at that time; false: not known, with fewer days than `days`. */
bool season_expect(const struct season *season, double time, double days, double *usual);

/* Takes a value in; a slot's mean goes over when the slot is left, `weight` of it. A time
 * that is NAN is not taken. */
void season_learn(struct season *season, double time, double value, double weight);

#endif
