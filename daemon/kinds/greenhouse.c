/* A greenhouse: air, vapour, CO2, crop and floor of one well-mixed house, per m2 of floor.
 *
 *   C_air dT/dt    sun + crop + floor + pipes + heater + lamps
 *                  - vents - cover - fog + d_T
 *   C_vap de/dt    transpiration + fog - vents - condensation + d_e
 *   h dCO2/dt      dosing - photosynthesis - vents + d_c
 *   C_crop dTc/dt, C_mass dTm/dt likewise
 *
 * d_T, d_e, d_c are fluxes that nothing known explains, estimated by the filter; d_L is
 * light that neither sun nor lamps explain, with the heat it brings. The vapour's state is
 * the relative humidity, which measured houses hold better than the vapour pressure when
 * the temperature is stirred.
 *
 * Exchange processes: Vanthoor (2011), ch. 8 (greenhouse_physics.h). The cover stores no
 * heat: its temperature balances inside, wind and sky. Canopy photosynthesis is a
 * rectangular hyperbola in light with a CO2 and a temperature factor. Valid for houses
 * of 2..12 m with roof vents, screens, pipes or heaters, lamps, fog and CO2; 0..45 Cel
 * inside. */
#include "greenhouse_rows.h"
#include "kinds.h"
#include "twind/greenhouse_physics.h"
#include "twind/psychro.h"

static const double G_PER_H = 1e-3 / 3600; /* g/(m2 h) -> kg/(m2 s) */
static const double MG_PER_UMOL_CO2 = 0.04401;
static const double PAR_PER_SUN = 2.3;   /* umol/J: half is PAR, 4.6 umol/J of it */
static const double HEAT_PER_PAR = 0.43; /* J/umol, of sun; lamps are like it */
static const double CONSTRUCTION = 0.1;  /* of the sun, to frame and air */
static const double RADIATION = 4.9;     /* W/(m2 K): 4 eps sigma T^3, glass, 10 Cel */
static const double MOST_AIR_CHANGES = 60.0 / 3600; /* 1/s: beyond, the formula is void */
static const double MOST_HEATING = 1000;            /* W/m2 */
static const double LIGHT_TAU = 3600, CO2_TAU = 14400, FLUX_TAU = 40000; /* s */

static double limited(double x) /* to 0..1; 0 where NAN */
{
    return fmin(fmax(x, 0), 1);
}

/* What the weather, the people and the house do at one moment, per m2 of floor. */
struct scene {
    double passing;          /* 0..1 of heat that screens let pass to the cover */
    double flow;             /* m/s of air exchanged */
    double e_full, e, e_out; /* Pa: saturated, of the air, outside */
    double par;              /* umol/(m2 s), above the crop */
    double sensed;           /* W/m2 to which the stomata answer */
    double seen, view;       /* of light and of heat radiation, what the crop intercepts */
    double transpiration;    /* kg/(m2 s) */
    double condensation;     /* kg/(m2 s), on the cover */
    double air, crop, mass;  /* W/m2 gained */
};

static double vent_opening(const struct kind_point *at)
{
    double lee = at->u[VENT_LEE], wind = at->u[VENT_WIND];
    if (isnan(lee) && isnan(wind)) {
        /* As climate computers do: the colder outside, the wider the proportional band. */
        double band = fmax(at->p[VENT_BAND], 0.5 * (at->x[AIR] - at->u[T_OUT]));
        return limited((at->x[AIR] - at->u[VENT_SETPOINT]) / band);
    }
    if (isnan(lee))
        lee = wind;
    if (isnan(wind))
        wind = lee;
    return limited((lee + wind) / 200);
}

static void scene_air(const struct kind_point *at, struct scene *s)
{
    const double *p = at->p, *u = at->u;
    double energy = limited(u[ENERGY_SCREEN] / 100);
    double black = limited(u[BLACKOUT_SCREEN] / 100);
    s->passing =
        (1 - energy * p[ENERGY_SAVING] / 100) * (1 - black * p[BLACKOUT_SAVING] / 100);
    struct greenhouse_vents vents = {vent_opening(at), p[VENT_RATIO] / 100, p[VENT_CD],
                                     p[VENT_CW]};
    /* Whichever side is warmer, buoyancy exchanges air; and there is always a draught. */
    double warm = fmax(at->x[AIR], u[T_OUT]), cold = fmin(at->x[AIR], u[T_OUT]);
    double flow = greenhouse_roof_ventilation(&vents, warm, cold, fmax(u[WIND], 0.25)) +
                  greenhouse_leakage(p[LEAKAGE], u[WIND]);
    flow *=
        (1 - energy * (1 - p[SCREEN_AIR] / 100)) * (1 - black * (1 - p[SCREEN_AIR] / 100));
    s->flow = fmin(flow, MOST_AIR_CHANGES * p[HEIGHT]);
    s->e_full = psychro_saturation(at->x[AIR]);
    s->e = s->e_full * at->x[HUMIDITY] / 100;
    s->e_out = psychro_saturation(u[T_OUT]) * u[RH_OUT] / 100;
    s->air -= greenhouse_air_heat(s->flow, at->x[AIR], u[T_OUT]);
}

/* W/m2 of light that nothing explains, as far as leaves answer to it. Stomata are most
 * sensitive in the dark: a proportional answer would turn the mere uncertainty of this
 * light into one of the night's transpiration. */
static double stirring(double unknown)
{
    double par = fmax(unknown, 0);
    return HEAT_PER_PAR * par * par / (par + 60);
}

/* Above the crop: of the light, the crop takes what it intercepts, the floor the rest. */
static void scene_light(const struct kind_point *at, struct scene *s)
{
    const double *p = at->p, *u = at->u;
    double energy = limited(u[ENERGY_SCREEN] / 100) * (1 - p[ENERGY_LIGHT] / 100);
    double black = limited(u[BLACKOUT_SCREEN] / 100) * (1 - p[BLACKOUT_LIGHT] / 100);
    double sun = u[SUN] * p[TRANSMISSION] / 100 * (1 - energy) * (1 - black);
    double lamp = p[LAMP_POWER] * limited(u[LAMP] / 100);
    s->par = PAR_PER_SUN * sun + p[LAMP_EFFICACY] * lamp + at->x[D_LIGHT];
    double radiation = fmax(sun + 0.5 * lamp + HEAT_PER_PAR * at->x[D_LIGHT], 0);
    s->sensed = sun + 0.5 * lamp + stirring(at->x[D_LIGHT]);
    double through = exp(-0.7 * p[LEAF_AREA]);
    s->seen = 1 - through;
    s->view = 1 - through / (1 + 0.24 * p[LEAF_AREA]); /* about exp(-0.94 LAI) */
    s->crop += 0.8 * s->seen * radiation;
    s->mass += 0.5 * through * radiation;
    s->air += CONSTRUCTION * sun + 0.5 * lamp;
}

/* The rest of a heating circuit's radiation goes half to the crop, half to the floor. */
static void heat_by_pipe(double length, double diameter, double t_pipe, double t_air,
                         struct scene *s)
{
    if (!(t_pipe > t_air))
        return;
    double warmer = t_pipe - t_air, mm = 1e-3;
    double surface = 3.14159265358979 * diameter * mm * length;
    double radiant = 0.88 * 6.4 * surface * warmer;
    s->air += greenhouse_pipe_convection(length, diameter * mm, t_pipe, t_air) * warmer;
    s->crop += 0.5 * s->view * radiant;
    s->mass += (1 - 0.5 * s->view) * radiant;
}

static void scene_heating(const struct kind_point *at, struct scene *s)
{
    const double *p = at->p, *u = at->u;
    heat_by_pipe(p[PIPE_LENGTH], p[PIPE_DIAMETER], u[PIPE], at->x[AIR], s);
    heat_by_pipe(p[GROW_LENGTH], p[GROW_DIAMETER], u[GROW_PIPE], at->x[AIR], s);
    if (!isnan(u[HEATING]))
        s->air += fmin(u[HEATING] / p[FLOOR_AREA], MOST_HEATING);
    else if (isnan(u[PIPE]))
        s->air += p[HEAT_CAPACITY] * limited(0.25 + 0.5 * (u[HEAT_SETPOINT] - at->x[AIR]));
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
static void scene_cover(const struct kind_point *at, struct scene *s)
{
    const double *p = at->p, *x = at->x;
    const double usual_inside = 9, usual_outside = 12.2;
    double k = s->passing * p[COVER_U] / (usual_inside * (1 - p[COVER_U] / usual_outside));
    double t_out = at->u[T_OUT], ratio = p[COVER_RATIO];
    double convective =
        0.5 + greenhouse_cover_inside(ratio, x[AIR], 0.4 * x[AIR] + 0.6 * t_out);
    double by_air = k * convective, by_crop = k * ratio * RADIATION * s->view;
    double by_mass = k * ratio * RADIATION - by_crop;
    double by_sky = ratio * RADIATION;
    double out = greenhouse_cover_outside(ratio, at->u[WIND]) + by_sky;
    double all = by_air + by_crop + by_mass + out;
    double t = (by_air * x[AIR] + by_crop * x[CROP] + by_mass * x[MASS] + out * t_out +
                0.85 * net_longwave(at, s->e_out)) /
               all;
    double t_inside = x[AIR] - fmin(k, 1) * (x[AIR] - t);
    s->condensation = greenhouse_condensation(s->passing * convective, s->e,
                                              psychro_saturation(t_inside));
    t += GREENHOUSE_LATENT_HEAT * s->condensation / all;
    s->air -= by_air * (x[AIR] - t);
    s->crop -= by_crop * (x[CROP] - t);
    s->mass -= by_mass * (x[MASS] - t);
}

static void scene_crop(const struct kind_point *at, struct scene *s)
{
    const double *p = at->p, *x = at->x;
    double vpd = psychro_saturation(x[CROP]) - s->e;
    double stomata = greenhouse_stomata(p[STOMATA], s->sensed, x[CO2], vpd);
    s->transpiration = greenhouse_transpiration(p[LEAF_AREA], stomata) * vpd;
    double to_air = 10 * p[LEAF_AREA] * (x[CROP] - x[AIR]);
    double to_mass = 0.5 * RADIATION * s->view * (x[CROP] - x[MASS]);
    double floor = p[MASS_EXCHANGE] * (x[MASS] - x[AIR]);
    s->crop -= to_air + to_mass + GREENHOUSE_LATENT_HEAT * s->transpiration;
    s->mass += to_mass - floor - 1.5 * (x[MASS] - p[GROUND]);
    s->air += to_air + floor;
}

static struct scene scene_at(const struct kind_point *at)
{
    struct scene s = {0};
    scene_air(at, &s);
    scene_light(at, &s);
    scene_heating(at, &s);
    scene_cover(at, &s);
    scene_crop(at, &s);
    return s;
}

/* mg/(m2 s) of CO2 that the crop takes up, less what it breathes out. */
static double net_photosynthesis(const struct kind_point *at, const struct scene *s)
{
    double most = at->p[PHOTOSYNTHESIS], co2 = at->x[CO2], t = at->x[CROP];
    double light = 0.06 * s->seen * fmax(s->par, 0);
    double warmth = limited(1 - (t - 25) * (t - 25) / 484);
    double gross = most * light / (most + light + 1e-9) * warmth * 1.75 * co2 / (co2 + 300);
    double respiration = 0.02 * at->p[LEAF_AREA] * fmax(t, 0);
    return MG_PER_UMOL_CO2 * (gross - respiration);
}

static double co2_dosed(const struct kind_point *at) /* mg/(m2 s) */
{
    double kg = at->u[DOSING];
    if (isnan(kg))
        kg = at->p[CO2_CAPACITY] * 1e-3 * at->p[FLOOR_AREA] *
             limited((at->u[CO2_SETPOINT] - at->x[CO2]) / 100);
    return kg * 1e6 / 3600 / at->p[FLOOR_AREA];
}

/* kg/(m2 s) gained by the air; fog evaporates the slower the nearer the air is to full. */
static double vapour_gain(const struct kind_point *at, const struct scene *s, double fog)
{
    return s->transpiration + fog - s->condensation + G_PER_H * at->x[D_VAPOUR] -
           greenhouse_air_vapour(s->flow, s->e, at->x[AIR], s->e_out, at->u[T_OUT]);
}

/* %/s: by vapour, and by warming, which makes room for more of it. Mist falls out. */
static double humidity_rate(const struct kind_point *at, const struct scene *s,
                            double vapour, double warming)
{
    double rh = at->x[HUMIDITY], t = at->x[AIR] + 238.3;
    double air = greenhouse_vapour_capacity(at->p[HEIGHT], at->x[AIR]);
    double moistening = vapour / (air * (1 + at->p[MOISTURE_BUFFER]));
    return 100 * moistening / s->e_full - rh * 17.2694 * 238.3 / (t * t) * warming -
           fmax(rh - 100, 0) / 60;
}

static void greenhouse_derive(const struct kind_point *at, double *dx)
{
    const double *p = at->p, *u = at->u, *x = at->x;
    struct scene s = scene_at(at);
    double fog = G_PER_H * p[FOG_CAPACITY] * limited(u[FOGGING] / 100) *
                 limited((s.e_full - s.e) / 300);
    double carbon = co2_dosed(at) - net_photosynthesis(at, &s) + x[D_CO2] / 3.6;
    dx[AIR] = (s.air - GREENHOUSE_LATENT_HEAT * fog + x[D_HEAT]) / (1e3 * p[AIR_CAPACITY]);
    dx[HUMIDITY] = humidity_rate(at, &s, vapour_gain(at, &s, fog), dx[AIR]);
    dx[CO2] = (GREENHOUSE_PPM_PER_MG * carbon + s.flow * (u[CO2_OUT] - x[CO2])) / p[HEIGHT];
    dx[CROP] = s.crop / (1200 * p[LEAF_AREA]);
    dx[MASS] = s.mass / (1e3 * p[THERMAL_MASS]);
    dx[D_HEAT] = -x[D_HEAT] / FLUX_TAU;
    dx[D_VAPOUR] = -x[D_VAPOUR] / FLUX_TAU;
    dx[D_CO2] = -x[D_CO2] / CO2_TAU;
    dx[D_LIGHT] = -x[D_LIGHT] / LIGHT_TAU;
}

static double par_at(const struct kind_point *at)
{
    struct scene s = {0};
    scene_light(at, &s);
    return s.par;
}

static double vapour_pressure(const struct kind_point *at)
{
    return psychro_saturation(at->x[AIR]) * at->x[HUMIDITY] / 100;
}

/* Percent: how likely dew forms on the crop, whose coldest leaves are about a degree below
 * its mean. 50 % where the mean leaf is 1 K above the dew point. */
static double condensation_risk(const struct kind_point *at)
{
    double margin = at->x[CROP] - psychro_dew_point(vapour_pressure(at));
    return 100 / (1 + exp(fmin(2 * (margin - 1), 700)));
}

static double greenhouse_observe(const struct kind_point *at, size_t output)
{
    const double *x = at->x;
    switch (output) {
    case OUT_HUMIDITY:
        return x[HUMIDITY];
    case OUT_CO2:
        return x[CO2];
    case OUT_PAR:
        return par_at(at);
    case OUT_CANOPY:
        return x[CROP];
    case OUT_VPD:
        return psychro_saturation(x[AIR]) * (1 - x[HUMIDITY] / 100) / 1000;
    case OUT_DEW_POINT:
        return psychro_dew_point(vapour_pressure(at));
    case OUT_CONDENSATION:
        return condensation_risk(at);
    case OUT_TRANSPIRATION:
        return scene_at(at).transpiration / G_PER_H;
    case OUT_LIGHT_INTEGRAL:
        return at->m[LIGHT_SUM];
    default:
        return x[AIR];
    }
}

static size_t greenhouse_reads(size_t output)
{
    switch (output) {
    case OUT_TEMPERATURE:
        return AIR + 1;
    case OUT_HUMIDITY:
        return HUMIDITY + 1;
    case OUT_CO2:
        return CO2 + 1;
    case OUT_CANOPY:
        return CROP + 1;
    default:
        return 0;
    }
}

/* The day's light, from local midnight on. */
static void greenhouse_accumulate(const struct kind_point *at, double dt, double *m)
{
    const double day_length = 86400, umol_per_mol = 1e6;
    double local = at->time + 3600 * at->p[UTC_OFFSET];
    double day = floor(local / day_length);
    if (day != m[DAY]) { // NOLINT: whole numbers
        m[DAY] = day;
        m[LIGHT_SUM] = 0;
        dt = fmin(dt, local - day * day_length);
    }
    m[LIGHT_SUM] += fmax(par_at(at), 0) * dt / umol_per_mol;
}

const struct kind kind_greenhouse = {
    .name = "greenhouse",
    .help = "Climate of a greenhouse: temperature, humidity, CO2, light and crop",
    .params = greenhouse_params,
    .inputs = greenhouse_inputs,
    .states = greenhouse_states,
    .outputs = greenhouse_outputs,
    .n_params = PARAMS,
    .n_inputs = INPUTS,
    .n_states = STATES,
    .n_outputs = OUTPUTS,
    .n_memory = MEMORY,
    .max_step = 20,
    .min_step = 0.5,
    .derive = greenhouse_derive,
    .observe = greenhouse_observe,
    .accumulate = greenhouse_accumulate,
    .reads = greenhouse_reads,
};
