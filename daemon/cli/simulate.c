/* twinctl simulate: one model in open loop. Inputs are held from their row to the next. */
#include "model.h"

#include "twind/cli.h"
#include "twind/decimal.h"
#include "twind/text.h"
#include "twind/times.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 12, SETTINGS_MAX = 128 };

struct settings {
    const char *at[SETTINGS_MAX];
    size_t n;
};

struct simulation {
    struct model model;
    size_t columns[KIND_ROWS_MAX]; /* by cell: which input; SIZE_MAX: the time */
    size_t n_columns, time_column;
    bool shown[KIND_STATES_MAX]; /* states that are no outputs as well */
    struct text line;
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

static bool assign_all(const struct kind_row *rows, size_t n,
                       const struct settings *settings, double *values, struct err *e)
{
    for (size_t i = 0; i < settings->n; i++)
        if (!model_assign(rows, n, settings->at[i], values, e))
            return false;
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
            s->time_column = i;
            continue;
        }
        const struct kind *kind = s->model.kind;
        size_t input = model_find(kind->inputs, kind->n_inputs, cells[i]);
        if (input == kind->n_inputs)
            return err_set(e, "column '%s' is no input of a %s (twinctl kinds %s)",
                           cells[i], kind->name, kind->name);
        s->columns[i] = input;
    }
    s->n_columns = n;
    return timed || err_set(e, "there is no column 'time'");
}

static bool set_input(struct model *model, size_t input, const char *text, struct err *e)
{
    double value;
    if (!cli_number(text, &value))
        return err_set(e, "%s: '%s' is no number", model->kind->inputs[input].name, text);
    model->u[input] = value;
    return true;
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
        if (cells[i][0] && !set_input(&s->model, s->columns[i], cells[i], e))
            return false;
    }
    return true;
}

/* A state that is an output as well is written once. */
static void write_header(struct simulation *s)
{
    const struct kind *kind = s->model.kind;
    fputs("time", s->out);
    for (size_t i = 0; i < kind->n_states; i++) {
        s->shown[i] = model_find(kind->outputs, kind->n_outputs, kind->states[i].name) ==
                      kind->n_outputs;
        if (s->shown[i])
            fprintf(s->out, ",%s", kind->states[i].name);
    }
    for (size_t i = 0; i < kind->n_outputs; i++)
        fprintf(s->out, ",%s", kind->outputs[i].name);
    fputc('\n', s->out);
}

static void put_cell(struct text *line, double value)
{
    char cell[1 + DECIMAL_ROOM] = ",";
    text_bytes(line, cell, 1 + decimal_write(cell + 1, value, DIGITS));
}

static void write_row(struct simulation *s, const char *time)
{
    const struct kind *kind = s->model.kind;
    text_clear(&s->line);
    text_bytes(&s->line, time, strlen(time));
    for (size_t i = 0; i < kind->n_states; i++)
        if (s->shown[i])
            put_cell(&s->line, s->model.x[i]);
    for (size_t i = 0; i < kind->n_outputs; i++)
        put_cell(&s->line, model_output(&s->model, i));
    text_bytes(&s->line, "\n", 1);
    fwrite(s->line.at, 1, s->line.used, s->out);
}

static bool begin(struct simulation *s, double time, const struct settings *states,
                  struct err *e)
{
    const struct kind *kind = s->model.kind;
    model_begin(&s->model, time);
    write_header(s);
    return assign_all(kind->states, kind->n_states, states, s->model.x, e);
}

/* To the row's time with the inputs that were before it, and then its own. */
static bool take_row(struct simulation *s, char *const *cells, size_t n, bool first,
                     const struct settings *states, struct err *e)
{
    double held[KIND_ROWS_MAX], next[KIND_ROWS_MAX], *u = s->model.u, time = 0;
    const char *stamp = cells[s->time_column];
    memcpy(held, u, sizeof held);
    if (!read_row(s, cells, n, &time, e))
        return false;
    if (!first && time <= s->model.time)
        return err_set(e, "time goes back or stands still at %s", stamp);
    memcpy(next, u, sizeof next);
    if (!first)
        memcpy(u, held, sizeof held);
    if (first ? !begin(s, time, states, e) : !model_move_to(&s->model, time, e))
        return false;
    memcpy(u, next, sizeof next);
    write_row(s, stamp);
    return true;
}

static bool simulate(struct simulation *s, struct cli_csv *csv,
                     const struct settings *states, struct err *e)
{
    char *const *cells;
    size_t n = cli_csv_next(csv, &cells);
    if (n == 0)
        return cli_csv_ended_well(csv, e) && err_set(e, "it is empty");
    if (!read_header(s, cells, n, e))
        return false;
    for (bool first = true; (n = cli_csv_next(csv, &cells)) > 0; first = false)
        if (!take_row(s, cells, n, first, states, e))
            return false;
    return cli_csv_ended_well(csv, e);
}

static void warn_of_step(const struct model *model, const char *integrator)
{
    double stable = model_stable_step(model);
    if (model->step > stable * (1 + 1e-9))
        fprintf(stderr,
                "twinctl simulate: warning: step %g s is longer than %s is stable on a %s "
                "(%.3g s): the result may swing or grow without bound; take --step %gs, or "
                "--integrator rosenbrock\n",
                model->step, integrator, model->kind->name, stable, floor(stable));
}

static int run_with(struct simulation *s, const char *inputs, const char *output,
                    const struct settings *params, const struct settings *states)
{
    struct err e;
    const struct kind *kind = s->model.kind;
    if (!assign_all(kind->params, kind->n_params, params, s->model.p, &e))
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

static int run(int argc, char **argv)
{
    struct settings params = {.n = 0}, states = {.n = 0};
    const char *kind = NULL, *detail = NULL, *inputs = NULL, *output = NULL, *step = NULL,
               *integrator = "auto";
    const struct cli_option options[] = {
        {.name = "--kind", .value = &kind},
        {.name = "--detail", .value = &detail},
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
    const struct kind *which = kinds_find(kind);
    if (!which || which->n_states == 0)
        return cli_fail(&cli_simulate, CLI_INPUT,
                        "'%s' is no kind with a model (twinctl kinds)", kind);
    if (!kinds_detail(which, detail))
        return cli_fail(&cli_simulate, CLI_INPUT,
                        "the kind %s has no detail '%s' (twinctl kinds %s)", kind, detail,
                        kind);
    struct err e;
    struct simulation s = {.n_columns = 0};
    model_init(&s.model, kinds_detail(which, detail));
    int status = CLI_INPUT;
    double longest = 0;
    if (step && (!times_parse_duration(step, &longest) || !(longest > 0)))
        cli_fail(&cli_simulate, status, "step '%s': a duration such as 30s", step);
    else if (!model_choose(&s.model, integrator, longest, &e))
        cli_fail(&cli_simulate, status, "%s", e.text);
    else {
        warn_of_step(&s.model, integrator);
        status = run_with(&s, inputs, output, &params, &states);
    }
    model_clear(&s.model);
    text_free(&s.line);
    return status;
}

const struct cli_verb cli_simulate = {
    "simulate",
    "--kind K [--detail NAME] [--param P=V ..] --inputs IN.csv [--state "
    "S=V ..] [--integrator "
    "auto|euler|rk4|rosenbrock|adaptive] [--step S] "
    "[--output OUT.csv]",
    "runs one model in open loop", run};
