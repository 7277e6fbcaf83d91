/* twinctl commission: what is wrong with a twin's wiring, from its readings. */
#include "twind/cli.h"

#include "commission_print.h"
#include "commission_read.h"
#include "twind/config.h"
#include "twind/config_shape.h"
#include "twind/mem.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    const char *file, *twin, *history, *input, *output, *from, *to;
    bool json, background;
};

struct job {
    struct options options;
    struct config config;
    const struct config_twin *entry;
    struct commission_told *told;
    struct commission_source source;
};

static bool read_times(struct job *job, struct err *e)
{
    const struct options *o = &job->options;
    return cli_time_option("--from", o->from, NAN, &job->source.from, e) &&
           cli_time_option("--to", o->to, INFINITY, &job->source.to, e);
}

static bool find_twin(struct job *job, struct err *e)
{
    job->entry = config_find_twin(&job->config, job->options.twin);
    if (!job->entry)
        return err_set(e, "there is no twin '%s' in %s", job->options.twin,
                       job->options.file);
    const struct plan *plan = config_plan(&job->config, job->entry, job->options.twin);
    job->source.plan = plan;
    job->source.twin = job->options.twin;
    job->told = mem_new(plan->n_sensors + 1, sizeof *job->told);
    for (size_t i = 0; i < plan->n_sensors; i++) {
        const struct payload_mapping *mapping = &job->entry->shape->mappings[i].mapping;
        job->told[i] =
            (struct commission_told){mapping->unit, mapping->scale, mapping->offset};
    }
    return true;
}

static bool read_readings(struct job *job, struct err *e)
{
    const struct options *o = &job->options;
    return o->input
               ? commission_read_csv(&job->source, o->input, e)
               : commission_read_history(
                     &job->source, o->history ? o->history : job->config.history.file, e);
}

/* What the daemon publishes, whole or not at all. */
static bool write_file(const char *path, const char *json, struct err *e)
{
    struct text part = {0};
    text_put(&part, "%s.part", path);
    FILE *file = fopen(part.at, "w");
    bool done = file && fprintf(file, "%s\n", json) > 0;
    done = (!file || fclose(file) == 0) && done && rename(part.at, path) == 0;
    if (!done)
        err_set(e, "%s can't be written: %s", path, strerror(errno));
    text_free(&part);
    return done;
}

static int tell(const struct job *job, const struct commission_result *result)
{
    const struct options *o = &job->options;
    struct text json = {0};
    struct err e;
    bool done = true;
    commission_put_json(&json, job->source.plan, o->twin, result);
    if (o->output)
        done = write_file(o->output, json.at, &e);
    if (o->background)
        commission_print_line(result);
    else if (o->json)
        puts(json.at);
    else
        commission_print(job->source.plan, o->twin, result);
    text_free(&json);
    if (!done)
        return cli_fail(&cli_commission, CLI_RESOURCE, "%s", e.text);
    return result->n > 0 && !o->background ? CLI_INPUT : CLI_OK;
}

static int run_job(struct job *job)
{
    struct err e;
    if (!find_twin(job, &e) || !read_times(job, &e))
        return cli_fail(&cli_commission, CLI_INPUT, "%s", e.text);
    if (!read_readings(job, &e)) {
        bool there = job->options.input && access(job->options.input, R_OK) == 0;
        return cli_fail(&cli_commission, there ? CLI_INPUT : CLI_RESOURCE, "%s", e.text);
    }
    const struct commission_task task = {job->source.plan, job->source.readings,
                                         job->source.n, job->told};
    struct commission_result *result = mem_new(1, sizeof *result);
    int status =
        commission_run(&task, result, &e)
            ? tell(job, result)
            : cli_fail(&cli_commission, CLI_INPUT, "%s: %s", job->options.twin, e.text);
    free(result);
    return status;
}

static int run(int argc, char **argv)
{
    struct job *job = mem_new(1, sizeof *job);
    struct options *o = &job->options;
    const struct cli_option options[] = {
        {.name = "-c", .value = &o->file},
        {.name = "--twin", .value = &o->twin},
        {.name = "--history", .value = &o->history},
        {.name = "--input", .value = &o->input},
        {.name = "--from", .value = &o->from},
        {.name = "--to", .value = &o->to},
        {.name = "--output", .value = &o->output},
        {.name = "--json", .flag = &o->json},
        {.name = "--background", .flag = &o->background},
        {.name = NULL},
    };
    int status = CLI_USAGE;
    const struct config_report report = {.say = cli_say};
    bool understood = cli_options(argc, argv, options) == 0 && o->file && o->twin &&
                      !(o->history && o->input);
    if (understood && o->background)
        cli_go_background();
    if (!understood)
        cli_usage(&cli_commission);
    else if (!config_load(o->file, getenv, &report, &job->config))
        status = CLI_INPUT;
    else
        status = run_job(job);
    config_clear(&job->config);
    free(job->told);
    free(job->source.readings);
    free(job);
    return status;
}

const struct cli_verb cli_commission = {
    "commission",
    "-c FILE --twin T [--history DB | --input READINGS.csv] [--from TIME]\n"
    "                          [--to TIME] [--json] [--output FILE] [--background]",
    "finds units, signs, scales, exchanged sensors and clocks that are wrong", run};
