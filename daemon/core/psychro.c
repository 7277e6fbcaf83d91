/* Moist air: saturation pressure by the Magnus form of Vanthoor (2011, ch. 8), the inverse
 * of it as dew point, and the ideal gas law. Valid from -60 to 100 Cel. */
#include "twind/psychro.h"

#include <math.h>

static const double SATURATION_0 = 610.78; /* Pa at 0 Cel */
static const double MAGNUS_A = 17.2694, MAGNUS_B = 238.3;
static const double COLDEST = -60, HOTTEST = 100; /* Cel */
static const double LEAST_PRESSURE = 1e-3;        /* Pa */
static const double PA_PER_HPA = 100, UG_PER_G = 1e6, PPB = 1e-9;

static double molar_density(double pa, double t) /* mol/m3 */
{
    return pa / (PSYCHRO_GAS_CONSTANT * (t + PSYCHRO_KELVIN));
}

double psychro_saturation(double t)
{
    t = fmin(fmax(t, COLDEST), HOTTEST);
    return SATURATION_0 * exp(MAGNUS_A * t / (t + MAGNUS_B));
}

double psychro_dew_point(double pressure)
{
    double x = log(fmax(pressure, LEAST_PRESSURE) / SATURATION_0);
    return MAGNUS_B * x / (MAGNUS_A - x);
}

double psychro_absolute(double pressure, double t)
{
    return PSYCHRO_MOLAR_WATER * molar_density(pressure, t);
}

double psychro_ug_per_ppb(double molar_mass, double t, double pressure)
{
    return molar_mass * molar_density(pressure * PA_PER_HPA, t) * PPB * UG_PER_G;
}
