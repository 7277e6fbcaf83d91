/* What of a greenhouse wears. */
#ifndef TWIND_KINDS_GREENHOUSE_HEALTH_H
#define TWIND_KINDS_GREENHOUSE_HEALTH_H

#include "twind/kind.h"

enum { GREENHOUSE_HEALTH = 3 };

extern const struct kind_health greenhouse_health[];

double greenhouse_health_unexplained(const struct kind_point *at, const double *params,
                                     size_t health);

#endif
