/* The 5R1C zone, ISO 13790:2008 annex C.
 *
 *   out --h_w--- surface --h_is-- air --h_ve-- supply air
 *                   |
 *   out --h_em-- mass (c_m) --h_ms-- (surface)
 *
 *   H_em = 1 / (1/H_op - 1/H_ms)                                                    (12.2)
 *   phi_ia = 0.5 phi_int, phi_m = A_m/A_t (0.5 phi_int + phi_sol)              (C.1, C.2)
 *   phi_st = (1 - A_m/A_t - H_w / (9.1 A_t)) (0.5 phi_int + phi_sol)                 (C.3)
 *   theta_m,t by Crank-Nicolson                                              (C.4 to C.8)
 *   theta_s, theta_air from the mean theta_m                                  (C.9, C.10)
 *
 * Terms with 1/H_ve are rearranged, so that an airtight zone is no division by zero. Valid
 * for steps up to an hour or so; the mass is one node, so a thick wall's own lag is not in.
 *
 * Wind: BLAST's coefficients without the temperature term (EnergyPlus Engineering
 * Reference, "Infiltration Design Flow Rate"), 1 at 3.35 m/s.
 *
 * Outside: R_se U A (alpha I - F_r h_r theta_er), h_r = 5 x 0.9, theta_er = 11 K (11.3.4 to
 * 11.4.6). */
#include "twind/building_physics.h"

#include <math.h>

static const double h_surface_air = 3.45;             /* W/(m2 K), h_is */
static const double h_surface_mass = 9.1;             /* W/(m2 K), h_ms */
static const double outer_resistance = 0.04;          /* m2 K/W, R_se */
static const double sky_radiation = 5.0 * 0.9 * 11.0; /* W/m2 */

struct building_zone building_make_zone(const struct building_envelope *made_of)
{
    double h_ms = h_surface_mass * made_of->mass_area;
    double h_op = fmin(made_of->opaque_ua, 0.8 * h_ms);
    double to_mass = made_of->mass_area / made_of->internal_area;
    double h_is = made_of->surface_air > 0.0 ? made_of->surface_air : h_surface_air;
    double through = made_of->window_ua / (h_surface_mass * made_of->internal_area);
    return (struct building_zone){
        .h_ve = made_of->ventilation,
        .h_is = h_is * made_of->internal_area,
        .h_w = made_of->window_ua,
        .h_ms = h_ms,
        .h_em = h_op * h_ms / (h_ms - h_op),
        .c_m = made_of->capacity,
        .to_mass = to_mass,
        .to_surface = fmax(1.0 - to_mass - through, 0.0),
    };
}

static double radiant(const struct building_load *load)
{
    return 0.5 * load->internal + load->solar;
}

struct building_flows building_find_flows(const struct building_zone *zone,
                                          const struct building_load *load, double power,
                                          double air, double mass)
{
    double rays = radiant(load);
    double surface = (zone->h_ms * mass + zone->h_is * air + zone->h_w * load->outdoor +
                      zone->to_surface * rays) /
                     (zone->h_ms + zone->h_is + zone->h_w);
    return (struct building_flows){
        .air = zone->h_is * (surface - air) + zone->h_ve * (load->outdoor - air) +
               0.5 * load->internal + power,
        .mass = zone->h_em * (load->outdoor - mass) + zone->h_ms * (surface - mass) +
                zone->to_mass * rays,
        .surface = surface,
    };
}

double building_hold_power(const struct building_zone *zone,
                           const struct building_load *load, double air, double mass)
{
    return -building_find_flows(zone, load, 0.0, air, mass).air;
}

/* C.4 to C.10 with the plant's power given. */
static struct building_step step_with_power(const struct building_zone *z,
                                            const struct building_load *load, double power,
                                            double mass, double dt)
{
    double rays = radiant(load), out = load->outdoor;
    double on_air = 0.5 * load->internal + power + z->h_ve * out; /* W, air's sources */
    double pass = z->h_is / (z->h_ve + z->h_is);
    double h2 = z->h_ve * pass + z->h_w;
    double h3 = h2 * z->h_ms / (h2 + z->h_ms);
    double on_surface = z->to_surface * rays + z->h_w * out + pass * on_air;
    double total =
        z->to_mass * rays + z->h_em * out + z->h_ms / (h2 + z->h_ms) * on_surface;
    double c = z->c_m / dt, half = 0.5 * (h3 + z->h_em);

    struct building_step s = {.power = power};
    s.mass_end = (mass * (c - half) + total) / (c + half);
    s.mass = 0.5 * (mass + s.mass_end);
    s.surface = (z->h_ms * s.mass + on_surface) / (z->h_ms + h2);
    s.air = (z->h_is * s.surface + on_air) / (z->h_is + z->h_ve);
    return s;
}

struct building_step building_step(const struct building_zone *zone,
                                   const struct building_load *load,
                                   const struct building_control *control, double mass,
                                   double dt)
{
    struct building_step free = step_with_power(zone, load, 0.0, mass, dt);
    double wanted = fmin(fmax(free.air, control->heating), control->cooling);
    if (wanted == free.air)
        return free;
    const double probe = 1000.0; /* W; the air is linear in the power */
    double slope = (step_with_power(zone, load, probe, mass, dt).air - free.air) / probe;
    double power = (wanted - free.air) / slope;
    power = fmax(fmin(power, control->max_heating), -control->max_cooling);
    return step_with_power(zone, load, power, mass, dt);
}

double building_outside_gain(double ua, double absorbed, double sky)
{
    return ua * outer_resistance * (absorbed - sky * sky_radiation);
}

double building_wind_factor(double wind_speed)
{
    return 0.606 + 0.1177 * fmax(wind_speed, 0.0);
}
