#include "twind/asks.h"

#include "twind/log.h"
#include "twind/mem.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAITING_MAX = 64 };

struct asks {
    pthread_mutex_t lock;
    char *prefix;
    struct ask *first;
    size_t n;
    unsigned long dropped;
};

static const char *const words[] = {[ASK_WHATIF] = "whatif", [ASK_OPTIMISE] = "optimise"};

struct asks *asks_new(void)
{
    struct asks *asks = mem_new(1, sizeof *asks);
    asks->prefix = mem_text("");
    pthread_mutex_init(&asks->lock, NULL);
    return asks;
}

void ask_free(struct ask *ask)
{
    if (!ask)
        return;
    free(ask->twin);
    free(ask->payload);
    free(ask->response_topic);
    free(ask->correlation);
    free(ask);
}

void asks_free(struct asks *asks)
{
    if (!asks)
        return;
    for (struct ask *ask; (ask = asks_take(asks, false));)
        ask_free(ask);
    free(asks->prefix);
    pthread_mutex_destroy(&asks->lock);
    free(asks);
}

void asks_set_prefix(struct asks *asks, const char *prefix)
{
    pthread_mutex_lock(&asks->lock);
    free(asks->prefix);
    asks->prefix = mem_text(prefix);
    pthread_mutex_unlock(&asks->lock);
}

/* The twin's part of PREFIX/TWIN/WORD; 0: it is no such topic. */
static size_t twin_part(const struct mqtt_message *m, size_t prefix, const char *word)
{
    size_t length = strlen(word), rest = m->topic_length - prefix - 1;
    const char *at = m->topic + prefix + 1;
    if (rest < length + 2 || memcmp(at + rest - length, word, length) != 0 ||
        at[rest - length - 1] != '/')
        return 0;
    size_t twin = rest - length - 1;
    return memchr(at, '/', twin) || memchr(at, '\0', twin) ? 0 : twin;
}

/* Where the twin begins in the topic; 0: it is no question's. */
static size_t find_twin(struct asks *asks, const struct mqtt_message *m, size_t *length,
                        enum ask_what *what)
{
    pthread_mutex_lock(&asks->lock);
    size_t prefix = strlen(asks->prefix);
    bool ours = m->topic_length > prefix + 1 &&
                memcmp(m->topic, asks->prefix, prefix) == 0 && m->topic[prefix] == '/';
    pthread_mutex_unlock(&asks->lock);
    *length = 0;
    for (int i = 0; ours && *length == 0 && i < (int)(sizeof words / sizeof *words); i++) {
        *length = twin_part(m, prefix, words[i]);
        *what = (enum ask_what)i;
    }
    return *length > 0 ? prefix + 1 : 0;
}

static bool can_publish_to(const char *topic)
{
    return topic && topic[0] != '\0' && topic[0] != '$' && !strpbrk(topic, "+#");
}

static struct ask *copy(const struct mqtt_message *m, enum ask_what what, const char *twin,
                        size_t length)
{
    struct ask *ask = mem_new(1, sizeof *ask);
    ask->what = what;
    ask->twin = mem_text_n(twin, length);
    ask->payload = mem_text_n(m->payload ? m->payload : "", m->payload_length);
    ask->length = m->payload_length;
    if (can_publish_to(m->response_topic))
        ask->response_topic = mem_text(m->response_topic);
    if (m->correlation_length > 0) {
        ask->correlation = mem_new(m->correlation_length, 1);
        memcpy(ask->correlation, m->correlation, m->correlation_length);
        ask->correlation_length = m->correlation_length;
    }
    return ask;
}

/* False: too many wait. */
static bool append(struct asks *asks, struct ask *ask)
{
    pthread_mutex_lock(&asks->lock);
    bool room = asks->n < WAITING_MAX;
    struct ask **last = &asks->first;
    while (room && *last)
        last = &(*last)->next;
    if (room) {
        *last = ask;
        asks->n++;
    }
    pthread_mutex_unlock(&asks->lock);
    return room;
}

bool asks_put_on_paho(struct asks *asks, const struct mqtt_message *m)
{
    enum ask_what what = ASK_WHATIF;
    size_t length, at = find_twin(asks, m, &length, &what);
    if (at == 0)
        return false;
    if (m->retained)
        return true;
    struct ask *ask = copy(m, what, m->topic + at, length);
    if (append(asks, ask))
        return true;
    ask_free(ask);
    if (log_worth(&asks->dropped))
        log_line(LOG_WARNING, "%d questions wait already: one was dropped (%lu so far)",
                 WAITING_MAX, asks->dropped);
    return true;
}

struct ask *asks_take(struct asks *asks, bool whatif_only)
{
    pthread_mutex_lock(&asks->lock);
    struct ask **at = &asks->first;
    while (*at && whatif_only && (*at)->what != ASK_WHATIF)
        at = &(*at)->next;
    struct ask *ask = *at;
    if (ask) {
        *at = ask->next;
        ask->next = NULL;
        asks->n--;
    }
    pthread_mutex_unlock(&asks->lock);
    return ask;
}

void ask_result_topic(const struct ask *ask, const char *prefix, char *to, size_t size)
{
    snprintf(to, size, "%s/%s/%s/result", prefix, ask->twin, words[ask->what]);
}
