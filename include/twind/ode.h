/* Steps of ordinary differential equations, without allocation. */
#ifndef TWIND_ODE_H
#define TWIND_ODE_H

#include <stddef.h>

/* dx/dt at (t, x), n values. `context` is the caller's. */
typedef void ode_rhs(const void *context, double t, const double *x, double *dx);

/* One explicit Euler step of h seconds in place; `scratch` holds n doubles. */
void ode_euler(ode_rhs *rhs, const void *context, size_t n, double t, double h, double *x,
               double *scratch);

/* One classical Runge-Kutta 4 step (Kutta 1901); `scratch` holds 5 n doubles. */
void ode_rk4(ode_rhs *rhs, const void *context, size_t n, double t, double h, double *x,
             double *scratch);

#endif
