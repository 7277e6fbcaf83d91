/* The link to the broker: two connections (one listens, one publishes), reconnecting by
 * itself, and one publisher thread. Nobody else calls Paho.
 *
 * Subscriber: client id, persistent session, QoS 1, subscribes on every connect. Publisher:
 * client id + "-out". A heartbeat every 0.5 s over both proves end to end that the link
 * lives (and keeps Paho from its 100 ms nap). `PREFIX/status` is the will (offline, retained)
 * and the birth (online, retained). */
#ifndef TWIND_MQTT_H
#define TWIND_MQTT_H

#include "twind/err.h"

#include <stddef.h>
#include <stdint.h>

struct mqtt_options {
    const char *url; /* mqtt://host:port or mqtts://host:port */
    const char *client_id;
    bool version5;
    const char *username, *password; /* NULL: none */
    const char *ca_file, *cert_file, *key_file; /* NULL: none */
    double keepalive, session_expiry; /* s */
    const char *prefix; /* of status and heartbeat topics; NULL: neither (a tool's client) */
};

struct mqtt_message {
    const char *topic;
    size_t topic_length;
    const char *payload;
    size_t payload_length;
    uint16_t packet_id;
    bool dup, retained;
    const char *response_topic;   /* MQTT 5; NULL: none */
    const void *correlation;      /* MQTT 5 */
    size_t correlation_length;
};

/* All called on threads of Paho or of the publisher: be short, do not call mqtt_stop(). */
struct mqtt_hooks {
    void *context;
    void (*message_on_paho)(void *context, const struct mqtt_message *message);
    /* The subscriber is connected and subscribed. `session` : the broker kept our session. */
    void (*up_on_publisher)(void *context, bool session);
    void (*down_on_publisher)(void *context, const char *reason);
    /* A message that mqtt_publish() took with this tag (not 0) reached the broker. */
    void (*delivered_on_paho)(void *context, uint64_t tag);
};

struct mqtt;

/* Starts connecting; never waits. Options are copied. NULL: options that can't work (a file
 * that can't be read, a bad url). */
struct mqtt *mqtt_start(const struct mqtt_options *options, const struct mqtt_hooks *hooks,
                        struct err *e);

/* The filters to be subscribed from now on (copied); replaces earlier ones: what is new is
 * subscribed, what is gone unsubscribed. */
void mqtt_subscribe(struct mqtt *mqtt, const char *const *filters, size_t n);

enum mqtt_flag {
    MQTT_RETAIN = 1,
    MQTT_QOS1 = 2,
    MQTT_NEWEST = 4, /* while it waits, a newer one of the same topic takes its place */
};

/* Queues a copy; never waits. While the link is down QoS 1 messages wait in a bounded queue
 * (the oldest of MQTT_NEWEST or QoS 0 are dropped first, counted). False: not taken. */
bool mqtt_publish(struct mqtt *mqtt, const char *topic, const void *payload, size_t length,
                  unsigned flags, uint64_t tag);

struct mqtt_stats {
    bool connected;
    uint64_t connects, published, dropped, queued;
    double heartbeat_age; /* s since the last one came back; INFINITY: never */
};

struct mqtt_stats mqtt_stats(struct mqtt *mqtt);

/* Says offline, waits at most 2 s for what is queued, disconnects, frees. */
void mqtt_stop(struct mqtt *mqtt);

#endif
