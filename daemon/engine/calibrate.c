/* Multi-step prediction error through the filter (calibrate_walk.c), and what is believed
 * of the parameters beforehand.
 *
 *   error = sqrt(mean over outputs o and bands b of MSE_ob/s_ob^2)
 *   s_ob = max(RMSE_ob of the parameters at the start, sd of the sensor)
 *
 * so that each output and each band of leads weighs the same, whatever its unit.
 *
 * Prior: a parameter is about what the user configured, within a factor of 2 (one standard
 * deviation), or within a quarter of its range where that holds 0. The errors over one
 * horizon go together: of each output and band they count as one observation, so that the
 * prior is outweighed by what a few days say clearly, and holds what the data cannot tell.
 *
 * Starts: the present parameters, and the best of some points around them (a factor of up
 * to 4, or anywhere in a range that holds 0). What is better on the training part at the
 * end is examined, and accepted if it is better on the held-out part too.
 *
 * Ljung (1999), System Identification, 3.2 and 7.3; Kristensen, Madsen & Jorgensen (2004),
 * Automatica 40, 225 (with 2.2.4 on priors: maximum a posteriori). */
#include "twind/calibrate_walk.h"

#include "twind/mem.h"
#include "twind/random.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const double worth = 1.2;   /* an error to start from */
static const double fallen = 1e-3; /* share by which an error must fall */
static const double prior_factor = 2, prior_share = 0.25; /* of the range */
enum { ROWS_LEAST = 10, ANCHORS_LEAST = 4, TURNS = 9, SEED = 2004 };

struct calibrate {
    const struct calibrate_task *task;
    struct calibrate_record record;
    struct fit_problem problem;
    double min[FIT_MAX], max[FIT_MAX];
    struct fit_prior prior[FIT_MAX];
    double *weight, *rows;        /* of all rows */
    double *before, *after;       /* of all cells */
    struct calibrate_cell *cells; /* those that are told */
    struct calibrate_walk *walks[CALIBRATE_LANES];
    struct fit *fit;
    double starts[CALIBRATE_STARTS][FIT_MAX], errors[CALIBRATE_STARTS];
    double *start_rows; /* of each lane */
    atomic_size_t runs;
    size_t about;
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

/* ---- errors ---- */

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

/* Weighted rows of the first n_moments. */
static void take(struct calibrate *c, size_t lane, const double *p, size_t n_moments,
                 double *rows)
{
    bool all = n_moments == c->record.n_moments;
    size_t n = all ? c->record.n_scores : c->record.n_training;
    calibrate_walk_take(c->walks[lane], c->task->params, p, c->task->n_params, n_moments,
                        rows);
    for (size_t i = 0; i < n; i++)
        rows[i] *= c->weight[i];
    size_t runs = ++c->runs;
    if (c->task->progress && lane == 0)
        c->task->progress(c->task->context, runs, c->about, c->best);
}

static void residuals(void *context, size_t lane, const double *p, double *r)
{
    struct calibrate *c = context;
    take(c, lane, p, c->record.n_training_moments, r);
    if (lane == 0)
        c->best = fmin(c->best, error_of(c, r, false));
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
    take(c, 0, p, record->n_moments, c->rows);
    find_cell_errors(c, false, c->before);
    for (size_t i = 0; i < record->n_scores; i++) {
        size_t cell = record->row_cell[i];
        double sd = c->task->plan->sensors[cell / CALIBRATE_BANDS].sd;
        double rows = (double)record->cell_rows[i >= record->n_training][cell];
        bool known = record->cell_rows[0][cell] > 0;
        c->weight[i] = known ? 1 / (fmax(c->before[cell], sd) * sqrt(rows)) : 0;
        c->rows[i] *= c->weight[i];
    }
}

/* ---- making ---- */

static size_t lanes(const struct calibrate *c)
{
    return c->task->each ? c->task->lanes : 1;
}

static void make_rows(struct calibrate *c)
{
    size_t n = c->record.n_scores + 1, cells = c->record.n_cells + 1;
    c->weight = mem_new(n, sizeof *c->weight);
    c->rows = mem_new(n, sizeof *c->rows);
    c->before = mem_new(cells, sizeof *c->before);
    c->after = mem_new(cells, sizeof *c->after);
    c->cells = mem_new(cells, sizeof *c->cells);
    c->start_rows = mem_new(n * lanes(c), sizeof *c->start_rows);
    for (size_t i = 0; i < lanes(c); i++)
        c->walks[i] = calibrate_walk_new(&c->record);
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

/* What the user configured, not what an earlier calibration made of it: else the prior
 * would walk with each calibration. */
static double configured(const struct plan *plan, size_t param)
{
    return (plan->base ? plan->base : plan)->params[param];
}

static struct fit_prior believe(const struct kind_row *row, double centre)
{
    if (row->min >= 0 && centre > 0)
        return (struct fit_prior){centre, log(prior_factor), true};
    return (struct fit_prior){centre, prior_share * (row->max - row->min), false};
}

static void make_problem(struct calibrate *c)
{
    const struct calibrate_task *task = c->task;
    double horizons = (c->record.split - c->record.from) / c->record.horizon;
    for (size_t i = 0; i < task->n_params; i++) {
        const struct kind_row *row = &task->plan->kind->params[task->params[i]];
        c->min[i] = row->min;
        c->max[i] = row->max;
        c->prior[i] = believe(row, configured(task->plan, task->params[i]));
    }
    size_t turn = task->n_params + 1, half = TURNS / 2 * turn;
    c->problem = (struct fit_problem){
        .n = task->n_params,
        .m = c->record.n_training,
        .min = c->min,
        .max = c->max,
        .residuals = residuals,
        .context = c,
        .each = task->each,
        .pool = task->pool,
        .prior = c->prior,
        .evidence = fmax(horizons, 1),
        .group = c->record.group,
        .most_evaluations = TURNS,
    };
    c->about = 2 + task->starts + (task->starts > 0 ? 2 * half : half) + 2 * turn;
    c->fit = fit_new(task->n_params, c->record.n_training);
}

struct calibrate *calibrate_new(const struct calibrate_task *task, struct err *e)
{
    if (!check_params(task, e))
        return NULL;
    struct calibrate *c = mem_new(1, sizeof *c);
    c->task = task;
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
    for (size_t i = 0; i < CALIBRATE_LANES; i++)
        calibrate_walk_free(c->walks[i]);
    free(c->start_rows);
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

static void try_start(void *context, size_t start, size_t lane)
{
    struct calibrate *c = context;
    double *rows = c->start_rows + lane * (c->record.n_scores + 1);
    take(c, lane, c->starts[start], c->record.n_training_moments, rows);
    c->errors[start] = error_of(c, rows, false);
}

static void try_starts(struct calibrate *c)
{
    if (c->task->each)
        c->task->each(c->task->pool, c->task->starts, try_start, c);
    for (size_t s = 0; !c->task->each && s < c->task->starts; s++)
        try_start(c, s, 0);
}

/* The best of the points around `p`; false: none is worth a descent. */
static bool find_start(struct calibrate *c, const double *p, double *best)
{
    struct random random = {SEED};
    double least = INFINITY;
    for (size_t s = 0; s < c->task->starts; s++)
        for (size_t i = 0; i < c->problem.n; i++)
            c->starts[s][i] = wander(c, i, p[i], &random);
    try_starts(c);
    for (size_t s = 0; s < c->task->starts; s++) {
        if (c->errors[s] < least)
            memcpy(best, c->starts[s], c->problem.n * sizeof *best);
        least = fmin(least, c->errors[s]);
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

/* Of c->rows: both parts' errors, and the held-out cells' to `cells`. */
static void judge(struct calibrate *c, double *training, double *held, double *cells)
{
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
    judge(c, &result->training_before, &result->held_before, c->before);
    search(c, result);
    take(c, 0, result->fit.p, c->record.n_moments, c->rows);
    judge(c, &result->training_after, &result->held_after, c->after);
    result->accepted = result->training_after < result->training_before &&
                       result->held_after < result->held_before * (1 - fallen);
    result->n_cells = fill_cells(c);
    result->runs = c->runs;
}
