/* twinctl replay: the whole pipeline under the recording's own clock, without a broker.
 * Same configuration and input, same bytes out. */
#include "known.h"

#include "twind/cli.h"
#include "twind/compose.h"
#include "twind/history_replay.h"
#include "twind/recorder.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A longer gap between two readings of an input is one in what is known (s). */
static const double BRIDGED = 6 * 3600.0;

struct replay {
    const char *input, *history_file, *alerts_file;
    bool known_inputs;
    struct config config;
    struct world *world;
    struct history *history;   /* NULL: none wanted */
    struct recorder *recorder; /* NULL: none wanted */
    FILE *alerts;              /* NULL: none wanted */
    struct known *known;       /* NULL: forecasts know no more than the twins */
    struct text text;
    double newest; /* s: the latest row's time */
    uint64_t rows, n_readings, n_alerts, n_forecasts;
};

static void on_reading(void *context, struct twin *twin, size_t sensor, double time,
                       double value, enum quality quality)
{
    struct replay *replay = context;
    replay->n_readings++;
    if (replay->recorder)
        recorder_reading(replay->recorder, twin, sensor, time, value, quality);
}

static void on_state(void *context, struct twin *twin)
{
    struct replay *replay = context;
    if (replay->recorder)
        recorder_state(replay->recorder, twin);
}

static void on_forecast(void *context, struct twin *twin, const struct forecast *forecast)
{
    struct replay *replay = context;
    replay->n_forecasts++;
    if (replay->recorder)
        recorder_forecast(replay->recorder, twin, forecast);
}

static void on_health(void *context, struct twin *twin, double time)
{
    struct replay *replay = context;
    if (replay->recorder)
        recorder_health(replay->recorder, twin, time);
}

static double on_known(void *context, const struct twin *twin, size_t input, double time)
{
    struct replay *replay = context;
    return known_input(replay->known, twin, input, time);
}

static void on_alert(void *context, const struct engine_alert *alert)
{
    struct replay *replay = context;
    replay->n_alerts++;
    if (replay->recorder)
        recorder_alert(replay->recorder, alert);
    if (!replay->alerts)
        return;
    text_clear(&replay->text);
    compose_alert(&replay->text, alert);
    fprintf(replay->alerts, "%s\n", replay->text.at);
}

static void on_changed(void *context, struct twin *twin)
{
    (void)context, (void)twin;
}

static void on_created(void *context, struct engine *engine, struct twin *twin)
{
    struct replay *replay = context;
    if (replay->recorder)
        recorder_attach(replay->recorder, engine, twin);
}

static void on_publish(void *context, const char *topic, const char *payload, bool retain)
{
    (void)context, (void)topic, (void)payload, (void)retain;
}

static void on_commanded(void *context, double time, const char *twin, const char *input,
                         const char *value, const char *source, const char *result)
{
    struct replay *replay = context;
    if (replay->history)
        history_command(replay->history, time, twin, input, value, source, result);
}

/* ---- the two forms of input ---- */

enum { TIME, TOPIC, PAYLOAD, MESSAGE_COLUMNS };
enum { TWIN = 1, SIGNAL, VALUE, READING_COLUMNS };

static bool take_message(struct replay *replay, char *const *cells, double time,
                         struct err *e)
{
    (void)e;
    world_take(replay->world, &(struct world_message){
                                  .topic = cells[TOPIC],
                                  .topic_length = strlen(cells[TOPIC]),
                                  .payload = cells[PAYLOAD],
                                  .payload_length = strlen(cells[PAYLOAD]),
                                  .received = time,
                                  .past = time < replay->newest,
                              });
    return true;
}

static bool take_reading(struct replay *replay, char *const *cells, double time,
                         struct err *e)
{
    double value;
    if (!cli_number(cells[VALUE], &value))
        value = NAN; /* a bad reading, as it would be live */
    return world_read(replay->world, time, cells[TWIN], cells[SIGNAL], value, e);
}

struct form {
    const char *columns[READING_COLUMNS];
    size_t n;
    bool by_name; /* readings of signals, whether bound or not */
    bool (*take)(struct replay *replay, char *const *cells, double time, struct err *e);
};

static const struct form forms[] = {
    {{"time", "topic", "payload"}, MESSAGE_COLUMNS, false, take_message},
    {{"time", "twin", "signal", "value"}, READING_COLUMNS, true, take_reading},
};

/* By the file's first row; NULL: e says what it should be. */
static const struct form *find_form(struct cli_csv *csv, struct err *e)
{
    char *const *cells;
    size_t n = cli_csv_next(csv, &cells);
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        size_t same = 0;
        while (same < n && same < forms[f].n &&
               strcmp(cells[same], forms[f].columns[same]) == 0)
            same++;
        if (n == forms[f].n && same == n)
            return &forms[f];
    }
    if (cli_csv_ended_well(csv, e))
        err_set(e, "the columns must be time,topic,payload or time,twin,signal,value");
    return NULL;
}

static bool take_row(struct replay *replay, const struct form *form, char *const *cells,
                     size_t n, struct err *e)
{
    double time;
    if (n != form->n)
        return err_set(e, "%zu cells, the header has %zu", n, form->n);
    if (!cli_time(cells[TIME], &time))
        return err_set(e, "'%s' is no time: ISO 8601 or seconds since 1970", cells[TIME]);
    if (!form->take(replay, cells, time, e))
        return false;
    replay->newest = fmax(replay->newest, time);
    replay->rows++;
    if (replay->recorder)
        recorder_hand_over(replay->recorder, replay->rows, 0, false);
    return true;
}

static bool feed(struct replay *replay, struct cli_csv *csv, const struct form *form,
                 struct err *e)
{
    char *const *cells;
    for (size_t n; (n = cli_csv_next(csv, &cells)) > 0;)
        if (!take_row(replay, form, cells, n, e))
            return false;
    world_read_end(replay->world);
    return cli_csv_ended_well(csv, e);
}

/* ---- wiring ---- */

/* A first pass for the inputs alone. What is wrong with the file is told by the second. */
static bool look_ahead(struct replay *replay, const struct form *form, struct err *e)
{
    struct replay first = {.input = replay->input, .config = replay->config};
    const struct engine_sink sink = {.context = &first};
    const struct world_hooks hooks = {&first, on_created, on_publish, on_commanded};
    if (strcmp(replay->input, "-") == 0)
        return err_set(e, "--known-inputs reads the input twice: it must be a file");
    struct cli_csv *csv = cli_csv_open(replay->input, e);
    if (!csv)
        return false;
    replay->known = known_new(BRIDGED);
    first.world = world_new(&first.config, &sink, &hooks);
    world_listen(first.world, known_hear, replay->known);
    if (find_form(csv, e) == form)
        feed(&first, csv, form, e);
    known_end(replay->known);
    world_free(first.world);
    cli_csv_close(csv);
    return true;
}

static bool open_history(struct replay *replay, struct err *e)
{
    const struct history_options options = {
        .path = replay->history_file,
        .commit = 1,
        .raw = replay->config.history.raw,
        .minutes = replay->config.history.minutes,
        .hours = replay->config.history.hours,
        .synchronous = true,
    };
    if (!(replay->history = history_open(&options, e)))
        return false;
    replay->recorder = recorder_new(replay->history, NULL, NULL);
    return history_replay_mark(replay->history_file, e);
}

static bool open_outputs(struct replay *replay, struct err *e)
{
    const char *alerts = replay->alerts_file;
    if (alerts && !(replay->alerts = fopen(alerts, "w")))
        return err_set(e, "%s can't be written: %s", alerts, strerror(errno));
    return !replay->history_file || open_history(replay, e);
}

/* Stores what is left, if `all` went well. */
static bool close_outputs(struct replay *replay, bool all, struct err *e)
{
    bool done = true;
    if (replay->history) {
        struct history_stats stats;
        if (all)
            recorder_hand_over(replay->recorder, replay->rows, 0, true);
        history_stats(replay->history, &stats);
        history_close(replay->history);
        recorder_free(replay->recorder);
        if (stats.failing)
            done = err_set(e, "%s: %s", replay->history_file, stats.error);
    }
    if (!replay->alerts)
        return done;
    bool failed = ferror(replay->alerts) != 0;
    if (fclose(replay->alerts) != 0 || failed)
        done =
            err_set(e, "%s could not be written: %s", replay->alerts_file, strerror(errno));
    return done;
}

static void summarise(const struct replay *replay)
{
    const struct engine_stats *s = engine_stats(world_engine(replay->world));
    const struct world_stats *w = world_stats(replay->world);
    printf("rows %llu\ntwins %zu\nreadings %llu\nused %llu\nlate %llu\nduplicate %llu\n"
           "out_of_range %llu\nrejected %llu\nunrouted %llu\nbad %llu\nalert_events %llu\n"
           "forecasts %llu\n",
           (unsigned long long)replay->rows, engine_count(world_engine(replay->world)),
           (unsigned long long)replay->n_readings, (unsigned long long)s->used,
           (unsigned long long)s->late, (unsigned long long)s->duplicate,
           (unsigned long long)s->out_of_range, (unsigned long long)s->rejected,
           (unsigned long long)w->unrouted, (unsigned long long)w->bad_value + w->bad_unit,
           (unsigned long long)replay->n_alerts, (unsigned long long)replay->n_forecasts);
}

static int play(struct replay *replay, struct cli_csv *csv, const struct form *form)
{
    struct err e;
    const struct engine_sink sink = {.context = replay,
                                     .reading = on_reading,
                                     .state = on_state,
                                     .alert = on_alert,
                                     .changed = on_changed,
                                     .forecast = on_forecast,
                                     .health = on_health,
                                     .known = replay->known ? on_known : NULL};
    const struct world_hooks hooks = {replay, on_created, on_publish, on_commanded};
    int status = CLI_OK;
    bool opened = open_outputs(replay, &e);
    if (!opened)
        status = cli_fail(&cli_replay, CLI_RESOURCE, "%s", e.text);
    replay->world = opened ? world_new(&replay->config, &sink, &hooks) : NULL;
    if (opened && !feed(replay, csv, form, &e))
        status = cli_fail(&cli_replay, CLI_INPUT, "%s:%lu: %s", replay->input,
                          cli_csv_line(csv), e.text);
    if (!close_outputs(replay, status == CLI_OK, &e))
        status = cli_fail(&cli_replay, CLI_RESOURCE, "%s", e.text);
    if (status == CLI_OK)
        summarise(replay);
    world_free(replay->world);
    text_free(&replay->text);
    return status;
}

static int begin(struct replay *replay, struct cli_csv *csv, const struct form *form)
{
    struct err e;
    if (replay->known_inputs && !look_ahead(replay, form, &e))
        return cli_fail(&cli_replay, CLI_INPUT, "%s", e.text);
    if (replay->history_file && !history_replay_clear(replay->history_file, &e))
        return cli_fail(&cli_replay, CLI_INPUT, "%s", e.text);
    return play(replay, csv, form);
}

static bool load(struct replay *replay, const char *file, bool every_signal)
{
    const struct config_report report = {.say = cli_say};
    return every_signal ? config_load_all(file, &report, &replay->config)
                        : config_load(file, NULL, &report, &replay->config);
}

static int run_with(struct replay *replay, const char *file)
{
    struct err e;
    struct cli_csv *csv = cli_csv_open(replay->input, &e);
    if (!csv)
        return cli_fail(&cli_replay, CLI_RESOURCE, "%s", e.text);
    int status = CLI_INPUT;
    const struct form *form = find_form(csv, &e);
    if (!form)
        cli_fail(&cli_replay, status, "%s:1: %s", replay->input, e.text);
    else if (load(replay, file, form->by_name))
        status = begin(replay, csv, form);
    known_free(replay->known);
    config_clear(&replay->config);
    cli_csv_close(csv);
    return status;
}

static int run(int argc, char **argv)
{
    struct replay replay = {.rows = 0};
    const char *file = NULL;
    const struct cli_option options[] = {
        {.name = "-c", .value = &file},
        {.name = "--input", .value = &replay.input},
        {.name = "--history", .value = &replay.history_file},
        {.name = "--alerts", .value = &replay.alerts_file},
        {.name = "--known-inputs", .flag = &replay.known_inputs},
        {.name = NULL},
    };
    if (cli_options(argc, argv, options) != 0 || !file || !replay.input)
        return cli_usage(&cli_replay);
    return run_with(&replay, file);
}

const struct cli_verb cli_replay = {"replay",
                                    "-c FILE --input READINGS.csv [--history OUT.db] "
                                    "[--alerts OUT.ndjson] [--known-inputs]",
                                    "recorded readings through the whole pipeline, without "
                                    "a broker",
                                    run};
