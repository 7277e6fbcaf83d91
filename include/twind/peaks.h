/* How high will it get? The law of the peaks of a signal above a threshold, from those that
 * were seen, and the level that they exceed so and so often. */
#ifndef TWIND_PEAKS_H
#define TWIND_PEAKS_H

#include <stddef.h>

struct peaks_law {
    double threshold, scale, shape; /* shape 0: exponential; below: there is an end */
    double rate;                    /* of peaks above the threshold, in a unit of time */
};

/* The heights of n >= 2 peaks above the threshold, which came in `time`; they are sorted.
 * Shapes beyond what few peaks can tell are held to -0.5 .. 0.25. */
struct peaks_law peaks_fit(double *heights, size_t n, double threshold, double time);

/* The level that is exceeded `rate` times in a unit of time; not below the threshold. */
double peaks_level(const struct peaks_law *law, double rate);

#endif
