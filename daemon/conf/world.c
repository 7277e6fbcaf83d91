#include "world_parts.h"

#include "twind/fleet.h"
#include "twind/json.h"
#include "twind/log.h"
#include "twind/mem.h"
#include "twind/wear.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A route's target: a twin and a binding; the twin of a fleet is yet to be found. */
#define FLEET UINT32_MAX

static uint64_t target_of(uint32_t twin, size_t binding)
{
    return (uint64_t)twin << 32 | binding;
}

void world_refuse(struct world *world, enum world_refusal what,
                  const struct world_message *m, const char *why)
{
    uint64_t *const counts[] = {&world->stats.unrouted,   &world->stats.no_value,
                                &world->stats.bad_value,  &world->stats.bad_unit,
                                &world->stats.fleet_full, &world->stats.too_many};
    ++*counts[what];
    if (!world->heard && log_worth(&world->said[what]))
        log_line(what == WORLD_NO_VALUE ? LOG_DEBUG : LOG_WARNING,
                 "topic %.*s: %s (%lu so far)",
                 (int)(m->topic_length < 200 ? m->topic_length : 200), m->topic, why,
                 world->said[what]);
}

/* ---- twins ---- */

bool world_fill(const struct world *world, const struct twin *twin, const char *pattern,
                char *to, size_t size)
{
    struct route_match match;
    struct err e;
    const struct config_twin *origin = world_origin(world, twin);
    if (twin->index < world->room_names && world->names[twin->index])
        fleet_recall(origin->id, world->names[twin->index], &match);
    else if (fleet_match(origin->id, twin->id, &match) != FLEET_ONE)
        return false;
    return route_fill(pattern, &match, to, size, &e);
}

static struct twin *create(struct world *world, uint32_t origin, const char *id,
                           const char *name)
{
    const struct config_twin *from = &world->config->twins[origin];
    struct plan *plan = config_plan(world->config, from, id);
    struct twin *twin = engine_add(world->engine, id, name, plan);
    world->origins = mem_grow(world->origins, &world->room_origins, (size_t)twin->index + 1,
                              sizeof *world->origins);
    world->origins[twin->index] = origin;
    world->fleet_twins[origin]++;
    world->hooks.created(world->hooks.context, world->engine, twin);
    engine_restored(world->engine, twin);
    return twin;
}

/* What a fleet's names stand for: by a message's topic, or by the id alone. */
struct member {
    uint32_t origin;
    const char *id;
    const struct route_match *match;
};

static struct twin *add_member(struct world *world, const struct member *member)
{
    const struct config_twin *fleet = &world->config->twins[member->origin];
    char name[FLEET_ID];
    struct err e;
    bool named =
        fleet->name && route_fill(fleet->name, member->match, name, sizeof name, &e);
    return create(world, member->origin, member->id, named ? name : NULL);
}

/* Where the id can be read in several ways, the first topic decides. False: it was another.
 */
static bool agree(struct world *world, const struct twin *twin, const struct member *member)
{
    const char *pattern = world->config->twins[member->origin].id;
    struct route_match match;
    if (fleet_match(pattern, twin->id, &match) == FLEET_ONE)
        return true;
    char *names = fleet_keep(pattern, member->match);
    world->names = mem_grow(world->names, &world->room_names, (size_t)twin->index + 1,
                            sizeof *world->names);
    char **kept = &world->names[twin->index];
    bool same = names && (!*kept || strcmp(*kept, names) == 0);
    if (names && !*kept)
        *kept = names;
    else
        free(names);
    return same;
}

/* The fleet's twin with this id, made if there is room. NULL: e says why not. */
static struct twin *find_or_add(struct world *world, const struct member *member,
                                struct err *e)
{
    const struct config_twin *fleet = &world->config->twins[member->origin];
    struct twin *twin = engine_find(world->engine, member->id);
    if (twin && world->origins[twin->index] != member->origin) {
        err_set(e, "the id %s is another entry's twin", member->id);
        return NULL;
    }
    if (!twin && world->fleet_twins[member->origin] >= fleet->max) {
        err_set(e, "the fleet %s has its \"max\" of %zu twins", fleet->id, fleet->max);
        return NULL;
    }
    return twin ? twin : add_member(world, member);
}

struct twin *world_revive(struct world *world, const char *id)
{
    struct route_match match;
    struct err e;
    for (size_t i = 0; i < world->config->n_twins; i++)
        if (world->config->twins[i].fleet &&
            fleet_match(world->config->twins[i].id, id, &match) != FLEET_NONE)
            return find_or_add(world, &(struct member){(uint32_t)i, id, &match}, &e);
    return NULL;
}

struct seeking {
    struct world *world;
    const struct world_message *message;
};

static uint64_t resolve(void *context, const struct route_match *match)
{
    struct seeking *seeking = context;
    struct world *world = seeking->world;
    if (match->target >> 32 != FLEET)
        return match->target;
    size_t binding = (uint32_t)match->target;
    uint32_t origin = world->bindings[binding].origin;
    char id[FLEET_ID];
    struct err e;
    struct twin *twin = NULL;
    const struct member member = {origin, id, match};
    if (route_fill(world->config->twins[origin].id, match, id, sizeof id, &e))
        twin = find_or_add(world, &member, &e);
    if (twin && agree(world, twin, &member))
        return target_of(twin->index, binding);
    if (twin)
        err_set(&e, "another topic has made the twin %s: its id must tell them apart", id);
    world_refuse(world, WORLD_FLEET_FULL, seeking->message, e.text);
    return ROUTE_NOTHING;
}

/* ---- messages ---- */

/* In the signal's own unit; NAN where the sample is no number. */
static double own_value(struct world *world, const struct twin *twin,
                        const struct payload_sample *sample)
{
    double temperature = 0, pressure = 0;
    if (sample->verdict != PAYLOAD_VALUE)
        return NAN;
    if (sample->unit.gas == 0)
        return sample->value;
    twin_air(twin, &temperature, &pressure, engine_scratch(world->engine));
    return units_apply(&sample->unit, sample->value, temperature, pressure);
}

static void refuse_sample(struct world *world, const struct world_message *m,
                          const struct payload_sample *sample, const char *why)
{
    if (sample->verdict == PAYLOAD_UNIT)
        world_refuse(world, WORLD_BAD_UNIT, m,
                     why ? why : "a unit that can't be converted");
    else
        world_refuse(world, WORLD_BAD_VALUE, m, why ? why : "no number");
}

/* Decodes one binding's samples, appending them to the twin's readings. */
static double milliseconds(double time)
{
    return round(time * 1000);
}

/* Readings stamped by their arrival come one after another however fast they come: a sensor
 * has at most one a millisecond, and the history's order is theirs. */
static double arrival(double time, double last)
{
    bool burst = milliseconds(time) <= milliseconds(last) && last - time < 1;
    return burst ? (milliseconds(last) + 1) / 1000 : time;
}

static void take_charge(struct payload *payload, struct twin *twin,
                        const struct config_binding *binding)
{
    static const double percent = 0.01;
    struct payload_sample charge;
    if (payload_decode(payload, binding->battery, &charge, 1, NULL) == 1 &&
        charge.verdict == PAYLOAD_VALUE)
        wear_charge(twin, binding->sensor, percent * charge.value);
}

static size_t gather(struct world *world, const struct world_message *m,
                     struct payload *payload, struct twin *twin,
                     const struct config_binding *binding, size_t n)
{
    const char *why = NULL;
    size_t found =
        payload_decode(payload, binding->mapping, world->samples, WORLD_SAMPLES - n, &why);
    if (payload->left > 0)
        world_refuse(world, WORLD_TOO_MANY, m,
                     "more readings in one message than are taken");
    else if (found == 0)
        world_refuse(world, WORLD_NO_VALUE, m, why ? why : "no value for this binding");
    double last = twin_sensors(twin)[binding->sensor].time; /* NAN: never seen */
    if (binding->battery && !world->heard)
        take_charge(payload, twin, binding);
    for (size_t i = 0; i < found; i++) {
        struct payload_sample *sample = &world->samples[i];
        if (sample->verdict != PAYLOAD_VALUE)
            refuse_sample(world, m, sample, why);
        if (!sample->timed && !m->retained)
            last = sample->time = arrival(sample->time, last);
        world->readings[n++] = (struct engine_reading){
            .sensor = binding->sensor,
            .time = sample->time,
            .value = own_value(world, twin, sample),
            .retained = m->retained,
            .timed = sample->timed,
        };
    }
    return n;
}

/* By time, then by sensor: the order does not depend on that of the bindings. */
static int compare_readings(const void *a, const void *b)
{
    const struct engine_reading *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->sensor > y->sensor) - (x->sensor < y->sensor);
}

static void follow_time(struct world *world, struct twin *twin, double time)
{
    double latest = fmax(twin_head(twin)->judged, twin_head(twin)->time);
    if (!isfinite(time) || time <= latest)
        time = latest;
    world->now = fmax(world->now, time);
    engine_advance_twin(world->engine, twin, time);
}

static bool tells_time(const struct engine_reading *r)
{
    return !isnan(r->value) && (!r->retained || r->timed);
}

/* Under `clock: event` a twin lives in the time of its own readings: from moment to moment,
 * so that none of one message makes another late. What is retained or bad moves no clock.
 */
static void apply_by_time(struct world *world, struct twin *twin, size_t n)
{
    struct engine_reading *r = world->readings;
    qsort(r, n, sizeof *r, compare_readings);
    for (size_t i = 0, j; i < n; i = j) {
        bool tells = tells_time(&r[i]);
        for (j = i + 1; j < n && r[j].time == r[i].time; j++)
            tells |= tells_time(&r[j]);
        follow_time(world, twin, tells ? r[i].time : 0);
        engine_apply(world->engine, twin, r + i, j - i);
    }
}

void world_apply(struct world *world, struct twin *twin, size_t n)
{
    if (n == 0)
        return;
    if (world->heard)
        for (size_t i = 0; i < n; i++)
            world->heard(world->listener, twin, &world->readings[i]);
    else if (world->config->event_clock)
        apply_by_time(world, twin, n);
    else
        engine_apply(world->engine, twin, world->readings, n);
}

/* The targets of one topic come twin by twin: all readings of a twin are applied at once.
 */
static void deliver(struct world *world, const struct world_message *m,
                    const uint64_t *targets, size_t n_targets)
{
    struct payload payload = {.json = world->json,
                              .text = m->payload,
                              .length = m->payload_length,
                              .received = m->received};
    struct twin *twin = NULL;
    size_t n = 0;
    for (size_t i = 0; i < n_targets; i++) {
        struct twin *next = engine_twin(world->engine, (size_t)(targets[i] >> 32));
        if (next != twin) {
            world_apply(world, twin, n);
            n = 0;
        }
        twin = next;
        const struct world_binding *target = &world->bindings[(uint32_t)targets[i]];
        if (target->future)
            world_give(world, m, &payload, twin, target->future);
        else
            n = gather(world, m, &payload, twin, target->binding, n);
    }
    world_apply(world, twin, n);
}

void world_take(struct world *world, const struct world_message *m)
{
    world->stats.messages++;
    if (!m->past)
        world_tick(world, m->received);
    if (!world->heard && command_take(world, m))
        return;
    const uint64_t *targets;
    size_t n = route_find(world->route, m->topic, m->topic_length, &targets);
    if (n == 0) {
        struct seeking seeking = {world, m};
        n = route_resolve(world->route, m->topic, m->topic_length, resolve, &seeking,
                          &targets);
    }
    if (n == 0)
        world_refuse(world, WORLD_UNROUTED, m, "no binding for this topic");
    else
        deliver(world, m, targets, n);
}

void world_tick(struct world *world, double now)
{
    if (world->config->event_clock || world->heard)
        return;
    double back = engine_advance(world->engine, now);
    if (back > 0)
        log_line(LOG_WARNING, "the clock went back by %.0f s: the twins go with it", back);
    world->now = now;
}

/* ---- wiring ---- */

static void add_filter(struct world *world, size_t *room, const char *filter)
{
    world->filters =
        mem_grow(world->filters, room, world->n_filters + 1, sizeof *world->filters);
    world->filters[world->n_filters++] = mem_text(filter);
}

static int compare_filters(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void drop_equal_filters(struct world *world)
{
    qsort(world->filters, world->n_filters, sizeof *world->filters, compare_filters);
    size_t kept = 0;
    for (size_t i = 0; i < world->n_filters; i++)
        if (kept > 0 && strcmp(world->filters[kept - 1], world->filters[i]) == 0)
            free(world->filters[i]);
        else
            world->filters[kept++] = world->filters[i];
    world->n_filters = kept;
}

static void build_filters(struct world *world)
{
    static const char *const commands[] = {"%s/+/set/+", "%s/+/alert/+/set", "%s/+/whatif",
                                           "%s/+/serviced", "%s/+/optimise"};
    size_t room = 0;
    char filter[65536];
    for (size_t i = 0; i < world->n_bindings; i++) {
        route_filter_plain(world->bindings[i].topic, filter, sizeof filter);
        add_filter(world, &room, filter);
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        snprintf(filter, sizeof filter, commands[i], world->config->topic_prefix);
        add_filter(world, &room, filter);
    }
    drop_equal_filters(world);
}

static void add_target(struct world *world, uint32_t twin, size_t *room,
                       struct world_binding binding)
{
    world->bindings =
        mem_grow(world->bindings, room, world->n_bindings + 1, sizeof *world->bindings);
    world->bindings[world->n_bindings] = binding;
    route_add(world->route, binding.topic, target_of(twin, world->n_bindings++));
}

static void add_origin(struct world *world, size_t origin, size_t *room)
{
    const struct config_twin *from = &world->config->twins[origin];
    uint32_t twin = FLEET;
    if (!from->fleet)
        twin = create(world, (uint32_t)origin, from->id, from->name)->index;
    for (size_t i = 0; i < from->n_bindings; i++)
        add_target(world, twin, room,
                   (struct world_binding){.topic = from->bindings[i].topic,
                                          .binding = &from->bindings[i],
                                          .origin = (uint32_t)origin});
    for (size_t i = 0; i < from->n_futures; i++)
        add_target(world, twin, room,
                   (struct world_binding){.topic = from->futures[i].topic,
                                          .future = &from->futures[i],
                                          .origin = (uint32_t)origin});
}

struct world *world_new(const struct config *config, const struct engine_sink *sink,
                        const struct world_hooks *hooks)
{
    struct world *world = mem_new(1, sizeof *world);
    world->config = config;
    world->hooks = *hooks;
    world->sink = *sink;
    world->prefix = strlen(config->topic_prefix);
    world->engine = engine_new(sink);
    engine_set_flood(world->engine, config->flood.alerts, config->flood.within);
    world->route = route_new();
    world->json = json_new();
    world->samples = mem_new(WORLD_SAMPLES, sizeof *world->samples);
    world->readings = mem_new(WORLD_SAMPLES, sizeof *world->readings);
    world->fleet_twins = mem_new(config->n_twins, sizeof *world->fleet_twins);
    size_t room = 0;
    for (size_t i = 0; i < config->n_twins; i++)
        add_origin(world, i, &room);
    build_filters(world);
    return world;
}

void world_free(struct world *world)
{
    if (!world)
        return;
    for (size_t i = 0; i < world->n_filters; i++)
        free(world->filters[i]);
    free(world->filters);
    free(world->bindings);
    free(world->origins);
    free(world->fleet_twins);
    for (size_t i = 0; i < world->room_names; i++)
        free(world->names[i]);
    free(world->names);
    free(world->samples);
    free(world->readings);
    text_free(&world->answer);
    json_free(world->json);
    route_free(world->route);
    engine_free(world->engine);
    free(world);
}

struct engine *world_engine(const struct world *world)
{
    return world->engine;
}

const struct config_twin *world_origin(const struct world *world, const struct twin *twin)
{
    return &world->config->twins[world->origins[twin->index]];
}

const char *const *world_filters(const struct world *world, size_t *n)
{
    *n = world->n_filters;
    return (const char *const *)world->filters;
}

double world_now(const struct world *world)
{
    return world->now;
}

const struct world_stats *world_stats(const struct world *world)
{
    return &world->stats;
}
