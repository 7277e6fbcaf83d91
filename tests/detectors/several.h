/* Processes of several signals, and faults in them, drawn from a seed.
 *
 * RIG: eight signals of a small test bed, one a second: two vibrations that share a load,
 * a noisy current and voltage, a pressure and a flow in coarse steps, two temperatures that
 * wander. A fault of some minutes in the middle.
 * PLANT: 52 signals of a controlled plant, one in three minutes: slow common causes,
 * analysers that hold their last sample, valves that follow what they control. A fault that
 * lasts to the end.
 * CALM: independent signals with memory; nothing happens. */
#ifndef SEVERAL_H
#define SEVERAL_H

#include "twind/random.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { SEVERAL_MAX = 64, CAUSES = 12 };
enum { RIG_SIGNALS = 8, PLANT_SIGNALS = 52, PLANT_MEASURED = 22, PLANT_VALVES = 11 };

enum process_kind { RIG, PLANT, CALM };

/* Of a rig: SHIFT to NOISE, and SURGE; of a plant all but SURGE. */
enum process_fault {
    NOTHING,
    SHIFT,    /* the level of some signals */
    RAMP,     /* of one, slowly */
    NOISE,    /* more scatter in some */
    RELATION, /* signals no longer go together */
    SURGE,    /* comes and goes */
    CAUSE,    /* a common cause steps, and control takes half of it back */
    VALVE,    /* a valve sticks in steps */
    STRANGER, /* a cause that was not there acts on some signals */
    FAULTS,
};

static const char *const fault_names[FAULTS] = {
    [NOTHING] = "nothing", [SHIFT] = "shift",       [RAMP] = "ramp",
    [NOISE] = "noise",     [RELATION] = "relation", [SURGE] = "surge",
    [CAUSE] = "cause",     [VALVE] = "valve",       [STRANGER] = "stranger",
};

struct process {
    struct random random;
    enum process_kind kind;
    enum process_fault fault;
    size_t n;
    int row, from, to; /* rows of the fault: from .. to - 1 */
    double size;       /* of the fault, in its signals' own scatter */
    size_t at[4];      /* its signals */
    double sign[4];
    double cause[CAUSES], keep[CAUSES], weight[SEVERAL_MAX][CAUSES];
    double own[SEVERAL_MAX], own_keep[SEVERAL_MAX], white[SEVERAL_MAX];
    double trend, slow, slow_white, lag, stuck, stranger;
    double values[SEVERAL_MAX];
};

static double between(struct process *p, double low, double high)
{
    return low + (high - low) * random_uniform(&p->random);
}

static size_t pick(struct process *p, size_t n)
{
    return (size_t)(random_uniform(&p->random) * (double)n);
}

/* x' = k x + noise, of variance 1 */
static double recall(struct process *p, double x, double keep)
{
    return keep * x + sqrt(1 - keep * keep) * random_normal(&p->random);
}

static bool faulty(const struct process *p)
{
    return p->fault != NOTHING && p->row >= p->from && p->row < p->to;
}

/* ---- what is drawn once ---- */

static void choose_fault(struct process *p, enum process_fault fault, size_t among)
{
    p->fault = fault;
    for (int i = 0; i < 4; i++) {
        p->at[i] = pick(p, among);
        p->sign[i] = random_uniform(&p->random) < 0.5 ? -1 : 1;
    }
}

static void begin_rig(struct process *p, enum process_fault fault)
{
    p->n = RIG_SIGNALS;
    double wander = pow(10, between(p, -2, 0));
    p->trend = between(p, -0.0006, 0.0006) * wander;
    p->slow_white = between(p, 0, 0.006) * wander;
    for (size_t i = 0; i < p->n; i++) {
        p->own_keep[i] = between(p, 0, 0.6);
        p->weight[i][0] = between(p, 0, 0.6);
    }
    p->weight[1][1] = between(p, 0.5, 0.95);
    p->from = 480 + (int)pick(p, 150);
    p->to = p->from + 300 + (int)pick(p, 150);
    choose_fault(p, fault, p->n);
    p->size = fault == NOISE ? between(p, 1.7, 3.5) : between(p, 1, 5);
}

static void begin_plant(struct process *p, enum process_fault fault, int from)
{
    p->n = PLANT_SIGNALS;
    for (int c = 0; c < CAUSES; c++)
        p->keep[c] = between(p, 0.6, 0.97);
    for (size_t i = 0; i < p->n; i++) {
        for (int k = 0; k < 3; k++)
            p->weight[i][pick(p, CAUSES)] += between(p, -1, 1);
        p->own_keep[i] = between(p, 0, 0.5);
        p->white[i] = i < PLANT_MEASURED ? between(p, 0.05, 1) : between(p, 0.5, 1.5);
        if (i >= PLANT_SIGNALS - PLANT_VALVES)
            p->white[i] = between(p, 0.01, 0.3);
    }
    p->from = from;
    p->to = 1 << 30;
    choose_fault(p, fault, PLANT_MEASURED);
    p->at[0] = PLANT_SIGNALS - PLANT_VALVES + pick(p, PLANT_VALVES - 1); /* a valve */
    p->size = fault == NOISE ? between(p, 2, 4) : between(p, 1.5, 6);
}

static void begin_calm(struct process *p, size_t n)
{
    p->n = n;
    for (size_t i = 0; i < n; i++)
        p->own_keep[i] = between(p, 0, 0.9);
}

static void process_begin(struct process *p, enum process_kind kind,
                          enum process_fault fault, int from, unsigned seed)
{
    memset(p, 0, sizeof *p);
    p->random.state = seed * 7919u + 17;
    p->kind = kind;
    if (kind == RIG)
        begin_rig(p, fault);
    else if (kind == PLANT)
        begin_plant(p, fault, from);
    else
        begin_calm(p, (size_t)from);
    for (int c = 0; c < CAUSES; c++)
        p->cause[c] = random_normal(&p->random);
}

/* ---- a row ---- */

static double in_steps(double x, double step)
{
    return step * round(x / step);
}

/* In units of the scatter of what is at[i]. */
static double push(const struct process *p, size_t signal)
{
    double age = p->row - p->from, sum = 0;
    int n = p->fault == RAMP ? 1 : 1 + (int)(p->at[0] % 3);
    if (!faulty(p))
        return 0;
    for (int i = 1; i <= n; i++)
        if (p->at[i] == signal && p->fault == SHIFT)
            sum += p->sign[i] * p->size * fmin(1, age / 20);
        else if (p->at[i] == signal && p->fault == RAMP)
            sum += p->sign[i] * 2 * p->size * age / 300;
        else if (p->at[i] == signal && p->fault == SURGE && fmod(age, 60) < 30)
            sum += p->sign[i] * 1.5 * p->size;
    return sum;
}

static double louder(const struct process *p, size_t signal)
{
    bool chosen = p->at[0] == signal || p->at[1] == signal || p->at[2] == signal;
    return faulty(p) && p->fault == NOISE && chosen ? p->size : 1;
}

static void draw_rig(struct process *p)
{
    double *v = p->values, noise[RIG_SIGNALS];
    p->cause[0] = recall(p, p->cause[0], 0.9);
    for (size_t i = 0; i < p->n; i++) {
        p->own[i] = recall(p, p->own[i], p->own_keep[i]);
        noise[i] = p->own[i] * louder(p, i) + p->weight[i][0] * p->cause[0] + push(p, i);
    }
    double bond = faulty(p) && p->fault == RELATION ? -0.3 : p->weight[1][1];
    p->slow += p->trend + p->slow_white * random_normal(&p->random);
    p->lag += (p->slow - p->lag) / 120;
    v[0] = 0.027 + 3e-4 * noise[0];
    v[1] = 0.04 + 4e-4 * (bond * p->own[0] + sqrt(1 - bond * bond) * noise[1]);
    v[2] = 1.3 + 0.3 * noise[2];
    v[3] = 0.0547 + in_steps(0.2 * noise[3], 0.328);
    v[4] = 79 + p->slow + 0.08 * noise[4];
    v[5] = 26 + 0.3 * p->lag + 0.02 * noise[5];
    v[6] = 232 + 8 * noise[6];
    v[7] = in_steps(32 + 0.5 * noise[7], 1);
}

static double measured(struct process *p, size_t i)
{
    double sum = 0;
    for (int c = 0; c < CAUSES; c++)
        sum += p->weight[i][c] * p->cause[c];
    p->own[i] = recall(p, p->own[i], p->own_keep[i]);
    return sum + p->white[i] * p->own[i] * louder(p, i) + push(p, i);
}

static void draw_causes(struct process *p)
{
    bool step = faulty(p) && p->fault == CAUSE;
    double age = p->row - p->from;
    for (int c = 0; c < CAUSES; c++)
        p->cause[c] = recall(p, p->cause[c], p->keep[c]);
    if (step) /* pulled to its new level */
        p->cause[p->at[1] % CAUSES] +=
            (1 - p->keep[p->at[1] % CAUSES]) * 2 * p->size * (0.5 + 0.5 * exp(-age / 60));
    p->stranger = recall(p, p->stranger, 0.9);
}

/* A valve follows the signal that it controls. */
static double valve(struct process *p, size_t i, double free)
{
    double follows = p->values[i % PLANT_MEASURED];
    if (i == PLANT_SIGNALS - 1)
        return 41; /* never moves */
    if (faulty(p) && p->fault == VALVE && i == p->at[0]) {
        if (fabs(follows - p->stuck) > 0.5 * p->size)
            p->stuck = follows;
        follows = p->stuck;
    } else if (faulty(p) && p->fault == RELATION && i == p->at[0]) {
        follows *= 1 - 0.15 * p->size;
    }
    return follows + 0.05 * free;
}

static void draw_plant(struct process *p)
{
    draw_causes(p);
    for (size_t i = 0; i < p->n; i++) {
        double x = measured(p, i);
        if (faulty(p) && p->fault == STRANGER && i % 7 == p->at[1] % 7)
            x += 0.5 * p->size * p->stranger;
        bool sampled = i < PLANT_MEASURED || p->row % (i < 36 ? 2 : 5) == 0;
        if (i >= PLANT_SIGNALS - PLANT_VALVES)
            p->values[i] = valve(p, i, x);
        else if (sampled)
            p->values[i] = x;
    }
}

static void process_draw(struct process *p)
{
    if (p->kind == RIG)
        draw_rig(p);
    else if (p->kind == PLANT)
        draw_plant(p);
    else
        for (size_t i = 0; i < p->n; i++)
            p->values[i] = p->own[i] = recall(p, p->own[i], p->own_keep[i]);
    p->row++;
}

#endif
