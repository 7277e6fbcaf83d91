/* What the air of a city is told, shows and estimates: the rows of air_quality.c, which
 * alone includes this. */
#ifndef TWIND_KINDS_AIR_QUALITY_ROWS_H
#define TWIND_KINDS_AIR_QUALITY_ROWS_H

#include "twind/air_profile.h"
#include "twind/air_rating.h"
#include "twind/air_rose.h"
#include "twind/kind.h"

/* The boxes, in the order of every table below. */
enum species { FINE, COARSE, NO, NO2, O3, SO2, CO, SPECIES };

/* The sources: NO and NO2 share one. */
enum source { OF_FINE, OF_COARSE, OF_NOX, OF_O3, OF_SO2, OF_CO, SOURCES };

enum param {
    UTC_OFFSET,
    LATITUDE,
    CLEARNESS,
    FETCH,
    UPWIND_SHARE,
    WIND_MIN,
    RESIDUAL_LAYER,
    STAGNATION_TIME,
    SOURCE_TIME,
    HABIT_DAYS,
    MIXING_TIME,
    PRIMARY_NO2,
    TRAFFIC_SHARE,
    TRAFFIC_USUAL,
    SECTOR_SHARE,
    SECTOR_BEARING,
    AQI_MAX,
    BACKGROUND,
    USUAL = BACKGROUND + SPECIES,
    PARAMS = USUAL + SOURCES,
};

enum input {
    WIND_SPEED,
    WIND_DIRECTION,
    OUTDOOR_TEMPERATURE,
    RELATIVE_HUMIDITY,
    DEW_POINT,
    PRESSURE,
    SOLAR_IRRADIANCE,
    MIXING_HEIGHT,
    TRAFFIC,
    INPUTS
};

enum state {
    STAGNATION,
    DAILY_COS,
    DAILY_SIN,
    OZONE_COS,
    OZONE_SIN,
    BOX,
    SOURCE = BOX + SPECIES,
    STATES = SOURCE + SOURCES,
};

/* The first SPECIES outputs are the concentrations, EMISSION the first of the sources, both
 * in the order of the boxes, with PM10 in the place of coarse dust. */
enum output {
    PM2_5_RAW = SPECIES,
    AQI,
    EAQI,
    CATEGORY,
    DOMINANT,
    AQI_OF,
    EMISSION = AQI_OF + AIR_RATED,
    VENTILATION = EMISSION + SPECIES,
    OUTPUTS
};

enum memory {
    LAYER,
    HOURS,
    PROFILE = HOURS + AIR_RATING_ROOM,
    UPWIND = PROFILE + AIR_PROFILE_ROOM(SOURCES),
    ROSE = UPWIND + SPECIES,
    MEMORY = ROSE + AIR_ROSE_ROOM(SOURCES),
};

#define UG "ug/m3"
#define FLUX "ug/(m2.s)"

static const struct kind_row params[] = {
    [UTC_OFFSET] = {"utc_offset", "h",
                    "Standard time ahead of UTC, for the sun and the day", 0, -12, 14},
    [LATITUDE] = {"latitude", "deg", "Degrees north, for the sun where it is not measured",
                  45, -90, 90},
    [CLEARNESS] = {"clearness", "", "Share of a clear sky's sun where it is not measured",
                   0.6, 0, 1},
    [FETCH] = {"fetch", "m", "Distance upwind over which the air is polluted alike", 100e3,
               2000, 1e6, .flags = KIND_FIT},
    [UPWIND_SHARE] = {"upwind_share", "",
                      "Share of the last days' pollution that is also upwind of that", 0.7,
                      0, 1},
    [WIND_MIN] = {"wind_min", "m/s", "Exchange in a calm, as a wind", 0.5, 0.1, 3},
    [RESIDUAL_LAYER] = {"residual_layer", "",
                        "Share of the city's pollution left aloft in the morning", 0.65, 0,
                        1, .flags = KIND_FIT},
    [STAGNATION_TIME] = {"stagnation_time", "min",
                         "How long an unexplained change of exchange lasts", 20, 15, 600},
    [SOURCE_TIME] = {"source_time", "h",
                     "How long a source stays away from what is usual at its hour", 48, 1,
                     8760, .flags = KIND_FIT},
    [HABIT_DAYS] = {"habit_days", "d",
                    "Days from which the sources' hours and winds are learned; 0: none", 21,
                    0, 365},
    [MIXING_TIME] = {"mixing_time", "min", "How fast fresh exhaust and ozone mix", 150, 15,
                     1000, .flags = KIND_FIT},
    [PRIMARY_NO2] = {"primary_no2", "", "Share of the NOx that is emitted as NO2", 0.15, 0,
                     1, .flags = KIND_FIT},
    [TRAFFIC_SHARE] = {"traffic_share", "",
                       "Share of the combustion sources that follows the traffic", 0.5, 0,
                       1},
    [TRAFFIC_USUAL] = {"traffic_usual", "1/h", "Traffic at which sources are as usual",
                       1000, 1, 1e6},
    [SECTOR_SHARE] = {"sector_share", "",
                      "How much more the sources give when the wind is from sector_bearing",
                      0, 0, 1},
    [SECTOR_BEARING] = {"sector_bearing", "deg", "Direction of the nearby source", 0, 0,
                        360},
    [AQI_MAX] = {"aqi_max", "", "The US index ends here; above 500 it is extrapolated", 500,
                 500, 5000},
    [BACKGROUND + FINE] = {"background_pm2_5", UG, "PM2.5 of the air upwind", 4, 0, 500},
    [BACKGROUND + COARSE] = {"background_coarse", UG, "PM10 less PM2.5 of the air upwind",
                             6, 0, 1000},
    [BACKGROUND + NO] = {"background_no", UG, "NO of the air upwind", 0.5, 0, 500},
    [BACKGROUND + NO2] = {"background_no2", UG, "NO2 of the air upwind", 4, 0, 500},
    [BACKGROUND + O3] = {"background_o3", UG, "O3 of the air upwind", 50, 0, 500},
    [BACKGROUND + SO2] = {"background_so2", UG, "SO2 of the air upwind", 2, 0, 500},
    [BACKGROUND + CO] = {"background_co", UG, "CO of the air upwind", 150, 0, 10000},
    [USUAL + OF_FINE] = {"usual_pm2_5", FLUX, "Usual source of PM2.5", 0.03, 0, 500},
    [USUAL + OF_COARSE] = {"usual_coarse", FLUX, "Usual source of PM10 less PM2.5", 0.02, 0,
                           500},
    [USUAL + OF_NOX] = {"usual_nox", FLUX, "Usual source of NOx, as NO2", 0.1, 0, 500},
    [USUAL + OF_O3] = {"usual_o3", FLUX, "Usual formation of O3 in 300 W/m2 of sun", 0,
                       -100, 500},
    [USUAL + OF_SO2] = {"usual_so2", FLUX, "Usual source of SO2", 0.02, 0, 500},
    [USUAL + OF_CO] = {"usual_co", FLUX, "Usual source of CO", 1, 0, 5000},
};

static const struct kind_row inputs[] = {
    [WIND_SPEED] = {"wind_speed", "m/s", "Wind speed", 3, 0, 75, .noise = 0.5},
    [WIND_DIRECTION] = {"wind_direction", "deg", "Direction that the wind comes from", 0, 0,
                        360, .noise = 10},
    [OUTDOOR_TEMPERATURE] = {"outdoor_temperature", "Cel", "Air temperature", 15, -60, 60,
                             .noise = 0.3, .flags = KIND_TEMPERATURE},
    [RELATIVE_HUMIDITY] = {"relative_humidity", "%",
                           "Relative humidity; else from the dew point", KIND_CONTROLLED, 0,
                           100, .noise = 3},
    [DEW_POINT] = {"dew_point", "Cel", "Dew point", KIND_CONTROLLED, -90, 40, .noise = 0.5},
    [PRESSURE] = {"pressure", "hPa", "Air pressure at the station", 1013.25, 450, 1100,
                  .noise = 1, .flags = KIND_PRESSURE},
    [SOLAR_IRRADIANCE] = {"solar_irradiance", "W/m2",
                          "Global irradiance; else from latitude and time", KIND_CONTROLLED,
                          0, 1500, .noise = 10},
    [MIXING_HEIGHT] = {"mixing_height", "m", "Mixing height; else from sun and wind",
                       KIND_CONTROLLED, 20, 6000, .noise = 100},
    [TRAFFIC] = {"traffic", "1/h", "Vehicles nearby; else as usual", KIND_CONTROLLED, 0,
                 1e6, .noise = 20},
};

static const struct kind_row states[] = {
    /* value, min, max, noise, spread, molar mass, block, flags */
    [STAGNATION] = {"stagnation", "1/h", "Exchange of air less than wind and height say", 0,
                    -3, 3, 0.8, 0.3, 0, 0, 0},
    [DAILY_COS] = {"daily_cos", "1/h", "Daily course of stagnation, at midnight UTC", 0, -1,
                   1, 0.002, 0.03, 0, 0, 0},
    [DAILY_SIN] = {"daily_sin", "1/h", "Daily course of stagnation, at 6 h UTC", 0, -1, 1,
                   0.002, 0.03, 0, 0, 0},
    [OZONE_COS] = {"ozone_cos", "ug/(m3.h)", "Daily course of ozone, at midnight UTC", 0,
                   -50, 50, 0.5, 2, 0, 0, 0},
    [OZONE_SIN] = {"ozone_sin", "ug/(m3.h)", "Daily course of ozone, at 6 h UTC", 0, -50,
                   50, 0.5, 2, 0, 0, 0},
    [BOX + FINE] = {"pm2_5", UG, "PM2.5", 4, 0, 5000, 15, 150, 0, 0, KIND_HIDDEN},
    [BOX + COARSE] = {"coarse", UG, "PM10 less PM2.5", 6, 0, 5000, 60, 150, 0, 0, 0},
    [BOX + NO] = {"no", UG, "NO", 0.5, 0, 5000, 35, 300, 0, 0, KIND_HIDDEN},
    [BOX + NO2] = {"no2", UG, "NO2", 4, 0, 5000, 20, 120, 0, 0, KIND_HIDDEN},
    [BOX + O3] = {"o3", UG, "O3", 50, 0, 2000, 20, 120, 0, 0, KIND_HIDDEN},
    [BOX + SO2] = {"so2", UG, "SO2", 2, 0, 10000, 12, 150, 0, 0, KIND_HIDDEN},
    [BOX + CO] = {"co", UG, "CO", 150, 0, 1e5, 1200, 4000, 0, 0, KIND_HIDDEN},
    [SOURCE +
        OF_FINE] = {"source_pm2_5", FLUX, "Source of PM2.5", 0.03, 0, 500, 0.1, 1, 0, 0, 0},
    [SOURCE + OF_COARSE] = {"source_coarse", FLUX, "Source of PM10 less PM2.5", 0.02, 0,
                            500, 0.06, 0.6, 0, 0, 0},
    [SOURCE + OF_NOX] = {"source_nox", FLUX, "Source of NOx, as NO2", 0.1, 0, 500, 0.3, 2,
                         0, 0, 0},
    [SOURCE + OF_O3] = {"source_o3", FLUX, "Formation of O3 in 300 W/m2 of sun", 0, -100,
                        500, 0.2, 2, 0, 0, 0},
    [SOURCE +
        OF_SO2] = {"source_so2", FLUX, "Source of SO2", 0.02, 0, 500, 0.06, 1, 0, 0, 0},
    [SOURCE + OF_CO] = {"source_co", FLUX, "Source of CO", 1, 0, 5000, 5, 40, 0, 0, 0},
};

static const struct kind_row outputs[] = {
    [FINE] = {"pm2_5", UG, "PM2.5", 0, 0, 5000, 3, 0, 0, 0, KIND_MEASURED},
    [COARSE] = {"pm10", UG, "PM10", 0, 0, 10000, 6, 0, 0, 0, KIND_MEASURED},
    [NO] = {"no", UG, "Nitric oxide", 0, 0, 5000, 4, 0, 30.006, 0, KIND_MEASURED},
    [NO2] = {"no2", UG, "Nitrogen dioxide", 0, 0, 5000, 4, 0, 46.0055, 0, KIND_MEASURED},
    [O3] = {"o3", UG, "Ozone", 0, 0, 2000, 4, 0, 47.998, 0, KIND_MEASURED},
    [SO2] = {"so2", UG, "Sulphur dioxide", 0, 0, 10000, 2, 0, 64.064, 0, KIND_MEASURED},
    [CO] = {"co", UG, "Carbon monoxide", 0, 0, 1e5, 60, 0, 28.010, 0, KIND_MEASURED},
    [PM2_5_RAW] = {"pm2_5_purpleair", UG,
                   "What a PurpleAir (CF=1) sensor shows; bind it instead of pm2_5", 0, 0,
                   5000, 8, 0, 0, 0, KIND_MEASURED},
    [AQI] = {"aqi", "", "US AQI (2024), the worst of all pollutants", .max = 5000},
    [EAQI] = {"eaqi", "", "European index (2024): 1 good to 6 extremely poor", .max = 6},
    [CATEGORY] = {"category", "", "Category of the US AQI: 1 good to 6 hazardous",
                  .max = 6},
    [DOMINANT] =
        {"dominant", "",
         "Pollutant that sets the US AQI: 1 pm2_5, 2 pm10, 3 o3, 4 co, 5 so2, 6 no2",
         .max = 6},
    [AQI_OF +
        AIR_RATED_PM2_5] = {"aqi_pm2_5", "", "US AQI of PM2.5 (NowCast)", .max = 5000},
    [AQI_OF + AIR_RATED_PM10] = {"aqi_pm10", "", "US AQI of PM10 (NowCast)", .max = 5000},
    [AQI_OF + AIR_RATED_O3] = {"aqi_o3", "", "US AQI of O3 (8 h or 1 h)", .max = 5000},
    [AQI_OF + AIR_RATED_CO] = {"aqi_co", "", "US AQI of CO (8 h)", .max = 5000},
    [AQI_OF +
        AIR_RATED_SO2] = {"aqi_so2", "", "US AQI of SO2 (1 h; 24 h over 200)", .max = 5000},
    [AQI_OF + AIR_RATED_NO2] = {"aqi_no2", "", "US AQI of NO2 (1 h)", .max = 5000},
    [EMISSION + FINE] = {"emission_pm2_5", FLUX, "Source of PM2.5 now", .max = 5000},
    [EMISSION + COARSE] = {"emission_pm10", FLUX, "Source of PM10 now", .max = 10000},
    [EMISSION + NO] = {"emission_no", FLUX, "Source of NO now", .max = 5000},
    [EMISSION + NO2] = {"emission_no2", FLUX, "Source of NO2 now", .max = 5000},
    [EMISSION +
        O3] = {"emission_o3", FLUX, "Formation of O3 now", .min = -5000, .max = 5000},
    [EMISSION + SO2] = {"emission_so2", FLUX, "Source of SO2 now", .max = 5000},
    [EMISSION + CO] = {"emission_co", FLUX, "Source of CO now", .max = 50000},
    [VENTILATION] = {"ventilation", "m2/s", "Wind times mixing height", .max = 1e6},
};

static const struct kind_fault faults[] = {
    {"plume_dust",
     "dust or smoke drifts in",
     {{KIND_STATE_GAINS, BOX + FINE, 12}, {KIND_STATE_GAINS, BOX + COARSE, 6}}},
    {"plume_fine", "smoke or exhaust drifts in", {{KIND_STATE_GAINS, BOX + FINE, 15}}},
    {"plume_coarse", "coarse dust drifts in", {{KIND_STATE_GAINS, BOX + COARSE, 15}}},
    {"plume_nox",
     "somebody nearby emits NOx",
     {{KIND_STATE_GAINS, BOX + NO, 15}, {KIND_STATE_GAINS, BOX + NO2, 4}}},
    {"plume_so2", "somebody nearby emits SO2", {{KIND_STATE_GAINS, BOX + SO2, 4}}},
    {"plume_co", "somebody nearby emits CO", {{KIND_STATE_GAINS, BOX + CO, 200}}},
    {"source_stops",
     "less is emitted than usual: no traffic",
     {{KIND_INPUT_IS, TRAFFIC, 0}}},
};

_Static_assert(sizeof params / sizeof *params == PARAMS, "a row for each parameter");
_Static_assert(sizeof inputs / sizeof *inputs == INPUTS, "a row for each input");
_Static_assert(sizeof states / sizeof *states == STATES, "a row for each state");
_Static_assert(sizeof outputs / sizeof *outputs == OUTPUTS, "a row for each output");
_Static_assert((int)STATES <= KIND_BLOCK_MAX, "one block");
_Static_assert((int)MEMORY <= KIND_MEMORY_MAX, "memory");

#undef UG
#undef FLUX

#endif
