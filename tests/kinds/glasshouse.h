/* A greenhouse by itself, without a filter: tables' values, and names for its rows. */
#ifndef TESTS_KINDS_GLASSHOUSE_H
#define TESTS_KINDS_GLASSHOUSE_H

#include "check.h"
#include "twind/kind.h"
#include "twind/ode.h"

#include <string.h>

extern const struct kind kind_greenhouse;

enum { ROWS = KIND_ROWS_MAX, STATES = KIND_STATES_MAX };
static const double hour = 3600;
#define DAY 86400.0

struct house {
    double p[ROWS], u[ROWS], x[STATES], m[KIND_MEMORY_MAX];
    double time;
};

static inline size_t row(const struct kind_row *rows, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].name, name) == 0)
            return i;
    fail_msg("the greenhouse has no %s", name);
    return 0;
}

static inline double *param(struct house *house, const char *name)
{
    return &house->p[row(kind_greenhouse.params, kind_greenhouse.n_params, name)];
}

static inline double *input(struct house *house, const char *name)
{
    return &house->u[row(kind_greenhouse.inputs, kind_greenhouse.n_inputs, name)];
}

static inline double *state_of(struct house *house, const char *name)
{
    return &house->x[row(kind_greenhouse.states, kind_greenhouse.n_states, name)];
}

static inline struct kind_point point(const struct house *house)
{
    return (struct kind_point){house->time, house->p, house->u, house->x, house->m};
}

static inline double output(const struct house *house, const char *name)
{
    const struct kind_point at = point(house);
    return kind_greenhouse.observe(
        &at, row(kind_greenhouse.outputs, kind_greenhouse.n_outputs, name));
}

static inline struct house usual_house(void)
{
    struct house house = {.time = 19000 * DAY};
    for (size_t i = 0; i < kind_greenhouse.n_params; i++)
        house.p[i] = kind_greenhouse.params[i].value;
    for (size_t i = 0; i < kind_greenhouse.n_inputs; i++)
        house.u[i] = kind_greenhouse.inputs[i].value;
    for (size_t i = 0; i < kind_greenhouse.n_states; i++)
        house.x[i] = kind_greenhouse.states[i].value;
    return house;
}

static inline void rhs(const void *context, double t, const double *x, double *dx)
{
    const struct house *house = context;
    struct kind_point at = point(house);
    at.time = t;
    at.x = x;
    kind_greenhouse.derive(&at, dx);
}

static inline void live(struct house *house, double seconds)
{
    double n = ceil(seconds / kind_greenhouse.max_step), h = seconds / n;
    double scratch[5 * STATES];
    for (double i = 0; i < n; i++) {
        ode_rk4(rhs, house, kind_greenhouse.n_states, house->time, h, house->x, scratch);
        house->time += h;
        const struct kind_point at = point(house);
        kind_greenhouse.accumulate(&at, h, house->m);
    }
}

static inline struct house cold_night(void)
{
    struct house house = usual_house();
    *input(&house, "outdoor_temperature") = 2;
    *input(&house, "wind_speed") = 4;
    return house;
}

static inline struct house summer_noon(void)
{
    struct house house = usual_house();
    *input(&house, "outdoor_temperature") = 22;
    *input(&house, "solar_irradiance") = 800;
    return house;
}

#endif
