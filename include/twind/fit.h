/* Least squares with bounds and priors: Levenberg-Marquardt (cminpack) on parameters that
 * are transformed to their ranges, how certain each is, and which the data cannot tell
 * apart. Allocates in fit_new() only. */
#ifndef TWIND_FIT_H
#define TWIND_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIT_MAX = 16 }; /* parameters */

/* What is believed of a parameter before the data are looked at: normal about `centre`. */
struct fit_prior {
    double centre, spread; /* sd; INFINITY: nothing is believed */
    bool ratio; /* ln(p/centre + 1/10) is normal instead: the range begins at 0 or above */
};

/* Calls work(context, i, lane) for i from 0 to n - 1, all done when it returns. Calls of
 * one lane (numbered from 0) follow each other; those of several may run side by side. */
typedef void fit_each(void *pool, size_t n, void (*work)(void *, size_t i, size_t lane),
                      void *context);

struct fit_problem {
    size_t n, m;             /* parameters, residuals; m >= n */
    const double *min, *max; /* n each, min < max */
    /* Fills r (m) with weighted residuals at p, which is inside the bounds. */
    void (*residuals)(void *context, size_t lane, const double *p, double *r);
    void *context;
    fit_each *each; /* NULL: one after another, lane 0 */
    void *pool;
    const struct fit_prior *prior; /* n; NULL: none */
    double
        evidence; /* with a prior: -2 ln likelihood that a sum of squares of 1 is worth */
    /* Residuals of one group (numbered from 0, ascending) err together; NULL: each by
     * itself. */
    const uint32_t *group;
    size_t most_evaluations;
};

/* Parameters that trade against each other: bit i, parameter i. */
struct fit_tie {
    uint32_t mask;
    double condition; /* index; above 30 the data hardly tell them apart (Belsley 1980) */
};

struct fit_result {
    double p[FIT_MAX];
    double standard_error[FIT_MAX]; /* INFINITY: the data do not determine it */
    double before, after;           /* sums of squares, the prior's share included */
    uint32_t blind;                 /* bit i: the residuals do not depend on parameter i */
    uint32_t at_bound;              /* bit i: p[i] is at an end of its range */
    struct fit_tie ties[FIT_MAX];
    size_t n_ties, evaluations;
};

struct fit; /* the room to work in */
struct fit *fit_new(size_t n, size_t m);
void fit_free(struct fit *fit);

/* From result->p to the nearest minimum; p, before, after and evaluations are set. */
void fit_descend(struct fit *fit, const struct fit_problem *problem,
                 struct fit_result *result);

/* At result->p: standard errors, ties, blind and at_bound; costs 2 n evaluations.
 *
 * The standard error is the larger of s^2 H^-1 and the one that is robust against residuals
 * that err together in groups, H^-1 (sum J_g' r_g r_g' J_g) H^-1; H = J'J. A prior counts
 * as one more group of each parameter: where the data say nothing its spread is the
 * standard error. Ties and blind are of the data alone. */
void fit_examine(struct fit *fit, const struct fit_problem *problem,
                 struct fit_result *result);

#endif
