#include "past.h"

#include "twind/cli.h"
#include "twind/history_read.h"
#include "twind/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PROGRESS = 10000, MOMENT = KIND_ROWS_MAX };

struct readings {
    struct engine_reading *at;
    size_t n, room;
    size_t sensor; /* being read */
};

static void take_reading(void *context, double time, double value)
{
    struct readings *readings = context;
    readings->at =
        mem_grow(readings->at, &readings->room, readings->n + 1, sizeof *readings->at);
    readings->at[readings->n++] = (struct engine_reading){
        .sensor = readings->sensor, .time = time, .value = value, .timed = true};
}

/* By time, then by sensor, as a replay has them. */
static int compare(const void *a, const void *b)
{
    const struct engine_reading *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->sensor > y->sensor) - (x->sensor < y->sensor);
}

static bool read_all(const struct past_options *options, const char *history,
                     const struct plan *plan, struct readings *readings, struct err *e)
{
    struct history_read *reader = history_read_open(history, e);
    bool done = reader != NULL;
    for (size_t i = 0; done && i < plan->n_sensors; i++) {
        const struct kind_row *row = plan_row(plan->kind, plan->sensors[i].signal);
        const struct history_read_series series = {options->twin, row->name, row->unit,
                                                   options->from, options->to};
        readings->sensor = i;
        done = history_read_good(reader, &series, take_reading, readings, e);
    }
    history_read_close(reader);
    if (done && readings->n == 0)
        return err_set(e, "%s holds no readings of %s", history, options->twin);
    if (done)
        qsort(readings->at, readings->n, sizeof *readings->at, compare);
    return done;
}

static void relive(struct past *past, struct readings *readings,
                   void (*progress)(size_t done, size_t of))
{
    size_t told = 0;
    for (size_t i = 0, j; i < readings->n; i = j) {
        past->now = readings->at[i].time;
        for (j = i + 1;
             j < readings->n && j - i < MOMENT && !(readings->at[j].time > past->now);)
            j++;
        engine_advance(past->engine, past->now);
        engine_apply(past->engine, past->twin, readings->at + i, j - i);
        if (progress && j - told >= PROGRESS)
            progress(told = j, readings->n);
    }
    if (progress)
        progress(readings->n, readings->n);
}

int past_open(const struct past_options *options, struct past *past, struct err *e)
{
    const struct config_report report = {.say = cli_say};
    const struct engine_sink sink = {.context = NULL};
    struct readings readings = {.n = 0};
    e->text[0] = '\0';
    if (!config_load_all(options->file, &report, &past->config))
        return CLI_INPUT;
    const struct config_twin *entry = config_find_twin(&past->config, options->twin);
    if (!entry) {
        err_set(e, "there is no twin '%s' in %s", options->twin, options->file);
        return CLI_INPUT;
    }
    struct plan *plan = config_plan(&past->config, entry, options->twin);
    const char *history = options->history ? options->history : past->config.history.file;
    bool read = read_all(options, history, plan, &readings, e);
    if (read) {
        past->engine = engine_new(&sink);
        past->twin = engine_add(past->engine, options->twin, NULL, plan);
        relive(past, &readings, options->progress);
    }
    free(readings.at);
    return read ? CLI_OK : CLI_RESOURCE;
}

void past_close(struct past *past)
{
    engine_free(past->engine);
    config_clear(&past->config);
}

void past_show_progress(size_t done, size_t of)
{
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\rreading the history: %zu of %zu readings%s", done, of,
            done == of ? "\n" : "");
}
