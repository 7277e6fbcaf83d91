/* Light in a canopy and its photosynthesis: Vanthoor (2011), ch. 8.4 and 9, after Farquhar,
 * von Caemmerer and Berry (1980), Planta 149, 78, limited by electron transport.
 *
 *   J_pot = J_max LAI exp(E (T - T25)/(R T T25)) (1 + exp((S T25 - H)/(R T25)))
 *                                               / (1 + exp((S T - H)/(R T)))
 *   theta J^2 - (J_pot + alpha I) J + alpha I J_pot = 0, the smaller root
 *   P = J (C - Gamma) / (4 (C + 2 Gamma)) (1 - Gamma/C),  C = 0.67 CO2
 *   Gamma = 1.7 (T/LAI + 20 (1 - 1/LAI))
 *
 * Valid for well watered C3 crops (tomato, cucumber, pepper, lettuce), 5..40 Cel, 200..1500
 * ppm. Below a leaf area of 1 the last line is taken at 1: it was made for full canopies.
 */
#include "twind/greenhouse_crop.h"
#include "twind/psychro.h"

#include <math.h>

static const double GAS = 8.314;         /* J/(mol K) */
static const double T25 = 298.15;        /* K */
static const double ACTIVATION = 37e3;   /* J/mol */
static const double DEACTIVATION = 22e4; /* J/mol */
static const double ENTROPY = 710;       /* J/(mol K) */
static const double ELECTRONS_PER_PHOTON = 0.385, CURVATURE = 0.7;
static const double STOMATA_CO2 = 0.67; /* in the leaf over that in the air */
static const double GAMMA_SLOPE = 1.7;  /* ppm/K, of the compensation point */
static const double CROP_VISIBLE = 0.7, CROP_INFRARED = 0.27; /* extinction, per LAI */
static const double REFLECT_VISIBLE = 0.07, REFLECT_INFRARED = 0.35;
static const double FLOOR_VISIBLE = 0.65, FLOOR_INFRARED = 0.5; /* reflected by the floor */

static struct greenhouse_shares share(double lai, double extinction, double reflected,
                                      double floor)
{
    double through = exp(-extinction * fmax(lai, 0));
    double caught = (1 - reflected) * (1 - through);
    return (struct greenhouse_shares){caught * (1 + floor * through),
                                      through * (1 - floor)};
}

struct greenhouse_shares greenhouse_share_visible(double lai)
{
    return share(lai, CROP_VISIBLE, REFLECT_VISIBLE, FLOOR_VISIBLE);
}

struct greenhouse_shares greenhouse_share_infrared(double lai)
{
    return share(lai, CROP_INFRARED, REFLECT_INFRARED, FLOOR_INFRARED);
}

static double warm_enzymes(double t_crop) /* 1 at 25 Cel */
{
    double k = fmax(t_crop, -60) + PSYCHRO_KELVIN;
    double faster = exp(ACTIVATION * (k - T25) / (GAS * k * T25));
    double at_25 = 1 + exp((ENTROPY * T25 - DEACTIVATION) / (GAS * T25));
    return faster * at_25 / (1 + exp((ENTROPY * k - DEACTIVATION) / (GAS * k)));
}

double greenhouse_electrons(double most, double lai, double t_crop, double absorbed)
{
    double potential = most * fmax(lai, 0) * warm_enzymes(t_crop);
    double driven = ELECTRONS_PER_PHOTON * fmax(absorbed, 0);
    double sum = potential + driven;
    double root = sqrt(fmax(sum * sum - 4 * CURVATURE * potential * driven, 0));
    return (sum - root) / (2 * CURVATURE);
}

double greenhouse_assimilation(double electrons, double lai, double t_crop, double co2)
{
    double one = 1 / fmax(lai, 1);
    double gamma = fmax(GAMMA_SLOPE * (t_crop * one + 20 * (1 - one)), 1);
    double inside = fmax(STOMATA_CO2 * co2, 1);
    double fixed = electrons * (inside - gamma) / (4 * (inside + 2 * gamma));
    return fixed * fabs(1 - gamma / inside);
}

double greenhouse_respiration(double at_25, double lai, double t_crop)
{
    return at_25 * lai * exp2(0.1 * (fmin(t_crop, 60) - 25));
}
