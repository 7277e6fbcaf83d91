/* twinctl calibrate: parameters from the history, kept as an overlay in state_dir. */
#include "twind/calibrate_record.h"

#include "calibrate_print.h"
#include "calibrate_threads.h"
#include "twind/cli.h"
#include "twind/config.h"
#include "twind/history_read.h"
#include "twind/mem.h"
#include "twind/overlay.h"
#include "twind/times.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double usual_horizon = 86400, held_out = 1.0 / 3;
enum { STARTS = 6 };

struct options {
    const char *file, *twin, *history, *from, *to, *params, *horizon, *threads;
    bool apply, rollback, background;
};

struct job {
    struct options options;
    struct config config;
    const struct config_twin *entry;
    struct plan *plan;
    const char *history;
    double from, to;
    struct calibrate_task task;
    struct calibrate_threads threads;
    size_t params[FIT_MAX];
    struct calibrate_reading *readings;
    size_t room;
    size_t sensor; /* being read */
};

/* ---- what is asked for ---- */

static bool read_times(struct job *job, struct err *e)
{
    const struct options *o = &job->options;
    if (!cli_time_option("--from", o->from, -INFINITY, &job->from, e) ||
        !cli_time_option("--to", o->to, INFINITY, &job->to, e))
        return false;
    job->task.horizon = usual_horizon;
    if (o->horizon &&
        (!times_parse_duration(o->horizon, &job->task.horizon) || job->task.horizon < 600))
        return err_set(e, "--horizon '%s': a duration from 10m, such as 24h", o->horizon);
    return true;
}

static bool choose_threads(struct job *job, struct err *e)
{
    const char *text = job->options.threads;
    char *end;
    long n = text ? strtol(text, &end, 10) : (long)calibrate_threads_usual();
    if (text && (*text == '\0' || *end || n < 1 || n > CALIBRATE_LANES))
        return err_set(e, "--threads '%s': a number from 1 to %d", text, CALIBRATE_LANES);
    job->threads.n = job->task.lanes = (size_t)n;
    job->task.each = calibrate_threads_each;
    job->task.pool = &job->threads;
    return true;
}

static bool add_param(struct job *job, const char *name, size_t length, struct err *e)
{
    const struct kind *kind = job->plan->kind;
    for (size_t i = 0; i < kind->n_params; i++) {
        const char *row = kind->params[i].name;
        if (strncmp(row, name, length) != 0 || row[length] != '\0')
            continue;
        for (size_t k = 0; k < job->task.n_params; k++)
            if (job->params[k] == i)
                return err_set(e, "%s stands twice", row);
        if (job->task.n_params == FIT_MAX)
            return err_set(e, "at most %d parameters can be fitted at once", FIT_MAX);
        job->params[job->task.n_params++] = i;
        return calibrate_allows(kind, i, e);
    }
    return err_set(e, "the kind %s has no parameter '%.*s' (twinctl kinds %s)", kind->name,
                   (int)length, name, kind->name);
}

static bool choose_params(struct job *job, struct err *e)
{
    const char *list = job->options.params;
    job->task.params = job->params;
    if (!list) {
        job->task.n_params = calibrate_usual(job->plan->kind, job->params);
        return job->task.n_params > 0 ||
               err_set(e,
                       "the kind %s has no parameters that are fitted by default; name "
                       "some with --params a,b,c",
                       job->plan->kind->name);
    }
    for (;;) {
        size_t length = strcspn(list, ",");
        if (!add_param(job, list, length, e))
            return false;
        if (list[length] == '\0')
            return true;
        list += length + 1;
    }
}

static bool find_twin(struct job *job, struct err *e)
{
    job->entry = config_find_twin(&job->config, job->options.twin);
    if (!job->entry)
        return err_set(e, "there is no twin '%s' in %s", job->options.twin,
                       job->options.file);
    job->plan = config_plan(&job->config, job->entry, job->options.twin);
    job->history = job->options.history ? job->options.history : job->config.history.file;
    return true;
}

/* ---- readings ---- */

/* Of several that lie between two moments of the record one will do: so the room that a
 * record takes is that of its moments, however fast the sensors are. */
static bool replaces_last(const struct job *job, double time)
{
    if (job->task.n_readings == 0)
        return false;
    double raster = job->task.horizon * record_raster;
    const struct calibrate_reading *last = &job->readings[job->task.n_readings - 1];
    return last->sensor == job->sensor && ceil(last->time / raster) == ceil(time / raster);
}

static void take_reading(void *context, double time, double value)
{
    struct job *job = context;
    if (replaces_last(job, time)) {
        struct calibrate_reading *last = &job->readings[job->task.n_readings - 1];
        if (time >= last->time)
            *last = (struct calibrate_reading){time, value, job->sensor};
        return;
    }
    job->readings = mem_grow(job->readings, &job->room, job->task.n_readings + 1,
                             sizeof *job->readings);
    job->readings[job->task.n_readings++] =
        (struct calibrate_reading){time, value, job->sensor};
}

static bool read_history(struct job *job, struct err *e)
{
    struct history_read *reader = history_read_open(job->history, e);
    bool done = reader != NULL;
    for (job->sensor = 0; done && job->sensor < job->plan->n_sensors; job->sensor++) {
        const struct kind_row *row =
            plan_row(job->plan->kind, job->plan->sensors[job->sensor].signal);
        const struct history_read_series series = {job->options.twin, row->name, row->unit,
                                                   job->from, job->to};
        done = history_read_good(reader, &series, take_reading, job, e);
    }
    history_read_close(reader);
    job->task.readings = job->readings;
    return done;
}

/* ---- the overlay ---- */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return floor((double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6) / 1000;
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static void fill_entry(const struct job *job, const struct calibrate_result *result,
                       struct overlay_entry *entry)
{
    entry->time = now();
    entry->from = result->from;
    entry->to = result->to;
    entry->error_before = result->held_before;
    entry->error_after = result->held_after;
    for (size_t i = 0; i < job->task.n_params; i++) {
        if (result->fit.blind >> i & 1)
            continue;
        struct overlay_value *value = &entry->values[entry->n++];
        snprintf(value->name, sizeof value->name, "%s",
                 job->plan->kind->params[job->params[i]].name);
        value->value = result->fit.p[i];
        value->standard_error = result->fit.standard_error[i];
    }
}

/* In the view `calibrations`. */
static int note(const struct job *job, const struct overlay_entry *entry,
                const char *outcome)
{
    struct err e;
    struct history_value values[OVERLAY_VALUES];
    for (size_t i = 0; i < entry->n; i++)
        values[i] = (struct history_value){entry->values[i].name, entry->values[i].value,
                                           entry->values[i].standard_error};
    const struct history_calibration calibration = {
        entry->time, job->options.twin, outcome, entry->error_before, entry->error_after,
        values,      entry->n};
    if (history_read_note(job->history, &calibration, &e))
        return CLI_OK;
    return cli_fail(&cli_calibrate, CLI_RESOURCE,
                    "%s, but the view `calibrations` does not show it: %s", outcome,
                    e.text);
}

static void tell_applied(const struct job *job, const char *path)
{
    if (!job->options.background)
        printf("applied: %s\nA running twind takes it over at a reload (systemctl reload "
               "twind, or SIGHUP).\n",
               path);
}

static int refuse(const struct job *job, const struct calibrate_result *result)
{
    struct overlay_entry *entry = mem_new(1, sizeof *entry);
    fill_entry(job, result, entry);
    int status = note(job, entry, calibrate_verdict(result));
    if (!job->options.background)
        puts("not applied");
    free(entry);
    return status;
}

static int apply(const struct job *job, const struct calibrate_result *result)
{
    struct err e;
    struct overlay overlay = {0};
    char *path = overlay_path(job->config.state_dir, job->options.twin);
    double params[KIND_ROWS_MAX];
    int status = CLI_OK;
    /* one that cannot be used is not in force: it is replaced */
    if (is_there(path) && (!overlay_read(path, &overlay, &e) ||
                           !overlay_apply(&overlay, job->plan->kind, params, &e))) {
        fprintf(stderr, "%s: replaced (%s)\n", path, e.text);
        overlay_clear(&overlay);
    }
    if (!overlay.twin) {
        overlay.twin = mem_text(job->options.twin);
        overlay.kind = mem_text(job->plan->kind->name);
    }
    struct overlay_entry *entry = overlay_add(&overlay);
    fill_entry(job, result, entry);
    if (!overlay_write(path, &overlay, &e)) {
        status = cli_fail(&cli_calibrate, CLI_RESOURCE, "%s", e.text);
    } else {
        tell_applied(job, path);
        status = note(job, entry, "applied");
    }
    overlay_clear(&overlay);
    free(path);
    return status;
}

static void tell_rolled_back(const struct overlay *overlay,
                             const struct overlay_entry *gone)
{
    char time[TIME_TEXT];
    printf("rolled back: the calibration of %s is gone, %zu before it remain%s\n",
           times_format(gone->time, time), overlay->n, overlay->n == 1 ? "s" : "");
    puts("A running twind takes it over at a reload (systemctl reload twind, or SIGHUP).");
}

static int take_last(const char *path, struct overlay *overlay)
{
    struct err e;
    if (overlay->n == 0)
        return cli_fail(&cli_calibrate, CLI_INPUT, "%s has no calibration to roll back",
                        overlay->twin);
    const struct overlay_entry gone = overlay->entries[--overlay->n];
    if (!overlay_write(path, overlay, &e))
        return cli_fail(&cli_calibrate, CLI_RESOURCE, "%s", e.text);
    tell_rolled_back(overlay, &gone);
    return CLI_OK;
}

static int roll_back(const struct job *job)
{
    struct err e;
    struct overlay overlay = {0};
    char *path = overlay_path(job->config.state_dir, job->options.twin);
    int status;
    if (!is_there(path))
        status = cli_fail(&cli_calibrate, CLI_INPUT, "%s has no calibration to roll back",
                          job->options.twin);
    else if (!overlay_read(path, &overlay, &e))
        status = cli_fail(&cli_calibrate, CLI_INPUT, "%s", e.text);
    else
        status = take_last(path, &overlay);
    overlay_clear(&overlay);
    free(path);
    return status;
}

/* ---- the verb ---- */

static int calibrate(struct job *job)
{
    struct err e;
    struct calibrate_result result;
    struct calibrate *calibrate = calibrate_new(&job->task, &e);
    if (!calibrate)
        return cli_fail(&cli_calibrate, CLI_INPUT, "%s: %s", job->options.twin, e.text);
    calibrate_run(calibrate, &result);
    if (job->task.progress)
        fputc('\n', stderr);
    if (!job->options.background)
        calibrate_print(&job->task, job->options.twin, &result);
    int status = CLI_OK;
    if (job->options.apply)
        status = result.accepted ? apply(job, &result) : refuse(job, &result);
    if (job->options.background && status == CLI_OK)
        calibrate_print_line(&job->task, job->options.apply, &result);
    calibrate_free(calibrate);
    return status;
}

static int run_job(struct job *job)
{
    struct err e;
    if (!find_twin(job, &e) || !read_times(job, &e))
        return cli_fail(&cli_calibrate, CLI_INPUT, "%s", e.text);
    if (job->options.rollback)
        return roll_back(job);
    if (!choose_params(job, &e) || !choose_threads(job, &e))
        return cli_fail(&cli_calibrate, CLI_INPUT, "%s", e.text);
    if (!read_history(job, &e))
        return cli_fail(&cli_calibrate, CLI_RESOURCE, "%s", e.text);
    job->task.plan = job->plan;
    job->task.held_out = held_out;
    job->task.starts = STARTS;
    job->task.progress = isatty(STDERR_FILENO) ? calibrate_print_progress : NULL;
    return calibrate(job);
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
        {.name = "--params", .value = &o->params},
        {.name = "--horizon", .value = &o->horizon},
        {.name = "--threads", .value = &o->threads},
        {.name = "--apply", .flag = &o->apply},
        {.name = "--background", .flag = &o->background},
        {.name = "--rollback", .flag = &o->rollback},
        {.name = NULL},
    };
    int status = CLI_USAGE;
    const struct config_report report = {.say = cli_say};
    bool understood = cli_options(argc, argv, options) == 0 && o->file && o->twin &&
                      !(o->apply && o->rollback);
    if (understood && o->background) {
        cli_go_background();
        o->threads = o->threads ? o->threads : "1";
    }
    if (!understood)
        cli_usage(&cli_calibrate);
    else if (!config_load(o->file, getenv, &report, &job->config))
        status = CLI_INPUT;
    else
        status = run_job(job);
    config_clear(&job->config);
    free(job->readings);
    free(job);
    return status;
}

const struct cli_verb cli_calibrate = {
    "calibrate",
    "-c FILE --twin T [--history DB] [--from TIME] [--to TIME] [--params a,b,c]\n"
    "                         [--horizon 24h] [--threads N]\n"
    "                         [--apply | --rollback] [--background]",
    "fits a twin's parameters to its history", run};
