/* Least squares with bounds: Levenberg-Marquardt (cminpack) on parameters that are
 * transformed to their ranges, how certain each is, and which the data cannot tell apart.
 * Allocates in fit_new() only. */
#ifndef TWIND_FIT_H
#define TWIND_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIT_MAX = 16 }; /* parameters */

struct fit_problem {
    size_t n, m;             /* parameters, residuals; m >= n */
    const double *min, *max; /* n each, min < max */
    /* Fills r (m) with weighted residuals at p, which is inside the bounds. */
    void (*residuals)(void *context, const double *p, double *r);
    void *context;
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
    double before, after;           /* sums of squares */
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
 * The standard error is the larger of s^2 (J'J)^-1 and the one that is robust against
 * residuals that err together in groups, (J'J)^-1 (sum J_g' r_g r_g' J_g) (J'J)^-1. */
void fit_examine(struct fit *fit, const struct fit_problem *problem,
                 struct fit_result *result);

#endif
