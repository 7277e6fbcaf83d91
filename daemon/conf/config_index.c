/* Open addressing with linear probing, at most half full. */
#include "twind/config_index.h"

#include "twind/mem.h"

#include <stdlib.h>

enum { ROOM_FIRST = 64 };

static struct config_slot *empty_slot(struct config_index *index, uint64_t hash)
{
    size_t i = hash & (index->room - 1);
    while (index->slots[i].value)
        i = (i + 1) & (index->room - 1);
    return &index->slots[i];
}

static void grow(struct config_index *index)
{
    struct config_slot *old = index->slots;
    size_t old_room = index->room;
    index->room = old_room ? old_room * 2 : ROOM_FIRST;
    index->slots = mem_new(index->room, sizeof *index->slots);
    for (size_t i = 0; i < old_room; i++)
        if (old[i].value)
            *empty_slot(index, old[i].hash) = old[i];
    free(old);
}

size_t config_index_add(struct config_index *index, uint64_t hash,
                        bool (*same)(const void *context, size_t value),
                        const void *context, size_t value)
{
    if (2 * (index->n + 1) > index->room)
        grow(index);
    for (size_t i = hash & (index->room - 1); index->slots[i].value;
         i = (i + 1) & (index->room - 1)) {
        const struct config_slot *slot = &index->slots[i];
        if (slot->hash == hash && same(context, slot->value - 1))
            return slot->value - 1;
    }
    *empty_slot(index, hash) = (struct config_slot){hash, value + 1};
    index->n++;
    return value;
}
