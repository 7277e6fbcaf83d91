/* A forecast: the twin's copy runs ahead under the inputs that are expected, what it
 * usually gets wrong is added, and the standard deviation is told from how wrong it was. */
#include "twind/forecast.h"

#include "twind/filter.h"
#include "twind/forecast_view.h"
#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

enum { SPREADS = 12 }; /* moments of a forecast at which the covariances follow */

struct forecast_work {
    struct twin_scratch *scratch;
    struct forecast_view view;
    char *copy; /* of the twin's block */
    size_t copy_room;
};

struct forecast *forecast_new(const struct kind *kind, size_t n)
{
    struct forecast *forecast = mem_new(1, sizeof *forecast);
    forecast->kind = kind;
    forecast->n = n;
    forecast->mean = mem_new(n * kind->n_outputs, sizeof *forecast->mean);
    forecast->sd = mem_new(n * kind->n_outputs, sizeof *forecast->sd);
    forecast->inputs = mem_new(n * kind->n_inputs, sizeof *forecast->inputs);
    return forecast;
}

void forecast_free(struct forecast *forecast)
{
    if (!forecast)
        return;
    free(forecast->mean);
    free(forecast->sd);
    free(forecast->inputs);
    free(forecast);
}

struct forecast_work *forecast_work_new(void)
{
    struct forecast_work *work = mem_new(1, sizeof *work);
    work->scratch = twin_scratch_new();
    return work;
}

void forecast_work_free(struct forecast_work *work)
{
    if (!work)
        return;
    free(work->scratch);
    free(work->copy);
    free(work);
}

/* ---- the model's part ---- */

/* A run of the copy. The covariances stand still (`spread` is ahead of the copy) but at the
 * moments that they are asked for. */
struct run {
    struct forecast_work *work;
    const struct forecast_request *request;
    struct twin copy;
    double spread; /* the moment that the covariances are of */
    bool changed;  /* with the request's changes */
};

static void begin_run(struct run *run, const struct twin *twin)
{
    struct forecast_work *work = run->work;
    size_t size = twin->plan->at_forecast;
    work->copy = mem_grow(work->copy, &work->copy_room, size, 1);
    memcpy(work->copy, twin->block, size);
    run->copy = *twin;
    run->copy.block = work->copy;
    work->scratch->copy.twin = NULL;
    twin_advance(&run->copy, run->request->made, work->scratch);
    run->spread = twin_head(&run->copy)->spread;
    twin_head(&run->copy)->spread = INFINITY;
}

static void follow(struct run *run)
{
    twin_head(&run->copy)->spread = run->spread;
    filter_follow(&run->copy, run->work->scratch);
    run->spread = twin_head(&run->copy)->spread;
    twin_head(&run->copy)->spread = INFINITY;
}

static double input_at(const struct run *run, size_t input, double time)
{
    const struct forecast_request *request = run->request;
    for (size_t i = run->changed ? request->n_changes : 0; i-- > 0;) {
        const struct forecast_change *c = &request->changes[i];
        if (c->input == input && time >= c->from && time < c->to)
            return c->value;
    }
    return forecast_expect(&run->work->view, input, time);
}

static void set_inputs(struct run *run, double time)
{
    for (size_t i = 0; i < run->copy.plan->kind->n_inputs; i++)
        twin_set_input(&run->copy, i, input_at(run, i, time));
}

/* One step of the forecast in pieces of at most the raster; inputs of a piece are those of
 * its middle, at the end those of that moment. */
static void run_step(struct run *run, size_t k)
{
    const struct forecast_request *request = run->request;
    double pieces = ceil(request->step / FORECAST_RASTER), h = request->step / pieces;
    double from = request->made + (double)k * request->step;
    for (double i = 1; i <= pieces; i++) {
        set_inputs(run, from + (i - 0.5) * h);
        twin_advance(&run->copy, from + i * h, run->work->scratch);
    }
    set_inputs(run, request->made + (double)(k + 1) * request->step);
}

static void take_means(struct run *run, size_t k, struct forecast *to)
{
    const struct kind *kind = to->kind;
    for (size_t o = 0; o < kind->n_outputs; o++)
        to->mean[o * to->n + k] = twin_estimate(&run->copy, o, NULL, run->work->scratch);
    for (size_t i = 0; i < kind->n_inputs; i++)
        to->inputs[i * to->n + k] = twin_u(&run->copy)[i];
}

/* The standard deviations at step k; between it and `last` linear. */
static void take_spreads(struct run *run, size_t k, size_t last, struct forecast *to)
{
    follow(run);
    for (size_t o = 0; o < to->kind->n_outputs; o++) {
        double *sd = to->sd + o * to->n, first = last < k ? sd[last] : 0;
        twin_estimate(&run->copy, o, &sd[k], run->work->scratch);
        for (size_t i = last + 1; last < k && i < k; i++)
            sd[i] = first + (sd[k] - first) * (double)(i - last) / (double)(k - last);
    }
}

static void run_model(struct run *run, const struct twin *twin, bool spreads,
                      struct forecast *to)
{
    size_t every = (to->n + SPREADS - 1) / SPREADS, last = 0;
    begin_run(run, twin);
    for (size_t k = 0; k < to->n; k++) {
        run_step(run, k);
        take_means(run, k, to);
        if (!spreads || (k > 0 && k + 1 < to->n && k - last < every))
            continue;
        take_spreads(run, k, last, to);
        last = k;
    }
}

static void make(struct forecast_work *work, const struct twin *twin,
                 const struct forecast_request *request, bool spreads, struct forecast *to)
{
    struct run run = {.work = work, .request = request, .changed = request->n_changes > 0};
    to->made = request->made;
    to->step = request->step;
    to->n = request->n;
    forecast_view(&work->view, twin, request->made, work->scratch);
    work->view.known = request->known;
    work->view.context = request->context;
    run_model(&run, twin, spreads, to);
}

void forecast_make(struct forecast_work *work, const struct twin *twin,
                   const struct forecast_request *request, struct forecast *to)
{
    make(work, twin, request, true, to);
}

void forecast_model(struct forecast_work *work, const struct twin *twin,
                    const struct forecast_request *request, struct forecast *to)
{
    make(work, twin, request, false, to);
}

void forecast_learn(struct forecast_work *work, struct twin *twin, double time,
                    forecast_known *known, void *context)
{
    struct forecast_view *view = &work->view;
    (void)known, (void)context;
    forecast_view(view, twin, time, work->scratch);
    if (!view->block.head)
        return;
    double number = time / FORECAST_RASTER, newest = view->block.head->newest;
    for (size_t i = 0; i < twin->plan->n_sensors; i++)
        forecast_signal_see(&view->block.signals[i], number, newest, view->now[i],
                            3600 * twin->plan->utc_offset);
    view->block.head->newest = number;
}

bool forecast_skill(const struct twin *twin, size_t output, double lead,
                    struct forecast_skill *skill)
{
    (void)twin, (void)output, (void)lead, (void)skill;
    return false;
}
