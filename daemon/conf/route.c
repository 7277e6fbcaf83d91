/* Exact and remembered topics in one table, filters with wildcards in a tree of levels that
 * is only walked for topics seen for the first time. The tree's edges by literal levels are
 * a table too, keyed by node and level, so that neither depends on how many there are. */
#include "twind/route.h"

#include "twind/mem.h"
#include "twind/route_table.h"

#include <stdlib.h>
#include <string.h>

enum {
    REMEMBERED_MAX = 2000000,
    REMEMBERED_BYTES = 256 << 20,
};

static const uint32_t NONE = 0; /* of node and filter numbers: the root is nobody's child */

struct node {
    uint32_t plus;           /* child for + */
    uint32_t here, here_end; /* filters that end at this node */
    uint32_t rest, rest_end; /* filters that end with # below it */
};

struct filter {
    char *text;
    uint64_t target;
    uint32_t next;
};

struct list {
    uint32_t *items;
    size_t n, room;
};

struct route {
    struct route_table *topics, *edges;
    struct node *nodes;
    size_t n_nodes, room_nodes;
    struct filter *filters; /* from 1 */
    size_t n_filters, room_filters;
    size_t remembered, remembered_bytes, max_topics, max_bytes;

    /* Work space of a walk. */
    char *edge;
    size_t room_edge;
    struct list at, next, found;
    uint64_t *answers;
    size_t room_answers;
};

struct route *route_new(void)
{
    struct route *route = mem_new(1, sizeof *route);
    route->topics = route_table_new();
    route->edges = route_table_new();
    route->nodes = mem_grow(NULL, &route->room_nodes, 1, sizeof *route->nodes);
    route->filters = mem_grow(NULL, &route->room_filters, 1, sizeof *route->filters);
    route->n_nodes = route->n_filters = 1;
    route_set_limit(route, REMEMBERED_MAX, REMEMBERED_BYTES);
    return route;
}

void route_set_limit(struct route *route, size_t topics, size_t bytes)
{
    route->max_topics = topics;
    route->max_bytes = bytes;
}

void route_free(struct route *route)
{
    if (!route)
        return;
    for (size_t i = 1; i < route->n_filters; i++)
        free(route->filters[i].text);
    route_table_free(route->topics);
    route_table_free(route->edges);
    free(route->nodes);
    free(route->filters);
    free(route->edge);
    free(route->at.items);
    free(route->next.items);
    free(route->found.items);
    free(route->answers);
    free(route);
}

static void push(struct list *list, uint32_t item)
{
    list->items = mem_grow(list->items, &list->room, list->n + 1, sizeof *list->items);
    list->items[list->n++] = item;
}

static bool is_wild(const char *level, size_t length)
{
    return length > 0 && (*level == '{' || (length == 1 && *level == '+'));
}

/* -- building -- */

static uint32_t new_node(struct route *route)
{
    route->nodes = mem_grow(route->nodes, &route->room_nodes, route->n_nodes + 1,
                            sizeof *route->nodes);
    return (uint32_t)route->n_nodes++;
}

/* The key of an edge: the node's number and the level's text. Returns its length. */
static size_t edge_key(struct route *route, uint32_t node, const char *level, size_t length)
{
    route->edge = mem_grow(route->edge, &route->room_edge, sizeof node + length, 1);
    memcpy(route->edge, &node, sizeof node);
    memcpy(route->edge + sizeof node, level, length);
    return sizeof node + length;
}

static uint32_t make_child(struct route *route, uint32_t node, const char *level,
                           size_t length)
{
    if (is_wild(level, length)) {
        if (route->nodes[node].plus == NONE) {
            uint32_t made = new_node(route);
            route->nodes[node].plus = made;
        }
        return route->nodes[node].plus;
    }
    size_t n = edge_key(route, node, level, length);
    struct route_entry *entry = route_table_insert(route->edges, route->edge, n);
    if (entry->n == 0)
        route_table_append(route->edges, entry, new_node(route));
    return (uint32_t)*route_table_targets(entry);
}

/* Hangs the filter at the end of a chain. */
static void hang(struct route *route, uint32_t *first, uint32_t *last, uint32_t filter)
{
    if (*first == NONE)
        *first = filter;
    else
        route->filters[*last].next = filter;
    *last = filter;
}

static void add_wild(struct route *route, const char *filter, uint64_t target)
{
    route->filters = mem_grow(route->filters, &route->room_filters, route->n_filters + 1,
                              sizeof *route->filters);
    uint32_t number = (uint32_t)route->n_filters++, node = 0;
    route->filters[number] = (struct filter){.text = mem_text(filter), .target = target};
    for (const char *level = filter; level;) {
        size_t length = strcspn(level, "/");
        if (length == 1 && *level == '#') {
            struct node *at = &route->nodes[node];
            hang(route, &at->rest, &at->rest_end, number);
            return;
        }
        node = make_child(route, node, level, length);
        level = level[length] ? level + length + 1 : NULL;
    }
    hang(route, &route->nodes[node].here, &route->nodes[node].here_end, number);
}

void route_add(struct route *route, const char *filter, uint64_t target)
{
    if (strpbrk(filter, "+#{")) {
        add_wild(route, filter, target);
        return;
    }
    struct route_entry *entry = route_table_insert(route->topics, filter, strlen(filter));
    route_table_append(route->topics, entry, target);
}

/* -- finding -- */

/* A topic of an exact filter may also match wildcards: not known before they were walked.
 */
static const struct route_entry *find_known(const struct route *route, const char *topic,
                                            size_t length)
{
    const struct route_entry *entry = route_table_find(route->topics, topic, length);
    return entry && (entry->resolved || route->n_filters == 1) ? entry : NULL;
}

size_t route_find(struct route *route, const char *topic, size_t length,
                  const uint64_t **targets)
{
    const struct route_entry *entry = find_known(route, topic, length);
    *targets = entry ? route_table_targets(entry) : NULL;
    return entry ? entry->n : 0;
}

static void push_chain(struct route *route, uint32_t filter)
{
    for (; filter != NONE; filter = route->filters[filter].next)
        push(&route->found, filter);
}

/* From the nodes at one level to their children for the topic's next one. */
static void descend(struct route *route, const char *level, size_t length, bool wild)
{
    bool special = length == 1 && (*level == '+' || *level == '#');
    route->next.n = 0;
    for (size_t i = 0; i < route->at.n; i++) {
        uint32_t node = route->at.items[i];
        if (wild)
            push_chain(route, route->nodes[node].rest);
        if (wild && route->nodes[node].plus != NONE)
            push(&route->next, route->nodes[node].plus);
        size_t n = edge_key(route, node, level, length);
        const struct route_entry *entry =
            special ? NULL : route_table_find(route->edges, route->edge, n);
        if (entry)
            push(&route->next, (uint32_t)*route_table_targets(entry));
    }
    struct list swapped = route->at;
    route->at = route->next;
    route->next = swapped;
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Fills `found` with the filters that match, in the order in which they were added. */
static void walk(struct route *route, const char *topic, size_t length)
{
    const char *end = topic + length, *level = topic;
    bool dollar = length > 0 && *topic == '$';
    route->at.n = route->found.n = 0;
    push(&route->at, 0);
    while (route->at.n > 0) {
        const char *slash = memchr(level, '/', (size_t)(end - level));
        const char *after = slash ? slash : end;
        descend(route, level, (size_t)(after - level), !(dollar && level == topic));
        if (!slash)
            break;
        level = slash + 1;
    }
    for (size_t i = 0; i < route->at.n; i++) {
        push_chain(route, route->nodes[route->at.items[i]].here);
        push_chain(route, route->nodes[route->at.items[i]].rest);
    }
    if (route->found.n > 1)
        qsort(route->found.items, route->found.n, sizeof *route->found.items,
              compare_numbers);
}

/* The filter matches the topic: both have the same levels up to a #. */
static void capture(const char *filter, const char *topic, size_t length,
                    struct route_match *match)
{
    const char *end = topic + length;
    while (*filter && *filter != '#') {
        size_t n = strcspn(filter, "/");
        const char *slash = memchr(topic, '/', (size_t)(end - topic));
        const char *after = slash ? slash : end;
        if (*filter == '{')
            match->captures[match->n_captures++] =
                (struct route_capture){filter + 1, topic, (size_t)(after - topic)};
        filter += n + (filter[n] == '/');
        topic = slash ? slash + 1 : end;
    }
}

static void push_answer(struct route *route, size_t *n, uint64_t answer)
{
    if (answer == ROUTE_NOTHING)
        return;
    route->answers =
        mem_grow(route->answers, &route->room_answers, *n + 1, sizeof *route->answers);
    route->answers[(*n)++] = answer;
}

/* Puts the answers beside the topic's exact targets, the first `n_exact` of them. */
static void remember(struct route *route, const char *topic, size_t length, size_t n_exact,
                     size_t n)
{
    size_t before = route_table_memory(route->topics);
    struct route_entry *entry = route_table_insert(route->topics, topic, length);
    for (size_t i = n_exact; i < n; i++)
        route_table_append(route->topics, entry, route->answers[i]);
    entry->resolved = 1;
    route->remembered++;
    route->remembered_bytes += route_table_memory(route->topics) - before;
}

size_t route_resolve(struct route *route, const char *topic, size_t length,
                     uint64_t (*each)(void *context, const struct route_match *match),
                     void *context, const uint64_t **targets)
{
    size_t n = 0;
    if (find_known(route, topic, length))
        return route_find(route, topic, length, targets);
    const struct route_entry *exact = route_table_find(route->topics, topic, length);
    for (size_t i = 0; exact && i < exact->n; i++)
        push_answer(route, &n, route_table_targets(exact)[i]);
    size_t n_exact = n;
    walk(route, topic, length);
    for (size_t i = 0; i < route->found.n; i++) {
        const struct filter *filter = &route->filters[route->found.items[i]];
        struct route_match match = {.target = filter->target};
        capture(filter->text, topic, length, &match);
        push_answer(route, &n, each(context, &match));
    }
    bool room =
        route->remembered < route->max_topics && route->remembered_bytes < route->max_bytes;
    if (n > 0 && (exact || room))
        remember(route, topic, length, n_exact, n);
    *targets = n ? route->answers : NULL;
    return n;
}

size_t route_memory(const struct route *route)
{
    size_t bytes = route_table_memory(route->topics) + route_table_memory(route->edges) +
                   route->room_nodes * sizeof *route->nodes +
                   route->room_filters * sizeof *route->filters;
    for (size_t i = 1; i < route->n_filters; i++)
        bytes += strlen(route->filters[i].text) + 1;
    return bytes;
}
