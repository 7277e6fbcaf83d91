/* A bank of directions in which a twin may be wrong: what a fault of unit size (a biased
 * sensor, a worn part, a jammed vent) does to the innovations of the filter that knows
 * nothing of it. From these signatures follow how likely each fault is, and how large.
 *
 * A bank of m directions is a matrix g of n_x rows (the states of the plan) and m columns:
 * how much further the truth is from the estimate, for a fault of unit size. The caller
 * owns it, and starts a direction by zeroing its column. Nothing here is allocated. */
#ifndef TWIND_BANK_H
#define TWIND_BANK_H

#include "twind/filter.h"

/* g = F g over a span, F that of the filter's blocks (scratch->F after filter_follow()).
 * `work`: KIND_BLOCK_MAX * m doubles. */
void bank_move(const struct plan *plan, const double *F, size_t m, double *g, double *work);

/* b, what a fault adds to the states' derivatives, becomes what it has added to the states
 * after dt seconds (scratch->A after filter_follow()): to be added to g. `work`:
 * KIND_BLOCK_MAX * m doubles. */
void bank_drive(const struct plan *plan, const double *A, double dt, size_t m, double *b,
                double *work);

/* The signatures of a reading with gradient h: s += h g. s holds what the fault adds to the
 * reading at once (1: a bias of this sensor; 0). */
void bank_foresee(size_t n_x, const double *h, size_t m, const double *g, double *s);

/* The filter has heeded the reading: g -= gain s. */
void bank_heed(size_t n_x, const double *gain, size_t m, const double *s, double *g);

/* The evidence of a reading: d += s residual / variance, c += s^2 / variance. The size is
 * d/c, its variance 1/c. */
void bank_weigh(size_t m, const double *s, double residual, double variance, double *c,
                double *d);

/* The logarithm of how much likelier the evidence is with the fault than without, where
 * sizes are normally distributed beforehand. */
double bank_odds(double c, double d, double mean, double sd);

/* The derivatives of the states now (the kind's n_states). */
void bank_derive(const struct twin *twin, struct twin_scratch *scratch, double *dx);

/* What the effects (up to KIND_EFFECTS_MAX) change in these, into dx (n_x; estimated
 * parameters: 0). */
void bank_effect(const struct twin *twin, const struct kind_effect *effects,
                 const double *base, struct twin_scratch *scratch, double *dx);

/* What they change in an output that is `base` now. NAN: it can't be said. */
double bank_effect_seen(const struct twin *twin, const struct kind_effect *effects,
                        size_t output, double base, struct twin_scratch *scratch);

#endif
