/* A building, detail "layers": outer walls, roof, ground floor and inner walls with layers
 * of their own (core/layers.c) in place of the 5R1C zone; all else is as in building.c.
 *
 * Inside of its insulation each element has a heavy layer, the share of `thermal_mass` that
 * the rows say; what is left of it stands inside, two sides open to the room. Walls are as
 * long to north and south, east and west as `length_ratio` says, less the windows. Spread
 * light passes the glass with 0.87 of what direct light does at the normal; 0.09 of what
 * comes in is the glass's own warmth (double clear glass, by its optical data).
 *
 * Controls: the power that would hold the set-point, from the nodes as they are. Savings
 * are against a second house in the memory, with a plant like the first's.
 *
 * ASHRAE 140: docs/physics-building.md. Valid for one well-mixed zone. */
#include "building_parts.h"
#include "kinds.h"

#include "twind/comfort.h"
#include "twind/layers.h"
#include "twind/ode.h"

#include <string.h>

static const double film_of_rows = 3.45; /* W/(m2 K), default of surface_transfer */
static const double spread_passes = 0.87, in_glass = 0.09;

/* What moves: the nodes in the order of struct layers_nodes, and the plant, W/m2. */
enum { NODES = sizeof(struct layers_nodes) / sizeof(double) };

struct house {
    struct layers_nodes nodes; /* Cel */
    double heating, cooling;
};
enum { HOUSE = sizeof(struct house) / sizeof(double), BASELINE = MEMORY };

static const unsigned char state_of[HOUSE] = {
    WALL_SURFACE, ROOF_SURFACE, FLOOR_SURFACE, WALL_CORE, ROOF_CORE,
    FLOOR_CORE,   MASS,         AIR,           HEATING,   COOLING};

struct site {
    struct layers_zone zone;
    struct layers_load load;
    double air; /* J/K */
};

/* ---- what it is built of ---- */

struct areas {
    double walls, roof, glass, inner; /* m2 */
};

static struct areas find_areas(const struct kind_point *at)
{
    const double *p = at->p;
    double glass = building_account_glass(at),
           opaque = fmax(p[ENVELOPE_RATIO] - glass, 0.0);
    double roof = fmin(p[ROOF_RATIO], 0.45 * opaque);
    double inner = fmax(p[INTERNAL_AREA] - opaque - glass, 0.02);
    double area = p[FLOOR_AREA];
    return (struct areas){fmax(opaque - 2.0 * roof, 0.02) * area, fmax(roof, 0.01) * area,
                          glass * area, inner * area};
}

static double find_u(double told, double mean, double scale)
{
    return scale * (told > 0.0 ? told : mean);
}

static void build_elements(const struct kind_point *at, const struct areas *areas,
                           struct layers_zone *zone)
{
    const double *p = at->p;
    double mean = p[ENVELOPE_U], scale = p[HEAT_LOSS_SCALE];
    double told = fmax(p[WALL_MASS] + p[ROOF_MASS] + p[FLOOR_MASS], 100.0);
    double mass = 1e3 * p[THERMAL_MASS] * p[FLOOR_AREA] / told; /* J/K by % */
    struct layers_construction built[LAYERS_ELEMENTS] = {
        [LAYERS_WALL] = {areas->walls, scale * mean, p[WALL_MASS], p[WALL_CONDUCTIVITY]},
        [LAYERS_ROOF] = {areas->roof, find_u(p[ROOF_U], mean, scale), p[ROOF_MASS],
                         p[WALL_CONDUCTIVITY]},
        [LAYERS_FLOOR] = {areas->roof, find_u(p[FLOOR_U], mean, scale), p[FLOOR_MASS],
                          p[FLOOR_CONDUCTIVITY]},
    };
    double inside = told - p[WALL_MASS] - p[ROOF_MASS] - p[FLOOR_MASS];
    for (int i = 0; i < LAYERS_ELEMENTS; i++) {
        built[i].capacity *= mass / built[i].area;
        zone->chains[i] = layers_make_chain(&built[i], zone->films, BUILDING_STEP);
    }
    zone->inner_area = areas->inner;
    zone->inner_capacity =
        layers_least_capacity(zone->films, BUILDING_STEP) * areas->inner + inside * mass;
}

static struct layers_zone find_zone(const struct kind_point *at, const struct areas *areas)
{
    const double *p = at->p;
    struct layers_zone zone = {
        .glass_area = areas->glass,
        .glass = layers_glass(p[HEAT_LOSS_SCALE] * p[WINDOW_U]),
        .ventilation = p[HEAT_LOSS_SCALE] * building_air_conductance(at),
        .films = p[SURFACE_TRANSFER] / film_of_rows,
    };
    build_elements(at, areas, &zone);
    layers_face_room(&zone);
    return zone;
}

/* ---- what acts on it ---- */

/* W/m2 on the walls, by what the windows leave of each facade. */
static double light_walls(const struct kind_point *at, const struct areas *areas,
                          const struct building_sun *on)
{
    double longer = at->p[LENGTH_RATIO], gross = areas->walls + areas->glass;
    double seen = 0.0, all = 1e-9;
    for (size_t i = 0; i < BUILDING_FACADES; i++) {
        double share = 0.5 * (i % 2 == 0 ? longer : 1.0) / (1.0 + longer);
        double window = 0.01 * at->p[WINDOWS_NORTH + i] * at->p[FLOOR_AREA];
        double wall = fmax(share * gross - window, 0.0);
        seen += wall * on->walls[i];
        all += wall;
    }
    return seen / all;
}

static double find_sky(const struct kind_point *at)
{
    const double *u = at->u;
    if (!isnan(u[SKY_RADIATION]))
        return layers_sky_of_infrared(u[SKY_RADIATION]);
    return layers_sky_of_air(u[OUTDOOR_TEMPERATURE], u[OUTDOOR_HUMIDITY]);
}

static struct layers_load find_load(const struct kind_point *at, const struct areas *areas)
{
    struct building_sun on = building_sun_find(at);
    double spread = spread_passes * on.spread, absorbs = at->p[ABSORPTANCE];
    return (struct layers_load){
        .outdoor = at->u[OUTDOOR_TEMPERATURE],
        .sky = find_sky(at),
        .wind = at->u[WIND_SPEED],
        .absorbed = {[LAYERS_WALL] = absorbs * light_walls(at, areas, &on),
                     [LAYERS_ROOF] = absorbs * on.roof},
        .beam = (1.0 - in_glass) * on.beam,
        .spread = (1.0 - in_glass) * spread,
        .in_glass = in_glass * (on.beam + spread),
        .internal = building_account_internal(at),
    };
}

static struct site find_site(const struct kind_point *at)
{
    struct areas areas = find_areas(at);
    struct site site = {.zone = find_zone(at, &areas), .load = find_load(at, &areas)};
    double given = 1e3 * at->p[AIR_CAPACITY] * at->p[FLOOR_AREA];
    site.air = fmax(given, layers_least_air(&site.zone, BUILDING_STEP));
    return site;
}

/* ---- how it moves ---- */

struct control {
    double heating, cooling;              /* Cel, K */
    double max_heating, max_cooling, lag; /* W/m2, s */
    double area;                          /* m2 of floor */
};

static struct control find_control(const struct kind_point *at, double heating,
                                   double cooling, double offset)
{
    const double *p = at->p;
    return (struct control){
        .heating = heating + offset,
        .cooling = fmax(cooling, heating) + offset,
        .max_heating = p[HEATING_CAPACITY],
        .max_cooling = p[COOLING_CAPACITY],
        .lag = 60.0 * p[PLANT_LAG],
        .area = p[FLOOR_AREA],
    };
}

static double find_demand(const struct site *site, const struct control *control,
                          const struct layers_nodes *nodes)
{
    double area = control->area;
    const struct layers_zone *zone = &site->zone;
    double cool = -layers_hold_power(zone, &site->load, nodes, control->cooling) / area;
    double heat = layers_hold_power(zone, &site->load, nodes, control->heating) / area;
    heat = fmin(building_ramp(heat, 0.5), control->max_heating);
    cool = fmin(building_ramp(cool, 0.5), control->max_cooling);
    return heat - cool;
}

/* Answers what the controls ask for, W/m2. */
static double move(const struct site *site, const struct control *control,
                   const struct house *house, struct house *rate)
{
    double power = (house->heating - house->cooling) * control->area;
    struct layers_nodes into =
        layers_find_flows(&site->zone, &site->load, &house->nodes, power).into;
    for (int i = 0; i < LAYERS_ELEMENTS; i++) {
        const struct layers_chain *chain = &site->zone.chains[i];
        rate->nodes.surface[i] = into.surface[i] / chain->surface;
        rate->nodes.core[i] = into.core[i] / chain->core;
    }
    rate->nodes.inner = into.inner / site->zone.inner_capacity;
    rate->nodes.air = into.air / site->air;
    double demand = find_demand(site, control, &house->nodes);
    rate->heating = (building_ramp(demand, 0.1) - house->heating) / control->lag;
    rate->cooling = (building_ramp(-demand, 0.1) - house->cooling) / control->lag;
    return demand;
}

static struct house find_house(const double *x)
{
    double values[HOUSE];
    struct house house;
    for (size_t i = 0; i < HOUSE; i++)
        values[i] = x[state_of[i]];
    memcpy(&house, values, sizeof house);
    return house;
}

static void derive(const struct kind_point *at, double *dx)
{
    const double *u = at->u;
    struct site site = find_site(at);
    struct house house = find_house(at->x), rate;
    struct control control =
        find_control(at, u[HEATING_SETPOINT], u[COOLING_SETPOINT], at->x[OFFSET]);
    double values[HOUSE], demand = move(&site, &control, &house, &rate);
    memcpy(values, &rate, sizeof rate);
    for (size_t i = 0; i < HOUSE; i++)
        dx[state_of[i]] = values[i];
    building_account_derive(at, demand, dx);
    building_air_derive(at, dx);
}

/* ---- what it shows ---- */

static double radiant_temperature(const struct kind_point *at)
{
    struct site site = find_site(at);
    struct layers_nodes nodes = find_house(at->x).nodes;
    return layers_find_flows(&site.zone, &site.load, &nodes, 0.0).radiant;
}

/* Mean by capacity. */
static double mass_temperature(const struct kind_point *at)
{
    struct areas areas = find_areas(at);
    struct layers_zone zone = find_zone(at, &areas);
    struct layers_nodes nodes = find_house(at->x).nodes;
    double sum = zone.inner_capacity * nodes.inner, all = zone.inner_capacity;
    for (int i = 0; i < LAYERS_ELEMENTS; i++) {
        const struct layers_chain *chain = &zone.chains[i];
        sum += chain->surface * nodes.surface[i] + chain->core * nodes.core[i];
        all += chain->surface + chain->core;
    }
    return sum / all;
}

static double observe(const struct kind_point *at, size_t output)
{
    switch ((enum output)output) {
    case MASS_TEMPERATURE:
        return mass_temperature(at);
    case OPERATIVE_TEMPERATURE:
        return 0.5 * (at->x[AIR] + radiant_temperature(at));
    case PMV:
        return building_air_vote(at, radiant_temperature(at));
    case PPD:
        return comfort_dissatisfied(building_air_vote(at, radiant_temperature(at)));
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
    };
    return state[output];
}

/* ---- the baseline ---- */

static void start(const struct kind_point *at, double *x, double *m)
{
    building_account_start(at, x, m);
    struct house house = find_house(x);
    memcpy(&m[BASELINE], &house, sizeof house);
}

struct baseline {
    struct site site;
    struct control control;
};

static void baseline_rate(const void *context, double t, const double *x, double *dx)
{
    (void)t;
    const struct baseline *baseline = context;
    struct house house, rate;
    memcpy(&house, x, sizeof house);
    move(&baseline->site, &baseline->control, &house, &rate);
    memcpy(dx, &rate, sizeof rate);
}

/* W/m2 that would hold the air as it is, without the unknown gain. */
static double find_need(const struct kind_point *at, const struct site *site)
{
    struct layers_nodes nodes = find_house(at->x).nodes;
    double hold = layers_hold_power(&site->zone, &site->load, &nodes, nodes.air);
    return hold / at->p[FLOOR_AREA] + at->x[GAIN];
}

static void accumulate(const struct kind_point *at, double dt, double *m)
{
    const double *p = at->p;
    double scratch[5 * HOUSE];
    struct baseline baseline = {
        find_site(at), find_control(at, p[BASELINE_HEATING], p[BASELINE_COOLING], 0.0)};
    ode_rk4(baseline_rate, &baseline, HOUSE, at->time, dt, &m[BASELINE], scratch);
    struct house house;
    memcpy(&house, &m[BASELINE], sizeof house);
    double power = (house.heating - house.cooling) * p[FLOOR_AREA];
    building_account_add(at, dt, power, find_need(at, &baseline.site), m);
}

const struct kind kind_building_layers = {
    .name = "building",
    .help = "A building whose walls, roof and floor have layers of their own",
    .detail = "layers",
    .details = building_details,
    .params = building_params,
    .n_params = LAYERS_PARAMS,
    .inputs = building_inputs,
    .n_inputs = INPUTS,
    .states = building_states,
    .n_states = LAYERS_STATES,
    .outputs = building_outputs,
    .faults = building_faults,
    .n_faults = BUILDING_FAULTS,
    .n_outputs = OUTPUTS,
    .n_memory = MEMORY + HOUSE,
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
