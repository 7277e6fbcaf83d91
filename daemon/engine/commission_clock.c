/* The day of a signal is its first harmonic of 24 hours. The sun's light is greatest at
 * solar noon, the air outside is warmest two to four hours later; vents are open by day and
 * energy screens closed by night. Noon follows from the longitude; where that is not told
 * from the zone, in which the sun may be an hour and more away from it (western ends of
 * zones, summer time). */
#include "twind/commission_clock.h"

#include <string.h>

#define TURN 6.283185307179586

static const double hour = 3600, day = 24;
static const double share_least = 0.3; /* of the variance that the day's course explains */
enum { DAY_HOURS = 24 };

struct rhythm {
    const char *signal;
    double after; /* h after noon */
    double sd;    /* h */
    double dark;  /* nats for a signal that is not dark at night */
    bool nature;  /* nobody's control: it tells the time */
};

static const struct rhythm rhythms[] = {
    {"solar_irradiance", 0, 0.5, 12, true}, {"direct_irradiance", 0, 1, 12, true},
    {"diffuse_irradiance", 0, 1, 12, true}, {"outdoor_temperature", 3, 1.8, 0, true},
    {"vent_lee", 2, 3.2, 0, false},         {"vent_wind", 2, 3.2, 0, false},
    {"energy_screen", -12, 5, 0, false},
};

enum { N_RHYTHMS = sizeof rhythms / sizeof *rhythms };

static double wrap(double hours)
{
    return hours - day * round(hours / day);
}

/* Hour UTC of noon by what is told; `sd`: how far it may be from there. */
static double noon(const struct commission_record *r, double *sd)
{
    double longitude = commission_param(r, "longitude", 0),
           zone = commission_param(r, "utc_offset", NAN);
    *sd = longitude != 0 ? 0.3 : 0.8;
    return longitude != 0 ? 12 - longitude / 15 : 12.5 - zone;
}

/* Means of the hours of the day; false: an hour has none. */
static bool fill_course(const struct commission_record *r, size_t sensor,
                        double course[DAY_HOURS], double *variance)
{
    double n[DAY_HOURS] = {0}, sum = 0, squares = 0, all = 0;
    size_t first = (size_t)fmod(r->begin / hour, day);
    memset(course, 0, DAY_HOURS * sizeof *course);
    for (size_t h = 0; h < r->n_hours; h++) {
        double value = commission_hour(r, sensor, h);
        if (isnan(value))
            continue;
        course[(first + h) % DAY_HOURS] += value;
        n[(first + h) % DAY_HOURS]++;
        sum += value;
        squares += value * value;
        all++;
    }
    *variance = squares / all - sum / all * (sum / all);
    bool whole = true;
    for (size_t h = 0; h < DAY_HOURS; h++) {
        course[h] /= n[h];
        whole = whole && n[h] > 0;
    }
    return whole;
}

/* Hour UTC of the first harmonic's maximum; NAN: there is no day. */
static double peak(const struct commission_record *r, size_t sensor)
{
    double course[DAY_HOURS], variance, c = 0, s = 0;
    if (!fill_course(r, sensor, course, &variance))
        return NAN;
    for (size_t h = 0; h < DAY_HOURS; h++) {
        double angle = TURN * ((double)h + 0.5) / day;
        c += course[h] * cos(angle) / day;
        s += course[h] * sin(angle) / day;
    }
    double share = 2 * (c * c + s * s) / variance;
    return share > share_least ? atan2(s, c) / TURN * day : (double)NAN;
}

static double late_of(const struct commission_record *r, size_t sensor,
                      const struct rhythm *rhythm)
{
    double sd;
    return wrap(peak(r, sensor) - noon(r, &sd) - rhythm->after);
}

double commission_late(const struct commission_record *r, size_t sensor)
{
    for (size_t i = 0; i < N_RHYTHMS; i++)
        if (rhythms[i].nature &&
            strcmp(rhythms[i].signal, commission_row(r, sensor)->name) == 0)
            return late_of(r, sensor, &rhythms[i]);
    return NAN;
}

/* A quarter of the hours are night nearly everywhere and always. */
static double weigh_dark(const struct commission_record *r, size_t sensor,
                         const struct rhythm *rhythm)
{
    double night = commission_quantile(r, sensor, 0.1),
           light = commission_quantile(r, sensor, 0.98);
    return light > 0 && r->n_hours >= DAY_HOURS && fabs(night) > 0.1 * light ? -rhythm->dark
                                                                             : 0;
}

double commission_clock(const struct commission_record *r)
{
    double sum = 0, sd;
    noon(r, &sd);
    for (size_t i = 0; i < N_RHYTHMS; i++) {
        size_t sensor = commission_sensor(r, rhythms[i].signal);
        if (sensor == PLAN_NONE)
            continue;
        double late = late_of(r, sensor, &rhythms[i]);
        if (isfinite(late))
            sum -= late * late / (sd * sd + rhythms[i].sd * rhythms[i].sd) / 2;
        if (rhythms[i].dark > 0)
            sum += weigh_dark(r, sensor, &rhythms[i]);
    }
    return sum;
}
