/* The search runs over the model alone, which is what differs between schedules:
 *
 *   mean(schedule) = plain forecast + model(schedule) - model(plain)
 *
 * Limits are judged with the plain forecast's standard deviations. The answer is an
 * ordinary what-if of the schedule that was found. */
#include "advice_parts.h"

#include "twind/mem.h"
#include "twind/totals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EVALUATIONS = 2000 };

/* ---- the cost of a schedule ---- */

double advice_aim(const struct advice *a, const struct forecast *of)
{
    const struct whatif pair = {.question = &a->question, .start = a->start};
    if (totals_counts(&a->kind->outputs[a->aim]))
        return a->sense * whatif_total(&pair, of, a->aim);
    double sum = 0;
    for (size_t k = 0; k < of->n; k++)
        sum += of->mean[a->aim * of->n + k];
    return a->sense * sum / (double)of->n;
}

double advice_breach(const struct advice *a, const struct forecast *of)
{
    double sum = 0;
    for (size_t i = 0; i < a->n_limits; i++)
        sum += limit_judge(&a->limits[i], of, a->base->sd, a->z, a->question.zone).breach;
    return sum;
}

void advice_try(struct advice *a, const double *values)
{
    const struct forecast_request request =
        question_request(&a->question, a->question.n_changes);
    for (size_t i = 0; i < a->n_blocks; i++)
        a->question.changes[a->n_assumed + i].value = values[i];
    forecast_model(a->work, &a->twin, &request, a->trial);
    whatif_add(a->base, a->model, a->trial);
}

static struct optimise_cost cost_of(void *context, const double *values)
{
    struct advice *a = context;
    advice_try(a, values);
    return (struct optimise_cost){advice_aim(a, a->trial), advice_breach(a, a->trial)};
}

/* ---- the beginning ---- */

static void copy_twin(struct advice *a, const struct twin *twin)
{
    a->twin = *twin;
    plan_hold((struct plan *)twin->plan);
    a->twin.id = mem_text(twin->id);
    a->twin.block = mem_new(twin->plan->block_size, 1);
    memcpy(a->twin.block, twin->block, twin->plan->block_size);
    a->kind = twin->plan->kind;
}

/* What is expected of the input in the middle of each block. */
static void expect_plain(const struct advice *a, double *plain)
{
    const struct question *q = &a->question;
    for (size_t i = 0; i < a->n_blocks; i++) {
        double middle = (a->edges[i] + a->edges[i + 1]) / 2;
        size_t k = (size_t)((middle - q->made) / q->step);
        plain[i] = a->base->inputs[a->input * q->n + (k < q->n ? k : q->n - 1)];
    }
}

/* The plain forecast, with what the question assumes besides. */
static void look_ahead(struct advice *a)
{
    struct question *q = &a->question;
    for (size_t i = 0; i < a->n_blocks; i++)
        question_add(q, a->input, a->edges[i], a->edges[i + 1], 0);
    question_release(q);
    a->n_assumed = q->n_changes - a->n_blocks;
    const struct forecast_request plain = question_request(q, 0),
                                  released = question_request(q, q->n_released),
                                  assumed = question_request(q, a->n_assumed);
    a->work = forecast_work_new();
    a->base = forecast_new(a->kind, q->n);
    a->model = forecast_new(a->kind, q->n);
    a->trial = forecast_new(a->kind, q->n);
    whatif_start(&a->twin, a->start);
    forecast_make(a->work, &a->twin, &plain, a->base);
    forecast_model(a->work, &a->twin, &released, a->model);
    forecast_model(a->work, &a->twin, &assumed, a->trial);
    for (size_t i = 0; i < a->kind->n_outputs * q->n; i++)
        a->base->mean[i] += a->trial->mean[i] - a->model->mean[i];
    memcpy(a->model->mean, a->trial->mean,
           a->kind->n_outputs * q->n * sizeof *a->model->mean);
}

static void begin_search(struct advice *a)
{
    double plain[OPTIMISE_BLOCKS];
    look_ahead(a);
    expect_plain(a, plain);
    const struct optimise_task task = {.n = a->n_blocks,
                                       .levels = a->levels,
                                       .n_levels = a->n_levels,
                                       .plain = plain,
                                       .most = EVALUATIONS};
    optimise_begin(&a->search, &task);
}

struct advice *advice_new(const struct twin *twin, double now, const char *payload,
                          size_t length, struct text *answer)
{
    static const char *const keys[] = {"over",  "minimise", "maximise",    "keep", "levels",
                                       "range", "block",    "probability", NULL};
    struct advice *a = mem_new(1, sizeof *a);
    struct err e;
    a->json = json_new();
    copy_twin(a, twin);
    const struct cJSON *root = question_parse(a->json, payload, length, &e);
    if (root && question_read(&a->question, &a->twin, now, root, keys, &e) &&
        advice_read(a, root, &e)) {
        begin_search(a);
        return a;
    }
    whatif_refuse(answer, a->question.id, &e);
    advice_free(a);
    return NULL;
}

void advice_free(struct advice *a)
{
    if (!a)
        return;
    forecast_free(a->base);
    forecast_free(a->model);
    forecast_free(a->trial);
    forecast_work_free(a->work);
    question_clear(&a->question);
    json_free(a->json);
    plan_drop((struct plan *)a->twin.plan);
    free((char *)a->twin.id);
    free(a->twin.block);
    free(a);
}

/* ---- the search and its end ---- */

/* A schedule that does no better than what is expected anyway is none. */
static bool is_better(struct advice *a, const double *values)
{
    struct optimise_cost base = {advice_aim(a, a->base), advice_breach(a, a->base)},
                         best = cost_of(a, values);
    double before = base.aim + a->search.weight * base.breach,
           after = best.aim + a->search.weight * best.breach;
    return after < before - 1e-6 * fabs(before) || (isnan(before) && !isnan(after));
}

static void note_schedule(struct advice *a)
{
    double *values = a->values;
    optimise_best(&a->search, values);
    a->worthwhile = is_better(a, values);
    for (size_t i = 0; a->worthwhile && i < a->n_blocks; i++)
        if (i == 0 || values[i] > values[i - 1] || values[i] < values[i - 1])
            a->items[a->n_items++] = (struct advice_item){a->edges[i], values[i]};
}

bool advice_step(struct advice *a)
{
    if (optimise_step(&a->search, cost_of, a))
        return true;
    if (a->n_items == 0)
        note_schedule(a);
    return false;
}

const char *advice_input(const struct advice *a)
{
    return a->kind->inputs[a->input].name;
}

const struct advice_item *advice_schedule(const struct advice *a, size_t *n)
{
    *n = a->n_items;
    return a->items;
}

const char *advice_twin(const struct advice *a)
{
    return a->twin.id;
}
