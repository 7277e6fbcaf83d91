#include "twind/forecast_block.h"

#include "twind/mem.h"

#include <string.h>

static const double shares[FORECAST_ANCHORS] = {1 / 24.0, 0.125, 0.25, 0.5, 0.75, 1};

static double in_raster(double seconds)
{
    return FORECAST_RASTER * fmax(round(seconds / FORECAST_RASTER), 1);
}

double forecast_lead(const struct plan *plan, size_t anchor)
{
    return in_raster(shares[anchor] * plan->forecast.horizon);
}

double forecast_issue(const struct plan *plan)
{
    return in_raster(plan->forecast.horizon / 24);
}

size_t forecast_window(const struct plan *plan)
{
    return 2 * (size_t)ceil(plan->forecast.horizon / FORECAST_RASTER) + 1;
}

/* ---- courses ---- */

static bool is_input(const struct plan *plan, size_t sensor)
{
    return plan->sensors[sensor].signal < plan->kind->n_inputs;
}

bool forecast_has_course(const struct plan *plan, size_t sensor)
{
    const struct kind_row *row = plan_row(plan->kind, plan->sensors[sensor].signal);
    return !(row->flags & (KIND_CUMULATIVE | KIND_DAILY)) && strcmp(row->unit, "deg") != 0;
}

size_t forecast_others(const struct plan *plan, bool inputs)
{
    size_t n = 0, most = inputs ? COURSE_INPUTS_MOST : COURSE_OUTPUTS_MOST;
    for (size_t i = 0; i < plan->n_sensors; i++)
        n += is_input(plan, i) == inputs && forecast_has_course(plan, i);
    return n < most ? n : most;
}

static size_t features(const struct plan *plan, size_t sensor)
{
    if (is_input(plan, sensor))
        return COURSE_OWN;
    return COURSE_OTHERS + forecast_others(plan, false) + 2 * forecast_others(plan, true);
}

static double issues_ahead(const struct plan *plan, size_t anchor)
{
    return forecast_lead(plan, anchor) / forecast_issue(plan);
}

static size_t slots(const struct plan *plan, size_t anchor)
{
    return (size_t)ceil(issues_ahead(plan, anchor));
}

static size_t courses_floats(const struct plan *plan)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->n_sensors; i++)
        for (size_t a = 0; forecast_has_course(plan, i) && a < FORECAST_ANCHORS; a++)
            n += course_floats(features(plan, i), slots(plan, a));
    return n;
}

void forecast_courses(const struct twin *twin, struct course (*to)[FORECAST_ANCHORS])
{
    const struct plan *plan = twin->plan;
    float *at = forecast_block(twin).courses;
    for (size_t i = 0; i < plan->n_sensors; i++) {
        if (!forecast_has_course(plan, i))
            continue;
        size_t n = features(plan, i);
        for (size_t a = 0; a < FORECAST_ANCHORS; a++) {
            to[i][a] = course_at(at, n, slots(plan, a), issues_ahead(plan, a));
            at += course_floats(n, slots(plan, a));
        }
    }
}

/* ---- the block ---- */

static size_t in_doubles(size_t bytes)
{
    return (bytes + sizeof(double) - 1) / sizeof(double) * sizeof(double);
}

static size_t signals_size(const struct plan *plan)
{
    return in_doubles(plan->n_sensors * sizeof(struct forecast_signal));
}

static size_t windows_size(const struct plan *plan)
{
    return in_doubles(plan->forecast.n_given * forecast_window(plan) * sizeof(float));
}

size_t forecast_size(const struct plan *plan)
{
    const struct plan_forecast *forecast = &plan->forecast;
    if (!(forecast->every > 0))
        return 0;
    return sizeof(struct forecast_head) + signals_size(plan) +
           forecast->n_given * sizeof(struct forecast_given) + windows_size(plan) +
           in_doubles(courses_floats(plan) * sizeof(float));
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
    at += windows_size(plan);
    block.courses = (void *)at;
    return block;
}

void forecast_forget_day(struct twin *twin)
{
    struct forecast_block block = forecast_block(twin);
    struct course courses[FORECAST_SENSORS][FORECAST_ANCHORS];
    forecast_courses(twin, courses);
    for (size_t i = 0; i < twin->plan->n_sensors; i++) {
        for (size_t k = 0; k < SIGNAL_SLOTS; k++)
            block.signals[i].ring[k] = NAN;
        for (size_t a = 0; forecast_has_course(twin->plan, i) && a < FORECAST_ANCHORS; a++)
            course_forget(&courses[i][a]);
    }
    for (size_t i = 0; i < twin->plan->forecast.n_given; i++)
        block.given[i].n = 0;
}

void forecast_heed_params(struct twin *twin)
{
    const struct plan *plan = twin->plan;
    struct forecast_head *head = forecast_block(twin).head;
    struct course courses[FORECAST_SENSORS][FORECAST_ANCHORS];
    uint64_t hash = mem_hash(plan->params, plan->kind->n_params * sizeof *plan->params);
    double now = 1 + (double)(hash >> 16), before = head->params;
    head->params = now;
    if (before == 0 || before == now)
        return;
    forecast_courses(twin, courses);
    for (size_t i = 0; i < plan->n_sensors; i++)
        for (size_t a = 0; forecast_has_course(plan, i) && a < FORECAST_ANCHORS; a++)
            if (plan->sensors[i].signal >= plan->kind->n_inputs)
                course_doubt(&courses[i][a]);
}
