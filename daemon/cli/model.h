/* A model in open loop: what simulate runs and the virtual plant lives by. */
#ifndef TWIND_CLI_MODEL_H
#define TWIND_CLI_MODEL_H

#include "twind/adaptive.h"
#include "twind/motion.h"

struct model {
    const struct kind *kind;
    double time, step; /* step: the longest, s */
    double p[KIND_ROWS_MAX], u[KIND_ROWS_MAX], x[KIND_STATES_MAX], m[KIND_MEMORY_MAX];
    struct motion motion;
    struct adaptive *adaptive; /* NULL: motion moves it */
};

/* Table values everywhere; ready for changes to p, u, x before model_begin(). Integrated
 * by Runge-Kutta 4 until another is chosen. */
void model_init(struct model *model, const struct kind *kind);

/* auto, euler, rk4, rosenbrock or adaptive, in steps of at most `step` s; 0: as long as is
 * good for it. */
bool model_choose(struct model *model, const char *integrator, double step, struct err *e);

/* The longest step at which the chosen method is stable, s. */
double model_stable_step(const struct model *model);
void model_begin(struct model *model, double time);
bool model_move_to(struct model *model, double time, struct err *e);
double model_output(const struct model *model, size_t output);
void model_clear(struct model *model);

/* "NAME=VALUE" into a table's values, inside the row's range. */
bool model_assign(const struct kind_row *rows, size_t n, const char *setting,
                  double *values, struct err *e);

/* The row of this name; n: none. */
size_t model_find(const struct kind_row *rows, size_t n, const char *name);

#endif
