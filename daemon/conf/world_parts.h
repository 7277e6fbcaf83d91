/* Inside of world*.c and command.c only. */
#ifndef TWIND_WORLD_PARTS_H
#define TWIND_WORLD_PARTS_H

#include "twind/route.h"
#include "twind/text.h"
#include "twind/world.h"

/* A binding of the configuration, in one list for all twins: routes name it by number. */
struct world_binding {
    const struct config_binding *binding;
    uint32_t origin; /* index of its config_twin */
};

struct world {
    const struct config *config;
    struct world_hooks hooks;
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
    unsigned long said[6]; /* complaints so far, in the order of the refusals in stats */
};

/* True where the topic was one of ours (PREFIX/TWIN/...) and is dealt with. */
bool command_take(struct world *world, const struct world_message *message);

#endif
