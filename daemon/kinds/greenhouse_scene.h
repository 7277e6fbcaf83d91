/* All that happens in a greenhouse at one moment, per m2 of floor. */
#ifndef TWIND_KINDS_GREENHOUSE_SCENE_H
#define TWIND_KINDS_GREENHOUSE_SCENE_H

#include "greenhouse_habit.h"

struct greenhouse_scene {
    struct greenhouse_habit habit;
    double passing;          /* 0..1 of heat that screens let pass to the cover */
    double flow;             /* m/s of air exchanged */
    double e_full, e, e_out; /* Pa: saturated, of the air, outside */
    double par;              /* umol/(m2 s), above the crop */
    double absorbed;         /* of it, by the crop */
    double sensed;           /* W/m2 to which the stomata answer */
    double view;             /* of heat radiation, what the crop intercepts */
    double t_cover;          /* Cel, its inside */
    double transpiration, condensation, fog; /* kg/(m2 s); condensation: on the cover */
    double heating, electric;                /* W/m2 */
    double dosing, uptake;                   /* mg/(m2 s) of CO2; uptake: by the crop */
    double air, crop, floor, cover;          /* W/m2 gained, unknown heat too */
};

/* m/s that always bring unknown CO2. */
static const double GREENHOUSE_CRACKS = 1e-4;

struct greenhouse_scene greenhouse_scene_find(const struct kind_point *at);

/* W/m2 of sun above the crop. */
double greenhouse_scene_sun(const struct kind_point *at);

/* umol/(m2 s) at the light sensor, of which `unknown` neither sun nor told lamps explain.
 */
double greenhouse_scene_par(const struct kind_point *at, double unknown);

/* Keeps in memory m the set-points, and what a light sensor has taught: crop and air learn
 * of it by the next step, for the sensor's states are filtered apart from theirs. */
void greenhouse_scene_look(const struct kind_point *at, double unknown, double *m);

/* 0..1: how well vents and air agree at this moment with what a climate computer would do
 * at these set-points. */
double greenhouse_scene_obeys(const struct kind_point *at);

#endif
