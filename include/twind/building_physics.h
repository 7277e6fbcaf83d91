/* The thermal zone of ISO 13790:2008 annex C, "5R1C": one capacity (the mass node), five
 * conductances, and algebraic air and surface nodes. Pure functions; W, K, J, Cel. */
#ifndef TWIND_BUILDING_PHYSICS_H
#define TWIND_BUILDING_PHYSICS_H

/* What a zone is made of. */
struct building_envelope {
    double internal_area; /* A_t, m2: all surfaces that face the zone, 4.5 x floor area */
    double surface_air;   /* h_is, W/(m2 K); 0: the standard's 3.45 */
    double mass_area;     /* A_m, m2: effective mass area, 2.5..3.5 x floor area */
    double window_ua;     /* H_tr_w, W/K */
    double opaque_ua;     /* H_tr_op, W/K; taken as 0.8 x 9.1 A_m at most */
    double ventilation;   /* H_ve, W/K */
    double capacity;      /* C_m, J/K */
};

/* The same as the equations have it. */
struct building_zone {
    double h_ve, h_is, h_w, h_ms, h_em; /* W/K: supply air-air, air-surface, out-surface
                                           (windows), surface-mass, mass-out */
    double c_m;                         /* J/K */
    double to_mass, to_surface;         /* shares of the radiant gains */
};

/* What acts on it. Half of `internal` is convective; all of `solar` is radiant. */
struct building_load {
    double outdoor;         /* Cel, also of the supply air */
    double internal, solar; /* W inside the zone */
};

struct building_control {
    double heating, cooling;         /* set-points, Cel, heating < cooling */
    double max_heating, max_cooling; /* W, both >= 0 */
};

struct building_step {
    double power;              /* W: heating > 0, cooling < 0 */
    double mass_end;           /* theta_m,t: at the end of the step, Cel */
    double mass, air, surface; /* means over the step, Cel */
};

struct building_flows {
    double air, mass; /* W into the node */
    double surface;   /* Cel */
};

struct building_zone building_make_zone(const struct building_envelope *made_of);

/* One step of `dt` s from mass temperature `mass` by the standard's Crank-Nicolson scheme
 * (C.4), with its ideal control (C.4.2) limited by the plant. Exact for its equations. */
struct building_step building_step(const struct building_zone *zone,
                                   const struct building_load *load,
                                   const struct building_control *control, double mass,
                                   double dt);

/* The continuous form: what flows into the nodes when the zone is at (air, mass) and the
 * plant gives `power` W to the air. At rest (flows.air = 0) it is the standard's network.
 */
struct building_flows building_find_flows(const struct building_zone *zone,
                                          const struct building_load *load, double power,
                                          double air, double mass);

/* The power that holds the air at `air` with the mass at `mass` (negative: cooling), W. */
double building_hold_power(const struct building_zone *zone,
                           const struct building_load *load, double air, double mass);

/* What reaches the inside, W, of `absorbed` W/m2 of sun on the outside of something with
 * conductance `ua` W/K, less what it radiates to a sky that is colder than the air; `sky`:
 * the share of sky that it sees, 1 roofs, 0.5 walls and windows. */
double building_outside_gain(double ua, double absorbed, double sky);

/* Air changes by wind through cracks, relative to those at the reference of 3.35 m/s. */
double building_wind_factor(double wind_speed);

#endif
