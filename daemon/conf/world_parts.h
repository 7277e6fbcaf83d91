/* Inside of world*.c and command.c only. */
#ifndef TWIND_WORLD_PARTS_H
#define TWIND_WORLD_PARTS_H

#include "twind/route.h"
#include "twind/text.h"
#include "twind/world.h"

enum { WORLD_SAMPLES = 4096 }; /* readings that one message may bring to one twin */

/* A binding of the configuration, or a topic that tells the future of an input, in one list
 * for all twins: routes name it by number. */
struct world_binding {
    const char *topic;
    const struct config_binding *binding;
    const struct config_future *future; /* NULL: a binding */
    uint32_t origin;                    /* index of its config_twin */
};

/* In the order of `said`. */
enum world_refusal {
    WORLD_UNROUTED,
    WORLD_NO_VALUE,
    WORLD_BAD_VALUE,
    WORLD_BAD_UNIT,
    WORLD_FLEET_FULL,
    WORLD_TOO_MANY,
    WORLD_REFUSALS,
};

struct world {
    const struct config *config;
    struct world_hooks hooks;
    struct engine_sink sink;
    world_heard *heard; /* NULL: readings move the twins */
    void *listener;
    struct engine *engine;
    struct route *route;
    struct json *json;
    struct world_binding *bindings;
    size_t n_bindings;
    uint32_t *origins; /* by twin index: which config_twin */
    size_t room_origins;
    size_t *fleet_twins; /* by config_twin: how many twins it has */
    char **names;        /* by twin index: see fleet_keep(); NULL: the id says it */
    size_t room_names;
    size_t prefix; /* length of the topic prefix */
    char **filters;
    size_t n_filters;
    double now;
    struct payload_sample *samples;
    struct engine_reading *readings;
    struct twin *read_twin; /* whose readings by name wait, n_read of them */
    size_t n_read;
    struct text answer;
    struct world_stats stats;
    unsigned long said[WORLD_REFUSALS]; /* complaints so far */
};

/* A part of the twin was serviced, as the message says: PART, or {"part", "note", "at"}. */
bool world_serve(struct world *world, const char *twin, const struct world_message *message,
                 struct err *e);

/* True where the topic was one of ours (PREFIX/TWIN/...) and is dealt with. */
bool command_take(struct world *world, const struct world_message *message);

/* Counts a refusal; says it at the 1st, 10th, 100th.. time, with the topic as example. */
void world_refuse(struct world *world, enum world_refusal what,
                  const struct world_message *message, const char *why);

/* The first n of world->readings, all of this twin. */
void world_apply(struct world *world, struct twin *twin, size_t n);

/* What a message says of an input's future. */
void world_give(struct world *world, const struct world_message *message,
                struct payload *payload, struct twin *twin,
                const struct config_future *future);

#endif
