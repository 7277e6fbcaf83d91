#include "twind/history_batch.h"

#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

#define GROW(batch, list)                                                                  \
    ((batch)->list = mem_grow((batch)->list, &(batch)->room_##list, (batch)->n_##list + 1, \
                              sizeof *(batch)->list),                                      \
     &(batch)->list[(batch)->n_##list++])

enum {
    ALIGNMENT = 16, /* a block is structs */
    FIRST_INDEX = 64,
    LARGE = 2 << 20, /* bytes: ordinary batches are far below */
};

static size_t aligned(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t put(struct history_batch *batch, const void *bytes, size_t size)
{
    size_t at = aligned(batch->n_arena);
    batch->arena = mem_grow(batch->arena, &batch->room_arena, at + size, 1);
    memcpy(batch->arena + at, bytes, size);
    batch->n_arena = at + size;
    return at;
}

static size_t put_text(struct history_batch *batch, const char *text)
{
    text = text ? text : "";
    return put(batch, text, strlen(text) + 1);
}

bool history_batch_is_empty(const struct history_batch *batch)
{
    return batch->n_readings + batch->n_states + batch->n_forecasts + batch->n_alerts +
               batch->n_commands + batch->n_healths + batch->n_letters + batch->n_blocks ==
           0;
}

static void release(struct history_batch *batch)
{
    void *const lists[] = {batch->readings, batch->states,  batch->forecasts, batch->alerts,
                           batch->commands, batch->healths, batch->letters,   batch->blocks,
                           batch->arena,    batch->index};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        free(lists[i]);
    *batch = (struct history_batch){.next = NULL};
}

/* A burst over many twins is no reason to keep its room for ever. */
static bool is_large(const struct history_batch *batch)
{
    size_t rows = batch->room_readings + batch->room_states;
    return rows * sizeof *batch->readings + batch->room_arena > LARGE;
}

void history_batch_clear(struct history_batch *batch)
{
    if (is_large(batch)) {
        release(batch);
        return;
    }
    batch->n_readings = batch->n_states = batch->n_forecasts = 0;
    batch->n_alerts = batch->n_commands = batch->n_healths = 0;
    batch->n_letters = batch->n_blocks = batch->n_arena = 0;
    if (batch->index)
        memset(batch->index, 0, batch->n_index * sizeof *batch->index);
    batch->blocks_kept = false;
    batch->next = NULL;
}

void history_batch_free(struct history_batch *batch)
{
    if (!batch)
        return;
    release(batch);
    free(batch);
}

void history_batch_add_reading(struct history_batch *batch, struct history_row row)
{
    *GROW(batch, readings) = row;
}

void history_batch_add_state(struct history_batch *batch, struct history_row row)
{
    *GROW(batch, states) = row;
}

void history_batch_add_forecast(struct history_batch *batch, struct history_twin *twin,
                                size_t index, const struct history_forecast *forecast)
{
    size_t size = forecast->n * sizeof *forecast->mean;
    size_t at = put(batch, forecast->mean, size);
    put(batch, forecast->sd, size);
    *GROW(batch, forecasts) = (struct batch_forecast){.twin = twin,
                                                      .made = forecast->made,
                                                      .step = forecast->step,
                                                      .index = index,
                                                      .n = forecast->n,
                                                      .at = at};
}

struct history_forecast history_batch_forecast(const struct history_batch *batch, size_t i)
{
    const struct batch_forecast *f = &batch->forecasts[i];
    const char *mean = batch->arena + f->at, *sd = mean + aligned(f->n * sizeof(double));
    return (struct history_forecast){.made = f->made,
                                     .step = f->step,
                                     .n = f->n,
                                     .mean = (const double *)(const void *)mean,
                                     .sd = (const double *)(const void *)sd};
}

void history_batch_add_alert(struct history_batch *batch, const struct history_alert *alert)
{
    struct batch_alert *a = GROW(batch, alerts);
    a->alert = *alert;
    a->id = put_text(batch, alert->id);
    a->twin = put_text(batch, alert->twin);
    a->rule = put_text(batch, alert->rule);
    a->type = put_text(batch, alert->type);
    a->severity = put_text(batch, alert->severity);
    a->state = put_text(batch, alert->state);
    a->message = put_text(batch, alert->message);
    a->cause = put_text(batch, alert->cause);
}

struct history_alert history_batch_alert(const struct history_batch *batch, size_t i)
{
    const struct batch_alert *a = &batch->alerts[i];
    struct history_alert alert = a->alert;
    alert.id = batch->arena + a->id;
    alert.twin = batch->arena + a->twin;
    alert.rule = batch->arena + a->rule;
    alert.type = batch->arena + a->type;
    alert.severity = batch->arena + a->severity;
    alert.state = batch->arena + a->state;
    alert.message = batch->arena + a->message;
    alert.cause = batch->arena + a->cause;
    return alert;
}

void history_batch_add_command(struct history_batch *batch, double time, const char *twin,
                               const char *input, const char *value, const char *source,
                               const char *result)
{
    struct batch_command *c = GROW(batch, commands);
    c->time = time;
    c->twin = put_text(batch, twin);
    c->input = put_text(batch, input);
    c->value = put_text(batch, value);
    c->source = put_text(batch, source);
    c->result = put_text(batch, result);
}

void history_batch_add_health(struct history_batch *batch,
                              const struct history_health *health)
{
    struct batch_health *h = GROW(batch, healths);
    h->health = *health;
    h->twin = put_text(batch, health->twin);
    h->name = put_text(batch, health->name);
    h->part = put_text(batch, health->part);
}

struct history_health history_batch_health(const struct history_batch *batch, size_t i)
{
    const struct batch_health *h = &batch->healths[i];
    struct history_health health = h->health;
    health.twin = batch->arena + h->twin;
    health.name = batch->arena + h->name;
    health.part = batch->arena + h->part;
    return health;
}

void history_batch_add_letter(struct history_batch *batch, double time, const char *topic,
                              size_t topic_length, const char *payload,
                              size_t payload_length)
{
    struct batch_letter *l = GROW(batch, letters);
    l->time = time;
    l->topic_length = topic_length;
    l->topic = put(batch, topic, topic_length);
    l->payload_length = payload_length;
    l->payload = put(batch, payload, payload_length);
}

/* Where a place's block number (from 1) stands in the index, or would stand: 0. */
static uint32_t *slot_of(const struct history_batch *batch, uint64_t place)
{
    size_t mask = batch->n_index - 1, i = (size_t)mem_hash(&place, sizeof place) & mask;
    while (batch->index[i] && batch->blocks[batch->index[i] - 1].place != place)
        i = (i + 1) & mask;
    return &batch->index[i];
}

static void grow_index(struct history_batch *batch)
{
    if (2 * (batch->n_blocks + 1) <= batch->n_index)
        return;
    batch->n_index = batch->n_index ? 2 * batch->n_index : FIRST_INDEX;
    free(batch->index);
    batch->index = mem_new(batch->n_index, sizeof *batch->index);
    for (size_t i = 0; i < batch->n_blocks; i++)
        *slot_of(batch, batch->blocks[i].place) = (uint32_t)(i + 1);
}

void history_batch_add_block(struct history_batch *batch, uint64_t place, const void *block,
                             size_t size)
{
    grow_index(batch);
    uint32_t *slot = slot_of(batch, place);
    if (*slot && batch->blocks[*slot - 1].size == size) {
        memcpy(batch->arena + batch->blocks[*slot - 1].at, block, size);
        return;
    }
    struct batch_block made = {place, put(batch, block, size), size};
    if (*slot) {
        batch->blocks[*slot - 1] = made;
        return;
    }
    *GROW(batch, blocks) = made;
    *slot = (uint32_t)batch->n_blocks;
}

static size_t join_rows(struct history_batch *to, const struct history_batch *from,
                        size_t states_max)
{
    size_t states = states_max > to->n_states ? states_max - to->n_states : 0;
    states = states < from->n_states ? states : from->n_states;
    for (size_t i = 0; i < from->n_readings; i++)
        history_batch_add_reading(to, from->readings[i]);
    for (size_t i = 0; i < states; i++)
        history_batch_add_state(to, from->states[i]);
    return from->n_states - states;
}

static size_t join_forecasts(struct history_batch *to, const struct history_batch *from,
                             size_t states_max)
{
    size_t i = 0, most = states_max / HISTORY_FORECAST_ROWS;
    for (; i < from->n_forecasts && to->n_forecasts < most; i++) {
        struct history_forecast forecast = history_batch_forecast(from, i);
        history_batch_add_forecast(to, from->forecasts[i].twin, from->forecasts[i].index,
                                   &forecast);
    }
    return from->n_forecasts - i;
}

size_t history_batch_join(struct history_batch *to, const struct history_batch *from,
                          size_t states_max)
{
    size_t dropped = join_rows(to, from, states_max) + join_forecasts(to, from, states_max);
    const char *text = from->arena;
    for (size_t i = 0; i < from->n_alerts; i++) {
        struct history_alert alert = history_batch_alert(from, i);
        history_batch_add_alert(to, &alert);
    }
    for (const struct batch_command *c = from->commands;
         c < from->commands + from->n_commands; c++)
        history_batch_add_command(to, c->time, text + c->twin, text + c->input,
                                  text + c->value, text + c->source, text + c->result);
    for (size_t i = 0; i < from->n_healths; i++) {
        struct history_health health = history_batch_health(from, i);
        history_batch_add_health(to, &health);
    }
    for (const struct batch_letter *l = from->letters; l < from->letters + from->n_letters;
         l++)
        history_batch_add_letter(to, l->time, text + l->topic, l->topic_length,
                                 text + l->payload, l->payload_length);
    for (const struct batch_block *b = from->blocks; b < from->blocks + from->n_blocks; b++)
        history_batch_add_block(to, b->place, text + b->at, b->size);
    to->seq = from->seq;
    return dropped;
}
