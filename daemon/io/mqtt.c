/* Where the other threads come in: the callers of mqtt.h and what Paho's threads bring. */
#include "mqtt_publisher.h"

#include "twind/mem.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STOP_TIME 2.0 /* s */

enum { QUEUE_MESSAGES = 200000, QUEUE_BYTES = 64 << 20 };

/* -- on Paho's threads -- */

static bool is_topic(const struct mqtt_message *message, const char *topic)
{
    return topic && message->topic_length == strlen(topic) &&
           memcmp(message->topic, topic, message->topic_length) == 0;
}

/* Our own topics; true: it was one. */
static bool take_own_on_paho(struct mqtt *m, const struct mqtt_message *message)
{
    if (is_topic(message, m->beat_topic)) {
        atomic_store(&m->beat_ns, (uint64_t)(mqtt_monotonic() * 1e9));
        return true;
    }
    if (!is_topic(message, m->status_topic))
        return false;
    if (message->payload_length == 7 && memcmp(message->payload, "offline", 7) == 0) {
        pthread_mutex_lock(&m->mutex);
        m->birth_due = true;
        mqtt_kick(m);
        pthread_mutex_unlock(&m->mutex);
    }
    return true;
}

static void arrived_on_paho(void *context, const struct mqtt_message *message)
{
    struct mqtt *m = context;
    if (!take_own_on_paho(m, message) && m->hooks.message_on_paho) {
        atomic_store(&m->in_hook, true);
        while (!m->hooks.message_on_paho(m->hooks.context, message))
            pause(); /* to return would acknowledge it */
        atomic_store(&m->in_hook, false);
    }
    atomic_fetch_add_explicit(&m->arrivals, 1, memory_order_relaxed);
}

static void began_on_paho(void *context, bool session)
{
    struct mqtt *m = context;
    if (m->hooks.session_on_paho)
        m->hooks.session_on_paho(m->hooks.context, session);
}

static void began_publishing_on_paho(void *context, bool session)
{
    (void)context;
    (void)session;
}

static void changed_on_paho(void *context)
{
    mqtt_kick(context);
}

/* -- starting -- */

static bool check_file(const char *key, const char *path, struct err *e)
{
    if (!path || access(path, R_OK) == 0)
        return true;
    return err_set(e, "broker/%s %s: can't be read: %s", key, path, strerror(errno));
}

static bool check_options(const struct mqtt_options *o, struct err *e)
{
    const char *host = strstr(o->url, "://");
    bool scheme = strncmp(o->url, "mqtt://", 7) == 0 || strncmp(o->url, "mqtts://", 8) == 0;
    if (!scheme || strcspn(host + 3, ":/") == 0)
        return err_set(
            e, "broker/url \"%s\": expected mqtt://host:port or mqtts://host:port", o->url);
    if (o->client_id[0] == 0)
        return err_set(e, "broker/client_id: is empty");
    return check_file("ca_file", o->ca_file, e) &&
           check_file("cert_file", o->cert_file, e) &&
           check_file("key_file", o->key_file, e);
}

static const char *copy(const char *text)
{
    return text ? mem_text(text) : NULL;
}

static void copy_options(struct mqtt_options *to, const struct mqtt_options *from)
{
    *to = *from;
    to->url = copy(from->url);
    to->client_id = copy(from->client_id);
    to->username = copy(from->username);
    to->password = copy(from->password);
    to->ca_file = copy(from->ca_file);
    to->cert_file = copy(from->cert_file);
    to->key_file = copy(from->key_file);
    to->prefix = copy(from->prefix);
    to->deaf_after = from->deaf_after > 0 ? from->deaf_after : 5;
    to->retry_min = from->retry_min > 0 ? from->retry_min : 1;
}

static void free_options(struct mqtt_options *o)
{
    const char *texts[] = {o->url,     o->client_id, o->username, o->password,
                           o->ca_file, o->cert_file, o->key_file, o->prefix};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free((void *)texts[i]);
}

static char *join(const char *a, const char *b, const char *c)
{
    size_t room = strlen(a) + strlen(b) + strlen(c) + 1;
    char *text = mem_new(room, 1);
    snprintf(text, room, "%s%s%s", a, b, c);
    return text;
}

static void name_topics(struct mqtt *m)
{
    const char *prefix = m->options.prefix;
    if (!prefix)
        return;
    m->status_topic = join(prefix, "/status", "");
    m->beat_topic = join(prefix, "/heartbeat/", m->options.client_id);
}

static void init_link(struct mqtt *m, struct mqtt_care *care, bool out)
{
    struct link *link = &care->link;
    link->options = &m->options;
    link->mutex = &m->mutex;
    link->hooks.context = m;
    link->hooks.arrived = arrived_on_paho;
    link->hooks.began = out ? began_publishing_on_paho : began_on_paho;
    link->hooks.changed = changed_on_paho;
    link->client_id = join(m->options.client_id, out ? "-out" : "", "");
    link->will_topic = out ? NULL : m->status_topic;
    link->clean = out || !m->options.prefix;
}

static void init_locks(struct mqtt *m)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&m->wake, &attributes);
    pthread_cond_init(&m->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&m->mutex, NULL);
}

static struct mqtt *new_mqtt(const struct mqtt_options *options,
                             const struct mqtt_hooks *hooks)
{
    struct mqtt *m = mem_new(1, sizeof *m);
    copy_options(&m->options, options);
    m->hooks = *hooks;
    init_locks(m);
    name_topics(m);
    m->outbox = outbox_new(QUEUE_MESSAGES, QUEUE_BYTES);
    m->out = m->options.prefix ? &m->out_care : &m->in;
    double seed[2] = {mqtt_monotonic(), (double)getpid()};
    m->random = mem_hash(seed, sizeof seed) | 1;
    init_link(m, &m->in, false);
    if (m->out != &m->in)
        init_link(m, m->out, true);
    return m;
}

static bool start(struct mqtt *m, struct err *e)
{
    if (!link_open(&m->in.link, e) || (m->out != &m->in && !link_open(&m->out->link, e)))
        return false;
    mqtt_subscribe(m, NULL, 0);
    int rc = pthread_create(&m->thread, NULL, mqtt_publisher_run, m);
    return rc == 0 || err_set(e, "broker: can't start a thread: %s", strerror(rc));
}

struct mqtt *mqtt_start(const struct mqtt_options *options, const struct mqtt_hooks *hooks,
                        struct err *e)
{
    if (!check_options(options, e))
        return NULL;
    struct mqtt *m = new_mqtt(options, hooks);
    if (start(m, e))
        return m;
    link_destroy(&m->in.link);
    if (m->out != &m->in)
        link_destroy(&m->out->link);
    mqtt_free(m);
    return NULL;
}

/* -- using -- */

static void drop_next(struct mqtt *m)
{
    for (size_t i = 0; i < m->n_next && m->next_filters; i++)
        free(m->next_filters[i]);
    free(m->next_filters);
    m->next_filters = NULL;
}

void mqtt_subscribe(struct mqtt *m, const char *const *filters, size_t n)
{
    size_t own = m->options.prefix ? 2 : 0;
    char **list = mem_new(n + own, sizeof *list);
    for (size_t i = 0; i < n; i++)
        list[i] = mem_text(filters[i]);
    if (own) {
        list[n] = mem_text(m->status_topic);
        list[n + 1] = mem_text(m->beat_topic);
    }
    pthread_mutex_lock(&m->mutex);
    drop_next(m);
    m->next_filters = list;
    m->n_next = n + own;
    m->has_next = true;
    mqtt_kick(m);
    pthread_mutex_unlock(&m->mutex);
}

void mqtt_pause(struct mqtt *m, bool paused)
{
    pthread_mutex_lock(&m->mutex);
    if (m->paused != paused)
        mqtt_kick(m);
    m->paused = paused;
    pthread_mutex_unlock(&m->mutex);
}

static bool publish(struct mqtt *m, const struct outbox_item *item)
{
    pthread_mutex_lock(&m->mutex);
    bool taken = outbox_put(m->outbox, item);
    mqtt_kick(m);
    pthread_mutex_unlock(&m->mutex);
    return taken;
}

bool mqtt_publish(struct mqtt *m, const char *topic, const void *payload, size_t length,
                  unsigned flags, uint64_t tag)
{
    const struct outbox_item item = {
        .topic = topic, .payload = payload, .length = length, .flags = flags, .tag = tag};
    return publish(m, &item);
}

bool mqtt_reply(struct mqtt *m, const char *topic, const void *correlation,
                size_t correlation_length, const void *payload, size_t length)
{
    const struct outbox_item item = {.topic = topic,
                                     .payload = payload,
                                     .length = length,
                                     .correlation = correlation,
                                     .correlation_length = correlation_length,
                                     .flags = MQTT_QOS1};
    return publish(m, &item);
}

struct mqtt_stats mqtt_stats(struct mqtt *m)
{
    uint64_t beat = atomic_load(&m->beat_ns);
    pthread_mutex_lock(&m->mutex);
    struct mqtt_stats stats = {
        .connected = m->ready && m->out->link.state == LINK_UP,
        .connects = m->connects,
        .published = m->published,
        .dropped = outbox_dropped(m->outbox) + m->refused,
        .queued = outbox_count(m->outbox) + m->n_flights,
        .heartbeat_age = beat ? mqtt_monotonic() - (double)beat * 1e-9 : (double)INFINITY,
    };
    pthread_mutex_unlock(&m->mutex);
    return stats;
}

/* -- stopping -- */

void mqtt_free(struct mqtt *m)
{
    drop_next(m);
    mqtt_filters_free(&m->filters);
    outbox_free(m->outbox);
    free(m->status_topic);
    free(m->beat_topic);
    free_options(&m->options);
    pthread_cond_destroy(&m->wake);
    pthread_cond_destroy(&m->ended);
    pthread_mutex_destroy(&m->mutex);
    free(m);
}

static bool wait_for_end(struct mqtt *m)
{
    double whole = floor(m->stop_by);
    const struct timespec at = {(time_t)whole, (long)((m->stop_by - whole) * 1e9)};
    int rc = 0;
    while (!m->over && rc == 0)
        rc = pthread_cond_timedwait(&m->ended, &m->mutex, &at);
    return m->over;
}

void mqtt_stop(struct mqtt *m)
{
    if (!m)
        return;
    if (m->status_topic)
        mqtt_publish(m, m->status_topic, "offline", 7, MQTT_QOS1 | MQTT_RETAIN, 0);
    pthread_mutex_lock(&m->mutex);
    m->stopping = true;
    m->stop_by = mqtt_monotonic() + STOP_TIME;
    mqtt_kick(m);
    bool over = wait_for_end(m);
    m->abandoned = !over; /* the thread frees all when Paho lets it go */
    pthread_t thread = m->thread;
    pthread_mutex_unlock(&m->mutex);
    if (!over) {
        pthread_detach(thread);
        return;
    }
    pthread_join(thread, NULL);
    mqtt_free(m);
}
