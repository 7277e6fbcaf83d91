/* twinctl replay: the whole pipeline under the recording's own clock, without a broker.
 * Same configuration and input, same bytes out. */
#include "backtest.h"
#include "known.h"
#include "replay_input.h"

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
    const char *file, *history_file, *alerts_file;
    struct replay_input_options options;
    bool known_inputs, compare;
    struct replay_input *input;
    struct config config;
    struct world *world;
    struct history *history;   /* NULL: none wanted */
    struct recorder *recorder; /* NULL: none wanted */
    FILE *alerts;              /* NULL: none wanted */
    struct known *known;       /* NULL: forecasts know no more than the twins */
    struct text text;
    struct alarm_log log;
    double from, to; /* s: of the rows so far */
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
    backtest_take(&replay->log, alert);
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

static bool set_time(void *context, const char *value, struct err *e)
{
    return cli_time(value, context) || err_set(e, "ISO 8601 or seconds since 1970");
}

static void on_row(void *context, double time)
{
    struct replay *replay = context;
    replay->from = replay->rows == 0 ? time : fmin(replay->from, time);
    replay->to = fmax(replay->to, time);
    replay->rows++;
    if (replay->recorder)
        recorder_hand_over(replay->recorder, replay->rows, 0, false);
}

/* ---- wiring ---- */

/* A first pass for the inputs alone. What is wrong with the input is told by the second. */
static bool look_ahead(struct replay *replay, struct err *e)
{
    struct replay first = {.config = replay->config};
    const struct engine_sink sink = {.context = &first};
    const struct world_hooks hooks = {&first, on_created, on_publish, on_commanded};
    if (replay->options.csv && strcmp(replay->options.csv, "-") == 0)
        return err_set(e, "--known-inputs reads the input twice: it must be a file");
    replay->known = known_new(BRIDGED);
    first.world = world_new(&first.config, &sink, &hooks);
    world_listen(first.world, known_hear, replay->known);
    replay_input_play(replay->input, first.world, on_row, &first, e);
    known_end(replay->known);
    world_free(first.world);
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

static size_t count_rules(const struct engine *engine)
{
    size_t n = 0;
    for (size_t i = 0; i < engine_count(engine); i++)
        n += engine_twin(engine, i)->plan->n_rules;
    return n;
}

/* Counts, and what the rules would have raised. */
static int tell(struct replay *replay)
{
    struct err e;
    summarise(replay);
    if (replay->from < replay->to)
        backtest_print(&replay->log, count_rules(world_engine(replay->world)), replay->from,
                       replay->to);
    if (!replay->compare ||
        backtest_compare(&replay->log, &replay->config, replay->options.history,
                         replay->from, replay->to, &e))
        return CLI_OK;
    return cli_fail(&cli_replay, CLI_RESOURCE, "%s", e.text);
}

static int play(struct replay *replay)
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
    if (opened && !replay_input_play(replay->input, replay->world, on_row, replay, &e))
        status = cli_fail(&cli_replay, CLI_INPUT, "%s", e.text);
    if (!close_outputs(replay, status == CLI_OK, &e))
        status = cli_fail(&cli_replay, CLI_RESOURCE, "%s", e.text);
    if (status == CLI_OK)
        status = tell(replay);
    world_free(replay->world);
    text_free(&replay->text);
    alarm_log_free(&replay->log);
    return status;
}

static int begin(struct replay *replay)
{
    struct err e;
    if (replay->known_inputs && !look_ahead(replay, &e))
        return cli_fail(&cli_replay, CLI_INPUT, "%s", e.text);
    if (replay->history_file && !history_replay_clear(replay->history_file, &e))
        return cli_fail(&cli_replay, CLI_INPUT, "%s", e.text);
    return play(replay);
}

static void say_nothing(void *context, bool warning, const char *text)
{
    (void)context, (void)warning, (void)text;
}

static bool load_as(struct replay *replay, bool every_signal,
                    void (*say)(void *context, bool warning, const char *text))
{
    const struct config_report report = {.say = say};
    return every_signal ? config_load_all(replay->file, &report, &replay->config)
                        : config_load(replay->file, NULL, &report, &replay->config);
}

/* Which of a history's signals are bound, the configuration must say first; one that is
 * good only without bindings (of a fleet) has none. */
static int load(struct replay *replay)
{
    struct err e;
    bool past = replay->options.history != NULL, every_signal = past;
    bool bound = past && load_as(replay, false, say_nothing);
    if (bound)
        every_signal = false;
    if ((bound || !past) &&
        !replay_input_look(replay->input, &replay->config, &every_signal, &e))
        return cli_fail(&cli_replay, CLI_INPUT, "%s", e.text);
    config_clear(&replay->config);
    if (!load_as(replay, every_signal, cli_say))
        return CLI_INPUT;
    if (past && !bound &&
        !replay_input_look(replay->input, &replay->config, &every_signal, &e))
        return cli_fail(&cli_replay, CLI_INPUT, "%s", e.text);
    return CLI_OK;
}

static int run_with(struct replay *replay)
{
    struct err e;
    replay->input = replay_input_open(&replay->options, &e);
    if (!replay->input)
        return cli_fail(&cli_replay, CLI_RESOURCE, "%s", e.text);
    int status = load(replay);
    if (status == CLI_OK)
        status = begin(replay);
    known_free(replay->known);
    config_clear(&replay->config);
    replay_input_close(replay->input);
    return status;
}

static int run(int argc, char **argv)
{
    struct replay replay = {.options = {.from = -(double)INFINITY, .to = INFINITY}};
    struct replay_input_options *from = &replay.options;
    const struct cli_option options[] = {
        {.name = "-c", .value = &replay.file},
        {.name = "--input", .value = &from->csv},
        {.name = "--history-input", .value = &from->history},
        {.name = "--from", .each = set_time, .context = &from->from},
        {.name = "--to", .each = set_time, .context = &from->to},
        {.name = "--history", .value = &replay.history_file},
        {.name = "--alerts", .value = &replay.alerts_file},
        {.name = "--compare", .flag = &replay.compare},
        {.name = "--known-inputs", .flag = &replay.known_inputs},
        {.name = NULL},
    };
    bool odd = cli_options(argc, argv, options) != 0 || !replay.file;
    if (odd || !from->csv == !from->history || (replay.compare && !from->history))
        return cli_usage(&cli_replay);
    return run_with(&replay);
}

const struct cli_verb cli_replay = {
    "replay",
    "-c FILE --input READINGS.csv | --history-input DB [--from TIME] [--to TIME] "
    "[--compare] [--history OUT.db] [--alerts OUT.ndjson] [--known-inputs]",
    "recorded readings through the whole pipeline, without a broker", run};
