/* The publisher thread and what it looks after; shared with mqtt.c, where the other threads
 * come in. */
#ifndef IO_MQTT_PUBLISHER_H
#define IO_MQTT_PUBLISHER_H

#include "mqtt_filters.h"
#include "mqtt_link.h"
#include "twind/outbox.h"

enum { MQTT_BATCH = 500 };

/* A link under care. */
struct mqtt_care {
    struct link link;
    bool trying, was_up;
    double since;    /* when the present attempt, connection or closing began */
    double retry_at; /* earliest next attempt */
    unsigned failures;
    unsigned long said;
};

/* A publication that Paho has in hand. */
struct mqtt_flight {
    struct link_publication publication;
    struct mqtt *mqtt;
    struct outbox_message *message; /* NULL: taken back, the flight is only waited for */
    struct mqtt_flight *before, *after;
    bool lost;
};

struct mqtt {
    struct mqtt_options options;
    struct mqtt_hooks hooks;
    char *status_topic, *beat_topic; /* NULL: a tool's client */

    pthread_mutex_t mutex;
    pthread_cond_t wake, ended;
    pthread_t thread;

    struct mqtt_care in, out_care, *out; /* a tool's client publishes over `in` */
    _Atomic uint64_t arrivals,
        beat_ns; /* beat_ns: when the last heartbeat came; 0: never */
    atomic_bool in_hook;

    /* under the mutex */
    bool kicked;
    struct outbox *outbox;
    struct mqtt_flight *first_flight, *last_flight;
    size_t n_flights;
    char **next_filters; /* the list that replaces the present one */
    size_t n_next;
    bool has_next, birth_due, paused, stopping, abandoned, over;
    double stop_by;
    uint64_t connects, published, refused;
    bool ready; /* connected and subscribed */

    /* the publisher's own */
    struct mqtt_filters filters;
    char *batch[MQTT_BATCH];
    size_t batch_at[MQTT_BATCH], n_batch;
    bool unsubscribing;
    unsigned long refused_filters, refused_messages;
    double next_beat, last_arrival, pause_until;
    uint64_t arrivals_seen, beats, random;
};

double mqtt_monotonic(void);

/* Holding the mutex: the publisher looks around at once. */
void mqtt_kick(struct mqtt *mqtt);

/* The thread's function; its argument is the struct mqtt. */
void *mqtt_publisher_run(void *mqtt);

void mqtt_free(struct mqtt *mqtt);

void mqtt_lock(struct mqtt *m);
void mqtt_unlock(struct mqtt *m);

/* mqtt_flight.c: sends what waits while Paho takes it; takes back what Paho has in hand, or
 * only what it has lost, to be sent again in its order. Both with the mutex held. */
void mqtt_send_waiting(struct mqtt *m, double now);
void mqtt_take_back(struct mqtt *m, bool only_lost);
void mqtt_land(struct mqtt *m, struct mqtt_flight *flight); /* it has ended: forget it */

#endif
