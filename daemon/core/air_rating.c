/* The indices of a place: which mean of which pollutant counts (US EPA 2024, EPA-454/
 * B-24-002; ETC HE Report 2024/17). Ozone's NowCast (a regression on past days) is replaced
 * by its plain mean of 8 hours. */
#include "twind/air_rating.h"
#include "twind/air_index.h"

#include <math.h>

static const enum air_index_scale scales[AIR_RATED] = {
    [AIR_RATED_PM2_5] = AIR_INDEX_PM2_5, [AIR_RATED_PM10] = AIR_INDEX_PM10,
    [AIR_RATED_O3] = AIR_INDEX_O3,       [AIR_RATED_CO] = AIR_INDEX_CO,
    [AIR_RATED_SO2] = AIR_INDEX_SO2,     [AIR_RATED_NO2] = AIR_INDEX_NO2,
};

void air_rating_add(const struct air_rating *r, double seconds, double *room)
{
    air_hours_add(room, AIR_RATED, r->time, seconds, r->now);
}

static double hour(const struct air_rating *r, enum air_rated i, size_t back)
{
    return air_hours_mean(r->room, AIR_RATED, i, r->time, back);
}

static double latest(const struct air_rating *r, enum air_rated i)
{
    double mean = hour(r, i, 0);
    return isnan(mean) ? r->now[i] : mean;
}

static double average(const struct air_rating *r, enum air_rated i, size_t hours)
{
    double mean = air_hours_average(r->room, AIR_RATED, i, r->time, hours);
    return isnan(mean) ? r->now[i] : mean;
}

static double nowcast(const struct air_rating *r, enum air_rated i)
{
    double hours[AIR_INDEX_NOWCAST_HOURS];
    for (size_t back = 0; back < AIR_INDEX_NOWCAST_HOURS; back++)
        hours[back] = hour(r, i, back);
    double mean = air_index_nowcast(hours, AIR_INDEX_NOWCAST_HOURS);
    return isnan(mean) ? latest(r, i) : mean;
}

/* The day's mean is only asked for where it counts. */
static double so2(const struct air_rating *r)
{
    double hour_now = latest(r, AIR_RATED_SO2);
    if (air_index_aqi(AIR_INDEX_SO2, hour_now) <= 200)
        return air_index_aqi(AIR_INDEX_SO2, hour_now);
    return air_index_so2(hour_now, average(r, AIR_RATED_SO2, 24));
}

static double open_ended(const struct air_rating *r, enum air_rated i)
{
    const double ppm = 1e-3; /* per ppb */
    switch (i) {
    case AIR_RATED_O3:
        return air_index_ozone(ppm * average(r, i, 8), ppm * latest(r, i));
    case AIR_RATED_CO:
        return air_index_aqi(AIR_INDEX_CO, ppm * average(r, i, 8));
    case AIR_RATED_SO2:
        return so2(r);
    case AIR_RATED_NO2:
        return air_index_aqi(AIR_INDEX_NO2, latest(r, i));
    default:
        return air_index_aqi(scales[i], nowcast(r, i));
    }
}

double air_rating_aqi(const struct air_rating *r, enum air_rated pollutant)
{
    return fmin(open_ended(r, pollutant), r->most);
}

double air_rating_worst(const struct air_rating *r, enum air_rated *dominant)
{
    double most = -1;
    for (enum air_rated i = 0; i < AIR_RATED; i++) {
        double index = air_rating_aqi(r, i);
        if (!(index > most))
            continue;
        most = index;
        *dominant = i;
    }
    return most;
}

int air_rating_eaqi(const struct air_rating *r)
{
    int worst = 1;
    for (enum air_rated i = 0; i < AIR_RATED; i++) {
        int band = air_index_eaqi(scales[i], r->ug_per_ppb[i] * latest(r, i));
        worst = band > worst ? band : worst;
    }
    return worst;
}
