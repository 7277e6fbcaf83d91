/* twinctl forecast: what a twin's outputs will be, and what they would be. */
#include "known.h"
#include "past.h"
#include "plot_svg.h"

#include "twind/cli.h"
#include "twind/compose.h"
#include "twind/history_read.h"
#include "twind/times.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = FORECAST_STEPS_MOST, CHANGES_MAX = 64, DIGITS = 6 };
static const double usual_horizon = 86400, usual_step = 900, DAY = 86400, HOUR = 3600;

struct job {
    const char *file, *twin, *history, *horizon, *step, *inputs, *plot, *at;
    const char *sets[CHANGES_MAX];
    size_t n_sets;
    bool json;
    struct past past;
    const struct plan *plan; /* the past's twin's */
    struct known *known;
    struct forecast_request request;
    struct forecast_change changes[CHANGES_MAX];
    struct forecast *plain, *whatif; /* whatif NULL: nothing is set */
};

/* ---- what is asked for ---- */

static bool add_set(void *context, const char *value, struct err *e)
{
    struct job *job = context;
    if (job->n_sets == CHANGES_MAX)
        return err_set(e, "at most %d inputs can be set", CHANGES_MAX);
    job->sets[job->n_sets++] = value;
    return true;
}

static bool find_input(const struct kind *kind, const char *name, size_t length,
                       size_t *input, struct err *e)
{
    for (*input = 0; *input < kind->n_inputs; ++*input)
        if (strncmp(kind->inputs[*input].name, name, length) == 0 &&
            kind->inputs[*input].name[length] == '\0')
            return true;
    return err_set(e, "the kind %s has no input '%.*s' (twinctl kinds %s)", kind->name,
                   (int)length, name, kind->name);
}

static bool read_set(const struct job *job, const char *text,
                     struct forecast_change *change, struct err *e)
{
    size_t length = strcspn(text, "=");
    if (text[length] != '=')
        return err_set(e, "--set %s: expected INPUT=VALUE", text);
    if (!find_input(job->plan->kind, text, length, &change->input, e))
        return err_wrap(e, "--set %s", text);
    const struct kind_row *row = &job->plan->kind->inputs[change->input];
    if (!cli_number(text + length + 1, &change->value))
        return err_set(e, "--set %s: '%s' is no number", text, text + length + 1);
    return (change->value >= row->min && change->value <= row->max) ||
           err_set(e, "--set %s: %s must be %g to %g %s", text, row->name, row->min,
                   row->max, row->unit);
}

static bool read_duration(const char *option, const char *text, double usual,
                          double *seconds, struct err *e)
{
    *seconds = usual;
    return !text || (times_parse_duration(text, seconds) && *seconds > 0) ||
           err_set(e, "%s '%s': a duration such as 24h or 15m", option, text);
}

/* As the configuration says, where nothing else is. */
static bool read_steps(struct job *job, struct err *e)
{
    const struct plan_forecast *own = &job->plan->forecast;
    bool has = own->every > 0;
    double horizon;
    if (!read_duration("--horizon", job->horizon, has ? own->horizon : usual_horizon,
                       &horizon, e) ||
        !read_duration("--step", job->step, has ? own->step : usual_step,
                       &job->request.step, e))
        return false;
    if (horizon > FORECAST_HORIZON_MOST)
        return err_set(e, "--horizon: at most %d d", FORECAST_HORIZON_MOST / 86400);
    double n = floor(horizon / job->request.step + 1e-9);
    if (n < 1 || n > STEPS_MAX)
        return err_set(e, "%g steps of %g s: allowed are 1 to %d", n, job->request.step,
                       STEPS_MAX);
    job->request.n = (size_t)n;
    return true;
}

static bool read_request(struct job *job, struct err *e)
{
    for (size_t i = 0; i < job->n_sets; i++)
        if (!read_set(job, job->sets[i], &job->changes[i], e))
            return false;
    return read_steps(job, e);
}

/* ---- inputs that are told ---- */

struct future {
    struct cli_csv *csv;
    size_t inputs[KIND_ROWS_MAX]; /* by column; SIZE_MAX: the time */
    size_t n, time;
};

static bool read_header(struct job *job, struct future *future, struct err *e)
{
    char *const *cells;
    future->n = cli_csv_next(future->csv, &cells);
    future->time = SIZE_MAX;
    if (future->n == 0 || future->n > KIND_ROWS_MAX)
        return cli_csv_ended_well(future->csv, e) &&
               err_set(e, "the first row must name the columns: time and inputs");
    for (size_t i = 0; i < future->n; i++) {
        future->inputs[i] = SIZE_MAX;
        if (strcmp(cells[i], "time") == 0)
            future->time = i;
        else if (!find_input(job->plan->kind, cells[i], strlen(cells[i]),
                             &future->inputs[i], e))
            return false;
    }
    return future->time != SIZE_MAX || err_set(e, "there is no column 'time'");
}

/* An empty cell says nothing. */
static bool read_row(struct job *job, const struct future *future, char *const *cells,
                     size_t n, struct err *e)
{
    double time, value;
    if (n != future->n)
        return err_set(e, "%zu cells, the header has %zu", n, future->n);
    if (!cli_time(cells[future->time], &time))
        return err_set(e, "'%s' is no time: ISO 8601 or seconds since 1970",
                       cells[future->time]);
    for (size_t i = 0; i < n; i++) {
        if (future->inputs[i] == SIZE_MAX || !cells[i][0])
            continue;
        if (!cli_number(cells[i], &value))
            return err_set(e, "'%s' is no number", cells[i]);
        known_add(job->known, job->past.twin, future->inputs[i], time, value);
    }
    return true;
}

static bool read_rows(struct job *job, struct future *future, struct err *e)
{
    char *const *cells;
    if (!read_header(job, future, e))
        return false;
    for (size_t n; (n = cli_csv_next(future->csv, &cells)) > 0;)
        if (!read_row(job, future, cells, n, e))
            return false;
    return cli_csv_ended_well(future->csv, e);
}

static bool read_inputs(struct job *job, struct err *e)
{
    struct future future = {.csv = NULL};
    if (!job->inputs)
        return true;
    if (!(future.csv = cli_csv_open(job->inputs, e)))
        return false;
    job->known = known_new((double)INFINITY);
    bool done = read_rows(job, &future, e) ||
                err_wrap(e, "%s:%lu", job->inputs, cli_csv_line(future.csv));
    known_end(job->known);
    cli_csv_close(future.csv);
    job->request.known = known_input;
    job->request.context = job->known;
    return done;
}

/* ---- making it ---- */

static struct forecast *make(const struct job *job, struct forecast_work *work,
                             size_t n_changes)
{
    struct forecast_request request = job->request;
    struct forecast *made = forecast_new(job->plan->kind, request.n);
    request.changes = job->changes;
    request.n_changes = n_changes;
    forecast_make(work, job->past.twin, &request, made);
    return made;
}

static void make_both(struct job *job)
{
    struct forecast_work *work = forecast_work_new();
    double made = job->request.made;
    for (size_t i = 0; i < job->n_sets; i++) {
        job->changes[i].from = made;
        job->changes[i].to = made + job->request.step * (double)(job->request.n + 1);
    }
    job->plain = make(job, work, 0);
    if (job->n_sets > 0)
        job->whatif = make(job, work, job->n_sets);
    forecast_work_free(work);
}

/* ---- telling it ---- */

static double time_of(const struct forecast *forecast, size_t step)
{
    return forecast->made + forecast->step * (double)(step + 1);
}

static void print_csv(const struct job *job)
{
    const struct forecast *plain = job->plain, *whatif = job->whatif;
    char time[TIME_TEXT];
    puts(whatif ? "time,name,mean,sd,whatif_mean,whatif_sd" : "time,name,mean,sd");
    for (size_t k = 0; k < plain->n; k++)
        for (size_t i = 0; i < plain->kind->n_outputs; i++) {
            size_t at = i * plain->n + k;
            printf("%s,%s,%.*g,%.*g", times_format(time_of(plain, k), time),
                   plain->kind->outputs[i].name, DIGITS, plain->mean[at], DIGITS,
                   plain->sd[at]);
            if (whatif)
                printf(",%.*g,%.*g", DIGITS, whatif->mean[at], DIGITS, whatif->sd[at]);
            putchar('\n');
        }
}

/* The object of TWIN/forecast; with --set two of them and what was set. */
static void print_json(const struct job *job)
{
    struct text text = {0};
    if (!job->whatif) {
        compose_forecast(&text, job->plain);
    } else {
        text_put(&text, "{\"forecast\":");
        compose_forecast(&text, job->plain);
        text_put(&text, ",\"set\":{");
        for (size_t i = 0; i < job->n_sets; i++) {
            text_put(&text, "%s\"%s\":", i > 0 ? "," : "",
                     job->plan->kind->inputs[job->changes[i].input].name);
            text_number(&text, job->changes[i].value, DIGITS);
        }
        text_put(&text, "},\"whatif\":");
        compose_forecast(&text, job->whatif);
        text_put(&text, "}");
    }
    puts(text.at);
    text_free(&text);
}

/* ---- the picture ---- */

static void take_point(void *context, const struct history_read_point *p)
{
    plot_add_point(context, &(struct plot_point){p->time, p->value, p->low, p->high});
}

/* The readings of the last day. */
static bool draw_past(const struct job *job, struct history_read *reader,
                      struct plot_panel *panel, const char *name, struct err *e)
{
    struct plot_curve *curve = plot_add_curve(panel, "measured", PLOT_DOTS, 1);
    const struct history_read_points points = {job->twin, name, HISTORY_READ_READINGS,
                                               job->request.made - DAY, job->request.made};
    bool done = history_read_points(reader, &points, take_point, curve, e);
    if (curve->n == 0)
        panel->n--;
    return done;
}

/* Whether a reading of the output has ever come. */
static bool is_measured(const struct job *job, size_t output)
{
    for (size_t i = 0; i < job->plan->n_sensors; i++)
        if (job->plan->sensors[i].signal == job->plan->kind->n_inputs + output)
            return !isnan(twin_sensors(job->past.twin)[i].time);
    return false;
}

static void draw_forecast(struct plot_panel *panel, const struct forecast *forecast,
                          size_t output, bool whatif)
{
    static const double ninety = 1.645; /* so many sd hold 90 % of a normal law */
    struct plot_curve *curve =
        plot_add_curve(panel, whatif ? "what if" : "forecast, 90 %",
                       whatif ? PLOT_DASHED : PLOT_LINE, whatif ? 3 : 0);
    for (size_t k = 0; k < forecast->n; k++) {
        double mean = forecast->mean[output * forecast->n + k];
        double width =
            whatif ? (double)NAN : ninety * forecast->sd[output * forecast->n + k];
        const struct kind_row *row = &forecast->kind->outputs[output];
        bool bounded = row->min < row->max;
        plot_add_point(curve, &(struct plot_point){
                                  time_of(forecast, k), mean,
                                  bounded ? fmax(mean - width, row->min) : mean - width,
                                  bounded ? fmin(mean + width, row->max) : mean + width});
    }
}

/* The measured outputs; of a twin that measures none, all. */
static bool draw(const struct job *job, struct history_read *reader, struct plot *plot,
                 struct err *e)
{
    const struct kind *kind = job->plan->kind;
    bool measured = false;
    for (size_t i = 0; i < kind->n_outputs; i++)
        measured |= is_measured(job, i);
    for (size_t i = 0; i < kind->n_outputs; i++) {
        const struct kind_row *row = &kind->outputs[i];
        struct plot_panel *panel = !measured || is_measured(job, i)
                                       ? plot_add_panel(plot, row->name, row->unit)
                                       : NULL;
        if (!panel)
            continue;
        if (!draw_past(job, reader, panel, row->name, e))
            return false;
        draw_forecast(panel, job->plain, i, false);
        if (job->whatif)
            draw_forecast(panel, job->whatif, i, true);
    }
    plot_thin(plot);
    return true;
}

static bool save_picture(const struct job *job, struct err *e)
{
    struct plot plot = {.from = job->request.made - DAY,
                        .to = time_of(job->plain, job->plain->n - 1),
                        .now = job->request.made,
                        .zone = job->plan->utc_offset * HOUR};
    if (!job->plot)
        return true;
    const char *path = job->history ? job->history : job->past.config.history.file;
    struct history_read *reader = history_read_open(path, e);
    snprintf(plot.title, sizeof plot.title, "%s", job->twin);
    bool done = reader && draw(job, reader, &plot, e) && plot_svg_save(&plot, job->plot, e);
    history_read_close(reader);
    plot_clear(&plot);
    return done;
}

/* ---- the verb ---- */

static int open_past(struct job *job)
{
    struct err e;
    struct past_options options = {.file = job->file,
                                   .twin = job->twin,
                                   .history = job->history,
                                   .from = -(double)INFINITY,
                                   .to = (double)INFINITY,
                                   .progress = past_show_progress};
    if (job->at && !cli_time(job->at, &options.to))
        return cli_fail(&cli_forecast, CLI_INPUT,
                        "--at '%s': ISO 8601 or seconds since 1970", job->at);
    int status = past_open(&options, &job->past, &e);
    if (status != CLI_OK)
        return e.text[0] ? cli_fail(&cli_forecast, status, "%s", e.text) : status;
    job->plan = job->past.twin->plan;
    job->request.made = job->at ? options.to : job->past.now;
    engine_advance(job->past.engine, job->request.made);
    return CLI_OK;
}

static int run_job(struct job *job)
{
    struct err e;
    int status = open_past(job);
    if (status != CLI_OK)
        return status;
    if (!read_request(job, &e) || !read_inputs(job, &e))
        return cli_fail(&cli_forecast, CLI_INPUT, "%s", e.text);
    if (!(job->plan->forecast.every > 0))
        fprintf(stderr,
                "%s has no forecast in %s: inputs stay as they are, and nothing is "
                "learned from errors\n",
                job->twin, job->file);
    make_both(job);
    if (!save_picture(job, &e))
        return cli_fail(&cli_forecast, CLI_RESOURCE, "%s", e.text);
    (job->json ? print_json : print_csv)(job);
    return fflush(stdout) == 0 ? CLI_OK : CLI_RESOURCE;
}

static void clear(struct job *job)
{
    forecast_free(job->plain);
    forecast_free(job->whatif);
    known_free(job->known);
    past_close(&job->past);
}

static int run(int argc, char **argv)
{
    struct job job = {.json = false};
    const struct cli_option options[] = {
        {.name = "-c", .value = &job.file},
        {.name = "--twin", .value = &job.twin},
        {.name = "--history", .value = &job.history},
        {.name = "--horizon", .value = &job.horizon},
        {.name = "--step", .value = &job.step},
        {.name = "--set", .each = add_set, .context = &job},
        {.name = "--inputs", .value = &job.inputs},
        {.name = "--at", .value = &job.at},
        {.name = "--plot", .value = &job.plot},
        {.name = "--json", .flag = &job.json},
        {.name = NULL},
    };
    if (cli_options(argc, argv, options) != 0 || !job.file || !job.twin)
        return cli_usage(&cli_forecast);
    struct err e;
    if (job.plot && !plot_svg_suits(job.plot, &e))
        return cli_fail(&cli_forecast, CLI_INPUT, "%s", e.text);
    int status = run_job(&job);
    clear(&job);
    return status;
}

const struct cli_verb cli_forecast = {
    "forecast",
    "-c FILE --twin T [--history DB] [--horizon 24h] [--step 15m] [--at TIME]\n"
    "                        [--set INPUT=V ..] [--inputs FUTURE.csv] [--plot OUT.svg] "
    "[--json]",
    "what a twin's outputs will be, from its history", run};
