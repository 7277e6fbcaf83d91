/* twinctl detect: a streaming filter. Each line is answered before the next is read. */
#include "twind/cli.h"

#include "twind/mem.h"
#include "twind/panel.h"
#include "twind/times.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SETS_MAX = 32, COLUMNS_MAX = 64 };

struct detect {
    const char *name, *sets[SETS_MAX];
    size_t n_sets;
    bool explain, list, markdown;

    const struct detector *detector;
    double params[DETECTOR_PARAMS_MAX];
    struct panel panel; /* a signal for each value column */
    void *state;
    bool told; /* that a line was bad */
};

/* ---- the list ---- */

static void list_text(const struct detector *d)
{
    printf("%s: %s (%s)\n", d->name, d->help, d->reference);
    for (size_t i = 0; i < d->n_params; i++) {
        const struct detector_row *row = &d->params[i];
        printf("  %-9s %-8g %g .. %g: %s\n", row->name, row->value, row->min, row->max,
               row->help);
    }
}

static void list_markdown(const struct detector *d)
{
    double params[DETECTOR_PARAMS_MAX];
    detectors_defaults(d, params);
    printf("\n### %s\n\n%s (%s). State: %zu bytes a signal.\n\n", d->name, d->help,
           d->reference, d->size(params, 1));
    puts("| parameter | default | range | meaning |\n| --- | --- | --- | --- |");
    for (size_t i = 0; i < d->n_params; i++) {
        const struct detector_row *row = &d->params[i];
        printf("| `%s` | %g | %g .. %g | %s |\n", row->name, row->value, row->min, row->max,
               row->help);
    }
}

static int list(const struct detect *t)
{
    for (const struct detector *const *d = detectors_all; *d; d++)
        if (!t->name || strcmp((*d)->name, t->name) == 0)
            (t->markdown ? list_markdown : list_text)(*d);
    return CLI_OK;
}

/* ---- the filter ---- */

static void tell_once(struct detect *t, const struct cli_csv *csv, const char *text,
                      const char *what)
{
    if (!t->told)
        cli_fail(&cli_detect, CLI_OK, "line %lu: '%s' is no %s (said once)",
                 cli_csv_line(csv), text, what);
    t->told = true;
}

static double read_time(struct detect *t, const struct cli_csv *csv, const char *text)
{
    double time;
    if (cli_number(text, &time))
        return times_from_number(time);
    if (times_parse(text, strlen(text), 0, &time))
        return time;
    tell_once(t, csv, text, "time");
    return NAN;
}

static bool is_header(char *const *cells, size_t n)
{
    double number;
    return n >= 2 && !cli_number(cells[1], &number) && !cli_time(cells[0], &number);
}

static void begin(struct detect *t, size_t n_cells)
{
    size_t n = n_cells < 2 ? 1 : n_cells - 1;
    if (n > COLUMNS_MAX)
        n = COLUMNS_MAX;
    t->panel = (struct panel){detectors_for(t->detector, n), t->params, n};
    t->state = mem_new(1, panel_size(&t->panel));
}

static void explain(const struct detect *t, double score)
{
    struct panel_reason why;
    char text[DETECTOR_TEXT];
    if (score < 0.5) {
        fputs(",", stdout);
        return;
    }
    panel_explain(&t->panel, t->state, &why);
    panel_text(&why, NULL, text);
    printf(",\"%s\"", text);
}

static void answer(struct detect *t, const struct cli_csv *csv, char *const *cells,
                   size_t n)
{
    double values[COLUMNS_MAX];
    double time = read_time(t, csv, cells[0]);
    for (size_t i = 0; i < t->panel.n; i++)
        if (i + 1 >= n || !cli_number(cells[i + 1], &values[i])) {
            tell_once(t, csv, i + 1 < n ? cells[i + 1] : "", "number");
            values[i] = NAN;
        }
    double score = panel_step(&t->panel, t->state, time, values);
    printf("%s,%s,%.6g", cells[0], n > 1 ? cells[1] : "", score);
    if (t->explain)
        explain(t, score);
    putchar('\n');
}

static int filter(struct detect *t, struct cli_csv *csv)
{
    char *const *cells;
    struct err e;
    bool first = true;
    for (size_t n; (n = cli_csv_next(csv, &cells)) > 0; first = false) {
        if (first)
            begin(t, n);
        if (first && is_header(cells, n))
            printf("timestamp,value,anomaly_score%s\n", t->explain ? ",reason" : "");
        else
            answer(t, csv, cells, n);
        if (fflush(stdout) != 0)
            return cli_fail(&cli_detect, CLI_RESOURCE, "the output can't be written");
    }
    if (!cli_csv_ended_well(csv, &e))
        return cli_fail(&cli_detect, CLI_RESOURCE, "%s", e.text);
    return CLI_OK;
}

/* ---- the command line ---- */

static bool add_set(void *context, const char *text, struct err *e)
{
    struct detect *t = context;
    if (t->n_sets == SETS_MAX)
        return err_set(e, "more than %d parameters", (int)SETS_MAX);
    t->sets[t->n_sets++] = text;
    return true;
}

static bool apply_set(struct detect *t, const char *text, struct err *e)
{
    char name[32];
    double value;
    const char *equals = strchr(text, '=');
    size_t length = equals ? (size_t)(equals - text) : 0;
    if (!equals || length >= sizeof name || !cli_number(equals + 1, &value))
        return err_set(e, "--set %s: give NAME=NUMBER", text);
    memcpy(name, text, length);
    name[length] = '\0';
    return detectors_set(t->detector, t->params, name, value, e);
}

static bool choose(struct detect *t, struct err *e)
{
    const char *name = t->name ? t->name : "auto";
    t->detector = detectors_find(name);
    if (!t->detector)
        return err_set(e, "there is no detector '%s'; twinctl detect --list names them",
                       name);
    detectors_defaults(t->detector, t->params);
    for (size_t i = 0; i < t->n_sets; i++)
        if (!apply_set(t, t->sets[i], e))
            return false;
    return true;
}

static int run(int argc, char **argv)
{
    struct detect t = {.name = NULL};
    struct err e;
    const struct cli_option options[] = {
        {.name = "--detector", .value = &t.name},
        {.name = "--set", .each = add_set, .context = &t},
        {.name = "--explain", .flag = &t.explain},
        {.name = "--list", .flag = &t.list},
        {.name = "--markdown", .flag = &t.markdown},
        {.name = NULL},
    };
    if (cli_options(argc, argv, options) != 0)
        return cli_usage(&cli_detect);
    if (!choose(&t, &e))
        return cli_fail(&cli_detect, CLI_INPUT, "%s", e.text);
    if (t.list)
        return list(&t);
    struct cli_csv *csv = cli_csv_open("-", &e);
    int status = filter(&t, csv);
    cli_csv_close(csv);
    free(t.state);
    return status;
}

const struct cli_verb cli_detect = {
    "detect",
    "[--detector NAME] [--set K=V ..] [--explain] < TIMESTAMP,VALUE[,VALUE ..]\n"
    "       twinctl detect --list [--detector NAME] [--markdown]",
    "scores each line of a stream for anomalies, 0..1, 0.5 is an alarm", run};
