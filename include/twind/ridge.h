/* Linear regression that goes on for ever: moments of features and target, slowly
 * forgotten, and coefficients drawn to a prior as far as the data are few. No allocation;
 * moments are plain floats, zero at the start. */
#ifndef TWIND_RIDGE_H
#define TWIND_RIDGE_H

#include <stddef.h>

enum { RIDGE_MOST = 48 }; /* features */

/* Floats that the moments of n features and a target take. */
size_t ridge_floats(size_t n);

/* One more sample; what came before counts `keep` of what it did. A feature that is NAN is
 * not known: it counts as its mean. */
void ridge_learn(size_t n, float *moments, const float *features, double target,
                 double keep);

/* All samples so far count `keep` of what they did; the coefficients that they say stay. */
void ridge_fade(size_t n, float *moments, double keep);

/* The weight of all samples. */
double ridge_weight(const float *moments);

struct ridge_prior {
    const double *coefficients; /* n: what they are without data */
    const unsigned char *used;  /* n: those that may differ from it; NULL: all */
    double samples; /* the prior is worth so many of them; also for the intercept */
    /* So many of the first features are of one unit. Of these one that hardly varies beside
     * the others stays at its prior: what is learned of noise would be a huge coefficient,
     * wrong wherever that feature does vary. */
    size_t alike;
};

/* n coefficients and the intercept. */
void ridge_solve(size_t n, const float *moments, const struct ridge_prior *prior,
                 double *coefficients);

/* Features that are NAN count as their mean. */
double ridge_predict(size_t n, const float *moments, const double *coefficients,
                     const float *features);

#endif
