/* The indices of a place from the hourly means of its pollutants. */
#ifndef TWIND_AIR_RATING_H
#define TWIND_AIR_RATING_H

#include "twind/air_hours.h"

enum air_rated {
    AIR_RATED_PM2_5,
    AIR_RATED_PM10,
    AIR_RATED_O3,
    AIR_RATED_CO,
    AIR_RATED_SO2,
    AIR_RATED_NO2,
    AIR_RATED,
};

enum { AIR_RATING_ROOM = AIR_HOURS_ROOM(AIR_RATED) };

/* What is known at one moment. */
struct air_rating {
    double time;                  /* s since the epoch */
    double now[AIR_RATED];        /* particles ug/m3, gases ppb */
    double ug_per_ppb[AIR_RATED]; /* of the gases; 1 for particles */
    double most;                  /* the US index ends here, 500 as a rule */
    const double *room;           /* AIR_RATING_ROOM doubles, zeroed at the start */
};

/* Keeps what was over the `seconds` that end at r->time; `room` is r->room. */
void air_rating_add(const struct air_rating *r, double seconds, double *room);

/* US AQI of one pollutant: NowCast of particles, mean of 8 h of CO, of 8 h or 1 h of O3,
 * the hour's NO2 and SO2 (over 200: 24 h). Of fewer hours where no more are known, and of
 * `now` where none is. */
double air_rating_aqi(const struct air_rating *r, enum air_rated pollutant);

/* The worst of them, and which that is. */
double air_rating_worst(const struct air_rating *r, enum air_rated *dominant);

/* European index, 1 to 6: the worst pollutant's latest hour. */
int air_rating_eaqi(const struct air_rating *r);

#endif
