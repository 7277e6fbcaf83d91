/* Relations between signals, hour by hour.
 *
 *   dew point <= temperature, PM2.5 <= PM10        by definition
 *   inside is not colder than outside, for long    heated, or warmed by the sun
 *   heat = loss: W a m2 and K between 0.2 and 10   what buildings are made of
 *   energy counted = power summed                  conservation
 *   light inside = a share of the sun's            0.3 to 2 umol/J of global radiation
 *
 * Each gives ln of how well it holds; the tails are heavy, for each has its exceptions (a
 * cooled house, a shading screen). */
#include "twind/commission_pair.h"

#include "twind/commission_clock.h"

#include <string.h>

static const double breach_cost = 25;   /* nats, where it never holds */
static const double doubtful_size = 20; /* times what is told, where nothing is told */
enum { DAY_HOURS = 24, HOURS_LEAST = 12, DISTINCT_LEAST = 20 };

struct relation {
    double (*weigh)(const struct commission_record *r, size_t a, size_t b,
                    const struct relation *relation);
    const char *a, *b;
    double middle, sd; /* of what it measures; nats where it is not a law */
};

/* ---- measures ---- */

/* Share of the hours in which a is more than b * factor + slack. */
static double share_above(const struct commission_record *r, size_t a, size_t b,
                          double factor, double slack)
{
    double above = 0, n = 0;
    for (size_t h = 0; h < r->n_hours; h++) {
        double x = commission_hour(r, a, h), y = commission_hour(r, b, h);
        if (isnan(x) || isnan(y))
            continue;
        n++;
        above += x > y * factor + slack;
    }
    return n >= HOURS_LEAST ? above / n : 0;
}

/* Means of both over the hours that have both; false: too few. */
static bool means(const struct commission_record *r, size_t a, size_t b, double *x,
                  double *y)
{
    double n = 0;
    *x = *y = 0;
    for (size_t h = 0; h < r->n_hours; h++) {
        double u = commission_hour(r, a, h), v = commission_hour(r, b, h);
        if (isnan(u) || isnan(v))
            continue;
        n++;
        *x += u;
        *y += v;
    }
    *x /= n;
    *y /= n;
    return n >= HOURS_LEAST;
}

/* Slope of a over b, and their correlation; false: too few, or one does not vary. */
static bool regress(const struct commission_record *r, size_t a, size_t b, double *slope,
                    double *correlation)
{
    double x, y, xx = 0, yy = 0, xy = 0;
    if (!means(r, a, b, &x, &y))
        return false;
    for (size_t h = 0; h < r->n_hours; h++) {
        double u = commission_hour(r, a, h) - x, v = commission_hour(r, b, h) - y;
        if (isnan(u) || isnan(v))
            continue;
        xx += u * u;
        yy += v * v;
        xy += u * v;
    }
    *slope = xy / yy;
    *correlation = xy / sqrt(xx * yy);
    return xx > 0 && yy > 0;
}

/* ---- relations ---- */

static double weigh_below(const struct commission_record *r, size_t a, size_t b,
                          const struct relation *relation)
{
    double share = share_above(r, a, b, 1, relation->sd);
    return -breach_cost * fmax(share - relation->middle, 0);
}

/* A part is not more than the whole; two instruments may differ by a fifth. */
static double weigh_part(const struct commission_record *r, size_t a, size_t b,
                         const struct relation *relation)
{
    double share = share_above(r, a, b, 1.2, relation->sd);
    return -breach_cost * fmax(share - relation->middle, 0);
}

static double weigh_share(const struct commission_record *r, size_t a, size_t b,
                          const struct relation *relation)
{
    double x, y;
    if (!means(r, a, b, &x, &y) || !(x > 0) || !(y > 0))
        return 0;
    return commission_usual_z(log(x / y / relation->middle) / relation->sd);
}

static double weigh_warmer(const struct commission_record *r, size_t a, size_t b,
                           const struct relation *relation)
{
    double x, y;
    if (!means(r, a, b, &x, &y))
        return 0;
    return commission_usual_z(fmin(x - y - relation->middle, 0) / relation->sd);
}

static double weigh_slope(const struct commission_record *r, size_t a, size_t b,
                          const struct relation *relation)
{
    double slope, correlation;
    if (!regress(r, a, b, &slope, &correlation) || correlation < 0.5)
        return 0;
    return commission_usual_z(log(slope / relation->middle) / relation->sd);
}

/* Warm air holds more: where the water stays, humidity falls as the air warms. What changes
 * of the one an hour tell of the other's is evidence that they are of the same air. */
static double weigh_opposed(const struct commission_record *r, size_t a, size_t b,
                            const struct relation *relation)
{
    double xx = 0, yy = 0, xy = 0, n = 0;
    for (size_t h = 1; h < r->n_hours; h++) {
        double x = commission_hour(r, a, h) - commission_hour(r, a, h - 1),
               y = commission_hour(r, b, h) - commission_hour(r, b, h - 1);
        if (isnan(x) || isnan(y))
            continue;
        xx += x * x;
        yy += y * y;
        xy += x * y;
        n++;
    }
    double correlation = xy / sqrt(xx * yy),
           worth = fmin(n / relation->sd, relation->middle);
    return correlation < 0 ? -worth / 2 * log(1 - fmin(correlation * correlation, 0.99))
                           : 0;
}

/* An actuator rests where it is closed or off: the share of hours there, less that at the
 * other end. */
static double weigh_rest(const struct commission_record *r, size_t a, size_t b,
                         const struct relation *relation)
{
    static const double end = 3;
    double sum = 0, n = 0;
    (void)b;
    for (size_t h = 0; h < r->n_hours; h++) {
        double value = commission_hour(r, a, h);
        if (isnan(value))
            continue;
        n++;
        sum += (value < end) - (value > 100 - end);
    }
    return n > 0 ? relation->middle * sum / n : 0;
}

static double weigh_together(const struct commission_record *r, size_t a, size_t b,
                             const struct relation *relation)
{
    double slope, correlation;
    return regress(r, a, b, &slope, &correlation) ? relation->middle * correlation : 0;
}

/* Mean of the days' least to greatest. */
static double swing(const struct commission_record *r, size_t sensor)
{
    double sum = 0, n = 0;
    for (size_t day = 0; (day + 1) * DAY_HOURS <= r->n_hours; day++) {
        double least = INFINITY, most = -INFINITY;
        for (size_t h = day * DAY_HOURS; h < (day + 1) * DAY_HOURS; h++) {
            least = fmin(least, commission_hour(r, sensor, h));
            most = fmax(most, commission_hour(r, sensor, h));
        }
        if (most > least) {
            sum += most - least;
            n++;
        }
    }
    return sum / n;
}

static double weigh_swing(const struct commission_record *r, size_t a, size_t b,
                          const struct relation *relation)
{
    double fold = log(swing(r, a) / swing(r, b) / relation->middle);
    return isfinite(fold) ? commission_usual_z(fold / relation->sd) : 0;
}

/* Heat does not flow from the cold to the warm: what a house is given it loses by a
 * difference of temperature. */
static double weigh_upward(const struct commission_record *r, size_t a, size_t b,
                           const struct relation *relation)
{
    double heat, outside, warm, other, area = commission_param(r, "floor_area", NAN);
    size_t inside = commission_sensor(r, "indoor_temperature");
    if (inside == PLAN_NONE || !means(r, a, b, &heat, &outside) ||
        !means(r, inside, b, &warm, &other))
        return 0;
    area *= commission_size_doubt(r) > 1 ? doubtful_size : 1;
    double wanted = heat / area / relation->middle;
    double short_of = wanted > 1 ? wanted - (warm - other) : 0;
    return short_of > 0 ? commission_usual_z(short_of / relation->sd) : 0;
}

/* A heater that stands by says nothing, nor does one that is hardly needed. */
static double weigh_loss(const struct commission_record *r, size_t a, size_t b,
                         const struct relation *relation)
{
    static const double kelvins_least = 4;
    double heat, outside, warm, other, area = commission_param(r, "floor_area", NAN);
    size_t inside = commission_sensor(r, "indoor_temperature");
    if (inside == PLAN_NONE || !means(r, a, b, &heat, &outside) ||
        !means(r, inside, b, &warm, &other) || warm - other < kelvins_least ||
        !(heat > 0) ||
        !(commission_quantile(r, a, 0.95) > 2 * commission_quantile(r, a, 0.05)))
        return 0;
    double loss = heat / area / (warm - other);
    double sd = relation->sd * commission_size_doubt(r);
    return isfinite(loss) ? commission_usual_z(log(loss / relation->middle) / sd) : 0;
}

/* kWh counted over kWh summed. */
static double weigh_meter(const struct commission_record *r, size_t a, size_t b,
                          const struct relation *relation)
{
    double counted = 0, summed = 0, last = NAN;
    for (size_t h = 0; h < r->n_hours; h++) {
        double meter = commission_hour(r, a, h), power = commission_hour(r, b, h);
        if (isfinite(meter) && isfinite(last) && isfinite(power)) {
            counted += meter - last;
            summed += power / 1000;
        }
        last = meter;
    }
    if (!(counted > 0) || !(summed > 0))
        return 0;
    return commission_usual_z(log(counted / summed / relation->middle) / relation->sd);
}

static const struct relation relations[] = {
    {weigh_below, "dew_point", "outdoor_temperature", 0.05, 0.8},
    {weigh_part, "pm2_5", "pm10", 0.2, 5},
    {weigh_share, "pm2_5", "pm10", 0.6, 0.35},
    {weigh_warmer, "air_temperature", "outdoor_temperature", 0, 1.5},
    {weigh_warmer, "indoor_temperature", "outdoor_temperature", 0, 3},
    {weigh_loss, "heating_power", "outdoor_temperature", 1.5, 1.2},
    {weigh_loss, "heating_supply", "outdoor_temperature", 1.5, 1.2},
    {weigh_upward, "heating_power", "outdoor_temperature", 5, 2.5},
    {weigh_upward, "heating_supply", "outdoor_temperature", 5, 2.5},
    {weigh_swing, "outdoor_temperature", "dew_point", 2.2, 0.7},
    {weigh_swing, "indoor_temperature", "outdoor_temperature", 0.4, 0.8},
    {weigh_meter, "electric_energy", "electric_power", 1, 0.3},
    {weigh_slope, "par", "solar_irradiance", 0.9, 0.5},
    {weigh_opposed, "outdoor_relative_humidity", "outdoor_temperature", 18, 4},
    {weigh_opposed, "relative_humidity", "air_temperature", 18, 4},
    {weigh_opposed, "relative_humidity", "indoor_temperature", 18, 4},
    {weigh_rest, "vent_lee", "vent_lee", 2.5, 0},
    {weigh_rest, "vent_wind", "vent_wind", 2.5, 0},
    {weigh_rest, "lamp", "lamp", 1.5, 0},
    {weigh_together, "vent_lee", "air_temperature", 1.5, 0},
    {weigh_together, "vent_wind", "air_temperature", 1.5, 0},
    {weigh_together, "lamp", "air_temperature", 1, 0},
    {weigh_together, "energy_screen", "solar_irradiance", -1.5, 0},
    {weigh_together, "blackout_screen", "solar_irradiance", -1.5, 0},
};

enum { N_RELATIONS = sizeof relations / sizeof *relations };

double commission_pairs(const struct commission_record *r)
{
    double sum = commission_clock(r);
    for (size_t i = 0; i < N_RELATIONS; i++) {
        size_t a = commission_sensor(r, relations[i].a),
               b = commission_sensor(r, relations[i].b);
        if (a != PLAN_NONE && b != PLAN_NONE)
            sum += relations[i].weigh(r, a, b, &relations[i]);
    }
    return sum;
}

/* ---- wiring without a doubt ---- */

static bool are_same(const struct commission_record *r, size_t a, size_t b)
{
    const struct commission_series *x = &r->series[a], *y = &r->series[b];
    if (commission_is_actuator(r, a) || x->n_sorted != y->n_sorted ||
        x->steps < DISTINCT_LEAST || x->steps != y->steps ||
        strcmp(commission_row(r, a)->unit, commission_row(r, b)->unit) != 0)
        return false;
    return memcmp(x->sorted, y->sorted, x->n_sorted * sizeof *x->sorted) == 0;
}

bool commission_same(const struct commission_record *r, size_t *a, size_t *b)
{
    for (; *a < r->n_sensors; ++*a, *b = *a)
        while (++*b < r->n_sensors)
            if (are_same(r, *a, *b))
                return true;
    return false;
}

bool commission_falls(const struct commission_record *r, size_t sensor)
{
    const struct commission_series *series = &r->series[sensor];
    return (commission_row(r, sensor)->flags & KIND_CUMULATIVE) &&
           !r->plan->sensors[sensor].counter && series->falls > 0;
}
