#include "live.h"

#include "twind/config.h"
#include "twind/log.h"
#include "twind/mem.h"
#include "twind/text.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CONNECT_S = 5, TOPICS_MAX = 8, WAITING_MAX = 100000 };

struct waiting {
    struct live_message message;
    struct waiting *next;
};

struct live {
    struct mqtt *mqtt;
    char *prefix;
    pthread_mutex_t lock;
    pthread_cond_t change;
    bool up;
    char reason[128];
    struct waiting *first, **last, *current;
    size_t n_waiting; /* beyond WAITING_MAX new ones are dropped: a tool must not eat the
                         host */
};

static void free_message(struct waiting *waiting)
{
    if (!waiting)
        return;
    free(waiting->message.topic);
    free(waiting->message.payload);
    free(waiting);
}

static bool message_on_paho(void *context, const struct mqtt_message *m)
{
    struct live *live = context;
    size_t prefix = strlen(live->prefix) + 1;
    if (m->topic_length < prefix)
        return true;
    struct waiting *waiting = mem_new(1, sizeof *waiting);
    waiting->message = (struct live_message){
        .topic = mem_text_n(m->topic + prefix, m->topic_length - prefix),
        .payload = mem_text_n(m->payload, m->payload_length),
        .payload_length = m->payload_length,
        .retained = m->retained,
    };
    pthread_mutex_lock(&live->lock);
    bool room = live->n_waiting < WAITING_MAX;
    if (room) {
        *live->last = waiting;
        live->last = &waiting->next;
        live->n_waiting++;
        pthread_cond_signal(&live->change);
    }
    pthread_mutex_unlock(&live->lock);
    if (!room)
        free_message(waiting);
    return true;
}

static void up_on_publisher(void *context, bool session)
{
    (void)session;
    struct live *live = context;
    pthread_mutex_lock(&live->lock);
    live->up = true;
    pthread_cond_signal(&live->change);
    pthread_mutex_unlock(&live->lock);
}

static void down_on_publisher(void *context, const char *reason)
{
    struct live *live = context;
    pthread_mutex_lock(&live->lock);
    snprintf(live->reason, sizeof live->reason, "%s", reason);
    pthread_mutex_unlock(&live->lock);
}

static struct timespec deadline_in(double seconds)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += (time_t)seconds;
    at.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

static bool wait_up(struct live *live)
{
    struct timespec deadline = deadline_in(CONNECT_S);
    pthread_mutex_lock(&live->lock);
    while (!live->up && pthread_cond_timedwait(&live->change, &live->lock, &deadline) == 0)
        ;
    bool up = live->up;
    pthread_mutex_unlock(&live->lock);
    return up;
}

bool live_next(struct live *live, double seconds, struct live_message *message)
{
    struct timespec deadline = deadline_in(seconds);
    free_message(live->current);
    pthread_mutex_lock(&live->lock);
    while (!live->first &&
           pthread_cond_timedwait(&live->change, &live->lock, &deadline) == 0)
        ;
    live->current = live->first;
    if (live->current) {
        live->n_waiting--;
        if (!(live->first = live->current->next))
            live->last = &live->first;
    }
    pthread_mutex_unlock(&live->lock);
    if (live->current)
        *message = live->current->message;
    return live->current != NULL;
}

static void publish(struct live *live, const char *topic, const char *payload,
                    unsigned flags)
{
    struct text full = {0};
    text_put(&full, "%s/%s", live->prefix, topic);
    mqtt_publish(live->mqtt, full.at, payload, strlen(payload), MQTT_QOS1 | flags, 0);
    text_free(&full);
}

void live_publish(struct live *live, const char *topic, const char *payload)
{
    publish(live, topic, payload, 0);
}

void live_retain(struct live *live, const char *topic, const char *payload)
{
    publish(live, topic, payload, MQTT_RETAIN);
}

static void say(void *context, bool warning, const char *text)
{
    (void)context;
    if (!warning)
        fprintf(stderr, "%s\n", text);
}

static bool connect_to(struct live *live, struct mqtt_options *options,
                       const char *const *topics, struct err *e)
{
    const struct mqtt_hooks hooks = {.context = live,
                                     .message_on_paho = message_on_paho,
                                     .up_on_publisher = up_on_publisher,
                                     .down_on_publisher = down_on_publisher};
    char id[64], *filters[TOPICS_MAX];
    size_t n = 0;
    snprintf(id, sizeof id, "twinctl-%ld", (long)getpid());
    options->client_id = id;
    options->keepalive = 60;
    if (!(live->mqtt = mqtt_start(options, &hooks, e)))
        return false;
    for (; n < TOPICS_MAX && topics[n]; n++) {
        struct text filter = {0};
        text_put(&filter, "%s/%s", live->prefix, topics[n]);
        filters[n] = filter.at;
    }
    mqtt_subscribe(live->mqtt, (const char *const *)filters, n);
    while (n > 0)
        free(filters[--n]);
    return wait_up(live) ||
           err_set(e, "no connection to %s within %d s: %s", options->url, CONNECT_S,
                   live->reason[0] ? live->reason : "no answer");
}

static bool options_from(const char *file, struct config *config,
                         struct mqtt_options *options)
{
    const struct config_report report = {.say = say};
    if (!config_load(file, getenv, &report, config))
        return false;
    *options = (struct mqtt_options){
        .url = config->broker.url,
        .version5 = config->broker.version5,
        .username = config->broker.username,
        .password = config->broker.password,
        .ca_file = config->broker.ca_file,
        .cert_file = config->broker.cert_file,
        .key_file = config->broker.key_file,
    };
    return true;
}

struct live *live_connect(const struct cli_verb *verb, const struct live_options *o,
                          const char *const *topics, int *status)
{
    struct config config = {0};
    struct mqtt_options options = {.url = o->broker};
    struct err e;
    log_set_level(LOG_WARNING);
    *status = CLI_INPUT;
    if (!o->broker &&
        !options_from(o->file ? o->file : "/etc/twind/twind.json", &config, &options))
        return NULL;
    struct live *live = mem_new(1, sizeof *live);
    live->prefix = mem_text(o->prefix   ? o->prefix
                            : o->broker ? "twind"
                                        : config.topic_prefix);
    live->last = &live->first;
    pthread_mutex_init(&live->lock, NULL);
    pthread_cond_init(&live->change, NULL);
    bool connected = connect_to(live, &options, topics, &e);
    if (!o->broker)
        config_clear(&config);
    if (connected)
        return live;
    *status = cli_fail(verb, CLI_RESOURCE, "%s", e.text);
    live_close(live);
    return NULL;
}

struct live *live_open(const struct cli_verb *verb, int argc, char **argv, int operands,
                       const char *const *topics, int *status)
{
    struct live_options o = {.file = NULL};
    const struct cli_option rows[] = {{.name = "-c", .value = &o.file},
                                      {.name = "--broker", .value = &o.broker},
                                      {.name = "--prefix", .value = &o.prefix},
                                      {.name = NULL}};
    *status = CLI_USAGE;
    if (cli_options(argc, argv, rows) != operands)
        return NULL;
    return live_connect(verb, &o, topics, status);
}

void live_close(struct live *live)
{
    if (live->mqtt)
        mqtt_stop(live->mqtt);
    free_message(live->current);
    while (live->first) {
        struct waiting *next = live->first->next;
        free_message(live->first);
        live->first = next;
    }
    free(live->prefix);
    pthread_mutex_destroy(&live->lock);
    pthread_cond_destroy(&live->change);
    free(live);
}
