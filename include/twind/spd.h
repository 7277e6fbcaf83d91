/* Symmetric positive definite matrices, row by row, n x n. */
#ifndef TWIND_SPD_H
#define TWIND_SPD_H

#include <stddef.h>

enum { SPD_MOST = 64 }; /* n */

/* inverse = matrix^-1, which may be in its place; of `matrix` the lower triangle is read.
 * One that rounding has made singular is treated as if its pivots were not quite 0. */
void spd_invert(size_t n, const double *matrix, double *inverse);

#endif
