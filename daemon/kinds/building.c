/* A building of one zone: heat, moisture, CO2, plant, energy, cost and comfort. This is its
 * detail "zone"; building_layers.c is the other.
 *
 * Heat: the 5R1C zone of ISO 13790:2008 annex C (building_physics.c) with one addition, the
 * capacity C_a of the air and what follows it quickly (furniture; ISO 52016-1, 6.5.4.2):
 *   C_a dT_a/dt = H_is (T_s - T_a) + H_ve (T_e - T_a) + 0.5 phi_int + phi_plant
 *   C_m dT_m/dt = H_em (T_e - T_m) + H_ms (T_s - T_m) + phi_m
 * which is the standard's zone again at rest or as C_a goes to 0.
 *
 * Controls: the standard's ideal ones (the power that holds the set-point, limited by the
 * capacity) plus what would hold another `setpoint_offset` K. So a heat meter corrects the
 * power and, through the offset, what is expected of it next; and where the controls are
 * not as told, a thermometer alone shows it. `shading`, so what is not known of windows and
 * blinds, is found where the sun is measured.
 *
 * Savings are against a second zone in the memory: same weather and gains, baseline
 * set-points, ideal plant.
 *
 * Sun on walls (all four alike) and roof, less their radiation to the sky, by ISO 13790,
 * 11.3.2; told no place, neither. Valid for one well-mixed zone. */
#include "building_parts.h"
#include "kinds.h"

#include "twind/building_physics.h"
#include "twind/comfort.h"

static struct building_zone find_zone(const struct kind_point *at)
{
    const double *p = at->p;
    double area = p[FLOOR_AREA], glass = building_account_glass(at);
    double scale = p[HEAT_LOSS_SCALE];
    double opaque = fmax(p[ENVELOPE_RATIO] - glass, 0.0);
    struct building_envelope made_of = {
        .internal_area = p[INTERNAL_AREA] * area,
        .surface_air = p[SURFACE_TRANSFER],
        .mass_area = p[MASS_AREA_RATIO] * area,
        .window_ua = scale * p[WINDOW_U] * glass * area,
        .opaque_ua = scale * p[ENVELOPE_U] * opaque * area,
        .ventilation = scale * building_air_conductance(at),
        .capacity = 1e3 * p[THERMAL_MASS] * area,
    };
    return building_make_zone(&made_of);
}

/* Sun on walls and roof less what they and the windows radiate to the sky, W. The ground
 * floor is taken to be as large as the roof. */
static double outside_gain(const struct kind_point *at, const struct building_sun *on)
{
    const double *p = at->p;
    double glass = building_account_glass(at),
           opaque = fmax(p[ENVELOPE_RATIO] - glass, 0.0);
    double roof = fmin(p[ROOF_RATIO], 0.5 * opaque), walls = opaque - 2.0 * roof;
    double u = p[ENVELOPE_U], absorbs = p[ABSORPTANCE];
    double light = 0.25 * (on->walls[0] + on->walls[1] + on->walls[2] + on->walls[3]);
    double each = building_outside_gain(u * roof, absorbs * on->roof, 1.0) +
                  building_outside_gain(u * walls, absorbs * light, 0.5) +
                  building_outside_gain(p[WINDOW_U] * glass, 0.0, 0.5);
    return each * p[HEAT_LOSS_SCALE] * p[FLOOR_AREA];
}

static struct building_load find_load(const struct kind_point *at)
{
    struct building_sun on = building_sun_find(at);
    double outside = building_sun_is_placed(at) ? outside_gain(at, &on) : 0.0;
    return (struct building_load){
        .outdoor = at->u[OUTDOOR_TEMPERATURE],
        .internal = building_account_internal(at),
        .solar = on.beam + on.spread + outside,
    };
}

/* What the controls ask of the plant, W: heating > 0, cooling < 0. */
static double find_demand(const struct kind_point *at, const struct building_zone *zone,
                          const struct building_load *load)
{
    const double *p = at->p, *u = at->u;
    double area = p[FLOOR_AREA], mass = at->x[MASS], off = at->x[OFFSET];
    double cool_at = fmax(u[COOLING_SETPOINT], u[HEATING_SETPOINT]) + off;
    double heat = building_hold_power(zone, load, u[HEATING_SETPOINT] + off, mass);
    double cool = -building_hold_power(zone, load, cool_at, mass);
    heat = fmin(building_ramp(heat, 0.5 * area), p[HEATING_CAPACITY] * area);
    cool = fmin(building_ramp(cool, 0.5 * area), p[COOLING_CAPACITY] * area);
    return heat - cool;
}

/* J/K of the air node. Where it is so small that the air would follow within one step, it
 * follows within one step: Runge-Kutta 4 is stable up to 2.78 time constants. */
static double air_capacity(const struct kind_point *at, const struct building_zone *zone)
{
    double given = 1e3 * at->p[AIR_CAPACITY] * at->p[FLOOR_AREA];
    return fmax(given, BUILDING_STEP * (zone->h_is + zone->h_ve) / 2.5);
}

static void derive(const struct kind_point *at, double *dx)
{
    const double *x = at->x;
    double area = at->p[FLOOR_AREA], power = (x[HEATING] - x[COOLING]) * area;
    struct building_zone zone = find_zone(at);
    struct building_load load = find_load(at);
    struct building_flows in = building_find_flows(&zone, &load, power, x[AIR], x[MASS]);
    dx[AIR] = in.air / air_capacity(at, &zone);
    dx[MASS] = in.mass / zone.c_m;
    building_account_derive(at, find_demand(at, &zone, &load) / area, dx);
    building_air_derive(at, dx);
}

static double surface_temperature(const struct kind_point *at)
{
    struct building_zone zone = find_zone(at);
    struct building_load load = find_load(at);
    return building_find_flows(&zone, &load, 0.0, at->x[AIR], at->x[MASS]).surface;
}

static double observe(const struct kind_point *at, size_t output)
{
    switch ((enum output)output) {
    case MASS_TEMPERATURE:
        return at->x[MASS];
    case OPERATIVE_TEMPERATURE:
        return 0.3 * at->x[AIR] + 0.7 * surface_temperature(at);
    case PMV:
        return building_air_vote(at, surface_temperature(at));
    case PPD:
        return comfort_dissatisfied(building_air_vote(at, surface_temperature(at)));
    default:
        return building_account_observe(at, output);
    }
}

static size_t reads(size_t output)
{
    static const unsigned char state[OUTPUTS] = {
        [INDOOR_TEMPERATURE] = AIR + 1,
        [INDOOR_CO2] = CO2 + 1,
        [ELECTRIC_ENERGY] = METER + 1,
        [MASS_TEMPERATURE] = MASS + 1,
    };
    return state[output];
}

static void start(const struct kind_point *at, double *x, double *m)
{
    building_account_start(at, x, m);
    m[BASE_MASS] = x[MASS];
}

/* The baseline zone's plant power, W, after moving it `dt` seconds. */
static double move_baseline(const struct kind_point *at, double dt, double *m)
{
    const double *p = at->p;
    struct building_zone zone = find_zone(at);
    struct building_load load = find_load(at);
    struct building_control control = {
        .heating = p[BASELINE_HEATING],
        .cooling = fmax(p[BASELINE_COOLING], p[BASELINE_HEATING]),
        .max_heating = p[HEATING_CAPACITY] * p[FLOOR_AREA],
        .max_cooling = p[COOLING_CAPACITY] * p[FLOOR_AREA],
    };
    struct building_step moved = building_step(&zone, &load, &control, m[BASE_MASS], dt);
    m[BASE_MASS] = moved.mass_end;
    return moved.power;
}

/* W/m2 that would hold the air as it is, without the unknown gain. */
static double find_need(const struct kind_point *at)
{
    struct building_zone zone = find_zone(at);
    struct building_load load = find_load(at);
    double hold = building_hold_power(&zone, &load, at->x[AIR], at->x[MASS]);
    return hold / at->p[FLOOR_AREA] + at->x[GAIN];
}

static void accumulate(const struct kind_point *at, double dt, double *m)
{
    double baseline = move_baseline(at, dt, m);
    building_account_add(at, dt, baseline, find_need(at), m);
}

const struct kind *const building_details[] = {&kind_building, &kind_building_layers, NULL};

const struct kind kind_building = {
    .name = "building",
    .help = "A building of one zone: heat, moisture, CO2, plant, energy, cost and comfort",
    .detail = "zone",
    .details = building_details,
    .params = building_params,
    .n_params = PARAMS,
    .inputs = building_inputs,
    .n_inputs = INPUTS,
    .states = building_states,
    .n_states = STATES,
    .outputs = building_outputs,
    .faults = building_faults,
    .n_faults = BUILDING_FAULTS,
    .n_outputs = OUTPUTS,
    .n_memory = MEMORY,
    .max_step = BUILDING_STEP,
    .min_step = 1,
    .derive = derive,
    .observe = observe,
    .start = start,
    .accumulate = accumulate,
    .reads = reads,
    .health = building_health,
    .n_health = BUILDING_HEALTH,
    .unexplained = building_health_unexplained,
};
