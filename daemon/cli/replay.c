/* twinctl replay: the whole pipeline under the recording's own clock, without a broker.
 * Same configuration and input, same bytes out. */
#include "twind/cli.h"
#include "twind/compose.h"
#include "twind/mem.h"
#include "twind/recorder.h"
#include "twind/world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct replay {
    struct config config;
    struct world *world;
    struct history *history;   /* NULL: none wanted */
    struct recorder *recorder; /* NULL: none wanted */
    FILE *alerts;              /* NULL: none wanted */
    struct text text;
    uint64_t rows, n_readings, n_alerts;
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
                              });
    return true;
}

static bool take_reading(struct replay *replay, char *const *cells, double time,
                         struct err *e)
{
    char *end;
    double value = strtod(cells[VALUE], &end);
    if (end == cells[VALUE] || *end)
        value = NAN; /* a bad reading, as it would be live */
    return world_read(replay->world, time, cells[TWIN], cells[SIGNAL], value, e);
}

struct form {
    const char *columns[READING_COLUMNS];
    size_t n;
    bool (*take)(struct replay *replay, char *const *cells, double time, struct err *e);
};

static const struct form forms[] = {
    {{"time", "topic", "payload"}, MESSAGE_COLUMNS, take_message},
    {{"time", "twin", "signal", "value"}, READING_COLUMNS, take_reading},
};

static const struct form *find_form(char *const *cells, size_t n)
{
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        size_t same = 0;
        while (same < n && same < forms[f].n &&
               strcmp(cells[same], forms[f].columns[same]) == 0)
            same++;
        if (n == forms[f].n && same == n)
            return &forms[f];
    }
    return NULL;
}

static bool feed(struct replay *replay, struct cli_csv *csv, struct err *e)
{
    char *const *cells;
    double time;
    size_t n = cli_csv_next(csv, &cells);
    const struct form *form = find_form(cells, n);
    if (!form)
        return err_set(e,
                       "the columns must be time,topic,payload or time,twin,signal,value");
    while ((n = cli_csv_next(csv, &cells)) > 0) {
        if (n != form->n)
            return err_set(e, "%zu cells, the header has %zu", n, form->n);
        if (!cli_time(cells[TIME], &time))
            return err_set(e, "'%s' is no time: ISO 8601 or seconds since 1970",
                           cells[TIME]);
        if (!form->take(replay, cells, time, e))
            return false;
        replay->rows++;
        if (replay->recorder)
            recorder_hand_over(replay->recorder, replay->rows, 0, false);
    }
    return true;
}

/* ---- wiring ---- */

static void say(void *context, bool warning, const char *text)
{
    (void)context;
    fprintf(stderr, "%s%s\n", text, warning ? " (warning)" : "");
}

static bool open_outputs(struct replay *replay, const char *history, const char *alerts,
                         struct err *e)
{
    if (alerts && !(replay->alerts = fopen(alerts, "w")))
        return err_set(e, "%s: %s", alerts, strerror(errno));
    if (!history)
        return true;
    const struct history_options options = {
        .path = history,
        .commit = 1,
        .raw = replay->config.history.raw,
        .minutes = replay->config.history.minutes,
        .hours = replay->config.history.hours,
        .synchronous = true,
    };
    if (!(replay->history = history_open(&options, e)))
        return false;
    replay->recorder = recorder_new(replay->history, NULL, NULL);
    return true;
}

static bool close_outputs(struct replay *replay, struct err *e)
{
    bool done = true;
    if (replay->history) {
        struct history_stats stats;
        recorder_hand_over(replay->recorder, replay->rows, 0, true);
        history_stats(replay->history, &stats);
        history_close(replay->history);
        recorder_free(replay->recorder);
        if (stats.failing)
            done = err_set(e, "history: %s", stats.error);
    }
    if (replay->alerts && fclose(replay->alerts) != 0)
        done = err_set(e, "alerts: %s", strerror(errno));
    return done;
}

static void summarise(const struct replay *replay)
{
    const struct engine_stats *s = engine_stats(world_engine(replay->world));
    const struct world_stats *w = world_stats(replay->world);
    printf("rows %llu\ntwins %zu\nreadings %llu\nused %llu\nlate %llu\nduplicate %llu\n"
           "out_of_range %llu\nrejected %llu\nunrouted %llu\nbad %llu\nalert_events %llu\n",
           (unsigned long long)replay->rows, engine_count(world_engine(replay->world)),
           (unsigned long long)replay->n_readings, (unsigned long long)s->used,
           (unsigned long long)s->late, (unsigned long long)s->duplicate,
           (unsigned long long)s->out_of_range, (unsigned long long)s->rejected,
           (unsigned long long)w->unrouted,
           (unsigned long long)(w->bad_value + w->bad_unit),
           (unsigned long long)replay->n_alerts);
}

static int run_with(struct replay *replay, const char *input, const char *history,
                    const char *alerts)
{
    struct err e;
    struct cli_csv *csv = cli_csv_open(input, &e);
    if (!csv)
        return cli_fail(&cli_replay, CLI_RESOURCE, "%s", e.text);
    if (!open_outputs(replay, history, alerts, &e))
        return cli_fail(&cli_replay, CLI_RESOURCE, "%s", e.text);
    const struct engine_sink sink = {replay, on_reading, on_state, on_alert, on_changed};
    const struct world_hooks hooks = {replay, on_created, on_publish, on_commanded};
    replay->world = world_new(&replay->config, &sink, &hooks);
    int status = CLI_OK;
    if (!feed(replay, csv, &e))
        status = cli_fail(&cli_replay, CLI_INPUT, "%s:%lu: %s", input, cli_csv_line(csv),
                          e.text);
    cli_csv_close(csv);
    if (!close_outputs(replay, &e))
        status = cli_fail(&cli_replay, CLI_RESOURCE, "%s", e.text);
    if (status == CLI_OK)
        summarise(replay);
    world_free(replay->world);
    text_free(&replay->text);
    return status;
}

static int run(int argc, char **argv)
{
    const char *file = NULL, *input = NULL, *history = NULL, *alerts = NULL;
    const struct cli_option options[] = {
        {.name = "-c", .value = &file},
        {.name = "--input", .value = &input},
        {.name = "--history", .value = &history},
        {.name = "--alerts", .value = &alerts},
        {.name = NULL},
    };
    if (cli_options(argc, argv, options) != 0 || !file || !input)
        return cli_usage(&cli_replay);
    struct replay *replay = mem_new(1, sizeof *replay);
    const struct config_report report = {.say = say};
    if (!config_load(file, getenv, &report, &replay->config))
        return CLI_INPUT;
    int status = run_with(replay, input, history, alerts);
    config_clear(&replay->config);
    free(replay);
    return status;
}

const struct cli_verb cli_replay = {
    "replay", "-c FILE --input READINGS.csv [--history OUT.db] [--alerts OUT.ndjson]",
    "recorded readings through the whole pipeline, without a broker", run};
