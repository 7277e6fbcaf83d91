#include "twind/history_forecast.h"

#include <sqlite3.h>

#include <math.h>
#include <stdio.h>

enum {
    ELEMENT = 24, /* characters of the longest element, with its comma */
    DIGITS = 7,
    SD_DIGITS = 4,
};
static const double MS = 1000, NOTHING = 1e-100;

struct packing {
    double scale, sd_scale;
    int64_t base, m;
};

struct extent {
    double most, least; /* of the sizes that are not 0; least INFINITY: there is none */
};

static void extend(struct extent *extent, double value)
{
    double size = fabs(value);
    if (!isfinite(size) || !(size > NOTHING))
        return;
    extent->most = fmax(extent->most, size);
    extent->least = fmin(extent->least, size);
}

static double place_of(double value)
{
    return floor(log10(value));
}

/* As many steps of 1 as there are of 10^place. */
static double scale_of(double place)
{
    return pow(10, -place);
}

static int64_t steps(double value, double scale)
{
    return (int64_t)llround(value * scale);
}

static void choose(const struct history_forecast *f, struct packing *p)
{
    struct extent mean = {0, (double)INFINITY}, sd = mean;
    for (size_t i = 0; i < f->n; i++) {
        extend(&mean, f->mean[i]);
        extend(&sd, f->sd[i]);
    }
    double place = mean.most > 0 ? place_of(mean.most) - DIGITS + 1 : -DIGITS;
    if (sd.most > 0)
        place = fmax(place, place_of(sd.least) - 2);
    double fine = isfinite(sd.least) ? place_of(sd.least) - 1 : 0;
    p->scale = scale_of(place);
    p->sd_scale =
        scale_of(sd.most > 0 ? fmax(fine, place_of(sd.most) - SD_DIGITS + 1) : fine);
    p->base = INT64_MAX;
    p->m = 1;
    for (size_t i = 0; i < f->n; i++) {
        if (isfinite(f->mean[i]) && steps(f->mean[i], p->scale) < p->base)
            p->base = steps(f->mean[i], p->scale);
        if (isfinite(f->sd[i]) && steps(f->sd[i], p->sd_scale) + 2 > p->m)
            p->m = steps(f->sd[i], p->sd_scale) + 2;
    }
    p->base = p->base == INT64_MAX ? 0 : p->base;
}

/* The list into `to`, which has room for n elements; its length. */
static size_t put_list(const struct history_forecast *f, const struct packing *p, char *to)
{
    size_t used = 0;
    for (size_t i = 0; i < f->n; i++) {
        int64_t sd = isfinite(f->sd[i]) ? 1 + steps(f->sd[i], p->sd_scale) : 0;
        to[used] = i ? ',' : '[';
        if (isfinite(f->mean[i]))
            used += (size_t)snprintf(
                to + used + 1, ELEMENT - 1, "%lld",
                (long long)((steps(f->mean[i], p->scale) - p->base) * p->m + sd));
        else
            used += (size_t)snprintf(to + used + 1, ELEMENT - 1, "null");
        used++;
    }
    to[used++] = ']';
    return used;
}

bool history_forecast_add(struct history_db *db, uint32_t series,
                          const struct history_forecast *forecast)
{
    char list[HISTORY_FORECAST_STEPS * ELEMENT];
    struct packing p;
    struct sqlite3_stmt *s = history_db_use(db, SQL_ADD_FORECAST);
    if (!s)
        return false;
    choose(forecast, &p);
    size_t length = put_list(forecast, &p, list);
    sqlite3_bind_int64(s, 1, series);
    sqlite3_bind_int64(s, 2, (int64_t)llround(forecast->made * MS));
    sqlite3_bind_int64(s, 3, (int64_t)llround(forecast->step * MS));
    sqlite3_bind_int64(s, 4, p.base);
    sqlite3_bind_double(s, 5, p.scale);
    sqlite3_bind_int64(s, 6, p.m);
    sqlite3_bind_double(s, 7, p.sd_scale);
    sqlite3_bind_text(s, 8, list, (int)length, SQLITE_STATIC);
    return history_db_run(db, s);
}
