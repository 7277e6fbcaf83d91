/* The air over a city.
 *
 *   dC/dt = E/H + (u/L)(C_b - C) - (v_d/H) C - lambda C + (dH/dt)+/H (C_above - C)
 *   j NO2 = k NO O3,  k = 3.0e-12 exp(-1500/T) cm3/(molecule s)
 *   j = (1 + albedo)(1.47e-5 G - 4.84e-9 G2)
 *
 * Box: Seinfeld & Pandis (2016), Atmospheric Chemistry and Physics, 25.1. k: JPL
 * Publication 19-5, 195-308 K. j: Trebs et al. (2009), Atmos. Meas. Tech. 2, 725, G up to
 * about 1100 W/m2. Clear sky: Haurwitz (1945), sea level, a clean sky. Sun: Spencer
 * (1971)'s declination shortened to one term, 1 degree; no equation of time, 16 minutes. */
#include "twind/air_physics.h"

#include <math.h>

#define BOLTZMANN 1.380649e-23 /* J/K */
#define RADIAN (3.14159265358979323846 / 180)
#define DAY 86400.0
#define YEAR (365.2425 * DAY)

static double box_leaving(const struct air_box *b)
{
    return b->wind / b->length + b->deposition / b->height + b->loss;
}

double air_box_rate(const struct air_box *b, double c)
{
    return b->emission / b->height + b->wind / b->length * b->background -
           box_leaving(b) * c;
}

double air_box_time_constant(const struct air_box *b)
{
    return 1 / box_leaving(b);
}

double air_box_steady(const struct air_box *b)
{
    return air_box_rate(b, 0) / box_leaving(b);
}

double air_box_after(const struct air_box *b, double c, double t)
{
    double leaving = box_leaving(b);
    if (leaving * t < 1e-12)
        return c + air_box_rate(b, c) * t;
    return c - air_box_rate(b, c) / leaving * expm1(-leaving * t);
}

double air_entrained(double height, double growth, double c, double above, double emission,
                     double t)
{
    return (height * c + (emission + growth * above) * t) / (height + growth * t);
}

double air_titration(double kelvin)
{
    return 3.0e-12 * exp(-1500 / kelvin);
}

double air_titration_ppb(double kelvin, double pressure)
{
    double molecules = pressure / (BOLTZMANN * kelvin) * 1e-6; /* per cm3 of air */
    return air_titration(kelvin) * molecules * 1e-9;
}

double air_photolysis(double irradiance)
{
    const double albedo = 0.1, top = 1500; /* the parabola falls beyond */
    double g = fmin(fmax(irradiance, 0), top);
    return (1 + albedo) * (1.47e-5 - 4.84e-9 * g) * g;
}

double air_photostationary(double nox, double ox, double ratio)
{
    double b = nox + ox + ratio;
    if (!(b > 0))
        return 0;
    /* The smaller root in the form that does not cancel. */
    return 2 * nox * ox / (b + sqrt(fmax(b * b - 4 * nox * ox, 0)));
}

double air_balanced_no2(double no, double no2, double o3, double irradiance, double kelvin)
{
    const double molecules = 6.02214076e11; /* per cm3, at 1 umol/m3 */
    double ratio = air_photolysis(irradiance) / (air_titration(kelvin) * molecules);
    return air_photostationary(no + no2, o3 + no2, ratio);
}

double air_clear_sky(double time, double latitude, double longitude)
{
    double season = 2 * 180 * RADIAN * (time / YEAR - floor(time / YEAR) - 0.2178);
    double declination = 23.45 * RADIAN * sin(season);
    double turned = time / DAY - floor(time / DAY) - 0.5; /* days from noon at Greenwich */
    double hour_angle = 2 * 180 * RADIAN * turned + longitude * RADIAN;
    double height = sin(latitude * RADIAN) * sin(declination) +
                    cos(latitude * RADIAN) * cos(declination) * cos(hour_angle);
    return height > 0.01 ? 1098 * height * exp(-0.057 / height) : 0;
}

double air_mixing_height(double irradiance, double wind)
{
    /* Turbulence of the wind keeps a neutral layer of some 50 m for each m/s; the sun adds
     * a convective one of 0.4 km on a bright day (both are means over years, not days:
     * Seibert et al. 2000, Atmos. Environ. 34, 1001). */
    const double calm = 200, mechanical = 50, convective = 0.7;
    return calm + mechanical * fmin(wind, 12) + convective * fmin(irradiance, 1200);
}
