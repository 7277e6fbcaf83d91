/* Faults whose beginning is not known, by a generalised likelihood ratio (Willsky & Jones
 * 1976) in constant memory.
 *
 * Each hypothesis has ISOLATE_SLOTS columns of a bank (bank.h), each a fault that began at
 * some time. The young ones begin anew: with a surprising reading, or when their time is
 * up. What a young one has found is kept, where it is worth more, in place of the weakest
 * of the others, which go on; so that the likeliest beginnings are followed. Their evidence
 * fades over days. A slot that the last readings contradict is given up: the fault is over,
 * or was none.
 *
 * The innovations' variance is S times what it was seen to be at that time of the day, over
 * S (isolate_scale). A rejected reading counts only when the next of its sensor
 * is rejected, too: else it was a spike. */
#include "isolate_block.h"

#include "twind/bank.h"
#include "twind/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double young_moments = 16, young_least = 1200, young_most = 43200;
static const double keeps = 86400.0, keeps_young = 24; /* s, or so many young lives */
static const double surprising = 9;                    /* square, over its variance */
static const double clip = 100;                        /* sd of one reading */
static const double far_off = 3.5; /* sd: no fault is so much larger than thought */
static const double usual_looks = 1000, usual_most = 3;
static const double least_error = 0.05; /* of the size's sd beforehand */
static const double least_share = 0.25;
static const double recent_share = 0.04, recent_most = 5, recent_least = -8;
static const double least_odds = 1;   /* that can be reached: else it is not reckoned */
static const double least_size = 0.3; /* of a plant's fault: what is less is none */
static const double hour = 3600, small_share = 0.05;

struct isolate_work {
    double s[ISOLATE_COLUMNS];
    double b[KIND_STATES_MAX * ISOLATE_BANK_MOST];
    double base[KIND_STATES_MAX], column[KIND_STATES_MAX];
    double work[KIND_BLOCK_MAX * ISOLATE_COLUMNS];
    const struct twin *driven; /* whose b this is, added at that time */
    double at;
};

void isolate_watch(struct twin_scratch *s)
{
    s->isolate = mem_new(1, sizeof *s->isolate);
}

void isolate_unwatch(struct twin_scratch *s)
{
    free(s->isolate);
    s->isolate = NULL;
}

/* ---- between readings ---- */

/* Effects and the size they are of; the latter 0: not now. */
static double effects_of(const struct twin *twin, const struct isolate_hypothesis *h,
                         struct kind_effect to[KIND_EFFECTS_MAX])
{
    memset(to, 0, KIND_EFFECTS_MAX * sizeof *to);
    if (h->fault) {
        memcpy(to, h->fault->effects, KIND_EFFECTS_MAX * sizeof *to);
        return 1;
    }
    size_t input = twin->plan->sensors[h->sensor].signal;
    double now = twin_u(twin)[input], by = twin->plan->sensors[h->sensor].sd;
    double size = h->cause == ISOLATE_INPUT_SCALE ? small_share : by;
    if (h->cause == ISOLATE_INPUT_SCALE)
        by = small_share * now;
    /* what it shows beyond the truth, the truth is less */
    to[0] = (struct kind_effect){KIND_INPUT_IS, input, now - by};
    return isnan(by) || by == 0 ? 0 : size;
}

/* Derivatives of what drives the states, one column a hypothesis. */
static void find_drives(const struct twin *twin, struct isolate_work *w,
                        struct twin_scratch *s)
{
    const struct isolate_plan *iso = twin->plan->isolate;
    size_t n = iso->n_bank - iso->n_direct, n_x = twin->plan->n_x;
    bank_derive(twin, s, w->base);
    for (size_t j = 0; j < n; j++) {
        struct kind_effect effects[KIND_EFFECTS_MAX];
        double size = effects_of(twin, &iso->all[iso->n_direct + j], effects);
        if (size > 0)
            bank_effect(twin, effects, w->base, s, w->column);
        for (size_t i = 0; i < n_x; i++)
            w->b[i * n + j] = size > 0 ? w->column[i] / size : 0;
    }
}

static void add_drives(const struct plan *plan, const double *b, double *g)
{
    const struct isolate_plan *iso = plan->isolate;
    size_t n = iso->n_bank - iso->n_direct, m = isolate_columns(plan);
    for (size_t i = 0; i < plan->n_x; i++)
        for (size_t k = 0; k < ISOLATE_SLOTS; k++) {
            double *to = g + i * m + k * iso->n_bank + iso->n_direct;
            for (size_t j = 0; j < n; j++)
                to[j] += b[i * n + j];
        }
}

static double young_life(const struct isolate_head *head)
{
    return fmin(fmax(young_moments * head->pace, young_least), young_most);
}

static void fade(const struct plan *plan, struct isolate_block *block, double span)
{
    size_t m = isolate_columns(plan);
    double lasts = fmax(keeps, keeps_young * young_life(block->head));
    double share = exp(-span / lasts);
    for (size_t j = ISOLATE_YOUNG * plan->isolate->n_bank; j < m; j++) {
        block->c[j] *= share;
        block->d[j] *= share;
    }
}

void isolate_follow(struct twin *twin, double span, struct twin_scratch *s)
{
    const struct plan *plan = twin->plan;
    if (!plan->isolate || !s->isolate || plan->isolate->n_bank == 0)
        return;
    struct isolate_block block = isolate_block(twin);
    struct isolate_work *w = s->isolate;
    size_t n = plan->isolate->n_bank - plan->isolate->n_direct;
    bank_move(plan, s->F, isolate_columns(plan), block.g, w->work);
    find_drives(twin, w, s);
    bank_drive(plan, s->A, span, n, w->b, w->work);
    add_drives(plan, w->b, block.g);
    w->driven = twin;
    w->at = twin_head(twin)->time;
    fade(plan, &block, span);
}

/* ---- slots ---- */

static void clear_slot(const struct plan *plan, struct isolate_block *block, size_t column,
                       double time)
{
    size_t m = isolate_columns(plan);
    block->c[column] = block->d[column] = block->recent[column] = 0;
    block->since[column] = time;
    block->doubt[column] = 0;
    for (size_t i = 0; i < plan->n_x; i++)
        block->g[i * m + column] = 0;
}

static void copy_slot(const struct plan *plan, struct isolate_block *block, size_t from,
                      size_t to)
{
    size_t m = isolate_columns(plan);
    block->c[to] = block->c[from];
    block->d[to] = block->d[from];
    block->recent[to] = block->recent[from];
    block->since[to] = block->since[from];
    block->doubt[to] = block->doubt[from];
    for (size_t i = 0; i < plan->n_x; i++)
        block->g[i * m + to] = block->g[i * m + from];
}

static double size_of(const struct isolate_block *block, const struct isolate_hypothesis *h,
                      size_t column)
{
    double q = h->sd * h->sd;
    return (block->d[column] + h->mean / q) / (block->c[column] + 1 / q);
}

/* Its variance, of which a part is the size's own uncertainty. */
static double variance_of(const struct isolate_size *size, double sd)
{
    double least = least_error * sd, all = size->square - size->mean * size->mean;
    return fmax(fmax(all - size->uncertain, least_share * all), least * least);
}

struct errors {
    double mean, variance;
};

/* What the model's errors usually make a fault seem to be that began so long ago: they grow
 * with time like a random walk, up to what they are in the long run. */
static struct errors errors_of(const struct isolate_block *block,
                               const struct isolate_hypothesis *h,
                               const struct isolate_fact *fact, double age)
{
    double old = variance_of(&fact->old, h->sd), young = variance_of(&fact->young, h->sd);
    double grown = young * fmax(age / young_life(block->head), 1), share = grown / old;
    if (share >= 1 || fact->young.n == 0) // NOLINT: whole
        return (struct errors){fact->old.mean, old};
    return (struct errors){
        share * fact->old.mean + (1 - share) * fact->young.mean,
        grown,
    };
}

/* Against what the model's errors explain as well. `odds`: against nothing. */
static struct isolate_finding weigh_slot(const struct isolate_block *block,
                                         const struct isolate_plan *iso, size_t j,
                                         size_t column)
{
    const struct isolate_hypothesis *h = &iso->all[j];
    double c = block->c[column], d = block->d[column], age;
    if (!(c > 0) || d * d < 2 * c * least_odds)
        return (struct isolate_finding){0};
    age = fmax(block->head->looked - block->since[column], 0);
    struct errors errors = errors_of(block, h, &block->facts[j], age);
    double size = size_of(block, h, column) - errors.mean;
    bool small = h->mean > 0 && size < least_size;
    if (small || fabs(size - h->mean) > far_off * h->sd)
        return (struct isolate_finding){0};
    double odds =
        bank_odds(c, d, errors.mean + h->mean, sqrt(h->sd * h->sd + errors.variance));
    double usual = fmax(bank_odds(c, d, errors.mean, sqrt(errors.variance)), 0);
    return (struct isolate_finding){odds - usual, odds, size, block->since[column]};
}

static double evidence_of(const struct isolate_block *block, const struct isolate_plan *iso,
                          size_t j, size_t column)
{
    return weigh_slot(block, iso, j, column).evidence;
}

static void learn_size(struct isolate_size *usual, const struct isolate_block *block,
                       const struct isolate_hypothesis *h, size_t column)
{
    double c = block->c[column];
    if (!(c * h->sd * h->sd > 1))
        return;
    double size = block->d[column] / c, most = usual_most * sqrt(variance_of(usual, h->sd));
    if (usual->n > usual_looks / 5)
        size = fmin(fmax(size, usual->mean - most), usual->mean + most);
    usual->n = fmin(usual->n + 1, usual_looks);
    usual->mean += (size - usual->mean) / usual->n;
    usual->square += (size * size - usual->square) / usual->n;
    usual->uncertain += (1 / c - usual->uncertain) / usual->n;
}

static void keep_young(const struct plan *plan, struct isolate_block *block, size_t j,
                       size_t young)
{
    const struct isolate_plan *iso = plan->isolate;
    size_t n = iso->n_bank, weakest = 0;
    double least = INFINITY, found = evidence_of(block, iso, j, young * n + j);
    for (size_t k = ISOLATE_YOUNG; k < ISOLATE_SLOTS; k++) {
        double evidence = evidence_of(block, iso, j, k * n + j);
        if (evidence < least) {
            least = evidence;
            weakest = k;
        }
    }
    if (found > least)
        copy_slot(plan, block, young * n + j, weakest * n + j);
}

/* What the young slots of this number have found is kept where it is worth it. */
static void begin_anew(const struct twin *twin, struct isolate_block *block, size_t k,
                       double time)
{
    size_t n = twin->plan->isolate->n_bank;
    for (size_t j = 0; j < n; j++) {
        if (k >= ISOLATE_SURPRISED && block->head->alarmed <= 0)
            learn_size(&block->facts[j].young, block, &twin->plan->isolate->all[j],
                       k * n + j);
        keep_young(twin->plan, block, j, k);
        clear_slot(twin->plan, block, k * n + j, time);
    }
    block->head->young[k] = time;
}

/* A fault that began with the span that ends in this reading has been at work since. */
static void add_last_drive(const struct twin *twin, const struct isolate_work *w, size_t k,
                           double *g)
{
    const struct isolate_plan *iso = twin->plan->isolate;
    size_t n = iso->n_bank - iso->n_direct, m = isolate_columns(twin->plan);
    if (w->driven != twin || w->at < twin_head(twin)->time)
        return;
    for (size_t i = 0; i < twin->plan->n_x; i++)
        for (size_t j = 0; j < n; j++)
            g[i * m + k * iso->n_bank + iso->n_direct + j] = w->b[i * n + j];
}

/* Faults may have begun here: the older of the slots for this does. */
static void be_surprised(const struct twin *twin, struct isolate_block *block,
                         const struct isolate_work *w)
{
    double time = twin_head(twin)->time, *since = block->head->young;
    size_t k = since[1] < since[0];
    if (!(fmax(since[0], since[1]) < time))
        return;
    begin_anew(twin, block, k, time);
    add_last_drive(twin, w, k, block->g);
}

static void give_up(const struct plan *plan, struct isolate_block *block, double time)
{
    for (size_t column = 0; column < isolate_columns(plan); column++)
        if (block->recent[column] < recent_least || !isfinite(block->d[column]))
            clear_slot(plan, block, column, time);
}

/* ---- readings ---- */

static bool is_read_alone(const struct plan *plan, size_t sensor)
{
    const struct kind *kind = plan->kind;
    return kind->reads && kind->reads(plan->sensors[sensor].signal - kind->n_inputs) > 0;
}

/* What a fault of unit size adds to the reading at once, but for a drift. */
static double direct(const struct twin *twin, const struct isolate_hypothesis *h,
                     const struct isolate_reading *reading, struct twin_scratch *s)
{
    const struct plan *plan = twin->plan;
    if (h->cause == ISOLATE_BIAS)
        return h->sensor == reading->sensor;
    if (h->cause == ISOLATE_SCALE)
        return h->sensor == reading->sensor ? reading->expected : 0;
    if (h->cause == ISOLATE_DRIFT || is_read_alone(plan, reading->sensor))
        return 0;
    struct kind_effect effects[KIND_EFFECTS_MAX];
    size_t output = plan->sensors[reading->sensor].signal - plan->kind->n_inputs;
    double size = effects_of(twin, h, effects);
    double seen =
        size > 0 ? bank_effect_seen(twin, effects, output, reading->expected, s) / size : 0;
    return isfinite(seen) ? seen : 0;
}

/* Signatures, before what the states have caught of the faults. */
static void find_direct(const struct twin *twin, const struct isolate_reading *reading,
                        const double *since, struct twin_scratch *s)
{
    const struct isolate_plan *iso = twin->plan->isolate;
    double *to = s->isolate->s, time = twin_head(twin)->time;
    for (size_t j = 0; j < iso->n_bank; j++) {
        const struct isolate_hypothesis *h = &iso->all[j];
        bool drifts = h->cause == ISOLATE_DRIFT && h->sensor == reading->sensor;
        double now = direct(twin, h, reading, s);
        for (size_t k = 0; k < ISOLATE_SLOTS; k++)
            to[k * iso->n_bank + j] =
                drifts ? (time - since[k * iso->n_bank + j]) / hour : now;
    }
}

/* How much likelier the reading is by each fault as it was thought to be before. */
static void weigh_recent(const struct plan *plan, struct isolate_block *block,
                         const double *s, double residual, double variance)
{
    const struct isolate_plan *iso = plan->isolate;
    for (size_t j = 0, column = 0; column < isolate_columns(plan); column++) {
        double q = iso->all[j].sd * iso->all[j].sd;
        double size =
            (block->d[column] + iso->all[j].mean / q) / (block->c[column] + 1 / q);
        double added = size * s[column];
        double odds = added * (residual - added / 2) / variance;
        block->recent[column] += fmin(fmax(odds, -recent_most), recent_most) -
                                 recent_share * block->recent[column];
        j = j + 1 < iso->n_bank ? j + 1 : 0;
    }
}

static void take(const struct plan *plan, struct isolate_block *block, const double *s,
                 double residual, double variance)
{
    double most = clip * sqrt(variance);
    residual = fmin(fmax(residual, -most), most);
    weigh_recent(plan, block, s, residual, variance);
    bank_weigh(isolate_columns(plan), s, residual, variance, block->c, block->d);
}

static void doubt(const struct plan *plan, struct isolate_block *block,
                  const struct isolate_reading *reading, double variance, const double *s)
{
    block->head->doubted = (double)reading->sensor + 1;
    block->head->residual = reading->residual;
    block->head->variance = variance;
    memcpy(block->doubt, s, isolate_columns(plan) * sizeof *s);
}

/* The doubted reading was no spike. */
static bool confirms(const struct isolate_block *block,
                     const struct isolate_reading *reading, double variance)
{
    double odd = reading->residual * reading->residual;
    return reading->residual * block->head->residual > 0 &&
           (!reading->heeded || odd > surprising * variance);
}

void isolate_meet(struct twin *twin, const struct isolate_reading *reading,
                  struct twin_scratch *s)
{
    const struct plan *plan = twin->plan;
    if (!plan->isolate || !s->isolate)
        return;
    struct isolate_block block = isolate_block(twin);
    const struct isolate_sensor *sensor = &block.sensors[reading->sensor];
    double variance = reading->variance * isolate_scale(sensor, twin_head(twin)->time) *
                      isolate_sign_scatter(sensor);
    isolate_sign_meet(twin, reading);
    block.head->met = 1;
    if (plan->isolate->n_bank == 0 || !isfinite(variance))
        return;
    if (reading->residual * reading->residual > surprising * variance)
        be_surprised(twin, &block, s->isolate);
    find_direct(twin, reading, block.since, s);
    bank_foresee(plan->n_x, s->h, isolate_columns(plan), block.g, s->isolate->s);
    bool doubted = block.head->doubted == (double)reading->sensor + 1; // NOLINT: whole
    bool lone = !reading->heeded && twin_sensors(twin)[reading->sensor].rejected < 2 &&
                !isolate_excludes(twin, reading->sensor);
    if (lone)
        doubt(plan, &block, reading, variance, s->isolate->s);
    else if (doubted && confirms(&block, reading, variance))
        take(plan, &block, block.doubt, block.head->residual, block.head->variance);
    if (lone)
        return;
    block.head->doubted = doubted ? 0 : block.head->doubted;
    take(plan, &block, s->isolate->s, reading->residual, variance);
    if (reading->heeded)
        bank_heed(plan->n_x, s->gain, isolate_columns(plan), s->isolate->s, block.g);
}

/* ---- what it comes to ---- */

void isolate_bank_renew(struct twin *twin, double time)
{
    const struct plan *plan = twin->plan;
    struct isolate_block block = isolate_block(twin);
    double life = young_life(block.head);
    give_up(plan, &block, time);
    for (size_t k = 0; k < ISOLATE_YOUNG; k++)
        if (time - block.head->young[k] >= life)
            begin_anew(twin, &block, k, time);
}

void isolate_bank_begin(struct twin *twin, double time)
{
    struct isolate_block block = isolate_block(twin);
    for (size_t column = 0; column < isolate_columns(twin->plan); column++)
        clear_slot(twin->plan, &block, column, time);
    for (size_t k = 0; k < ISOLATE_YOUNG; k++)
        block.head->young[k] = time;
}

struct isolate_finding isolate_bank_find(const struct twin *twin, size_t j)
{
    const struct isolate_plan *iso = twin->plan->isolate;
    struct isolate_block block = isolate_block(twin);
    struct isolate_finding best = {0};
    for (size_t column = j; column < isolate_columns(twin->plan); column += iso->n_bank) {
        struct isolate_finding found = weigh_slot(&block, iso, j, column);
        if (found.evidence > best.evidence)
            best = found;
    }
    return best;
}

void isolate_bank_learn(struct twin *twin)
{
    const struct isolate_plan *iso = twin->plan->isolate;
    struct isolate_block block = isolate_block(twin);
    for (size_t j = 0; j < iso->n_bank; j++) {
        size_t best = ISOLATE_YOUNG * iso->n_bank + j;
        for (size_t k = ISOLATE_YOUNG + 1; k < ISOLATE_SLOTS; k++)
            if (block.c[k * iso->n_bank + j] > block.c[best])
                best = k * iso->n_bank + j;
        learn_size(&block.facts[j].old, &block, &iso->all[j], best);
    }
}
