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

static const double coefficients_kept = 60 * 24, losses_kept = 20 * 24,
                    errors_kept = 20 * 24;         /* issues */
static const double firm = 20, loose = 2, few = 2; /* samples; more at longer leads */
static const double sharpest = 8;
static const double settle = 6; /* issues in which the present is forgotten by the prior */
static const double doubt = 0.5;
static const double band = 1.645, covered = 0.9, pace = 0.03;

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
    return ridge_floats(n) + COURSE_WAYS + 1 + slots * waiting_floats(n) +
           sizeof(struct course_record) / sizeof(float);
}

struct course course_at(float *block, size_t n, size_t slots, double ahead)
{
    struct course c = {.n = n, .ahead = ahead, .slots = slots};
    c.record = (void *)block;
    block += sizeof(struct course_record) / sizeof(float);
    c.moments = block;
    c.losses = c.moments + ridge_floats(n);
    c.waiting = c.losses + COURSE_WAYS + 1;
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
    double samples = (way == COURSE_FEW    ? few
                      : way == COURSE_FIRM ? firm
                                           : loose) *
                     sqrt(fmax(c->ahead, 1));
    ridge_solve(c->n, c->moments,
                &(struct ridge_prior){prior, way == COURSE_FEW ? first : NULL, samples},
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

/* Sum 1. */
static void weigh(const struct course *c, double *weights)
{
    double n = (double)c->losses[COURSE_WAYS] / fmax(c->ahead, 1), best = INFINITY, sum = 0;
    for (size_t i = 0; i < COURSE_WAYS; i++)
        if (has_way(c, (enum course_way)i))
            best = fmin(best, (double)c->losses[i]);
    for (size_t i = 0; i < COURSE_WAYS; i++) {
        weights[i] = i == COURSE_FEW;
        if (best > 0)
            weights[i] = has_way(c, (enum course_way)i)
                             ? pow((double)c->losses[i] / best, -fmin(n / 2, sharpest))
                             : 0;
        sum += weights[i];
    }
    for (size_t i = 0; i < COURSE_WAYS; i++)
        weights[i] /= sum;
}

void course_solve(const struct course *c, double *coefficients)
{
    double weights[COURSE_WAYS], way[RIDGE_MOST + 1];
    weigh(c, weights);
    memset(coefficients, 0, (c->n + 1) * sizeof *coefficients);
    for (size_t i = 0; i < COURSE_WAYS; i++) {
        if (weights[i] < 1e-4)
            continue;
        solve_way(c, (enum course_way)i, way);
        for (size_t j = 0; j <= c->n; j++)
            coefficients[j] += weights[i] * way[j];
    }
}

/* ---- what comes true ---- */

void course_issue(struct course *c, double number, const float *features, double now,
                  double mean, double sd)
{
    struct waiting w = waiting_of(c, number);
    double way[RIDGE_MOST + 1];
    *w.head = (struct course_waiting){
        .number = (float)number, .now = (float)now, .mean = (float)mean, .sd = (float)sd};
    w.head->model = c->n > COURSE_OWN ? (float)now + features[COURSE_MODEL] : NAN;
    memcpy(w.features, features, c->n * sizeof *features);
    for (size_t i = 0; i < COURSE_WAYS; i++) {
        if (!has_way(c, (enum course_way)i))
            continue;
        solve_way(c, (enum course_way)i, way);
        w.head->way[i] = (float)ridge_predict(c->n, c->moments, way, features);
    }
}

/* Into a mean that forgets. */
static void add(float *mean, double value, double weight)
{
    *mean = (float)((double)*mean + (value - (double)*mean) / weight);
}

static void learn_losses(struct course *c, const struct course_waiting *w, double change)
{
    double n = kept(losses_kept) * (double)c->losses[COURSE_WAYS] + 1;
    c->losses[COURSE_WAYS] = (float)n;
    for (size_t i = 0; i < COURSE_WAYS; i++) {
        double error = change - (double)w->way[i];
        add(&c->losses[i], error * error, n);
    }
}

static void learn_errors(struct course *c, const struct course_waiting *w, double value,
                         size_t block)
{
    struct course_record *r = c->record;
    double error = value - (double)w->mean, change = value - (double)w->now;
    bool hit = fabs(error) <= band * (double)w->sd;
    r->n = (float)(kept(errors_kept) * (double)r->n + 1);
    r->block_n[block] =
        (float)(kept(errors_kept / COURSE_BLOCKS) * (double)r->block_n[block] + 1);
    add(&r->square, error * error, (double)r->n);
    add(&r->persistence, change * change, (double)r->n);
    add(&r->block_square[block], error * error, (double)r->block_n[block]);
    add(&r->within, hit, (double)r->n);
    r->stretch += (float)(pace * (hit ? covered - 1 : covered));
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
    learn_losses(c, w.head, change);
    learn_errors(c, w.head, value, block);
    w.head->number = 0;
}

double course_sd(const struct course *c, size_t block, double model_sd)
{
    const struct course_record *r = c->record;
    double begin = 6 * fmax(c->ahead, 1), half = 2 * fmax(c->ahead / 3, 1);
    double n = (double)r->n, bn = (double)r->block_n[block];
    double all = (n * (double)r->square + begin * model_sd * model_sd) / (n + begin);
    double here = (bn * (double)r->block_square[block] + half * all) / (bn + half);
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
    c->losses[COURSE_WAYS] = (float)(doubt * (double)c->losses[COURSE_WAYS]);
    course_forget(c);
}
