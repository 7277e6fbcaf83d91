#include "model.h"

#include "twind/ode.h"

#include <stdlib.h>
#include <string.h>

static const double tolerance = 1e-8; /* of the adaptive integrator, relative */

static struct kind_point point(const struct model *model)
{
    return (struct kind_point){model->time, model->p, model->u, model->x, model->m};
}

static void rhs(const void *context, double t, const double *x, double *dx)
{
    const struct model *model = context;
    model->kind->derive(&(struct kind_point){t, model->p, model->u, x, model->m}, dx);
}

static bool move(struct model *model, double h, struct err *e)
{
    const struct kind *kind = model->kind;
    size_t n = kind->n_states;
    if (model->integrator == MODEL_EULER)
        ode_euler(rhs, model, n, model->time, h, model->x, model->scratch);
    else if (model->integrator == MODEL_RK4)
        ode_rk4(rhs, model, n, model->time, h, model->x, model->scratch);
    else if (!adaptive_run(model->adaptive, model->time, model->time + h, model->x, e))
        return false;
    for (size_t i = 0; i < n; i++)
        model->x[i] = fmin(fmax(model->x[i], kind->states[i].min), kind->states[i].max);
    model->time += h;
    struct kind_point at = point(model);
    if (kind->accumulate)
        kind->accumulate(&at, h, model->m);
    return true;
}

bool model_move_to(struct model *model, double time, struct err *e)
{
    double from = model->time, span = time - from;
    size_t steps = (size_t)ceil(span / model->step - 1e-9);
    for (size_t i = 1; i <= steps; i++)
        if (!move(model, from + span * (double)i / (double)steps - model->time, e))
            return false;
    model->time = time;
    return true;
}

double model_output(const struct model *model, size_t output)
{
    struct kind_point at = point(model);
    return model->kind->observe(&at, output);
}

void model_init(struct model *model, const struct kind *kind)
{
    memset(model, 0, sizeof *model);
    model->kind = kind;
    model->step = kind->max_step;
    model->integrator = MODEL_RK4;
    for (size_t i = 0; i < kind->n_params; i++)
        model->p[i] = kind->params[i].value;
    for (size_t i = 0; i < kind->n_inputs; i++)
        model->u[i] = kind->inputs[i].value;
    for (size_t i = 0; i < kind->n_states; i++)
        model->x[i] = kind->states[i].value;
}

bool model_choose(struct model *model, const char *integrator, struct err *e)
{
    static const char *const names[] = {"euler", "rk4", "adaptive"};
    size_t i = 0, n = sizeof names / sizeof *names;
    while (i < n && strcmp(names[i], integrator) != 0)
        i++;
    if (i == n)
        return err_set(e, "integrator '%s': euler, rk4 or adaptive", integrator);
    model->integrator = (enum model_integrator)i;
    if (model->integrator != MODEL_ADAPTIVE)
        return true;
    double scale[KIND_STATES_MAX];
    const struct kind_row *rows = model->kind->states;
    for (size_t j = 0; j < model->kind->n_states; j++)
        scale[j] = fmax(rows[j].spread, 1e-3 * fabs(rows[j].value));
    model->adaptive = adaptive_new(model->kind->n_states, rhs, model, tolerance, scale);
    return model->adaptive || err_set(e, "no memory for the adaptive integrator");
}

void model_begin(struct model *model, double time)
{
    model->time = time;
    struct kind_point at = point(model);
    if (model->kind->start)
        model->kind->start(&at, model->x, model->m);
}

void model_clear(struct model *model)
{
    adaptive_free(model->adaptive);
    model->adaptive = NULL;
}

size_t model_find(const struct kind_row *rows, size_t n, const char *name)
{
    size_t i = 0;
    while (i < n && strcmp(rows[i].name, name) != 0)
        i++;
    return i;
}

bool model_assign(const struct kind_row *rows, size_t n, const char *setting,
                  double *values, struct err *e)
{
    char name[64], *end;
    size_t length = strcspn(setting, "=");
    if (length >= sizeof name)
        length = sizeof name - 1;
    memcpy(name, setting, length);
    name[length] = '\0';
    size_t i = model_find(rows, n, name);
    if (i == n)
        return err_set(e, "'%s' is not in this kind's table (twinctl kinds KIND)", name);
    const char *text = setting[length] ? setting + length + 1 : "";
    double value = strtod(text, &end);
    if (end == text || *end)
        return err_set(e, "%s: '%s' is no number", name, text);
    if (!(value >= rows[i].min && value <= rows[i].max))
        return err_set(e, "%s is %g, allowed are %g to %g %s", name, value, rows[i].min,
                       rows[i].max, rows[i].unit);
    values[i] = value;
    return true;
}
