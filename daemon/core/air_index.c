/* US AQI (2024), NowCast, European Air Quality Index (2024), PurpleAir correction.
 *
 *   I = (I_hi - I_lo) / (C_hi - C_lo) (C - C_lo) + I_lo, C truncated, I rounded
 *   NowCast = sum w^i C_i / sum w^i, w = max(C_min / C_max, 1/2)
 *
 * US EPA (2024), Technical Assistance Document for the Reporting of Daily Air Quality,
 * EPA-454/B-24-002, table 6. ETC HE Report 2024/17, table 5.2. Barkjohn, Gantt & Clements
 * (2021), Atmos. Meas. Tech. 14, 4617: Plantower sensors up to 250 ug/m3, North America;
 * the parts above are those of the AirNow Fire and Smoke Map. */
#include "twind/air_index.h"

#include <math.h>

enum { BANDS = 6 };

/* Upper bounds in units of the truncation: 35.4 ug/m3 at 0.1 is 354. 0: not defined. */
struct scale {
    const char *pollutant;
    double per_unit;
    int upper[BANDS];
    int lowest; /* concentration where the scale begins */
    double eaqi[BANDS - 1];
};

static const struct scale scales[AIR_INDEX_SCALES] = {
    [AIR_INDEX_PM2_5] =
        {"pm2_5", 10, {90, 354, 554, 1254, 2254, 3254}, 0, {5, 15, 50, 90, 140}},
    [AIR_INDEX_PM10] =
        {"pm10", 1, {54, 154, 254, 354, 424, 604}, 0, {15, 45, 120, 195, 270}},
    [AIR_INDEX_O3] = {"o3", 1000, {54, 70, 85, 105, 200, 0}, 0, {60, 100, 120, 160, 180}},
    [AIR_INDEX_O3_1H] =
        {"o3", 1000, {0, 124, 164, 204, 404, 604}, 125, {60, 100, 120, 160, 180}},
    [AIR_INDEX_CO] = {"co", 10, {44, 94, 124, 154, 304, 504}, 0, {0}},
    [AIR_INDEX_SO2] = {"so2", 1, {35, 75, 185, 304, 604, 1004}, 0, {20, 40, 125, 190, 275}},
    [AIR_INDEX_NO2] =
        {"no2", 1, {53, 100, 360, 649, 1249, 2049}, 0, {10, 25, 60, 100, 150}},
};

static const double index_upper[BANDS] = {50, 100, 150, 200, 300, 500};

double air_index_aqi(enum air_index_scale scale, double concentration)
{
    const struct scale *s = &scales[scale];
    /* A decimal such as 0.07 is a little less than itself in binary. */
    double c = floor(fmax(concentration, 0) * s->per_unit + 1e-6);
    if (isnan(concentration) || c < s->lowest)
        return NAN;
    size_t band = 0;
    while (band < BANDS - 1 && c > s->upper[band])
        band++;
    if (s->upper[band] == 0)
        return NAN;
    double low = band == 0 ? 0 : s->upper[band - 1] + 1;
    double index_low = band == 0 ? 0 : index_upper[band - 1] + 1;
    double slope = (index_upper[band] - index_low) / (s->upper[band] - low);
    return floor(slope * (c - low) + index_low + 0.5);
}

double air_index_ozone(double mean_8h, double mean_1h)
{
    const double table_ends = 300;
    double eight = air_index_aqi(AIR_INDEX_O3, mean_8h);
    if (isnan(eight) && !isnan(mean_8h))
        eight = table_ends;
    return fmax(eight, air_index_aqi(AIR_INDEX_O3_1H, mean_1h));
}

double air_index_so2(double mean_1h, double mean_24h)
{
    double hour = air_index_aqi(AIR_INDEX_SO2, mean_1h);
    if (!(hour > 200))
        return hour;
    return fmax(200, air_index_aqi(AIR_INDEX_SO2, mean_24h));
}

double air_index_nowcast(const double *hours, size_t n)
{
    size_t used = n < AIR_INDEX_NOWCAST_HOURS ? n : AIR_INDEX_NOWCAST_HOURS;
    double least = INFINITY, most = 0, recent = 0;
    for (size_t i = 0; i < used; i++) {
        if (isnan(hours[i]))
            continue;
        least = fmin(least, hours[i]);
        most = fmax(most, hours[i]);
        recent += i < 3;
    }
    if (recent < 2)
        return NAN;
    double w = most > 0 ? fmax(least / most, 0.5) : 1;
    double weight = 1, sum = 0, weights = 0;
    for (size_t i = 0; i < used; i++, weight *= w) {
        if (isnan(hours[i]))
            continue;
        sum += weight * hours[i];
        weights += weight;
    }
    return sum / weights;
}

int air_index_eaqi(enum air_index_scale scale, double concentration)
{
    const double *upper = scales[scale].eaqi;
    if (upper[0] <= 0 || isnan(concentration))
        return 0;
    int band = 1;
    while (band < BANDS && concentration > upper[band - 1])
        band++;
    return band;
}

int air_index_category(double aqi)
{
    if (isnan(aqi))
        return 0;
    int category = 1;
    while (category < AIR_INDEX_CATEGORIES && aqi > index_upper[category - 1])
        category++;
    return category;
}

const char *air_index_category_name(int category)
{
    static const char *const names[AIR_INDEX_CATEGORIES] = {
        "Good",      "Moderate",       "Unhealthy for Sensitive Groups",
        "Unhealthy", "Very Unhealthy", "Hazardous",
    };
    if (category < 1 || category > AIR_INDEX_CATEGORIES)
        return "Unknown";
    return names[category - 1];
}

const char *air_index_pollutant(enum air_index_scale scale)
{
    return scales[scale].pollutant;
}

/* Who is hurt first differs by pollutant, what helps differs little. */
static const char *const advice_particles[AIR_INDEX_CATEGORIES] = {
    "Air quality is good: a fine time to be active outside.",
    "Unusually sensitive people: consider shorter or lighter outdoor activity, and watch "
    "for coughing or shortness of breath.",
    "People with heart or lung disease, older adults, children and teenagers: reduce long "
    "or heavy outdoor exertion and take more breaks.",
    "Sensitive groups: avoid long or heavy outdoor exertion; move it indoors or to another "
    "day. Everyone else: reduce it.",
    "Sensitive groups: avoid all physical activity outdoors. Everyone else: avoid long or "
    "heavy exertion; keep windows closed.",
    "Everyone: avoid all physical activity outdoors. Sensitive groups: stay indoors, keep "
    "activity low and filter the air where possible.",
};

static const char *const advice_ozone[AIR_INDEX_CATEGORIES] = {
    "Air quality is good: a fine time to be active outside.",
    "Unusually sensitive people: consider shorter outdoor activity in the afternoon, and "
    "watch for coughing or shortness of breath.",
    "People with lung disease such as asthma, children, older adults and outdoor workers: "
    "reduce long or heavy outdoor exertion; be active in the morning instead.",
    "Sensitive groups: avoid long or heavy outdoor exertion. Everyone else: reduce it, and "
    "schedule it for the morning, when ozone is lower.",
    "Sensitive groups: avoid all physical activity outdoors. Everyone else: avoid long or "
    "heavy exertion outdoors in the afternoon.",
    "Everyone: avoid all physical activity outdoors until ozone has fallen.",
};

static const char *const advice_co[AIR_INDEX_CATEGORIES] = {
    "Air quality is good: a fine time to be active outside.",
    "Carbon monoxide is acceptable; no precaution is needed.",
    "People with heart disease such as angina: reduce exertion and avoid heavy traffic.",
    "People with heart disease: limit exertion and avoid sources of carbon monoxide such "
    "as heavy traffic.",
    "People with heart disease: avoid exertion and sources of carbon monoxide.",
    "People with heart disease: avoid exertion and sources of carbon monoxide. Everyone "
    "else: limit heavy exertion.",
};

static const char *const advice_irritants[AIR_INDEX_CATEGORIES] = {
    "Air quality is good: a fine time to be active outside.",
    "Unusually sensitive people: consider limiting long exertion near the source, such as "
    "busy roads or industry.",
    "People with asthma, children and older adults: limit outdoor exertion, above all near "
    "busy roads or industry.",
    "People with asthma, children and older adults: avoid long outdoor exertion. Everyone "
    "else: limit it.",
    "People with asthma, children and older adults: avoid all outdoor exertion. Everyone "
    "else: limit outdoor exertion.",
    "Children, people with asthma and older adults: stay indoors. Everyone else: avoid "
    "outdoor exertion.",
};

const char *air_index_advice(int category, enum air_index_scale dominant)
{
    static const char *const *const by_scale[AIR_INDEX_SCALES] = {
        [AIR_INDEX_PM2_5] = advice_particles, [AIR_INDEX_PM10] = advice_particles,
        [AIR_INDEX_O3] = advice_ozone,        [AIR_INDEX_O3_1H] = advice_ozone,
        [AIR_INDEX_CO] = advice_co,           [AIR_INDEX_SO2] = advice_irritants,
        [AIR_INDEX_NO2] = advice_irritants,
    };
    if (category < 1 || category > AIR_INDEX_CATEGORIES)
        return "No index can be given for this hour.";
    return by_scale[dominant][category - 1];
}

/* Where the two-part correction changes over, ug/m3 as read. */
#define PURPLEAIR_CHANGE 343.0

double air_index_purpleair(double reading, double humidity)
{
    double pm = reading <= PURPLEAIR_CHANGE
                    ? 0.52 * reading - 0.086 * humidity + 5.75
                    : 0.46 * reading + 3.93e-4 * reading * reading + 2.97;
    return fmax(pm, 0);
}

double air_index_purpleair_smoke(double x, double humidity)
{
    double wet = 0.0862 * humidity, f = fmin(fmax(x / 20 - 1.5, 0), 1);
    if (x < 210)
        return fmax((0.786 * f + 0.524 * (1 - f)) * x - wet + 5.75, 0);
    double g = fmin(x / 50 - 4.2, 1);
    return (0.69 * g + 0.786 * (1 - g)) * x + (5.75 - wet) * (1 - g) + 2.966 * g +
           8.84e-4 * x * x * g;
}

double air_index_purpleair_inverse(double pm2_5, double humidity)
{
    double reading = fmax((pm2_5 + 0.086 * humidity - 5.75) / 0.52, 0);
    if (reading <= PURPLEAIR_CHANGE)
        return reading;
    double root = sqrt(0.46 * 0.46 + 4 * 3.93e-4 * fmax(pm2_5 - 2.97, 0));
    return fmax((root - 0.46) / (2 * 3.93e-4), PURPLEAIR_CHANGE);
}
