/* Weather for the virtual plant: sun by astronomy, cloud, temperature, moisture and wind by
 * random walks that return to the season's mean. Plausible, not a forecast. */
#ifndef TWIND_CLI_WEATHER_H
#define TWIND_CLI_WEATHER_H

#include "twind/random.h"

#include <stddef.h>

struct weather {
    double latitude, longitude; /* degrees; east positive */
    double mean, season,
        swing;         /* Cel: of the year, summer above it, afternoon above the day */
    double cloud_mean; /* 0..1 */
    double wind_mean;  /* m/s */
    double time;
    double cloud, warmth, gust, bearing,
        spread; /* the walks; spread: Cel above dew point */
};

void weather_begin(struct weather *weather, double time);

/* Moves the walks on to `time`. */
void weather_move_to(struct weather *weather, double time, struct random *random);

/* A signal by the name that kinds give it (outdoor_temperature, solar_irradiance, ..); NAN:
 * weather has no such thing. */
double weather_value(const struct weather *weather, const char *name);

#endif
