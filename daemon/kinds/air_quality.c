/* The air over a city: a well-mixed box per pollutant, kept true by its stations.
 *
 *   dC/dt = E/H + a (C_u - C) - w (C_b - C) - (v_d/H) C
 *   a = u/L + (1 - r) (dH/dt)+/H
 *   w = stagnation + daily_cos cos(2 pi t/day) + daily_sin sin(2 pi t/day)
 *   C_u = C_b + upwind_share (mean C of some days - C_b),  C_b: clean air
 *   E = S rose(wind direction),  dS/dt = dS_u/dt + (S_u(hour) - S)/source_time
 *
 * What nobody measures is estimated: the source S of each pollutant, which goes back to
 * what is usual at its hour, on weekdays or weekends (S_u, learned: air_profile.c; traffic
 * within hours, the others within days), times what the wind's direction makes of it
 * (learned: air_rose.c); and w, by which the air is exchanged more slowly than wind and
 * mixing height say. w is the same for all pollutants, so that a reading of one tells of
 * all, and it acts in proportion to C, as weather does: episodes are larger, not likelier,
 * to err. Its daily course is learned, for every street has hours of its own; so is
 * ozone's. L is the length over which the air upwind is alike, with sources in it: a city
 * and its surroundings; what is beyond has, in part, what was here in the last days. r is
 * the share of the city's air that is aloft when the mixing layer grows into it.
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
#include "air_quality_rows.h"

#include "twind/air_index.h"
#include "twind/air_physics.h"
#include "twind/psychro.h"

#define DAY 86400.0
#define HOUR 3600.0
#define TURN (2 * 3.14159265358979323846)

static const double layer_time = 1800, upwind_time = 5 * DAY; /* s */
static const double nox_lasts = 1.0 / 6; /* of source_time: traffic changes by the hour */

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

/* What traffic and a known source at one bearing make of the sources of combustion. */
static double activity(const struct kind_point *at)
{
    const double *p = at->p;
    double traffic = at->u[TRAFFIC], factor = 1;
    if (!isnan(traffic))
        factor += p[TRAFFIC_SHARE] * (traffic / p[TRAFFIC_USUAL] - 1);
    if (p[SECTOR_SHARE] > 0)
        factor *= 1 + p[SECTOR_SHARE] *
                          cos(TURN / 360 * (at->u[WIND_DIRECTION] - p[SECTOR_BEARING]));
    return factor;
}

/* What is usual at this hour; ug/(m2 s). */
static double usual(const struct kind_point *at, size_t source,
                    const struct air_moment *moment)
{
    return at->p[USUAL + source] + air_profile_value(at->m + PROFILE, source, moment);
}

/* A source times what is told and learned of it; ug/(m2 s). */
static double source(const struct kind_point *at, enum source i, double factor)
{
    const double most = 10;
    double learned = air_rose_factor(at->m + ROSE, i, at->u[WIND_DIRECTION]);
    return at->x[SOURCE + i] * fmin(factor * learned, most);
}

/* ug/(m2 s) into each box. */
static void sources(const struct kind_point *at, double irradiance, double *e)
{
    const double bright = 300; /* W/m2 at which ozone forms as its row says */
    double busy = activity(at), primary = at->p[PRIMARY_NO2];
    double nox = source(at, OF_NOX, busy); /* as NO2 */
    e[FINE] = source(at, OF_FINE, busy);
    e[COARSE] = source(at, OF_COARSE, 1);
    e[NO] = nox * (1 - primary) * (boxes[NO].molar_mass / boxes[NO2].molar_mass);
    e[NO2] = nox * primary;
    e[O3] = source(at, OF_O3, irradiance / bright);
    e[SO2] = source(at, OF_SO2, 1);
    e[CO] = source(at, OF_CO, busy);
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

/* A source follows the course of its day, and goes back to it from where it is. */
static void derive_sources(const struct kind_point *at, double *dx)
{
    struct air_moment moment = air_profile_moment(at->time, at->p[UTC_OFFSET]);
    for (size_t i = 0; i < SOURCES; i++) {
        double lasts = HOUR * at->p[SOURCE_TIME] * (i == OF_NOX ? nox_lasts : 1);
        dx[SOURCE + i] = air_profile_slope(at->m + PROFILE, i, &moment) +
                         (usual(at, i, &moment) - at->x[SOURCE + i]) / lasts;
    }
}

static void derive_unknowns(const struct kind_point *at, double *dx)
{
    dx[STAGNATION] = -at->x[STAGNATION] / (60 * at->p[STAGNATION_TIME]);
    dx[DAILY_COS] = dx[DAILY_SIN] = dx[OZONE_COS] = dx[OZONE_SIN] = 0;
    derive_sources(at, dx);
}

/* ug/m3 of the air that blows in. */
static double upwind(const struct kind_point *at, size_t i)
{
    return at->p[BACKGROUND + i] + at->p[UPWIND_SHARE] * at->m[UPWIND + i];
}

static void derive(const struct kind_point *at, double *dx)
{
    const double *x = at->x;
    double irradiance = sun(at), height = layer(at, irradiance), e[SPECIES];
    double turned = TURN * (at->time / DAY - floor(at->time / DAY));
    double c = cos(turned), s = sin(turned);
    double w = (x[STAGNATION] + x[DAILY_COS] * c + x[DAILY_SIN] * s) / HOUR;
    double renewed = exchange(at, height);
    sources(at, irradiance, e);
    for (size_t i = 0; i < SPECIES; i++)
        dx[BOX + i] = (e[i] - boxes[i].deposition * x[BOX + i]) / height +
                      renewed * (upwind(at, i) - x[BOX + i]) -
                      w * (at->p[BACKGROUND + i] - x[BOX + i]);
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

/* What the sources were beyond what is expected of them: of the hour, and of the wind. */
static void learn_sources(const struct kind_point *at, double dt, double *m)
{
    double more[SOURCES], share[SOURCES], days = at->p[HABIT_DAYS];
    struct air_moment moment = air_profile_moment(at->time, at->p[UTC_OFFSET]);
    for (size_t i = 0; i < SOURCES; i++) {
        double expected = usual(at, i, &moment);
        more[i] = at->x[SOURCE + i] - expected;
        share[i] = expected > 0 ? more[i] / expected : 0;
    }
    air_rose_learn(m + ROSE, SOURCES, at->u[WIND_DIRECTION], dt, days, share);
    air_profile_learn(m + PROFILE, SOURCES, &moment, dt, days, more);
}

static void accumulate(const struct kind_point *at, double dt, double *m)
{
    struct air_rating r = rate(at);
    air_rating_add(&r, dt, m + HOURS);
    learn_sources(at, dt, m);
    for (size_t i = 0; i < SPECIES; i++) {
        double more = at->x[BOX + i] - at->p[BACKGROUND + i];
        m[UPWIND + i] += (more - m[UPWIND + i]) * fmin(dt / upwind_time, 1);
    }
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
    .faults = faults,
    .n_faults = sizeof faults / sizeof *faults,
};
