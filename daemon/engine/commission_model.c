/* The twin is run over the record as for a calibration (calibrate_walk.c): at regular
 * moments a copy goes on without its outputs' readings for half a day, and what it says is
 * compared with what came.
 *
 * The errors of one output are taken for a normal law of unknown width w, which gives the
 * likelihood w^-n of n errors. They go together over hours, and a model is wrong in ways of
 * its own, so n is no count of readings but of days, and bounded. Of an output that is
 * itself changed by a factor the readings' likelihood holds that factor (the Jacobian). */
#include "twind/commission_model.h"

#include "twind/calibrate_walk.h"
#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

static const double horizon = 43200, day = 86400;
static const double worth = 2;        /* independent errors a day and output */
static const double worth_most = 16;  /* of one output */
static const double folds_most = 2.5; /* ln: an output is no witness for more */
static const double useless = 3; /* an error of so many times the signal says no more */
static const double kept_least = 0.97; /* of an output's readings */
enum { PIECES_LEAST = 3, ERRORS_LEAST = 6 };

struct run {
    struct plan plan; /* the record's; its calibration starts from it */
    struct calibrate_reading *readings;
    size_t n;
};

static bool is_good(const struct kind_row *row, double value)
{
    return isfinite(value) &&
           (!(row->min < row->max) || (value >= row->min && value <= row->max));
}

/* What came by one binding may be for several sensors, or for none. */
static void take_readings(const struct commission_record *r, struct run *run)
{
    const struct commission_task *task = r->task;
    size_t room = 0;
    for (size_t s = 0; s < r->n_sensors; s++) {
        const struct commission_wire *wire = &r->wires[s];
        const struct kind_row *row = commission_row(r, s);
        for (size_t i = 0; i < task->n_readings; i++) {
            const struct commission_reading *from = &task->readings[i];
            double value = wire->scale * from->value + wire->offset;
            if (from->sensor != wire->from || !is_good(row, value))
                continue;
            run->readings =
                mem_grow(run->readings, &room, run->n + 1, sizeof *run->readings);
            run->readings[run->n++] =
                (struct calibrate_reading){from->time - wire->late, value, s};
        }
    }
}

static void sum_errors(const struct calibrate_record *record, const double *rows,
                       struct commission_errors *errors)
{
    for (size_t i = 0; i < record->n_scores; i++) {
        const struct record_score *score = &record->scores[i];
        size_t sensor = score->cell / CALIBRATE_BANDS;
        double value = record->readings[score->reading].value, error = rows[score->row];
        errors->rms[sensor] += error * error;
        errors->size[sensor] += value * value;
        errors->scores[sensor]++;
    }
    for (size_t s = 0; s < errors->n; s++) {
        double n =
            errors->scores[s] >= ERRORS_LEAST ? (double)errors->scores[s] : (double)NAN;
        errors->rms[s] = sqrt(errors->rms[s] / n);
        errors->size[s] = sqrt(errors->size[s] / n);
    }
}

void commission_model(const struct commission_record *r, struct commission_errors *errors)
{
    struct run run = {.plan = *r->plan};
    struct calibrate_record record;
    *errors = (struct commission_errors){.n = 0};
    if (isinf(r->plan->kind->gate)) /* a model too weak to contradict */
        return;
    take_readings(r, &run);
    const struct calibrate_task task = {.plan = &run.plan,
                                        .readings = run.readings,
                                        .n_readings = run.n,
                                        .horizon = horizon};
    calibrate_record_make(&record, &task);
    *errors =
        (struct commission_errors){.pieces = record.n_anchors[0] + record.n_anchors[1]};
    if (errors->pieces >= PIECES_LEAST) {
        struct calibrate_walk *walk = calibrate_walk_new(&record);
        double *rows = mem_new(record.n_scores + 1, sizeof *rows);
        calibrate_walk_take(walk, NULL, NULL, 0, record.n_moments, rows);
        errors->n = r->n_sensors;
        memcpy(errors->wires, r->wires, errors->n * sizeof *errors->wires);
        sum_errors(&record, rows, errors);
        free(rows);
        calibrate_walk_free(walk);
    }
    calibrate_record_clear(&record);
    free(run.readings);
}

/* Error over what the signal itself amounts to: for a magnitude, whose unit is asked. */
static double relative(const struct commission_errors *e, size_t sensor)
{
    return fmin(e->rms[sensor] / e->size[sensor], useless);
}

static double kept(const struct commission_errors *before,
                   const struct commission_errors *now, size_t sensor)
{
    return (double)now->scores[sensor] / (double)before->scores[sensor];
}

/* ln of how much narrower an output's errors have become, in the unit in which it came.
 * Below the sensor's own noise there is nothing to be gained. */
static double fold(const struct commission_record *r,
                   const struct commission_errors *before,
                   const struct commission_errors *now, size_t sensor)
{
    double was = before->rms[sensor], is = now->rms[sensor],
           scale = fabs(now->wires[sensor].scale / before->wires[sensor].scale),
           noise = r->plan->sensors[sensor].sd;
    if (!isfinite(was) || !isfinite(is) || kept(before, now, sensor) < kept_least ||
        kept(now, before, sensor) < kept_least)
        return 0; /* others have been compared than before */
    if (scale == 1)
        return log(hypot(was, noise) / hypot(is, noise));
    if (now->wires[sensor].offset == before->wires[sensor].offset)
        return log(relative(before, sensor) / relative(now, sensor));
    return log(was / is * scale);
}

double commission_model_gain(const struct commission_record *r,
                             const struct commission_errors *before,
                             const struct commission_errors *now)
{
    double n = fmin(worth * (r->to - r->from) / day, worth_most), sum = 0;
    if (before->n == 0 || now->n == 0)
        return 0;
    bool lost = false;
    for (size_t s = 0; s < r->n_sensors; s++) {
        sum += n * fmax(-folds_most, fmin(folds_most, fold(r, before, now, s)));
        lost = lost || kept(before, now, s) < kept_least;
    }
    return lost ? fmin(sum, 0) : sum; /* what is left out contradicts nobody */
}
