/* How a building wears, seen by what the filter had to make up for.
 *
 * Heat pump: electricity that nothing explains (`unknown_load`), against what a worse
 * performance adds to heat / COP.
 * Envelope: heat that is metered beyond what the zone takes (`size_scale`), less the
 * unknown gain, by night, against (factor - 1) H (T_i - T_e) of walls, windows and air.
 * Filter: people that are found by CO2 but are not there: with less air than told the CO2
 * of the same people is q / q_worn times as far above outdoors. */
#include "building_parts.h"

enum { HEAT_PUMP, ENVELOPE, FILTER, HEALTH };

static const double dark = 1; /* W/m2 */

const struct kind_health building_health[] = {
    [HEAT_PUMP] = {"heat_pump_performance", "heat_pump",
                   "Heat delivered by electricity, of new", HEATING_COP, .limit = 0.8,
                   .noise = 0.003, .spread = 0.2, .scatter = 3,
                   .needs = {"heating_power", "electric_power"}},
    [ENVELOPE] = {"envelope_loss", "envelope",
                  "Heat lost by walls, windows and air, of new", HEAT_LOSS_SCALE,
                  .limit = 1.25, .noise = 0.003, .spread = 0.2, .scatter = 4,
                  .needs = {"indoor_temperature", "outdoor_temperature"}},
    [FILTER] = {"ventilation_flow", "filter", "Air brought by the ventilation, of new",
                VENTILATION, .limit = 0.7, .noise = 0.006, .spread = 0.3, .scatter = 0.15,
                .needs = {"co2"}},
};
_Static_assert(sizeof building_health / sizeof *building_health == HEALTH &&
                   (int)HEALTH == (int)BUILDING_HEALTH,
               "a row each");

/* W/m2 of electricity. */
static double unexplained_load(const struct kind_point *at, const struct kind_point *worn)
{
    if (at->p[HEATING_FUEL] > 0.5)
        return NAN;
    double more = building_account_power(worn) - building_account_power(at);
    return at->x[LOAD] - more / at->p[FLOOR_AREA];
}

/* W/(m2 K) of floor. */
static double loss(const struct kind_point *at)
{
    const double *p = at->p;
    double glass = building_account_glass(at), opaque = fmax(p[ENVELOPE_RATIO] - glass, 0);
    double air = building_air_conductance(at) / p[FLOOR_AREA];
    return p[HEAT_LOSS_SCALE] * (p[WINDOW_U] * glass + p[ENVELOPE_U] * opaque + air);
}

static double unexplained_heat(const struct kind_point *at, const struct kind_point *worn)
{
    const double *x = at->x;
    if (at->u[SOLAR_IRRADIANCE] > dark)
        return NAN;
    double metered = (at->p[SIZE_SCALE] - 1) * (x[HEATING] - x[COOLING]);
    double more = (loss(worn) - loss(at)) * (x[AIR] - at->u[OUTDOOR_TEMPERATURE]);
    return metered - x[GAIN] - more;
}

/* Of the people that are usual. */
static double unexplained_people(const struct kind_point *at, const struct kind_point *worn)
{
    double more = building_air_seen(worn) - building_air_seen(at);
    if (!(at->p[OCCUPANTS] > 0))
        return NAN;
    return at->x[PRESENCE] - 1 + more / at->p[OCCUPANTS];
}

double building_health_unexplained(const struct kind_point *at, const double *params,
                                   size_t health)
{
    struct kind_point worn = *at;
    worn.p = params;
    if (health == HEAT_PUMP)
        return unexplained_load(at, &worn);
    return health == ENVELOPE ? unexplained_heat(at, &worn) : unexplained_people(at, &worn);
}
