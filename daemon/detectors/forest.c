/* forest: readings lie where few have lain before.
 *
 *   f = (u, z, u - z) of each signal, u = (x - mean) / sd, z = EWMA(u)
 *   density of a tree = mass of f's node * 2^depth / mass in all
 *
 * Half-space trees: each halves a random range of a random feature, again and again; the
 * mass of a node is how many readings it has seen. Tan, Ting, Liu 2011, "Fast anomaly
 * detection for streaming data", IJCAI. There the mass is that of a former window; here it
 * fades over `memory` readings. How rare a density is, the least of them say (tail.c). The
 * trees are drawn from a fixed seed. A missing value is taken as usual. Valid for signals
 * around one operating point, or several; up to 64 signals. */
#include "twind/detector.h"
#include "twind/baseline.h"
#include "twind/random.h"
#include "twind/tail.h"

#include <math.h>

enum param { RISK, MEMORY, PARAMS };
enum { TREES = 12, DEPTH = 6, NODES = (1 << (DEPTH + 1)) - 1, FADED = 64, FEATURES = 3 };

static const struct detector_row rows[PARAMS] = {
    [RISK] = {"risk", "alarm where a reading is rarer than 10^-risk", 2.8, 1, 12},
    [MEMORY] = {"memory", "readings over which what is usual is learned", 2000, 100, 1e6},
};
_Static_assert(sizeof rows / sizeof *rows == PARAMS, "a row for each parameter");

static const double MOST = 8;    /* standard deviations that a reading counts */
static const double QUICK = 16;  /* readings that z looks back */
static const double FEW = 0.002; /* of all readings: a node that is not halved further */

struct signal {
    struct baseline usual;
    double features[FEATURES];
};

struct state {
    float mass[TREES][NODES];
    double rows, all, n;
    struct tail tail;
    double empty, surprise; /* of the last reading */
    struct signal signals[];
};

/* ---- the features ---- */

static void take_features(struct signal *signal, double x, double memory)
{
    double *f = signal->features;
    double u =
        isnan(x) || signal->usual.rows < 2 ? 0 : baseline_deviation(&signal->usual, x);
    f[0] = fmin(fmax(u, -MOST), MOST);
    f[2] = f[0] - f[1];
    f[1] += f[2] / QUICK;
    if (!isnan(x))
        baseline_learn(&signal->usual, x, memory);
}

/* ---- a tree ---- */

struct halving {
    size_t feature;
    double low, high;
};

static uint64_t draw(uint64_t tree, uint64_t what)
{
    struct random random = {tree << 32 | what};
    return random_bits(&random);
}

/* The range that the tree starts with: random, and wide enough. */
static struct halving whole_range(size_t tree, size_t feature)
{
    struct random random = {(uint64_t)tree << 32 | NODES << 8 | feature};
    double middle = 4 * random_uniform(&random) - 2;
    double half = 2 * (fabs(middle) + 2);
    return (struct halving){feature, middle - half, middle + half};
}

/* What is left of the feature's range after so many halvings. */
static struct halving range_of(const struct halving *path, int depth, size_t tree,
                               size_t feature)
{
    for (int i = depth; i-- > 0;)
        if (path[i].feature == feature)
            return path[i];
    return whole_range(tree, feature);
}

static double feature_of(const struct state *s, size_t feature)
{
    return s->signals[feature / FEATURES].features[feature % FEATURES];
}

/* Passes the reading down, and leaves its mass behind; the density where it came to. */
static double fall(struct state *s, size_t tree)
{
    struct halving path[DEPTH];
    float *mass = s->mass[tree];
    double density = 0, few = FEW * s->all;
    size_t node = 0;
    bool settled = false;
    for (int depth = 0;; depth++) {
        if (!settled)
            density = ldexp((double)mass[node], depth);
        settled = settled || (double)mass[node] <= few;
        mass[node] += 1;
        if (depth == DEPTH)
            return density;
        size_t feature = draw(tree, node) % (FEATURES * (size_t)s->n);
        struct halving range = range_of(path, depth, tree, feature);
        double middle = (range.low + range.high) / 2;
        bool upper = feature_of(s, feature) >= middle;
        *(upper ? &range.low : &range.high) = middle;
        path[depth] = range;
        node = 2 * node + 1 + upper;
    }
}

/* ---- the forest ---- */

static void fade(struct state *s, double memory)
{
    if (fmod(s->rows, FADED) != 0)
        return;
    double keep = fmax(0, 1 - FADED / memory);
    for (size_t tree = 0; tree < TREES; tree++)
        for (size_t node = 0; node < NODES; node++)
            s->mass[tree][node] *= (float)keep;
    s->all *= keep;
}

/* -log2 of the density, on average, as against the densest that there may be. */
static double fall_through(struct state *s)
{
    double sum = 0;
    for (size_t tree = 0; tree < TREES; tree++)
        sum += log2((fall(s, tree) + 1) / (s->all + 1));
    return DEPTH - sum / TREES;
}

static double step(const double *params, void *state, double time, const double *values,
                   size_t n)
{
    (void)time;
    struct state *s = state;
    s->n = (double)n;
    for (size_t i = 0; i < n; i++)
        take_features(&s->signals[i], values[i], params[MEMORY]);
    s->empty = fall_through(s);
    s->all++;
    s->rows++;
    fade(s, params[MEMORY]);
    s->surprise = tail_surprise(&s->tail, s->empty);
    tail_learn(&s->tail, s->empty);
    double score = tail_score(s->surprise, params[RISK]);
    if (score >= 0.5)
        tail_say(&s->tail);
    return score;
}

static struct detector_reason reason(const double *params, const void *state)
{
    (void)params;
    const struct state *s = state;
    return (struct detector_reason){
        .what = "emptiness of where the readings lie, in halvings,",
        .value = s->empty,
        .low = NAN,
        .high = tail_usual(&s->tail),
        .where = "",
        .readings = pow(10, s->surprise),
    };
}

static size_t size(const double *params, size_t n)
{
    (void)params;
    return sizeof(struct state) + n * sizeof(struct signal);
}

const struct detector detector_forest = {
    .name = "forest",
    .help = "readings, of one signal or several, lie where few have lain before",
    .reference = "Tan et al. 2011",
    .params = rows,
    .n_params = PARAMS,
    .joint = true,
    .size = size,
    .step = step,
    .reason = reason,
};
