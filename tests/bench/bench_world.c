/* Nanoseconds that a message takes from its arrival in the loop to the sink (decode, route,
 * estimate, rule) with more and more twins, one JSON line each: always the same hundred
 * topics (what more bindings cost), and all topics at random (with the misses of the caches
 * that so much memory brings). And what it costs to let time pass, a step of a twin.
 *
 *     bench_world [MOST_TWINS]
 *
 * The clock of the messages goes by 1 us each, about as fast as they are taken. Times are
 * the thread's own on the processor, medians of rounds in which the sizes take turns. */
#include "twind/text.h"
#include "twind/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MESSAGES = 100000, ROUNDS = 9, HOT = 100, TOPIC = 48, SIZES = 4 };

struct bench {
    struct config config;
    struct world *world;
    char (*topics)[TOPIC];
    size_t n;
    double now, load;                               /* s */
    double same[ROUNDS], all[ROUNDS], step[ROUNDS]; /* ns */
    uint64_t readings, sent, seed;
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
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
    double start = seconds();
    write_config(&text, n, fleet);
    bool done = config_load_text(text.at, &report, &bench->config);
    text_free(&text);
    if (!done)
        return false;
    bench->world = world_new(&bench->config, &sink, &hooks);
    bench->load = seconds() - start;
    bench->n = n;
    bench->now = 1767225600;
    bench->seed = 1;
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
    bench->sent++;
    world_take(bench->world, &(struct world_message){
                                 .topic = bench->topics[topic],
                                 .topic_length = strlen(bench->topics[topic]),
                                 .payload = payload,
                                 .payload_length = strlen(payload),
                                 .received = bench->now,
                             });
}

static double message_ns(struct bench *bench, size_t topics)
{
    static const char *const payloads[] = {"{\"t\":21.4,\"h\":60.2}",
                                           "{\"t\":21.5,\"h\":60.1}"};
    size_t apart = bench->n / topics;
    double start = seconds();
    for (int i = 0; i < MESSAGES; i++) {
        bench->seed = bench->seed * 6364136223846793005u + 1442695040888963407u;
        send_message(bench, (bench->seed >> 33) % topics * apart,
                     payloads[bench->seed >> 63]);
    }
    return (seconds() - start) / MESSAGES * 1e9;
}

/* Half a minute passes. */
static double step_ns(struct bench *bench)
{
    const struct engine_stats *stats = engine_stats(world_engine(bench->world));
    uint64_t before = stats->steps;
    double start = seconds();
    for (int i = 0; i < 300; i++)
        world_tick(bench->world, bench->now += 0.1);
    return (seconds() - start) / (double)(stats->steps - before) * 1e9;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double ns[ROUNDS])
{
    qsort(ns, ROUNDS, sizeof *ns, compare);
    return ns[ROUNDS / 2];
}

/* False: not every message became a reading. */
static bool report(struct bench *bench, bool fleet)
{
    double same = median(bench->same), all = median(bench->all), step = median(bench->step);
    printf("{\"bench\":\"world\",\"twins\":%zu,\"by\":\"%s\",\"ns_same_%d\":%.1f,"
           "\"ns_all\":%.1f,\"ns_step\":%.1f,\"load_s\":%.3f}\n",
           bench->n, fleet ? "fleet" : "entries", (int)HOT, same, all, step, bench->load);
    fflush(stdout);
    return bench->readings == bench->sent;
}

static bool run(size_t most, bool fleet)
{
    struct bench benches[SIZES] = {0};
    size_t used = 0;
    for (size_t n = HOT; n <= most && used < SIZES; n *= n == HOT ? 100 : 10, used++) {
        if (!begin(&benches[used], n, fleet))
            return false;
        for (size_t i = 0; i < n; i++) /* all of the fleet are there, all are alive */
            send_message(&benches[used], i, "{\"t\":21.4}");
    }
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < used; i++) {
            benches[i].same[round] = message_ns(&benches[i], HOT);
            benches[i].all[round] = message_ns(&benches[i], benches[i].n);
            benches[i].step[round] = step_ns(&benches[i]);
        }
    bool all = true;
    for (size_t i = 0; i < used; i++) {
        all = report(&benches[i], fleet) && all;
        end(&benches[i]);
    }
    return all;
}

int main(int argc, char **argv)
{
    size_t most = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
    return run(most, false) && run(most, true) ? 0 : 3;
}
