/* What each integrator makes of each kind, against CVODE (tolerance 1e-8) in pieces of 10
 * s: its error at every five minutes of ten days, and what it costs. The table of
 * docs/integrators.md.
 *
 *     bench_integrators [DAYS]
 *
 * The weather has day and night and passing clouds; screens, lamps, vents, set-points and
 * traffic are switched by the clock. Inputs are held for five minutes. Time is the thread's
 * own on the processor, the better of two runs. */
#include "../../daemon/cli/model.h"

#include "twind/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROW = 300, REFERENCE = 10, OUTPUTS = 3 };

static const double begin = 1772323200; /* 2026-03-01 */

struct course {
    const char *kind;
    const char *outputs[OUTPUTS];
    const char *settings[8]; /* of parameters */
    const char *left[8];     /* inputs that are left to the model's control */
};

static const struct course courses[] = {
    {"greenhouse",
     {"air_temperature", "relative_humidity", "co2"},
     {"lamp_power=80"},
     {NULL}},
    {"greenhouse",
     {"air_temperature", "relative_humidity", "co2"},
     {"lamp_power=80"},
     {"vent_lee", "pipe_temperature", "co2_dosing"}},
    {"building",
     {"indoor_temperature", "heating_power", "energy_today"},
     {"latitude=52", "longitude=5", "windows_south=15"},
     {NULL}},
    {"air_quality", {"pm2_5", "no2", "o3"}, {NULL}, {NULL}},
};

static const struct {
    const char *name;
    double step; /* 0: the usual */
} methods[] = {{"euler", 5},        {"euler", 10},      {"rk4", 10},
               {"rk4", 20},         {"rk4", 60},        {"rk4", 300},
               {"rk4", 600},        {"rosenbrock", 60}, {"rosenbrock", 300},
               {"rosenbrock", 600}, {"adaptive", 300}};
enum { METHODS = sizeof methods / sizeof *methods };

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

static void blow(const struct course *course, struct model *model, double time)
{
    const struct kind *kind = model->kind;
    for (size_t i = 0; i < sizeof drives / sizeof *drives; i++) {
        size_t input = model_find(kind->inputs, kind->n_inputs, drives[i].input);
        if (input < kind->n_inputs && !is_left(course, drives[i].input))
            model->u[input] = drives[i].at(time);
    }
}

/* ---- runs ---- */

static void must(bool good, const struct err *e)
{
    if (good)
        return;
    fprintf(stderr, "%s\n", e->text);
    exit(1);
}

/* Rows of OUTPUTS values; returns the seconds of the moving alone. */
static double run(const struct course *course, const char *method, double step, size_t rows,
                  double *values)
{
    static struct model model;
    struct err e;
    const struct kind *kind = kinds_find(course->kind);
    double spent = 0;
    model_init(&model, kind);
    for (const char *const *s = course->settings; *s; s++)
        must(model_assign(kind->params, kind->n_params, *s, model.p, &e), &e);
    must(model_choose(&model, method, step, &e), &e);
    blow(course, &model, begin);
    model_begin(&model, begin);
    for (size_t row = 0; row < rows; row++) {
        double time = begin + ROW * (double)(row + 1), before = seconds();
        must(model_move_to(&model, time, &e), &e);
        spent += seconds() - before;
        for (size_t i = 0; i < OUTPUTS; i++)
            values[row * OUTPUTS + i] = model_output(
                &model, model_find(kind->outputs, kind->n_outputs, course->outputs[i]));
        blow(course, &model, time);
    }
    model_clear(&model);
    return spent;
}

static void report(const struct course *course, size_t method, size_t rows,
                   const double *exact, double *values)
{
    double step = methods[method].step;
    double spent = run(course, methods[method].name, step, rows, values);
    spent = fmin(spent, run(course, methods[method].name, step, rows, values));
    printf("| %s | %s | %g |", course->kind, methods[method].name, step);
    for (size_t i = 0; i < OUTPUTS; i++) {
        double square = 0, most = 0;
        for (size_t row = 0; row < rows; row++) {
            double error = values[row * OUTPUTS + i] - exact[row * OUTPUTS + i];
            square += error * error;
            most = fmax(most, fabs(error));
        }
        printf(" %.2g / %.2g |", sqrt(square / (double)rows), most);
    }
    printf(" %.0f |\n", spent * 1e9 / ((double)rows * ROW / 3600));
}

int main(int argc, char **argv)
{
    size_t rows = (size_t)(atof(argc > 1 ? argv[1] : "10") * 86400 / ROW);
    double *exact = calloc(rows * OUTPUTS, sizeof *exact);
    double *values = calloc(rows * OUTPUTS, sizeof *values);
    for (size_t k = 0; exact && values && k < sizeof courses / sizeof *courses; k++) {
        run(&courses[k], "adaptive", REFERENCE, rows, exact);
        printf("\n| kind | method | step, s | %s | %s | %s | ns an hour |\n"
               "|---|---|---|---|---|---|---|\n",
               courses[k].outputs[0], courses[k].outputs[1], courses[k].outputs[2]);
        for (size_t i = 0; i < METHODS; i++)
            report(&courses[k], i, rows, exact, values);
    }
    free(exact);
    free(values);
    return 0;
}
