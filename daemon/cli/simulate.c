/* twinctl simulate: one model in open loop. Inputs are held from their row to the next. */
#include "twind/adaptive.h"
#include "twind/cli.h"
#include "twind/kind.h"
#include "twind/mem.h"
#include "twind/times.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 12, SETTINGS_MAX = 128 };

static const double tolerance = 1e-8; /* of the adaptive integrator, relative */

enum integrator { EULER, RK4, ADAPTIVE, INTEGRATORS };

static const char *const integrators[INTEGRATORS] = {"euler", "rk4", "adaptive"};

struct settings {
    const char *at[SETTINGS_MAX];
    size_t n;
};

struct simulation {
    const struct kind *kind;
    double p[KIND_ROWS_MAX], u[KIND_ROWS_MAX], x[KIND_ROWS_MAX];
    double m[KIND_MEMORY_MAX], scratch[5 * KIND_ROWS_MAX];
    size_t columns[KIND_ROWS_MAX]; /* by cell: which input; SIZE_MAX: the time */
    size_t n_columns;
    enum integrator integrator;
    struct adaptive *adaptive;
    double step, time;
    FILE *out;
};

static bool collect(void *context, const char *value, struct err *e)
{
    struct settings *settings = context;
    if (settings->n == SETTINGS_MAX)
        return err_set(e, "more than %d of these", SETTINGS_MAX);
    settings->at[settings->n++] = value;
    return true;
}

/* "NAME=VALUE" into the table's values. */
static bool assign(const struct kind_row *rows, size_t n, const char *setting,
                   double *values, struct err *e)
{
    size_t length = strcspn(setting, "=");
    char *end;
    for (size_t i = 0; i < n; i++) {
        if (strlen(rows[i].name) != length || strncmp(rows[i].name, setting, length) != 0)
            continue;
        const char *text = setting[length] ? setting + length + 1 : "";
        double value = strtod(text, &end);
        if (end == text || *end)
            return err_set(e, "%s: '%s' is no number", rows[i].name, text);
        if (!(value >= rows[i].min && value <= rows[i].max))
            return err_set(e, "%s is %g, allowed are %g to %g %s", rows[i].name, value,
                           rows[i].min, rows[i].max, rows[i].unit);
        values[i] = value;
        return true;
    }
    return err_set(e, "'%.*s' is not in this kind's table (twinctl kinds KIND)",
                   (int)length, setting);
}

static bool assign_all(const struct kind_row *rows, size_t n,
                       const struct settings *settings, double *values, struct err *e)
{
    for (size_t i = 0; i < settings->n; i++)
        if (!assign(rows, n, settings->at[i], values, e))
            return false;
    return true;
}

static struct kind_point point(const struct simulation *s)
{
    return (struct kind_point){s->time, s->p, s->u, s->x, s->m};
}

static void rhs(const void *context, double t, const double *x, double *dx)
{
    const struct simulation *s = context;
    s->kind->derive(&(struct kind_point){t, s->p, s->u, x, s->m}, dx);
}

static bool move(struct simulation *s, double h, struct err *e)
{
    size_t n = s->kind->n_states;
    if (s->integrator == EULER)
        ode_euler(rhs, s, n, s->time, h, s->x, s->scratch);
    else if (s->integrator == RK4)
        ode_rk4(rhs, s, n, s->time, h, s->x, s->scratch);
    else if (!adaptive_run(s->adaptive, s->time, s->time + h, s->x, e))
        return false;
    for (size_t i = 0; i < n; i++)
        s->x[i] = fmin(fmax(s->x[i], s->kind->states[i].min), s->kind->states[i].max);
    s->time += h;
    struct kind_point at = point(s);
    if (s->kind->accumulate)
        s->kind->accumulate(&at, h, s->m);
    return true;
}

static bool move_to(struct simulation *s, double time, struct err *e)
{
    double from = s->time, span = time - from;
    size_t steps = (size_t)ceil(span / s->step - 1e-9);
    for (size_t i = 1; i <= steps; i++)
        if (!move(s, from + span * (double)i / (double)steps - s->time, e))
            return false;
    s->time = time;
    return true;
}

static bool read_header(struct simulation *s, char *const *cells, size_t n, struct err *e)
{
    if (n > KIND_ROWS_MAX)
        return err_set(e, "more than %d columns", KIND_ROWS_MAX);
    bool timed = false;
    for (size_t i = 0; i < n; i++) {
        s->columns[i] = SIZE_MAX;
        if (strcmp(cells[i], "time") == 0) {
            timed = true;
            continue;
        }
        size_t input = 0;
        while (input < s->kind->n_inputs &&
               strcmp(s->kind->inputs[input].name, cells[i]) != 0)
            input++;
        if (input == s->kind->n_inputs)
            return err_set(e, "column '%s' is no input of a %s (twinctl kinds %s)",
                           cells[i], s->kind->name, s->kind->name);
        s->columns[i] = input;
    }
    s->n_columns = n;
    return timed || err_set(e, "there is no column 'time'");
}

/* An empty cell keeps the value that was. */
static bool read_row(struct simulation *s, char *const *cells, size_t n, double *time,
                     struct err *e)
{
    if (n != s->n_columns)
        return err_set(e, "%zu cells, the header has %zu", n, s->n_columns);
    for (size_t i = 0; i < n; i++) {
        if (s->columns[i] == SIZE_MAX) {
            if (!cli_time(cells[i], time))
                return err_set(e, "'%s' is no time: ISO 8601 or seconds", cells[i]);
            continue;
        }
        char *end;
        double value = strtod(cells[i], &end);
        if (*end || (end != cells[i] && !isfinite(value)))
            return err_set(e, "'%s' is no number", cells[i]);
        if (end != cells[i])
            s->u[s->columns[i]] = value;
    }
    return true;
}

/* A state that is an output as well is written once. */
static bool is_output(const struct kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->n_outputs; i++)
        if (strcmp(kind->outputs[i].name, name) == 0)
            return true;
    return false;
}

static void write_header(const struct simulation *s)
{
    fputs("time", s->out);
    for (size_t i = 0; i < s->kind->n_states; i++)
        if (!is_output(s->kind, s->kind->states[i].name))
            fprintf(s->out, ",%s", s->kind->states[i].name);
    for (size_t i = 0; i < s->kind->n_outputs; i++)
        fprintf(s->out, ",%s", s->kind->outputs[i].name);
    fputc('\n', s->out);
}

static void write_row(const struct simulation *s, const char *time)
{
    struct kind_point at = point(s);
    fputs(time, s->out);
    for (size_t i = 0; i < s->kind->n_states; i++)
        if (!is_output(s->kind, s->kind->states[i].name))
            fprintf(s->out, ",%.*g", DIGITS, s->x[i]);
    for (size_t i = 0; i < s->kind->n_outputs; i++)
        fprintf(s->out, ",%.*g", DIGITS, s->kind->observe(&at, i));
    fputc('\n', s->out);
}

static bool begin(struct simulation *s, double time, const struct settings *states,
                  struct err *e)
{
    s->time = time;
    struct kind_point at = point(s);
    if (s->kind->start)
        s->kind->start(&at, s->x, s->m);
    write_header(s);
    return assign_all(s->kind->states, s->kind->n_states, states, s->x, e);
}

static bool simulate(struct simulation *s, struct cli_csv *csv,
                     const struct settings *states, struct err *e)
{
    char *const *cells;
    size_t n = cli_csv_next(csv, &cells), time_cell = 0;
    if (n == 0)
        return err_set(e, "it is empty");
    if (!read_header(s, cells, n, e))
        return false;
    while (s->columns[time_cell] != SIZE_MAX)
        time_cell++;
    double held[KIND_ROWS_MAX];
    for (bool first = true; (n = cli_csv_next(csv, &cells)) > 0; first = false) {
        double time = 0;
        memcpy(held, s->u, sizeof held);
        if (!read_row(s, cells, n, &time, e))
            return false;
        if (!first && time <= s->time)
            return err_set(e, "time goes back or stands still at %s", cells[time_cell]);
        double next[KIND_ROWS_MAX];
        memcpy(next, s->u, sizeof next);
        if (!first)
            memcpy(s->u, held, sizeof held);
        if (first ? !begin(s, time, states, e) : !move_to(s, time, e))
            return false;
        memcpy(s->u, next, sizeof next);
        write_row(s, cells[time_cell]);
    }
    return true;
}

static bool prepare(struct simulation *s, const struct settings *params, struct err *e)
{
    for (size_t i = 0; i < s->kind->n_params; i++)
        s->p[i] = s->kind->params[i].value;
    for (size_t i = 0; i < s->kind->n_inputs; i++)
        s->u[i] = s->kind->inputs[i].value;
    for (size_t i = 0; i < s->kind->n_states; i++)
        s->x[i] = s->kind->states[i].value;
    if (s->integrator == ADAPTIVE) {
        double scale[KIND_ROWS_MAX];
        for (size_t i = 0; i < s->kind->n_states; i++)
            scale[i] =
                fmax(s->kind->states[i].spread, 1e-3 * fabs(s->kind->states[i].value));
        s->adaptive = adaptive_new(s->kind->n_states, rhs, s, tolerance, scale);
        if (!s->adaptive)
            return err_set(e, "no memory for the adaptive integrator");
    }
    return assign_all(s->kind->params, s->kind->n_params, params, s->p, e);
}

static int run_with(struct simulation *s, const char *inputs, const char *output,
                    const struct settings *params, const struct settings *states)
{
    struct err e;
    if (!prepare(s, params, &e))
        return cli_fail(&cli_simulate, CLI_INPUT, "%s", e.text);
    struct cli_csv *csv = cli_csv_open(inputs, &e);
    if (!csv)
        return cli_fail(&cli_simulate, CLI_RESOURCE, "%s", e.text);
    s->out = output ? fopen(output, "w") : stdout;
    if (!s->out) {
        cli_csv_close(csv);
        return cli_fail(&cli_simulate, CLI_RESOURCE, "%s: %s", output, strerror(errno));
    }
    int status = CLI_OK;
    if (!simulate(s, csv, states, &e))
        status = cli_fail(&cli_simulate, CLI_INPUT, "%s:%lu: %s", inputs, cli_csv_line(csv),
                          e.text);
    cli_csv_close(csv);
    bool failed = ferror(s->out) != 0;
    if ((s->out == stdout ? fflush(stdout) : fclose(s->out)) != 0 || failed)
        status = cli_fail(&cli_simulate, CLI_RESOURCE, "%s: %s", output ? output : "output",
                          strerror(errno));
    return status;
}

static bool choose_integrator(const char *name, enum integrator *integrator)
{
    for (int i = 0; i < INTEGRATORS; i++)
        if (strcmp(name, integrators[i]) == 0) {
            *integrator = (enum integrator)i;
            return true;
        }
    return false;
}

static int run(int argc, char **argv)
{
    struct settings params = {.n = 0}, states = {.n = 0};
    const char *kind = NULL, *inputs = NULL, *output = NULL, *step = NULL,
               *integrator = "rk4";
    const struct cli_option options[] = {
        {.name = "--kind", .value = &kind},
        {.name = "--param", .each = collect, .context = &params},
        {.name = "--state", .each = collect, .context = &states},
        {.name = "--inputs", .value = &inputs},
        {.name = "--output", .value = &output},
        {.name = "--step", .value = &step},
        {.name = "--integrator", .value = &integrator},
        {.name = NULL},
    };
    if (cli_options(argc, argv, options) != 0 || !kind || !inputs)
        return cli_usage(&cli_simulate);
    struct simulation *s = mem_new(1, sizeof *s);
    s->kind = kinds_find(kind);
    if (!s->kind || s->kind->n_states == 0)
        return cli_fail(&cli_simulate, CLI_INPUT,
                        "'%s' is no kind with a model (twinctl kinds)", kind);
    if (!choose_integrator(integrator, &s->integrator))
        return cli_fail(&cli_simulate, CLI_INPUT, "integrator '%s': euler, rk4 or adaptive",
                        integrator);
    s->step = s->kind->max_step;
    if (step && (!times_parse_duration(step, &s->step) || s->step <= 0))
        return cli_fail(&cli_simulate, CLI_INPUT, "step '%s': a duration such as 30s",
                        step);
    int status = run_with(s, inputs, output, &params, &states);
    adaptive_free(s->adaptive);
    free(s);
    return status;
}

const struct cli_verb cli_simulate = {"simulate",
                                      "--kind K [--param P=V ..] --inputs IN.csv [--state "
                                      "S=V ..] [--integrator euler|rk4|adaptive] "
                                      "[--step S] [--output OUT.csv]",
                                      "runs one model in open loop", run};
