/* Messages on their way: taken from the outbox, in Paho's hands, at the broker or back. */
#include "mqtt_publisher.h"

#include "twind/log.h"
#include "twind/mem.h"

#include <stdlib.h>

#define PAUSE 0.1 /* s after Paho has taken nothing */

enum { IN_FLIGHT_MAX = 256 };

static void unlink_flight(struct mqtt *m, struct mqtt_flight *f)
{
    *(f->before ? &f->before->after : &m->first_flight) = f->after;
    *(f->after ? &f->after->before : &m->last_flight) = f->before;
    if (f->message)
        m->n_flights--;
}

void mqtt_land(struct mqtt *m, struct mqtt_flight *f)
{
    unlink_flight(m, f);
    if (f->message)
        outbox_end(f->message);
    free(f);
}

/* Takes a message back to be sent again. Paho may still tell of the flight. */
static void take_back(struct mqtt *m, struct mqtt_flight *f)
{
    if (f->message) {
        outbox_return(m->outbox, f->message);
        f->message = NULL;
        m->n_flights--;
    }
    if (f->lost)
        mqtt_land(m, f);
}

void mqtt_take_back(struct mqtt *m, bool only_lost)
{
    for (struct mqtt_flight *f = m->last_flight, *before; f; f = before) {
        before = f->before;
        if (f->lost || !only_lost)
            take_back(m, f);
    }
}

static void ended_on_paho(struct link_publication *publication, enum link_sent how,
                          int code)
{
    struct mqtt_flight *f = (struct mqtt_flight *)(void *)publication;
    struct mqtt *m = f->mqtt;
    mqtt_lock(m);
    uint64_t tag = how == LINK_SENT && f->message ? f->message->item.tag : 0;
    if (how == LINK_LOST && f->message) {
        f->lost = true; /* the publisher puts it back in its order */
        mqtt_kick(m);
    } else {
        m->published += how == LINK_SENT;
        m->refused += how == LINK_REFUSED;
        if (how == LINK_REFUSED && f->message && log_worth(&m->refused_messages))
            log_line(LOG_WARNING, "broker %s: refuses what is published on %s (code %d)",
                     m->options.url, f->message->item.topic, code);
        mqtt_land(m, f);
        if (outbox_count(m->outbox) > 0 || m->stopping)
            mqtt_kick(m);
    }
    mqtt_unlock(m);
    if (tag && m->hooks.delivered_on_paho)
        m->hooks.delivered_on_paho(m->hooks.context, tag);
}

static struct mqtt_flight *start_flight(struct mqtt *m, struct outbox_message *message)
{
    struct mqtt_flight *f = mem_new(1, sizeof *f);
    f->publication.ended = ended_on_paho;
    f->mqtt = m;
    f->message = message;
    f->before = m->last_flight;
    /* the analyzer does not know that the last one has none after it
     * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
    *(f->before ? &f->before->after : &m->first_flight) = f;
    m->last_flight = f;
    m->n_flights++;
    return f;
}

/* Sends what waits while Paho takes it. */
void mqtt_send_waiting(struct mqtt *m, double now)
{
    mqtt_take_back(m, true);
    while (m->out->was_up && m->out->link.state == LINK_UP &&
           m->n_flights < IN_FLIGHT_MAX && now >= m->pause_until) {
        struct outbox_message *message = outbox_take(m->outbox);
        if (!message)
            return;
        struct mqtt_flight *f = start_flight(m, message);
        mqtt_unlock(m);
        bool taken = link_publish(&m->out->link, &message->item, &f->publication);
        mqtt_lock(m);
        if (!taken) {
            f->lost = true;
            take_back(m, f);
            m->pause_until = now + PAUSE;
        }
    }
}
