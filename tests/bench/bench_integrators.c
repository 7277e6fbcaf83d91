/* What each integrator makes of each kind, against CVODE (tolerance 1e-8) in pieces of 10
 * s: its error at every five minutes of ten days, and what it costs; and what a forecast of
 * a day costs. For tools/integrators.py, one line each:
 *
 *     case kind how output output output
 *     run method step ns-an-hour rms most rms most rms most
 *     forecast kind method ms
 *
 *     bench_integrators [DAYS]
 *
 * The weather has day and night and passing clouds; screens, lamps, vents, set-points and
 * traffic are switched by the clock. Inputs are held for five minutes. Time is the thread's
 * own on the processor, the best of three runs. */
#include "../../daemon/cli/model.h"

#include "twind/forecast.h"
#include "twind/mem.h"
#include "twind/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROW = 300, REFERENCE = 10, OUTPUTS = 3 };

static const double begin = 1772323200; /* 2026-03-01 */

struct course {
    const char *kind, *detail; /* NULL: the usual */
    const char *outputs[OUTPUTS];
    const char *settings[8]; /* of parameters */
    const char *left[8];     /* inputs that are left to the model's control */
};

static const struct course courses[] = {
    {"greenhouse",
     NULL,
     {"air_temperature", "relative_humidity", "co2"},
     {"lamp_power=80"},
     {NULL}},
    {"greenhouse",
     NULL,
     {"air_temperature", "relative_humidity", "co2"},
     {"lamp_power=80"},
     {"vent_lee", "pipe_temperature", "co2_dosing"}},
    {"building",
     NULL,
     {"indoor_temperature", "heating_power", "energy_today"},
     {"latitude=52", "longitude=5", "windows_south=15"},
     {NULL}},
    {"building",
     "layers",
     {"indoor_temperature", "heating_power", "energy_today"},
     {"latitude=52", "longitude=5", "windows_south=15"},
     {NULL}},
    {"air_quality", NULL, {"pm2_5", "no2", "o3"}, {NULL}, {NULL}},
};

static const struct {
    const char *name;
    double step;
} methods[] = {{"euler", 5},        {"euler", 10},    {"euler", 60},    {"rk4", 10},
               {"rk4", 20},         {"rk4", 60},      {"rk4", 300},     {"rosenbrock", 60},
               {"rosenbrock", 300}, {"adaptive", 60}, {"adaptive", 300}};
enum { METHODS = sizeof methods / sizeof *methods, RUNS = 3 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- the world outside ---- */

/* of a day, `from` its zero, in hours */
static double wave(double time, double from)
{
    return sin(2 * 3.14159265358979 * (time / 3600 - from) / 24);
}

static double hours(double time)
{
    return fmod(time, 86400) / 3600;
}

/* 0..1, anew every 20 minutes */
static double cloud(double time)
{
    struct random seed = {(uint64_t)(time / 1200)};
    return random_uniform(&seed);
}

struct drive {
    const char *input;
    double (*at)(double time);
};

static double temperature(double t)
{
    return 6 + 5 * wave(t, 9) + 3 * sin(t / 3e5);
}

static double sun(double t)
{
    return fmax(800 * wave(t, 6) * (1 - 0.7 * cloud(t)), 0);
}

static double wind(double t)
{
    return 1 + 6 * cloud(t + 7e5);
}

static bool is_day(double t)
{
    return hours(t) >= 7 && hours(t) < 19;
}

static double lamp(double t)
{
    return hours(t) >= 2 && hours(t) < 8 ? 100 : 0;
}

static double screen(double t)
{
    return is_day(t) ? 0 : 95;
}

static double vents(double t)
{
    return sun(t) > 300 ? 30 : 2;
}

static double pipe_temperature(double t)
{
    return is_day(t) ? 35 : 50 + 5 * cloud(t);
}

static double dosing(double t)
{
    return is_day(t) ? 2 : 0;
}

static double setpoint(double t)
{
    return is_day(t) ? 21 : 16;
}

static double appliances(double t)
{
    return 150 + 800 * (cloud(t + 3e5) > 0.7);
}

static double traffic(double t)
{
    return is_day(t) ? 400 + 1000 * fabs(wave(t, 7)) : 200;
}

static const struct drive drives[] = {
    {"outdoor_temperature", temperature},
    {"solar_irradiance", sun},
    {"wind_speed", wind},
    {"lamp", lamp},
    {"energy_screen", screen},
    {"vent_lee", vents},
    {"pipe_temperature", pipe_temperature},
    {"co2_dosing", dosing},
    {"heating_setpoint", setpoint},
    {"appliances", appliances},
    {"traffic", traffic},
};

static bool is_left(const struct course *course, const char *input)
{
    for (const char *const *left = course->left; *left; left++)
        if (strcmp(*left, input) == 0)
            return true;
    return false;
}

/* The inputs of all rows, KIND_ROWS_MAX each. */
static double *blow(const struct course *course, const struct kind *kind, size_t rows)
{
    double *all = mem_new(rows * KIND_ROWS_MAX, sizeof *all);
    for (size_t row = 0; row < rows; row++) {
        double *u = all + row * KIND_ROWS_MAX;
        for (size_t i = 0; i < kind->n_inputs; i++)
            u[i] = kind->inputs[i].value;
        for (size_t i = 0; i < sizeof drives / sizeof *drives; i++) {
            size_t input = model_find(kind->inputs, kind->n_inputs, drives[i].input);
            if (input < kind->n_inputs && !is_left(course, drives[i].input))
                u[input] = drives[i].at(begin + ROW * (double)row);
        }
    }
    return all;
}

/* ---- runs ---- */

struct trial {
    const struct course *course;
    const struct kind *kind;
    size_t rows, outputs[OUTPUTS];
    double *inputs;
    struct model model;
};

static void must(bool good, const struct err *e)
{
    if (good)
        return;
    fprintf(stderr, "%s\n", e->text);
    exit(1);
}

/* Rows of OUTPUTS values; NULL: none. Returns the seconds. */
static double run(struct trial *trial, const char *method, double step, double *values)
{
    struct model *model = &trial->model;
    const struct kind *kind = trial->kind;
    struct err e;
    model_init(model, kind);
    for (const char *const *s = trial->course->settings; *s; s++)
        must(model_assign(kind->params, kind->n_params, *s, model->p, &e), &e);
    must(model_choose(model, method, step, &e), &e);
    memcpy(model->u, trial->inputs, sizeof model->u);
    model_begin(model, begin);
    double before = seconds();
    for (size_t row = 0; row < trial->rows; row++) {
        memcpy(model->u, trial->inputs + row * KIND_ROWS_MAX, sizeof model->u);
        must(model_move_to(model, begin + ROW * (double)(row + 1), &e), &e);
        for (size_t i = 0; values && i < OUTPUTS; i++)
            values[row * OUTPUTS + i] = model_output(model, trial->outputs[i]);
    }
    double spent = seconds() - before;
    model_clear(model);
    return spent;
}

static void report(struct trial *trial, size_t method, const double *exact, double *values)
{
    const char *name = methods[method].name;
    double step = methods[method].step, spent = HUGE_VAL;
    run(trial, name, step, values);
    for (int i = 0; i < RUNS; i++)
        spent = fmin(spent, run(trial, name, step, NULL));
    printf("run %s %g %.0f", name, step, spent * 1e9 * 3600 / (ROW * (double)trial->rows));
    for (size_t i = 0; i < OUTPUTS; i++) {
        double square = 0, most = 0;
        for (size_t row = 0; row < trial->rows; row++) {
            double error = values[row * OUTPUTS + i] - exact[row * OUTPUTS + i];
            square += error * error;
            most = fmax(most, fabs(error));
        }
        printf(" %.3g %.3g", sqrt(square / (double)trial->rows), most);
    }
    putchar('\n');
    fflush(stdout);
}

static void try_all(const struct course *course, size_t rows)
{
    static struct trial trial;
    const struct kind *kind = kinds_detail(kinds_find(course->kind), course->detail);
    trial.course = course;
    trial.kind = kind;
    trial.rows = rows;
    trial.inputs = blow(course, kind, rows);
    for (size_t i = 0; i < OUTPUTS; i++)
        trial.outputs[i] = model_find(kind->outputs, kind->n_outputs, course->outputs[i]);
    double *exact = mem_new(rows * OUTPUTS, sizeof *exact);
    double *values = mem_new(rows * OUTPUTS, sizeof *values);
    printf("case %s %s", course->kind,
           course->detail    ? course->detail
           : course->left[0] ? "own"
                             : "given");
    for (size_t i = 0; i < OUTPUTS; i++)
        printf(" %s", course->outputs[i]);
    putchar('\n');
    run(&trial, "adaptive", REFERENCE, exact);
    for (size_t i = 0; i < METHODS; i++)
        report(&trial, i, exact, values);
    free(trial.inputs);
    free(exact);
    free(values);
}

/* ---- forecasts: a day in steps of 15 minutes, nothing bound ---- */

static void forecast(const struct kind *kind, enum motion_method method)
{
    enum { STEPS = 96, TIMES = 20 };
    struct err e;
    struct plan *plan = plan_new(kind);
    plan->integrator = method;
    must(plan_finish(plan, &e), &e);
    struct twin twin = {.plan = plan, .id = "t", .name = "t"};
    twin.block = mem_new(1, plan->block_size);
    twin_start(&twin);
    twin_begin(&twin, begin);
    struct forecast_work *work = forecast_work_new();
    struct forecast *to = forecast_new(kind, STEPS);
    const struct forecast_request request = {.made = begin, .step = 900, .n = STEPS};
    forecast_make(work, &twin, &request, to);
    double before = seconds();
    for (int i = 0; i < TIMES; i++)
        forecast_make(work, &twin, &request, to);
    printf("forecast %s %s %.3g\n", kind->name, motion_names[method],
           (seconds() - before) * 1e3 / TIMES);
    forecast_free(to);
    forecast_work_free(work);
    free(twin.block);
    plan_drop(plan);
}

int main(int argc, char **argv)
{
    size_t rows = (size_t)(atof(argc > 1 ? argv[1] : "10") * 86400 / ROW);
    for (size_t k = 0; k < sizeof courses / sizeof *courses; k++)
        try_all(&courses[k], rows);
    for (size_t i = 0; kinds_all[i]; i++)
        for (int m = 0; kinds_all[i]->n_states > 0 && motion_names[m]; m++)
            forecast(kinds_all[i], (enum motion_method)m);
    return 0;
}
