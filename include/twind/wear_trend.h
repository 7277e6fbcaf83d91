/* How fast a part wears: from what its wear would explain, day by day. */
#ifndef TWIND_WEAR_TREND_H
#define TWIND_WEAR_TREND_H

#include "twind/passage.h"

/* What is known of an index before anything is seen. Days are the unit of time. */
struct wear_prior {
    double spread;  /* sd of what the model is off from the start */
    double noise;   /* sd that the wear gains beyond its slope, per sqrt(day) */
    double slope;   /* sd of the slope, a day */
    double offset;  /* sd of what is unexplained, wear or not; 0: there is no such thing */
    double scatter; /* sd of one day's observation */
};

enum { WEAR_OFFSET, WEAR_BIAS, WEAR_LEVEL, WEAR_SLOPE, WEAR_STATES };

/* Plain data; zero is none: start it. */
struct wear_trend {
    double day;            /* that the states are of */
    double x[WEAR_STATES]; /* offset, bias, wear since the last service, its slope a day */
    double P[WEAR_STATES * WEAR_STATES];
    double variance; /* of an observation, as learned */
    double echo;     /* how much one day's surprise is like that of the day before, -1..1 */
    double last;     /* the last surprise, in standard deviations */
    double seen;     /* observations, fading */
};

void wear_trend_start(struct wear_trend *trend, const struct wear_prior *prior, double day);

/* The part is as new: its wear is 0, and what was known of the rest stays, but for how far
 * "new" is from the model. */
void wear_trend_serve(struct wear_trend *trend, const struct wear_prior *prior, double day);

/* To a later day. */
void wear_trend_advance(struct wear_trend *trend, const struct wear_prior *prior,
                        double day);

/* An observation of the present day: unexplained = offset + gain (bias + wear) + noise. */
void wear_trend_see(struct wear_trend *trend, const struct wear_prior *prior,
                    double unexplained, double gain);

/* The way to a limit, which is a wear other than 0. */
struct passage wear_trend_passage(const struct wear_trend *trend,
                                  const struct wear_prior *prior, double limit);

#endif
