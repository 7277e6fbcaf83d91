/* Open addressing with linear probing. A slot holds 32 bits of the hash, which also say its
 * place, so that growing touches no key; keys and lists stand in blocks that never move.
 * One key with one target costs 16 bytes, its length rounded up to 8, and 11 to 21 bytes of
 * slots: a lookup misses the cache twice. */
#include "twind/route_table.h"

#include "twind/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    GRANULE = 8, /* bytes that a reference counts in */
    BLOCK_BITS = 13,
    BLOCK_GRANULES = 1 << BLOCK_BITS,
    BLOCK = BLOCK_GRANULES * GRANULE,
    FIRST_SLOTS = 64,
};

struct slot {
    uint32_t hash;
    uint32_t entry; /* block << BLOCK_BITS | granule in it; 0: empty */
};

struct route_table {
    struct slot *slots;
    size_t mask, n;
    char **blocks;
    size_t n_blocks, room_blocks, used; /* granules of the last block */
    size_t bytes;                       /* of all blocks */
};

static void add_block(struct route_table *table, size_t size)
{
    table->blocks = mem_grow(table->blocks, &table->room_blocks, table->n_blocks + 1,
                             sizeof *table->blocks);
    table->blocks[table->n_blocks++] = mem_new(size, 1);
    table->used = 0;
    table->bytes += size;
}

/* What does not fit into a block gets a larger one of its own. */
static void *take(struct route_table *table, size_t size, uint32_t *reference)
{
    size_t granules = (size + GRANULE - 1) / GRANULE;
    if (table->used + granules > BLOCK_GRANULES)
        add_block(table, granules * GRANULE > BLOCK ? granules * GRANULE : BLOCK);
    size_t block = table->n_blocks - 1;
    void *taken = table->blocks[block] + table->used * GRANULE;
    *reference = (uint32_t)(block << BLOCK_BITS | table->used);
    table->used += granules;
    return taken;
}

struct route_table *route_table_new(void)
{
    struct route_table *table = mem_new(1, sizeof *table);
    table->slots = mem_new(FIRST_SLOTS, sizeof *table->slots);
    table->mask = FIRST_SLOTS - 1;
    add_block(table, BLOCK);
    table->used = 1; /* reference 0 is no entry */
    return table;
}

void route_table_free(struct route_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->n_blocks; i++)
        free(table->blocks[i]);
    free(table->blocks);
    free(table->slots);
    free(table);
}

static struct route_entry *entry_of(const struct route_table *table, uint32_t reference)
{
    size_t granule = reference & (BLOCK_GRANULES - 1);
    return (void *)(table->blocks[reference >> BLOCK_BITS] + granule * GRANULE);
}

/* The slot that holds the key, or the empty one where it would stand. */
static struct slot *seek(const struct route_table *table, uint32_t hash, const char *key,
                         size_t length)
{
    for (size_t i = hash;; i++) {
        struct slot *slot = &table->slots[i & table->mask];
        if (slot->entry == 0)
            return slot;
        if (slot->hash != hash)
            continue;
        const struct route_entry *entry = entry_of(table, slot->entry);
        if (entry->length == length && memcmp(entry->key, key, length) == 0)
            return slot;
    }
}

struct route_entry *route_table_find(const struct route_table *table, const char *key,
                                     size_t length)
{
    const struct slot *slot = seek(table, (uint32_t)mem_hash(key, length), key, length);
    return slot->entry ? entry_of(table, slot->entry) : NULL;
}

static void double_slots(struct route_table *table)
{
    struct slot *old = table->slots;
    size_t n_old = table->mask + 1;
    table->slots = mem_new(2 * n_old, sizeof *table->slots);
    table->mask = 2 * n_old - 1;
    for (size_t i = 0; i < n_old; i++) {
        if (old[i].entry == 0)
            continue;
        size_t to = old[i].hash & table->mask;
        while (table->slots[to].entry)
            to = (to + 1) & table->mask;
        table->slots[to] = old[i];
    }
    free(old);
}

struct route_entry *route_table_insert(struct route_table *table, const char *key,
                                       size_t length)
{
    uint32_t hash = (uint32_t)mem_hash(key, length);
    struct slot *slot = seek(table, hash, key, length);
    if (slot->entry)
        return entry_of(table, slot->entry);
    if ((table->n + 1) * 4 > (table->mask + 1) * 3) {
        double_slots(table);
        slot = seek(table, hash, key, length);
    }
    uint32_t reference;
    struct route_entry *entry =
        take(table, offsetof(struct route_entry, key) + length, &reference);
    entry->length = (uint32_t)length & 0x7FFFFFFF;
    memcpy(entry->key, key, length);
    *slot = (struct slot){hash, reference};
    table->n++;
    return entry;
}

/* A list has room for the next power of two: a full one is copied to twice its room. */
void route_table_append(struct route_table *table, struct route_entry *entry,
                        uint64_t target)
{
    size_t n = entry->n++;
    if (n == 0) {
        entry->at.target = target;
        return;
    }
    if ((n & (n - 1)) == 0) {
        uint32_t reference;
        uint64_t *list = take(table, 2 * n * sizeof *list, &reference);
        memcpy(list, n == 1 ? &entry->at.target : entry->at.list, n * sizeof *list);
        entry->at.list = list;
    }
    entry->at.list[n] = target;
}

const uint64_t *route_table_targets(const struct route_entry *entry)
{
    return entry->n > 1 ? entry->at.list : &entry->at.target;
}

size_t route_table_memory(const struct route_table *table)
{
    return table->bytes + (table->mask + 1) * sizeof *table->slots +
           table->room_blocks * sizeof *table->blocks + sizeof *table;
}
