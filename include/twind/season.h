/* The usual value at each quarter of an hour of the day (UTC), learned as it goes; and,
 * where the hours of the week have been telling more, what they add. */
#ifndef TWIND_SEASON_H
#define TWIND_SEASON_H

#include <stdbool.h>

enum { SEASON_SLOTS = 96, SEASON_HOURS = 168 };

struct season_slot {
    double mean, times; /* that it has been seen */
};

/* The slot of a cycle that is passing. */
struct season_now {
    double mean;
    int slot, rows; /* which one, and what it has seen */
};

/* Zero at the start. */
struct season {
    struct season_slot day[SEASON_SLOTS];
    struct season_slot week[SEASON_HOURS]; /* of what the day leaves of the value */
    struct season_now now_day, now_week;
    double by_day, by_week; /* mean error of either, where both are known */
    double rows;            /* of them */
};

/* What is usual at that time; false: not known, with fewer days than `days`. */
bool season_expect(const struct season *season, double time, double days, double *usual);

/* Whether the hours of the week have been telling more. */
bool season_is_weekly(const struct season *season);

/* Takes a value in; a slot's mean goes over when the slot is left, `weight` of it. A time
 * that is NAN is not taken. */
void season_learn(struct season *season, double time, double value, double weight);

#endif
