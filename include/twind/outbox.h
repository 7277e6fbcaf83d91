/* What waits to be published: a bounded queue that knows what may be lost. Pure memory, no
 * lock: whoever shares it locks it.
 *
 * Order is kept within a topic. A message with MQTT_NEWEST is replaced in its place by a
 * newer one, unless another message of its topic was queued after it. Where the queue is
 * full the oldest message with MQTT_NEWEST or at QoS 0 gives way; plain QoS 1 never does.
 */
#ifndef TWIND_OUTBOX_H
#define TWIND_OUTBOX_H

#include "twind/mqtt.h"

struct outbox;

struct outbox_item {
    const char *topic;
    const void *payload;
    size_t length;
    const void *correlation; /* MQTT 5: of the request that this answers; NULL: none */
    size_t correlation_length;
    unsigned flags; /* enum mqtt_flag */
    uint64_t tag;
};

/* A waiting or taken message: `item` points into it. */
struct outbox_message {
    struct outbox_item item;
    struct outbox_message *before, *after;            /* the queue */
    struct outbox_message *older_loose, *newer_loose; /* those that may give way */
    struct outbox_message *chain;                     /* topics of the same hash */
    uint64_t hash;
    size_t bytes;
};

struct outbox *outbox_new(size_t max_messages, size_t max_bytes);
void outbox_free(struct outbox *outbox);

/* Queues a copy. False: full of messages that may not be lost (counted). */
bool outbox_put(struct outbox *outbox, const struct outbox_item *item);

/* The oldest message, now the caller's (to return or to free with outbox_end()); NULL:
 * none. */
struct outbox_message *outbox_take(struct outbox *outbox);

/* Puts a taken message back in front, whatever the bounds; of several the one taken last
 * goes back first. One with MQTT_NEWEST that was overtaken meanwhile is freed. */
void outbox_return(struct outbox *outbox, struct outbox_message *message);

void outbox_end(struct outbox_message *message);

size_t outbox_count(const struct outbox *outbox);
uint64_t outbox_dropped(const struct outbox *outbox); /* replaced ones do not count */

#endif
