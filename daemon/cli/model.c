#include "model.h"

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

static void hold(struct model *model)
{
    for (size_t i = 0; i < model->kind->n_states; i++) {
        const struct kind_row *row = &model->kind->states[i];
        double x = model->x[i];
        model->x[i] = x < row->min ? row->min : x > row->max ? row->max : x;
    }
}

static bool move_adaptively(struct model *model, double h, struct err *e)
{
    memcpy(model->motion.from, model->x, sizeof model->x);
    return adaptive_run(model->adaptive, model->time, model->time + h, model->x, e);
}

/* One step of at most `most` seconds; its length goes to `taken`. */
static bool move(struct model *model, double most, double *taken, struct err *e)
{
    struct kind_point at = point(model);
    *taken = most;
    if (!model->adaptive)
        *taken = motion_step(&model->motion, &at, most, model->x);
    else if (!move_adaptively(model, most, e))
        return false;
    hold(model);
    model->time += *taken;
    if (!model->kind->accumulate)
        return true;
    at = point(model);
    at.x = motion_mean(&model->motion, model->x);
    model->kind->accumulate(&at, *taken, model->m);
    return true;
}

bool model_move_to(struct model *model, double time, struct err *e)
{
    double from = model->time, span = time - from, done = 0, taken;
    double piece = span / ceil(span / model->step - 1e-9);
    for (; done < span * (1 - 1e-12); done += taken) {
        if (!move(model, fmin(piece, span - done), &taken, e))
            return false;
        model->time = from + done + taken;
    }
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
    motion_begin(&model->motion, kind, MOTION_RK4);
    for (size_t i = 0; i < kind->n_params; i++)
        model->p[i] = kind->params[i].value;
    for (size_t i = 0; i < kind->n_inputs; i++)
        model->u[i] = kind->inputs[i].value;
    for (size_t i = 0; i < kind->n_states; i++)
        model->x[i] = kind->states[i].value;
}

static bool choose_adaptive(struct model *model, double step, struct err *e)
{
    double scale[KIND_STATES_MAX];
    const struct kind_row *rows = model->kind->states;
    model->step = step > 0 ? step : fmax(model->kind->max_step, KIND_STEP_MAX);
    for (size_t j = 0; j < model->kind->n_states; j++)
        scale[j] = fmax(rows[j].spread, 1e-3 * fabs(rows[j].value));
    model->adaptive = adaptive_new(model->kind->n_states, rhs, model, tolerance, scale);
    return model->adaptive || err_set(e, "no memory for the adaptive integrator");
}

bool model_choose(struct model *model, const char *integrator, double step, struct err *e)
{
    enum motion_method method = MOTION_AUTO;
    if (strcmp(integrator, "adaptive") == 0)
        return choose_adaptive(model, step, e);
    if (!motion_find(integrator, &method))
        return err_set(e, "integrator '%s': auto, euler, rk4, rosenbrock or adaptive",
                       integrator);
    double usual = fmax(model->kind->max_step, KIND_STEP_MAX);
    method = motion_choose(model->kind, method, step > 0 ? step : usual);
    model->step = step > 0 ? step : motion_longest(model->kind, method);
    motion_begin(&model->motion, model->kind, method);
    return true;
}

double model_stable_step(const struct model *model)
{
    bool any = model->adaptive || model->motion.method == MOTION_ROSENBROCK;
    return any ? HUGE_VAL : motion_longest(model->kind, model->motion.method);
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
