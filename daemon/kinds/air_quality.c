/* The air over a city: a well-mixed box per pollutant, kept true by its stations.
 *
 *   dC/dt = E/H + (a - w)(C_b - C) - (v_d/H) C
 *   a = u/L + (1 - r) (dH/dt)+/H
 *   w = stagnation + daily_cos cos(2 pi t/day) + daily_sin sin(2 pi t/day)
 *
 * What nobody measures is estimated: the source E of each pollutant (drawn to its usual
 * value within days), and w, by which the air is exchanged more slowly than wind and mixing
 * height say. w is the same for all pollutants, so that a reading of one tells of all, and
 * it acts in proportion to C, as weather does: episodes are larger, not likelier, to err.
 * Its daily course is learned, for every street has hours of its own; so is ozone's. L is
 * the length over which the air upwind is alike, with sources in it: longer than a city. r
 * is the share of the city's air that is aloft when the mixing layer grows into it.
 *
 *   dNO2/dt = (NO2* - NO2)/tau, NO2*: j NO2* = k (NOx - NO2*)(Ox - NO2*)
 *
 * NO, NO2 and O3 are drawn to their photostationary state as slowly (tau) as fresh exhaust
 * and ozone mix over the box, not as fast as they react (a minute). PM10 is PM2.5 and
 * coarse dust, each with a box. Ozone's source is its formation, and follows the sun.
 *
 * Indices: hourly means of the estimates (air_rating.c); NowCast for particles, plain means
 * of 8 h for O3 and CO, the hour for SO2 and NO2; until two hours are known, what there is.
 * A pollutant without a sensor goes to clean air with a weak source (the background_ and
 * usual_ parameters), with which no index is ever worse than good.
 *
 * Seinfeld & Pandis (2016), Atmospheric Chemistry and Physics, 19 and 25.1; air_physics.c,
 * air_index.c. Deposition velocities: Hauglustaine et al. (1994), J. Geophys. Res. 99,
 * 1173, and for particles Seinfeld & Pandis, 19. Valid for means over kilometres and
 * minutes to hours; not for the plume of one source, nor the course of one street. */
#include "twind/air_index.h"
#include "twind/air_physics.h"
#include "twind/air_rating.h"
#include "twind/kind.h"
#include "twind/psychro.h"

#define DAY 86400.0
#define HOUR 3600.0
#define TURN (2 * 3.14159265358979323846)

/* The boxes, in the order of every table below. */
enum species { FINE, COARSE, NO, NO2, O3, SO2, CO, SPECIES };

/* The sources: NO and NO2 share one. */
enum source { OF_FINE, OF_COARSE, OF_NOX, OF_O3, OF_SO2, OF_CO, SOURCES };

enum param {
    UTC_OFFSET,
    LATITUDE,
    CLEARNESS,
    FETCH,
    WIND_MIN,
    RESIDUAL_LAYER,
    STAGNATION_TIME,
    SOURCE_TIME,
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

enum memory { LAYER, HOURS, MEMORY = HOURS + AIR_RATING_ROOM };

static const double layer_time = 1800; /* s */

static const struct {
    double deposition; /* m/s */
    double molar_mass; /* g/mol; 0: no gas */
} boxes[SPECIES] = {
    [FINE] = {0.001, 0},      [COARSE] = {0.005, 0},  [NO] = {0.00016, 30.006},
    [NO2] = {0.001, 46.0055}, [O3] = {0.004, 47.998}, [SO2] = {0.004, 64.064},
    [CO] = {0.0003, 28.010},
};

static const enum species rated_gas[AIR_RATED] = {
    [AIR_RATED_O3] = O3, [AIR_RATED_CO] = CO, [AIR_RATED_SO2] = SO2, [AIR_RATED_NO2] = NO2};

/* Weather */

static double sun(const struct kind_point *at)
{
    double measured = at->u[SOLAR_IRRADIANCE];
    if (!isnan(measured))
        return measured;
    double east = 15 * at->p[UTC_OFFSET];
    return at->p[CLEARNESS] * air_clear_sky(at->time, at->p[LATITUDE], east);
}

static double wind(const struct kind_point *at)
{
    return fmax(at->u[WIND_SPEED], at->p[WIND_MIN]);
}

static double layer(const struct kind_point *at, double irradiance)
{
    double measured = at->u[MIXING_HEIGHT];
    return isnan(measured) ? air_mixing_height(irradiance, wind(at)) : measured;
}

/* 1/s at which the air of the box is exchanged. The layer that is kept in memory follows
 * the present one in half an hour, so that an hourly height is no step. No faster than once
 * in 400 s: beyond, the box is its background anyway, and Runge-Kutta stays stable. */
static double exchange(const struct kind_point *at, double height)
{
    double kept = at->m[LAYER];
    double grown = kept > 0 ? fmax(height - kept, 0) / (kept * layer_time) : 0;
    double rate = wind(at) / at->p[FETCH] + (1 - at->p[RESIDUAL_LAYER]) * grown;
    return fmin(rate, 1.0 / 400);
}

static double humidity(const struct kind_point *at)
{
    double measured = at->u[RELATIVE_HUMIDITY], dew = at->u[DEW_POINT];
    if (!isnan(measured))
        return measured;
    if (isnan(dew))
        return 60;
    double share = psychro_saturation(dew) / psychro_saturation(at->u[OUTDOOR_TEMPERATURE]);
    return fmin(100 * share, 100);
}

/* Sources */

/* What traffic and the wind's direction make of the sources of combustion. */
static double activity(const struct kind_point *at)
{
    const double *p = at->p;
    double traffic = at->u[TRAFFIC], factor = 1, most = 10;
    if (!isnan(traffic))
        factor += p[TRAFFIC_SHARE] * (traffic / p[TRAFFIC_USUAL] - 1);
    if (p[SECTOR_SHARE] > 0)
        factor *= 1 + p[SECTOR_SHARE] *
                          cos(TURN / 360 * (at->u[WIND_DIRECTION] - p[SECTOR_BEARING]));
    return fmin(factor, most);
}

/* ug/(m2 s) into each box. */
static void sources(const struct kind_point *at, double irradiance, double *e)
{
    const double bright = 300; /* W/m2 at which ozone forms as its row says */
    const double *E = at->x + SOURCE;
    double busy = activity(at), primary = at->p[PRIMARY_NO2];
    double nox = E[OF_NOX] * busy; /* as NO2 */
    e[FINE] = E[OF_FINE] * busy;
    e[COARSE] = E[OF_COARSE];
    e[NO] = nox * (1 - primary) * (boxes[NO].molar_mass / boxes[NO2].molar_mass);
    e[NO2] = nox * primary;
    e[O3] = E[OF_O3] * irradiance / bright;
    e[SO2] = E[OF_SO2];
    e[CO] = E[OF_CO] * busy;
}

/* Derivatives */

static double micromoles(const double *x, enum species gas)
{
    return fmax(x[BOX + gas], 0) / boxes[gas].molar_mass;
}

static void add_chemistry(const struct kind_point *at, double irradiance, double *dx)
{
    double no2 = micromoles(at->x, NO2),
           kelvin = at->u[OUTDOOR_TEMPERATURE] + PSYCHRO_KELVIN;
    double balance = air_balanced_no2(micromoles(at->x, NO), no2, micromoles(at->x, O3),
                                      irradiance, kelvin);
    double rate = (balance - no2) / (60 * at->p[MIXING_TIME]);
    dx[BOX + NO] -= boxes[NO].molar_mass * rate;
    dx[BOX + NO2] += boxes[NO2].molar_mass * rate;
    dx[BOX + O3] -= boxes[O3].molar_mass * rate;
}

static void derive_unknowns(const struct kind_point *at, double *dx)
{
    dx[STAGNATION] = -at->x[STAGNATION] / (60 * at->p[STAGNATION_TIME]);
    dx[DAILY_COS] = dx[DAILY_SIN] = dx[OZONE_COS] = dx[OZONE_SIN] = 0;
    for (size_t i = 0; i < SOURCES; i++)
        dx[SOURCE + i] =
            (at->p[USUAL + i] - at->x[SOURCE + i]) / (HOUR * at->p[SOURCE_TIME]);
}

static void derive(const struct kind_point *at, double *dx)
{
    const double *x = at->x;
    double irradiance = sun(at), height = layer(at, irradiance), e[SPECIES];
    double turned = TURN * (at->time / DAY - floor(at->time / DAY));
    double c = cos(turned), s = sin(turned);
    double w = (x[STAGNATION] + x[DAILY_COS] * c + x[DAILY_SIN] * s) / HOUR;
    double net = exchange(at, height) - w;
    sources(at, irradiance, e);
    for (size_t i = 0; i < SPECIES; i++)
        dx[BOX + i] = (e[i] - boxes[i].deposition * x[BOX + i]) / height +
                      net * (at->p[BACKGROUND + i] - x[BOX + i]);
    dx[BOX + O3] += (x[OZONE_COS] * c + x[OZONE_SIN] * s) / HOUR;
    add_chemistry(at, irradiance, dx);
    derive_unknowns(at, dx);
}

/* Outputs */

static double pm10(const struct kind_point *at)
{
    return at->x[BOX + FINE] + at->x[BOX + COARSE];
}

static struct air_rating rate(const struct kind_point *at)
{
    struct air_rating r = {.time = at->time, .most = at->p[AQI_MAX], .room = at->m + HOURS};
    r.now[AIR_RATED_PM2_5] = at->x[BOX + FINE];
    r.now[AIR_RATED_PM10] = pm10(at);
    r.ug_per_ppb[AIR_RATED_PM2_5] = r.ug_per_ppb[AIR_RATED_PM10] = 1;
    double any_gas = psychro_ug_per_ppb(1, at->u[OUTDOOR_TEMPERATURE], at->u[PRESSURE]);
    for (size_t i = AIR_RATED_O3; i < AIR_RATED; i++) {
        r.ug_per_ppb[i] = boxes[rated_gas[i]].molar_mass * any_gas;
        r.now[i] = at->x[BOX + rated_gas[i]] / r.ug_per_ppb[i];
    }
    return r;
}

static double index_output(const struct kind_point *at, size_t output)
{
    struct air_rating r = rate(at);
    if (output >= AQI_OF)
        return air_rating_aqi(&r, (enum air_rated)(output - AQI_OF));
    if (output == EAQI)
        return air_rating_eaqi(&r);
    enum air_rated dominant = AIR_RATED_PM2_5;
    double worst = air_rating_worst(&r, &dominant);
    if (output == AQI)
        return worst;
    return output == CATEGORY ? air_index_category(worst) : (int)dominant + 1;
}

static double emission(const struct kind_point *at, size_t output)
{
    double e[SPECIES];
    sources(at, sun(at), e);
    if (output == EMISSION + COARSE)
        return e[FINE] + e[COARSE];
    return e[output - EMISSION];
}

static double observe(const struct kind_point *at, size_t output)
{
    if (output >= AQI && output < EMISSION)
        return index_output(at, output);
    if (output >= EMISSION && output < VENTILATION)
        return emission(at, output);
    switch (output) {
    case COARSE: /* in its place, PM10 */
        return pm10(at);
    case PM2_5_RAW:
        return air_index_purpleair_inverse(at->x[BOX + FINE], humidity(at));
    case VENTILATION:
        return wind(at) * layer(at, sun(at));
    default:
        return at->x[BOX + output];
    }
}

static size_t reads(size_t output)
{
    bool own_box = output < SPECIES && output != COARSE;
    return own_box ? BOX + output + 1 : 0;
}

/* Memory */

static void accumulate(const struct kind_point *at, double dt, double *m)
{
    struct air_rating r = rate(at);
    air_rating_add(&r, dt, m + HOURS);
    double height = layer(at, sun(at)), kept = m[LAYER] > 0 ? m[LAYER] : height;
    m[LAYER] = kept + (height - kept) * fmin(dt / layer_time, 1);
}

static void start(const struct kind_point *at, double *x, double *m)
{
    (void)m;
    for (size_t i = 0; i < SPECIES; i++)
        x[BOX + i] = at->p[BACKGROUND + i];
    for (size_t i = 0; i < SOURCES; i++)
        x[SOURCE + i] = at->p[USUAL + i];
}

#define UG "ug/m3"
#define FLUX "ug/(m2.s)"

static const struct kind_row params[] = {
    [UTC_OFFSET] = {"utc_offset", "h",
                    "Standard time ahead of UTC, for the sun and the day", 0, -12, 14},
    [LATITUDE] = {"latitude", "deg", "Degrees north, for the sun where it is not measured",
                  45, -90, 90},
    [CLEARNESS] = {"clearness", "", "Share of a clear sky's sun where it is not measured",
                   0.6, 0, 1},
    [FETCH] = {"fetch", "m", "Distance upwind over which the air is polluted alike", 200e3,
               2000, 1e6, .flags = KIND_FIT},
    [WIND_MIN] = {"wind_min", "m/s", "Exchange in a calm, as a wind", 0.5, 0.1, 3},
    [RESIDUAL_LAYER] = {"residual_layer", "",
                        "Share of the city's pollution left aloft in the morning", 0.65, 0,
                        1, .flags = KIND_FIT},
    [STAGNATION_TIME] = {"stagnation_time", "min",
                         "How long an unexplained change of exchange lasts", 20, 15, 600},
    [SOURCE_TIME] = {"source_time", "h",
                     "How long a source stays away from its usual value", 150, 1, 8760,
                     .flags = KIND_FIT},
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
    [SOURCE + OF_FINE] = {"source_pm2_5", FLUX, "Source of PM2.5", 0.03, 0, 500, 0.05, 0.5,
                          0, 0, 0},
    [SOURCE + OF_COARSE] = {"source_coarse", FLUX, "Source of PM10 less PM2.5", 0.02, 0,
                            500, 0.03, 0.3, 0, 0, 0},
    [SOURCE + OF_NOX] = {"source_nox", FLUX, "Source of NOx, as NO2", 0.1, 0, 500, 0.15, 1,
                         0, 0, 0},
    [SOURCE + OF_O3] = {"source_o3", FLUX, "Formation of O3 in 300 W/m2 of sun", 0, -100,
                        500, 0.1, 1, 0, 0, 0},
    [SOURCE +
        OF_SO2] = {"source_so2", FLUX, "Source of SO2", 0.02, 0, 500, 0.03, 0.5, 0, 0, 0},
    [SOURCE + OF_CO] = {"source_co", FLUX, "Source of CO", 1, 0, 5000, 2.5, 20, 0, 0, 0},
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

_Static_assert(sizeof params / sizeof *params == PARAMS, "a row for each parameter");
_Static_assert(sizeof inputs / sizeof *inputs == INPUTS, "a row for each input");
_Static_assert(sizeof states / sizeof *states == STATES, "a row for each state");
_Static_assert(sizeof outputs / sizeof *outputs == OUTPUTS, "a row for each output");
_Static_assert((int)STATES <= KIND_BLOCK_MAX, "one block");
_Static_assert((int)MEMORY <= KIND_MEMORY_MAX, "memory");

const struct kind kind_air_quality = {
    .name = "air_quality",
    .help = "City air: pollutants, their sources, air quality indices",
    .params = params,
    .n_params = PARAMS,
    .inputs = inputs,
    .n_inputs = INPUTS,
    .states = states,
    .n_states = STATES,
    .outputs = outputs,
    .n_outputs = OUTPUTS,
    .n_memory = MEMORY,
    .max_step = 600,
    .min_step = 10,
    .derive = derive,
    .observe = observe,
    .start = start,
    .accumulate = accumulate,
    .reads = reads,
};
