/* The publisher thread: the only one that calls Paho. It looks around whenever it is kicked
 * and at least every half second, and does what is due: connect, subscribe, say "online",
 * beat, send.
 *
 * It holds the mutex except while it is in Paho or in a hook, for Paho's callbacks take it.
 */
#include "mqtt_publisher.h"

#include "twind/log.h"
#include "twind/mem.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BEAT 0.5       /* s between heartbeats */
#define STABLE 10.0    /* s that a connection lives before its failures are forgotten */
#define RETRY_MAX 60.0 /* s */
#define GUARD 30.0     /* s that Paho may take to answer at all */
#define LEAVE_TIME 0.8 /* s of a stop that are kept for disconnecting */
#define DESTROY_TIME 0.4

double mqtt_monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void mqtt_kick(struct mqtt *m)
{
    m->kicked = true;
    pthread_cond_signal(&m->wake);
}

void mqtt_unlock(struct mqtt *m)
{
    pthread_mutex_unlock(&m->mutex);
}

void mqtt_lock(struct mqtt *m)
{
    pthread_mutex_lock(&m->mutex);
}

/* -- the links -- */

/* 1, 2, 4 .. 60 s, spread by a quarter so that many clients do not come back as one. */
static void plan_retry(struct mqtt *m, struct mqtt_care *care, double now)
{
    m->random ^= m->random << 13;
    m->random ^= m->random >> 7;
    m->random ^= m->random << 17;
    double spread = (double)(m->random >> 11) * 0x1p-53;
    double delay =
        ldexp(m->options.retry_min, care->failures < 16 ? (int)care->failures : 16);
    care->retry_at = now + fmin(delay * (1 + spread / 4), RETRY_MAX);
    care->failures++;
}

static void connect_due(struct mqtt *m, struct mqtt_care *care, double now)
{
    if (now < care->retry_at || m->stopping || (m->paused && care == &m->in))
        return;
    care->trying = true;
    care->since = now;
    mqtt_unlock(m);
    link_connect(&care->link);
    mqtt_lock(m);
}

static void on_attempt_failed(struct mqtt *m, struct mqtt_care *care, double now)
{
    care->trying = false;
    plan_retry(m, care, now);
    bool first = care == &m->in || m->in.was_up; /* both fail alike: say it once */
    if (first && !m->stopping && log_worth(&care->said))
        log_line(LOG_WARNING, "broker %s: %s; trying again", m->options.url,
                 care->link.reason);
}

static void on_up(struct mqtt *m, struct mqtt_care *care, double now)
{
    care->trying = false;
    care->was_up = true;
    care->since = now;
    care->said = 0;
    m->last_arrival = now;
    m->birth_due = true;
    if (care == &m->in) {
        mqtt_filters_forget(&m->filters);
        m->n_batch = 0;
    }
}

static void on_lost(struct mqtt *m, struct mqtt_care *care, double now)
{
    care->was_up = false;
    if (now - care->since >= STABLE)
        care->failures = 0;
    plan_retry(m, care, now);
    if (care == m->out)
        mqtt_take_back(m, false);
    if (care != &m->in) {
        if (!m->stopping)
            log_line(LOG_NOTICE, "broker %s: publishing connection: %s", m->options.url,
                     care->link.reason);
        return;
    }
    bool told = m->ready;
    char reason[sizeof care->link.reason];
    memcpy(reason, care->link.reason, sizeof reason);
    m->ready = false;
    m->n_batch = 0;
    mqtt_unlock(m);
    if (told && m->hooks.down_on_publisher)
        m->hooks.down_on_publisher(m->hooks.context, reason);
    mqtt_lock(m);
}

static void close_link(struct mqtt *m, struct mqtt_care *care, double now)
{
    if (care->link.state != LINK_UP && care->link.state != LINK_CONNECTING)
        return;
    if (care->was_up && now - care->since >= STABLE)
        care->failures = 0;
    care->since = now;
    mqtt_unlock(m);
    link_disconnect(&care->link, 0);
    mqtt_lock(m);
}

static void tend_link(struct mqtt *m, struct mqtt_care *care, double now)
{
    switch (care->link.state) {
    case LINK_DOWN:
        if (care->was_up)
            on_lost(m, care, now);
        else if (care->trying)
            on_attempt_failed(m, care, now);
        connect_due(m, care, now);
        break;
    case LINK_UP:
        if (!care->was_up)
            on_up(m, care, now);
        break;
    case LINK_CONNECTING:
        if (now - care->since > GUARD)
            close_link(m, care, now);
        break;
    case LINK_CLOSING:
        if (now - care->since > GUARD)
            care->link.state = LINK_DOWN;
        break;
    }
}

/* -- subscriptions -- */

static void take_next_filters(struct mqtt *m)
{
    if (!m->has_next)
        return;
    mqtt_filters_replace(&m->filters, (const char *const *)m->next_filters, m->n_next);
    for (size_t i = 0; i < m->n_next; i++)
        free(m->next_filters[i]);
    free(m->next_filters);
    m->next_filters = NULL;
    m->has_next = false;
}

static void finish_batch(struct mqtt *m)
{
    struct mqtt_filters *filters = &m->filters;
    for (size_t i = 0; i < m->n_batch; i++) {
        if (m->unsubscribing) {
            free(m->batch[i]);
            continue;
        }
        filters->wanted[m->batch_at[i]].subscribed = true;
        if (m->in.link.codes[i] >= 0x80 && log_worth(&m->refused_filters))
            log_line(
                LOG_ERROR,
                "broker %s: refuses the subscription to %s (code 0x%02x); nothing will "
                "come from there (the broker's access list?)",
                m->options.url, m->batch[i], (unsigned)m->in.link.codes[i]);
    }
    if (m->unsubscribing) {
        filters->n_gone -= m->n_batch;
        memmove(filters->gone, filters->gone + m->n_batch,
                filters->n_gone * sizeof *filters->gone);
    }
    m->n_batch = 0;
}

static void become_ready(struct mqtt *m, double now)
{
    m->ready = true;
    m->connects++;
    m->last_arrival = now;
    m->next_beat = now;
    bool session = m->in.link.session;
    mqtt_unlock(m);
    log_line(LOG_NOTICE, "broker %s: connected, %zu subscriptions", m->options.url,
             m->filters.n_wanted);
    if (m->hooks.up_on_publisher)
        m->hooks.up_on_publisher(m->hooks.context, session);
    mqtt_lock(m);
}

/* One batch at a time: what is gone first, then what is new. */
static void start_batch(struct mqtt *m, double now)
{
    size_t n_gone = m->filters.n_gone < MQTT_BATCH ? m->filters.n_gone : MQTT_BATCH;
    m->unsubscribing = n_gone > 0;
    if (m->unsubscribing)
        memcpy(m->batch, m->filters.gone, n_gone * sizeof *m->batch);
    m->n_batch = m->unsubscribing
                     ? n_gone
                     : mqtt_filters_next(&m->filters, m->batch, m->batch_at, MQTT_BATCH);
    if (m->n_batch == 0) {
        if (!m->ready)
            become_ready(m, now);
        return;
    }
    mqtt_unlock(m);
    bool taken = m->unsubscribing ? link_unsubscribe(&m->in.link, m->batch, m->n_batch)
                                  : link_subscribe(&m->in.link, m->batch, m->n_batch);
    mqtt_lock(m);
    if (!taken) {
        m->n_batch = 0;
        m->pause_until = now + BEAT / 5;
    }
}

static void tend_filters(struct mqtt *m, double now)
{
    if (!m->in.was_up || m->in.link.state != LINK_UP || m->in.link.batch_open ||
        m->stopping)
        return;
    if (m->n_batch)
        finish_batch(m);
    take_next_filters(m);
    if (now >= m->pause_until)
        start_batch(m, now);
}

/* -- status and heartbeat -- */

/* At QoS 1, for the answer carries TCP's acknowledgement: without it the kernel at the
 * other end keeps that back for 40 ms, and Nagle's algorithm all that follows. */
static void say(struct mqtt *m, const char *topic, const char *text, unsigned flags)
{
    const struct outbox_item item = {.topic = topic,
                                     .payload = text,
                                     .length = strlen(text),
                                     .flags = MQTT_QOS1 | flags};
    mqtt_unlock(m);
    link_publish(&m->out->link, &item, NULL);
    mqtt_lock(m);
}

static void reconnect_deaf(struct mqtt *m, double now)
{
    char reason[sizeof m->in.link.reason];
    snprintf(reason, sizeof reason,
             "connected but deaf: no heartbeat came back for %.1f s; connecting again",
             now - m->last_arrival);
    memcpy(m->in.link.reason, reason, sizeof reason);
    memcpy(m->out->link.reason, reason, sizeof reason);
    close_link(m, &m->in, now);
    if (m->out != &m->in)
        close_link(m, m->out, now);
}

/* A link is not deaf while its messages wait for room in the inbox, nor where this thread
 * itself was held up. */
static void listen_for_life(struct mqtt *m, double now)
{
    uint64_t arrivals = atomic_load(&m->arrivals);
    bool late = now - m->next_beat > 2 * BEAT;
    if (arrivals != m->arrivals_seen || atomic_load(&m->in_hook) || late)
        m->last_arrival = now;
    m->arrivals_seen = arrivals;
}

static void tend_heartbeat(struct mqtt *m, double now)
{
    bool live = m->ready && m->out->was_up && m->out->link.state == LINK_UP;
    if (!live || !m->beat_topic || m->stopping)
        return;
    if (m->birth_due) {
        m->birth_due = false;
        say(m, m->status_topic, "online", MQTT_RETAIN);
    }
    if (now < m->next_beat)
        return;
    listen_for_life(m, now);
    m->next_beat = now + BEAT;
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)++m->beats);
    say(m, m->beat_topic, text, 0);
    if (now - m->last_arrival > m->options.deaf_after)
        reconnect_deaf(m, now);
}

/* -- the thread -- */

static bool is_drained(const struct mqtt *m, double now)
{
    bool can_send = m->out->was_up && m->out->link.state == LINK_UP;
    return !can_send || (outbox_count(m->outbox) == 0 && m->n_flights == 0) ||
           now > m->stop_by - LEAVE_TIME;
}

/* True: nothing is left to do. */
static bool leave(struct mqtt *m, double now)
{
    if (!m->stopping || !is_drained(m, now))
        return false;
    close_link(m, &m->in, now);
    if (m->out != &m->in)
        close_link(m, m->out, now);
    return (m->in.link.state == LINK_DOWN && m->out->link.state == LINK_DOWN) ||
           now > m->stop_by - DESTROY_TIME;
}

static double next_deadline(const struct mqtt *m, double now)
{
    double at = now + BEAT;
    if (m->in.link.state == LINK_DOWN && !m->stopping && !m->paused)
        at = fmin(at, m->in.retry_at);
    if (m->out->link.state == LINK_DOWN && !m->stopping)
        at = fmin(at, m->out->retry_at);
    if (m->ready && m->next_beat > now)
        at = fmin(at, m->next_beat);
    if (m->pause_until > now)
        at = fmin(at, m->pause_until);
    return m->stopping ? fmin(at, now + BEAT / 10) : at;
}

static void wait_until(struct mqtt *m, double deadline)
{
    double whole = floor(deadline);
    const struct timespec at = {(time_t)whole, (long)((deadline - whole) * 1e9)};
    while (!m->kicked)
        if (pthread_cond_timedwait(&m->wake, &m->mutex, &at) == ETIMEDOUT)
            break;
    m->kicked = false;
}

static void tend_pause(struct mqtt *m, double now)
{
    static const char reason[] = "the inbox is full, the broker keeps the rest";
    if (!m->paused || m->in.link.state != LINK_UP || m->stopping)
        return;
    memcpy(m->in.link.reason, reason, sizeof reason);
    m->in.failures = 0;
    close_link(m, &m->in, now);
}

static void look_around(struct mqtt *m, double now)
{
    tend_pause(m, now);
    tend_link(m, &m->in, now);
    if (m->out != &m->in)
        tend_link(m, m->out, now);
    tend_filters(m, now);
    tend_heartbeat(m, now);
    mqtt_send_waiting(m, now);
}

static void end(struct mqtt *m)
{
    link_destroy(&m->in.link);
    if (m->out != &m->in)
        link_destroy(&m->out->link);
    mqtt_lock(m);
    for (struct mqtt_flight *f = m->first_flight, *after; f; f = after) {
        after = f->after;
        mqtt_land(m, f);
    }
    m->over = true;
    bool abandoned = m->abandoned;
    pthread_cond_signal(&m->ended);
    mqtt_unlock(m);
    if (abandoned)
        mqtt_free(m);
}

void *mqtt_publisher_run(void *argument)
{
    struct mqtt *m = argument;
    mqtt_lock(m);
    for (;;) {
        double now = mqtt_monotonic();
        look_around(m, now);
        if (leave(m, now))
            break;
        wait_until(m, next_deadline(m, now));
    }
    mqtt_unlock(m);
    end(m);
    return NULL;
}
