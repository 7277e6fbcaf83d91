#include "twind/whatif.h"

#include "twind/config_node.h"
#include "twind/times.h"
#include "twind/totals.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { DIGITS = 6 };

/* ---- numbers of a pair ---- */

double whatif_total(const struct whatif *w, const struct forecast *of, size_t output)
{
    const struct question *q = w->question;
    const struct totals_series series = {.values = of->mean + output * of->n,
                                         .n = of->n,
                                         .start = w->start[output],
                                         .made = q->made,
                                         .step = q->step,
                                         .zone = q->zone};
    return totals_of(&of->kind->outputs[output], &series);
}

struct difference {
    double mean, min, max, end;
};

static struct difference difference(const struct whatif *w, size_t output)
{
    size_t n = w->base->n;
    struct difference d = {0, INFINITY, -INFINITY, NAN};
    for (size_t i = output * n; i < (output + 1) * n; i++) {
        d.end = w->changed->mean[i] - w->base->mean[i];
        d.mean += d.end / (double)n;
        d.min = fmin(d.min, d.end);
        d.max = fmax(d.max, d.end);
    }
    return d;
}

/* ---- the answer ---- */

static void put_name(struct text *to, size_t i, const char *name)
{
    text_put(to, "%s\"%s\":", i > 0 ? "," : "", name);
}

static void put_series(struct text *to, const char *key, const struct forecast *forecast,
                       const double *values)
{
    text_put(to, ",\"%s\":{", key);
    for (size_t i = 0; i < forecast->kind->n_outputs; i++) {
        put_name(to, i, forecast->kind->outputs[i].name);
        for (size_t k = 0; k < forecast->n; k++) {
            text_put(to, k > 0 ? "," : "[");
            text_number(to, values[i * forecast->n + k], DIGITS);
        }
        text_put(to, "]");
    }
    text_put(to, "}");
}

static void put_differences(struct text *to, const struct whatif *w)
{
    text_put(to, ",\"difference\":{");
    for (size_t i = 0; i < w->base->kind->n_outputs; i++) {
        const struct difference d = difference(w, i);
        const double numbers[] = {d.mean, d.min, d.max, d.end};
        static const char *const names[] = {
            "{\"mean\":", ",\"min\":", ",\"max\":", ",\"end\":"};
        put_name(to, i, w->base->kind->outputs[i].name);
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
            text_put(to, "%s", names[k]);
            text_number(to, numbers[k], DIGITS);
        }
        text_put(to, "}");
    }
    text_put(to, "}");
}

static void put_three(struct text *to, double base, double changed)
{
    text_put(to, "{\"base\":");
    text_number(to, base, DIGITS);
    text_put(to, ",\"whatif\":");
    text_number(to, changed, DIGITS);
    text_put(to, ",\"difference\":");
    text_number(to, changed - base, DIGITS);
    text_put(to, "}");
}

void whatif_put_three(struct text *to, const char *name, double base, double changed)
{
    text_put(to, ",\"%s\":", name);
    put_three(to, base, changed);
}

static void put_totals(struct text *to, const struct whatif *w)
{
    const struct kind *kind = w->base->kind;
    size_t n = 0, energy = totals_energy(kind), cost = totals_cost(kind);
    text_put(to, ",\"totals\":{");
    for (size_t i = 0; i < kind->n_outputs; i++) {
        if (!totals_counts(&kind->outputs[i]))
            continue;
        put_name(to, n++, kind->outputs[i].name);
        put_three(to, whatif_total(w, w->base, i), whatif_total(w, w->changed, i));
    }
    text_put(to, "}");
    if (energy != SIZE_MAX)
        whatif_put_three(to, "energy_kwh", whatif_total(w, w->base, energy),
                         whatif_total(w, w->changed, energy));
    if (cost != SIZE_MAX)
        whatif_put_three(to, "cost", whatif_total(w, w->base, cost),
                         whatif_total(w, w->changed, cost));
}

static void put_now(struct text *to, const struct whatif *w)
{
    const struct kind *kind = w->base->kind;
    text_put(to, ",\"units\":{");
    for (size_t i = 0; i < kind->n_outputs; i++) {
        put_name(to, i, kind->outputs[i].name);
        text_quoted(to, kind->outputs[i].unit);
    }
    text_put(to, "},\"now\":{");
    for (size_t i = 0; i < kind->n_outputs; i++) {
        put_name(to, i, kind->outputs[i].name);
        text_number(to, w->start[i], DIGITS);
    }
    text_put(to, "}");
}

void whatif_put_pair(struct text *to, const struct whatif *w)
{
    put_now(to, w);
    put_series(to, "values", w->changed, w->changed->mean);
    put_series(to, "sd", w->changed, w->changed->sd);
    put_series(to, "base", w->base, w->base->mean);
    put_differences(to, w);
    put_totals(to, w);
}

static void put_ok(struct text *to, bool ok, const char *id)
{
    text_put(to, "{\"ok\":%s", ok ? "true" : "false");
    if (!id)
        return;
    text_put(to, ",\"id\":");
    text_quoted(to, id);
}

void whatif_put_head(struct text *to, const struct question *q)
{
    char time[TIME_TEXT];
    put_ok(to, true, q->id);
    text_put(to, ",\"twin\":");
    text_quoted(to, q->twin->id);
    text_put(to,
             ",\"kind\":\"%s\",\"time\":\"%s\",\"horizon_s\":", q->twin->plan->kind->name,
             times_format(q->made, time));
    text_number(to, q->horizon, DIGITS);
    text_put(to, ",\"step_s\":");
    text_number(to, q->step, DIGITS);
}

void whatif_refuse(struct text *to, const char *id, const struct err *e)
{
    put_ok(to, false, id);
    text_put(to, ",\"error\":");
    text_quoted(to, e->text);
    text_put(to, "}");
}

/* ---- the question ---- */

void whatif_start(const struct twin *twin, double *start)
{
    struct twin_scratch *scratch = twin_scratch_new();
    for (size_t i = 0; i < twin->plan->kind->n_outputs; i++)
        start[i] = twin_estimate(twin, i, NULL, scratch);
    free(scratch);
}

static void put_answer(struct text *to, const struct whatif *w)
{
    whatif_put_head(to, w->question);
    text_put(to, ",\"set\":");
    if (w->question->set)
        config_node_put(to, w->question->set);
    else
        text_put(to, "{}");
    whatif_put_pair(to, w);
    text_put(to, "}");
}

void whatif_add(const struct forecast *base, const struct forecast *model,
                struct forecast *changed)
{
    for (size_t i = 0; i < base->kind->n_outputs * base->n; i++) {
        const struct kind_row *row = &base->kind->outputs[i / base->n];
        double value = base->mean[i] + (changed->mean[i] - model->mean[i]);
        changed->mean[i] =
            row->min < row->max ? fmin(fmax(value, row->min), row->max) : value;
        changed->sd[i] = base->sd[i];
    }
}

static void look_ahead(const struct question *q, struct text *answer)
{
    const struct kind *kind = q->twin->plan->kind;
    const struct forecast_request plain = question_request(q, 0),
                                  released = question_request(q, q->n_released),
                                  all = question_request(q, q->n_changes);
    struct forecast_work *work = forecast_work_new();
    struct forecast *base = forecast_new(kind, q->n), *model = forecast_new(kind, q->n),
                    *changed = forecast_new(kind, q->n);
    double start[KIND_ROWS_MAX];
    whatif_start(q->twin, start);
    forecast_make(work, q->twin, &plain, base);
    forecast_model(work, q->twin, &released, model);
    forecast_model(work, q->twin, &all, changed);
    whatif_add(base, model, changed);
    put_answer(answer, &(struct whatif){q, start, base, changed});
    forecast_free(base);
    forecast_free(model);
    forecast_free(changed);
    forecast_work_free(work);
}

bool whatif_answer(const struct twin *twin, double now, const char *payload, size_t length,
                   struct text *answer)
{
    static const char *const no_more[] = {NULL};
    struct json *json = json_new();
    struct question q = {.id = NULL};
    struct err e;
    const struct cJSON *root = question_parse(json, payload, length, &e);
    bool ok = root && question_read(&q, twin, now, root, no_more, &e);
    if (ok) {
        question_release(&q);
        look_ahead(&q, answer);
    } else {
        whatif_refuse(answer, q.id, &e);
    }
    question_clear(&q);
    json_free(json);
    return ok;
}
