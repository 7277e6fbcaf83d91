/* PMV and PPD, ISO 7730:2005.
 *
 *   t_cl = 35.7 - 0.028 (M - W) - I_cl (3.96e-8 f_cl ((t_cl + 273)^4 - (t_r + 273)^4)
 *          + f_cl h_c (t_cl - t_a))                                                  (2)
 *   h_c = max(2.38 |t_cl - t_a|^0.25, 12.1 sqrt(v))                                  (3)
 *   PMV = (0.303 exp(-0.036 M) + 0.028) L, L the heat that is left over              (1)
 *   PPD = 100 - 95 exp(-0.03353 PMV^4 - 0.2179 PMV^2)                                (5)
 *
 * External work W = 0. (2) is solved by Newton's method: its left side minus its right side
 * rises with t_cl everywhere, so there is one root. */
#include "twind/comfort.h"

#include <math.h>

static const double watts_per_met = 58.15;  /* W/m2 */
static const double insulation_clo = 0.155; /* m2 K/W */
static const double kelvin = 273.0;         /* as the standard has it */

struct clothes {
    double temperature; /* Cel, of the surface */
    double convection;  /* W/(m2 K) */
    double area;        /* f_cl */
};

static double fourth(double x)
{
    return x * x * x * x;
}

static struct clothes find_clothes(const struct comfort *c, double metabolism)
{
    double i = insulation_clo * c->clothing;
    double f = i <= 0.078 ? 1.0 + 1.29 * i : 1.05 + 0.645 * i;
    double forced = 12.1 * sqrt(fmax(c->air_speed, 0.0));
    double skin = 35.7 - 0.028 * metabolism;
    double sky = fourth(c->radiant + kelvin);
    double t = c->air + 0.5 * (skin - c->air), h = forced;
    for (int n = 0; n < 30; n++) {
        double free = 2.38 * sqrt(sqrt(fabs(t - c->air)));
        double slope = free > forced ? 1.25 * free : forced;
        h = fmax(free, forced);
        double k = t + kelvin;
        double g = t - skin + i * f * (3.96e-8 * (fourth(k) - sky) + h * (t - c->air));
        double step = g / (1.0 + i * f * (15.84e-8 * k * k * k + slope));
        t -= step;
        if (fabs(step) < 1e-10)
            break;
    }
    return (struct clothes){.temperature = t, .convection = h, .area = f};
}

double comfort_vote(const struct comfort *c)
{
    double m = watts_per_met * c->activity;
    double vapour =
        c->humidity * 10.0 * exp(16.6536 - 4030.183 / (c->air + 235.0)); /* Pa */
    struct clothes cl = find_clothes(c, m);
    double diffusion = 3.05e-3 * (5733.0 - 6.99 * m - vapour);
    double sweat = fmax(0.42 * (m - watts_per_met), 0.0);
    double breath = 1.7e-5 * m * (5867.0 - vapour) + 0.0014 * m * (34.0 - c->air);
    double radiation =
        3.96e-8 * cl.area * (fourth(cl.temperature + kelvin) - fourth(c->radiant + kelvin));
    double convection = cl.area * cl.convection * (cl.temperature - c->air);
    double left = m - diffusion - sweat - breath - radiation - convection;
    return (0.303 * exp(-0.036 * m) + 0.028) * left;
}

double comfort_dissatisfied(double vote)
{
    double square = vote * vote;
    return 100.0 - 95.0 * exp(-(0.03353 * square + 0.2179) * square);
}
