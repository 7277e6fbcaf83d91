/* Multi-step prediction error through the filter.
 *
 * A filtered twin follows the record. At each anchor (calibrate_record.c) its block is
 * copied and goes on for a horizon with the inputs as recorded and no output. The gate is
 * open: what was rejected when it came is not in the record, and the error stays smooth.
 *
 *   error = sqrt(mean over outputs o and bands b of MSE_ob/s_ob^2)
 *   s_ob = max(RMSE_ob of the parameters at the start, sd of the sensor)
 *
 * so that each output and each band of leads weighs the same, whatever its unit.
 *
 * Starts: the present parameters, and the best of some points around them (a factor of up
 * to 4, or anywhere in a range that holds 0). What is better on the training part at the
 * end is examined, and accepted if it is better on the held-out part too.
 *
 * Ljung (1999), System Identification, 3.2 and 7.3; Kristensen, Madsen & Jorgensen (2004),
 * Automatica 40, 225. */
#include "twind/calibrate_record.h"

#include "twind/mem.h"
#include "twind/random.h"
#include "twind/twin.h"

#include <stdlib.h>
#include <string.h>

static const double worth = 1.2;   /* an error to start from */
static const double fallen = 1e-3; /* share by which an error must fall */
static const double error_most =
    1e3; /* of a residual: a run that goes astray is bad enough */
enum { ROWS_LEAST = 10, ANCHORS_LEAST = 4, TURNS = 9, SEED = 2004 };

struct calibrate {
    const struct calibrate_task *task;
    struct plan plan; /* the task's, with parameters and a gate of our own */
    struct kind kind;
    struct calibrate_record record;
    struct fit_problem problem;
    double min[FIT_MAX], max[FIT_MAX];
    double *weight, *rows;        /* of all rows */
    double *before, *after;       /* of all cells */
    struct calibrate_cell *cells; /* those that are told */
    struct twin twin, open[RECORD_OPEN];
    bool is_open[RECORD_OPEN];
    struct twin_scratch *scratch;
    struct fit *fit;
    size_t runs, about;
    double best;
};

/* ---- what may be fitted ---- */

bool calibrate_allows(const struct kind *kind, size_t param, struct err *e)
{
    const struct kind_row *row = &kind->params[param];
    if (row->noise > 0)
        return err_set(e, "%s is estimated by the running twin and can't be calibrated",
                       row->name);
    if (!(row->min < row->max) || !isfinite(row->max - row->min))
        return err_set(e, "%s has no range to look in", row->name);
    return true;
}

size_t calibrate_usual(const struct kind *kind, size_t params[FIT_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < kind->n_params && n < FIT_MAX; i++)
        if (kind->params[i].flags & KIND_FIT)
            params[n++] = i;
    return n;
}

/* ---- a run over the record ---- */

static void open_copy(struct calibrate *c, const struct record_moment *moment)
{
    memcpy(c->open[moment->slot].block, c->twin.block, c->plan.block_size);
    c->is_open[moment->slot] = true;
}

static void set_inputs(struct calibrate *c, const struct record_moment *moment)
{
    for (size_t i = moment->readings; i < moment[1].readings; i++) {
        const struct calibrate_reading *r = &c->record.readings[i];
        if (record_is_output(&c->record, r->sensor))
            continue;
        size_t input = c->plan.sensors[r->sensor].signal;
        twin_set_input(&c->twin, input, r->value);
        for (size_t s = 0; s < RECORD_OPEN; s++)
            if (c->is_open[s])
                twin_set_input(&c->open[s], input, r->value);
    }
}

static void score_moment(struct calibrate *c, const struct record_moment *moment,
                         double *rows)
{
    for (size_t i = moment->scores; i < moment[1].scores; i++) {
        const struct record_score *score = &c->record.scores[i];
        const struct calibrate_reading *r = &c->record.readings[score->reading];
        size_t output = c->plan.sensors[r->sensor].signal - c->plan.kind->n_inputs;
        double expected = twin_estimate(&c->open[score->slot], output, NULL, c->scratch);
        double error = c->weight[score->row] * (expected - r->value);
        double most = c->weight[score->row] * error_most * c->plan.sensors[r->sensor].sd;
        rows[score->row] = isfinite(error) ? error : most;
    }
}

static void measure_outputs(struct calibrate *c, const struct record_moment *moment)
{
    for (size_t i = moment->readings; i < moment[1].readings; i++) {
        const struct calibrate_reading *r = &c->record.readings[i];
        if (!record_is_output(&c->record, r->sensor))
            continue;
        twin_sensors(&c->twin)[r->sensor].time = r->time;
        twin_measure(&c->twin, r->sensor, r->value, c->scratch);
    }
}

static void take_moment(struct calibrate *c, const struct record_moment *moment,
                        double *rows)
{
    twin_advance(&c->twin, moment->time, c->scratch);
    for (size_t s = 0; s < RECORD_OPEN; s++)
        if (c->is_open[s])
            twin_advance(&c->open[s], moment->time, c->scratch);
    set_inputs(c, moment);
    score_moment(c, moment, rows);
    measure_outputs(c, moment);
    if (moment->anchor)
        open_copy(c, moment);
}

static void run(struct calibrate *c, const double *p, size_t n_moments, double *rows)
{
    for (size_t i = 0; i < c->task->n_params; i++)
        c->plan.params[c->task->params[i]] = p[i];
    memset(c->twin.block, 0, c->plan.block_size);
    memset(c->is_open, 0, sizeof c->is_open);
    twin_start(&c->twin);
    set_inputs(c, &c->record.moments[0]);
    twin_begin(&c->twin, c->record.moments[0].time);
    for (size_t k = 0; k < n_moments; k++)
        take_moment(c, &c->record.moments[k], rows);
    c->runs++;
}

static double error_of(const struct calibrate *c, const double *rows, bool held)
{
    size_t from = held ? c->record.n_training : 0,
           to = held ? c->record.n_scores : c->record.n_training;
    double sum = 0;
    size_t cells = 0;
    for (size_t i = from; i < to; i++)
        sum += rows[i] * rows[i];
    for (size_t i = 0; i < c->record.n_cells; i++)
        cells += c->record.cell_rows[0][i] > 0 && c->record.cell_rows[held][i] > 0;
    return sqrt(sum / (double)(cells ? cells : 1));
}

static double training_error(struct calibrate *c, const double *p)
{
    run(c, p, c->record.n_training_moments, c->rows);
    double error = error_of(c, c->rows, false);
    c->best = fmin(c->best, error);
    if (c->task->progress)
        c->task->progress(c->task->context, c->runs, c->about, c->best);
    return error;
}

static void residuals(void *context, const double *p, double *r)
{
    struct calibrate *c = context;
    training_error(c, p);
    memcpy(r, c->rows, c->record.n_training * sizeof *r);
}

/* ---- weights ---- */

/* Root mean squares of the rows' unweighted errors, cell by cell. */
static void find_cell_errors(struct calibrate *c, bool held, double *to)
{
    size_t from = held ? c->record.n_training : 0,
           end = held ? c->record.n_scores : c->record.n_training;
    memset(to, 0, c->record.n_cells * sizeof *to);
    for (size_t i = from; i < end; i++)
        if (c->weight[i] > 0) {
            double error = c->rows[i] / c->weight[i];
            to[c->record.row_cell[i]] +=
                error * error / (double)c->record.cell_rows[held][c->record.row_cell[i]];
        }
    for (size_t i = 0; i < c->record.n_cells; i++)
        to[i] = sqrt(to[i]);
}

static void find_weights(struct calibrate *c, const double *p)
{
    const struct calibrate_record *record = &c->record;
    for (size_t i = 0; i < record->n_scores; i++)
        c->weight[i] = 1;
    run(c, p, record->n_moments, c->rows);
    find_cell_errors(c, false, c->before);
    for (size_t i = 0; i < record->n_scores; i++) {
        size_t cell = record->row_cell[i];
        double sd = c->plan.sensors[cell / CALIBRATE_BANDS].sd;
        double rows = (double)record->cell_rows[i >= record->n_training][cell];
        bool known = record->cell_rows[0][cell] > 0;
        c->weight[i] = known ? 1 / (fmax(c->before[cell], sd) * sqrt(rows)) : 0;
    }
}

/* ---- making ---- */

static void make_twins(struct calibrate *c)
{
    c->plan.block_size = c->plan.at_forecast; /* forecasts learn nothing here */
    c->twin = (struct twin){.plan = &c->plan, .block = mem_new(1, c->plan.block_size)};
    for (size_t s = 0; s < RECORD_OPEN; s++) {
        c->open[s] =
            (struct twin){.plan = &c->plan, .block = mem_new(1, c->plan.block_size)};
    }
    c->scratch = twin_scratch_new();
}

static void make_rows(struct calibrate *c)
{
    size_t n = c->record.n_scores + 1, cells = c->record.n_cells + 1;
    c->weight = mem_new(n, sizeof *c->weight);
    c->rows = mem_new(n, sizeof *c->rows);
    c->before = mem_new(cells, sizeof *c->before);
    c->after = mem_new(cells, sizeof *c->after);
    c->cells = mem_new(cells, sizeof *c->cells);
}

static bool check_params(const struct calibrate_task *task, struct err *e)
{
    if (task->n_params == 0 || task->n_params > FIT_MAX)
        return err_set(e, "%zu parameters to fit; 1 to %d are possible", task->n_params,
                       FIT_MAX);
    for (size_t i = 0; i < task->n_params; i++)
        if (!calibrate_allows(task->plan->kind, task->params[i], e))
            return false;
    return true;
}

static bool check_record(const struct calibrate *c, struct err *e)
{
    double days = (c->record.to - c->record.from) / 86400, hours = c->task->horizon / 3600;
    if (c->record.n_anchors[0] >= ANCHORS_LEAST &&
        c->record.n_anchors[1] >= ANCHORS_LEAST &&
        c->record.n_training >= ROWS_LEAST * c->task->n_params)
        return true;
    return err_set(
        e,
        "%zu readings over %.1f days are too few: %zu predictions to fit %zu "
        "parameters, over a horizon of %g h, where at least %zu are needed, "
        "and %zu and %zu starting points in the training and the held-out "
        "part, where at least %d are; a longer record or a shorter horizon helps",
        c->record.n_readings, days, c->record.n_training, c->task->n_params, hours,
        (size_t)ROWS_LEAST * c->task->n_params, c->record.n_anchors[0],
        c->record.n_anchors[1], ANCHORS_LEAST);
}

static void make_problem(struct calibrate *c)
{
    const struct calibrate_task *task = c->task;
    for (size_t i = 0; i < task->n_params; i++) {
        c->min[i] = c->plan.kind->params[task->params[i]].min;
        c->max[i] = c->plan.kind->params[task->params[i]].max;
    }
    size_t turn = task->n_params + 1, half = TURNS / 2 * turn;
    c->problem = (struct fit_problem){
        .n = task->n_params,
        .m = c->record.n_training,
        .min = c->min,
        .max = c->max,
        .residuals = residuals,
        .context = c,
        .group = c->record.group,
        .most_evaluations = TURNS * turn,
    };
    c->about = 3 + task->starts + (task->starts > 0 ? 2 * half : half) + 2 * turn;
    c->fit = fit_new(task->n_params, c->record.n_training);
}

struct calibrate *calibrate_new(const struct calibrate_task *task, struct err *e)
{
    if (!check_params(task, e))
        return NULL;
    struct calibrate *c = mem_new(1, sizeof *c);
    c->task = task;
    c->plan = *task->plan;
    c->kind = *task->plan->kind;
    c->kind.gate = INFINITY;
    c->plan.kind = &c->kind;
    c->plan.params = mem_new(c->plan.kind->n_params + 1, sizeof(double));
    memcpy(c->plan.params, task->plan->params,
           c->plan.kind->n_params * sizeof *c->plan.params);
    make_twins(c);
    calibrate_record_make(&c->record, task);
    if (!check_record(c, e)) {
        calibrate_free(c);
        return NULL;
    }
    make_rows(c);
    make_problem(c);
    return c;
}

void calibrate_free(struct calibrate *c)
{
    if (!c)
        return;
    for (size_t s = 0; s < RECORD_OPEN; s++) {
        free(c->open[s].block);
    }
    free(c->twin.block);
    free(c->scratch);
    free(c->plan.params);
    calibrate_record_clear(&c->record);
    free(c->weight);
    free(c->rows);
    free(c->before);
    free(c->after);
    free(c->cells);
    fit_free(c->fit);
    free(c);
}

/* ---- the search ---- */

static double wander(const struct calibrate *c, size_t i, double p, struct random *random)
{
    double share = random_uniform(random);
    if (c->min[i] < 0 || !(p > 0))
        return c->min[i] + share * (c->max[i] - c->min[i]);
    return fmin(fmax(p * exp2(4 * share - 2), c->min[i]), c->max[i]);
}

/* The best of the points around `p`; false: none is worth a descent. */
static bool find_start(struct calibrate *c, const double *p, double *best)
{
    struct random random = {SEED};
    double least = INFINITY, at[FIT_MAX];
    for (size_t s = 0; s < c->task->starts; s++) {
        for (size_t i = 0; i < c->problem.n; i++)
            at[i] = wander(c, i, p[i], &random);
        double error = training_error(c, at);
        if (error < least)
            memcpy(best, at, c->problem.n * sizeof *best);
        least = fmin(least, error);
    }
    return least < worth;
}

static void search(struct calibrate *c, struct calibrate_result *result)
{
    struct fit_result other = {.n_ties = 0};
    memcpy(result->fit.p, result->before, sizeof result->before);
    fit_descend(c->fit, &c->problem, &result->fit);
    if (find_start(c, result->before, other.p)) {
        fit_descend(c->fit, &c->problem, &other);
        if (other.after < result->fit.after)
            result->fit = other;
    }
    fit_examine(c->fit, &c->problem, &result->fit);
    for (size_t i = 0; i < c->problem.n; i++)
        if (result->fit.blind >> i & 1)
            result->fit.p[i] = result->before[i];
}

/* Both parts' errors, and the held-out cells' to `cells`. */
static void judge(struct calibrate *c, const double *p, double *training, double *held,
                  double *cells)
{
    run(c, p, c->record.n_moments, c->rows);
    *training = error_of(c, c->rows, false);
    *held = error_of(c, c->rows, true);
    find_cell_errors(c, true, cells);
}

static size_t fill_cells(struct calibrate *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->record.n_cells; i++)
        if (c->record.cell_rows[1][i] > 0 && c->record.cell_rows[0][i] > 0)
            c->cells[n++] = (struct calibrate_cell){
                i / CALIBRATE_BANDS, i % CALIBRATE_BANDS, c->record.cell_rows[1][i],
                c->before[i], c->after[i]};
    return n;
}

void calibrate_run(struct calibrate *c, struct calibrate_result *result)
{
    *result = (struct calibrate_result){.from = c->record.from,
                                        .split = c->record.split,
                                        .to = c->record.to,
                                        .n_training = c->record.n_training,
                                        .n_held = c->record.n_held,
                                        .cells = c->cells};
    for (size_t i = 0; i < c->problem.n; i++)
        result->before[i] = c->task->plan->params[c->task->params[i]];
    c->best = INFINITY;
    find_weights(c, result->before);
    judge(c, result->before, &result->training_before, &result->held_before, c->before);
    search(c, result);
    judge(c, result->fit.p, &result->training_after, &result->held_after, c->after);
    result->accepted = result->training_after < result->training_before &&
                       result->held_after < result->held_before * (1 - fallen);
    result->n_cells = fill_cells(c);
    result->runs = c->runs;
}
