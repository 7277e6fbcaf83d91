/* One connection by Paho: the only part of the house that knows MQTTAsync.h (with
 * mqtt_link_send.c). Calls come from the publisher thread, without the owner's mutex, which
 * Paho's callbacks take. */
#ifndef IO_MQTT_LINK_H
#define IO_MQTT_LINK_H

#include "twind/mqtt.h"

#include <pthread.h>
#include <stdatomic.h>

enum link_state { LINK_DOWN, LINK_CONNECTING, LINK_UP, LINK_CLOSING };

/* What Paho's callbacks tell. */
struct link_hooks {
    void *context;
    void (*arrived)(void *context,
                    const struct mqtt_message *message); /* without the mutex */
    void (*began)(void *context, bool session);          /* without the mutex */
    void (*changed)(void *context); /* holding the mutex: look at the link */
};

struct link {
    const struct mqtt_options *options;
    struct link_hooks hooks;
    pthread_mutex_t *mutex;
    void *client; /* MQTTAsync */
    char *client_id;
    const char *will_topic; /* NULL: none */
    bool clean;             /* no session at the broker */

    /* under the mutex */
    enum link_state state;
    bool session;
    bool batch_open;      /* a (un)subscription waits for its answer */
    unsigned char *codes; /* the answer: one a filter; NULL: it failed altogether */
    size_t n_codes;
    char reason[384]; /* why it is down */
    char tls_error[160];
};

/* What went into it must outlive the link. False: Paho refuses the options. */
bool link_open(struct link *link, struct err *e);
void link_destroy(struct link *link);

/* Both answer by a change of state; so does a loss. */
void link_connect(struct link *link);
void link_disconnect(struct link *link, int milliseconds);

/* n filters at QoS 1; answered in codes (to be freed), or not at all on a loss. */
bool link_subscribe(struct link *link, char *const *filters, size_t n);
bool link_unsubscribe(struct link *link, char *const *filters, size_t n);

/* How a publication ended. Called at most once, without the mutex, on Paho's thread. */
enum link_sent { LINK_SENT, LINK_REFUSED, LINK_LOST };

struct link_publication {
    struct link *link;
    void (*ended)(struct link_publication *publication, enum link_sent how, int code);
};

struct outbox_item;

/* False: not taken, `ended` won't be called. `publication` may be NULL. */
bool link_publish(struct link *link, const struct outbox_item *item,
                  struct link_publication *publication);

#endif
