/* Normal and chi-square distributions.
 *
 * The normal quantile is Acklam's rational approximation (Peter J. Acklam, 2003, relative
 * error 1.15e-9) and one step of Halley's method, which takes it to full precision.
 * Chi-square is the regularised incomplete gamma function (NIST DLMF 8.11.4 the series,
 * 8.9.2 the continued fraction, evaluated by Lentz's method). Valid for dof up to about
 * 1e5, where the series takes some hundred terms. */
#include "twind/stats.h"

#include <float.h>
#include <math.h>

enum { TERMS = 10000 };

static const double root_2pi = 2.5066282746310002;
static const double root_half = 0.70710678118654752440;

double stats_normal(double x)
{
    return 0.5 * erfc(-x * root_half);
}

static double polynomial(const double *c, int degree, double x)
{
    double sum = c[0];
    for (int i = 1; i <= degree; i++)
        sum = sum * x + c[i];
    return sum;
}

/* For 0 < p <= 0.5. */
static double acklam(double p)
{
    static const double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,
                               -2.759285104469687e+02, 1.383577518672690e+02,
                               -3.066479806614716e+01, 2.506628277459239e+00};
    static const double b[] = {-5.447609879822406e+01, 1.615858368580409e+02,
                               -1.556989798598866e+02, 6.680131188771972e+01,
                               -1.328068155288572e+01, 1};
    static const double c[] = {-7.784894002430293e-03, -3.223964580411365e-01,
                               -2.400758277161838e+00, -2.549732539343734e+00,
                               4.374664141464968e+00,  2.938163982698783e+00};
    static const double d[] = {7.784695709041462e-03, 3.224671290700398e-01,
                               2.445134137142996e+00, 3.754408661907416e+00, 1};
    if (p < 0.02425) {
        double q = sqrt(-2 * log(p));
        return polynomial(c, 5, q) / polynomial(d, 4, q);
    }
    double q = p - 0.5, r = q * q;
    return q * polynomial(a, 5, r) / polynomial(b, 5, r);
}

double stats_normal_quantile(double p)
{
    if (isnan(p))
        return NAN;
    if (p <= 0)
        return -INFINITY;
    if (p >= 1)
        return INFINITY;
    if (p > 0.5)
        return -stats_normal_quantile(1 - p);
    double x = acklam(p);
    double density = exp(-0.5 * x * x) / root_2pi;
    if (density < DBL_MIN) /* the correction would divide by 0 */
        return x;
    double step = (stats_normal(x) - p) / density;
    return x - step / (1 + 0.5 * x * step);
}

/* x^a e^-x / Gamma(a + 1) */
static double leading_term(double a, double x)
{
    return exp(a * log(x) - x - lgamma(a + 1));
}

/* P(a, x), DLMF 8.11.4; converges fast for x < a + 1. */
static double gamma_series(double a, double x)
{
    double term = 1, sum = 1;
    for (int i = 1; i < TERMS && term > sum * DBL_EPSILON; i++) {
        term *= x / (a + i);
        sum += term;
    }
    return sum * leading_term(a, x);
}

/* Q(a, x), DLMF 8.9.2 in its even part; converges fast for x > a + 1. */
static double gamma_fraction(double a, double x)
{
    const double tiny = DBL_MIN / DBL_EPSILON;
    double b = x + 1 - a, c = 1 / tiny, d = 1 / b, value = d;
    for (int i = 1; i < TERMS; i++) {
        double numerator = -i * (i - a);
        b += 2;
        d = numerator * d + b;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = b + numerator / c;
        c = fabs(c) < tiny ? tiny : c;
        value *= c * d;
        if (fabs(c * d - 1) < DBL_EPSILON)
            break;
    }
    return value * a * leading_term(a, x);
}

double stats_chi_square(double x, double dof)
{
    if (!(x > 0))
        return isnan(x) ? NAN : 0;
    double a = dof / 2, y = x / 2;
    return y < a + 1 ? gamma_series(a, y) : 1 - gamma_fraction(a, y);
}

double stats_chi_square_tail(double x, double dof)
{
    if (!(x > 0))
        return isnan(x) ? NAN : 1;
    if (isinf(x))
        return 0;
    double a = dof / 2, y = x / 2;
    return y < a + 1 ? 1 - gamma_series(a, y) : gamma_fraction(a, y);
}

/* Bisection on the tail, which falls monotonically: about 60 steps, for set-up code. */
double stats_chi_square_quantile(double p, double dof)
{
    if (isnan(p) || p >= 1)
        return isnan(p) ? NAN : 0;
    if (p <= 0)
        return INFINITY;
    double low = 0, high = dof + 1;
    while (stats_chi_square_tail(high, dof) > p)
        high *= 2;
    for (int i = 0; i < 200 && high - low > high * DBL_EPSILON; i++) {
        double middle = low + (high - low) / 2;
        if (stats_chi_square_tail(middle, dof) > p)
            low = middle;
        else
            high = middle;
    }
    return high;
}
