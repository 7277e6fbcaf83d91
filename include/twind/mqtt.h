/* The link to the broker: two connections (one listens, one publishes), reconnecting by
 * itself, and one publisher thread. Nobody else calls Paho.
 *
 * Subscriber: client id, persistent session, QoS 1, subscribes on every connect. Publisher:
 * client id + "-out". A heartbeat every 0.5 s over both proves end to end that the link
 * lives (and keeps Paho from its 100 ms nap). `PREFIX/status` is the will (offline,
 * retained) and the birth (online, retained). */
#ifndef TWIND_MQTT_H
#define TWIND_MQTT_H

#include "twind/err.h"

#include <stddef.h>
#include <stdint.h>

struct mqtt_options {
    const char *url; /* mqtt://host:port or mqtts://host:port */
    const char *client_id;
    bool version5;
    const char *username, *password;            /* NULL: none */
    const char *ca_file, *cert_file, *key_file; /* NULL: none */
    double keepalive, session_expiry;           /* s */
    /* Of status and heartbeat topics. NULL: a tool's client, which has neither, one
     * connection for both directions and no session. */
    const char *prefix;
    double deaf_after; /* s without a heartbeat; 0: 5 s */
    double retry_min;  /* s to the first attempt to connect again; 0: 1 s */
};

struct mqtt_message {
    const char *topic;
    size_t topic_length;
    const char *payload;
    size_t payload_length;
    uint16_t packet_id;
    bool dup, retained;
    const char *response_topic; /* MQTT 5; NULL: none */
    const void *correlation;    /* MQTT 5 */
    size_t correlation_length;
};

/* All called on threads of Paho or of the publisher: be short, do not call mqtt_stop(). Any
 * may be NULL. */
struct mqtt_hooks {
    void *context;
    /* The broker forgets the message when this returns true. False: it must not, and as
     * Paho acknowledges whatever comes back, its thread is held until the process ends. */
    bool (*message_on_paho)(void *context, const struct mqtt_message *message);
    /* The subscriber is connected and subscribed. `session` : the broker kept our session.
     */
    void (*up_on_publisher)(void *context, bool session);
    void (*down_on_publisher)(void *context, const char *reason);
    /* A message that mqtt_publish() took with this tag (not 0) reached the broker. */
    void (*delivered_on_paho)(void *context, uint64_t tag);
    /* A connection begins; before its first message. `session` as in up. */
    void (*session_on_paho)(void *context, bool session);
};

struct mqtt;

/* Starts connecting; never waits. Options are copied. NULL: options that can't work (a file
 * that can't be read, a bad url). */
struct mqtt *mqtt_start(const struct mqtt_options *options, const struct mqtt_hooks *hooks,
                        struct err *e);

/* The filters to be subscribed from now on (copied); replaces earlier ones: what is new is
 * subscribed, what is gone unsubscribed. */
void mqtt_subscribe(struct mqtt *mqtt, const char *const *filters, size_t n);

/* No more messages, please, until it is called with false: the subscriber disconnects, and
 * the broker keeps for its session what comes. Publishing goes on (a hook that waited would
 * hold up that too). Not for a tool's client. On any thread, hooks included. */
void mqtt_pause(struct mqtt *mqtt, bool paused);

enum mqtt_flag {
    MQTT_RETAIN = 1,
    MQTT_QOS1 = 2,
    MQTT_NEWEST = 4, /* while it waits, a newer one of the same topic takes its place */
};

/* Queues a copy; never waits. While the link is down messages wait in a bounded queue (the
 * oldest of MQTT_NEWEST or QoS 0 are dropped first, counted; see outbox.h). False: not
 * taken. A message that a newer one replaced is not reported as delivered. */
bool mqtt_publish(struct mqtt *mqtt, const char *topic, const void *payload, size_t length,
                  unsigned flags, uint64_t tag);

/* The same at QoS 1, with the correlation data of the MQTT 5 request that it answers. */
bool mqtt_reply(struct mqtt *mqtt, const char *topic, const void *correlation,
                size_t correlation_length, const void *payload, size_t length);

struct mqtt_stats {
    bool connected;
    uint64_t connects;  /* times that the subscriber came up */
    uint64_t published; /* acknowledged by the broker */
    uint64_t dropped, queued;
    double heartbeat_age; /* s since the last one came back; INFINITY: never */
};

struct mqtt_stats mqtt_stats(struct mqtt *mqtt);

/* Says offline, sends what is queued, disconnects, frees; at most about 2 s (what Paho
 * still holds then is left to it). */
void mqtt_stop(struct mqtt *mqtt);

#endif
