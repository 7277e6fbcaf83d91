/* From readings to what is predicted and compared.
 *
 * Readings are put on a raster of 1/288 of the horizon. Every 11/24 of the horizon an
 * anchor is set, from which the outputs are predicted over the horizon: with a horizon of a
 * day anchors come by at every hour. A prediction's errors of one output are taken at least
 * 1/48 of the horizon apart. */
#include "twind/calibrate_record.h"

#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

const double record_raster = 1.0 / 288;
static const double spacing_share = 11.0 / 24, apart_share = 1.0 / 48;
static const double band_share[CALIBRATE_BANDS] = {1.0 / 24, 1.0 / 4, 1};
/* The twin finds its states first: for this share of the record, or so many horizons. */
static const double warm_share = 0.1, warm_horizons = 3;

struct copy {
    double start;
    size_t anchor, slot;
    bool open;
    double *scored; /* lead at which each sensor was last scored */
};

/* ---- readings to moments ---- */

static int compare_readings(const void *a, const void *b)
{
    const struct calibrate_reading *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->sensor > y->sensor) - (x->sensor < y->sensor);
}

/* On the raster, in order; of several of one sensor in one place the last stays. */
static void take_readings(struct calibrate_record *c, const struct calibrate_task *task)
{
    double raster = c->horizon * record_raster;
    c->readings = mem_new(task->n_readings + 1, sizeof *c->readings);
    if (task->n_readings > 0)
        memcpy(c->readings, task->readings, task->n_readings * sizeof *c->readings);
    qsort(c->readings, task->n_readings, sizeof *c->readings, compare_readings);
    double *last = mem_new(c->plan->n_sensors + 1, sizeof *last);
    size_t *where = mem_new(c->plan->n_sensors + 1, sizeof *where);
    for (size_t i = 0; i < task->n_readings; i++) {
        struct calibrate_reading r = c->readings[i];
        if (!isfinite(r.value) || !isfinite(r.time))
            continue;
        r.time = ceil(r.time / raster - 1e-6) * raster;
        if (last[r.sensor] == r.time) {
            c->readings[where[r.sensor]].value = r.value;
            continue;
        }
        last[r.sensor] = r.time;
        where[r.sensor] = c->n_readings;
        c->readings[c->n_readings++] = r;
    }
    free(last);
    free(where);
    qsort(c->readings, c->n_readings, sizeof *c->readings, compare_readings);
}

static void find_moments(struct calibrate_record *c, double held_out)
{
    c->moments = mem_new(c->n_readings + 1, sizeof *c->moments);
    for (size_t i = 0; i < c->n_readings; i++) {
        if (i == 0 || c->readings[i].time != c->readings[i - 1].time)
            c->moments[c->n_moments++] =
                (struct record_moment){.time = c->readings[i].time, .readings = i};
    }
    c->moments[c->n_moments].readings = c->n_readings;
    c->from = c->moments[0].time;
    c->to = c->n_moments ? c->moments[c->n_moments - 1].time : c->from;
    c->split = c->to - held_out * (c->to - c->from);
}

/* ---- what is scored ---- */

static size_t cell_of(const struct calibrate_record *c, size_t sensor, double lead)
{
    size_t band = 0;
    while (band + 1 < CALIBRATE_BANDS && lead > band_share[band] * c->horizon * (1 + 1e-9))
        band++;
    return sensor * CALIBRATE_BANDS + band;
}

static void add_score(struct calibrate_record *c, const struct record_score *score)
{
    c->scores = mem_grow(c->scores, &c->room_scores, c->n_scores + 1, sizeof *c->scores);
    c->scores[c->n_scores++] = *score;
}

/* What the copy in this slot meets at this moment. */
static void schedule_scores(struct calibrate_record *c, struct record_moment *moment,
                            struct copy *copy)
{
    double lead = moment->time - copy->start, horizon = c->horizon;
    if (lead > horizon * (1 + 1e-9)) {
        copy->open = false;
        moment->closed |= 1U << copy->slot;
    }
    for (size_t i = moment->readings; copy->open && i < moment[1].readings; i++) {
        size_t sensor = c->readings[i].sensor;
        if (!record_is_output(c, sensor) ||
            lead - copy->scored[sensor] < apart_share * horizon * (1 - 1e-9))
            continue;
        copy->scored[sensor] = lead;
        add_score(c, &(struct record_score){.reading = i,
                                            .slot = copy->slot,
                                            .row = copy->anchor,
                                            .cell = cell_of(c, sensor, lead)});
    }
}

/* Training ends before the held-out part begins: no anchor looks across. */
static bool may_anchor(const struct calibrate_record *c, double time, bool *held)
{
    *held = time >= c->split;
    double end = time + c->horizon;
    return *held ? end <= c->to : end <= c->split;
}

static bool set_anchor(struct calibrate_record *c, struct record_moment *moment,
                       struct copy *copy)
{
    bool held;
    if (!may_anchor(c, moment->time, &held))
        return false;
    moment->anchor = true;
    moment->slot = copy->slot;
    copy->start = moment->time;
    copy->anchor = c->n_anchors[0] + c->n_anchors[1];
    c->n_anchors[held]++;
    memset(copy->scored, 0, c->plan->n_sensors * sizeof *copy->scored);
    copy->open = true;
    return true;
}

static void schedule(struct calibrate_record *c)
{
    double horizon = c->horizon;
    struct copy copies[RECORD_OPEN];
    for (size_t s = 0; s < RECORD_OPEN; s++)
        copies[s] = (struct copy){
            .slot = s, .scored = mem_new(c->plan->n_sensors + 1, sizeof(double))};
    double warm = fmin(warm_share * (c->to - c->from), warm_horizons * horizon);
    double next = c->from + warm;
    size_t slot = 0;
    for (size_t k = 0; k < c->n_moments; k++) {
        struct record_moment *moment = &c->moments[k];
        moment->scores = c->n_scores;
        for (size_t s = 0; s < RECORD_OPEN; s++)
            if (copies[s].open)
                schedule_scores(c, moment, &copies[s]);
        if (moment->time <= c->split)
            c->n_training_moments = k + 1;
        if (moment->time < next)
            continue;
        next = moment->time + spacing_share * horizon;
        if (set_anchor(c, moment, &copies[slot]))
            slot = (slot + 1) % RECORD_OPEN;
    }
    c->moments[c->n_moments].scores = c->n_scores;
    for (size_t s = 0; s < RECORD_OPEN; s++)
        free(copies[s].scored);
}

/* Rows: anchor by anchor, which are in the order of time, so that training comes first. */
static void number_rows(struct calibrate_record *c)
{
    size_t anchors = c->n_anchors[0] + c->n_anchors[1];
    size_t *next = mem_new(anchors + 1, sizeof *next);
    for (size_t i = 0; i < c->n_scores; i++)
        next[c->scores[i].row + 1]++;
    for (size_t a = 0; a < anchors; a++)
        next[a + 1] += next[a];
    c->n_training = next[c->n_anchors[0]];
    c->n_held = c->n_scores - c->n_training;
    c->group = mem_new(c->n_scores + 1, sizeof *c->group);
    c->row_cell = mem_new(c->n_scores + 1, sizeof *c->row_cell);
    for (size_t i = 0; i < c->n_scores; i++) {
        struct record_score *score = &c->scores[i];
        size_t anchor = score->row;
        score->row = next[anchor]++;
        /* anchors of two horizons err together */
        c->group[score->row] = (uint32_t)((double)anchor * spacing_share / 2);
        c->row_cell[score->row] = score->cell;
    }
    free(next);
}

static void count_cells(struct calibrate_record *c)
{
    c->n_cells = c->plan->n_sensors * CALIBRATE_BANDS;
    c->cell_rows[0] = mem_new(c->n_cells + 1, sizeof(size_t));
    c->cell_rows[1] = mem_new(c->n_cells + 1, sizeof(size_t));
    for (size_t i = 0; i < c->n_scores; i++)
        c->cell_rows[i >= c->n_training][c->row_cell[i]]++;
}

void calibrate_record_make(struct calibrate_record *c, const struct calibrate_task *task)
{
    *c = (struct calibrate_record){.plan = task->plan, .horizon = task->horizon};
    take_readings(c, task);
    find_moments(c, task->held_out);
    schedule(c);
    number_rows(c);
    count_cells(c);
}

void calibrate_record_clear(struct calibrate_record *c)
{
    free(c->readings);
    free(c->moments);
    free(c->scores);
    free(c->group);
    free(c->row_cell);
    free(c->cell_rows[0]);
    free(c->cell_rows[1]);
}
