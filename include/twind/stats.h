/* Distribution functions: normal and chi-square. Accurate to about 1e-12 relative in the
 * body and in tails down to 1e-300. No state, no allocation. */
#ifndef TWIND_STATS_H
#define TWIND_STATS_H

/* P(Z <= x) for a standard normal Z. */
double stats_normal(double x);

/* The x with P(Z <= x) = p; -INFINITY at p <= 0, INFINITY at p >= 1, NAN for NAN. */
double stats_normal_quantile(double p);

/* P(X <= x) and P(X > x) for X chi-square with dof > 0 degrees of freedom. The tail keeps
 * its digits where the distribution function is 1 to rounding. */
double stats_chi_square(double x, double dof);
double stats_chi_square_tail(double x, double dof);

/* The x with P(X > x) = p; INFINITY at p <= 0, 0 at p >= 1. */
double stats_chi_square_quantile(double p, double dof);

#endif
