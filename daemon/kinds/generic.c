/* Any signals, for what has no model yet: each a local level with a damped trend (Harvey
 * 1989, "Forecasting, structural time series models and the Kalman filter", 2.3), a block
 * of its own.
 *
 *   y = c + s (level - a)      dlevel/dt = trend      dtrend/dt = -trend / 1 h
 *
 * Level and trend have no unit: s, the signal's pace, is how far it usually moves in an
 * hour, so that one noise column serves volts, parts per million and counts. A pace that is
 * not declared begins at a tenth of the first value and is learned: after each reading that
 * moved the level by d over T hours, s^2 grows or shrinks with d^2 / T, whose mean is 1
 * where s is right. c and a are where the scale was last changed: y is continuous there.
 * The trend dies in an hour: an extrapolation runs away by no more than it has done lately,
 * its standard deviation grows with the square root of time. */
#include "kinds.h"

#include <stdio.h>

enum { LEVEL, TREND, STATES };            /* of each signal */
enum { C, A, PACE, SEEN, SINCE, MEMORY }; /* likewise; SEEN: level after the last step */
enum { SIGNALS, PACES };                  /* parameters: the count, then a pace each */

enum {
    MOST_SIGNALS = KIND_ROWS_MAX - 1,
    NAME = 80
}; /* a parameter each, and their count */

_Static_assert(MOST_SIGNALS *STATES <= KIND_STATES_MAX &&
                   MOST_SIGNALS <= (int)KIND_BLOCKS_MAX &&
                   MOST_SIGNALS * MEMORY <= (int)KIND_MEMORY_MAX,
               "the engine has room for that many");

static const double HOUR = 3600;
static const double UNBOUNDED = 1e15;
static const double NO_NOISE = 1e-9;    /* a sensor of unknown noise is followed closely */
static const double FIRST_PACE = 0.1;   /* of the first value, or of the declared range */
static const double UNKNOWN_PACE = 1;   /* before anything but 0 has come */
static const double USUAL_NOISE = 1e-3; /* of the declared range */
static const double LEAST_PACE = 2e-3;  /* of the value: below it is a standing signal */
static const double LEARNING = 0.05;    /* share of a new reading in the pace */
static const double WILDEST = 25;       /* d^2 / T that one reading may teach */
static const double STANDING = 1e-4;    /* a smaller d is rounding: no reading came */

static size_t signal_count(const struct kind_point *at)
{
    return (size_t)at->p[SIGNALS];
}

static double signal_pace(const struct kind_point *at, size_t signal)
{
    double declared = at->p[PACES + signal], learned = at->m[MEMORY * signal + PACE];
    if (declared > 0)
        return declared;
    return learned > 0 ? learned : UNKNOWN_PACE;
}

static double signal_value(const struct kind_point *at, size_t signal)
{
    const double *m = at->m + MEMORY * signal;
    return m[C] + signal_pace(at, signal) * (at->x[STATES * signal + LEVEL] - m[A]);
}

static void generic_derive(const struct kind_point *at, double *dx)
{
    for (size_t i = 0; i < signal_count(at); i++) {
        double trend = at->x[STATES * i + TREND];
        dx[STATES * i + LEVEL] = trend / HOUR;
        dx[STATES * i + TREND] = -trend / HOUR;
    }
}

static double generic_observe(const struct kind_point *at, size_t output)
{
    return signal_value(at, output);
}

/* Another pace from here on; the value stays. */
static void rescale(const struct kind_point *at, size_t signal, double new_pace, double *m)
{
    double value = signal_value(at, signal);
    m[C] = value;
    m[A] = at->x[STATES * signal + LEVEL];
    m[PACE] = fmax(new_pace, LEAST_PACE * fabs(value));
}

/* Where a reading moved the level before this step: by how much that is, in paces. */
static double jump(const struct kind_point *at, double dt, size_t signal)
{
    const double *x = at->x + STATES * signal;
    double trend_before = x[TREND] * exp(dt / HOUR);
    double level_before = x[LEVEL] - (trend_before - x[TREND]);
    return level_before - at->m[MEMORY * signal + SEEN];
}

static void learn(const struct kind_point *at, double dt, size_t signal, double *m)
{
    double moved = jump(at, dt, signal);
    if (at->p[PACES + signal] > 0)
        return;
    if (m[PACE] <= 0) {
        rescale(at, signal, FIRST_PACE * fabs(signal_value(at, signal)), m);
    } else if (fabs(moved) > STANDING && m[SINCE] > 0) {
        double ratio = fmin(moved * moved * HOUR / m[SINCE], WILDEST);
        rescale(at, signal, m[PACE] * sqrt(1 + LEARNING * (ratio - 1)), m);
        m[SINCE] = 0;
    }
    m[SINCE] += dt;
    m[SEEN] = at->x[STATES * signal + LEVEL];
}

static void generic_accumulate(const struct kind_point *at, double dt, double *m)
{
    for (size_t i = 0; i < signal_count(at); i++)
        learn(at, dt, i, m + MEMORY * i);
}

static bool has_range(const struct kind_row *row)
{
    return row->min < row->max && row->min > -UNBOUNDED && row->max < UNBOUNDED;
}

static struct kind_row output_row(const struct kind_row *row)
{
    struct kind_row made = {.name = row->name,
                            .unit = row->unit ? row->unit : "",
                            .help = row->help ? row->help : "Declared by the twin"};
    made.min = has_range(row) ? row->min : -UNBOUNDED;
    made.max = has_range(row) ? row->max : UNBOUNDED;
    made.noise = row->noise > 0   ? row->noise
                 : has_range(row) ? USUAL_NOISE * (row->max - row->min)
                                  : NO_NOISE;
    made.molar_mass = row->molar_mass;
    made.flags = row->flags | KIND_MEASURED;
    return made;
}

struct names {
    char pace[NAME], trend[NAME];
};

static struct kind_row pace_row(const struct kind_row *row, struct names *names)
{
    double range = has_range(row) ? row->max - row->min : 0;
    snprintf(names->pace, sizeof names->pace, "%.70s_pace", row->name);
    return (struct kind_row){names->pace,
                             row->unit ? row->unit : "",
                             "How far the signal usually moves in an hour; 0: learned",
                             FIRST_PACE * range,
                             0,
                             UNBOUNDED,
                             .flags = 0};
}

/* The first reading is to set the level, whatever it is: the spread is far wider. */
static void state_rows(const struct kind_row *row, int block, struct names *names,
                       struct kind_row *states)
{
    snprintf(names->trend, sizeof names->trend, "%.70s_trend", row->name);
    states[LEVEL] = (struct kind_row){row->name,         "",
                                      "Level, in paces", 0,
                                      -UNBOUNDED,        UNBOUNDED,
                                      .noise = 0.7,      .spread = 1e9,
                                      .block = block,    .flags = KIND_HIDDEN};
    states[TREND] = (struct kind_row){
        names->trend,  "1/h",          "Paces in an hour",  0, -1e6, 1e6, .noise = 0.3,
        .spread = 0.1, .block = block, .flags = KIND_HIDDEN};
}

enum { ROOM_ROWS = 2 + STATES + 1 }; /* a pace, and the count beside the first; an output */

static void generic_declare(const struct kind_row *rows, size_t n, void *room,
                            struct kind *made)
{
    struct kind_row *params = room, *states = params + 2 * n,
                    *outputs = states + STATES * n;
    struct names *names = (void *)(outputs + n);
    params[SIGNALS] = (struct kind_row){
        "signals", "",        "How many signals are declared", (double)n, (double)n,
        (double)n, .flags = 0};
    for (size_t i = 0; i < n; i++) {
        params[PACES + i] = pace_row(&rows[i], &names[i]);
        state_rows(&rows[i], (int)i, &names[i], states + STATES * i);
        outputs[i] = output_row(&rows[i]);
    }
    *made = kind_generic;
    made->params = params;
    made->states = states;
    made->outputs = outputs;
    made->n_params = PACES + n;
    made->n_states = STATES * n;
    made->n_outputs = n;
    made->n_memory = MEMORY * n;
}

const struct kind kind_generic = {
    .name = "generic",
    .help = "Any signals, each a local level with trend",
    .max_step = 900,
    .min_step = 0,            /* the newest reading counts, however soon it comes */
    .gate = (double)INFINITY, /* a trend is no reason to disbelieve a reading */
    .derive = generic_derive,
    .observe = generic_observe,
    .accumulate = generic_accumulate,
    .declare = generic_declare,
    .declare_most = MOST_SIGNALS,
    .declare_room = ROOM_ROWS * sizeof(struct kind_row) + sizeof(struct names),
};
