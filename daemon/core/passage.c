/* First passage of a Wiener process with drift:
 *
 *   x(t) = v t + s W(t),  T = min {t: x(t) = a}
 *
 * T has the inverse Gaussian distribution. Its mean over a normal drift v ~ N(m, r^2) is,
 * with S^2 = s^2 t + r^2 t^2,
 *
 *   P(T <= t) = Phi((m t - a) / S)
 *             + exp(2 m a / s^2 + 2 r^2 a^2 / s^4) Phi(-(a + (m + 2 a r^2 / s^2) t) / S)
 *
 * and over a normal distance a (the drift correlated with it) a sum over the nodes of
 * Gauss and Hermite. A drift away from the limit leaves P(T < infinity) below 1.
 *
 * Chhikara and Folks (1989), The Inverse Gaussian Distribution; Whitmore (1986), Normal-
 * gamma mixtures of inverse Gaussian distributions; Si, Wang, Hu and Zhou (2013), A Wiener-
 * process-based degradation model with a recursive filter algorithm for remaining useful
 * life. Valid for a diffusion and a drift that stay what they are. */
#include "twind/passage.h"

#include "twind/stats.h"

#include <math.h>
#include <stddef.h>

enum { NODES = 7, HALVINGS = 80 };

/* Of the standard normal distribution. */
static const double nodes[NODES] = {0,
                                    1.1544053947399682,
                                    -1.1544053947399682,
                                    2.3667594107345415,
                                    -2.3667594107345415,
                                    3.7504397177257425,
                                    -3.7504397177257425};
static const double weights[NODES] = {
    0.45714285714285714,    0.24012317860501271,  0.24012317860501271,
    0.030757123967586492,   0.030757123967586492, 0.00054826885597221782,
    0.00054826885597221782,
};

/* exp(e) Phi(-z): each may leave the range of a double where the product does not. */
static double scaled_tail(double e, double z)
{
    static const double far = 30;
    if (z <= far)
        return exp(e + log(stats_normal(-z)));
    double z2 = z * z, series = 1 - 1 / z2 + 3 / (z2 * z2);
    return exp(e - 0.5 * z2) * series / (z * sqrt(2 * acos(-1.0)));
}

/* The distance is known, the drift is N(m, r2). */
static double reach(double a, double m, double r2, double s2, double t)
{
    if (a <= 0)
        return 1;
    double S = sqrt(s2 * t + r2 * t * t);
    if (!(S > 0))
        return m * t >= a ? 1 : 0;
    double p = stats_normal((m * t - a) / S);
    if (s2 > 0) {
        double tilt = 2 * a / s2;
        p += scaled_tail(tilt * (m + 0.5 * tilt * r2), (a + (m + tilt * r2) * t) / S);
    }
    return fmin(p, 1);
}

double passage_probability(const struct passage *p, double t)
{
    double s2 = p->diffusion * p->diffusion, r2 = p->slope_sd * p->slope_sd;
    if (!(t > 0))
        return p->distance <= 0 ? 1 : 0;
    if (!(p->distance_sd > 0))
        return reach(p->distance, p->slope, r2, s2, t);
    double along = p->covariance / p->distance_sd, sum = 0;
    r2 = fmax(r2 - along * along, 0);
    for (size_t i = 0; i < NODES; i++)
        sum += weights[i] * reach(p->distance + nodes[i] * p->distance_sd,
                                  p->slope + nodes[i] * along, r2, s2, t);
    return fmin(sum, 1);
}

double passage_quantile(const struct passage *p, double probability, double most)
{
    double low = most * 1e-9, high = most;
    if (!(passage_probability(p, high) >= probability))
        return INFINITY;
    if (passage_probability(p, low) >= probability)
        return 0;
    for (int i = 0; i < HALVINGS && high > low * (1 + 1e-9); i++) {
        double middle = sqrt(low * high);
        if (passage_probability(p, middle) >= probability)
            high = middle;
        else
            low = middle;
    }
    return high;
}
