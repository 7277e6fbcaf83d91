/* Questions: a what-if is answered at once; a search for advice goes on a slice at a time,
 * with messages and timers in between, and what-ifs are answered meanwhile. */
#include "daemon_parts.h"

#include "twind/log.h"

#include <stdlib.h>
#include <string.h>

enum {
    TOPIC = 1024,
    AGAIN_MS = 1,
    PATIENCE_TURNS = 50, /* behind so many turns of messages no question waits longer */
};
static const double slice = 0.008; /* s of the loop that questions may have in one go */

static void answer(struct daemon *daemon, const struct ask *ask, const struct text *text)
{
    char topic[TOPIC];
    if (ask->response_topic) {
        mqtt_reply(daemon->mqtt, ask->response_topic, ask->correlation,
                   ask->correlation_length, text->at, text->used);
        return;
    }
    ask_result_topic(ask, daemon->config.topic_prefix, topic, sizeof topic);
    teller_publish(daemon->teller, topic, text->at, false);
}

static void suggest(struct daemon *daemon, const char *twin, const struct text *text)
{
    char topic[TOPIC];
    snprintf(topic, sizeof topic, "%s/%s/suggestion", daemon->config.topic_prefix, twin);
    teller_publish(daemon->teller, topic, text->at, true);
}

/* A search that is refused ends here, too. */
static void begin(struct daemon *daemon, struct ask *ask, struct text *text)
{
    if (ask->what == ASK_WHATIF)
        world_whatif(daemon->world, ask->twin, ask->payload, ask->length, text);
    else if ((daemon->advice = world_advise(daemon->world, ask->twin, ask->payload,
                                            ask->length, text))) {
        daemon->asked = ask;
        return;
    }
    answer(daemon, ask, text);
    ask_free(ask);
}

static void end(struct daemon *daemon, struct text *text)
{
    struct ask *ask = daemon->asked;
    bool applied = apply_advice(daemon, daemon->advice);
    advice_answer(daemon->advice, applied, text);
    answer(daemon, ask, text);
    suggest(daemon, ask->twin, text);
    advice_free(daemon->advice);
    ask_free(ask);
    daemon->advice = NULL;
    daemon->asked = NULL;
}

/* False: nothing is left to do. */
static bool work(struct daemon *daemon, struct text *text)
{
    struct ask *ask = asks_take(daemon->asks, daemon->advice != NULL);
    text_clear(text);
    if (ask)
        begin(daemon, ask, text);
    else if (daemon->advice && !advice_step(daemon->advice))
        end(daemon, text);
    else
        return daemon->advice != NULL;
    return true;
}

/* What was asked after a reading is answered after it. */
static bool has_patience(struct daemon *daemon)
{
    if (!daemon->caught_up && daemon->turns_waited++ < PATIENCE_TURNS)
        return true;
    daemon->turns_waited = 0;
    return false;
}

static void on_ask_timer(uv_timer_t *timer)
{
    ask_turn(timer->data);
}

void ask_turn(struct daemon *daemon)
{
    struct text text = {0};
    double until = loop_monotonic() + slice;
    bool more = true;
    if (!has_patience(daemon))
        while (more && loop_monotonic() < until)
            more = work(daemon, &text);
    text_free(&text);
    if (more)
        uv_timer_start(&daemon->ask_timer, on_ask_timer, AGAIN_MS, 0);
}

bool ask_on_paho(struct daemon *daemon, const struct mqtt_message *m)
{
    if (!asks_put_on_paho(daemon->asks, m))
        return false;
    uv_async_send(&daemon->wake);
    return true;
}

void ask_start(struct daemon *daemon)
{
    daemon->asks = asks_new();
    uv_timer_init(&daemon->loop, &daemon->ask_timer);
    daemon->ask_timer.data = daemon;
    apply_start(daemon);
}
