/* The ways are mixed by their own past errors: weight_i ~ MSE_i^-p, p growing with what has
 * been seen (Bates & Granger 1969, Oper. Res. Q. 20, 451; with p = n/2 it is the posterior
 * of Gaussian experts). The band: mean squares of the mix's own errors, by block of the
 * day, times a factor that goes up at each miss and down at each hit so that 90 % fall
 * inside (Gibbs & Candes 2021, NeurIPS, adaptive conformal inference). */
#include "twind/forecast_course.h"

#include "twind/ridge.h"

#include <math.h>
#include <string.h>

_Static_assert((int)COURSE_FEATURES_MOST <= (int)RIDGE_MOST,
               "more features than a regression takes");

static const double coefficients_kept = 60 * 24, losses_kept = 4 * 24, here_kept = 4 * 3,
                    errors_kept = 20 * 24; /* issues */
static const double half = 6; /* samples of a block that count as much as the whole day */
static const double held[COURSE_WAYS] = {/* samples; more at longer leads */
                                         [COURSE_FEW] = 2,
                                         [COURSE_FIRM] = 20,
                                         [COURSE_LOOSE] = 2,
                                         [COURSE_FREE] = 0.1};
static const double sharpest = 4;
static const double settle = 6; /* issues in which the present is forgotten by the prior */
static const double doubt = 0.5;
static const double band = 1.645, covered = 0.9, pace = 0.05;

enum { ROW = COURSE_WAYS + 1, LOSSES = (1 + COURSE_BLOCKS) * ROW };

struct waiting {
    struct course_waiting *head;
    float *features;
};

static size_t waiting_floats(size_t n)
{
    return sizeof(struct course_waiting) / sizeof(float) + n;
}

size_t course_floats(size_t n, size_t slots)
{
    return ridge_floats(n) + LOSSES + slots * waiting_floats(n) +
           sizeof(struct course_record) / sizeof(float);
}

struct course course_at(float *block, size_t n, size_t slots, double ahead)
{
    struct course c = {.n = n, .ahead = ahead, .slots = slots};
    c.record = (void *)block;
    block += sizeof(struct course_record) / sizeof(float);
    c.moments = block;
    c.losses = c.moments + ridge_floats(n);
    c.waiting = c.losses + LOSSES;
    return c;
}

static struct waiting waiting_of(const struct course *c, double number)
{
    float *at = c->waiting + (size_t)fmod(number, (double)c->slots) * waiting_floats(c->n);
    return (struct waiting){(void *)at, at + sizeof(struct course_waiting) / sizeof(float)};
}

/* ---- the ways ---- */

static double kept(double issues)
{
    return 1 - 1 / issues;
}

static void solve_ridge(const struct course *c, enum course_way way, double *coefficients)
{
    static const unsigned char first[RIDGE_MOST] = {[COURSE_YESTERDAY] = 1,
                                                    [COURSE_USUAL] = 1,
                                                    [COURSE_DAY_AGO] = 1,
                                                    [COURSE_MODEL] = 1};
    double prior[RIDGE_MOST] = {0}, gone = 1 - exp(-c->ahead / settle);
    bool output = c->n > COURSE_OWN;
    prior[COURSE_YESTERDAY] = prior[COURSE_USUAL] = gone * (output ? 0.35 : 0.5);
    if (output)
        prior[COURSE_MODEL] = 0.3 * gone;
    double samples = held[way] * sqrt(fmax(c->ahead, 1));
    ridge_solve(c->n, c->moments,
                &(struct ridge_prior){prior, way == COURSE_FEW ? first : NULL, samples,
                                      output ? COURSE_CLOCK : COURSE_OWN},
                coefficients);
}

static void solve_way(const struct course *c, enum course_way way, double *coefficients)
{
    if (way >= COURSE_FEW) {
        solve_ridge(c, way, coefficients);
        return;
    }
    memset(coefficients, 0, (c->n + 1) * sizeof *coefficients);
    if (way == COURSE_AGAIN)
        coefficients[COURSE_YESTERDAY] = 1;
    if (way == COURSE_USUALLY)
        coefficients[COURSE_USUAL] = 1;
    if (way == COURSE_BY_MODEL)
        coefficients[COURSE_MODEL] = 1;
}

static bool has_way(const struct course *c, enum course_way way)
{
    return way != COURSE_BY_MODEL || c->n > COURSE_OWN;
}

void course_solve(const struct course *c, double *coefficients)
{
    for (size_t i = 0; i < COURSE_WAYS; i++)
        if (has_way(c, (enum course_way)i))
            solve_way(c, (enum course_way)i, coefficients + i * (c->n + 1));
}

/* Of the block, as far as it has been seen. */
static double loss(const struct course *c, size_t way, size_t block)
{
    const float *here = c->losses + (1 + block) * ROW;
    double n = (double)here[COURSE_WAYS];
    return (n * (double)here[way] + half * (double)c->losses[way]) / (n + half);
}

/* Sum 1. */
static void weigh(const struct course *c, size_t block, double *weights)
{
    double n = (double)c->losses[COURSE_WAYS] / fmax(c->ahead, 1), best = INFINITY, sum = 0;
    for (size_t i = 0; i < COURSE_WAYS; i++)
        if (has_way(c, (enum course_way)i))
            best = fmin(best, loss(c, i, block));
    for (size_t i = 0; i < COURSE_WAYS; i++) {
        weights[i] = i == COURSE_FEW;
        if (best > 0)
            weights[i] = has_way(c, (enum course_way)i)
                             ? pow(loss(c, i, block) / best, -fmin(n / 2, sharpest))
                             : 0;
        sum += weights[i];
    }
    for (size_t i = 0; i < COURSE_WAYS; i++)
        weights[i] /= sum;
}

static double foretold(const struct course *c, const double *coefficients, size_t way,
                       const float *features)
{
    return ridge_predict(c->n, c->moments, coefficients + way * (c->n + 1), features);
}

double course_change(const struct course *c, const double *coefficients, size_t block,
                     const float *features)
{
    double weights[COURSE_WAYS], sum = 0;
    weigh(c, block, weights);
    for (size_t i = 0; i < COURSE_WAYS; i++)
        if (weights[i] > 1e-4)
            sum += weights[i] * foretold(c, coefficients, i, features);
    return sum;
}

/* ---- what comes true ---- */

void course_issue(struct course *c, double number, const double *coefficients,
                  const float *features, double now, double mean, double sd)
{
    struct waiting w = waiting_of(c, number);
    *w.head = (struct course_waiting){
        .number = (float)number, .now = (float)now, .mean = (float)mean, .sd = (float)sd};
    w.head->model = c->n > COURSE_OWN ? (float)now + features[COURSE_MODEL] : NAN;
    memcpy(w.features, features, c->n * sizeof *features);
    for (size_t i = 0; i < COURSE_WAYS; i++)
        if (has_way(c, (enum course_way)i))
            w.head->way[i] = (float)foretold(c, coefficients, i, features);
}

/* Into a mean that forgets. */
static void add(float *mean, double value, double weight)
{
    *mean = (float)((double)*mean + (value - (double)*mean) / weight);
}

static void learn_losses(float *losses, const struct course_waiting *w, double change,
                         double memory)
{
    double n = kept(memory) * (double)losses[COURSE_WAYS] + 1;
    losses[COURSE_WAYS] = (float)n;
    for (size_t i = 0; i < COURSE_WAYS; i++) {
        double error = change - (double)w->way[i];
        add(&losses[i], error * error, n);
    }
}

/* Each error counts as half of one more: the first ones, of when nothing had been learned,
 * are forgotten the sooner. */
static float weigh_one(float n, double memory)
{
    return (float)fmax(kept(memory) * (double)n + 0.5, 1);
}

/* Errors that the model's own sd counts as: fewer the more came, none when weigh_one() has
 * come to where it stays. */
static double weight_of_prior(const struct course *c)
{
    return 6 * fmax(c->ahead, 1) * fmax(1 - (double)c->record->n / (errors_kept / 2), 0);
}

static void learn_errors(struct course *c, const struct course_waiting *w, double value,
                         size_t block)
{
    struct course_record *r = c->record;
    double error = value - (double)w->mean, change = value - (double)w->now;
    bool hit = fabs(error) <= band * (double)w->sd;
    r->n = weigh_one(r->n, errors_kept);
    r->block_n[block] = weigh_one(r->block_n[block], errors_kept / COURSE_BLOCKS);
    add(&r->square, error * error, (double)r->n);
    add(&r->persistence, change * change, (double)r->n);
    add(&r->block_square[block], error * error, (double)r->block_n[block]);
    add(&r->within, hit, (double)r->n);
    /* As long as the sd is rather the model's, a hit says less. */
    double share = (double)r->n / ((double)r->n + weight_of_prior(c));
    r->stretch += (float)(pace * (hit ? (covered - 1) * (3 + share) / 4 : covered));
    r->stretch = fminf(fmaxf(r->stretch, -1.5F), 1.5F);
    if (isfinite(w->model))
        r->error = (float)(value - (double)w->model);
}

void course_come(struct course *c, double number, double value, size_t block)
{
    struct waiting w = waiting_of(c, number);
    if (!((double)w.head->number == number))
        return;
    double change = value - (double)w.head->now;
    ridge_learn(c->n, c->moments, w.features, change, kept(coefficients_kept));
    learn_losses(c->losses, w.head, change, losses_kept);
    learn_losses(c->losses + (1 + block) * ROW, w.head, change, here_kept);
    learn_errors(c, w.head, value, block);
    w.head->number = 0;
}

/* Errors larger than the model's sd count in full, and smaller ones by their ratio: a model
 * that thinks itself ten times worse than it is must not make the band wide for weeks. */
static double mean_square(double square, double n, double model_square, double begin)
{
    const double least = 1e-6; /* of the model's: never none at all */
    double share = n / (n + begin);
    square = fmax(square, least * model_square);
    if (square < model_square)
        return model_square * pow(square / model_square, share);
    return share * square + (1 - share) * model_square;
}

double course_sd(const struct course *c, size_t block, double model_sd)
{
    const struct course_record *r = c->record;
    double few_here = 2 * fmax(c->ahead / 3, 1);
    double n = (double)r->n, bn = (double)r->block_n[block];
    double begin = weight_of_prior(c);
    double all = mean_square((double)r->square, n, model_sd * model_sd, begin);
    double here = (bn * (double)r->block_square[block] + few_here * all) / (bn + few_here);
    return sqrt(here) * exp((double)r->stretch);
}

void course_forget(struct course *c)
{
    for (size_t i = 0; i < c->slots; i++)
        ((struct course_waiting *)(void *)(c->waiting + i * waiting_floats(c->n)))->number =
            0;
}

void course_doubt(struct course *c)
{
    ridge_fade(c->n, c->moments, doubt);
    for (size_t at = COURSE_WAYS; at < LOSSES; at += ROW)
        c->losses[at] = (float)(doubt * (double)c->losses[at]);
    course_forget(c);
}
