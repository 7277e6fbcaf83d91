#include "twind/forecast_block.h"

static const double shares[FORECAST_ANCHORS] = {1 / 24.0, 0.125, 0.25, 0.5, 0.75, 1};

double forecast_lead(const struct plan *plan, size_t anchor)
{
    double steps = round(shares[anchor] * plan->forecast.horizon / FORECAST_RASTER);
    return FORECAST_RASTER * fmax(steps, 1);
}

size_t forecast_window(const struct plan *plan)
{
    return 2 * (size_t)ceil(plan->forecast.horizon / FORECAST_RASTER) + 1;
}

static size_t in_doubles(size_t bytes)
{
    return (bytes + sizeof(double) - 1) / sizeof(double) * sizeof(double);
}

static size_t signals_size(const struct plan *plan)
{
    return in_doubles(plan->n_sensors * sizeof(struct forecast_signal));
}

size_t forecast_size(const struct plan *plan)
{
    const struct plan_forecast *forecast = &plan->forecast;
    if (!(forecast->every > 0))
        return 0;
    return sizeof(struct forecast_head) + signals_size(plan) +
           forecast->n_given * sizeof(struct forecast_given) +
           in_doubles(forecast->n_given * forecast_window(plan) * sizeof(float));
}

struct forecast_block forecast_block(const struct twin *twin)
{
    const struct plan *plan = twin->plan;
    struct forecast_block block = {.head = NULL};
    if (!(plan->forecast.every > 0))
        return block;
    char *at = twin->block + plan->at_forecast;
    block.head = (void *)at;
    at += sizeof *block.head;
    block.signals = (void *)at;
    at += signals_size(plan);
    block.given = (void *)at;
    at += plan->forecast.n_given * sizeof *block.given;
    block.windows = (void *)at;
    return block;
}

void forecast_forget_day(struct twin *twin)
{
    struct forecast_block block = forecast_block(twin);
    for (size_t i = 0; i < twin->plan->n_sensors; i++)
        for (size_t k = 0; k < SIGNAL_SLOTS; k++)
            block.signals[i].ring[k] = NAN;
    for (size_t i = 0; i < twin->plan->forecast.n_given; i++)
        block.given[i].n = 0;
}
