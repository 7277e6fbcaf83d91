/* Exchange processes of a greenhouse, per m2 of floor (Vanthoor 2011, "A model-based
 * greenhouse design method", ch. 8; the equation numbers are his). Pure functions in SI
 * units, temperatures in Cel; any finite argument gives a finite answer. */
#ifndef TWIND_GREENHOUSE_PHYSICS_H
#define TWIND_GREENHOUSE_PHYSICS_H

#define GREENHOUSE_AIR_DENSITY 1.2    /* kg/m3 */
#define GREENHOUSE_AIR_HEAT 1000.0    /* J/(kg K) */
#define GREENHOUSE_LATENT_HEAT 2.45e6 /* J/kg of water */
#define GREENHOUSE_SIGMA 5.67e-8      /* W/(m2 K4), Stefan-Boltzmann */
#define GREENHOUSE_PPM_PER_MG 0.554   /* ppm of CO2 per mg/m3 */
#define GREENHOUSE_STOMATA_LEAST 82.0 /* s/m, resistance of wide open stomata */

/* m/s (m3 of air per m2 of floor and second) through roof vents: eq 8.65. `opening` is
 * 0..1, `area_ratio` the vents' area over the floor's, `discharge` Cd, `wind_effect` Cw.
 * The buoyancy has its sign: it works against the wind where it is warmer outside. */
struct greenhouse_vents {
    double opening, area_ratio, discharge, wind_effect;
};
double greenhouse_roof_ventilation(const struct greenhouse_vents *v, double t_air,
                                   double t_out, double wind);

/* m/s through cracks: eq 8.71. `coefficient` is 1e-4 for a tight house. */
double greenhouse_leakage(double coefficient, double wind);

/* W/m2 that an exchange of `flow` m/s carries from inside to outside: eq 8.40, 8.41. */
double greenhouse_air_heat(double flow, double t_air, double t_out);

/* kg/(m2 s) of vapour that `flow` m/s carries out; vapour pressures in Pa: eq 8.45. */
double greenhouse_air_vapour(double flow, double e_air, double t_air, double e_out,
                             double t_out);

/* kg/(m2 Pa) of vapour that a column of air `height` m high takes up for each Pa: eq 8.25.
 */
double greenhouse_vapour_capacity(double height, double t_air);

/* s/m: the resistance of the leaves' stomata, eq 8.48-8.51. `least` is the resistance of
 * wide open ones, `radiation` W/m2 above the crop, `co2` ppm, `vpd` Pa between leaf and
 * air. */
double greenhouse_stomata(double least, double radiation, double co2, double vpd);

/* kg/(m2 Pa s): transpiration for each Pa between leaf and air, eq 8.47. `lai` is m2 of
 * leaf per m2 of floor, `stomata` s/m. */
double greenhouse_transpiration(double lai, double stomata);

/* W/(m2 K) between air and the cover's inside (Table 8.4); `cover_ratio` is the area of the
 * cover over that of the floor. */
double greenhouse_cover_inside(double cover_ratio, double t_air, double t_cover);

/* W/(m2 K) between the cover's outside and the wind (Table 8.4). */
double greenhouse_cover_outside(double cover_ratio, double wind);

/* W/m2 that a surface of emissivity `eps` sends to the sky, on balance (Table 8.3). */
double greenhouse_sky_radiation(double eps, double t_cover, double t_sky);

/* kg/(m2 s) of vapour that condenses on a surface, smooth around 0 and never below it by
 * more than rounding: eq 8.43. `exchange` W/(m2 K) is the convective one to that surface.
 */
double greenhouse_condensation(double exchange, double e_air, double e_surface);

/* W/(m2 K) from heating pipes to air (Table 8.4); `length` in m per m2 of floor, `diameter`
 * in m. 0 for pipes that are not warmer than the air. */
double greenhouse_pipe_convection(double length, double diameter, double t_pipe,
                                  double t_air);

#endif
