/* The exchange processes of Vanthoor (2011), chapter 8, with the constants of his
 * Tables 8.1 and 8.2 (a Dutch glasshouse). Valid for houses with continuous roof vents,
 * 0..45 Cel inside, -40..45 Cel outside, wind to 30 m/s. */
#include "twind/greenhouse_physics.h"
#include "twind/psychro.h"

#include <math.h>

static const double PI = 3.14159265358979323846;
static const double GRAVITY = 9.81;                            /* m/s2 */
static const double MOLAR_WATER = 18.0, GAS_CONSTANT = 8314.0; /* kg/kmol, J/(kmol K) */
static const double PSYCHROMETRIC = 65.8;                      /* Pa/K */
static const double VENT_HEIGHT = 0.68;                        /* m, of one opening */
static const double LEAST_LEAK_WIND = 0.25;                    /* m/s */
static const double LEAF_BOUNDARY = 275.0;                     /* s/m */
static const double DUSK = 5.0; /* W/m2 above the crop: night becomes day */

double greenhouse_roof_ventilation(const struct greenhouse_vents *v, double t_air,
                                   double t_out, double wind)
{
    double t_mean = 0.5 * (t_air + t_out) + PSYCHRO_KELVIN;
    double buoyancy = GRAVITY * VENT_HEIGHT * (t_air - t_out) / (2 * t_mean);
    return v->opening * v->area_ratio * v->discharge / 2 *
           sqrt(fabs(buoyancy + v->wind_effect * wind * wind));
}

double greenhouse_leakage(double coefficient, double wind)
{
    return coefficient * fmax(wind, LEAST_LEAK_WIND);
}

double greenhouse_air_heat(double flow, double t_air, double t_out)
{
    return GREENHOUSE_AIR_DENSITY * GREENHOUSE_AIR_HEAT * flow * (t_air - t_out);
}

double greenhouse_air_vapour(double flow, double e_air, double t_air, double e_out,
                             double t_out)
{
    return MOLAR_WATER * flow / GAS_CONSTANT *
           (e_air / (t_air + PSYCHRO_KELVIN) - e_out / (t_out + PSYCHRO_KELVIN));
}

double greenhouse_vapour_capacity(double height, double t_air)
{
    return MOLAR_WATER * height / (GAS_CONSTANT * (t_air + PSYCHRO_KELVIN));
}

double greenhouse_stomata(double least, double radiation, double co2, double vpd)
{
    double day = 1 / (1 + exp(DUSK - radiation));
    double c3 = 1.1e-11 + day * (6.1e-7 - 1.1e-11);
    double c4 = 5.2e-6 + day * (4.3e-6 - 5.2e-6);
    double light = (radiation + 4.3) / (radiation + 0.54);
    double carbon = fmin(1.5, 1 + c3 * (co2 - 200) * (co2 - 200));
    double dryness = fmin(5.8, 1 + c4 * vpd * vpd);
    return least * light * carbon * dryness;
}

double greenhouse_transpiration(double lai, double stomata)
{
    return 2 * GREENHOUSE_AIR_DENSITY * GREENHOUSE_AIR_HEAT * lai /
           (GREENHOUSE_LATENT_HEAT * PSYCHROMETRIC * (LEAF_BOUNDARY + stomata));
}

double greenhouse_cover_inside(double cover_ratio, double t_air, double t_cover)
{
    return 1.86 * cover_ratio * pow(fabs(t_air - t_cover), 0.33);
}

double greenhouse_cover_outside(double cover_ratio, double wind)
{
    return cover_ratio * (2.8 + 1.2 * wind);
}

double greenhouse_sky_radiation(double eps, double t_cover, double t_sky)
{
    double a = t_cover + PSYCHRO_KELVIN, b = t_sky + PSYCHRO_KELVIN;
    return eps * GREENHOUSE_SIGMA * (a * a + b * b) * (a + b) * (a - b);
}

double greenhouse_condensation(double exchange, double e_air, double e_surface)
{
    double excess = e_air - e_surface;
    return 6.4e-9 * exchange * excess / (1 + exp(fmin(-0.1 * excess, 700)));
}

double greenhouse_pipe_convection(double length, double diameter, double t_pipe,
                                  double t_air)
{
    if (t_pipe <= t_air)
        return 0;
    return 1.99 * PI * diameter * length * pow(t_pipe - t_air, 0.32);
}
