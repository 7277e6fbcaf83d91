#include "twind/forecast_run.h"

#include "twind/filter.h"
#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

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
    free(work->view.coefficients);
    free(work->copy);
    free(work->path);
    for (size_t i = 0; i < 3; i++)
        free(work->room[i]);
    free(work);
}

/* While the covariances seem to be of the future, they do not follow. */
static void hold_covariances(struct forecast_run *run)
{
    run->spread = twin_head(&run->copy)->spread;
    twin_head(&run->copy)->spread = INFINITY;
}

void forecast_run_begin(struct forecast_run *run, const struct twin *twin)
{
    struct forecast_work *work = run->work;
    size_t size = twin->plan->at_forecast;
    work->copy = mem_grow(work->copy, &work->copy_room, size, 1);
    memcpy(work->copy, twin->block, size);
    run->copy = *twin;
    run->copy.block = work->copy;
    work->scratch->copy.twin = NULL;
    twin_advance(&run->copy, run->request->made, work->scratch);
    hold_covariances(run);
}

void forecast_run_follow(struct forecast_run *run)
{
    twin_head(&run->copy)->spread = run->spread;
    filter_follow(&run->copy, run->work->scratch);
    hold_covariances(run);
}

static bool moves(const struct forecast_change *changes, size_t n, size_t input)
{
    for (size_t i = 0; i < n; i++)
        if (changes[i].input == input)
            return true;
    return false;
}

bool forecast_releases(const struct kind *kind, const struct forecast_change *changes,
                       size_t n, size_t input)
{
    if (moves(changes, n, input))
        return false;
    for (size_t i = 0; i < kind->n_inputs; i++) {
        bool tied = kind->inputs[i].follows == input + 1 || /* 0: none */
                    kind->inputs[input].follows == i + 1;
        if (tied && moves(changes, n, i))
            return true;
    }
    return false;
}

static double input_at(const struct forecast_run *run, size_t input, double time)
{
    const struct forecast_request *request = run->request;
    for (size_t i = run->changed ? request->n_changes : 0; i-- > 0;) {
        const struct forecast_change *c = &request->changes[i];
        if (c->input == input && time >= c->from && time < c->to)
            return c->value;
    }
    if (run->released && forecast_releases(run->copy.plan->kind, request->changes,
                                           request->n_changes, input))
        return NAN;
    return forecast_expect(&run->work->view, input, time);
}

static void set_inputs(struct forecast_run *run, double time)
{
    for (size_t i = 0; i < run->copy.plan->kind->n_inputs; i++)
        twin_set_input(&run->copy, i, input_at(run, i, time));
}

/* In pieces of at most the raster, with the inputs of their middles. */
void forecast_run_to(struct forecast_run *run, double time)
{
    double from = twin_head(&run->copy)->time, gap = time - from;
    double pieces = ceil(gap / FORECAST_RASTER - 1e-9), h = gap / pieces;
    for (double i = 1; i <= pieces; i++) {
        set_inputs(run, from + (i - 0.5) * h);
        twin_advance(&run->copy, i < pieces ? from + i * h : time, run->work->scratch);
    }
    set_inputs(run, time);
}

double forecast_run_output(struct forecast_run *run, size_t output, double *sd)
{
    return twin_estimate(&run->copy, output, sd, run->work->scratch);
}

void forecast_run_keep(struct forecast_run *run, size_t k, size_t n)
{
    struct forecast_work *work = run->work;
    size_t size = run->copy.plan->at_sensors;
    work->path = mem_grow(work->path, &work->path_room, n * size, 1);
    memcpy(work->path + k * size, work->copy, size);
}

void forecast_run_recall(struct forecast_run *run, size_t k)
{
    size_t size = run->copy.plan->at_sensors;
    memcpy(run->work->copy, run->work->path + k * size, size);
}
