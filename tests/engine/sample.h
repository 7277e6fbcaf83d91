/* Kinds that are only for tests: small, linear where a closed form is wanted. */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include "twind/kind.h"

/* Two tanks that leak into each other (one block), filled by an input; a meter; and a dial
 * of its own block that nothing moves but noise. */
enum { TANK_LEAK, TANK_GAIN, TANK_PARAMS };
enum { TANK_FILL, TANK_INPUTS };
enum { TANK_UPPER, TANK_LOWER, TANK_TOTAL, TANK_DIAL, TANK_STATES };
enum {
    TANK_OUT_UPPER,
    TANK_OUT_LOWER,
    TANK_OUT_TOTAL,
    TANK_OUT_DIAL,
    TANK_OUT_SUM,
    TANK_OUT_SECRET,
    TANK_OUTPUTS
};

extern const struct kind sample_tank;

/* One signal as a local level with trend: what `generic` does, for cost and memory. */
enum { LEVEL_LEVEL, LEVEL_TREND, LEVEL_STATES };

extern const struct kind sample_level;

/* Eight coupled nonlinear states in one block, with an estimated parameter: the size of a
 * greenhouse. Its outputs read several states. */
enum { CHAIN_STATES = 8 };

extern const struct kind sample_chain;

/* The same descriptor, but derive() answers NAN while the input `break` is 1. */
extern const struct kind sample_fragile;

static inline void tank_derive(const struct kind_point *at, double *dx)
{
    double flow = at->p[TANK_LEAK] * (at->x[TANK_UPPER] - at->x[TANK_LOWER]);
    dx[TANK_UPPER] = at->p[TANK_GAIN] * at->u[TANK_FILL] - flow;
    dx[TANK_LOWER] = flow;
    dx[TANK_TOTAL] = at->x[TANK_LOWER] / 3600;
    dx[TANK_DIAL] = 0;
}

static inline double tank_observe(const struct kind_point *at, size_t output)
{
    switch (output) {
    case TANK_OUT_SUM:
        return at->x[TANK_UPPER] + 2 * at->x[TANK_DIAL];
    case TANK_OUT_SECRET:
        return at->m[0];
    default:
        return at->x[output];
    }
}

static inline void tank_accumulate(const struct kind_point *at, double dt, double *m)
{
    (void)at;
    m[0] += dt;
}

static inline void tank_start(const struct kind_point *at, double *x, double *m)
{
    (void)m;
    x[TANK_LOWER] = 5 + at->u[TANK_FILL];
}

static const struct kind_row tank_params[] = {
    [TANK_LEAK] = {.name = "leak", .unit = "1/s", .value = 1e-3, .max = 1},
    [TANK_GAIN] = {.name = "gain", .unit = "1", .value = 0.01, .max = 1},
};

static const struct kind_row tank_inputs[] = {
    [TANK_FILL] = {.name = "fill", .unit = "l/s", .value = 0, .min = -100, .max = 100},
};

static const struct kind_row tank_states[] = {
    [TANK_UPPER] = {.name = "upper",
                    .unit = "l",
                    .value = 10,
                    .min = -1e4,
                    .max = 1e4,
                    .noise = 1,
                    .spread = 5},
    [TANK_LOWER] = {.name = "lower",
                    .unit = "l",
                    .value = 5,
                    .min = -1e4,
                    .max = 1e4,
                    .noise = 0.5,
                    .spread = 5},
    [TANK_TOTAL] = {.name = "total",
                    .unit = "l",
                    .value = 0,
                    .min = 0,
                    .max = 1e9,
                    .noise = 0.1,
                    .spread = 1},
    [TANK_DIAL] = {.name = "dial",
                   .unit = "",
                   .value = 0,
                   .min = -1000,
                   .max = 1000,
                   .noise = 0.3,
                   .spread = 2,
                   .block = 1},
};

static const struct kind_row tank_outputs[] = {
    [TANK_OUT_UPPER] = {.name = "upper",
                        .unit = "l",
                        .min = -1e4,
                        .max = 1e4,
                        .noise = 0.5,
                        .flags = KIND_MEASURED},
    [TANK_OUT_LOWER] = {.name = "lower",
                        .unit = "l",
                        .min = -1e4,
                        .max = 1e4,
                        .noise = 0.5,
                        .flags = KIND_MEASURED},
    [TANK_OUT_TOTAL] = {.name = "total",
                        .unit = "l",
                        .min = 0,
                        .max = 1e9,
                        .noise = 0.1,
                        .flags = KIND_MEASURED | KIND_CUMULATIVE},
    [TANK_OUT_DIAL] = {.name = "dial",
                       .unit = "",
                       .min = -1000,
                       .max = 1000,
                       .noise = 0.2,
                       .flags = KIND_MEASURED},
    [TANK_OUT_SUM] = {.name = "sum",
                      .unit = "",
                      .min = -1e5,
                      .max = 1e5,
                      .noise = 0.3,
                      .flags = KIND_MEASURED},
    [TANK_OUT_SECRET] = {.name = "secret", .unit = "s", .max = 1e12},
};

const struct kind sample_tank = {
    .name = "tank",
    .help = "two tanks and a dial",
    .params = tank_params,
    .inputs = tank_inputs,
    .states = tank_states,
    .outputs = tank_outputs,
    .n_params = TANK_PARAMS,
    .n_inputs = TANK_INPUTS,
    .n_states = TANK_STATES,
    .n_outputs = TANK_OUTPUTS,
    .n_memory = 1,
    .max_step = 60,
    .derive = tank_derive,
    .observe = tank_observe,
    .accumulate = tank_accumulate,
    .start = tank_start,
};

static inline void level_derive(const struct kind_point *at, double *dx)
{
    dx[LEVEL_LEVEL] = at->x[LEVEL_TREND] / 3600;
    dx[LEVEL_TREND] = 0;
}

static inline double level_observe(const struct kind_point *at, size_t output)
{
    return at->x[output];
}

static inline size_t level_reads(size_t output)
{
    return output + 1;
}

static const struct kind_row level_states[] = {
    [LEVEL_LEVEL] = {.name = "level",
                     .unit = "V",
                     .value = 0,
                     .min = -1e6,
                     .max = 1e6,
                     .noise = 1,
                     .spread = 100},
    [LEVEL_TREND] = {.name = "trend",
                     .unit = "V/h",
                     .value = 0,
                     .min = -1e6,
                     .max = 1e6,
                     .noise = 0.5,
                     .spread = 1},
};

static const struct kind_row level_outputs[] = {
    {.name = "level",
     .unit = "V",
     .min = -1e6,
     .max = 1e6,
     .noise = 0.5,
     .flags = KIND_MEASURED},
};

const struct kind sample_level = {
    .name = "level",
    .help = "a level with a trend",
    .states = level_states,
    .outputs = level_outputs,
    .n_states = LEVEL_STATES,
    .n_outputs = 1,
    .max_step = 86400,
    .derive = level_derive,
    .observe = level_observe,
    .reads = level_reads,
};

static inline void chain_derive(const struct kind_point *at, double *dx)
{
    for (int i = 0; i < CHAIN_STATES; i++) {
        double before = i > 0 ? at->x[i - 1] : at->u[0];
        double after = i + 1 < CHAIN_STATES ? at->x[i + 1] : 10;
        double gap = before - at->x[i];
        dx[i] = at->p[0] * (gap * (1 + 0.01 * fabs(gap)) + after - at->x[i]) / (1 + i);
    }
}

static inline double chain_observe(const struct kind_point *at, size_t output)
{
    return output < CHAIN_STATES ? at->x[output] : at->x[0] * at->x[3];
}

#define CHAIN_STATE(label)                                                                 \
    {                                                                                      \
        .name = label, .unit = "Cel", .value = 15, .min = -50, .max = 100, .noise = 0.5,   \
        .spread = 3                                                                        \
    }
#define CHAIN_OUTPUT(label)                                                                \
    {                                                                                      \
        .name = label, .unit = "Cel", .min = -50, .max = 100, .noise = 0.2,                \
        .flags = KIND_MEASURED                                                             \
    }

static const struct kind_row chain_params[] = {
    {.name = "exchange",
     .unit = "1/s",
     .value = 2e-3,
     .min = 1e-4,
     .max = 1e-2,
     .noise = 1e-4,
     .spread = 1e-3},
};

static const struct kind_row chain_inputs[] = {
    {.name = "outdoor", .unit = "Cel", .value = 10, .min = -50, .max = 60},
};

static const struct kind_row chain_states[CHAIN_STATES] = {
    CHAIN_STATE("a"), CHAIN_STATE("b"), CHAIN_STATE("c"), CHAIN_STATE("d"),
    CHAIN_STATE("e"), CHAIN_STATE("f"), CHAIN_STATE("g"), CHAIN_STATE("h"),
};

static const struct kind_row chain_outputs[CHAIN_STATES + 1] = {
    CHAIN_OUTPUT("a"),
    CHAIN_OUTPUT("b"),
    CHAIN_OUTPUT("c"),
    CHAIN_OUTPUT("d"),
    CHAIN_OUTPUT("e"),
    CHAIN_OUTPUT("f"),
    CHAIN_OUTPUT("g"),
    CHAIN_OUTPUT("h"),
    {.name = "product",
     .unit = "",
     .min = -1e4,
     .max = 1e4,
     .noise = 5,
     .flags = KIND_MEASURED},
};

const struct kind sample_chain = {
    .name = "chain",
    .help = "eight bodies in a row",
    .params = chain_params,
    .inputs = chain_inputs,
    .states = chain_states,
    .outputs = chain_outputs,
    .n_params = 1,
    .n_inputs = 1,
    .n_states = CHAIN_STATES,
    .n_outputs = CHAIN_STATES + 1,
    .max_step = 60,
    .derive = chain_derive,
    .observe = chain_observe,
};

static inline void fragile_derive(const struct kind_point *at, double *dx)
{
    tank_derive(at, dx);
    if (at->u[TANK_FILL] == 1)
        dx[TANK_UPPER] = NAN;
}

const struct kind sample_fragile = {
    .name = "fragile",
    .help = "a tank with an error",
    .params = tank_params,
    .inputs = tank_inputs,
    .states = tank_states,
    .outputs = tank_outputs,
    .n_params = TANK_PARAMS,
    .n_inputs = TANK_INPUTS,
    .n_states = TANK_STATES,
    .n_outputs = TANK_OUTPUTS,
    .n_memory = 1,
    .max_step = 60,
    .derive = fragile_derive,
    .observe = tank_observe,
};

/* Numbers that look random and are the same on every run. */
static inline double sample_uniform(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(*seed >> 11) + 0.5) / 9007199254740992.0;
}

static inline double sample_normal(uint64_t *seed)
{
    double a = sample_uniform(seed), b = sample_uniform(seed);
    return sqrt(-2 * log(a)) * cos(6.283185307179586 * b);
}

#endif
