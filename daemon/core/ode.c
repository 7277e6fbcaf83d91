/* Fixed steps: Euler (1768) and the classical Runge-Kutta method (Kutta 1901). */
#include "twind/ode.h"

void ode_euler(ode_rhs *rhs, const void *context, size_t n, double t, double h, double *x,
               double *scratch)
{
    rhs(context, t, x, scratch);
    for (size_t i = 0; i < n; i++)
        x[i] += h * scratch[i];
}

static void probe(size_t n, const double *x, double h, const double *slope, double *at)
{
    for (size_t i = 0; i < n; i++)
        at[i] = x[i] + h * slope[i];
}

void ode_rk4(ode_rhs *rhs, const void *context, size_t n, double t, double h, double *x,
             double *scratch)
{
    double *k1 = scratch, *k2 = k1 + n, *k3 = k2 + n, *k4 = k3 + n, *at = k4 + n;
    rhs(context, t, x, k1);
    probe(n, x, h / 2, k1, at);
    rhs(context, t + h / 2, at, k2);
    probe(n, x, h / 2, k2, at);
    rhs(context, t + h / 2, at, k3);
    probe(n, x, h, k3, at);
    rhs(context, t + h, at, k4);
    for (size_t i = 0; i < n; i++)
        x[i] += h / 6 * (k1[i] + 2 * (k2[i] + k3[i]) + k4[i]);
}
