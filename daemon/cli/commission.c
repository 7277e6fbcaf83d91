/* twinctl commission: what is wrong with a twin's wiring, from its readings. */
#include "twind/cli.h"

#include "commission_print.h"
#include "twind/config.h"
#include "twind/config_shape.h"
#include "twind/history_read.h"

#include "twind/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double usual_past = 14 * 86400.0;
static const double raster = 150; /* s: of several readings within it one will do */

struct options {
    const char *file, *twin, *history, *input, *from, *to;
    bool json;
};

struct job {
    struct options options;
    struct config config;
    const struct config_twin *entry;
    struct plan *plan;
    double from, to;
    struct commission_told *told;
    struct commission_reading *readings;
    size_t n, room;
    size_t sensor; /* being read */
};

/* ---- what is asked for ---- */

static bool read_times(struct job *job, struct err *e)
{
    const struct options *o = &job->options;
    job->from = NAN;
    job->to = INFINITY;
    if (o->from && !cli_time(o->from, &job->from))
        return err_set(e, "--from '%s': ISO 8601 or seconds since 1970", o->from);
    if (o->to && !cli_time(o->to, &job->to))
        return err_set(e, "--to '%s': ISO 8601 or seconds since 1970", o->to);
    return true;
}

static bool find_twin(struct job *job, struct err *e)
{
    job->entry = config_find_twin(&job->config, job->options.twin);
    if (!job->entry)
        return err_set(e, "there is no twin '%s' in %s", job->options.twin,
                       job->options.file);
    job->plan = config_plan(&job->config, job->entry, job->options.twin);
    job->told = mem_new(job->plan->n_sensors + 1, sizeof *job->told);
    for (size_t i = 0; i < job->plan->n_sensors; i++) {
        const struct payload_mapping *mapping = &job->entry->shape->mappings[i].mapping;
        job->told[i] =
            (struct commission_told){mapping->unit, mapping->scale, mapping->offset};
    }
    return true;
}

/* ---- readings ---- */

static const struct kind_row *row_of(const struct job *job, size_t sensor)
{
    return plan_row(job->plan->kind, job->plan->sensors[sensor].signal);
}

static void take(struct job *job, size_t sensor, double time, double value)
{
    struct commission_reading *last = job->n ? &job->readings[job->n - 1] : NULL;
    if (!isfinite(value))
        return;
    if (last && last->sensor == sensor && ceil(last->time / raster) == ceil(time / raster))
        return;
    job->readings = mem_grow(job->readings, &job->room, job->n + 1, sizeof *job->readings);
    job->readings[job->n++] = (struct commission_reading){time, value, sensor};
}

static void take_reading(void *context, double time, double value)
{
    struct job *job = context;
    take(job, job->sensor, time, value);
}

/* The time from which the usual past counts: before the newest reading of all. */
static double usual_from(struct history_read *reader, const struct job *job)
{
    char unit[HISTORY_READ_UNIT];
    double newest = -INFINITY, of;
    struct err e;
    for (size_t s = 0; s < job->plan->n_sensors; s++)
        if (history_read_find(reader, job->options.twin, row_of(job, s)->name, unit, &of,
                              &e))
            newest = fmax(newest, of);
    return fmin(newest, job->to) - usual_past;
}

static bool read_history(struct job *job, struct err *e)
{
    const char *path =
        job->options.history ? job->options.history : job->config.history.file;
    struct history_read *reader = history_read_open(path, e);
    bool done = reader != NULL;
    if (done && isnan(job->from))
        job->from = usual_from(reader, job);
    for (job->sensor = 0; done && job->sensor < job->plan->n_sensors; job->sensor++) {
        const struct kind_row *row = row_of(job, job->sensor);
        const struct history_read_series series = {job->options.twin, row->name, row->unit,
                                                   job->from, job->to};
        done = history_read_any(reader, &series, take_reading, job, e);
    }
    history_read_close(reader);
    return done;
}

static int commission(struct job *job)
{
    struct err e;
    struct commission_result *result = mem_new(1, sizeof *result);
    const struct commission_task task = {job->plan, job->readings, job->n, job->told};
    int status = CLI_OK;
    if (!commission_run(&task, result, &e)) {
        status = cli_fail(&cli_commission, CLI_INPUT, "%s: %s", job->options.twin, e.text);
    } else if (job->options.json) {
        struct text json = {0};
        commission_put_json(&json, job->plan, job->options.twin, result);
        puts(json.at);
        text_free(&json);
    } else {
        commission_print(job->plan, job->options.twin, result);
    }
    if (status == CLI_OK && result->n > 0)
        status = CLI_INPUT;
    free(result);
    return status;
}

static int run_job(struct job *job)
{
    struct err e;
    if (!find_twin(job, &e) || !read_times(job, &e))
        return cli_fail(&cli_commission, CLI_INPUT, "%s", e.text);
    if (!read_history(job, &e))
        return cli_fail(&cli_commission, CLI_RESOURCE, "%s", e.text);
    return commission(job);
}

static int run(int argc, char **argv)
{
    struct job *job = mem_new(1, sizeof *job);
    struct options *o = &job->options;
    const struct cli_option options[] = {
        {.name = "-c", .value = &o->file},
        {.name = "--twin", .value = &o->twin},
        {.name = "--history", .value = &o->history},
        {.name = "--from", .value = &o->from},
        {.name = "--to", .value = &o->to},
        {.name = "--json", .flag = &o->json},
        {.name = NULL},
    };
    int status = CLI_USAGE;
    const struct config_report report = {.say = cli_say};
    if (cli_options(argc, argv, options) != 0 || !o->file || !o->twin)
        cli_usage(&cli_commission);
    else if (!config_load(o->file, getenv, &report, &job->config))
        status = CLI_INPUT;
    else
        status = run_job(job);
    config_clear(&job->config);
    free(job->told);
    free(job->readings);
    free(job);
    return status;
}

const struct cli_verb cli_commission = {
    "commission", "-c FILE --twin T [--history DB] [--from TIME] [--to TIME] [--json]",
    "finds units, signs, scales, exchanged sensors and clocks that are wrong", run};
