/* What the loop hands to the history's writer at once: rows, alerts, commands, dead letters
 * and blocks. A batch is filled, written, emptied and filled again; after its first rounds
 * it allocates nothing. */
#ifndef TWIND_HISTORY_BATCH_H
#define TWIND_HISTORY_BATCH_H

#include "twind/history.h"

/* A twin's series; `numbers` (the database's own, 0: not asked yet) are the writer's. */
struct history_twin {
    struct history_twin *next;
    char *id;
    const struct history_name *names;
    size_t n;
    int64_t day_offset;  /* ms */
    uint32_t generation; /* of the database that the numbers are of */
    uint32_t numbers[];
};

enum { HISTORY_FORECAST_ROWS = 64 }; /* that a forecast is like in size */
enum { HISTORY_LATEST = 255 };       /* a state's `quality`: for `latest` alone */

struct history_row {
    struct history_twin *twin;
    int64_t t; /* ms since the epoch */
    double value;
    float sd;
    uint16_t index;
    uint8_t quality;
};

/* Means, then standard deviations, lie in the batch's arena. */
struct batch_forecast {
    struct history_twin *twin;
    double made, step;
    size_t index, n, at;
};

/* Texts lie in the batch's arena, by offset. */
struct batch_alert {
    struct history_alert alert; /* its pointers are set by history_batch_alert() */
    size_t id, twin, rule, type, severity, state, message, cause;
};

struct batch_command {
    double time;
    size_t twin, input, value, source, result;
};

struct batch_health {
    struct history_health health; /* its pointers are set by history_batch_health() */
    size_t twin, name, part;
};

struct batch_letter {
    double time;
    size_t topic, payload, topic_length, payload_length;
};

struct batch_block {
    uint64_t place;
    size_t at, size;
};

struct history_batch {
    struct history_batch *next;
    uint64_t seq;
    bool blocks_kept; /* the keep has them: not twice, where the commit is tried again */
    struct history_row *readings, *states;
    struct batch_forecast *forecasts;
    struct batch_alert *alerts;
    struct batch_command *commands;
    struct batch_health *healths;
    struct batch_letter *letters;
    struct batch_block *blocks;
    char *arena;
    uint32_t *index; /* of blocks by place: a place is in a batch once */
    size_t n_readings, n_states, n_forecasts, n_alerts, n_commands, n_healths, n_letters,
        n_blocks, n_arena;
    size_t room_readings, room_states, room_forecasts, room_alerts, room_commands,
        room_healths, room_letters, room_blocks, room_arena, n_index;
};

bool history_batch_is_empty(const struct history_batch *batch);
void history_batch_clear(struct history_batch *batch); /* keeps its memory, if not large */
void history_batch_free(struct history_batch *batch);  /* NULL is allowed */

void history_batch_add_reading(struct history_batch *batch, struct history_row row);
void history_batch_add_state(struct history_batch *batch, struct history_row row);
void history_batch_add_forecast(struct history_batch *batch, struct history_twin *twin,
                                size_t index, const struct history_forecast *forecast);
void history_batch_add_alert(struct history_batch *batch,
                             const struct history_alert *alert);
void history_batch_add_command(struct history_batch *batch, double time, const char *twin,
                               const char *input, const char *value, const char *source,
                               const char *result);
void history_batch_add_letter(struct history_batch *batch, double time, const char *topic,
                              size_t topic_length, const char *payload,
                              size_t payload_length);
void history_batch_add_health(struct history_batch *batch,
                              const struct history_health *health);
/* The place's last block counts. */
void history_batch_add_block(struct history_batch *batch, uint64_t place, const void *block,
                             size_t size);

/* All of `from` after what is in `to`, which takes its sequence; returns how many states
 * and forecasts were left out because `to` would hold more than `states_max` (a forecast
 * counts as HISTORY_FORECAST_ROWS). */
size_t history_batch_join(struct history_batch *to, const struct history_batch *from,
                          size_t states_max);

/* The i-th forecast; its values last until the batch changes. */
struct history_forecast history_batch_forecast(const struct history_batch *batch, size_t i);

/* The i-th health with its texts, which last until the batch changes. */
struct history_health history_batch_health(const struct history_batch *batch, size_t i);

/* The i-th alert with its texts, which last until the batch changes. */
struct history_alert history_batch_alert(const struct history_batch *batch, size_t i);

#endif
