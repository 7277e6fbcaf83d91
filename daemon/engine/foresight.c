#include "twind/foresight.h"

#include "twind/forecast_block.h"

#include <math.h>

static const double learn_most = 3600; /* s of a gap that are learned from */

/* The last multiple of `grid` before `time`. */
static double last_before(double time, double grid)
{
    return (ceil(time / grid) - 1) * grid;
}

static struct forecast *room_for(struct foresight *f, const struct kind *kind, size_t n)
{
    if (!f->forecast || f->kind != kind || f->room < n) {
        forecast_free(f->forecast);
        f->forecast = forecast_new(kind, n);
        f->kind = kind;
        f->room = n;
    }
    return f->forecast;
}

static void make(struct foresight *f, struct twin *twin, double time)
{
    const struct plan_forecast *plan = &twin->plan->forecast;
    size_t n = (size_t)fmax(floor(plan->horizon / plan->step + 1e-9), 1);
    const struct forecast_request request = {
        .made = time,
        .step = plan->step,
        .n = n,
        .known = f->sink->known,
        .context = f->sink->context,
    };
    struct forecast *forecast = room_for(f, twin->plan->kind, n);
    forecast_make(f->work, twin, &request, forecast);
    forecast_block(twin).head->made = time;
    if (f->sink->forecast)
        f->sink->forecast(f->sink->context, twin, forecast);
    judge_forecast(f->judge, twin, forecast);
}

static void learn(struct foresight *f, struct twin *twin, double until)
{
    struct forecast_head *head = forecast_block(twin).head;
    double first = fmax(head->learned + FORECAST_RASTER, until - learn_most);
    double number = ceil(fmax(first, twin_head(twin)->born) / FORECAST_RASTER);
    for (; number * FORECAST_RASTER <= until; number++) {
        head->learned = number * FORECAST_RASTER;
        forecast_learn(f->work, twin, head->learned, f->sink->known, f->sink->context);
    }
}

void foresight_keep(struct foresight *f, struct twin *twin, double time)
{
    double every = twin->plan->forecast.every, born = twin_head(twin)->born;
    if (!(every > 0) || !(twin_head(twin)->time > 0))
        return;
    struct forecast_head *head = forecast_block(twin).head;
    double due = last_before(time, every);
    bool is_due = due > head->made && due >= born;
    if (!is_due && time <= head->learned + FORECAST_RASTER)
        return;
    if (!f->work)
        f->work = forecast_work_new();
    if (is_due) {
        learn(f, twin, due);
        make(f, twin, due);
    }
    learn(f, twin, last_before(time, FORECAST_RASTER));
}

void foresight_free(struct foresight *f)
{
    forecast_free(f->forecast);
    forecast_work_free(f->work);
}

void foresight_shift(struct twin *twin, double by, double below)
{
    struct forecast_head *head = forecast_block(twin).head;
    if (!head || !(head->learned < below))
        return;
    head->learned += by;
    head->made += by;
    forecast_forget_day(twin);
}
