/* A model in open loop: what simulate runs and the virtual plant lives by. */
#ifndef TWIND_CLI_MODEL_H
#define TWIND_CLI_MODEL_H

#include "twind/adaptive.h"
#include "twind/kind.h"

enum model_integrator { MODEL_EULER, MODEL_RK4, MODEL_ADAPTIVE };

struct model {
    const struct kind *kind;
    double time, step; /* step: the longest, s */
    double p[KIND_ROWS_MAX], u[KIND_ROWS_MAX], x[KIND_STATES_MAX], m[KIND_MEMORY_MAX];
    double scratch[5 * KIND_STATES_MAX];
    enum model_integrator integrator;
    struct adaptive *adaptive;
};

/* Table values everywhere; ready for changes to p, u, x before model_begin(). */
void model_init(struct model *model, const struct kind *kind);
bool model_choose(struct model *model, const char *integrator, struct err *e);
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
