/* A building's plant, meters and account of the day.
 *
 * Plant: what the controls ask for, through a lag. `size_scale` turns the zone's power into
 * the meter's: it is found where heat is metered (a floor area that is a guess then does
 * little harm), and stays what it is where heat is not.
 *
 * Unknowns, which the filter finds: `unknown_gain` (people, open windows, whatever the
 * weather inputs miss; W/m2 of floor), `unknown_load` (electricity that no input names; its
 * heat stays inside). Where nothing supports them, they return to what was usual at that
 * hour of the day over the last five days, the offset to 0.
 *
 * The account: what the photovoltaic modules give is used first, what is left is fed in;
 * bought are fuel and the rest of the electricity, at the tariff that is bound or the one
 * of the local hour. The baseline has the same plugs and modules, and a plant of its own.
 */
#include "building_parts.h"

static const double person_heat = 75.0;          /* W, sensible, seated */
static const double gain_memory = 24 * 3600.0;   /* s */
static const double load_memory = 6 * 3600.0;    /* s */
static const double offset_memory = 48 * 3600.0; /* s */
static const double supply_lag = 600.0;          /* s */
static const double days_learned = 4.0;

double building_account_glass(const struct kind_point *at)
{
    const double *p = at->p;
    return 0.01 * (p[WINDOWS_NORTH] + p[WINDOWS_EAST] + p[WINDOWS_SOUTH] + p[WINDOWS_WEST]);
}

double building_account_size(const struct kind_point *at)
{
    return at->p[FLOOR_AREA] * at->p[SIZE_SCALE];
}

/* W of electricity that turns into heat inside, whether or not the plant runs. */
static double plug_load(const struct kind_point *at, double unknown)
{
    const double *p = at->p, *u = at->u;
    double lighting = 0.01 * u[LIGHTING] * p[LIGHTING_POWER] * p[FLOOR_AREA];
    return lighting + u[APPLIANCES] + unknown * p[FLOOR_AREA];
}

double building_account_internal(const struct kind_point *at)
{
    double people = at->u[INTERNAL_GAINS];
    if (isnan(people))
        people = building_air_people(at) * person_heat;
    return people + plug_load(at, at->m[PLUGGED]) + at->x[GAIN] * at->p[FLOOR_AREA];
}

double building_account_power(const struct kind_point *at)
{
    const double *p = at->p, *x = at->x;
    double heat = p[HEATING_FUEL] > 0.5 ? 0.0 : x[HEATING] / p[HEATING_COP];
    double plant = (heat + x[COOLING] / p[COOLING_COP]) * p[FLOOR_AREA] * at->m[SIZE];
    return plant + plug_load(at, x[LOAD]);
}

static double local_time(const struct kind_point *at)
{
    return at->time + 3600.0 * at->p[UTC_OFFSET];
}

static size_t local_hour(const struct kind_point *at)
{
    return (size_t)(fmax(fmod(local_time(at), 86400.0), 0.0) / 3600.0);
}

static double find_supply(const struct kind_point *at, double supply) /* W/m2 */
{
    return fmin(supply / building_account_size(at), building_params[HEATING_CAPACITY].max);
}

void building_account_derive(const struct kind_point *at, double demand, double *dx)
{
    const double *x = at->x;
    double lag = 60.0 * at->p[PLANT_LAG], supply = at->u[HEATING_SUPPLY];
    const double *usual = at->m + local_hour(at);
    dx[HEATING] = (building_ramp(demand, 0.1) - x[HEATING]) / lag;
    dx[COOLING] = (building_ramp(-demand, 0.1) - x[COOLING]) / lag;
    if (!isnan(supply))
        dx[HEATING] = (find_supply(at, supply) - x[HEATING]) / supply_lag;
    dx[OFFSET] = -x[OFFSET] / offset_memory;
    dx[GAIN] = (usual[USUAL_GAIN] - x[GAIN]) / gain_memory;
    dx[LOAD] = (usual[USUAL_LOAD] - x[LOAD]) / load_memory;
    dx[METER] = building_account_power(at) / 3.6e6;
}

static double observe_day(const double *m, enum output output)
{
    switch (output) {
    case ENERGY_TODAY:
        return m[KWH];
    case COST_TODAY:
        return m[COST];
    case SAVED_TODAY:
        return m[BASE_KWH] - m[KWH];
    case SAVED_COST_TODAY:
        return m[BASE_COST] - m[COST];
    case CARBON_TODAY:
        return m[CARBON];
    default:
        return NAN;
    }
}

/* The scatter is of the heat bought in the hours of the day so far. */
static double saved_sd(const struct kind_point *at)
{
    const double *p = at->p, *m = at->m;
    double sigma, share = building_signature_error(m, &sigma);
    double parameters = share * (m[BASE_KWH] - m[KWH]);
    double scatter = 1e-3 * sigma * p[FLOOR_AREA] * m[DAY_HOURS] / p[HEATING_COP];
    return sqrt(parameters * parameters + scatter * scatter);
}

double building_account_observe(const struct kind_point *at, size_t output)
{
    const double *x = at->x;
    switch ((enum output)output) {
    case INDOOR_TEMPERATURE:
        return x[AIR];
    case RELATIVE_HUMIDITY:
        return building_air_humidity(at);
    case INDOOR_CO2:
        return x[CO2];
    case OCCUPANCY:
        return at->p[OCCUPANTS] * x[PRESENCE];
    case HEATING_POWER:
        return x[HEATING] * building_account_size(at);
    case COOLING_POWER:
        return x[COOLING] * building_account_size(at);
    case ELECTRIC_POWER:
        return building_account_power(at);
    case ELECTRIC_ENERGY:
        return x[METER];
    case PV_POWER:
        return building_sun_make_power(at);
    case SAVED_SD_TODAY:
        return saved_sd(at);
    default:
        return observe_day(at->m, (enum output)output);
    }
}

void building_account_start(const struct kind_point *at, double *x, double *m)
{
    x[VAPOUR] = building_air_ratio(x[AIR], 45.0);
    m[DAY] = floor(local_time(at) / 86400.0);
    m[SIZE] = m[FIRST_SIZE] = at->p[SIZE_SCALE];
    m[PRESENT] = x[PRESENCE];
    building_sun_keep(at, at->time, m);
}

static double find_tariff(const struct kind_point *at)
{
    const double *p = at->p;
    if (!isnan(at->u[TARIFF]))
        return at->u[TARIFF];
    double hour = fmod(local_time(at), 86400.0) / 3600.0;
    bool after = hour >= p[NIGHT_BEGINS], before = hour < p[NIGHT_ENDS];
    bool night = p[NIGHT_BEGINS] > p[NIGHT_ENDS] ? after || before : after && before;
    return night ? p[NIGHT_TARIFF] : p[DAY_TARIFF];
}

struct bill {
    double kwh, cost, carbon;
};

/* For `hours` of a plant's heating and cooling (W), the plugs and the modules. */
static struct bill find_bill(const struct kind_point *at, double heating, double cooling,
                             double hours)
{
    const double *p = at->p;
    bool burns = p[HEATING_FUEL] > 0.5;
    double heat = heating / p[HEATING_COP];
    double used = cooling / p[COOLING_COP] + plug_load(at, at->x[LOAD]);
    double net = used + (burns ? 0.0 : heat) - building_sun_make_power(at);
    double fuel = 1e-3 * hours * (burns ? heat : 0.0);
    double bought = 1e-3 * hours * fmax(net, 0.0), sold = 1e-3 * hours * fmax(-net, 0.0);
    return (struct bill){
        .kwh = fuel + bought,
        .cost = fuel * p[FUEL_TARIFF] + bought * find_tariff(at) - sold * p[EXPORT_TARIFF],
        .carbon = fuel * p[CARBON_FUEL] + bought * p[CARBON_ELECTRICITY],
    };
}

static void add_bills(const struct kind_point *at, double baseline, double hours, double *m)
{
    double size = building_account_size(at), scale = at->p[SIZE_SCALE];
    struct bill is = find_bill(at, at->x[HEATING] * size, at->x[COOLING] * size, hours);
    struct bill was =
        find_bill(at, scale * fmax(baseline, 0.0), scale * fmax(-baseline, 0.0), hours);
    m[KWH] += is.kwh;
    m[COST] += is.cost;
    m[CARBON] += is.carbon;
    m[BASE_KWH] += was.kwh;
    m[BASE_COST] += was.cost;
}

/* The usual course of a day: each hour's mean over some days. */
static void learn_hour(const struct kind_point *at, double dt, double *m)
{
    double *usual = m + local_hour(at), share = dt / (3600.0 * (1.0 + m[DAYS]));
    usual[USUAL_GAIN] += share * (at->x[GAIN] - usual[USUAL_GAIN]);
    usual[USUAL_LOAD] += share * (at->x[LOAD] - usual[USUAL_LOAD]);
}

void building_account_add(const struct kind_point *at, double dt, double baseline,
                          double need, double *m)
{
    double local = local_time(at), day = floor(local / 86400.0);
    double counted = dt;
    building_signature_add(at, dt, day != m[DAY], need, m);
    if (day != m[DAY]) {
        m[DAYS] = fmin(m[DAYS] + 1.0, days_learned);
        m[KWH] = m[COST] = m[CARBON] = m[BASE_KWH] = m[BASE_COST] = 0.0;
        m[DAY] = day;
        counted = fmin(dt, local - 86400.0 * day);
    }
    add_bills(at, baseline, counted / 3600.0, m);
    learn_hour(at, dt, m);
    m[SIZE] = at->p[SIZE_SCALE];
    m[PLUGGED] = at->x[LOAD];
    m[PRESENT] = at->x[PRESENCE];
    m[COIL] = building_air_coil(at);
    building_sun_keep(at, at->time + 0.5 * dt, m); /* the middle of a next step like it */
}
