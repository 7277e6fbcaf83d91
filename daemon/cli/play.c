/* twinctl play: publishes what real devices would, from a script of virtual sites, or a
 * recording (time,topic,payload), at a chosen speed. */
#include "plant.h"

#include "twind/cli.h"
#include "twind/json.h"
#include "twind/json_tree.h"
#include "twind/mem.h"
#include "twind/mqtt.h"
#include "twind/times.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CONNECT_S = 10, QUEUE_MAX = 2000, SITES_MAX = 256 };

struct play {
    struct mqtt *mqtt;
    atomic_bool up;
    double speed;        /* seconds of the plant's in one of ours; 0: as fast as it goes */
    double epoch, begun; /* the plant's start; the same moment of the monotonic clock */
    uint64_t published;
};

static double monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double wall_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void nap(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)((seconds - floor(seconds)) * 1e9)};
    nanosleep(&t, NULL);
}

/* Waits for the plant's time to come, and for room in the queue. */
static void pace(struct play *play, double time)
{
    if (play->speed > 0) {
        double wait = (time - play->epoch) / play->speed - (monotonic() - play->begun);
        if (wait > 0)
            nap(wait);
    }
    while (mqtt_stats(play->mqtt).queued > QUEUE_MAX)
        nap(0.001);
}

static void publish(void *context, const char *topic, const struct text *payload)
{
    struct play *play = context;
    while (!mqtt_publish(play->mqtt, topic, payload->at, payload->used, MQTT_QOS1, 0))
        nap(0.001);
    play->published++;
}

static void up_on_publisher(void *context, bool session)
{
    (void)session;
    struct play *play = context;
    atomic_store(&play->up, true);
}

static bool connect_to(struct play *play, const char *url, struct err *e)
{
    char id[64];
    snprintf(id, sizeof id, "twinctl-play-%ld", (long)getpid());
    const struct mqtt_options options = {.url = url, .client_id = id, .keepalive = 60};
    const struct mqtt_hooks hooks = {.context = play, .up_on_publisher = up_on_publisher};
    if (!(play->mqtt = mqtt_start(&options, &hooks, e)))
        return false;
    for (double end = monotonic() + CONNECT_S; !atomic_load(&play->up);) {
        if (monotonic() > end)
            return err_set(e, "no connection to %s within %d s", url, CONNECT_S);
        nap(0.01);
    }
    return true;
}

/* ---- a recording of messages ---- */

static int play_messages(struct play *play, const char *path)
{
    struct err e;
    char *const *cells;
    struct cli_csv *csv = cli_csv_open(path, &e);
    if (!csv)
        return cli_fail(&cli_play, CLI_RESOURCE, "%s", e.text);
    int status = CLI_OK;
    double time;
    for (size_t n = cli_csv_next(csv, &cells); (n = cli_csv_next(csv, &cells)) > 0;) {
        if (n != 3 || !cli_time(cells[0], &time)) {
            status = cli_fail(&cli_play, CLI_INPUT,
                              "%s:%lu: the columns must be time,topic,payload", path,
                              cli_csv_line(csv));
            break;
        }
        if (play->published == 0)
            play->epoch = time;
        pace(play, time);
        struct text payload = {.at = cells[2], .used = strlen(cells[2])};
        publish(play, cells[1], &payload);
    }
    cli_csv_close(csv);
    return status;
}

/* ---- a script ---- */

struct script {
    struct plant *sites;
    size_t n_sites;
    double start, length;
};

static bool read_start(const struct cJSON *root, double *start, struct err *e)
{
    const char *text = json_text(json_member(root, "start"));
    *start = floor(wall_clock());
    if (!text || strcmp(text, "now") == 0)
        return true;
    return times_parse(text, strlen(text), 0, start) ||
           err_set(e, "start: '%s' is no time (ISO 8601, or \"now\")", text);
}

static bool read_script(struct script *script, const struct cJSON *root, uint64_t seed,
                        const char *data, struct err *e)
{
    const char *length = json_text(json_member(root, "duration"));
    script->length = INFINITY;
    if (length && !times_parse_duration(length, &script->length))
        return err_set(e, "duration: '%s' is no duration", length);
    if (!read_start(root, &script->start, e))
        return false;
    script->sites = mem_new(SITES_MAX, sizeof *script->sites);
    const struct cJSON *at = json_first(json_member(root, "sites"));
    for (; at; at = json_next(at)) {
        if (script->n_sites == SITES_MAX)
            return err_set(e, "more than %d sites", SITES_MAX);
        struct plant *site = &script->sites[script->n_sites++];
        if (!plant_read(site, at, script->start, seed + script->n_sites, data, e))
            return false;
    }
    return script->n_sites > 0 || err_set(e, "there are no sites");
}

static struct plant *next_site(const struct script *script)
{
    struct plant *next = &script->sites[0];
    for (size_t i = 1; i < script->n_sites; i++)
        if (plant_next(&script->sites[i]) < plant_next(next))
            next = &script->sites[i];
    return next;
}

static bool live(struct play *play, struct script *script, struct err *e)
{
    play->epoch = plant_next(next_site(script));
    for (;;) {
        struct plant *site = next_site(script);
        double time = plant_next(site);
        if (!(time - play->epoch < script->length))
            return true;
        pace(play, time);
        if (!plant_run(site, time, play, publish, e))
            return false;
    }
}

static int play_script(struct play *play, const char *path, const struct cJSON *root,
                       const char *seed, const char *data)
{
    struct err e;
    struct script script = {0};
    double chosen = json_number(json_member(root, "seed"), 1);
    uint64_t number = seed ? strtoull(seed, NULL, 10) : (uint64_t)chosen;
    int status = CLI_OK;
    fprintf(stderr, "seed %llu\n", (unsigned long long)number);
    if (!read_script(&script, root, number * 1000003, data, &e) || !live(play, &script, &e))
        status = cli_fail(&cli_play, CLI_INPUT, "%s: %s", path, e.text);
    for (size_t i = 0; i < script.n_sites; i++)
        plant_clear(&script.sites[i]);
    free(script.sites);
    return status;
}

static int play_file(struct play *play, const char *path, const char *seed,
                     const char *data)
{
    size_t length = strlen(path);
    if (length > 4 && strcmp(path + length - 4, ".csv") == 0)
        return play_messages(play, path);
    struct err e;
    struct json_document document;
    if (!json_read(path, &document, &e))
        return cli_fail(&cli_play, CLI_INPUT, "%s", e.text);
    int status = play_script(play, path, document.root, seed, data);
    json_document_free(&document);
    return status;
}

static int run(int argc, char **argv)
{
    const char *broker = "mqtt://127.0.0.1:1883", *speed = "1", *seed = NULL, *data = NULL;
    const struct cli_option options[] = {
        {.name = "--broker", .value = &broker},
        {.name = "--speed", .value = &speed},
        {.name = "--seed", .value = &seed},
        {.name = "--data", .value = &data},
        {.name = NULL},
    };
    if (cli_options(argc, argv, options) != 1)
        return cli_usage(&cli_play);
    struct play play = {.begun = monotonic()};
    struct err e;
    char *end;
    play.speed = strcmp(speed, "max") == 0 ? 0 : strtod(speed, &end);
    if (play.speed < 0 || (play.speed == 0 && strcmp(speed, "max") != 0))
        return cli_fail(&cli_play, CLI_USAGE, "speed '%s': a number above 0, or max",
                        speed);
    if (!connect_to(&play, broker, &e))
        return cli_fail(&cli_play, CLI_RESOURCE, "%s", e.text);
    play.begun = monotonic();
    int status = play_file(&play, argv[1], seed, data);
    while (status == CLI_OK && mqtt_stats(play.mqtt).queued > 0)
        nap(0.005);
    mqtt_stop(play.mqtt);
    if (status == CLI_OK)
        fprintf(stderr, "%llu messages\n", (unsigned long long)play.published);
    return status;
}

const struct cli_verb cli_play = {
    "play", "FILE.json|FILE.csv [--broker URL] [--speed N|max] [--seed S] [--data DIR]",
    "publishes a virtual plant, or recorded measurements", run};
