/* A building of one zone: heat, moisture, plant, energy, cost and comfort.
 *
 * Heat: the 5R1C zone of ISO 13790:2008 annex C (building_physics.c) with one addition, the
 * capacity C_a of the air and what follows it quickly (furniture; ISO 52016-1, 6.5.4.2):
 *   C_a dT_a/dt = H_is (T_s - T_a) + H_ve (T_e - T_a) + 0.5 phi_int + phi_plant
 *   C_m dT_m/dt = H_em (T_e - T_m) + H_ms (T_s - T_m) + phi_m
 * which is the standard's zone again at rest or as C_a goes to 0.
 *
 * Plant: the standard's ideal control (the power that holds the set-point, limited by the
 * capacity) plus what would hold another `setpoint_offset` K, through a lag. So a heat
 * meter corrects the power and, through the offset, what is expected of it next; and where
 * the controls are not as told, a thermometer alone shows it. `size_scale` turns the zone's
 * power into the meter's: it is found where heat is metered (a floor area that is a guess
 * then does little harm), and stays what it is where heat is not. `shading`, so what is not
 * known of windows and blinds, is found where the sun is measured.
 *
 * Unknowns, which the filter finds: `unknown_gain` (people, open windows, whatever the
 * weather inputs miss; W/m2 of floor), `unknown_load` (electricity that no input names; its
 * heat stays inside). Both, and the offset, fade in a day or two if nothing supports them.
 *
 * Moisture: rho V b dw/dt = G + m_out (w_out - w) - m_coil max(w - w_coil, 0), with b the
 * buffering of walls and furniture (EnergyPlus Engineering Reference, "effective
 * capacitance multiplier") and m_coil the air that the cooling passes over its cold coil.
 *
 * Savings are against a second zone in the memory: same weather and gains, baseline
 * set-points, ideal plant.
 *
 * Sun: position, split and sky of solar.c, the position once a step (kept in the memory);
 * through windows by g, lowered for direct light by its angle; on walls (all four alike)
 * and roof, less their radiation to the sky, by ISO 13790, 11.3.2. Where place or clock are
 * wrong and the sun shines though it should be down, all light is diffuse.
 * Valid for one well-mixed zone. */
#include "building_rows.h"
#include "kinds.h"

#include "twind/building_physics.h"
#include "twind/comfort.h"
#include "twind/psychro.h"
#include "twind/solar.h"

#include <string.h>

enum memory {
    DAY,      /* days since the epoch by the local clock */
    KWH,      /* bought today */
    COST,     /* of these */
    BASE_KWH, /* what the baseline would have bought */
    BASE_COST,
    BASE_MASS, /* Cel, mass node of the baseline zone */
    COIL,      /* kg/s of air over the cold coil */
    SIZE,      /* size_scale, and W/m2 of unknown_load, as they stood a step ago: what */
    PLUGGED,   /* reads them here teaches the filter nothing about them */
    SUN,       /* where it stands: struct solar_sun */
    MEMORY = SUN + sizeof(struct solar_sun) / sizeof(double)
};

static const double air_density = 1.2;   /* kg/m3, ISO 13790: rho c = 1200 J/(m3 K) */
static const double air_heat = 1000.0;   /* J/(kg K) */
static const double pressure = 101325.0; /* Pa */
static const double person_heat = 75.0;  /* W, sensible, seated */
static const double person_water = 50.0; /* g/h */
static const double moisture_buffer = 5.0;
static const double coil_temperature = 11.0;     /* Cel */
static const double coil_vapour = 8.1;           /* g/kg, saturated at that */
static const double gain_memory = 24 * 3600.0;   /* s */
static const double load_memory = 24 * 3600.0;   /* s */
static const double offset_memory = 48 * 3600.0; /* s */
enum { longest_step = 300 };                     /* s */
static const double still_air = 0.1;             /* m/s */

/* max(x, 0) with the corner rounded over -width..width: a filter's slope has to see where
 * the plant comes on. Exact outside. */
static double ramp(double x, double width)
{
    if (x >= width)
        return x;
    return x <= -width ? 0.0 : (x + width) * (x + width) / (4.0 * width);
}

static double outdoor_air(const struct kind_point *at) /* m3/s, before heat recovery */
{
    double crack = at->p[INFILTRATION] * building_wind_factor(at->u[WIND_SPEED]);
    double volume = at->p[FLOOR_AREA] * at->p[ROOM_HEIGHT];
    return volume * (at->p[VENTILATION] + crack) / 3600.0;
}

static double find_ventilation(const struct kind_point *at) /* W/K */
{
    double volume = at->p[FLOOR_AREA] * at->p[ROOM_HEIGHT];
    double kept = 0.01 * at->p[HEAT_RECOVERY] * at->p[VENTILATION] * volume / 3600.0;
    return air_density * air_heat * (outdoor_air(at) - kept);
}

static double glass_share(const struct kind_point *at) /* m2 per m2 of floor */
{
    const double *p = at->p;
    return 0.01 * (p[WINDOWS_NORTH] + p[WINDOWS_EAST] + p[WINDOWS_SOUTH] + p[WINDOWS_WEST]);
}

static struct building_zone find_zone(const struct kind_point *at)
{
    const double *p = at->p;
    double area = p[FLOOR_AREA], glass = glass_share(at);
    double scale = p[HEAT_LOSS_SCALE];
    double opaque = fmax(p[ENVELOPE_RATIO] - glass, 0.0);
    struct building_envelope made_of = {
        .internal_area = p[INTERNAL_AREA] * area,
        .surface_air = p[SURFACE_TRANSFER],
        .mass_area = p[MASS_AREA_RATIO] * area,
        .window_ua = scale * p[WINDOW_U] * glass * area,
        .opaque_ua = scale * p[ENVELOPE_U] * opaque * area,
        .ventilation = scale * find_ventilation(at),
        .capacity = 1e3 * p[THERMAL_MASS] * area,
    };
    return building_make_zone(&made_of);
}

static double longitude(const struct kind_point *at)
{
    double given = at->p[LONGITUDE];
    return given == 0.0 ? 15.0 * at->p[UTC_OFFSET] : given;
}

static bool is_placed(const struct kind_point *at)
{
    return at->p[LATITUDE] != 0.0 || at->p[LONGITUDE] != 0.0;
}

static void keep_sun(const struct kind_point *at, double time, double *m)
{
    if (!is_placed(at))
        return;
    struct solar_sun sun = solar_find_sun(time, at->p[LATITUDE], longitude(at));
    memcpy(&m[SUN], &sun, sizeof sun);
}

/* W of sun through the windows, and on the outside W/m2: mean of the walls, and roof. */
struct sunshine {
    double windows, walls, roof;
};

static struct sunshine find_sunshine(const struct kind_point *at)
{
    static const struct solar_plane facades[] = {{.north = 1.0, .side = 1.0},
                                                 {.east = 1.0, .side = 1.0},
                                                 {.north = -1.0, .side = 1.0},
                                                 {.east = -1.0, .side = 1.0}};
    enum { FACADES = sizeof facades / sizeof facades[0] };
    _Static_assert(WINDOWS_WEST - WINDOWS_NORTH + 1 == FACADES, "a facade without windows");
    const double *p = at->p, *u = at->u;
    struct solar_sun sun;
    memcpy(&sun, &at->m[SUN], sizeof sun);
    struct solar_sky sky = solar_find_sky(&sun, u[SOLAR_IRRADIANCE], u[DIRECT_IRRADIANCE],
                                          u[DIFFUSE_IRRADIANCE]);
    struct sunshine on = {0.0, 0.0, sky.direct * fmax(sun.up, 0.0) + sky.diffuse};
    if (on.roof <= 0.0 && sky.direct <= 0.0)
        return on;
    double seen = 0.0; /* W per % of window and m2 of floor */
    for (size_t i = 0; i < FACADES; i++) {
        struct solar_light light =
            solar_light_plane(&sun, &sky, &facades[i], p[GROUND_ALBEDO]);
        seen += p[WINDOWS_NORTH + i] *
                (light.direct * solar_pass_glass(light.cosine) + light.spread);
        on.walls += (light.direct + light.spread) / FACADES;
    }
    on.windows = 0.01 * seen * p[FLOOR_AREA] * p[GLASS_G] * p[SHADING];
    return on;
}

/* Sun on walls and roof less what they and the windows radiate to the sky, W. The ground
 * floor is taken to be as large as the roof. */
static double outside_gain(const struct kind_point *at, const struct sunshine *on)
{
    const double *p = at->p;
    double glass = glass_share(at), opaque = fmax(p[ENVELOPE_RATIO] - glass, 0.0);
    double roof = fmin(p[ROOF_RATIO], 0.5 * opaque), walls = opaque - 2.0 * roof;
    double u = p[ENVELOPE_U], absorbs = p[ABSORPTANCE];
    double each = building_outside_gain(u * roof, absorbs * on->roof, 1.0) +
                  building_outside_gain(u * walls, absorbs * on->walls, 0.5) +
                  building_outside_gain(p[WINDOW_U] * glass, 0.0, 0.5);
    return each * p[HEAT_LOSS_SCALE] * p[FLOOR_AREA];
}

/* Where no place is told: ratio of the annual sums on the walls to that on the horizontal,
 * as six programs of ASHRAE 140-2020 find them for Denver (S 0.81, E 0.63, W 0.57, N 0.26),
 * east and west made alike. A month's gain may be 30 % off; the unknown gain takes it up.
 */
static double mean_gain(const struct kind_point *at) /* W */
{
    const double *p = at->p;
    double seen = 0.26 * p[WINDOWS_NORTH] + 0.60 * (p[WINDOWS_EAST] + p[WINDOWS_WEST]) +
                  0.81 * p[WINDOWS_SOUTH];
    double glass = 0.01 * seen * p[FLOOR_AREA]; /* m2, as if it lay flat */
    return glass * p[GLASS_G] * p[SHADING] * at->u[SOLAR_IRRADIANCE];
}

static double solar_gain(const struct kind_point *at) /* W */
{
    if (!is_placed(at))
        return mean_gain(at);
    struct sunshine on = find_sunshine(at);
    return on.windows + outside_gain(at, &on);
}

/* W of electricity that turns into heat inside, whether or not the plant runs. */
static double plug_load(const struct kind_point *at, double unknown)
{
    const double *p = at->p, *u = at->u;
    double lighting = 0.01 * u[LIGHTING] * p[LIGHTING_POWER] * p[FLOOR_AREA];
    return lighting + u[APPLIANCES] + unknown * p[FLOOR_AREA];
}

static struct building_load find_load(const struct kind_point *at)
{
    double people = at->u[INTERNAL_GAINS];
    if (isnan(people))
        people = at->p[OCCUPANTS] * person_heat;
    return (struct building_load){
        .outdoor = at->u[OUTDOOR_TEMPERATURE],
        .internal =
            people + plug_load(at, at->m[PLUGGED]) + at->x[GAIN] * at->p[FLOOR_AREA],
        .solar = solar_gain(at),
    };
}

/* What the controls ask of the plant, W: heating > 0, cooling < 0. */
static double find_demand(const struct kind_point *at, const struct building_zone *zone,
                          const struct building_load *load)
{
    const double *p = at->p, *u = at->u;
    double area = p[FLOOR_AREA], mass = at->x[MASS];
    double cool_at = fmax(u[COOLING_SETPOINT], u[HEATING_SETPOINT]);
    double heat = building_hold_power(zone, load, u[HEATING_SETPOINT], mass);
    double cool = -building_hold_power(zone, load, cool_at, mass);
    heat = fmin(ramp(heat, 0.5 * area), p[HEATING_CAPACITY] * area);
    cool = fmin(ramp(cool, 0.5 * area), p[COOLING_CAPACITY] * area);
    return heat - cool + at->x[OFFSET] * building_hold_slope(zone);
}

static double humidity_ratio(double t, double humidity) /* g/kg */
{
    double e = 0.01 * humidity * psychro_saturation(t);
    return 622.0 * e / (pressure - e);
}

static double vapour_rate(const struct kind_point *at) /* g/kg per s */
{
    const double *p = at->p, *u = at->u;
    double outside = humidity_ratio(u[OUTDOOR_TEMPERATURE], u[OUTDOOR_HUMIDITY]);
    double flow = air_density * outdoor_air(at) * (outside - at->x[VAPOUR]);
    double wet = ramp(at->x[VAPOUR] - coil_vapour, 0.2);
    double people = p[OCCUPANTS] * person_water / 3600.0;
    double holds = air_density * p[FLOOR_AREA] * p[ROOM_HEIGHT] * moisture_buffer;
    return (people + flow - at->m[COIL] * wet) / holds;
}

/* W of plant per W/m2 of the states. */
static double plant_size(const struct kind_point *at)
{
    return at->p[FLOOR_AREA] * at->p[SIZE_SCALE];
}

static double electric_power(const struct kind_point *at)
{
    const double *p = at->p, *x = at->x;
    double heat = p[HEATING_FUEL] > 0.5 ? 0.0 : x[HEATING] / p[HEATING_COP];
    double plant = (heat + x[COOLING] / p[COOLING_COP]) * p[FLOOR_AREA] * at->m[SIZE];
    return plant + plug_load(at, x[LOAD]);
}

/* J/K of the air node. Where it is so small that the air would follow within one step, it
 * follows within one step: Runge-Kutta 4 is stable up to 2.78 time constants. */
static double air_capacity(const struct kind_point *at, const struct building_zone *zone)
{
    double given = 1e3 * at->p[AIR_CAPACITY] * at->p[FLOOR_AREA];
    return fmax(given, longest_step * (zone->h_is + zone->h_ve) / 2.5);
}

static void derive(const struct kind_point *at, double *dx)
{
    const double *p = at->p, *x = at->x;
    double area = p[FLOOR_AREA], power = (x[HEATING] - x[COOLING]) * area;
    struct building_zone zone = find_zone(at);
    struct building_load load = find_load(at);
    struct building_flows in = building_find_flows(&zone, &load, power, x[AIR], x[MASS]);
    double plant = find_demand(at, &zone, &load) / area;
    double lag = 60.0 * p[PLANT_LAG];

    dx[AIR] = in.air / air_capacity(at, &zone);
    dx[MASS] = in.mass / zone.c_m;
    dx[HEATING] = (ramp(plant, 0.1) - x[HEATING]) / lag;
    dx[COOLING] = (ramp(-plant, 0.1) - x[COOLING]) / lag;
    dx[OFFSET] = -x[OFFSET] / offset_memory;
    dx[GAIN] = -x[GAIN] / gain_memory;
    dx[LOAD] = -x[LOAD] / load_memory;
    dx[METER] = electric_power(at) / 3.6e6;
    dx[VAPOUR] = vapour_rate(at);
}

static double relative_humidity(const struct kind_point *at)
{
    double w = at->x[VAPOUR];
    double e = pressure * w / (622.0 + w);
    return fmin(100.0 * e / psychro_saturation(at->x[AIR]), 100.0);
}

static double surface_temperature(const struct kind_point *at)
{
    struct building_zone zone = find_zone(at);
    struct building_load load = find_load(at);
    return building_find_flows(&zone, &load, 0.0, at->x[AIR], at->x[MASS]).surface;
}

static double find_vote(const struct kind_point *at)
{
    struct comfort c = {
        .air = at->x[AIR],
        .radiant = surface_temperature(at),
        .air_speed = still_air,
        .humidity = relative_humidity(at),
        .activity = at->p[ACTIVITY],
        .clothing = at->p[CLOTHING],
    };
    return comfort_vote(&c);
}

static double observe(const struct kind_point *at, size_t output)
{
    const double *x = at->x, *m = at->m;
    switch ((enum output)output) {
    case INDOOR_TEMPERATURE:
        return x[AIR];
    case RELATIVE_HUMIDITY:
        return relative_humidity(at);
    case HEATING_POWER:
        return x[HEATING] * plant_size(at);
    case COOLING_POWER:
        return x[COOLING] * plant_size(at);
    case ELECTRIC_POWER:
        return electric_power(at);
    case ELECTRIC_ENERGY:
        return x[METER];
    case MASS_TEMPERATURE:
        return x[MASS];
    case OPERATIVE_TEMPERATURE:
        return 0.3 * x[AIR] + 0.7 * surface_temperature(at);
    case ENERGY_TODAY:
        return m[KWH];
    case COST_TODAY:
        return m[COST];
    case SAVED_TODAY:
        return m[BASE_KWH] - m[KWH];
    case SAVED_COST_TODAY:
        return m[BASE_COST] - m[COST];
    case PMV:
        return find_vote(at);
    case PPD:
        return comfort_dissatisfied(find_vote(at));
    case OUTPUTS:
        break;
    }
    return NAN;
}

static size_t reads(size_t output)
{
    static const unsigned char state[OUTPUTS] = {
        [INDOOR_TEMPERATURE] = AIR + 1,
        [ELECTRIC_ENERGY] = METER + 1,
        [MASS_TEMPERATURE] = MASS + 1,
    };
    return state[output];
}

static double local_time(const struct kind_point *at)
{
    return at->time + 3600.0 * at->p[UTC_OFFSET];
}

static void start(const struct kind_point *at, double *x, double *m)
{
    x[VAPOUR] = humidity_ratio(x[AIR], 45.0);
    m[DAY] = floor(local_time(at) / 86400.0);
    m[BASE_MASS] = x[MASS];
    m[SIZE] = at->p[SIZE_SCALE];
    keep_sun(at, at->time, m);
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

/* Adds `hours` of a plant's heating and cooling (W) and the plugs to a day's account. */
static void add_energy(const struct kind_point *at, double heating, double cooling,
                       double hours, double *kwh, double *cost)
{
    const double *p = at->p;
    double heat = 1e-3 * hours * heating / p[HEATING_COP];
    double rest = 1e-3 * hours * (cooling / p[COOLING_COP] + plug_load(at, at->x[LOAD]));
    double tariff = at->u[TARIFF];
    *kwh += heat + rest;
    *cost += heat * (p[HEATING_FUEL] > 0.5 ? p[FUEL_TARIFF] : tariff) + rest * tariff;
}

static void accumulate(const struct kind_point *at, double dt, double *m)
{
    double local = local_time(at), day = floor(local / 86400.0);
    double baseline = move_baseline(at, dt, m);
    double counted = dt;
    if (day != m[DAY]) {
        m[KWH] = m[COST] = m[BASE_KWH] = m[BASE_COST] = 0.0;
        m[DAY] = day;
        counted = fmin(dt, local - 86400.0 * day);
    }
    double hours = counted / 3600.0;
    double area = at->p[FLOOR_AREA];
    double size = plant_size(at), scale = at->p[SIZE_SCALE];
    add_energy(at, at->x[HEATING] * size, at->x[COOLING] * size, hours, &m[KWH], &m[COST]);
    add_energy(at, scale * fmax(baseline, 0.0), scale * fmax(-baseline, 0.0), hours,
               &m[BASE_KWH], &m[BASE_COST]);
    m[SIZE] = scale;
    m[PLUGGED] = at->x[LOAD];
    double colder = fmax(at->x[AIR] - coil_temperature, 3.0);
    double volume = area * at->p[ROOM_HEIGHT];
    m[COIL] =
        fmin(at->x[COOLING] * area / (air_heat * colder), air_density * volume * 1.5e-3);
    keep_sun(at, at->time + 0.5 * dt, m); /* the middle of the next step, if it is alike */
}

const struct kind kind_building = {
    .name = "building",
    .help = "A building of one zone: heat, moisture, plant, energy, cost and comfort",
    .params = params,
    .n_params = PARAMS,
    .inputs = inputs,
    .n_inputs = INPUTS,
    .states = states,
    .n_states = STATES,
    .outputs = outputs,
    .n_outputs = OUTPUTS,
    .n_memory = MEMORY,
    .max_step = longest_step,
    .min_step = 1,
    .derive = derive,
    .observe = observe,
    .start = start,
    .accumulate = accumulate,
    .reads = reads,
};
