/* Limits with clear limits (hysteresis), as several rule types have them. */
#ifndef TWIND_RULES_LIMITS_H
#define TWIND_RULES_LIMITS_H

#include "twind/err.h"

/* In the order in which they lie among a type's parameters; NAN: not given. */
enum { LIMIT_ABOVE, LIMIT_CLEAR_BELOW, LIMIT_BELOW, LIMIT_CLEAR_ABOVE, LIMITS };

/* +1: above, -1: below, 0: between. */
int limits_side(const double *limits, double value);

/* What was beyond the limit on that side is back: past the clear limit, or without one no
 * longer beyond the limit (which a reload may have taken away). */
bool limits_are_clear(const double *limits, int side, double value);

/* At least one of the two, and below smaller than above. */
bool limits_check_band(double above, double below, struct err *e);
bool limits_check_order(double above, double below, struct err *e);

/* A clear limit has a limit, and lies on the inner side of it. */
bool limits_check_clear(const double *limits, struct err *e);

#endif
