/* A forecast: the twin's copy runs ahead under the inputs that are expected; outputs with a
 * sensor are foretold from the model's path and what else is known, as was learned
 * (forecast_course.h); those without follow the model, or, where they say the same in other
 * words, the others. Their standard deviation is the model's, scaled as that of the others
 * had to be. */
#include "twind/forecast_run.h"

#include "twind/filter.h"
#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

enum { SPREADS = 12 }; /* moments of a forecast at which the covariances follow */
/* What is foretold is believed all but fully where states are put right by it. */
static const double doubt = 1e-4;

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

static double time_of(const struct forecast *to, size_t k)
{
    return to->made + (double)(k + 1) * to->step;
}

/* ---- the model's part ---- */

static void take_means(struct forecast_run *run, size_t k, struct forecast *to)
{
    const struct kind *kind = to->kind;
    for (size_t o = 0; o < kind->n_outputs; o++)
        to->mean[o * to->n + k] = forecast_run_output(run, o, NULL);
    for (size_t i = 0; i < kind->n_inputs; i++)
        to->inputs[i * to->n + k] = twin_u(&run->copy)[i];
}

/* The standard deviations at step k; between it and `last` linear. */
static void take_spreads(struct forecast_run *run, size_t k, size_t last,
                         struct forecast *to)
{
    forecast_run_follow(run);
    for (size_t o = 0; o < to->kind->n_outputs; o++) {
        double *sd = to->sd + o * to->n, first = last < k ? sd[last] : 0;
        forecast_run_output(run, o, &sd[k]);
        for (size_t i = last + 1; last < k && i < k; i++)
            sd[i] = first + (sd[k] - first) * (double)(i - last) / (double)(k - last);
    }
}

static void run_model(struct forecast_run *run, const struct twin *twin, bool plain,
                      struct forecast *to)
{
    size_t every = (to->n + SPREADS - 1) / SPREADS, last = 0;
    forecast_run_begin(run, twin);
    for (size_t k = 0; k < to->n; k++) {
        forecast_run_to(run, time_of(to, k));
        take_means(run, k, to);
        if (!plain)
            continue;
        forecast_run_keep(run, k, to->n);
        if (k > 0 && k + 1 < to->n && k - last < every)
            continue;
        take_spreads(run, k, last, to);
        last = k;
    }
}

/* ---- what was learned ---- */

static double learned_sd(const struct forecast_view *view, size_t sensor, double time,
                         double model_sd)
{
    const struct plan *plan = view->twin->plan;
    struct forecast_between at = forecast_between(view, time);
    size_t block = forecast_day_block(plan, time);
    double noise = plan->sensors[sensor].sd;
    double above = course_sd(&view->courses[sensor][at.above], block, model_sd);
    double below = at.above > 0
                       ? course_sd(&view->courses[sensor][at.above - 1], block, model_sd)
                       : noise;
    return sqrt(below * below + at.share * (above * above - below * below));
}

/* The output that is foretold by this sensor's course; PLAN_NONE. */
static size_t output_of(const struct forecast_view *view, size_t sensor)
{
    const struct plan *plan = view->twin->plan;
    size_t signal = plan->sensors[sensor].signal, n_inputs = plan->kind->n_inputs;
    bool foretold = signal >= n_inputs && forecast_can_foretell(view, sensor);
    return foretold ? signal - n_inputs : PLAN_NONE;
}

/* Foretells one output; its model's path is in to->mean. */
static void foretell(const struct forecast_work *work, size_t sensor, size_t output,
                     struct forecast *to)
{
    const struct forecast_view *view = &work->view;
    double *mean = to->mean + output * to->n, *sd = to->sd + output * to->n;
    for (size_t k = 0; k < to->n; k++) {
        float features[COURSE_FEATURES_MOST];
        double time = time_of(to, k);
        forecast_features(view, sensor, time, mean[k], to->inputs + k, to->n, features);
        double change = forecast_change(view, sensor, time, features);
        double noise = view->twin->plan->sensors[sensor].sd;
        double model_sd = isfinite(sd[k]) ? sqrt(sd[k] * sd[k] + noise * noise) : noise;
        if (isfinite(change))
            mean[k] = forecast_confine(view, sensor, view->now[sensor] + change);
        sd[k] = learned_sd(view, sensor, time, model_sd);
    }
}

/* The copy at step k, put right by what is foretold there: as if it had been measured, so
 * that states that are not read by sensors come along. */
static void put_right(struct forecast_run *run, size_t k, const struct forecast *to)
{
    const struct plan *plan = run->copy.plan;
    struct twin_scratch *scratch = run->work->scratch;
    forecast_run_recall(run, k);
    for (size_t i = 0; plan->kind->reads && i < plan->n_sensors; i++) {
        size_t output = output_of(&run->work->view, i);
        if (output == PLAN_NONE || plan->kind->reads(output) == 0)
            continue;
        double model = forecast_run_output(run, output, NULL);
        double residual = to->mean[output * to->n + k] - model;
        filter_gradient(&run->copy, output, model, scratch);
        double variance = filter_variance(&run->copy, scratch);
        if (variance > 0 && isfinite(residual))
            filter_correct(&run->copy, residual, doubt * variance, scratch);
    }
    filter_settle(&run->copy, true, scratch);
}

static void follow_the_foretold(struct forecast_run *run, size_t k, double scale,
                                struct forecast *to)
{
    const struct plan *plan = run->copy.plan;
    bool foretold[KIND_ROWS_MAX] = {false};
    for (size_t i = 0; i < plan->n_sensors; i++)
        if (output_of(&run->work->view, i) != PLAN_NONE)
            foretold[output_of(&run->work->view, i)] = true;
    put_right(run, k, to);
    for (size_t o = 0; o < to->kind->n_outputs; o++) {
        if (foretold[o])
            continue;
        bool follows = to->kind->outputs[o].flags & KIND_FOLLOWS;
        double value = follows ? forecast_run_output(run, o, NULL) : (double)NAN;
        if (isfinite(value))
            to->mean[o * to->n + k] = value;
        to->sd[o * to->n + k] *= scale;
    }
}

/* By how much the foretold outputs' standard deviations are off the model's: the geometric
 * mean. `model` holds the model's. */
static double scale_at(const struct forecast_run *run, size_t k, const double *model,
                       const struct forecast *to)
{
    double sum = 0, n = 0;
    for (size_t i = 0; i < run->copy.plan->n_sensors; i++) {
        size_t output = output_of(&run->work->view, i);
        if (output == PLAN_NONE)
            continue;
        double ratio = to->sd[output * to->n + k] / model[output * to->n + k];
        if (!(ratio > 0) || !isfinite(ratio))
            continue;
        sum += log(ratio);
        n++;
    }
    return n > 0 ? exp(sum / n) : 1;
}

static void use_what_was_learned(struct forecast_run *run, struct forecast *to)
{
    struct forecast_work *work = run->work;
    const struct plan *plan = run->copy.plan;
    size_t n = to->n * to->kind->n_outputs;
    double *model_sd = work->room[0] =
        mem_grow(work->room[0], &work->rooms[0], n, sizeof(double));
    memcpy(model_sd, to->sd, n * sizeof *model_sd);
    for (size_t i = 0; i < plan->n_sensors; i++)
        if (output_of(&run->work->view, i) != PLAN_NONE)
            foretell(work, i, output_of(&run->work->view, i), to);
    for (size_t k = 0; k < to->n; k++)
        follow_the_foretold(run, k, scale_at(run, k, model_sd, to), to);
}

/* ---- what if ---- */

static bool releases_any(const struct forecast_run *run)
{
    const struct kind *kind = run->copy.plan->kind;
    for (size_t i = 0; i < kind->n_inputs; i++)
        if (forecast_releases(kind, run->request->changes, run->request->n_changes, i))
            return true;
    return false;
}

/* The forecast's means become what they were, plus what the changes do to the model. */
static void add_difference(struct forecast_run *run, const struct twin *twin, double *plain,
                           struct forecast *to)
{
    struct forecast_work *work = run->work;
    size_t n = to->n * to->kind->n_outputs;
    double *foretold = work->room[1] =
        mem_grow(work->room[1], &work->rooms[1], n, sizeof(double));
    memcpy(foretold, to->mean, n * sizeof *foretold);
    run->released = releases_any(run);
    if (run->released) {
        run_model(run, twin, false, to);
        memcpy(plain, to->mean, n * sizeof *plain);
    }
    run->changed = true;
    run_model(run, twin, false, to);
    for (size_t i = 0; i < n; i++) {
        const struct kind_row *row = &to->kind->outputs[i / to->n];
        double value = foretold[i] + (to->mean[i] - plain[i]);
        bool ranged = row->min < row->max;
        to->mean[i] = ranged ? fmin(fmax(value, row->min), row->max) : value;
    }
}

static double *keep_plain(struct forecast_work *work, const struct forecast *to)
{
    size_t n = to->n * to->kind->n_outputs;
    double *plain = work->room[2] =
        mem_grow(work->room[2], &work->rooms[2], n, sizeof(double));
    return memcpy(plain, to->mean, n * sizeof *plain);
}

static struct forecast_run start(struct forecast_work *work, const struct twin *twin,
                                 const struct forecast_request *request,
                                 struct forecast *to)
{
    to->made = request->made;
    to->step = request->step;
    to->n = request->n;
    forecast_view(&work->view, twin, request->made, work->scratch);
    forecast_view_presume(&work->view, work->scratch);
    forecast_view_solve(&work->view);
    work->view.known = request->known;
    work->view.context = request->context;
    return (struct forecast_run){.work = work, .request = request};
}

void forecast_make(struct forecast_work *work, const struct twin *twin,
                   const struct forecast_request *request, struct forecast *to)
{
    struct forecast_run run = start(work, twin, request, to);
    run_model(&run, twin, true, to);
    double *plain = keep_plain(work, to);
    if (work->view.block.head)
        use_what_was_learned(&run, to);
    if (request->n_changes > 0)
        add_difference(&run, twin, plain, to);
}

void forecast_model(struct forecast_work *work, const struct twin *twin,
                    const struct forecast_request *request, struct forecast *to)
{
    struct forecast_run run = start(work, twin, request, to);
    run.changed = request->n_changes > 0;
    run_model(&run, twin, false, to);
}
