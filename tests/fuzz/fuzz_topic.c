/* Lines of filters, the last line a topic of any bytes: the route must find what the plain
 * rules say. */
#include "twind/route.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FILTERS_MAX = 50 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct level {
    const char *at;
    size_t length;
    bool last;
};

static struct level level_of(const char *text, const char *end)
{
    const char *slash = text < end ? memchr(text, '/', (size_t)(end - text)) : NULL;
    return (struct level){text, (size_t)((slash ? slash : end) - text), !slash};
}

/* MQTT 3.1.1, section 4.7, level by level. */
static bool plain_match(const char *filter, const char *topic, size_t length)
{
    const char *end = topic + length, *filter_end = filter + strlen(filter);
    if ((*filter == '+' || *filter == '#') && length && *topic == '$')
        return false;
    for (;;) {
        if (strcmp(filter, "#") == 0)
            return true;
        struct level f = level_of(filter, filter_end), t = level_of(topic, end);
        bool wild = f.length == 1 && *f.at == '+';
        if (!wild && (f.length != t.length || memcmp(f.at, t.at, t.length) != 0))
            return false;
        filter += f.length + !f.last;
        topic += t.length + !t.last;
        if (t.last)
            return f.last || strcmp(filter, "#") == 0;
        if (f.last)
            return false;
    }
}

static uint64_t answer(void *context, const struct route_match *match)
{
    struct err e;
    char id[32];
    (void)context;
    if (route_fill("{a}-{b}", match, id, sizeof id, &e) && strlen(id) < 3)
        abort();
    return match->target;
}

static void check(struct route *route, const char *topic, size_t length, size_t expected)
{
    const uint64_t *targets;
    size_t n = route_find(route, topic, length, &targets);
    if (n != 0 && n != expected)
        abort();
    if (route_resolve(route, topic, length, answer, NULL, &targets) != expected)
        abort();
    if (route_find(route, topic, length, &targets) != expected)
        abort();
    for (size_t i = 0; i < expected; i++)
        if (targets[i] >= FILTERS_MAX)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct route *route = route_new();
    char *text = malloc(size + 1), *plain[FILTERS_MAX], *at = text, *newline;
    size_t n = 0, expected = 0;
    struct err e;
    memcpy(text, data, size);
    text[size] = '\0';
    while (n < FILTERS_MAX && (newline = memchr(at, '\n', (size_t)(text + size - at)))) {
        *newline = '\0';
        if (route_filter_valid(at, &e)) {
            plain[n] = malloc(strlen(at) + 1);
            route_filter_plain(at, plain[n], strlen(at) + 1);
            route_add(route, at, n++);
        }
        at = newline + 1;
    }
    size_t length = (size_t)(text + size - at);
    for (size_t i = 0; i < n; i++) {
        expected += plain_match(plain[i], at, length);
        free(plain[i]);
    }
    check(route, at, length, expected);
    route_free(route);
    free(text);
    return 0;
}
