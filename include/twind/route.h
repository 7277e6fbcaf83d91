/* From a topic to its bindings, at a cost that does not grow with their number.
 *
 * Filters are MQTT's (`+`, `#`) with named levels: `farm/{site}/gh/{house}/climate`. Exact
 * topics stand in one hash table; filters with wildcards in a tree of levels, and what a
 * topic found there is remembered in the table. */
#ifndef TWIND_ROUTE_H
#define TWIND_ROUTE_H

#include "twind/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct route;

enum { ROUTE_NAMES_MAX = 8 };

/* A target is the caller's: what the binding with this filter feeds. */
struct route *route_new(void);
void route_free(struct route *route);

/* How many topics found by wildcards may be remembered, and in how many bytes, if not
 * 2 million and 256 MB. */
void route_set_limit(struct route *route, size_t topics, size_t bytes);

/* Checks an MQTT filter with named levels: text of 1..65535 bytes, wildcards only whole
 * levels, `#` last, names [a-z0-9_]+, at most ROUTE_NAMES_MAX and none twice; no shared
 * subscription. */
bool route_filter_valid(const char *filter, struct err *e);

/* The filter as a broker takes it: named levels become `+`. Writes at most size bytes, the
 * terminator among them. */
void route_filter_plain(const char *filter, char *to, size_t size);

/* Adds a target for a valid filter; several may share one. */
void route_add(struct route *route, const char *filter, uint64_t target);

/* What named levels of a filter stood for in a topic. Not terminated. */
struct route_capture {
    const char *name;
    const char *text;
    size_t length;
};

struct route_match {
    uint64_t target;
    size_t n_captures;
    struct route_capture captures[ROUTE_NAMES_MAX]; /* point into filter and topic */
};

/* The targets of a topic, in the order in which they were added. 0: none, or none known
 * yet: ask route_resolve(). `targets` stays valid until the next route_add() or
 * route_resolve(). The topic may be any bytes. */
size_t route_find(struct route *route, const char *topic, size_t length,
                  const uint64_t **targets);

/* For topics that route_find() does not know yet: walks the wildcards as MQTT matches them
 * (`#` also the level above it, `+` also an empty level, neither at the first level of a
 * topic that begins with $), calling `each` for each match (which answers the target to
 * remember for this very topic, or ROUTE_NOTHING). The topic's targets, those of its exact
 * filters first, are remembered, so that route_find() knows them from now on. Topics
 * without a target are not remembered, nor any beyond the limit: they are
 * found anew each time. `each` must not call back. Returns how many targets. */
#define ROUTE_NOTHING UINT64_MAX
size_t route_resolve(struct route *route, const char *topic, size_t length,
                     uint64_t (*each)(void *context, const struct route_match *match),
                     void *context, const uint64_t **targets);

/* Fills "gh-{site}-{house}" from captures. False: a name is not captured, stood for an
 * empty level or one with control characters, or the whole is longer than size - 1 bytes.
 */
bool route_fill(const char *pattern, const struct route_match *match, char *to, size_t size,
                struct err *e);

/* Bytes that the tables take, for reports. */
size_t route_memory(const struct route *route);

#endif
