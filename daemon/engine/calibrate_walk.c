/* A filtered twin follows the record. At each anchor (calibrate_record.c) its block is
 * copied and goes on for a horizon with the inputs as recorded and no output. The gate is
 * open: what was rejected when it came is not in the record, and the error stays smooth.
 *
 * Most of the cost would be the covariances': they follow the twin when it is measured, in
 * one go from the last time, and the copies not at all, for nobody asks. */
#include "twind/calibrate_walk.h"

#include "twind/mem.h"
#include "twind/twin.h"

#include <stdlib.h>
#include <string.h>

static const double open_gate = 1e9;  /* sds: nothing is beyond, nothing is doubted */
static const double error_most = 1e3; /* sds: a prediction that goes astray is bad enough */

struct calibrate_walk {
    const struct calibrate_record *record;
    struct plan plan; /* the record's, with parameters and a gate of our own */
    struct kind kind;
    struct twin twin, open[RECORD_OPEN];
    bool is_open[RECORD_OPEN];
    struct twin_scratch *scratch;
};

static struct twin new_twin(const struct plan *plan)
{
    return (struct twin){.plan = plan, .block = mem_new(1, plan->block_size)};
}

struct calibrate_walk *calibrate_walk_new(const struct calibrate_record *record)
{
    struct calibrate_walk *walk = mem_new(1, sizeof *walk);
    walk->record = record;
    walk->plan = *record->plan;
    walk->kind = *record->plan->kind;
    walk->kind.gate = open_gate;
    walk->plan.kind = &walk->kind;
    walk->plan.integrator =
        motion_choose(&walk->kind, walk->plan.integrator, record->horizon * record_raster);
    walk->plan.params = mem_new(walk->kind.n_params + 1, sizeof(double));
    walk->plan.block_size = walk->plan.at_forecast; /* forecasts learn nothing here */
    walk->twin = new_twin(&walk->plan);
    for (size_t s = 0; s < RECORD_OPEN; s++)
        walk->open[s] = new_twin(&walk->plan);
    walk->scratch = twin_scratch_new();
    return walk;
}

void calibrate_walk_free(struct calibrate_walk *walk)
{
    if (!walk)
        return;
    for (size_t s = 0; s < RECORD_OPEN; s++)
        free(walk->open[s].block);
    free(walk->twin.block);
    free(walk->scratch);
    free(walk->plan.params);
    free(walk);
}

/* Covariances of a moment to come do not follow. */
static void advance_states(struct twin *twin, double time, struct twin_scratch *scratch)
{
    double spread = twin_head(twin)->spread;
    twin_head(twin)->spread = INFINITY;
    twin_advance(twin, time, scratch);
    twin_head(twin)->spread = spread;
}

static void open_copy(struct calibrate_walk *w, const struct record_moment *moment)
{
    memcpy(w->open[moment->slot].block, w->twin.block, w->plan.block_size);
    w->is_open[moment->slot] = true;
}

static void set_inputs(struct calibrate_walk *w, const struct record_moment *moment)
{
    for (size_t i = moment->readings; i < moment[1].readings; i++) {
        const struct calibrate_reading *r = &w->record->readings[i];
        if (record_is_output(w->record, r->sensor))
            continue;
        size_t input = w->plan.sensors[r->sensor].signal;
        twin_set_input(&w->twin, input, r->value);
        for (size_t s = 0; s < RECORD_OPEN; s++)
            if (w->is_open[s])
                twin_set_input(&w->open[s], input, r->value);
    }
}

static void score_moment(struct calibrate_walk *w, const struct record_moment *moment,
                         double *rows)
{
    for (size_t i = moment->scores; i < moment[1].scores; i++) {
        const struct record_score *score = &w->record->scores[i];
        const struct calibrate_reading *r = &w->record->readings[score->reading];
        size_t output = w->plan.sensors[r->sensor].signal - w->plan.kind->n_inputs;
        double expected = twin_estimate(&w->open[score->slot], output, NULL, w->scratch);
        double error = expected - r->value,
               most = error_most * w->plan.sensors[r->sensor].sd;
        rows[score->row] = isfinite(error) ? error : most;
    }
}

static void measure_outputs(struct calibrate_walk *w, const struct record_moment *moment)
{
    for (size_t i = moment->readings; i < moment[1].readings; i++) {
        const struct calibrate_reading *r = &w->record->readings[i];
        if (!record_is_output(w->record, r->sensor))
            continue;
        twin_sensors(&w->twin)[r->sensor].time = r->time;
        twin_measure(&w->twin, r->sensor, r->value, w->scratch);
    }
}

static void advance_copies(struct calibrate_walk *w, const struct record_moment *moment)
{
    for (size_t s = 0; s < RECORD_OPEN; s++) {
        w->is_open[s] = w->is_open[s] && !(moment->closed >> s & 1);
        if (w->is_open[s])
            advance_states(&w->open[s], moment->time, w->scratch);
    }
}

static void take_moment(struct calibrate_walk *w, const struct record_moment *moment,
                        double *rows)
{
    twin_advance(&w->twin, moment->time, w->scratch);
    advance_copies(w, moment);
    set_inputs(w, moment);
    score_moment(w, moment, rows);
    measure_outputs(w, moment);
    if (moment->anchor)
        open_copy(w, moment);
}

void calibrate_walk_take(struct calibrate_walk *w, const size_t *params, const double *p,
                         size_t n, size_t n_moments, double *rows)
{
    const struct record_moment *first = w->record->moments;
    memcpy(w->plan.params, w->record->plan->params, w->kind.n_params * sizeof(double));
    for (size_t i = 0; i < n; i++)
        w->plan.params[params[i]] = p[i];
    memset(w->twin.block, 0, w->plan.block_size);
    memset(w->is_open, 0, sizeof w->is_open);
    twin_start(&w->twin);
    set_inputs(w, first);
    twin_begin(&w->twin, first->time);
    for (size_t k = 0; k < n_moments; k++)
        take_moment(w, first + k, rows);
}
