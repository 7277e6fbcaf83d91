/* The queue is a doubly linked list; those that may give way are linked a second time in
 * the same order. A hash table over topics finds the last waiting message of each topic,
 * the only one that a newer may replace. */
#include "twind/outbox.h"

#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

struct outbox {
    size_t max_messages, max_bytes, count, bytes;
    uint64_t dropped;
    struct outbox_message *first, *last;
    struct outbox_message *first_loose, *last_loose;
    struct outbox_message **table; /* the last message of each topic */
    size_t table_size;             /* a power of two */
};

enum { TABLE_FIRST = 64 };

static bool is_loose(const struct outbox_message *m)
{
    return (m->item.flags & MQTT_NEWEST) || !(m->item.flags & MQTT_QOS1);
}

static struct outbox_message *new_message(const struct outbox_item *item)
{
    size_t topic = strlen(item->topic) + 1;
    size_t bytes = sizeof(struct outbox_message) + topic + item->length;
    struct outbox_message *m = mem_new(1, bytes + item->correlation_length);
    char *text = (char *)(m + 1);
    m->item = *item;
    m->item.topic = memcpy(text, item->topic, topic);
    if (item->length)
        memcpy(text + topic, item->payload, item->length);
    m->item.payload = text + topic;
    if (item->correlation)
        m->item.correlation = memcpy(text + topic + item->length, item->correlation,
                                     item->correlation_length);
    m->bytes = bytes + item->correlation_length;
    m->hash = mem_hash(item->topic, topic - 1);
    return m;
}

void outbox_end(struct outbox_message *message)
{
    free(message);
}

/* -- the table of topics -- */

static struct outbox_message **find_topic(const struct outbox *o, const char *topic,
                                          uint64_t hash)
{
    struct outbox_message **at = &o->table[hash & (o->table_size - 1)];
    while (*at && ((*at)->hash != hash || strcmp((*at)->item.topic, topic) != 0))
        at = &(*at)->chain;
    return at;
}

static void grow_table(struct outbox *o)
{
    struct outbox_message **old = o->table;
    size_t old_size = o->table_size;
    o->table_size *= 2;
    o->table = mem_new(o->table_size, sizeof(void *));
    for (size_t i = 0; i < old_size; i++) {
        for (struct outbox_message *m = old[i], *next; m; m = next) {
            next = m->chain;
            struct outbox_message **slot = &o->table[m->hash & (o->table_size - 1)];
            m->chain = *slot;
            *slot = m;
        }
    }
    free(old);
}

static void table_set(struct outbox *o, struct outbox_message *m)
{
    struct outbox_message **at = find_topic(o, m->item.topic, m->hash);
    m->chain = *at ? (*at)->chain : NULL;
    if (*at)
        (*at)->chain = NULL;
    *at = m;
    if (o->count > o->table_size)
        grow_table(o);
}

static void table_remove(struct outbox *o, struct outbox_message *m)
{
    struct outbox_message **at = find_topic(o, m->item.topic, m->hash);
    if (*at == m)
        *at = m->chain;
    m->chain = NULL;
}

/* -- the lists -- */

static void link_between(struct outbox *o, struct outbox_message *m,
                         struct outbox_message *before, struct outbox_message *after)
{
    m->before = before;
    m->after = after;
    *(before ? &before->after : &o->first) = m;
    *(after ? &after->before : &o->last) = m;
    o->count++;
    o->bytes += m->bytes;
}

static void link_loose(struct outbox *o, struct outbox_message *m,
                       struct outbox_message *older, struct outbox_message *newer)
{
    m->older_loose = older;
    m->newer_loose = newer;
    *(older ? &older->newer_loose : &o->first_loose) = m;
    *(newer ? &newer->older_loose : &o->last_loose) = m;
}

static void unlink_message(struct outbox *o, struct outbox_message *m)
{
    *(m->before ? &m->before->after : &o->first) = m->after;
    *(m->after ? &m->after->before : &o->last) = m->before;
    o->count--;
    o->bytes -= m->bytes;
    table_remove(o, m);
    if (!is_loose(m))
        return;
    *(m->older_loose ? &m->older_loose->newer_loose : &o->first_loose) = m->newer_loose;
    *(m->newer_loose ? &m->newer_loose->older_loose : &o->last_loose) = m->older_loose;
}

static void append(struct outbox *o, struct outbox_message *m)
{
    link_between(o, m, o->last, NULL);
    if (is_loose(m))
        link_loose(o, m, o->last_loose, NULL);
    table_set(o, m);
}

/* The newer one takes the older one's place in the queue. */
static void replace(struct outbox *o, struct outbox_message *old, struct outbox_message *m)
{
    struct outbox_message *before = old->before, *after = old->after;
    struct outbox_message *older = old->older_loose, *newer = old->newer_loose;
    unlink_message(o, old);
    link_between(o, m, before, after);
    link_loose(o, m, older, newer);
    table_set(o, m);
    outbox_end(old);
}

static bool fits(const struct outbox *o, size_t bytes)
{
    return o->count < o->max_messages && o->bytes + bytes <= o->max_bytes;
}

static bool make_room(struct outbox *o, size_t bytes)
{
    struct outbox_message *victim = bytes <= o->max_bytes ? o->first_loose : NULL;
    for (struct outbox_message *newer; victim && !fits(o, bytes); victim = newer) {
        newer = victim->newer_loose;
        unlink_message(o, victim);
        outbox_end(victim);
        o->dropped++;
    }
    return fits(o, bytes);
}

bool outbox_put(struct outbox *o, const struct outbox_item *item)
{
    struct outbox_message *m = new_message(item);
    struct outbox_message *old = *find_topic(o, m->item.topic, m->hash);
    if (old && (item->flags & MQTT_NEWEST) && (old->item.flags & MQTT_NEWEST)) {
        replace(o, old, m);
        return true;
    }
    if (!make_room(o, m->bytes)) {
        outbox_end(m);
        o->dropped++;
        return false;
    }
    append(o, m);
    return true;
}

struct outbox_message *outbox_take(struct outbox *o)
{
    struct outbox_message *m = o->first;
    if (m)
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it does not follow the unlinking */
        unlink_message(o, m);
    return m;
}

void outbox_return(struct outbox *o, struct outbox_message *m)
{
    bool waits = *find_topic(o, m->item.topic, m->hash) != NULL;
    if (waits && (m->item.flags & MQTT_NEWEST)) {
        outbox_end(m);
        return;
    }
    link_between(o, m, NULL, o->first);
    if (is_loose(m))
        link_loose(o, m, NULL, o->first_loose);
    if (!waits)
        table_set(o, m);
}

size_t outbox_count(const struct outbox *o)
{
    return o->count;
}

uint64_t outbox_dropped(const struct outbox *o)
{
    return o->dropped;
}

struct outbox *outbox_new(size_t max_messages, size_t max_bytes)
{
    struct outbox *o = mem_new(1, sizeof *o);
    o->max_messages = max_messages;
    o->max_bytes = max_bytes;
    o->table_size = TABLE_FIRST;
    o->table = mem_new(o->table_size, sizeof(void *));
    return o;
}

void outbox_free(struct outbox *o)
{
    if (!o)
        return;
    for (struct outbox_message *m; (m = outbox_take(o));)
        outbox_end(m);
    free(o->table);
    free(o);
}
