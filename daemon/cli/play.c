/* twinctl play: publishes what real devices would, from a script of virtual sites, a
 * recording of messages (time,topic,payload), or one of measurements (time and a column a
 * signal) with a map of devices, at a chosen speed. */
#include "plant.h"

#include "twind/cli.h"
#include "twind/json.h"
#include "twind/json_tree.h"
#include "twind/log.h"
#include "twind/mem.h"
#include "twind/mqtt.h"
#include "twind/times.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CONNECT_S = 10, QUEUE_MAX = 2000, SITES_MAX = 256 };

struct play {
    const char *file, *map, *broker, *seed, *data, *output;
    struct mqtt *mqtt; /* NULL: to the file */
    FILE *to;          /* NULL: to the broker */
    atomic_bool up;
    bool stopped; /* by Ctrl-C or a signal to end */
    double speed; /* seconds of the plant's in one of ours; INFINITY: as fast as it goes */
    double epoch, begun; /* the plant's start; the same moment of the monotonic clock */
    double moment;       /* of the message, by the plant's time */
    uint64_t published;
};

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- waiting ---- */

static sigset_t endings(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

/* Waits; the signals that end us are blocked everywhere else, and taken here. */
static void nap(struct play *play, double seconds)
{
    const sigset_t set = endings();
    const struct timespec t = {(time_t)seconds, (long)((seconds - floor(seconds)) * 1e9)};
    if (sigtimedwait(&set, NULL, &t) > 0)
        play->stopped = true;
}

/* Waits for the plant's time to come, and for room in the queue. False: to be ended. */
static bool pace(struct play *play, double time)
{
    if (play->to)
        return true;
    double wait =
        (time - play->epoch) / play->speed - (seconds_of(CLOCK_MONOTONIC) - play->begun);
    nap(play, isfinite(wait) && wait > 0 ? wait : 0);
    while (!play->stopped && mqtt_stats(play->mqtt).queued > QUEUE_MAX)
        nap(play, 0.001);
    return !play->stopped;
}

/* ---- where messages go ---- */

static void put_cell(FILE *to, const char *text)
{
    fputc('"', to);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', to);
        fputc(*text, to);
    }
    fputc('"', to);
}

static void write_message(const struct play *play, const char *topic, const char *payload)
{
    char time[TIME_TEXT];
    fprintf(play->to, "%s,", times_format(play->moment, time));
    put_cell(play->to, topic);
    fputc(',', play->to);
    put_cell(play->to, payload);
    fputc('\n', play->to);
}

static void publish(void *context, const char *topic, const struct text *payload)
{
    struct play *play = context;
    if (play->to)
        write_message(play, topic, payload->at);
    while (!play->to && !play->stopped &&
           !mqtt_publish(play->mqtt, topic, payload->at, payload->used, MQTT_QOS1, 0))
        nap(play, 0.001);
    play->published++;
}

static void up_on_publisher(void *context, bool session)
{
    (void)session;
    struct play *play = context;
    atomic_store(&play->up, true);
}

static bool connect_to(struct play *play, struct err *e)
{
    char id[64];
    snprintf(id, sizeof id, "twinctl-play-%ld", (long)getpid());
    const struct mqtt_options options = {
        .url = play->broker, .client_id = id, .keepalive = 60};
    const struct mqtt_hooks hooks = {.context = play, .up_on_publisher = up_on_publisher};
    if (!(play->mqtt = mqtt_start(&options, &hooks, e)))
        return false;
    double end = seconds_of(CLOCK_MONOTONIC) + CONNECT_S;
    while (!atomic_load(&play->up) && !play->stopped) {
        if (seconds_of(CLOCK_MONOTONIC) > end)
            return err_set(e, "no connection to %s within %d s", play->broker, CONNECT_S);
        nap(play, 0.01);
    }
    play->begun = seconds_of(CLOCK_MONOTONIC);
    return true;
}

static bool open_output(struct play *play, struct err *e)
{
    bool standard = strcmp(play->output, "-") == 0;
    if (!(play->to = standard ? stdout : fopen(play->output, "w")))
        return err_set(e, "%s can't be written: %s", play->output, strerror(errno));
    fputs("time,topic,payload\n", play->to);
    return true;
}

static bool open_way(struct play *play, struct err *e)
{
    return play->output ? open_output(play, e) : connect_to(play, e);
}

/* What is left in the queue or in a buffer goes out. */
static bool close_way(struct play *play, struct err *e)
{
    while (play->mqtt && !play->stopped && mqtt_stats(play->mqtt).queued > 0)
        nap(play, 0.005);
    if (play->mqtt)
        mqtt_stop(play->mqtt);
    if (!play->to)
        return true;
    bool failed = ferror(play->to) != 0;
    failed = (play->to == stdout ? fflush(stdout) : fclose(play->to)) != 0 || failed;
    return !failed ||
           err_set(e, "%s could not be written: %s", play->output, strerror(errno));
}

/* ---- a recording of messages ---- */

static bool play_message(struct play *play, char *const *cells, size_t n, struct err *e)
{
    double time;
    if (n != 3 || !cli_time(cells[0], &time))
        return err_set(e, "expected time,topic,payload");
    if (play->published == 0)
        play->epoch = time;
    struct text payload = {.at = cells[2], .used = strlen(cells[2])};
    play->moment = time;
    if (pace(play, time))
        publish(play, cells[1], &payload);
    return true;
}

static int play_messages(struct play *play, struct cli_csv *csv)
{
    struct err e;
    char *const *cells;
    size_t n = cli_csv_next(csv, &cells);
    bool fine =
        (n == 3 && strcmp(cells[1], "topic") == 0 && strcmp(cells[2], "payload") == 0) ||
        err_set(&e, "the columns must be time,topic,payload; measurements in "
                    "columns need --map MAP.json");
    if (fine && !open_way(play, &e))
        return cli_fail(&cli_play, CLI_RESOURCE, "%s", e.text);
    while (fine && !play->stopped && (n = cli_csv_next(csv, &cells)) > 0)
        fine = play_message(play, cells, n, &e);
    if (fine && (play->stopped || cli_csv_ended_well(csv, &e)))
        return CLI_OK;
    return cli_fail(&cli_play, CLI_INPUT, "%s:%lu: %s", play->file, cli_csv_line(csv),
                    e.text);
}

/* ---- a script ---- */

struct script {
    struct plant *sites;
    size_t n_sites;
    double start, length; /* s */
    bool align;           /* recordings of different years all begin at once */
    const struct cJSON *reading;
};

static bool read_start(struct script *script, const struct cJSON *root, struct err *e)
{
    const struct cJSON *start = json_member(root, "start");
    const char *text = json_text(start);
    script->start = floor(seconds_of(CLOCK_REALTIME));
    script->reading = start;
    if (!start || (text && strcmp(text, "now") == 0))
        return true;
    return (text && times_parse(text, strlen(text), 0, &script->start)) ||
           err_set(e, "start must be a time (ISO 8601) or \"now\"");
}

static bool read_length(struct script *script, const struct cJSON *root, struct err *e)
{
    const struct cJSON *length = json_member(root, "duration");
    script->length = INFINITY;
    script->reading = length;
    if (!length)
        return true;
    return (json_text(length) &&
            times_parse_duration(json_text(length), &script->length)) ||
           err_set(e, "duration must be one, such as \"4d\"");
}

static bool read_site(struct script *script, const struct cJSON *from,
                      const struct plant_options *options, struct err *e)
{
    struct plant_options own = *options;
    script->reading = from;
    if (script->n_sites == SITES_MAX)
        return err_set(e, "more than %d sites", SITES_MAX);
    struct plant *site = &script->sites[script->n_sites++];
    own.seed += script->n_sites;
    if (plant_read(site, from, &own, e))
        return true;
    script->reading = site->reading;
    return err_wrap(e, "site %s", site->id);
}

/* A map is one site, whose recording is named on the command line. */
static bool read_script(struct script *script, const struct cJSON *root,
                        const struct plant_options *options, struct err *e)
{
    struct plant_options own = *options;
    const struct cJSON *sites = json_member(root, "sites");
    if (!read_start(script, root, e) || !read_length(script, root, e))
        return false;
    script->align = json_number(json_member(root, "align"), 0) > 0;
    own.start = script->start;
    script->sites = mem_new(SITES_MAX, sizeof *script->sites);
    script->reading = root;
    if (options->csv)
        return read_site(script, root, &own, e);
    if (json_count(sites) == 0)
        return err_set(e, "sites are missing");
    for (const struct cJSON *at = json_first(sites); at; at = json_next(at))
        if (!read_site(script, at, &own, e))
            return false;
    return true;
}

/* The moment of a site's next message, in seconds of the play. */
static double moment_of(const struct script *script, const struct plant *site)
{
    return plant_next(site) - (script->align ? site->first : script->sites[0].first);
}

static struct plant *next_site(const struct script *script)
{
    struct plant *next = &script->sites[0];
    for (size_t i = 1; i < script->n_sites; i++)
        if (moment_of(script, &script->sites[i]) < moment_of(script, next))
            next = &script->sites[i];
    return next;
}

static bool live(struct play *play, struct script *script, struct err *e)
{
    play->epoch = moment_of(script, next_site(script));
    for (;;) {
        struct plant *site = next_site(script);
        double moment = moment_of(script, site);
        if (!(moment - play->epoch < script->length) || !pace(play, moment))
            return true;
        play->moment = plant_next(site);
        if (!plant_run(site, play->moment, play, publish, e))
            return err_wrap(e, "site %s", site->id);
        plant_fault_tell(site, stderr);
    }
}

/* A plant without an end. */
static bool lives_on(const struct script *script)
{
    bool living = false;
    for (size_t i = 0; i < script->n_sites; i++)
        living = living || script->sites[i].model.kind;
    return living && !isfinite(script->length);
}

static int run_script(struct play *play, struct script *script, const char *path,
                      const struct json_document *document)
{
    struct err e;
    int line, column;
    double chosen = json_number(json_member(document->root, "seed"), 1), seed = chosen;
    if (play->seed && (!cli_number(play->seed, &seed) || !(seed >= 0 && seed < 1e15)))
        return cli_fail(&cli_play, CLI_USAGE, "seed '%s': a whole number", play->seed);
    const struct plant_options options = {.seed = (uint64_t)fabs(seed) * 1000003,
                                          .data = play->data,
                                          .csv = play->map ? play->file : NULL};
    if (!read_script(script, document->root, &options, &e)) {
        json_position(document, script->reading ? script->reading : document->root, &line,
                      &column);
        return cli_fail(&cli_play, CLI_INPUT, "%s:%d:%d: %s", path, line, column, e.text);
    }
    if (play->output && lives_on(script))
        return cli_fail(&cli_play, CLI_INPUT,
                        "%s: a virtual plant lives on for ever: --output needs a duration",
                        path);
    if (!open_way(play, &e))
        return cli_fail(&cli_play, CLI_RESOURCE, "%s", e.text);
    fprintf(stderr, "seed %.0f\n", seed);
    return live(play, script, &e) ? CLI_OK : cli_fail(&cli_play, CLI_INPUT, "%s", e.text);
}

static int play_script(struct play *play, const char *path)
{
    struct err e;
    struct json_document document;
    struct script script = {.n_sites = 0};
    if (!json_read(path, &document, &e))
        return cli_fail(&cli_play, CLI_INPUT, "%s", e.text);
    int status = run_script(play, &script, path, &document);
    for (size_t i = 0; i < script.n_sites; i++)
        plant_clear(&script.sites[i]);
    free(script.sites);
    json_document_free(&document);
    return status;
}

static int play_file(struct play *play)
{
    size_t length = strlen(play->file);
    bool script = length > 5 && strcmp(play->file + length - 5, ".json") == 0;
    if (play->map || script)
        return play_script(play, play->map ? play->map : play->file);
    struct err e;
    struct cli_csv *csv = cli_csv_open(play->file, &e);
    if (!csv)
        return cli_fail(&cli_play, CLI_RESOURCE, "%s", e.text);
    int status = play_messages(play, csv);
    cli_csv_close(csv);
    return status;
}

static int play_all(struct play *play)
{
    struct err e;
    const sigset_t set = endings();
    log_set_level(LOG_WARNING);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* for the threads of the link, too */
    int status = play_file(play);
    bool opened = play->mqtt || play->to;
    if (!close_way(play, &e))
        status = cli_fail(&cli_play, CLI_RESOURCE, "%s", e.text);
    if (status == CLI_OK && opened)
        fprintf(stderr, "%llu messages%s\n", (unsigned long long)play->published,
                play->stopped ? ", stopped" : "");
    return status;
}

static int run(int argc, char **argv)
{
    struct play play = {.speed = 1};
    const char *speed = NULL;
    const struct cli_option options[] = {
        {.name = "--broker", .value = &play.broker},
        {.name = "--speed", .value = &speed},
        {.name = "--seed", .value = &play.seed},
        {.name = "--data", .value = &play.data},
        {.name = "--map", .value = &play.map},
        {.name = "--output", .value = &play.output},
        {.name = NULL},
    };
    if (cli_options(argc, argv, options) != 1)
        return cli_usage(&cli_play);
    if (speed && strcmp(speed, "max") == 0)
        play.speed = INFINITY;
    else if (speed && (!cli_number(speed, &play.speed) || !(play.speed > 0)))
        return cli_fail(&cli_play, CLI_USAGE, "speed '%s': a number above 0, or max",
                        speed);
    if (play.output && (play.broker || speed))
        return cli_fail(&cli_play, CLI_USAGE,
                        "--output is in place of a broker, and as fast as it goes");
    if (!play.broker)
        play.broker = "mqtt://127.0.0.1:1883";
    play.file = argv[1];
    return play_all(&play);
}

const struct cli_verb cli_play = {
    "play",
    "FILE.json|FILE.csv [--map MAP.json] [--broker URL] [--speed N|max] [--seed S] "
    "[--data DIR] [--output OUT.csv]",
    "publishes a virtual plant, or recorded measurements", run};
