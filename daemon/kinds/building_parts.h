/* What both details of a building have in common: the sun on it, its moisture, CO2 and
 * people, its plant's meters, the day's account. */
#ifndef TWIND_KINDS_BUILDING_PARTS_H
#define TWIND_KINDS_BUILDING_PARTS_H

#include "building_rows.h"

#include "twind/solar.h"

enum memory {
    DAY,      /* days since the epoch by the local clock */
    KWH,      /* bought today */
    COST,     /* of these */
    CARBON,   /* kg */
    BASE_KWH, /* what the baseline would have bought */
    BASE_COST,
    BASE_MASS, /* Cel, mass node of the baseline zone */
    COIL,      /* kg/s of air over the cold coil */
    SIZE,      /* size_scale, W/m2 of unknown_load, and presence, as they stood a step */
    PLUGGED,   /* ago: what reads them here teaches the filter nothing about them */
    PRESENT,
    FIRST_SIZE,      /* size_scale as it began: where it still is, heat is not metered */
    DAY_HOURS,       /* of the signature's present day, */
    DAY_NEED,        /* W h/m2 that the model needed, */
    DAY_HEAT,        /* and the plant gave */
    SUMS,            /* of the signature's days: n, x, y, xx, xy, yy */
    DAYS = SUMS + 6, /* lived, of those that are learned from */
    USUAL_GAIN,      /* unknown_gain and unknown_load in each hour of the day, as learned */
    USUAL_LOAD = USUAL_GAIN + 24,
    SUN = USUAL_LOAD + 24, /* where it stands: struct solar_sun */
    MEMORY = SUN + sizeof(struct solar_sun) / sizeof(double)
};

enum { BUILDING_FACADES = 4, BUILDING_STEP = 300 /* s, the longest */ };

/* max(x, 0) with the corner rounded over -width..width: a filter's slope has to see where
 * the plant comes on. Exact outside but for 1e-12, so that a plant that is off does not
 * fade into denormal numbers, which are slow. */
static inline double building_ramp(double x, double width)
{
    if (x >= width)
        return x;
    return x <= -width ? 1e-12 : (x + width) * (x + width) / (4.0 * width);
}

/* -- building_sun.c -- */

/* W that pass the windows if spread light passed as direct at the normal; W/m2 on the
 * outside of walls (N, E, S, W) and roof. */
struct building_sun {
    double beam, spread;
    double walls[BUILDING_FACADES], roof;
};

/* Whether the place is told; without it the sun is the mean of a year on each facade. */
bool building_sun_is_placed(const struct kind_point *at);
void building_sun_keep(const struct kind_point *at, double time, double *m);
struct building_sun building_sun_find(const struct kind_point *at);
double building_sun_make_power(const struct kind_point *at); /* W, photovoltaic */

/* -- building_air.c -- */

double building_air_flow(const struct kind_point *at); /* m3/s, before heat recovery */
double building_air_conductance(const struct kind_point *at); /* W/K */
double building_air_people(const struct kind_point *at);      /* inside a step ago */
double building_air_ratio(double t, double humidity);         /* g/kg */
double building_air_humidity(const struct kind_point *at);    /* % */
double building_air_vote(const struct kind_point *at, double radiant);
double building_air_coil(const struct kind_point *at); /* kg/s */
/* People that hold the CO2 where it is. */
double building_air_seen(const struct kind_point *at);
void building_air_derive(const struct kind_point *at, double *dx);

/* -- building_account.c -- */

double building_account_glass(const struct kind_point *at);    /* m2 per m2 of floor */
double building_account_size(const struct kind_point *at);     /* W of plant by W/m2 */
double building_account_internal(const struct kind_point *at); /* W of heat gains */
double building_account_power(const struct kind_point *at);    /* W of electricity */

/* Plant, unknowns and meter, where the controls ask for `demand` W/m2. */
void building_account_derive(const struct kind_point *at, double demand, double *dx);

/* What needs no surface's temperature; NAN: another output. */
double building_account_observe(const struct kind_point *at, size_t output);
void building_account_start(const struct kind_point *at, double *x, double *m);

/* `baseline`: W of its plant, heating > 0; `need`: as the signature's. */
void building_account_add(const struct kind_point *at, double dt, double baseline,
                          double need, double *m);

/* -- building_signature.c -- */

/* `need`: W/m2 that would hold the air as it is, without the unknown gain. */
void building_signature_add(const struct kind_point *at, double dt, bool midnight,
                            double need, double *m);

/* The share by which a saving may be off, and W/m2 of a day's scatter. */
double building_signature_error(const double *m, double *sigma);

/* -- building_health.c -- */

enum { BUILDING_HEALTH = 3 };
extern const struct kind_health building_health[];
double building_health_unexplained(const struct kind_point *at, const double *params,
                                   size_t health);

extern const struct kind kind_building, kind_building_layers;
extern const struct kind *const building_details[];

#endif
