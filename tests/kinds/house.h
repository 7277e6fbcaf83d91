/* The building kind by itself, for its tests: a house of the tables' defaults, whose
 * parameters and inputs are set by name and which lives on by Runge-Kutta 4. Include
 * check.h before. */
#ifndef TESTS_KINDS_HOUSE_H
#define TESTS_KINDS_HOUSE_H

#include "twind/kind.h"
#include "twind/ode.h"

#include <string.h>

extern const struct kind kind_building, kind_building_layers;

enum { ROOM = 128 };

struct house {
    const struct kind *kind;
    double time, p[ROOM], u[ROOM], x[ROOM], m[ROOM];
};

static inline size_t find_row(const struct kind_row *rows, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].name, name) == 0)
            return i;
    fail_msg("no row %s", name);
    return 0;
}

static inline double *param(struct house *h, const char *name)
{
    return &h->p[find_row(h->kind->params, h->kind->n_params, name)];
}

static inline double *input(struct house *h, const char *name)
{
    return &h->u[find_row(h->kind->inputs, h->kind->n_inputs, name)];
}

static inline double *in_state(struct house *h, const char *name)
{
    return &h->x[find_row(h->kind->states, h->kind->n_states, name)];
}

static inline struct kind_point look(const struct house *h)
{
    return (struct kind_point){h->time, h->p, h->u, h->x, h->m};
}

static inline double output(const struct house *h, const char *name)
{
    struct kind_point at = look(h);
    const struct kind *kind = h->kind;
    return kind->observe(&at, find_row(kind->outputs, kind->n_outputs, name));
}

static inline struct house build_of(const struct kind *kind)
{
    struct house h = {.kind = kind};
    for (size_t i = 0; i < kind->n_params; i++)
        h.p[i] = kind->params[i].value;
    for (size_t i = 0; i < kind->n_inputs; i++)
        h.u[i] = kind->inputs[i].value;
    for (size_t i = 0; i < kind->n_states; i++)
        h.x[i] = kind->states[i].value;
    return h;
}

static inline struct house build(void)
{
    return build_of(&kind_building);
}

static inline void begin(struct house *h)
{
    struct kind_point at = look(h);
    h->kind->start(&at, h->x, h->m);
}

static inline void flow(const void *context, double t, const double *x, double *dx)
{
    const struct house *h = context;
    struct kind_point at = {t, h->p, h->u, x, h->m};
    h->kind->derive(&at, dx);
}

/* One step as the engine takes it: states are held in their range. */
static inline void live_step(struct house *h, double dt)
{
    double scratch[5 * ROOM];
    ode_rk4(flow, h, h->kind->n_states, h->time, dt, h->x, scratch);
    for (size_t i = 0; i < h->kind->n_states; i++) {
        const struct kind_row *row = &h->kind->states[i];
        h->x[i] = fmin(fmax(h->x[i], row->min), row->max);
    }
    h->time += dt;
    struct kind_point at = look(h);
    h->kind->accumulate(&at, dt, h->m);
}

static inline void live(struct house *h, double hours)
{
    double dt = h->kind->max_step;
    int steps = (int)lround(3600.0 * hours / dt);
    for (int step = 0; step < steps; step++)
        live_step(h, dt);
}

#endif
