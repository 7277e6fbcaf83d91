/* Messages of any bytes, at any time, through a whole configuration: bindings of each
 * format, a fleet, rules of each type, commands. Whatever comes, every number that is told
 * is finite, every answer is JSON, and time is never lost.
 *
 * A message is: a topic by number (or 'T', a text and a newline), how time passes, and the
 * payload up to a 0x1E. The first byte says which clock. */
#include "twind/json.h"
#include "twind/log.h"
#include "twind/world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const topics[] = {
    "gh/1",
    "gh/2",
    "gh/out",
    "b/rooms",
    "b/out",
    "b/pulse",
    "air/senml",
    "air/list",
    "site/a/t",
    "site/b/t",
    "site/b/deep/er",
    "twind/gh1/set/heating_setpoint",
    "twind/b1/set/heating_setpoint",
    "twind/m-a/set/level",
    "twind/gh1/alert/heat/set",
    "twind/gh1/alert/falling/set",
    "twind/m-b/alert/stuck/set",
    "twind/no/set/thing",
};

enum { N_TOPICS = sizeof topics / sizeof *topics };

/* How time passes: mostly by little, for a leap costs a thousand steps of each twin. */
static const double passes[] = {0, 0.001, 1, 10, 60, 240, -0.5, -30};
static const double leaps[] = {3600, -3600, 86400, -86400, 1e7, -1e7, 3e9, -3e9};

static double pass(uint8_t byte)
{
    return byte < 248 ? passes[byte % 8] : leaps[byte - 248];
}

static void require(bool promise)
{
    if (!promise)
        abort();
}

static void say(void *context, bool warning, const char *text)
{
    (void)context;
    if (!warning)
        fprintf(stderr, "%s\n", text);
}

static void on_reading(void *context, struct twin *twin, size_t sensor, double time,
                       double value, enum quality quality)
{
    (void)context;
    require(sensor < twin->plan->n_sensors && isfinite(time));
    require(isfinite(value) || quality != QUALITY_GOOD);
}

static void on_state(void *context, struct twin *twin)
{
    const struct kind *kind = twin->plan->kind;
    struct world **world = context;
    for (size_t i = 0; i < kind->n_outputs; i++) {
        double sd;
        double value = twin_estimate(twin, i, &sd, engine_scratch(world_engine(*world)));
        require(!isinf(value) && !isinf(sd));
    }
}

static void on_alert(void *context, const struct engine_alert *alert)
{
    (void)context;
    require(memchr(alert->message, 0, sizeof alert->message) && isfinite(alert->time));
}

static void on_changed(void *context, struct twin *twin)
{
    (void)context;
    require(twin->block != NULL);
}

static void on_created(void *context, struct engine *engine, struct twin *twin)
{
    (void)context;
    require(engine_find(engine, twin->id) == twin);
}

static void on_publish(void *context, const char *topic, const char *payload, bool retain)
{
    struct json_document document;
    struct err e;
    size_t length = strlen(topic);
    (void)context;
    (void)retain;
    if (length > 7 && strcmp(topic + length - 7, "/result") == 0) {
        require(json_read_text(payload, &document, &e));
        json_document_free(&document);
    }
}

static void on_commanded(void *context, double time, const char *twin, const char *input,
                         const char *value, const char *source, const char *result)
{
    (void)context;
    require(!isnan(time) && twin && input && value && source && *result);
}

/* world.json, as it is or under `clock: event`. */
static void load(bool by_event, struct config *config)
{
    char text[16384];
    const struct config_report report = {NULL, say};
    FILE *file = fopen(WORLD, "r");
    require(file && getc(file) == '{');
    size_t used =
        (size_t)snprintf(text, sizeof text, "{%s", by_event ? "\"clock\": \"event\"," : "");
    used += fread(text + used, 1, sizeof text - used - 1, file);
    text[used] = '\0';
    require(feof(file) && config_load_text(text, &report, config));
    fclose(file);
}

static const struct config *configuration(bool by_event)
{
    static struct config loaded[2];
    if (!loaded[by_event].n_twins)
        load(by_event, &loaded[by_event]);
    return &loaded[by_event];
}

static const uint8_t *cut(const uint8_t *at, const uint8_t *end, int mark)
{
    const uint8_t *found = memchr(at, mark, (size_t)(end - at));
    return found ? found : end;
}

/* One message, taken off the front. */
static const uint8_t *feed(struct world *world, const uint8_t *at, const uint8_t *end,
                           double *now)
{
    struct world_message m = {.received = *now};
    if (*at == 'T') {
        const uint8_t *newline = cut(++at, end, '\n');
        m.topic = (const char *)at;
        m.topic_length = (size_t)(newline - at);
        at = newline;
    } else {
        m.topic = topics[*at % N_TOPICS];
        m.topic_length = strlen(m.topic);
        m.retained = *at & 0x80;
    }
    at += at < end;
    if (at < end)
        *now += pass(*at++);
    const uint8_t *stop = cut(at, end, 0x1E);
    m.received = *now;
    m.payload = (const char *)at;
    m.payload_length = (size_t)(stop - at);
    world_take(world, &m);
    return stop + (stop < end);
}

static void require_sane(struct world *world)
{
    struct engine *engine = world_engine(world);
    for (size_t i = 0; i < engine_count(engine); i++)
        on_state(&world, engine_twin(engine, i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct world *world = NULL;
    const struct engine_sink sink = {.context = &world,
                                     .reading = on_reading,
                                     .state = on_state,
                                     .alert = on_alert,
                                     .changed = on_changed};
    const struct world_hooks hooks = {&world, on_created, on_publish, on_commanded};
    const uint8_t *at = data + 1, *end = data + size;
    double now = 1.7e9;
    log_set_level(LOG_ERROR - 1);
    world = world_new(configuration(*data & 1), &sink, &hooks);
    while (at < end)
        at = feed(world, at, end, &now);
    require_sane(world);
    world_tick(world, now + 600);
    require_sane(world);
    world_free(world);
    return 0;
}
