/* Inputs to come: known > given > learned > as now. Learned:
 *
 *   u(t + L) = u(t) + b_y(L) (u(t + L - 1 d) - u(t)) + b_c(L) (c(t + L) - u(t))
 *
 * with c the usual course of day and week. */
#include "twind/forecast_view.h"

#include "twind/filter.h"

static const double day = 86400, hour = 3600;
static const double settle = 6 * 3600.0; /* s in which the present is forgotten */
static const double estimate_most = 3600;

static double truth(const struct twin *twin, size_t index, double time,
                    struct twin_scratch *scratch)
{
    const struct twin_sensor *s = &twin_sensors(twin)[index];
    double recent = fmax(estimate_most, twin->plan->forecast.horizon / 24);
    if (s->quality == QUALITY_GOOD && time - s->time <= FORECAST_RASTER)
        return s->value;
    if (!(time - s->used <= recent))
        return NAN;
    return twin_signal(twin, twin->plan->sensors[index].signal, NULL, scratch);
}

void forecast_view(struct forecast_view *view, const struct twin *twin, double made,
                   struct twin_scratch *scratch)
{
    const struct plan *plan = twin->plan;
    *view =
        (struct forecast_view){.twin = twin, .block = forecast_block(twin), .made = made};
    for (size_t i = 0; i < plan->kind->n_inputs + plan->kind->n_outputs; i++)
        view->sensor[i] = PLAN_NONE;
    for (size_t i = 0; i < plan->n_sensors; i++) {
        view->sensor[plan->sensors[i].signal] = i;
        view->now[i] = truth(twin, i, made, scratch);
    }
}

static double or_nothing(double difference)
{
    return isfinite(difference) ? difference : 0;
}

double forecast_view_yesterday(const struct forecast_view *view, size_t sensor, double time)
{
    const struct forecast_block *block = &view->block;
    double ahead = time - view->made, past = time - day * fmax(ceil(ahead / day), 1);
    double then = forecast_signal_past(&block->signals[sensor], block->head->newest, past);
    return or_nothing(then - view->now[sensor]);
}

double forecast_view_usual(const struct forecast_view *view, size_t sensor, double time)
{
    double local = time + hour * view->twin->plan->utc_offset;
    double usual = forecast_signal_usual(&view->block.signals[sensor], local);
    return or_nothing(usual - view->now[sensor]);
}

static double given(const struct forecast_view *view, size_t input, double time)
{
    const struct plan *plan = view->twin->plan;
    for (size_t i = 0; i < plan->forecast.n_given; i++) {
        const struct forecast_given *g = &view->block.given[i];
        if (plan->forecast.given[i] != input)
            continue;
        const float *window = view->block.windows + i * forecast_window(plan);
        double at = time / FORECAST_RASTER - g->first, number = floor(at);
        if (!(at >= 0) || !(number + 1 < g->n))
            return at == g->n - 1 ? (double)window[(size_t)number] : (double)NAN;
        const float *w = window + (size_t)number;
        return (double)w[0] + (at - number) * (double)(w[1] - w[0]);
    }
    return NAN;
}

static double learned(const struct forecast_view *view, size_t input, double time)
{
    size_t sensor = view->sensor[input];
    double now = twin_u(view->twin)[input], ahead = time - view->made;
    if (!view->block.head || sensor == PLAN_NONE || isnan(view->now[sensor]))
        return now;
    double gone = 1 - exp(-ahead / settle);
    return view->now[sensor] + 0.5 * gone *
                                   (forecast_view_yesterday(view, sensor, time) +
                                    forecast_view_usual(view, sensor, time));
}

static double within(double value, double least, double most)
{
    return least < most ? fmin(fmax(value, least), most) : value;
}

double forecast_expect(const struct forecast_view *view, size_t input, double time)
{
    const struct kind_row *row = &view->twin->plan->kind->inputs[input];
    double value =
        view->known ? view->known(view->context, view->twin, input, time) : (double)NAN;
    if (isnan(value) && view->block.head)
        value = given(view, input, time);
    if (isnan(value))
        value = learned(view, input, time);
    return isnan(value) ? value : within(value, row->min, row->max);
}

void forecast_give(struct twin *twin, size_t input, const double *times,
                   const double *values, size_t n)
{
    const struct plan *plan = twin->plan;
    struct forecast_block block = forecast_block(twin);
    size_t which = 0, most = forecast_window(plan);
    while (which < plan->forecast.n_given && plan->forecast.given[which] != input)
        which++;
    if (!block.head || which == plan->forecast.n_given || n == 0)
        return;
    struct forecast_given *given = &block.given[which];
    float *window = block.windows + which * most;
    given->first = ceil(times[0] / FORECAST_RASTER);
    given->n = 0;
    for (size_t i = 0; (size_t)given->n < most; given->n++) {
        double time = (given->first + given->n) * FORECAST_RASTER;
        while (i + 1 < n && times[i + 1] < time)
            i++;
        if (time > times[n - 1])
            break;
        double span = i + 1 < n ? times[i + 1] - times[i] : 0;
        double share = span > 0 ? (time - times[i]) / span : 0;
        double next = i + 1 < n ? values[i + 1] : values[i];
        window[(size_t)given->n] = (float)(values[i] + share * (next - values[i]));
    }
}
