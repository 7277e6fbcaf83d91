/* Adaptive, stiff integration by CVODE (Hindmarsh et al. 2005): backward differentiation of
 * variable order and step. */
#ifndef TWIND_ADAPTIVE_H
#define TWIND_ADAPTIVE_H

#include "twind/err.h"
#include "twind/ode.h"

struct adaptive;

/* For n states; `scale` (n) is a typical size of each: the error of a step is held below
 * `tolerance` times |x| + scale. `context` must outlive it. NULL: out of memory. */
struct adaptive *adaptive_new(size_t n, ode_rhs *rhs, const void *context, double tolerance,
                              const double *scale);
void adaptive_free(struct adaptive *adaptive);

/* Moves x from t0 to t1 > t0, from rest (inputs may have jumped). False: the solver gave
 * up, e says why. */
bool adaptive_run(struct adaptive *adaptive, double t0, double t1, double *x,
                  struct err *e);

#endif
