/* The usual level and scatter of a stream, over a memory in rows. */
#ifndef TWIND_BASELINE_H
#define TWIND_BASELINE_H

/* Zero at the start. */
struct baseline {
    double mean, variance, rows;
};

/* Deviation from the mean in standard deviations; 0 where both are none, an infinite one
 * where a stream that never moved does. */
double baseline_deviation(const struct baseline *b, double x);

/* Takes the value in; one far out is drawn to the edge of what is usual, for outliers are
 * not to teach that outliers are usual. */
void baseline_learn(struct baseline *b, double x, double memory);

#endif
