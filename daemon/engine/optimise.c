/* Coordinate descent by windows, with shrinking steps, from several starts.
 *
 *   least  aim + W breach + r sum |x_i - x_(i-1)|    over x in levels^n
 *
 * Where limits can be kept they are: W makes a breach of 1e-5 as dear as all that the
 * starts differ in their aim (an exact penalty: Nocedal & Wright 2006, Numerical
 * Optimization, ch. 17.2). The last term only decides between equals, for the calmer one.
 *
 * First the best even schedule is sought, then that of two halves, of quarters, .. of
 * single blocks: windows of n, n/2, .. 1 blocks move as one, each by itself and then
 * against one that is 1, 2, 4 .. windows away, by as much or by less (which shifts a load
 * from one hour to another, of which less is left). What helps is repeated; when nothing
 * does, the step is halved, down to one level. At last all windows are tried together until
 * no move helps. Starts: the plain course and even ones over all levels; the best of them
 * are descended from. Pattern search of this sort ends in a point that no such move
 * improves (Torczon 1997, SIAM J. Optim. 7, 1); that it is the best of all is not promised.
 */
#include "twind/optimise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double breach_share = 1e-5, calm_share = 1e-3;
enum pass { SINGLES, PAIRS, LOSSY_PAIRS };
enum { EVEN_STARTS = 9, COARSE = 4, FINE = 16 }; /* the first step: a share of the levels */

/* ---- costs ---- */

static double roughness(const struct optimise *o, const struct optimise_schedule *s)
{
    double sum = 0;
    for (size_t i = 1; i < o->n; i++)
        sum += abs((int)s->at[i] - (int)s->at[i - 1]);
    return sum * o->roughness;
}

static double total(const struct optimise *o, const struct optimise_start *s)
{
    double sum = s->cost.aim + o->weight * s->cost.breach + roughness(o, &s->schedule);
    return isnan(sum) ? (double)INFINITY : sum;
}

static void evaluate(struct optimise *o, struct optimise_start *s, optimise_cost *cost,
                     void *context)
{
    double values[OPTIMISE_BLOCKS];
    for (size_t i = 0; i < o->n; i++)
        values[i] = o->levels[s->schedule.at[i]];
    s->cost = cost(context, values);
    o->evaluations++;
}

/* What is better than the present becomes it, and the best of all is kept. */
static bool take(struct optimise *o, const struct optimise_start *s)
{
    double least = total(o, &o->now);
    if (!(total(o, s) < least - 1e-12 * fabs(least)))
        return false;
    o->now = *s;
    if (total(o, s) < total(o, &o->best))
        o->best = *s;
    return true;
}

/* ---- starts ---- */

static unsigned char nearest(const struct optimise *o, double value)
{
    size_t best = 0;
    for (size_t i = 1; i < o->n_levels; i++)
        if (fabs(o->levels[i] - value) < fabs(o->levels[best] - value))
            best = i;
    return (unsigned char)best;
}

static void add_plain(struct optimise *o, const double *plain)
{
    struct optimise_schedule *s = &o->starts[0].schedule;
    for (size_t i = 0; plain && i < o->n; i++) {
        if (!isfinite(plain[i]))
            return;
        s->at[i] = nearest(o, plain[i]);
    }
    o->n_starts = plain ? 1 : 0;
}

static void add_even(struct optimise *o)
{
    size_t most = o->n_levels < EVEN_STARTS ? o->n_levels : EVEN_STARTS;
    for (size_t i = 0; i < most; i++) {
        size_t level = most > 1 ? i * (o->n_levels - 1) / (most - 1) : 0;
        memset(o->starts[o->n_starts++].schedule.at, (int)level, o->n);
    }
}

/* From what the starts cost: by how much schedules differ at all. */
static void weigh(struct optimise *o)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < o->n_starts; i++) {
        least = fmin(least, o->starts[i].cost.aim);
        most = fmax(most, o->starts[i].cost.aim);
    }
    double spread = most > least ? most - least : fmax(fabs(least), 1);
    o->weight = isfinite(spread) ? spread / breach_share : 1 / breach_share;
    o->roughness = isfinite(spread) ? calm_share * spread / (double)o->n_levels : 0;
}

/* The best start that has not been used; NULL: all have. */
static struct optimise_start *best_start(struct optimise *o)
{
    struct optimise_start *best = NULL;
    for (size_t i = 0; i < o->n_starts; i++)
        if (!o->used[i] && (!best || total(o, &o->starts[i]) < total(o, best)))
            best = &o->starts[i];
    return best;
}

static bool try_start(struct optimise *o, optimise_cost *cost, void *context)
{
    evaluate(o, &o->starts[o->tried++], cost, context);
    if (o->tried < o->n_starts)
        return true;
    weigh(o);
    o->best = *best_start(o);
    return true;
}

/* ---- moves ---- */

static size_t windows(const struct optimise *o, size_t width)
{
    return (o->n + width - 1) / width;
}

/* Up and down, then the next distance, window, and half the width. False: that was the
 * last. */
static bool next_move(const struct optimise *o, struct optimise_move *m)
{
    size_t n = windows(o, m->width);
    m->down = !m->down;
    if (m->down)
        return true;
    m->distance *= 2;
    if (m->distance > 0 && m->window + m->distance < n)
        return true;
    m->distance = o->pass ? 1 : 0;
    m->window++;
    if (m->window + m->distance < n)
        return true;
    m->window = 0;
    m->width /= 2;
    return !o->coarse && m->width > 0;
}

static void shift(const struct optimise *o, struct optimise_schedule *s, size_t window,
                  size_t width, int by)
{
    for (size_t i = window * width; i < (window + 1) * width && i < o->n; i++) {
        int to = (int)s->at[i] + by;
        int last = (int)o->n_levels - 1;
        s->at[i] = (unsigned char)(to < 0 ? 0 : to > last ? last : to);
    }
}

/* False: all stand at their end already. */
static bool make_move(const struct optimise *o, struct optimise_schedule *s)
{
    const struct optimise_move *m = &o->move;
    int by = m->down ? -(int)o->step : (int)o->step;
    *s = o->now.schedule;
    shift(o, s, m->window, m->width, by);
    if (m->distance > 0)
        shift(o, s, m->window + m->distance, m->width,
              o->pass == LOSSY_PAIRS ? by / 4 - by : -by);
    return memcmp(s->at, o->now.schedule.at, o->n) != 0;
}

static void begin_pass(struct optimise *o, int pass)
{
    o->pass = pass;
    o->move = (struct optimise_move){.width = o->width, .distance = pass ? 1 : 0};
    while (pass && o->move.width >= o->n) /* which has no other window */
        o->move.width /= 2;
    o->improved = false;
}

static unsigned share_of_levels(const struct optimise *o, unsigned share)
{
    return o->n_levels / share > 0 ? (unsigned)(o->n_levels / share) : 1;
}

/* Windows of half the width; after the last of them all together. */
static void begin_width(struct optimise *o, size_t width)
{
    o->coarse = width > 0;
    o->width = o->coarse ? width : o->n;
    o->step = share_of_levels(o, o->coarse ? COARSE : FINE);
    begin_pass(o, SINGLES);
}

/* After a pass without success at the least step: pairs, then the next width. False: the
 * descent has ended. */
static bool end_steps(struct optimise *o)
{
    bool pairs = o->pass < LOSSY_PAIRS && o->n > 1 && !(o->coarse && o->width >= o->n);
    if (!pairs && !o->coarse)
        return false;
    if (!pairs) {
        begin_width(o, o->width / 2);
        return true;
    }
    o->step = share_of_levels(o, o->coarse ? 2 * COARSE : FINE);
    begin_pass(o, o->pass + 1);
    return true;
}

static bool end_pass(struct optimise *o)
{
    bool single_again = o->improved && !o->coarse; /* pairs have opened new ways */
    if (!o->improved && o->step == 1)
        return end_steps(o);
    if (!o->improved)
        o->step /= 2;
    begin_pass(o, single_again ? SINGLES : o->pass);
    return true;
}

/* ---- the search ---- */

static bool begin_descent(struct optimise *o)
{
    struct optimise_start *start = best_start(o);
    if (!start || o->descents++ == OPTIMISE_DESCENTS)
        return false;
    o->now = *start;
    o->used[start - o->starts] = true;
    begin_width(o, o->n);
    return true;
}

static bool next_in_descent(struct optimise *o)
{
    return next_move(o, &o->move) || end_pass(o);
}

static bool try_move(struct optimise *o, optimise_cost *cost, void *context)
{
    struct optimise_start trial;
    while (!make_move(o, &trial.schedule))
        if (!next_in_descent(o))
            return false;
    evaluate(o, &trial, cost, context);
    if (take(o, &trial)) {
        o->improved = true;
        return true;
    }
    return next_in_descent(o);
}

bool optimise_step(struct optimise *o, optimise_cost *cost, void *context)
{
    if (o->evaluations >= o->most)
        return false;
    if (o->tried < o->n_starts)
        return try_start(o, cost, context);
    if (!o->descending && !begin_descent(o))
        return false;
    o->descending = try_move(o, cost, context);
    return true;
}

void optimise_begin(struct optimise *o, const struct optimise_task *task)
{
    *o = (struct optimise){.n = task->n, .n_levels = task->n_levels, .most = task->most};
    memcpy(o->levels, task->levels, task->n_levels * sizeof *task->levels);
    add_plain(o, task->plain);
    add_even(o);
    if (o->most < o->n_starts)
        o->most = o->n_starts; /* less would be no search */
}

struct optimise_cost optimise_best(const struct optimise *o, double *values)
{
    for (size_t i = 0; i < o->n; i++)
        values[i] = o->levels[o->best.schedule.at[i]];
    return o->best.cost;
}
