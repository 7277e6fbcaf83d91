/* A limit that advice must keep: "air_temperature>=18", by day only with
 * "air_temperature>=20@06:00-22:00". */
#ifndef TWIND_LIMIT_H
#define TWIND_LIMIT_H

#include "twind/schedule.h"

enum { LIMIT_TEXT = 96 };

struct limit {
    char text[LIMIT_TEXT]; /* as it was said, without spaces */
    size_t output;
    double sign, value; /* +1: at least, -1: at most */
    bool daily;
    struct schedule_day day;
    double scale; /* what is plain to see: the usual sensor's sd, or a hundredth */
};

bool limit_read(struct limit *limit, const struct kind *kind, const char *text,
                struct err *e);

/* How a limit fares under a forecast: `z` standard deviations are kept from it. */
struct limit_verdict {
    double breach; /* in scales and hours */
    double margin; /* the least, in the output's unit; negative: it is broken */
    double when;   /* at this time */
};

struct limit_verdict limit_judge(const struct limit *limit, const struct forecast *of,
                                 const double *sd, double z, double zone);

#endif
