/* Inputs to come: known > given > learned (forecast_course.h) > as now. */
#include "twind/forecast_view.h"

#include "twind/filter.h"
#include "twind/mem.h"

#include <string.h>

static const double day = 86400, hour = 3600, pi = 3.14159265358979323846;
static const double estimate_most = 3600;

/* ---- the present ---- */

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

double *forecast_coefficients(const struct forecast_view *view, size_t sensor,
                              size_t anchor)
{
    return view->coefficients + (sensor * FORECAST_ANCHORS + anchor) * COURSE_COEFFICIENTS;
}

void forecast_view(struct forecast_view *view, const struct twin *twin, double made,
                   struct twin_scratch *scratch)
{
    const struct plan *plan = twin->plan;
    view->twin = twin;
    view->block = forecast_block(twin);
    view->made = made;
    for (size_t i = 0; i < plan->kind->n_inputs + plan->kind->n_outputs; i++)
        view->sensor[i] = PLAN_NONE;
    for (size_t i = 0; i < plan->n_sensors; i++) {
        view->sensor[plan->sensors[i].signal] = i;
        view->now[i] = truth(twin, i, made, scratch);
    }
    if (!view->block.head)
        return;
    forecast_courses(twin, view->courses);
    view->n_outputs = forecast_others(plan, false);
    view->n_inputs = forecast_others(plan, true);
}

void forecast_view_presume(struct forecast_view *view, struct twin_scratch *scratch)
{
    const struct plan *plan = view->twin->plan;
    for (size_t i = 0; i < plan->n_sensors; i++) {
        double silent = view->made - twin_sensors(view->twin)[i].used;
        double most = fmin(plan->sensors[i].timeout, plan->forecast.horizon / 4);
        bool output = plan->sensors[i].signal >= plan->kind->n_inputs;
        if (output && isnan(view->now[i]) && silent <= most)
            view->now[i] = twin_signal(view->twin, plan->sensors[i].signal, NULL, scratch);
    }
}

bool forecast_can_foretell(const struct forecast_view *view, size_t sensor)
{
    return isfinite(view->now[sensor]) && forecast_has_course(view->twin->plan, sensor);
}

void forecast_view_solve(struct forecast_view *view)
{
    const struct plan *plan = view->twin->plan;
    size_t need = plan->n_sensors * FORECAST_ANCHORS * COURSE_COEFFICIENTS;
    view->coefficients =
        mem_grow(view->coefficients, &view->room, need, sizeof *view->coefficients);
    for (size_t i = 0; view->block.head && i < plan->n_sensors; i++)
        view->day_mean[i] =
            forecast_signal_mean(&view->block.signals[i], view->block.head->newest);
    for (size_t i = 0; view->block.head && i < plan->n_sensors; i++)
        for (size_t a = 0; forecast_can_foretell(view, i) && a < FORECAST_ANCHORS; a++)
            course_solve(&view->courses[i][a], forecast_coefficients(view, i, a));
}

/* ---- features ---- */

static double local(const struct plan *plan, double time)
{
    return time + hour * plan->utc_offset;
}

size_t forecast_day_block(const struct plan *plan, double time)
{
    return (size_t)(fmod(local(plan, time), day) / (day / COURSE_BLOCKS)) % COURSE_BLOCKS;
}

static double past(const struct forecast_view *view, size_t sensor, double time)
{
    return forecast_signal_past(&view->block.signals[sensor], view->block.head->newest,
                                time);
}

void forecast_own_features(const struct forecast_view *view, size_t sensor, double time,
                           float *f)
{
    const struct plan *plan = view->twin->plan;
    double now = view->now[sensor], ahead = time - view->made;
    double again = time - day * fmax(ceil(ahead / day), 1);
    f[COURSE_YESTERDAY] = (float)(past(view, sensor, again) - now);
    f[COURSE_USUAL] =
        (float)(forecast_signal_usual(&view->block.signals[sensor], local(plan, time)) -
                now);
    f[COURSE_DAY_AGO] = (float)(past(view, sensor, view->made - day) - now);
    f[COURSE_HOUR_AGO] = (float)(past(view, sensor, view->made - hour) - now);
    f[COURSE_DAY_MEAN] = (float)(view->day_mean[sensor] - now);
    f[COURSE_LEVEL] = (float)now;
}

static double lead_of(const struct forecast_view *view, size_t anchor)
{
    return forecast_lead(view->twin->plan, anchor);
}

struct forecast_between forecast_between(const struct forecast_view *view, double time)
{
    size_t above = 0;
    double ahead = time - view->made;
    while (above + 1 < FORECAST_ANCHORS && lead_of(view, above) < ahead)
        above++;
    double from = above > 0 ? lead_of(view, above - 1) : 0, to = lead_of(view, above);
    double share = to > from ? (ahead - from) / (to - from) : 1;
    return (struct forecast_between){above, fmin(fmax(share, 0), 1)};
}

/* The model's last error that is known at this lead; NAN: none is. */
static float last_error(const struct forecast_view *view, size_t sensor, double time)
{
    struct forecast_between at = forecast_between(view, time);
    const struct course *courses = view->courses[sensor];
    const struct course_record *above = courses[at.above].record;
    if (above->n == 0)
        return NAN;
    const struct course_record *below =
        at.above > 0 ? courses[at.above - 1].record : courses[at.above].record;
    return below->error + (float)at.share * (above->error - below->error);
}

static float *clock_features(const struct plan *plan, double time, float *f)
{
    double angle = 2 * pi * local(plan, time) / day;
    *f++ = (float)sin(angle);
    *f++ = (float)cos(angle);
    *f++ = (float)sin(2 * angle);
    *f++ = (float)cos(2 * angle);
    return f;
}

void forecast_features(const struct forecast_view *view, size_t sensor, double time,
                       double model, const double *inputs, size_t stride, float *f)
{
    const struct plan *plan = view->twin->plan;
    const struct forecast_head *head = view->block.head;
    forecast_own_features(view, sensor, time, f);
    f[COURSE_MODEL] = (float)(model - view->now[sensor]);
    f[COURSE_ERROR] = last_error(view, sensor, time);
    f = clock_features(plan, time, f + COURSE_CLOCK);
    for (size_t i = 0; i < view->n_outputs; i++)
        *f++ = head->outputs[i] > 0 ? (float)view->now[head->outputs[i] - 1] : NAN;
    for (size_t i = 0; i < view->n_inputs; i++) {
        size_t heard = head->inputs[i];
        *f++ = heard > 0 ? (float)view->now[heard - 1] : NAN;
        *f++ = heard > 0 ? (float)inputs[plan->sensors[heard - 1].signal * stride] : NAN;
    }
}

static double change_at(const struct forecast_view *view, size_t sensor, size_t anchor,
                        size_t block, const float *features)
{
    return course_change(&view->courses[sensor][anchor],
                         forecast_coefficients(view, sensor, anchor), block, features);
}

/* After whole days "as it is now" and "as it was at that time of the day" are one, and what
 * is learned there cannot tell them apart. At other times of the day it is the latter that
 * is meant: the same relation, from there. Returns how far that is from the present. */
static double shift_base(const struct course *c, float *f)
{
    float shift = f[COURSE_YESTERDAY];
    if (!isfinite(shift))
        return 0;
    f[COURSE_YESTERDAY] = 0;
    f[COURSE_USUAL] -= shift;
    f[COURSE_DAY_MEAN] -= shift;
    f[COURSE_LEVEL] += shift;
    if (c->n > COURSE_OWN)
        f[COURSE_MODEL] -= shift;
    return (double)shift;
}

static double change_by(const struct forecast_view *view, size_t sensor, size_t anchor,
                        double time, const float *features)
{
    const struct course *c = &view->courses[sensor][anchor];
    size_t block = forecast_day_block(view->twin->plan, time);
    double days = lead_of(view, anchor) / day;
    float shifted[COURSE_FEATURES_MOST];
    if (days != floor(days)) // NOLINT: whole numbers
        return change_at(view, sensor, anchor, block, features);
    memcpy(shifted, features, c->n * sizeof *shifted);
    double shift = shift_base(c, shifted);
    return shift + change_at(view, sensor, anchor, block, shifted);
}

double forecast_change(const struct forecast_view *view, size_t sensor, double time,
                       const float *features)
{
    struct forecast_between at = forecast_between(view, time);
    double above = change_by(view, sensor, at.above, time, features);
    double below = at.above > 0 ? change_by(view, sensor, at.above - 1, time, features) : 0;
    return below + at.share * (above - below);
}

/* ---- inputs to come ---- */

static double within(double value, double least, double most)
{
    return least < most ? fmin(fmax(value, least), most) : value;
}

double forecast_confine(const struct forecast_view *view, size_t sensor, double value)
{
    const struct plan *plan = view->twin->plan;
    const struct forecast_signal *s = &view->block.signals[sensor];
    const struct kind_row *row = plan_row(plan->kind, plan->sensors[sensor].signal);
    return within(within(value, (double)s->least, (double)s->most), row->min, row->max);
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
    float features[COURSE_OWN];
    size_t sensor = view->sensor[input];
    double now = twin_u(view->twin)[input];
    if (!view->block.head || sensor == PLAN_NONE || !forecast_can_foretell(view, sensor))
        return now;
    forecast_own_features(view, sensor, time, features);
    double change = forecast_change(view, sensor, time, features);
    if (!isfinite(change))
        return view->now[sensor];
    return forecast_confine(view, sensor, view->now[sensor] + change);
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
