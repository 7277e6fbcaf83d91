/* Commands under the prefix: TWIN/set/INPUT, TWIN/alert/RULE/set and TWIN/serviced. */
#include "world_parts.h"

#include "twind/input_value.h"
#include "twind/log.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WORD = 256, PAYLOAD = 64, LEVELS = 4 };

/* The topic's levels after the prefix. */
struct levels {
    char text[4 * WORD];
    char *at[LEVELS];
    size_t n; /* LEVELS + 1: more */
};

static bool split(const struct world *world, const struct world_message *m,
                  struct levels *l)
{
    size_t prefix = world->prefix;
    if (m->topic_length <= prefix + 1 || m->topic[prefix] != '/' ||
        memcmp(m->topic, world->config->topic_prefix, prefix) != 0)
        return false;
    size_t length = m->topic_length - prefix - 1;
    if (length >= sizeof l->text || memchr(m->topic, '\0', m->topic_length))
        return false;
    memcpy(l->text, m->topic + prefix + 1, length);
    l->text[length] = '\0';
    l->n = 0;
    for (char *at = l->text; at && l->n <= LEVELS; l->n++) {
        if (l->n < LEVELS)
            l->at[l->n] = at;
        at = strchr(at, '/');
        if (at)
            *at++ = '\0';
    }
    return true;
}

static bool is_set(const struct levels *l)
{
    return l->n == 3 && strcmp(l->at[1], "set") == 0;
}

static bool is_alert(const struct levels *l)
{
    return l->n == 4 && strcmp(l->at[1], "alert") == 0 && strcmp(l->at[3], "set") == 0;
}

static bool is_serviced(const struct levels *l)
{
    return l->n == 2 && strcmp(l->at[1], "serviced") == 0;
}

/* "{value}" in an actuator's payload, names of the fleet in its topic. */
static void replace(struct text *to, const char *pattern, const char *name,
                    const char *with)
{
    const char *found;
    while ((found = strstr(pattern, name)) != NULL) {
        text_bytes(to, pattern, (size_t)(found - pattern));
        text_put(to, "%s", with);
        pattern = found + strlen(name);
    }
    text_put(to, "%s", pattern);
}

static const struct config_actuator *actuator_of(const struct config_twin *origin,
                                                 size_t signal)
{
    for (size_t i = 0; i < origin->n_actuators; i++)
        if (origin->actuators[i].signal == signal)
            return &origin->actuators[i];
    return NULL;
}

static void forward(struct world *world, const struct config_actuator *actuator,
                    const char *topic, double value)
{
    char number[32];
    struct text payload = {0};
    snprintf(number, sizeof number, "%.10g", value);
    replace(&payload, actuator->payload, "{value}", number);
    world->hooks.publish(world->hooks.context, topic, payload.at, actuator->retain);
    text_free(&payload);
}

double world_clock(const struct world *world, const struct twin *twin)
{
    return world->config->event_clock && twin ? twin_head(twin)->judged : world->now;
}

static bool set(struct world *world, const char *id, const char *input, const char *text,
                struct err *e)
{
    struct twin *twin = engine_find(world->engine, id);
    if (!twin)
        return err_set(e, "there is no twin '%.80s'", id);
    size_t signal = plan_signal(twin->plan->kind, input);
    if (signal >= twin->plan->kind->n_inputs)
        return err_set(e, "'%.80s' is no input of a %s (twinctl kinds %s lists them)",
                       input, twin->plan->kind->name, twin->plan->kind->name);
    const struct config_actuator *actuator = actuator_of(world_origin(world, twin), signal);
    char topic[4 * WORD];
    if (actuator && !world_fill(world, twin, actuator->topic, topic, sizeof topic))
        return err_set(e,
                       "which device of %s is meant is not known before its first message",
                       twin->id);
    double value = NAN;
    if (!input_value_read(plan_row(twin->plan->kind, signal), text, &value, e) ||
        !engine_set(world->engine, twin, input, value, world_clock(world, twin), e))
        return false;
    if (actuator)
        forward(world, actuator, topic, value);
    return true;
}

bool world_set(struct world *world, const char *id, const char *input, const char *value,
               const char *source, struct err *e)
{
    bool ok = set(world, id, input, value, e);
    world->hooks.commanded(world->hooks.context,
                           world_clock(world, engine_find(world->engine, id)), id, input,
                           value, source, ok ? "ok" : e->text);
    return ok;
}

static void answer(struct world *world, const char *about, bool ok, const struct err *e)
{
    char topic[5 * WORD];
    snprintf(topic, sizeof topic, "%s/%s/result", world->config->topic_prefix, about);
    text_clear(&world->answer);
    text_put(&world->answer, "{\"ok\":%s", ok ? "true" : "false");
    if (!ok) {
        text_put(&world->answer, ",\"error\":");
        text_quoted(&world->answer, e->text);
        world->stats.bad_command++;
    }
    text_put(&world->answer, "}");
    world->hooks.publish(world->hooks.context, topic, world->answer.at, false);
}

static void take_set(struct world *world, const struct levels *l, const char *text)
{
    struct err e;
    char about[3 * WORD];
    bool ok = world_set(world, l->at[0], l->at[2], text, "mqtt", &e);
    snprintf(about, sizeof about, "%s/set/%s", l->at[0], l->at[2]);
    answer(world, about, ok, &e);
}

static void take_alert(struct world *world, const struct levels *l, const char *text)
{
    struct err e;
    char about[4 * WORD], input[2 * WORD];
    struct twin *twin = engine_find(world->engine, l->at[0]);
    bool ok = twin ? engine_alert_command(world->engine, twin, l->at[2], text,
                                          world_clock(world, twin), &e)
                   : err_set(&e, "there is no twin '%.80s'", l->at[0]);
    snprintf(about, sizeof about, "%s/alert/%s/set", l->at[0], l->at[2]);
    answer(world, about, ok, &e);
    snprintf(input, sizeof input, "alert/%s", l->at[2]);
    world->hooks.commanded(world->hooks.context,
                           world_clock(world, engine_find(world->engine, l->at[0])),
                           l->at[0], input, text, "mqtt", ok ? "ok" : e.text);
}

static void take_serviced(struct world *world, const struct levels *l,
                          const struct world_message *m)
{
    struct err e;
    char about[2 * WORD];
    bool ok = world_serve(world, l->at[0], m, &e);
    snprintf(about, sizeof about, "%s/serviced", l->at[0]);
    answer(world, about, ok, &e);
}

/* The payload as a word: white space around it is nothing. False: it is too long for one,
 * or binary. */
static bool read_word(const struct world_message *m, char text[PAYLOAD])
{
    text[0] = '\0';
    if (m->payload_length == 0)
        return true;
    const char *at = m->payload, *end = at + m->payload_length;
    while (at < end && strchr(" \t\r\n", *at) && *at)
        at++;
    while (end > at && strchr(" \t\r\n", end[-1]) && end[-1])
        end--;
    size_t length = (size_t)(end - at);
    if (length >= PAYLOAD || memchr(at, '\0', length))
        return false;
    memcpy(text, at, length);
    text[length] = '\0';
    return true;
}

bool command_take(struct world *world, const struct world_message *m)
{
    struct levels l;
    if (!split(world, m, &l) || (!is_set(&l) && !is_alert(&l) && !is_serviced(&l)))
        return false;
    char text[PAYLOAD];
    if (m->retained) { /* said once, long ago: not to be done again on each connect */
        world->stats.bad_command++;
        log_line(LOG_WARNING, "a retained command on %s/%s is not carried out: clear it",
                 l.at[0], l.at[1]);
        return true;
    }
    if (is_serviced(&l)) {
        take_serviced(world, &l, m);
        return true;
    }
    if (!read_word(m, text))
        snprintf(text, sizeof text, "(%zu bytes)", m->payload_length);
    if (is_set(&l))
        take_set(world, &l, text);
    else
        take_alert(world, &l, text);
    return true;
}
