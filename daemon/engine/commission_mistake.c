/* The mistakes, and what to write to mend them. A prior is ln of the odds that somebody has
 * made just this one with a sensor of that unit, before a reading was seen. */
#include "twind/commission_mistake.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A sensor sends this unit, and the binding takes it for another. */
struct unit_row {
    const char *own, *unit, *says;
    double prior;
};

static const struct unit_row units[] = {
    {"Cel", "Cel", "sends degrees Celsius", -4.5},
    {"Cel", "[degF]", "sends degrees Fahrenheit", -4.5},
    {"Cel", "K", "sends kelvins", -4.5},
    {"%", "%", "sends percent", -5.5},
    {"%", "1", "sends a fraction of 1", -4.5},
    {"W/m2", "W/m2", "sends W/m2", -5.5},
    {"W/m2", "kW/m2", "sends kW/m2", -5.5},
    {"m/s", "m/s", "sends metres a second", -5.5},
    {"m/s", "km/h", "sends kilometres an hour", -5},
    {"m/s", "[kn_i]", "sends knots", -6},
    {"m/s", "[mi_i]/h", "sends miles an hour", -6},
    {"W", "W", "sends watts", -5.5},
    {"W", "kW", "sends kilowatts", -5.5},
    {"W", "MW", "sends megawatts", -8},
    {"kWh", "kWh", "sends kWh", -5.5},
    {"kWh", "Wh", "sends watt-hours", -5.5},
    {"kWh", "MWh", "sends MWh", -6.5},
    {"kWh", "MJ", "sends megajoules", -7},
    {"hPa", "hPa", "sends hectopascals", -5.5},
    {"hPa", "Pa", "sends pascals", -5.5},
    {"hPa", "kPa", "sends kilopascals", -5.5},
    {"hPa", "bar", "sends bars", -7},
    {"hPa", "mm[Hg]", "sends millimetres of mercury", -6.5},
    {"hPa", "[in_i'Hg]", "sends inches of mercury", -6.5},
    {"ug/m3", "ug/m3", "sends ug/m3", -5.5},
    {"ug/m3", "mg/m3", "sends mg/m3", -5.5},
    {"ug/m3", "ppb", "sends ppb", -5.5},
    {"ug/m3", "ppm", "sends ppm", -5.8},
    {"ppm", "ppm", "sends ppm", -5.5},
    {"ppm", "%", "sends percent by volume", -6},
    {"ppm", "1", "sends a fraction of 1", -7},
    {"deg", "deg", "sends degrees", -5.5},
    {"deg", "rad", "sends radians", -5.5},
    {"m", "m", "sends metres", -5.5},
    {"m", "km", "sends kilometres", -6.5},
};

/* Others, as numbers: true = scale * reading + offset in the own unit. */
struct scale_row {
    const char *own, *mistake, *says; /* own NULL: any unit that is a magnitude */
    double scale, offset, prior;
    bool actuators; /* positions only */
};

static const struct scale_row scales[] = {
    {"Cel", "tenfold", "reads ten times too much", 0.1, 0, -7, false},
    {"%", "tenfold", "reads ten times too much", 0.1, 0, -7, false},
    {NULL, "tenfold", "reads ten times too much", 0.1, 0, -9, false},
    {NULL, "tenth", "reads a tenth of what it should", 10, 0, -9, false},
    {"W/m2", "sign", "has the wrong sign", -1, 0, -7, false},
    {"W", "sign", "has the wrong sign", -1, 0, -7, false},
    {"W/m2", "unit", "sends lux", 1 / 118.0, 0, -6, false},
    {"W/m2", "unit", "sends J/cm2 of the last hour", 1 / 0.36, 0, -6.5, false},
    {"W/m2", "unit", "sends umol/(m2.s) of light (PAR)", 1 / 2.05, 0, -7, false},
    {"umol/(m2.s)", "unit", "sends lux", 1 / 54.0, 0, -6, false},
    {"umol/(m2.s)", "unit", "sends W/m2 of light (PAR)", 4.57, 0, -6.5, false},
    {"%", "reversed", "says 100 where it is closed or off, and 0 where it is open or on",
     -1, 100, -5.5, true},
};

enum { N_UNITS = sizeof units / sizeof *units, N_SCALES = sizeof scales / sizeof *scales };

static const struct commission_told as_it_came = {.unit = {.scale = 1}, .scale = 1};
static const double usual_temperature = 20, usual_pressure = 1013.25;

static const struct commission_told *told_of(const struct commission_record *r,
                                             size_t sensor)
{
    return r->task->told ? &r->task->told[sensor] : &as_it_came;
}

/* A unit's conversion as two numbers; a gas at usual air. */
static void line_of(const struct units_conversion *unit, double *scale, double *offset)
{
    *offset = units_apply(unit, 0, usual_temperature, usual_pressure);
    *scale = units_apply(unit, 1, usual_temperature, usual_pressure) - *offset;
}

/* A unit of which ten times is a step like another: not those with rows of their own. */
static bool is_magnitude(const struct commission_record *r, size_t sensor)
{
    static const char *const others[] = {"deg", "", "Cel", "%", NULL};
    const struct kind_row *row = commission_row(r, sensor);
    for (const char *const *other = others; *other; other++)
        if (strcmp(row->unit, *other) == 0)
            return false;
    return true;
}

static bool make_unit(const struct commission_record *r, size_t sensor,
                      const struct unit_row *row, struct commission_suspect *to)
{
    const struct kind_row *signal = commission_row(r, sensor);
    struct units_conversion sent;
    double scale, offset, told_scale, told_offset;
    if (strcmp(row->own, signal->unit) != 0 ||
        !units_convert(row->unit, signal->unit, signal->molar_mass, &sent, NULL))
        return false;
    line_of(&sent, &scale, &offset);
    line_of(&told_of(r, sensor)->unit, &told_scale, &told_offset);
    *to = (struct commission_suspect){.sensor = sensor,
                                      .other = PLAN_NONE,
                                      .mistake = "unit",
                                      .says = row->says,
                                      .unit = row->unit,
                                      .scale = scale / told_scale,
                                      .offset = offset - scale / told_scale * told_offset,
                                      .prior = row->prior};
    return fabs(to->scale - 1) > 1e-9 || fabs(to->offset) > 1e-9;
}

static bool make_scale(const struct commission_record *r, size_t sensor,
                       const struct scale_row *row, struct commission_suspect *to)
{
    const struct kind_row *signal = commission_row(r, sensor);
    bool fits = row->own ? strcmp(row->own, signal->unit) == 0 : is_magnitude(r, sensor);
    *to = (struct commission_suspect){.sensor = sensor,
                                      .other = PLAN_NONE,
                                      .mistake = row->mistake,
                                      .says = row->says,
                                      .scale = row->scale,
                                      .offset = row->offset,
                                      .prior = row->prior};
    return fits && (!row->actuators || commission_is_actuator(r, sensor));
}

size_t commission_suspects(const struct commission_record *r, size_t sensor,
                           struct commission_suspect suspects[COMMISSION_SUSPECTS])
{
    size_t n = 0;
    for (size_t i = 0; i < N_UNITS && n < COMMISSION_SUSPECTS; i++)
        n += make_unit(r, sensor, &units[i], &suspects[n]);
    for (size_t i = 0; i < N_SCALES && n < COMMISSION_SUSPECTS; i++)
        n += make_scale(r, sensor, &scales[i], &suspects[n]);
    return n;
}

/* own = us * (s * number + o) + uo as it is told; wanted is scale * own + offset. */
void commission_fix(const struct commission_record *r,
                    const struct commission_suspect *suspect, char fix[COMMISSION_FIX])
{
    const struct commission_told *told = told_of(r, suspect->sensor);
    double us, uo;
    line_of(&told->unit, &us, &uo);
    double scale = suspect->scale * told->scale,
           offset = suspect->scale * told->offset +
                    (suspect->scale * uo + suspect->offset - uo) / us;
    if (suspect->unit)
        snprintf(fix, COMMISSION_FIX, "\"unit\": \"%s\"", suspect->unit);
    else if (offset == 0)
        snprintf(fix, COMMISSION_FIX, "\"scale\": %.6g", scale);
    else
        snprintf(fix, COMMISSION_FIX, "\"scale\": %.6g, \"offset\": %.6g", scale, offset);
}
