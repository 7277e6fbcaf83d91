/* What an output that counts (KIND_CUMULATIVE, KIND_DAILY) comes to over a time. */
#ifndef TWIND_TOTALS_H
#define TWIND_TOTALS_H

#include "twind/kind.h"

struct totals_series {
    const double *values; /* n, at made + step, made + 2 step .. */
    size_t n;
    double start;      /* the value at made */
    double made, step; /* s */
    double zone;       /* s east of UTC: where midnight is */
};

bool totals_counts(const struct kind_row *output);

/* Of a daily output what was lost at midnight, between the last value and the reset, goes
 * on as it went before. NAN: the output does not count, or is not known. */
double totals_of(const struct kind_row *output, const struct totals_series *series);

/* The output that tells the energy (kWh) and the cost: the first daily one in that unit
 * (money has none), else the first meter. SIZE_MAX: the kind has none. */
size_t totals_energy(const struct kind *kind);
size_t totals_cost(const struct kind *kind);

#endif
