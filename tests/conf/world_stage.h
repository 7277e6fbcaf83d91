/* A world from a configuration's text, with everything that comes out of it written down.
 */
#ifndef TESTS_WORLD_STAGE_H
#define TESTS_WORLD_STAGE_H

#include "config_heard.h"

#include "twind/log.h"
#include "twind/text.h"
#include "twind/world.h"

enum { STAGE_MAX = 256 };

struct stage_reading {
    char twin[64], signal[64];
    double time, value;
    enum quality quality;
};

struct stage {
    struct config config;
    struct world *world;
    struct stage_reading readings[STAGE_MAX];
    size_t n_readings, n_alerts, n_created;
    struct text published; /* "TOPIC PAYLOAD\n", "retained " before it */
    struct text commands;  /* "TWIN INPUT VALUE: RESULT\n" */
};

static inline void stage_reading(void *context, struct twin *twin, size_t sensor,
                                 double time, double value, enum quality quality)
{
    struct stage *stage = context;
    assert_true(stage->n_readings < STAGE_MAX);
    struct stage_reading *r = &stage->readings[stage->n_readings++];
    *r = (struct stage_reading){.time = time, .value = value, .quality = quality};
    snprintf(r->twin, sizeof r->twin, "%s", twin->id);
    snprintf(r->signal, sizeof r->signal, "%s",
             plan_row(twin->plan->kind, twin->plan->sensors[sensor].signal)->name);
}

static inline void stage_alert(void *context, const struct engine_alert *alert)
{
    struct stage *stage = context;
    (void)alert;
    stage->n_alerts++;
}

static inline void stage_created(void *context, struct engine *engine, struct twin *twin)
{
    struct stage *stage = context;
    assert_ptr_equal(engine_find(engine, twin->id), twin);
    stage->n_created++;
}

static inline void stage_publish(void *context, const char *topic, const char *payload,
                                 bool retain)
{
    struct stage *stage = context;
    text_put(&stage->published, "%s%s %s\n", retain ? "retained " : "", topic, payload);
}

static inline void stage_commanded(void *context, double time, const char *twin,
                                   const char *input, const char *value, const char *source,
                                   const char *result)
{
    struct stage *stage = context;
    (void)time;
    assert_string_equal(source, "mqtt");
    text_put(&stage->commands, "%s %s %s: %s\n", twin, input, value, result);
}

/* The text is JSON with ' for ". */
static inline void stage_load(struct stage *stage, const char *text)
{
    char json[8192];
    assert_true(strlen(text) < sizeof json);
    strcpy(json, text);
    for (char *at = json; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    *stage = (struct stage){.n_readings = 0};
    load_well(json, &stage->config);
}

static inline void stage_enter(struct stage *stage)
{
    const struct engine_sink sink = {
        .context = stage, .reading = stage_reading, .alert = stage_alert};
    const struct world_hooks hooks = {stage, stage_created, stage_publish, stage_commanded};
    log_set_level(LOG_ERROR);
    text_put(&stage->published, "%s", "");
    text_put(&stage->commands, "%s", "");
    stage->world = world_new(&stage->config, &sink, &hooks);
}

static inline void stage_begin(struct stage *stage, const char *text)
{
    stage_load(stage, text);
    stage_enter(stage);
}

static inline void stage_end(struct stage *stage)
{
    world_free(stage->world);
    text_free(&stage->published);
    text_free(&stage->commands);
    config_clear(&stage->config);
}

static inline void stage_say(struct stage *stage, double time, const char *topic,
                             const char *payload)
{
    world_take(stage->world, &(struct world_message){.topic = topic,
                                                     .topic_length = strlen(topic),
                                                     .payload = payload,
                                                     .payload_length = strlen(payload),
                                                     .received = time});
}

static inline void stage_say_retained(struct stage *stage, double time, const char *topic,
                                      const char *payload)
{
    world_take(stage->world, &(struct world_message){.topic = topic,
                                                     .topic_length = strlen(topic),
                                                     .payload = payload,
                                                     .payload_length = strlen(payload),
                                                     .received = time,
                                                     .retained = true});
}

static inline struct twin *stage_twin(const struct stage *stage, const char *id)
{
    return engine_find(world_engine(stage->world), id);
}

/* The reading number i was this. */
static inline void stage_expect(const struct stage *stage, size_t i, const char *twin,
                                const char *signal, double time, double value)
{
    if (i >= stage->n_readings)
        fail_msg("%zu readings, not %zu", stage->n_readings, i + 1);
    assert_string_equal(stage->readings[i].twin, twin);
    assert_string_equal(stage->readings[i].signal, signal);
    assert_close(stage->readings[i].time, time, 1e-6);
    assert_close(stage->readings[i].value, value, 1e-9 * fabs(value));
}

#endif
