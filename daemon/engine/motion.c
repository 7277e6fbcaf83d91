/* One step of a model's states. Explicit methods are stable up to the kind's max_step; the
 * stiff one goes as far as KIND_STEP_MAX, with the error of a step held well below what a
 * sensor could see. */
#include "twind/motion.h"

#include <string.h>

/* Of the states' spread: 40 mK in a step where a temperature's is 8 K. */
static const double tolerance = 5e-3;
/* Of max_step: what Runge-Kutta 4 can take, a step with error held need not go below. */
static const double shortest = 0.25;
/* Real stability intervals: Runge-Kutta 4 up to 2.785, Euler up to 2 time constants. */
static const double euler_share = 2 / 2.785;

const char *const motion_names[] = {
    [MOTION_AUTO] = "auto",
    [MOTION_RK4] = "rk4",
    [MOTION_EULER] = "euler",
    [MOTION_ROSENBROCK] = "rosenbrock",
    NULL,
};

bool motion_find(const char *name, enum motion_method *method)
{
    size_t i = 0;
    while (motion_names[i] && strcmp(motion_names[i], name) != 0)
        i++;
    if (motion_names[i])
        *method = (enum motion_method)i;
    return motion_names[i] != NULL;
}

enum motion_method motion_choose(const struct kind *kind, enum motion_method wanted,
                                 double span)
{
    if (wanted != MOTION_AUTO)
        return wanted;
    return span > 4 * kind->max_step && kind->max_step < KIND_STEP_MAX ? MOTION_ROSENBROCK
                                                                       : MOTION_RK4;
}

double motion_longest(const struct kind *kind, enum motion_method method)
{
    if (method == MOTION_ROSENBROCK)
        return fmax(kind->max_step, KIND_STEP_MAX);
    return method == MOTION_EULER ? euler_share * kind->max_step : kind->max_step;
}

static double scale_of(const struct kind_row *row)
{
    double scale = fmax(row->spread, 1e-3 * fabs(row->value));
    return scale > 0 ? scale : 1e-3;
}

struct moment {
    const struct kind *kind;
    const struct kind_point *at;
};

static void derive(const void *context, double t, const double *x, double *dx)
{
    const struct moment *moment = context;
    struct kind_point at = *moment->at;
    at.time = t;
    at.x = x;
    moment->kind->derive(&at, dx);
}

static struct ode_stiff_problem problem_of(const struct motion *motion,
                                           const struct moment *moment)
{
    const struct kind *kind = motion->kind;
    return (struct ode_stiff_problem){
        .rhs = derive,
        .context = moment,
        .n = kind->n_states,
        .block = motion->block,
        .scale = motion->scale,
        .tolerance = tolerance,
        .shortest = shortest * kind->max_step,
        .longest = motion_longest(kind, MOTION_ROSENBROCK),
    };
}

void motion_begin(struct motion *motion, const struct kind *kind, enum motion_method method)
{
    motion->kind = kind;
    motion->method = method;
    if (method != MOTION_ROSENBROCK)
        return;
    for (size_t i = 0; i < kind->n_states; i++) {
        motion->block[i] = (unsigned char)kind->states[i].block;
        motion->scale[i] = scale_of(&kind->states[i]);
    }
    const struct ode_stiff_problem problem = problem_of(motion, NULL);
    ode_stiff_begin(&motion->stiff, &problem);
}

double motion_step(struct motion *motion, const struct kind_point *at, double most,
                   double *x)
{
    const struct moment moment = {motion->kind, at};
    size_t n = motion->kind->n_states;
    memcpy(motion->from, x, n * sizeof *x);
    motion->taken = most;
    if (motion->method == MOTION_ROSENBROCK) {
        const struct ode_stiff_problem problem = problem_of(motion, &moment);
        motion->taken = ode_stiff_step(&motion->stiff, &problem, at->time, most, x);
    } else if (motion->method == MOTION_EULER) {
        ode_euler(derive, &moment, n, at->time, most, x, motion->rk);
    } else {
        ode_rk4(derive, &moment, n, at->time, most, x, motion->rk);
    }
    return motion->taken;
}

static double between(double a, double b, double x)
{
    double low = a < b ? a : b, high = a < b ? b : a;
    return x < low ? low : x > high ? high : x;
}

/* By the trapezoidal rule; over long steps with the correction of Euler and Maclaurin,
 * h/12 (f0 - f1), as far as it leaves the mean between the ends. */
const double *motion_mean(struct motion *motion, const double *x)
{
    double *mean = motion->from;
    const struct ode_stiff *stiff = &motion->stiff;
    for (size_t i = 0; i < motion->kind->n_states; i++) {
        double from = mean[i];
        mean[i] = (from + x[i]) / 2;
        if (motion->method == MOTION_ROSENBROCK)
            mean[i] = between(
                from, x[i], mean[i] + motion->taken / 12 * (stiff->f0[i] - stiff->end[i]));
    }
    return mean;
}
