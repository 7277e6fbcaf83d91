/* A greenhouse: air, vapour, CO2, crop, floor and soil of one well-mixed house, per m2 of
 * floor.
 *
 *   C_air dT/dt    sun + crop + floor + pipes + heater + lamps
 *                  - vents - cover - fog + d_T
 *   C_vap de/dt    transpiration + fog - vents - condensation + d_e
 *   h dCO2/dt      dosing - photosynthesis - vents + d_c
 *   C_crop dTc/dt, C_floor dTf/dt, C_soil dTs/dt likewise
 *
 * d_T, d_e, d_c are fluxes that nothing known explains: what is usual at that hour of the
 * day (greenhouse_habit.h), and the rest, which the filter estimates; d_L is such light.
 * The vapour's state is the relative humidity, which measured houses hold better than the
 * vapour pressure when the temperature is stirred.
 *
 * Exchange processes: Vanthoor (2011), ch. 8 and 9; see greenhouse_scene.c and
 * docs/physics-greenhouse.md. Valid for houses of 2..12 m with roof vents, screens, pipes
 * or heaters, lamps, fog and CO2; 0..45 Cel inside. */
#include "greenhouse_health.h"
#include "greenhouse_rows.h"
#include "greenhouse_scene.h"
#include "kinds.h"
#include "twind/greenhouse_physics.h"
#include "twind/psychro.h"

static const double G_PER_H = 1e-3 / 3600, MG_PER_S = 1 / 3.6; /* of g/(m2 h) */
static const double HEAT_TAU = 40000, VAPOUR_TAU = 40000, CO2_TAU = 2400,
                    LIGHT_TAU = 3600;               /* s */
static const double TO_SOIL = 4.3, TO_GROUND = 0.7; /* W/(m2 K) */
static const double DAY_LENGTH = 86400;

static double soil_temperature(const struct kind_point *at)
{
    return at->p[GROUND] + at->m[SOIL];
}

/* kg/(m2 s) gained by the air. */
static double vapour_gain(const struct kind_point *at, const struct greenhouse_scene *s)
{
    return s->transpiration + s->fog - s->condensation +
           G_PER_H * (at->x[D_VAPOUR] + s->habit.vapour) -
           greenhouse_air_vapour(s->flow, s->e, at->x[AIR], s->e_out, at->u[T_OUT]);
}

/* %/s: by vapour, and by warming, which makes room for more of it. Mist falls out. */
static double humidity_rate(const struct kind_point *at, const struct greenhouse_scene *s,
                            double warming)
{
    double rh = at->x[HUMIDITY], t = at->x[AIR] + 238.3;
    double air = greenhouse_vapour_capacity(at->p[HEIGHT], at->x[AIR]);
    double moistening = vapour_gain(at, s) / (air * (1 + at->p[MOISTURE_BUFFER]));
    return 100 * moistening / s->e_full - rh * 17.2694 * 238.3 / (t * t) * warming -
           fmax(rh - 100, 0) / 60;
}

static void greenhouse_derive(const struct kind_point *at, double *dx)
{
    const double *p = at->p, *u = at->u, *x = at->x;
    struct greenhouse_scene s = greenhouse_scene_find(at);
    double carbon = GREENHOUSE_PPM_PER_MG * (s.dosing - s.uptake);
    double incoming = (s.flow + GREENHOUSE_CRACKS) * (x[D_CO2] + s.habit.co2);
    double by_soil = TO_SOIL * (soil_temperature(at) - x[FLOOR]);
    dx[AIR] = s.air / (1e3 * p[AIR_CAPACITY]);
    dx[HUMIDITY] = humidity_rate(at, &s, dx[AIR]);
    dx[CO2] = (carbon + s.flow * (u[CO2_OUT] - x[CO2]) + incoming) / p[HEIGHT];
    dx[CROP] = s.crop / (1200 * p[LEAF_AREA]);
    dx[FLOOR] = (s.floor + by_soil) / (1e3 * p[FLOOR_MASS]);
    dx[D_HEAT] = -x[D_HEAT] * (1 / HEAT_TAU + s.habit.rate);
    dx[D_VAPOUR] = -x[D_VAPOUR] * (1 / VAPOUR_TAU + s.habit.rate);
    dx[D_CO2] = -x[D_CO2] * (1 / CO2_TAU + s.habit.rate);
    dx[D_LIGHT] = -x[D_LIGHT] * (1 / LIGHT_TAU + s.habit.rate);
}

static double vapour_pressure(const struct kind_point *at)
{
    return psychro_saturation(at->x[AIR]) * at->x[HUMIDITY] / 100;
}

static double unknown_light(const struct kind_point *at)
{
    return at->x[D_LIGHT] + greenhouse_habit_find(at).light;
}

/* Percent: how likely dew forms on the crop, whose coldest leaves are about a degree below
 * its mean. 50 % where the mean leaf is 1 K above the dew point. */
static double condensation_risk(const struct kind_point *at)
{
    double margin = at->x[CROP] - psychro_dew_point(vapour_pressure(at));
    return 100 / (1 + exp(fmin(2 * (margin - 1), 700)));
}

/* What is read from the whole scene. */
static double observe_scene(const struct kind_point *at, size_t output)
{
    struct greenhouse_scene s = greenhouse_scene_find(at);
    switch (output) {
    case OUT_TRANSPIRATION:
        return s.transpiration / G_PER_H;
    case OUT_PHOTOSYNTHESIS:
        return s.uptake / MG_PER_S;
    case OUT_COVER:
        return s.t_cover;
    case OUT_AIR_EXCHANGE:
        return 3600 * s.flow / at->p[HEIGHT];
    case OUT_HEATING:
        return s.heating * at->p[FLOOR_AREA];
    case OUT_ELECTRIC:
        return s.electric * at->p[FLOOR_AREA];
    default:
        return NAN;
    }
}

static double greenhouse_observe(const struct kind_point *at, size_t output)
{
    const double *x = at->x, *m = at->m;
    switch (output) {
    case OUT_TEMPERATURE:
        return x[AIR];
    case OUT_HUMIDITY:
        return x[HUMIDITY];
    case OUT_CO2:
        return x[CO2];
    case OUT_PAR:
        return greenhouse_scene_par(at, unknown_light(at));
    case OUT_CANOPY:
        return x[CROP];
    case OUT_VPD:
        return psychro_saturation(x[AIR]) * (1 - x[HUMIDITY] / 100) / 1000;
    case OUT_DEW_POINT:
        return psychro_dew_point(vapour_pressure(at));
    case OUT_CONDENSATION:
        return condensation_risk(at);
    case OUT_SOIL:
        return soil_temperature(at);
    case OUT_LIGHT_INTEGRAL:
        return m[LIGHT_SUM];
    case OUT_ENERGY:
        return m[ENERGY_SUM];
    case OUT_COST:
        return m[COST_SUM];
    case OUT_CO2_DOSED:
        return m[CO2_SUM];
    case OUT_WATER:
        return m[WATER_SUM];
    default:
        return observe_scene(at, output);
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

static double local_time(const struct kind_point *at)
{
    return at->time + 3600 * at->p[UTC_OFFSET];
}

static void greenhouse_start(const struct kind_point *at, double *x, double *m)
{
    m[DAY] = floor(local_time(at) / DAY_LENGTH);
    m[SOIL] = 0.7 * (x[FLOOR] - at->p[GROUND]);
    greenhouse_scene_look(at, 0, m);
}

/* `counted` seconds of the scene into the day's totals. */
static void add_totals(const struct kind_point *at, const struct greenhouse_scene *s,
                       double counted, double *m)
{
    const double *p = at->p;
    double hours = counted / 3600, kilo = 1e-3 * p[FLOOR_AREA] * hours;
    double heat = kilo * s->heating, electricity = kilo * s->electric;
    double dosed = 1e-6 * p[FLOOR_AREA] * counted * s->dosing;
    m[LIGHT_SUM] += 1e-6 * s->par * counted;
    m[ENERGY_SUM] += heat + electricity;
    m[COST_SUM] += heat * p[HEAT_PRICE] + electricity * at->u[TARIFF];
    m[CO2_SUM] += dosed;
    m[WATER_SUM] += fmax(s->transpiration + s->fog, 0) * counted * p[FLOOR_AREA];
}

/* The day's totals from local midnight on, the soil, and the habits. */
static void greenhouse_accumulate(const struct kind_point *at, double dt, double *m)
{
    double local = local_time(at), day = floor(local / DAY_LENGTH), counted = dt;
    struct greenhouse_scene s = greenhouse_scene_find(at);
    if (day != m[DAY]) { // NOLINT: whole numbers
        m[DAY] = day;
        m[LIGHT_SUM] = m[ENERGY_SUM] = m[COST_SUM] = m[CO2_SUM] = m[WATER_SUM] = 0;
        counted = fmin(dt, local - day * DAY_LENGTH);
    }
    add_totals(at, &s, counted, m);
    double gain = TO_SOIL * (at->x[FLOOR] - soil_temperature(at)) - TO_GROUND * m[SOIL];
    m[SOIL] += gain * dt / (1e3 * at->p[SOIL_MASS]);
    m[GRIP] += (greenhouse_scene_obeys(at) - m[GRIP]) * fmin(dt / DAY_LENGTH, 1);
    greenhouse_habit_learn(at, dt, m);
    greenhouse_scene_look(at, unknown_light(at), m);
}

const struct kind kind_greenhouse = {
    .name = "greenhouse",
    .help = "Climate of a greenhouse: temperature, humidity, CO2, light, crop and energy",
    .params = greenhouse_params,
    .inputs = greenhouse_inputs,
    .states = greenhouse_states,
    .outputs = greenhouse_outputs,
    .n_params = PARAMS,
    .n_inputs = INPUTS,
    .n_states = STATES,
    .n_outputs = OUTPUTS,
    .n_memory = MEMORY,
    .max_step = 40,
    .min_step = 0.5,
    .derive = greenhouse_derive,
    .observe = greenhouse_observe,
    .start = greenhouse_start,
    .accumulate = greenhouse_accumulate,
    .reads = greenhouse_reads,
    .faults = greenhouse_faults,
    .n_faults = sizeof greenhouse_faults / sizeof *greenhouse_faults,
    .health = greenhouse_health,
    .n_health = GREENHOUSE_HEALTH,
    .unexplained = greenhouse_health_unexplained,
};
