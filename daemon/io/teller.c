#include "twind/teller.h"

#include "twind/compose.h"
#include "twind/log.h"
#include "twind/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOPIC = 640 }; /* prefix, twin and rule have up to 200 characters each */

/* A tag names generation, twin, rule and transition: 4 + 24 + 8 + 28 bits, never 0. The
 * generation tells the tags of a former configuration, whose twins had other numbers. */
enum { TWIN_BITS = 24, RULE_BITS = 8, TRANSITION_BITS = 28, GENERATIONS = 16 };

struct teller_twin {
    double told; /* monotonic s of its last state */
    bool waits;
};

struct teller {
    struct mqtt *mqtt;
    struct engine *engine;
    struct recorder *recorder;
    char *prefix;
    unsigned generation;
    double interval, rate;
    double clock, tokens; /* the rate limit: a bucket */
    struct teller_twin *twins;
    size_t room_twins;
    uint32_t *queue; /* ring of twins whose state waits */
    size_t room_queue, head, n_queue;
    struct text text;
};

static void put(struct teller *teller, const char *topic, unsigned flags, uint64_t tag)
{
    mqtt_publish(teller->mqtt, topic, teller->text.at, teller->text.used, flags, tag);
}

static uint64_t tag_of(const struct teller *teller, const struct twin *twin, size_t rule,
                       uint32_t transition)
{
    uint64_t number = (uint64_t)twin->index + 1;
    if (number >> TWIN_BITS) /* not marked as told: it is told twice after a crash */
        return 0;
    return ((uint64_t)teller->generation << TWIN_BITS | number)
               << (RULE_BITS + TRANSITION_BITS) |
           (uint64_t)rule << TRANSITION_BITS | transition;
}

void teller_delivered(struct teller *teller, uint64_t tag)
{
    uint64_t number = tag >> (RULE_BITS + TRANSITION_BITS);
    uint64_t twin = number & ((1u << TWIN_BITS) - 1);
    size_t rule = tag >> TRANSITION_BITS & ((1u << RULE_BITS) - 1);
    uint32_t transition = tag & ((UINT32_C(1) << TRANSITION_BITS) - 1);
    if (number >> TWIN_BITS != teller->generation || twin < 1 ||
        twin > engine_count(teller->engine))
        return;
    recorder_set_told(teller->recorder, engine_twin(teller->engine, (size_t)twin - 1), rule,
                      transition);
}

static void alert_topic(const struct teller *teller, const struct twin *twin,
                        const char *rule, char to[TOPIC])
{
    snprintf(to, TOPIC, "%s/%s/alert/%s", teller->prefix, twin->id, rule);
}

/* The stream first: who listens there waits for it. */
static void tell(struct teller *teller, const struct engine_alert *alert, bool stream)
{
    char topic[TOPIC];
    size_t rule = (size_t)(alert->rule - alert->twin->plan->rules);
    text_clear(&teller->text);
    compose_alert(&teller->text, alert);
    if (stream) {
        snprintf(topic, sizeof topic, "%s/alerts", teller->prefix);
        put(teller, topic, MQTT_QOS1,
            tag_of(teller, alert->twin, rule, alert->alert->transitions));
    }
    alert_topic(teller, alert->twin, alert->rule->id, topic);
    put(teller, topic, MQTT_RETAIN | MQTT_QOS1, 0);
}

void teller_alert(struct teller *teller, const struct engine_alert *alert)
{
    size_t rule = (size_t)(alert->rule - alert->twin->plan->rules);
    if (alert->alert->transitions > recorder_told(teller->recorder, alert->twin, rule))
        tell(teller, alert, true);
}

void teller_flood(struct teller *teller, const struct flood_summary *flood)
{
    char topic[TOPIC];
    text_clear(&teller->text);
    compose_flood(&teller->text, flood);
    snprintf(topic, sizeof topic, "%s/flood", teller->prefix);
    put(teller, topic, MQTT_QOS1, 0);
}

/* One transition as the history has it. */
struct catching_up {
    struct teller *teller;
    struct engine_alert now;
};

static int word_in(const char *word, int n, const char *(*name)(int))
{
    int i = n - 1;
    while (i > 0 && strcmp(word, name(i)) != 0)
        i--;
    return i;
}

static const char *state_word(int state)
{
    return alert_state_name((enum alert_state)state);
}

static const char *severity_word(int severity)
{
    return severity_name((enum severity)severity);
}

static void tell_stored(void *context, const struct history_alert *stored)
{
    struct catching_up *c = context;
    struct alert past = *c->now.alert;
    struct engine_alert then = c->now;
    past.state = (uint8_t)word_in(stored->state, ALERT_ACTIVE + 1, state_word);
    past.severity = (uint8_t)word_in(stored->severity, SEVERITY_COUNT, severity_word);
    past.acknowledged = stored->acknowledged;
    past.value = stored->value;
    past.limit = stored->limit;
    past.since = stored->time;
    past.transitions = stored->transition;
    then.alert = &past;
    then.time = stored->time;
    snprintf(then.id, sizeof then.id, "%s", stored->id);
    snprintf(then.message, sizeof then.message, "%s", stored->message);
    snprintf(then.cause, sizeof then.cause, "%s", stored->cause);
    tell(c->teller, &then, true);
}

void teller_catch_up(struct teller *teller, struct history *history)
{
    struct err e;
    for (size_t i = 0; i < engine_count(teller->engine); i++) {
        struct twin *twin = engine_twin(teller->engine, i);
        for (size_t rule = 0; rule < twin->plan->n_rules; rule++) {
            uint32_t told = recorder_told(teller->recorder, twin, rule);
            if (twin_alerts(twin)[rule].transitions <= told)
                continue;
            struct catching_up c = {.teller = teller};
            engine_describe(teller->engine, twin, rule, twin_head(twin)->time, &c.now);
            if (!history_alerts_after(history, twin->id, twin->plan->rules[rule].id, told,
                                      tell_stored, &c, &e))
                log_line(LOG_WARNING, "alerts of %s not told before the stop: %s", twin->id,
                         e.text);
        }
    }
}

static void grow_queue(struct teller *teller)
{
    size_t room = teller->room_queue ? 2 * teller->room_queue : 16;
    uint32_t *queue = mem_new(room, sizeof *queue);
    for (size_t i = 0; i < teller->n_queue; i++)
        queue[i] = teller->queue[(teller->head + i) % teller->room_queue];
    free(teller->queue);
    teller->queue = queue;
    teller->room_queue = room;
    teller->head = 0;
}

void teller_changed(struct teller *teller, const struct twin *twin)
{
    teller->twins = mem_grow(teller->twins, &teller->room_twins, (size_t)twin->index + 1,
                             sizeof *teller->twins);
    if (teller->twins[twin->index].waits)
        return;
    if (teller->n_queue == teller->room_queue)
        grow_queue(teller);
    teller->queue[(teller->head + teller->n_queue++) % teller->room_queue] = twin->index;
    teller->twins[twin->index].waits = true;
}

static void tell_state(struct teller *teller, const struct twin *twin, double now)
{
    char topic[TOPIC];
    text_clear(&teller->text);
    compose_state(&teller->text, twin, now, engine_scratch(teller->engine));
    snprintf(topic, sizeof topic, "%s/%s/state", teller->prefix, twin->id);
    put(teller, topic, MQTT_RETAIN | MQTT_NEWEST | MQTT_QOS1, 0);
    recorder_latest(teller->recorder, twin); /* what is told is to be found there, too */
}

void teller_forecast(struct teller *teller, const struct twin *twin,
                     const struct forecast *forecast)
{
    char topic[TOPIC];
    text_clear(&teller->text);
    compose_forecast(&teller->text, forecast);
    snprintf(topic, sizeof topic, "%s/%s/forecast", teller->prefix, twin->id);
    put(teller, topic, MQTT_RETAIN | MQTT_NEWEST | MQTT_QOS1, 0);
}

void teller_health(struct teller *teller, const struct twin *twin, double time)
{
    char topic[TOPIC];
    text_clear(&teller->text);
    compose_health(&teller->text, twin, time);
    snprintf(topic, sizeof topic, "%s/%s/health", teller->prefix, twin->id);
    put(teller, topic, MQTT_RETAIN | MQTT_NEWEST | MQTT_QOS1, 0);
}

static struct twin *next_in_queue(struct teller *teller)
{
    uint32_t index = teller->queue[teller->head];
    teller->head = (teller->head + 1) % teller->room_queue;
    teller->n_queue--;
    teller->twins[index].waits = false;
    return engine_twin(teller->engine, index);
}

void teller_tick(struct teller *teller, double clock, double now)
{
    teller->tokens += (clock - teller->clock) * teller->rate;
    teller->clock = clock;
    if (teller->tokens > teller->rate)
        teller->tokens = teller->rate;
    for (size_t left = teller->n_queue; left > 0 && teller->tokens >= 1; left--) {
        struct twin *twin = next_in_queue(teller);
        if (clock - teller->twins[twin->index].told < teller->interval) {
            teller_changed(teller, twin); /* too soon: back to the end */
            continue;
        }
        tell_state(teller, twin, now);
        teller->twins[twin->index].told = clock;
        teller->tokens -= 1;
    }
}

static void tell_present(struct teller *teller, struct twin *twin)
{
    for (size_t rule = 0; rule < twin->plan->n_rules; rule++) {
        if (twin_alerts(twin)[rule].transitions == 0)
            continue;
        struct engine_alert present;
        engine_describe(teller->engine, twin, rule, twin_head(twin)->time, &present);
        tell(teller, &present, false);
    }
}

static bool has_health(const struct twin *twin)
{
    return twin && twin->plan->n_wear > 0;
}

void teller_connected(struct teller *teller)
{
    for (size_t i = 0; i < engine_count(teller->engine); i++) {
        struct twin *twin = engine_twin(teller->engine, i);
        teller_changed(teller, twin);
        tell_present(teller, twin);
        if (has_health(twin) && twin_head(twin)->time > 0)
            teller_health(teller, twin, twin_head(twin)->time);
    }
}

static bool has_rule(const struct twin *twin, const char *id)
{
    for (size_t i = 0; twin && i < twin->plan->n_rules; i++)
        if (strcmp(twin->plan->rules[i].id, id) == 0)
            return true;
    return false;
}

static bool forecasts(const struct twin *twin)
{
    return twin && twin->plan->forecast.every > 0;
}

static void retract_all_of(struct teller *teller, const struct twin *gone)
{
    static const char *const words[] = {"state", "suggestion", "commission"};
    char topic[TOPIC];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        snprintf(topic, sizeof topic, "%s/%s/%s", teller->prefix, gone->id, words[i]);
        put(teller, topic, MQTT_RETAIN | MQTT_QOS1, 0);
    }
}

void teller_retract(struct teller *teller, const struct engine *former)
{
    char topic[TOPIC];
    text_clear(&teller->text);
    text_bytes(&teller->text, "", 0);
    for (size_t i = 0; i < engine_count(former); i++) {
        const struct twin *old = engine_twin(former, i);
        const struct twin *twin = engine_find(teller->engine, old->id);
        for (size_t rule = 0; rule < old->plan->n_rules; rule++) {
            if (has_rule(twin, old->plan->rules[rule].id))
                continue;
            alert_topic(teller, old, old->plan->rules[rule].id, topic);
            put(teller, topic, MQTT_RETAIN | MQTT_QOS1, 0);
        }
        if (!twin)
            retract_all_of(teller, old);
        snprintf(topic, sizeof topic, "%s/%s/forecast", teller->prefix, old->id);
        if (forecasts(old) && !forecasts(twin))
            put(teller, topic, MQTT_RETAIN | MQTT_QOS1, 0);
        snprintf(topic, sizeof topic, "%s/%s/health", teller->prefix, old->id);
        if (has_health(old) && !has_health(twin))
            put(teller, topic, MQTT_RETAIN | MQTT_QOS1, 0);
    }
}

void teller_publish(struct teller *teller, const char *topic, const char *json, bool retain)
{
    mqtt_publish(teller->mqtt, topic, json, strlen(json),
                 MQTT_QOS1 | (retain ? MQTT_RETAIN : 0), 0);
}

struct teller *teller_new(const struct teller_options *options, struct engine *engine,
                          struct recorder *recorder, struct mqtt *mqtt)
{
    struct teller *teller = mem_new(1, sizeof *teller);
    teller->mqtt = mqtt;
    teller->engine = engine;
    teller->recorder = recorder;
    teller->prefix = mem_text(options->prefix);
    teller->generation = options->generation % GENERATIONS;
    teller->interval = options->interval;
    teller->rate = options->rate;
    return teller;
}

void teller_free(struct teller *teller)
{
    if (!teller)
        return;
    free(teller->prefix);
    free(teller->twins);
    free(teller->queue);
    text_free(&teller->text);
    free(teller);
}
