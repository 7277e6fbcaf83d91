/* Nanoseconds that a message takes from its arrival in the loop to the sink (decode, route,
 * estimate, rule) with more and more twins, one JSON line each: always the same hundred
 * topics (what more bindings cost), and all topics at random (with the misses of the caches
 * that so much memory brings). And what it costs to let time pass, a step of a twin.
 *
 *     bench_world [MOST_TWINS]
 *
 * The clock of the messages goes by 1 us each, about as fast as they are taken. */
#include "twind/text.h"
#include "twind/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MESSAGES = 200000, ROUNDS = 5, HOT = 100, TOPIC = 48 };

struct bench {
    struct config config;
    struct world *world;
    char (*topics)[TOPIC];
    size_t n;
    double now;
    uint64_t readings;
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void on_reading(void *context, struct twin *twin, size_t sensor, double time,
                       double value, enum quality quality)
{
    struct bench *bench = context;
    (void)twin, (void)sensor, (void)time, (void)value, (void)quality;
    bench->readings++;
}

static void on_created(void *context, struct engine *engine, struct twin *twin)
{
    (void)context, (void)engine, (void)twin;
}

static void on_publish(void *context, const char *topic, const char *payload, bool retain)
{
    (void)context, (void)topic, (void)payload, (void)retain;
}

static void say(void *context, bool warning, const char *text)
{
    (void)context, (void)warning;
    fprintf(stderr, "%s\n", text);
}

#define TWIN                                                                               \
    "{\"id\":\"t%s\",\"kind\":\"generic\",\"signals\":{\"v\":{\"unit\":\"V\"}},"           \
    "\"bind\":{\"v\":{\"topic\":\"bench/%s\",\"path\":\"/t\"}},\"rules\":[{\"id\":\"hi\"," \
    "\"type\":\"threshold\",\"on\":\"v\",\"above\":1000}]%s}"

static void write_config(struct text *text, size_t n, bool fleet)
{
    char number[32];
    text_put(text, "{\"broker\":{\"url\":\"mqtt://127.0.0.1\"},\"twins\":[");
    snprintf(number, sizeof number, ",\"max\":%zu", n);
    if (fleet)
        text_put(text, TWIN, "{n}", "{n}", number);
    for (size_t i = 0; i < n && !fleet; i++) {
        snprintf(number, sizeof number, "%zu", i);
        text_put(text, "%s" TWIN, i > 0 ? ",\n" : "", number, number, "");
    }
    text_put(text, "]}");
}

static bool begin(struct bench *bench, size_t n, bool fleet)
{
    const struct config_report report = {.say = say};
    const struct engine_sink sink = {.context = bench, .reading = on_reading};
    const struct world_hooks hooks = {
        .context = bench, .created = on_created, .publish = on_publish};
    struct text text = {0};
    write_config(&text, n, fleet);
    bool done = config_load_text(text.at, &report, &bench->config);
    text_free(&text);
    if (!done)
        return false;
    bench->world = world_new(&bench->config, &sink, &hooks);
    bench->n = n;
    bench->now = 1767225600;
    bench->topics = calloc(n, sizeof *bench->topics);
    for (size_t i = 0; bench->topics && i < n; i++)
        snprintf(bench->topics[i], TOPIC, "bench/%zu", i);
    return bench->topics != NULL;
}

static void end(struct bench *bench)
{
    free(bench->topics);
    world_free(bench->world);
    config_clear(&bench->config);
}

static void send_message(struct bench *bench, size_t topic, const char *payload)
{
    bench->now += 1e-6;
    world_take(bench->world, &(struct world_message){
                                 .topic = bench->topics[topic],
                                 .topic_length = strlen(bench->topics[topic]),
                                 .payload = payload,
                                 .payload_length = strlen(payload),
                                 .received = bench->now,
                             });
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of some rounds; 0: not every message became a reading. */
static double message_ns(struct bench *bench, size_t topics)
{
    static const char *const payloads[] = {"{\"t\":21.4,\"h\":60.2}",
                                           "{\"t\":21.5,\"h\":60.1}"};
    double ns[ROUNDS];
    uint64_t seed = 1, before = bench->readings;
    size_t apart = bench->n / topics;
    for (int round = 0; round < ROUNDS; round++) {
        double start = seconds();
        for (int i = 0; i < MESSAGES; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            send_message(bench, (seed >> 33) % topics * apart, payloads[seed >> 63]);
        }
        ns[round] = (seconds() - start) / MESSAGES * 1e9;
    }
    qsort(ns, ROUNDS, sizeof *ns, compare);
    return bench->readings - before == (uint64_t)MESSAGES * ROUNDS ? ns[ROUNDS / 2] : 0;
}

/* A minute passes; all twins have been heard. */
static double step_ns(struct bench *bench)
{
    uint64_t before = engine_stats(world_engine(bench->world))->steps;
    double start = seconds();
    for (int i = 0; i < 600; i++)
        world_tick(bench->world, bench->now += 0.1);
    uint64_t steps = engine_stats(world_engine(bench->world))->steps - before;
    return (seconds() - start) / (double)steps * 1e9;
}

static bool run(size_t n, bool fleet)
{
    struct bench bench = {0};
    double start = seconds();
    if (!begin(&bench, n, fleet))
        return false;
    double load = seconds() - start;
    if (fleet) /* as in the long run: all are there */
        for (size_t i = 0; i < n; i++)
            send_message(&bench, i, "{\"t\":21.4}");
    double hot = message_ns(&bench, HOT), all = message_ns(&bench, n);
    double step = step_ns(&bench);
    printf("{\"bench\":\"world\",\"twins\":%zu,\"by\":\"%s\",\"ns_same_%d\":%.1f,"
           "\"ns_all\":%.1f,\"ns_step\":%.1f,\"load_s\":%.3f}\n",
           n, fleet ? "fleet" : "entries", (int)HOT, hot, all, step, load);
    fflush(stdout);
    end(&bench);
    return hot > 0 && all > 0;
}

int main(int argc, char **argv)
{
    size_t most = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
    for (size_t n = HOT; n <= most; n *= n == HOT ? 100 : 10)
        if (!run(n, false) || !run(n, true))
            return 3;
    return 0;
}
