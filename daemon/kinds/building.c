/* A building of one zone: heat, moisture, plant, energy, cost and comfort.
 *
 * Heat: the 5R1C zone of ISO 13790:2008 annex C (building_physics.c) with one addition, the
 * capacity C_a of the air and what follows it quickly (furniture; ISO 52016-1, 6.5.4.2):
 *   C_a dT_a/dt = H_is (T_s - T_a) + H_ve (T_e - T_a) + 0.5 phi_int + phi_plant
 *   C_m dT_m/dt = H_em (T_e - T_m) + H_ms (T_s - T_m) + phi_m
 * which is the standard's zone again as C_a goes to 0, and over hours within a tenth or two
 * of a degree of it anyway.
 *
 * Plant: the standard's ideal control (the power that holds the set-point, limited by the
 * capacity) plus `plant_offset`, what the real controls do otherwise, through a lag; so a
 * heat meter corrects the power and, through the offset, what is expected of it next.
 *
 * Unknowns, which the filter finds: `unknown_gain` (people, open windows, whatever the
 * weather inputs miss; W/m2 of floor), `unknown_load` (electricity that no input names; its
 * heat stays inside). Both, and the offset, fade over hours when nothing supports them.
 *
 * Moisture: rho V b dw/dt = G + m_out (w_out - w) - m_coil max(w - w_coil, 0), with b the
 * buffering of walls and furniture (EnergyPlus Engineering Reference, "effective
 * capacitance multiplier") and m_coil the air that the cooling passes over its cold coil.
 *
 * Savings are against a second zone in the memory: same weather and gains, baseline
 * set-points, ideal plant. Sun: yearly mean factors from the horizontal to each facade, so
 * a single month's solar gain may be 30 % off; the unknown gain takes up the difference.
 * Valid for one well-mixed zone. */
#include "twind/building_physics.h"
#include "twind/comfort.h"
#include "twind/kind.h"
#include "twind/psychro.h"

enum param {
    FLOOR_AREA,
    ROOM_HEIGHT,
    ENVELOPE_RATIO,
    ENVELOPE_U,
    WINDOW_U,
    WINDOWS_NORTH,
    WINDOWS_EAST,
    WINDOWS_SOUTH,
    WINDOWS_WEST,
    GLASS_G,
    SHADING,
    THERMAL_MASS,
    MASS_AREA_RATIO,
    AIR_CAPACITY,
    VENTILATION,
    HEAT_RECOVERY,
    INFILTRATION,
    HEAT_LOSS_SCALE,
    HEATING_CAPACITY,
    COOLING_CAPACITY,
    PLANT_LAG,
    HEATING_COP,
    COOLING_COP,
    HEATING_FUEL,
    FUEL_TARIFF,
    LIGHTING_POWER,
    OCCUPANTS,
    BASELINE_HEATING,
    BASELINE_COOLING,
    ACTIVITY,
    CLOTHING,
    UTC_OFFSET,
    PARAMS
};

enum input {
    OUTDOOR_TEMPERATURE,
    OUTDOOR_HUMIDITY,
    SOLAR_IRRADIANCE,
    WIND_SPEED,
    INTERNAL_GAINS,
    HEATING_SETPOINT,
    COOLING_SETPOINT,
    LIGHTING,
    APPLIANCES,
    TARIFF,
    INPUTS
};

enum state { AIR, MASS, HEATING, COOLING, OFFSET, GAIN, LOAD, METER, VAPOUR, STATES };

enum output {
    INDOOR_TEMPERATURE,
    RELATIVE_HUMIDITY,
    HEATING_POWER,
    COOLING_POWER,
    ELECTRIC_POWER,
    ELECTRIC_ENERGY,
    MASS_TEMPERATURE,
    OPERATIVE_TEMPERATURE,
    ENERGY_TODAY,
    COST_TODAY,
    SAVED_TODAY,
    SAVED_COST_TODAY,
    PMV,
    PPD,
    OUTPUTS
};

enum memory {
    DAY,      /* days since the epoch by the local clock */
    KWH,      /* bought today */
    COST,     /* of these */
    BASE_KWH, /* what the baseline would have bought */
    BASE_COST,
    BASE_MASS, /* Cel, mass node of the baseline zone */
    COIL,      /* kg/s of air over the cold coil */
    MEMORY
};

static const double air_density = 1.2;   /* kg/m3, ISO 13790: rho c = 1200 J/(m3 K) */
static const double air_heat = 1000.0;   /* J/(kg K) */
static const double internal_area = 4.5; /* m2 of surfaces per m2 of floor, 7.2.2.2 */
static const double pressure = 101325.0; /* Pa */
static const double person_heat = 75.0;  /* W, sensible, seated */
static const double person_water = 50.0; /* g/h */
static const double moisture_buffer = 5.0;
static const double coil_temperature = 11.0;     /* Cel */
static const double coil_vapour = 8.1;           /* g/kg, saturated at that */
static const double gain_memory = 12 * 3600.0;   /* s */
static const double load_memory = 6 * 3600.0;    /* s */
static const double offset_memory = 48 * 3600.0; /* s */
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
    double area = p[FLOOR_AREA], scale = p[HEAT_LOSS_SCALE], glass = glass_share(at);
    double opaque = fmax(p[ENVELOPE_RATIO] - glass, 0.0);
    struct building_envelope made_of = {
        .internal_area = internal_area * area,
        .mass_area = p[MASS_AREA_RATIO] * area,
        .window_ua = scale * p[WINDOW_U] * glass * area,
        .opaque_ua = scale * p[ENVELOPE_U] * opaque * area,
        .ventilation = scale * find_ventilation(at),
        .capacity = 1e3 * p[THERMAL_MASS] * area,
    };
    return building_make_zone(&made_of);
}

static double solar_gain(const struct kind_point *at) /* W */
{
    const double *p = at->p;
    double seen = p[WINDOWS_NORTH] * building_facing_factor(BUILDING_NORTH) +
                  p[WINDOWS_EAST] * building_facing_factor(BUILDING_EAST) +
                  p[WINDOWS_SOUTH] * building_facing_factor(BUILDING_SOUTH) +
                  p[WINDOWS_WEST] * building_facing_factor(BUILDING_WEST);
    double glass = 0.01 * seen * p[FLOOR_AREA]; /* m2, as if it lay flat */
    return glass * p[GLASS_G] * p[SHADING] * at->u[SOLAR_IRRADIANCE];
}

/* W of electricity that turns into heat inside, whether or not the plant runs. */
static double plug_load(const struct kind_point *at)
{
    const double *p = at->p, *u = at->u;
    double lighting = 0.01 * u[LIGHTING] * p[LIGHTING_POWER] * p[FLOOR_AREA];
    return lighting + u[APPLIANCES] + at->x[LOAD] * p[FLOOR_AREA];
}

static struct building_load find_load(const struct kind_point *at)
{
    double people = at->u[INTERNAL_GAINS];
    if (isnan(people))
        people = at->p[OCCUPANTS] * person_heat;
    return (struct building_load){
        .outdoor = at->u[OUTDOOR_TEMPERATURE],
        .internal = people + plug_load(at) + at->x[GAIN] * at->p[FLOOR_AREA],
        .solar = solar_gain(at),
    };
}

/* What the controls ask of the plant, W: heating > 0, cooling < 0. */
static double find_demand(const struct kind_point *at, const struct building_zone *zone,
                          const struct building_load *load)
{
    const double *p = at->p, *u = at->u;
    double area = p[FLOOR_AREA], round = 0.5 * area, mass = at->x[MASS];
    double cool_at = fmax(u[COOLING_SETPOINT], u[HEATING_SETPOINT]);
    double heat = building_hold_power(zone, load, u[HEATING_SETPOINT], mass);
    double cool = -building_hold_power(zone, load, cool_at, mass);
    double most_heat = p[HEATING_CAPACITY] * area, most_cool = p[COOLING_CAPACITY] * area;
    heat = most_heat - ramp(most_heat - ramp(heat, round), round);
    cool = most_cool - ramp(most_cool - ramp(cool, round), round);
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

static double heat_bought(const struct kind_point *at) /* W, electric or fuel */
{
    return at->x[HEATING] * at->p[FLOOR_AREA] / at->p[HEATING_COP];
}

static double electric_power(const struct kind_point *at)
{
    double heat = at->p[HEATING_FUEL] > 0.5 ? 0.0 : heat_bought(at);
    double cold = at->x[COOLING] * at->p[FLOOR_AREA] / at->p[COOLING_COP];
    return heat + cold + plug_load(at);
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

    dx[AIR] = in.air / (1e3 * p[AIR_CAPACITY] * area);
    dx[MASS] = in.mass / zone.c_m;
    dx[HEATING] = (ramp(plant, 0.5) - x[HEATING]) / lag;
    dx[COOLING] = (ramp(-plant, 0.5) - x[COOLING]) / lag;
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
        return x[HEATING] * at->p[FLOOR_AREA];
    case COOLING_POWER:
        return x[COOLING] * at->p[FLOOR_AREA];
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
    double rest = 1e-3 * hours * (cooling / p[COOLING_COP] + plug_load(at));
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
    add_energy(at, at->x[HEATING] * area, at->x[COOLING] * area, hours, &m[KWH], &m[COST]);
    add_energy(at, fmax(baseline, 0.0), fmax(-baseline, 0.0), hours, &m[BASE_KWH],
               &m[BASE_COST]);
    double colder = fmax(at->x[AIR] - coil_temperature, 3.0);
    double volume = area * at->p[ROOM_HEIGHT];
    m[COIL] =
        fmin(at->x[COOLING] * area / (air_heat * colder), air_density * volume * 1.5e-3);
}

static const struct kind_row params[] = {
    [FLOOR_AREA] = {"floor_area", "m2", "Heated floor area", 120, 1, 1e6},
    [ROOM_HEIGHT] = {"room_height", "m", "Clear height of the rooms", 2.6, 1.8, 6},
    [ENVELOPE_RATIO] =
        {"envelope_ratio", "m2/m2",
         "Area to outside (walls, roof, floor, windows) per m2 of floor area", 2, 0.1, 5},
    [ENVELOPE_U] = {"envelope_u", "W/(m2.K)", "Mean U-value of walls, roof and floor", 0.4,
                    0.05, 3},
    [WINDOW_U] = {"window_u", "W/(m2.K)", "U-value of the windows with frame", 1.6, 0.3, 8},
    [WINDOWS_NORTH] = {"windows_north", "%",
                       "Windows that face the pole, as a share of the floor area", 3, 0,
                       60},
    [WINDOWS_EAST] = {"windows_east", "%",
                      "Windows that face east, as a share of the floor area", 4, 0, 60},
    [WINDOWS_SOUTH] = {"windows_south", "%",
                       "Windows that face the equator, as a share of the floor area", 7, 0,
                       60},
    [WINDOWS_WEST] = {"windows_west", "%",
                      "Windows that face west, as a share of the floor area", 4, 0, 60},
    [GLASS_G] = {"glass_g", "", "Total solar transmittance of the glass", 0.6, 0.05, 1},
    [SHADING] = {"shading", "", "What frames, blinds, dirt and neighbours leave of the sun",
                 0.6, 0, 1},
    [THERMAL_MASS] =
        {"thermal_mass", "kJ/(m2.K)",
         "Heat capacity per m2 of floor: 80 very light, 165 medium, 370 very heavy", 165,
         30, 1500},
    [MASS_AREA_RATIO] =
        {"mass_area_ratio", "m2/m2",
         "Effective mass area per m2 of floor: 2.5 light, 3 heavy, 3.5 very heavy", 2.5,
         1.5, 3.5},
    [AIR_CAPACITY] = {"air_capacity", "kJ/(m2.K)",
                      "Heat capacity of air and furniture per m2 of floor", 20, 10, 200},
    [VENTILATION] = {"ventilation", "1/h", "Air changes by windows and ventilation", 0.3, 0,
                     10},
    [HEAT_RECOVERY] = {"heat_recovery", "%", "Heat recovered from the ventilation air", 0,
                       0, 95},
    [INFILTRATION] = {"infiltration", "1/h",
                      "Air changes through cracks at a wind of 3.35 m/s", 0.3, 0, 3},
    [HEAT_LOSS_SCALE] = {"heat_loss_scale", "",
                         "Heat loss compared with what the rows above make", 1, 0.2, 5},
    [HEATING_CAPACITY] = {"heating_capacity", "W/m2", "Largest heating per m2 of floor",
                          100, 0, 500},
    [COOLING_CAPACITY] = {"cooling_capacity", "W/m2", "Largest cooling per m2 of floor", 60,
                          0, 500},
    [PLANT_LAG] = {"plant_lag", "min",
                   "Time in which heating and cooling follow the controls", 10, 5, 240},
    [HEATING_COP] = {"heating_cop", "",
                     "Heat per energy bought: 3 heat pump, 1 direct electric, 0.9 boiler",
                     3, 0.3, 10},
    [COOLING_COP] = {"cooling_cop", "", "Cooling per electricity bought", 3, 0.5, 15},
    [HEATING_FUEL] = {"heating_fuel", "",
                      "0: heated by electricity; 1: by gas, oil, wood or district heat", 0,
                      0, 1},
    [FUEL_TARIFF] = {"fuel_tariff", "1/kWh", "Price of heating fuel", 0.1, 0, 10},
    [LIGHTING_POWER] = {"lighting_power", "W/m2", "Lighting when all of it is on", 5, 0,
                        50},
    [OCCUPANTS] =
        {"occupants", "",
         "People inside on average: their heat where none is bound, their moisture", 2, 0,
         1e5},
    [BASELINE_HEATING] = {"baseline_heating_setpoint", "Cel",
                          "Heating set-point that savings are counted against", 20, 0, 40},
    [BASELINE_COOLING] = {"baseline_cooling_setpoint", "Cel",
                          "Cooling set-point that savings are counted against", 26, 0, 60},
    [ACTIVITY] = {"activity", "met", "Activity of the people, for comfort", 1.2, 0.8, 4},
    [CLOTHING] = {"clothing", "clo", "Clothing of the people, for comfort", 0.8, 0, 2},
    [UTC_OFFSET] = {"utc_offset", "h",
                    "Local clock ahead of UTC: when the day's totals end", 0, -12, 14},
};

static const struct kind_row inputs[] = {
    [OUTDOOR_TEMPERATURE] = {"outdoor_temperature", "Cel", "Outdoor air temperature", 10,
                             -60, 60, .noise = 0.3},
    [OUTDOOR_HUMIDITY] = {"outdoor_relative_humidity", "%", "Outdoor relative humidity", 75,
                          0, 100, .noise = 3},
    [SOLAR_IRRADIANCE] = {"solar_irradiance", "W/m2", "Global irradiance on the horizontal",
                          0, 0, 1500, .noise = 10},
    [WIND_SPEED] = {"wind_speed", "m/s", "Wind speed", 3, 0, 60, .noise = 0.5},
    [INTERNAL_GAINS] = {"internal_gains", "W",
                        "Heat of people and of what no other input names", KIND_CONTROLLED,
                        0, 1e7, .noise = 50},
    [HEATING_SETPOINT] = {"heating_setpoint", "Cel", "Heat when it is colder inside", 20, 0,
                          40, .flags = KIND_SWITCH},
    [COOLING_SETPOINT] = {"cooling_setpoint", "Cel", "Cool when it is warmer inside", 26, 0,
                          60, .flags = KIND_SWITCH},
    [LIGHTING] = {"lighting", "%", "Share of the lighting that is on", 0, 0, 100,
                  .flags = KIND_SWITCH},
    [APPLIANCES] = {"appliances", "W", "Power of the appliances that are on", 0, 0, 1e7,
                    .noise = 10, .flags = KIND_SWITCH},
    [TARIFF] = {"tariff", "1/kWh", "Price of electricity", 0.3, -10, 10},
};

static const struct kind_row states[] = {
    [AIR] = {"indoor_temperature", "Cel", "Air of the zone", 20, -50, 90, .noise = 0.2,
             .spread = 5, .flags = KIND_HIDDEN},
    [MASS] = {"mass_temperature", "Cel", "Mass node of the zone", 20, -50, 90,
              .noise = 0.05, .spread = 5, .flags = KIND_HIDDEN},
    [HEATING] = {"heating", "W/m2", "Heat that the plant delivers per m2 of floor", 0, 0,
                 2000, .noise = 30, .spread = 10},
    [COOLING] = {"cooling", "W/m2", "Heat that the plant takes out per m2 of floor", 0, 0,
                 2000, .noise = 10, .spread = 5},
    [OFFSET] = {"setpoint_offset", "K",
                "What the controls hold beyond the set-points that are known", 0, -20, 20,
                .noise = 0.5, .spread = 2},
    [GAIN] = {"unknown_gain", "W/m2", "Heat gain that no input explains", 0, -200, 200,
              .noise = 3, .spread = 5},
    [LOAD] = {"unknown_load", "W/m2", "Electricity that no input explains", 0, -200, 500,
              .noise = 1, .spread = 1},
    [METER] = {"electric_energy", "kWh", "Electricity meter", 0, 0, 1e9, .noise = 1e-4,
               .spread = 1e6, .flags = KIND_HIDDEN},
    [VAPOUR] = {"humidity_ratio", "g/kg", "Water in the air of the zone", 7, 0.1, 60,
                .noise = 0.3, .spread = 2, .block = 1},
};

static const struct kind_row outputs[] = {
    [INDOOR_TEMPERATURE] = {"indoor_temperature", "Cel", "Air temperature", .min = -50,
                            .max = 90, .noise = 0.2,
                            .flags = KIND_MEASURED | KIND_TEMPERATURE},
    [RELATIVE_HUMIDITY] = {"relative_humidity", "%", "Relative humidity", .min = 0,
                           .max = 100, .noise = 3, .flags = KIND_MEASURED},
    [HEATING_POWER] = {"heating_power", "W", "Heat that the plant delivers", .min = -1e4,
                       .max = 1e8, .noise = 100, .flags = KIND_MEASURED},
    [COOLING_POWER] = {"cooling_power", "W", "Heat that the plant takes out", .min = -1e4,
                       .max = 1e8, .noise = 100, .flags = KIND_MEASURED},
    [ELECTRIC_POWER] = {"electric_power", "W", "Electricity used now", .min = -1e4,
                        .max = 1e8, .noise = 20, .flags = KIND_MEASURED},
    [ELECTRIC_ENERGY] = {"electric_energy", "kWh", "Electricity meter", .min = 0,
                         .max = 1e9, .noise = 0.02,
                         .flags = KIND_MEASURED | KIND_CUMULATIVE},
    [MASS_TEMPERATURE] = {"mass_temperature", "Cel", "Temperature of the building's mass",
                          .min = -50, .max = 90},
    [OPERATIVE_TEMPERATURE] = {"operative_temperature", "Cel",
                               "What people feel of air and surfaces", .min = -50,
                               .max = 90},
    [ENERGY_TODAY] = {"energy_today", "kWh", "Electricity and fuel bought today", .min = 0,
                      .max = 1e7, .flags = KIND_DAILY},
    [COST_TODAY] = {"cost_today", "", "Price of the energy bought today", .min = -1e7,
                    .max = 1e7, .flags = KIND_DAILY},
    [SAVED_TODAY] = {"saved_today", "kWh",
                     "What the baseline set-points would have used more today", .min = -1e7,
                     .max = 1e7, .flags = KIND_DAILY},
    [SAVED_COST_TODAY] = {"saved_cost_today", "", "Price of the energy saved today",
                          .min = -1e7, .max = 1e7, .flags = KIND_DAILY},
    [PMV] = {"pmv", "", "Predicted mean vote, -3 cold to +3 hot (ISO 7730)", .min = -10,
             .max = 10},
    [PPD] = {"ppd", "%", "Predicted percentage of dissatisfied (ISO 7730)", .min = 5,
             .max = 100},
};

#define ROWS(table) (sizeof(table) / sizeof(table)[0])
_Static_assert(ROWS(params) == PARAMS, "a parameter without its row");
_Static_assert(ROWS(inputs) == INPUTS, "an input without its row");
_Static_assert(ROWS(states) == STATES, "a state without its row");
_Static_assert(ROWS(outputs) == OUTPUTS, "an output without its row");

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
    .max_step = 300,
    .min_step = 1,
    .derive = derive,
    .observe = observe,
    .start = start,
    .accumulate = accumulate,
    .reads = reads,
};
