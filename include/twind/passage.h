/* When a quantity that wanders and drifts first reaches a limit. Any unit of time. */
#ifndef TWIND_PASSAGE_H
#define TWIND_PASSAGE_H

/* What is known now. Rising is towards the limit. */
struct passage {
    double distance, distance_sd; /* to the limit; not above 0: it is reached */
    double slope, slope_sd;       /* of the quantity, towards the limit, a unit of time */
    double covariance;            /* of distance and slope */
    double diffusion;             /* sd that it gains beyond the slope, per sqrt(time) */
};

/* That the limit is reached within `time`, 0..1. */
double passage_probability(const struct passage *passage, double time);

/* The time by which the limit is reached with this probability; INFINITY: not within
 * `most`. */
double passage_quantile(const struct passage *passage, double probability, double most);

#endif
