/* Nanoseconds of a route's lookup at several numbers of topics, one JSON line each: in
 * random order over all topics (with the caches' misses of so large a table), and over the
 * same hundred of them (without). */
#include "twind/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOKUPS = 2000000, FEW = 100, TOPIC = 48 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static uint64_t same_target(void *context, const struct route_match *match)
{
    (void)context;
    return match->target;
}

static void name_topic(char topic[TOPIC], size_t i)
{
    snprintf(topic, TOPIC, "farm/site%zu/gh/house%zu/climate", i % 97, i);
}

/* Half of the bindings exact, half remembered of one fleet. */
static struct route *make(size_t n)
{
    struct route *route = route_new();
    char topic[TOPIC];
    const uint64_t *targets;
    route_add(route, "farm/{site}/gh/{house}/climate", n);
    for (size_t i = 0; i < n; i += 2) {
        name_topic(topic, i);
        route_add(route, topic, i);
    }
    for (size_t i = 0; i < n; i++) {
        name_topic(topic, i);
        route_resolve(route, topic, strlen(topic), same_target, NULL, &targets);
    }
    return route;
}

static double lookup_ns(struct route *route, char (*topics)[TOPIC], size_t n)
{
    uint64_t seed = 1, found = 0;
    double start = seconds();
    for (int i = 0; i < LOOKUPS; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const char *topic = topics[(seed >> 33) % n];
        const uint64_t *targets;
        found += route_find(route, topic, strlen(topic), &targets);
    }
    double ns = (seconds() - start) / LOOKUPS * 1e9;
    return found >= LOOKUPS ? ns : 0;
}

int main(void)
{
    static const size_t sizes[] = {100, 10000, 100000, 1000000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t n = sizes[s], bytes = 0;
        char(*topics)[TOPIC] = malloc(n * sizeof *topics);
        if (!topics)
            return 3;
        for (size_t i = 0; i < n; i++) {
            name_topic(topics[i], i);
            bytes += strlen(topics[i]);
        }
        struct route *route = make(n);
        double all = lookup_ns(route, topics, n), few = lookup_ns(route, topics, FEW);
        printf("{\"bench\":\"route\",\"topics\":%zu,\"ns_all\":%.1f,\"ns_same_%d\":%.1f,"
               "\"bytes_a_topic\":%.1f,\"topic_length\":%.1f}\n",
               n, all, (int)FEW, few, (double)route_memory(route) / (double)n,
               (double)bytes / (double)n);
        route_free(route);
        free(topics);
    }
    return 0;
}
