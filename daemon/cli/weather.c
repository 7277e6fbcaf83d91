#include "weather.h"

#include "twind/psychro.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

static const double day_s = 86400, year_s = 365.25 * 86400;

/* Hours of persistence of each walk. */
static const double cloud_h = 6, warmth_h = 48, gust_h = 2, bearing_h = 12, spread_h = 12;

/* Sine of the sun's elevation (Cooper 1969 for the declination; no equation of time). */
static double sun(const struct weather *w)
{
    double day = fmod(w->time, year_s) / day_s;
    double declination = 23.45 * PI / 180 * sin(2 * PI * (284 + day) / 365);
    double hour = fmod(w->time + w->longitude / 360 * day_s, day_s) / day_s;
    double latitude = w->latitude * PI / 180;
    return sin(latitude) * sin(declination) -
           cos(latitude) * cos(declination) * cos(2 * PI * hour);
}

/* Global horizontal: clear sky by Haurwitz (1945), cloud by Kasten & Czeplak (1980). */
static double irradiance(const struct weather *w)
{
    double height = sun(w);
    if (height <= 0.01)
        return 0;
    return 1098 * height * exp(-0.057 / height) * (1 - 0.75 * pow(w->cloud, 3.4));
}

/* Warmest at about 15 h of the sun; a cloudy day has less of a swing. */
static double temperature(const struct weather *w)
{
    double season = cos(2 * PI * (fmod(w->time, year_s) / year_s - 0.55));
    double hour = fmod(w->time + w->longitude / 360 * day_s, day_s) / day_s;
    double swing = w->swing * (1 - 0.6 * w->cloud) * cos(2 * PI * (hour - 0.625));
    return w->mean + w->season * season + swing + w->warmth;
}

static double dew_point(const struct weather *w)
{
    return temperature(w) - fmax(w->spread, 0.3);
}

static double humidity(const struct weather *w)
{
    return 100 * psychro_saturation(dew_point(w)) / psychro_saturation(temperature(w));
}

static double wind(const struct weather *w)
{
    return w->wind_mean * exp(0.6 * w->gust - 0.18);
}

static double bearing(const struct weather *w)
{
    double degrees = fmod(230 + w->bearing, 360);
    return degrees < 0 ? degrees + 360 : degrees;
}

/* Shallow and still at night, deep under sun and wind. */
static double mixing_height(const struct weather *w)
{
    return 150 + 60 * wind(w) + 1.6 * irradiance(w);
}

static double pressure(const struct weather *w)
{
    return 1014 - 6 * w->gust - 0.4 * w->warmth;
}

/* Vehicles an hour: two peaks on working days, one hump at weekends. */
static double traffic(const struct weather *w)
{
    double hour = fmod(w->time + w->longitude / 360 * day_s, day_s) / 3600;
    double weekday = fmod(floor(w->time / day_s) + 3, 7); /* 1970-01-01 was a Thursday */
    double morning = exp(-0.5 * pow((hour - 8) / 1.3, 2));
    double evening = exp(-0.5 * pow((hour - 17.5) / 1.8, 2));
    double noon = exp(-0.5 * pow((hour - 14) / 4, 2));
    return weekday < 5 ? 150 + 1500 * morning + 1700 * evening + 600 * noon
                       : 120 + 900 * noon;
}

static double co2(const struct weather *w)
{
    (void)w;
    return 420; /* ppm of CO2 outdoors */
}

double weather_value(const struct weather *w, const char *name)
{
    static const struct {
        const char *name;
        double (*value)(const struct weather *);
    } table[] = {
        {"outdoor_temperature", temperature},
        {"outdoor_relative_humidity", humidity},
        {"relative_humidity", humidity},
        {"solar_irradiance", irradiance},
        {"wind_speed", wind},
        {"wind_direction", bearing},
        {"dew_point", dew_point},
        {"pressure", pressure},
        {"mixing_height", mixing_height},
        {"traffic", traffic},
        {"outdoor_co2", co2},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0)
            return table[i].value(w);
    return NAN;
}

/* One step of an Ornstein-Uhlenbeck process: stationary sd, persistence in hours. */
static double walk(double x, double mean, double sd, double hours, double dt,
                   struct random *random)
{
    double keep = exp(-dt / 3600 / hours);
    return mean + (x - mean) * keep + sd * sqrt(1 - keep * keep) * random_normal(random);
}

void weather_begin(struct weather *w, double time)
{
    w->time = time;
    w->cloud = w->cloud_mean;
    w->spread = 5;
}

void weather_move_to(struct weather *w, double time, struct random *random)
{
    double dt = time - w->time;
    w->time = time;
    w->cloud = fmin(fmax(walk(w->cloud, w->cloud_mean, 0.35, cloud_h, dt, random), 0), 1);
    w->warmth = walk(w->warmth, 0, 2.5, warmth_h, dt, random);
    w->gust = walk(w->gust, 0, 1, gust_h, dt, random);
    w->bearing = walk(w->bearing, 0, 60, bearing_h, dt, random);
    w->spread = walk(w->spread, 5, 2, spread_h, dt, random);
}
