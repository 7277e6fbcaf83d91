/* A hash table from what the caller compares to a number: finds like things in a long
 * configuration in constant time. Zeroed at the start; free `slots`. */
#ifndef TWIND_CONFIG_INDEX_H
#define TWIND_CONFIG_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_index {
    struct config_slot {
        uint64_t hash;
        size_t value; /* + 1; 0: empty */
    } * slots;
    size_t n, room; /* room: a power of two */
};

/* The number kept for what has this hash and is the `same`; else `value` is kept, and
 * returned. */
size_t config_index_add(struct config_index *index, uint64_t hash,
                        bool (*same)(const void *context, size_t value),
                        const void *context, size_t value);

#endif
