/* The configuration come alive: the engine with its twins, the routes to them, and what a
 * message does. Used by the daemon on live messages and by replays alike; no I/O. */
#ifndef TWIND_WORLD_H
#define TWIND_WORLD_H

#include "twind/advice.h"
#include "twind/config.h"
#include "twind/engine.h"

#include <stdint.h>

struct world;

struct world_hooks {
    void *context;
    /* A twin came to be: within world_new(), or by the first message of a fleet's. Its
     * block is at its start and may be replaced here; engine_restored() is called
     * afterwards. */
    void (*created)(void *context, struct engine *engine, struct twin *twin);
    /* To be published: an answer to a command, or a command to a device. */
    void (*publish)(void *context, const char *topic, const char *payload, bool retain);
    /* A command was carried out (result "ok") or not (why). */
    void (*commanded)(void *context, double time, const char *twin, const char *input,
                      const char *value, const char *source, const char *result);
};

struct world_message {
    const char *topic; /* not terminated */
    size_t topic_length;
    const char *payload;
    size_t payload_length;
    double received;
    bool retained;
    bool past; /* received before others that came already (a recording out of order): the
                  clock stays */
};

/* Configuration, sink and hooks' context must outlive the world. Twins of explicit entries
 * are created at once. */
struct world *world_new(const struct config *config, const struct engine_sink *sink,
                        const struct world_hooks *hooks);
void world_free(struct world *world);

struct engine *world_engine(const struct world *world);

/* A twin of a fleet whose id is known from before (a restart, a reload). NULL: no fleet has
 * ids like this, or it is full. */
struct twin *world_revive(struct world *world, const char *id);

/* Fills `pattern` ("plc/{site}/set") with what the names of the twin's fleet stand for.
 * False: it does not fit in `size`, names what the id does not hold, or the id (of a twin
 * that is known from before, and has not been heard yet) can be read in several ways. */
bool world_fill(const struct world *world, const struct twin *twin, const char *pattern,
                char *to, size_t size);

/* What a twin came from. */
const struct config_twin *world_origin(const struct world *world, const struct twin *twin);

/* The filters to subscribe: bindings' and commands'. Owned by the world. */
const char *const *world_filters(const struct world *world, size_t *n);

/* One message: advances the clock (to its time of arrival, or under `clock: event` to its
 * own time), decodes, applies. Never fails: what is wrong is counted and said once. */
void world_take(struct world *world, const struct world_message *message);

/* A reading by name, as `twinctl replay` has it: value in the signal's own unit. Readings
 * of one time and twin that follow each other are applied together: when another comes, or
 * by world_read_end(). False: e says what is not known; nothing was taken. */
bool world_read(struct world *world, double time, const char *twin, const char *signal,
                double value, struct err *e);
void world_read_end(struct world *world);

/* From now on readings are handed to `heard` (in the signal's own unit, NAN: bad) instead
 * of the twins, which stay as they are: for a first look at a recording. */
typedef void world_heard(void *context, const struct twin *twin,
                         const struct engine_reading *reading);
void world_listen(struct world *world, world_heard *heard, void *context);

/* Advances the engine by a timer; nothing under `clock: event`. */
void world_tick(struct world *world, double now);

/* What would be (whatif.h), and a search for advice (advice.h; NULL: refused). What is
 * answered at once is appended to `answer`. */
void world_whatif(struct world *world, const char *twin, const char *payload, size_t length,
                  struct text *answer);
struct advice *world_advise(struct world *world, const char *twin, const char *payload,
                            size_t length, struct text *answer);

/* Sets an input as a command does: the twin, its device, and the list of commands, with
 * `source` as who said it. */
bool world_set(struct world *world, const char *twin, const char *input, const char *value,
               const char *source, struct err *e);

/* The time that it is for this twin; NULL: for the world. */
double world_clock(const struct world *world, const struct twin *twin);

/* The latest time that the world has seen. */
double world_now(const struct world *world);

struct world_stats {
    uint64_t messages;
    /* refused, each said once: */
    uint64_t unrouted, no_value, bad_value, bad_unit, fleet_full, too_many, bad_command;
};

const struct world_stats *world_stats(const struct world *world);

#endif
