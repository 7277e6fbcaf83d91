/* What signals usually are: a table of where their quantiles lie at most places.
 *
 * Middle and standard deviation are of the quantile from one record of some days to
 * another, over places and seasons where people use such sensors; wide, so that a cold, a
 * dark or a windy place is not taken for a mistake. Magnitudes are in logarithms: a unit of
 * ten times is the same step for a large and for a small signal. */
#include "twind/commission_usual.h"

#include <string.h>

static const double outside_cost = 24; /* nats, where no value is in the row's range */
static const double outside_free = 0.03;

enum scale { LINEAR, RATIO, PER_FLOOR };

struct usual_row {
    const char *signal, *unit; /* signal NULL: any other of this unit */
    double q;                  /* which quantile */
    enum scale scale;          /* RATIO: sd is of ln; PER_FLOOR: so, a m2 of floor */
    double middle, sd;
};

static const struct usual_row rows[] = {
    {"outdoor_temperature", "Cel", 0.5, LINEAR, 11, 10},
    {"outdoor_temperature", "Cel", 0.95, LINEAR, 17, 11},
    {"air_temperature", "Cel", 0.5, LINEAR, 20, 5},
    {"air_temperature", "Cel", 0.95, LINEAR, 26, 6},
    {"indoor_temperature", "Cel", 0.5, LINEAR, 21, 5},
    {"indoor_temperature", "Cel", 0.95, LINEAR, 24, 5},
    {"canopy_temperature", "Cel", 0.5, LINEAR, 20, 5},
    {"dew_point", "Cel", 0.5, LINEAR, 5, 11},
    {"pipe_temperature", "Cel", 0.95, RATIO, 45, 0.45},
    {"grow_pipe_temperature", "Cel", 0.95, RATIO, 38, 0.45},
    {"heating_setpoint", "Cel", 0.5, LINEAR, 18, 5},
    {"ventilation_setpoint", "Cel", 0.5, LINEAR, 23, 6},
    {"cooling_setpoint", "Cel", 0.5, LINEAR, 25, 4},
    {NULL, "Cel", 0.5, LINEAR, 18, 18},
    {"relative_humidity", "%", 0.5, LINEAR, 62, 20},
    {"relative_humidity", "%", 0.95, RATIO, 80, 0.4},
    {"outdoor_relative_humidity", "%", 0.5, LINEAR, 70, 18},
    {"outdoor_relative_humidity", "%", 0.95, RATIO, 88, 0.4},
    {NULL, "%", 1, RATIO, 60, 0.7},
    {"solar_irradiance", "W/m2", 0.98, RATIO, 450, 0.8},
    {"direct_irradiance", "W/m2", 0.98, RATIO, 600, 0.9},
    {"diffuse_irradiance", "W/m2", 0.98, RATIO, 250, 0.8},
    {"net_longwave", "W/m2", 0.5, LINEAR, -50, 35},
    {"net_longwave", "W/m2", 0.95, LINEAR, -5, 15},
    {"sky_radiation", "W/m2", 0.5, LINEAR, 310, 60},
    {"wind_speed", "m/s", 0.5, RATIO, 3, 0.7},
    {"wind_speed", "m/s", 0.95, RATIO, 6.5, 0.6},
    {"wind_direction", "deg", 0.95, RATIO, 270, 0.5},
    {"pressure", "hPa", 0.5, LINEAR, 985, 80},
    {"co2", "ppm", 0.5, RATIO, 600, 0.5},
    {"outdoor_co2", "ppm", 0.5, RATIO, 430, 0.1},
    {"par", "umol/(m2.s)", 0.98, RATIO, 500, 1},
    {"mixing_height", "m", 0.9, RATIO, 900, 0.9},
    {"electric_power", "W", 0.95, PER_FLOOR, 12, 1.4},
    {"appliances", "W", 0.95, PER_FLOOR, 6, 1.5},
    {"internal_gains", "W", 0.95, PER_FLOOR, 6, 1.5},
    {"pv_power", "W", 0.98, PER_FLOOR, 30, 1.5},
    {NULL, "W", 0.95, PER_FLOOR, 35, 1.3},
    {"pm2_5", "ug/m3", 0.5, RATIO, 15, 1},
    {"pm10", "ug/m3", 0.5, RATIO, 28, 1},
    {"no", "ug/m3", 0.75, RATIO, 12, 1.5},
    {"no2", "ug/m3", 0.5, RATIO, 28, 0.9},
    {"o3", "ug/m3", 0.75, RATIO, 55, 0.8},
    {"so2", "ug/m3", 0.5, RATIO, 5, 1.3},
    {"co", "ug/m3", 0.5, RATIO, 450, 0.9},
};

enum { N_ROWS = sizeof rows / sizeof *rows };

static bool is_of(const struct usual_row *row, const struct kind_row *signal, bool named)
{
    if (strcmp(row->unit, signal->unit) != 0)
        return false;
    return named ? row->signal && strcmp(row->signal, signal->name) == 0 : !row->signal;
}

/* Nothing at all (a heater in summer, a closed vent) is usual, and says nothing; what is
 * mostly below zero is no magnitude. */
static double weigh(const struct commission_record *r, size_t sensor,
                    const struct usual_row *row)
{
    double value = commission_quantile(r, sensor, row->q),
           least = commission_quantile(r, sensor, 1 - row->q), sd = row->sd;
    if (row->scale == LINEAR)
        return commission_usual_z((value - row->middle) / sd);
    if (value == 0 && least == 0)
        return 0;
    if (value <= 0 || value < -least)
        return -outside_cost / 2;
    if (row->scale == PER_FLOOR) {
        value /= commission_param(r, "floor_area", 1);
        sd *= commission_size_doubt(r);
    }
    return commission_usual_z(log(value / row->middle) / sd);
}

double commission_usual(const struct commission_record *r, size_t sensor)
{
    const struct kind_row *signal = commission_row(r, sensor);
    bool named = false;
    double sum = 0;
    if (r->series[r->wires[sensor].from].n_sorted == 0)
        return 0;
    for (size_t i = 0; i < N_ROWS; i++)
        named = named || is_of(&rows[i], signal, true);
    for (size_t i = 0; i < N_ROWS; i++)
        if (is_of(&rows[i], signal, named))
            sum += weigh(r, sensor, &rows[i]);
    double outside = commission_outside(r, sensor);
    return sum - (outside > outside_free ? outside_cost * outside : 0);
}
