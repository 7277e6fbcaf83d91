/* Values by the time of day, or from one time to another. */
#ifndef TWIND_SCHEDULE_H
#define TWIND_SCHEDULE_H

#include "twind/question.h"

/* A stretch of the day by local time; it may go over midnight. `to` equal to `from`: all of
 * the day. */
struct schedule_day {
    double from, to; /* s since midnight */
};

/* "22:00-06:00". */
bool schedule_day_read(const char *text, struct schedule_day *day);
bool schedule_day_holds(const struct schedule_day *day, double local_time);

/* What an input is set to: a value; {"22:00-06:00": value, ..}; or a list of {"from", "to",
 * "value"} with times of day (each day) or ISO 8601 times (once; without `from` from now,
 * without `to` to the end). Adds the changes to the question. */
bool schedule_read(struct question *q, size_t input, const struct cJSON *node,
                   struct err *e);

#endif
