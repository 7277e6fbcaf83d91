/* The fluxes of a greenhouse: Vanthoor (2011), ch. 8 (greenhouse_physics.h) and 9
 * (greenhouse_crop.h), put together for one house.
 *
 * The cover stores no heat: its temperature balances air, crop, floor, pipes, dew, wind and
 * sky. A closed screen is a resistance between all of these and the cover, and lets less
 * air pass. Where an actuator is not bound, a climate computer's proportional control
 * stands for it; where lamps are not bound, light that the sun does not explain is theirs.
 */
#include "greenhouse_scene.h"
#include "greenhouse_signals.h"
#include "twind/greenhouse_crop.h"
#include "twind/greenhouse_physics.h"
#include "twind/psychro.h"

static const double G_PER_H = 1e-3 / 3600; /* g/(m2 h) -> kg/(m2 s) */
static const double MG_PER_UMOL_CO2 = 0.04401;
static const double PAR_PER_SUN = 2.3;   /* umol/J: half is PAR, 4.6 umol/J of it */
static const double LAMP_JOULE = 0.2;    /* J/umol of lamps' light */
static const double LAMP_RADIANT = 0.25; /* of the rest of their power, not to the air */
static const double CONSTRUCTION = 0.1;  /* of the sun, to frame and air */
static const double GLASS = 0.85;        /* emissivity */
static const double PIPE = 0.88;         /* likewise */
static const double MOST_AIR_CHANGES = 60.0 / 3600; /* 1/s: beyond, the formula is void */
static const double HOLD = 15;                      /* W/(m2 K) of what set-points hold */
static const double MOST_HEATING = 1000;            /* W/m2 */

static double limited(double x) /* to 0..1; 0 where NAN */
{
    return fmin(fmax(x, 0), 1);
}

/* To 0..1 like a valve with soft ends; 0.5 at 0.5, where its slope is 1. */
static double eased(double x)
{
    double t = limited((x + 0.25) / 1.5);
    return t * t * (3 - 2 * t);
}

/* W/(m2 K) between black surfaces of two temperatures. */
static double radiation(double t_a, double t_b)
{
    double a = t_a + PSYCHRO_KELVIN, b = t_b + PSYCHRO_KELVIN;
    return GREENHOUSE_SIGMA * (a * a + b * b) * (a + b);
}

/* The set-point that own control heeds: where it is void, the one that was told last. */
static double heeded(const struct kind_point *at, size_t input, size_t last)
{
    double setpoint = at->u[input];
    return isnan(setpoint) ? at->m[last] : setpoint;
}

/* K above the set-point at which vents stand wide open. As climate computers do: the colder
 * outside, the wider the proportional band. */
static double vent_band(const struct kind_point *at)
{
    return fmax(at->p[VENT_BAND], 0.5 * (at->x[AIR] - at->u[T_OUT]));
}

/* Where the climate computer is to hold the vents, 0..1. */
static double own_opening(const struct kind_point *at)
{
    double warmer = at->x[AIR] - heeded(at, VENT_SETPOINT, VENT_HEEDED);
    return eased(warmer / vent_band(at));
}

/* Share by which own control would open the vents further than they are told to be, and K
 * by which the air is colder than a house that is heated would be. Both speak of the
 * model's error, for the real computer answers to the real air. Nothing where that is not
 * known. */
struct slip {
    double vents, cold;
};

static struct slip find_slip(const struct kind_point *at)
{
    const double *u = at->u;
    struct slip slip = {0, 0};
    double lead = fmax(u[VENT_LEE], u[VENT_WIND]); /* one of them where the other is NAN */
    if (!isnan(lead) && !isnan(u[VENT_SETPOINT]))
        slip.vents = own_opening(at) - limited(lead / 100);
    double cold = u[HEAT_SETPOINT] - at->x[AIR];
    bool told = !isnan(u[PIPE_RAIL]) || !isnan(u[HEATING]);
    if (told && cold > 0)
        slip.cold = cold * cold / (cold + 0.5);
    return slip;
}

double greenhouse_scene_obeys(const struct kind_point *at)
{
    const double usual = 1; /* K */
    struct slip slip = find_slip(at);
    double warm = slip.vents * vent_band(at);
    return 1 / (1 + (warm * warm + slip.cold * slip.cold) / (usual * usual));
}

/* The set-points hold the air where the model would let it drift: half of what the vents
 * slip, and so many W/m2 for each K. */
static double hold_air(const struct kind_point *at, double opening,
                       struct greenhouse_scene *s)
{
    struct slip slip = find_slip(at);
    double grip = at->m[GRIP] * at->m[GRIP];
    s->air += HOLD * grip * (slip.cold - slip.vents * vent_band(at));
    return limited(opening + 0.5 * grip * slip.vents);
}

static double vent_opening(const struct kind_point *at, struct greenhouse_scene *s)
{
    double lee = at->u[VENT_LEE], wind = at->u[VENT_WIND];
    if (isnan(lee) && isnan(wind))
        return hold_air(at, own_opening(at), s);
    if (isnan(lee))
        lee = wind;
    if (isnan(wind))
        wind = lee;
    return hold_air(at, (lee + wind) / 200, s);
}

/* Air that cannot flow faster than `most`, without a kink. */
static double choked(double flow, double most)
{
    double share = flow * flow / (most * most);
    return flow / sqrt(sqrt(1 + share * share));
}

static void find_air(const struct kind_point *at, struct greenhouse_scene *s)
{
    const double *p = at->p, *u = at->u;
    double energy = limited(u[ENERGY_SCREEN] / 100);
    double black = limited(u[BLACKOUT_SCREEN] / 100);
    s->passing =
        (1 - energy * p[ENERGY_SAVING] / 100) * (1 - black * p[BLACKOUT_SAVING] / 100);
    struct greenhouse_vents vents = {vent_opening(at, s), p[VENT_RATIO] / 100, p[VENT_CD],
                                     p[VENT_CW]};
    /* Whichever side is warmer, buoyancy exchanges air; and there is always a draught. */
    double warm = fmax(at->x[AIR], u[T_OUT]), cold = fmin(at->x[AIR], u[T_OUT]);
    double flow = greenhouse_roof_ventilation(&vents, warm, cold, fmax(u[WIND], 0.25)) +
                  greenhouse_leakage(p[LEAKAGE], u[WIND]);
    flow *=
        (1 - energy * (1 - p[SCREEN_AIR] / 100)) * (1 - black * (1 - p[SCREEN_AIR] / 100));
    s->flow = choked(flow, MOST_AIR_CHANGES * p[HEIGHT]);
    s->e_full = psychro_saturation(at->x[AIR]);
    s->e = s->e_full * at->x[HUMIDITY] / 100;
    s->e_out = psychro_saturation(u[T_OUT]) * u[RH_OUT] / 100;
    s->fog = G_PER_H * p[FOG_CAPACITY] * limited(u[FOGGING] / 100) *
             limited((s->e_full - s->e) / 300);
    s->air -= greenhouse_air_heat(s->flow, at->x[AIR], u[T_OUT]) +
              GREENHOUSE_LATENT_HEAT * s->fog;
}

/* W/m2. What is told by light alone is doubted where it is weak: stomata are most sensitive
 * in the dark, and must not answer to a mere uncertainty. */
static double lamp_power(const struct kind_point *at)
{
    double lamp = at->u[LAMP], full = at->p[LAMP_POWER], unknown = at->m[LAMP_LIGHT];
    if (!isnan(lamp))
        return full * limited(lamp / 100);
    if (!(unknown > 0 && full > 0))
        return 0;
    return choked(unknown * unknown / (unknown + 20) / at->p[LAMP_EFFICACY], full);
}

double greenhouse_scene_sun(const struct kind_point *at)
{
    const double *p = at->p, *u = at->u;
    double energy = limited(u[ENERGY_SCREEN] / 100) * (1 - p[ENERGY_LIGHT] / 100);
    double black = limited(u[BLACKOUT_SCREEN] / 100) * (1 - p[BLACKOUT_LIGHT] / 100);
    return u[SUN] * p[TRANSMISSION] / 100 * (1 - energy) * (1 - black);
}

static double told_light(const struct kind_point *at)
{
    double lamp = at->u[LAMP];
    return isnan(lamp) ? 0 : at->p[LAMP_EFFICACY] * lamp_power(at);
}

double greenhouse_scene_par(const struct kind_point *at, double unknown)
{
    double sun = PAR_PER_SUN * greenhouse_scene_sun(at);
    return sun * at->p[LIGHT_SHARE] + told_light(at) + unknown;
}

void greenhouse_scene_look(const struct kind_point *at, double unknown, double *m)
{
    double sun = PAR_PER_SUN * greenhouse_scene_sun(at);
    m[HEAT_HEEDED] = heeded(at, HEAT_SETPOINT, HEAT_HEEDED);
    m[VENT_HEEDED] = heeded(at, VENT_SETPOINT, VENT_HEEDED);
    m[CO2_HEEDED] = heeded(at, CO2_SETPOINT, CO2_HEEDED);
    m[LAMP_LIGHT] = unknown;
    m[OTHER_LIGHT] = (at->p[LIGHT_SHARE] - 1) * sun + unknown;
}

/* The crop takes what it intercepts, the floor the rest. */
static void find_light(const struct kind_point *at, struct greenhouse_scene *s)
{
    const double *p = at->p;
    double sun = greenhouse_scene_sun(at), lamp = lamp_power(at);
    double lamp_par = fmin(LAMP_JOULE * p[LAMP_EFFICACY], 1) * lamp;
    double lamp_warm = LAMP_RADIANT * (lamp - lamp_par);
    struct greenhouse_shares visible = greenhouse_share_visible(p[LEAF_AREA]);
    struct greenhouse_shares infrared = greenhouse_share_infrared(p[LEAF_AREA]);
    double par = 0.5 * sun + lamp_par, warm = 0.5 * sun + lamp_warm;
    s->par = fmax(PAR_PER_SUN * sun + told_light(at) + at->m[OTHER_LIGHT], 0);
    s->absorbed = visible.crop * s->par;
    s->sensed = sun + lamp_par + lamp_warm;
    s->electric = lamp;
    s->crop += visible.crop * par + infrared.crop * warm;
    s->floor += visible.floor * par + infrared.floor * warm;
    s->air += CONSTRUCTION * sun + lamp - lamp_par - lamp_warm;
}

/* Half of a heating circuit's radiation goes up, through the crop, half to the floor. */
static void heat_by_pipe(double length, double diameter, double t_pipe, double t_air,
                         struct greenhouse_scene *s)
{
    if (!(t_pipe > t_air))
        return;
    double warmer = t_pipe - t_air, mm = 1e-3;
    double surface = 3.14159265358979 * diameter * mm * length;
    double radiant = PIPE * radiation(t_pipe, t_air) * surface * warmer;
    double convective =
        greenhouse_pipe_convection(length, diameter * mm, t_pipe, t_air) * warmer;
    s->air += convective;
    s->crop += 0.5 * s->view * radiant;
    s->cover += 0.5 * (1 - s->view) * s->passing * radiant;
    s->floor += (1 - 0.5 * s->view - 0.5 * (1 - s->view) * s->passing) * radiant;
    s->heating += convective + radiant;
}

static void find_heating(const struct kind_point *at, struct greenhouse_scene *s)
{
    const double *p = at->p, *u = at->u;
    heat_by_pipe(p[PIPE_LENGTH], p[PIPE_DIAMETER], u[PIPE_RAIL], at->x[AIR], s);
    heat_by_pipe(p[GROW_LENGTH], p[GROW_DIAMETER], u[PIPE_GROW], at->x[AIR], s);
    double heater = 0;
    if (!isnan(u[HEATING]))
        heater = fmin(u[HEATING] / p[FLOOR_AREA], MOST_HEATING);
    else if (isnan(u[PIPE_RAIL]))
        heater = p[HEAT_CAPACITY] *
                 eased(0.25 + 0.5 * (heeded(at, HEAT_SETPOINT, HEAT_HEEDED) - at->x[AIR]));
    s->air += heater;
    s->heating += heater;
}

/* W/m2 that sky and ground exchange, as a pyrgeometer has it: negative when clear. Without
 * one: Brunt's clear sky, half covered by clouds. */
static double net_longwave(const struct kind_point *at, double e_out)
{
    if (!isnan(at->u[LONGWAVE]))
        return at->u[LONGWAVE];
    double k = at->u[T_OUT] + PSYCHRO_KELVIN;
    double emitted = GREENHOUSE_SIGMA * (k * k) * (k * k);
    return -0.5 * emitted * fmax(0.48 - 0.0065 * sqrt(fmax(e_out, 0)), 0);
}

/* The cover in balance. `cover_u` scales the inside exchange so that, at 4 m/s and with a
 * usual inside (9 W/(m2 K)), the cover as a whole has that U-value. */
static void find_cover(const struct kind_point *at, struct greenhouse_scene *s)
{
    const double *p = at->p, *x = at->x;
    const double usual_inside = 9, usual_outside = 12.2;
    double k = s->passing * p[COVER_U] / (usual_inside * (1 - p[COVER_U] / usual_outside));
    double t_out = at->u[T_OUT], ratio = p[COVER_RATIO];
    double about = 0.4 * x[AIR] + 0.6 * t_out; /* it will be near this */
    double convective = 0.5 + greenhouse_cover_inside(ratio, x[AIR], about);
    double radiant = ratio * GLASS * radiation(0.5 * (x[CROP] + x[FLOOR]), about);
    double by_air = k * convective, by_crop = k * radiant * s->view;
    double by_floor = k * radiant - by_crop;
    double out = greenhouse_cover_outside(ratio, at->u[WIND]) +
                 ratio * GLASS * radiation(about, t_out);
    double all = by_air + by_crop + by_floor + out;
    double t = (by_air * x[AIR] + by_crop * x[CROP] + by_floor * x[FLOOR] + out * t_out +
                s->cover + ratio * GLASS * net_longwave(at, s->e_out)) /
               all;
    double t_inside = x[AIR] - fmin(k, 1) * (x[AIR] - t);
    s->condensation = greenhouse_condensation(s->passing * convective, s->e,
                                              psychro_saturation(t_inside));
    t += GREENHOUSE_LATENT_HEAT * s->condensation / all;
    s->t_cover = t;
    s->air -= by_air * (x[AIR] - t);
    s->crop -= by_crop * (x[CROP] - t);
    s->floor -= by_floor * (x[FLOOR] - t);
}

static void find_crop(const struct kind_point *at, struct greenhouse_scene *s)
{
    const double *p = at->p, *x = at->x;
    double vpd = psychro_saturation(x[CROP]) - s->e;
    double stomata = greenhouse_stomata(p[STOMATA], s->sensed, x[CO2], vpd);
    s->transpiration = greenhouse_transpiration(p[LEAF_AREA], stomata) * vpd;
    double to_air = 10 * p[LEAF_AREA] * (x[CROP] - x[AIR]);
    double to_floor = s->view * radiation(x[CROP], x[FLOOR]) * (x[CROP] - x[FLOOR]);
    double by_floor = p[FLOOR_EXCHANGE] * (x[FLOOR] - x[AIR]);
    s->crop -= to_air + to_floor + GREENHOUSE_LATENT_HEAT * s->transpiration;
    s->floor += to_floor - by_floor;
    s->air += to_air + by_floor;
}

static void find_carbon(const struct kind_point *at, struct greenhouse_scene *s)
{
    const double *p = at->p, *x = at->x;
    double kg = at->u[DOSING];
    if (isnan(kg))
        kg = p[CO2_CAPACITY] * 1e-3 * p[FLOOR_AREA] *
             eased(0.5 + (heeded(at, CO2_SETPOINT, CO2_HEEDED) - x[CO2]) / 100);
    s->dosing = kg * 1e6 / 3600 / p[FLOOR_AREA];
    double electrons =
        greenhouse_electrons(p[ELECTRONS], p[LEAF_AREA], x[CROP], s->absorbed);
    s->uptake = MG_PER_UMOL_CO2 *
                (greenhouse_assimilation(electrons, p[LEAF_AREA], x[CROP], x[CO2]) -
                 greenhouse_respiration(p[RESPIRATION], p[LEAF_AREA], x[CROP]));
}

struct greenhouse_scene greenhouse_scene_find(const struct kind_point *at)
{
    struct greenhouse_scene s = {.habit = greenhouse_habit_find(at)};
    s.view = 1 - exp(-0.94 * at->p[LEAF_AREA]);
    s.air += at->x[D_HEAT] + s.habit.heat;
    find_light(at, &s);
    find_air(at, &s);
    find_heating(at, &s);
    find_cover(at, &s);
    find_crop(at, &s);
    find_carbon(at, &s);
    return s;
}
