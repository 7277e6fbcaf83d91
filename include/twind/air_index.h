/* Air quality indices: what people are told. */
#ifndef TWIND_AIR_INDEX_H
#define TWIND_AIR_INDEX_H

#include <stddef.h>

/* A scale of the US index: a pollutant and its averaging time, in the unit of its table. */
enum air_index_scale {
    AIR_INDEX_PM2_5, /* 24 h or NowCast, ug/m3 */
    AIR_INDEX_PM10,  /* 24 h or NowCast, ug/m3 */
    AIR_INDEX_O3,    /* 8 h, ppm: defined to 0.200 */
    AIR_INDEX_O3_1H, /* 1 h, ppm: defined from 0.125 */
    AIR_INDEX_CO,    /* 8 h, ppm */
    AIR_INDEX_SO2,   /* 1 h, ppb; over 200 by the mean of 24 h */
    AIR_INDEX_NO2,   /* 1 h, ppb */
    AIR_INDEX_SCALES,
};

enum { AIR_INDEX_CATEGORIES = 6, AIR_INDEX_NOWCAST_HOURS = 12 };

/* Whole-number US AQI of a concentration, which is truncated as the table says. Above the
 * table the last slope goes on (over 500 for all but ozone of 8 h). NAN where the scale is
 * not defined, or the concentration is NAN. Below 0 counts as 0. */
double air_index_aqi(enum air_index_scale scale, double concentration);

/* The larger of both ozone scales, where each is defined; ppm. Over 0.200 ppm of 8 h: 300
 * at the least. */
double air_index_ozone(double mean_8h, double mean_1h);

/* The hour's SO2 up to 200; from there on the day's, and 200 at the least; ppb. */
double air_index_so2(double mean_1h, double mean_24h);

/* NowCast of particles: `hours` are hourly means, the latest first, NAN where missing; n up
 * to 12 are used. NAN where fewer than two of the latest three are there. */
double air_index_nowcast(const double *hours, size_t n);

/* European index of an hour's mean in ug/m3: 1 (good) to 6 (extremely poor). The 8-hour
 * scales of the US index stand for their pollutant here. 0: none for this pollutant (CO),
 * or NAN. */
int air_index_eaqi(enum air_index_scale scale, double concentration);

/* 1 (good) to 6 (hazardous) of a US AQI; 0 for NAN. */
int air_index_category(double aqi);

/* "Good" .. "Hazardous"; "Unknown" outside 1..6. */
const char *air_index_category_name(int category);

/* "pm2_5", "pm10", "o3", "o3", "co", "so2", "no2". */
const char *air_index_pollutant(enum air_index_scale scale);

/* One or two sentences for the public, for a category and the pollutant that sets it. */
const char *air_index_advice(int category, enum air_index_scale dominant);

/* PM2.5 in ug/m3 of a PurpleAir (CF=1) reading at a relative humidity in %: the two-part
 * correction of 2021; never below 0. */
double air_index_purpleair(double reading, double humidity);

/* Likewise the five-part correction of the AirNow Fire and Smoke Map. */
double air_index_purpleair_smoke(double reading, double humidity);

/* The reading that the two-part correction would turn into `pm2_5`: what such a sensor
 * should show. */
double air_index_purpleair_inverse(double pm2_5, double humidity);

#endif
