/* Ids stand in an open hash table of indexes, at most half full. */
#include "twind/roster.h"

#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

enum { PER_PIECE = 256, PIECE = 64 * 1024, TABLE_MIN = 16 };

/* Memory that is given back all at once. */
struct roster_pieces {
    char **piece;
    size_t n, room;
    size_t used, size; /* of the last one */
};

struct roster {
    struct twin **twins; /* pieces of PER_PIECE */
    size_t n, room;
    struct roster_pieces bytes;
    uint32_t *table; /* index + 1; 0: free */
    size_t n_table;  /* a power of 2 */
};

static void *take(struct roster_pieces *from, size_t size)
{
    size = (size + 7) / 8 * 8;
    if (from->n == 0 || from->size - from->used < size) {
        from->piece = mem_grow(from->piece, &from->room, from->n + 1, sizeof(char *));
        from->size = size > PIECE ? size : PIECE;
        from->used = 0;
        from->piece[from->n++] = mem_new(from->size, 1);
    }
    void *at = from->piece[from->n - 1] + from->used;
    from->used += size;
    return at;
}

static const char *keep_text(struct roster *roster, const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(take(&roster->bytes, size), text, size);
}

struct twin *roster_twin(const struct roster *roster, size_t index)
{
    return &roster->twins[index / PER_PIECE][index % PER_PIECE];
}

size_t roster_count(const struct roster *roster)
{
    return roster->n;
}

/* The place of the id, or the free one where it would stand. */
static uint32_t *look_up(const struct roster *roster, const char *id)
{
    size_t at = mem_hash(id, strlen(id)) & (roster->n_table - 1);
    while (roster->table[at] &&
           strcmp(roster_twin(roster, roster->table[at] - 1)->id, id) != 0)
        at = (at + 1) & (roster->n_table - 1);
    return &roster->table[at];
}

static void grow_table(struct roster *roster)
{
    if (roster->n * 2 < roster->n_table)
        return;
    free(roster->table);
    roster->n_table *= 2;
    roster->table = mem_new(roster->n_table, sizeof *roster->table);
    for (size_t i = 0; i < roster->n; i++)
        *look_up(roster, roster_twin(roster, i)->id) = (uint32_t)i + 1;
}

struct twin *roster_find(const struct roster *roster, const char *id)
{
    uint32_t at = *look_up(roster, id);
    return at ? roster_twin(roster, at - 1) : NULL;
}

struct twin *roster_add(struct roster *roster, const char *id, const char *name,
                        struct plan *plan)
{
    size_t index = roster->n, piece = index / PER_PIECE;
    if (index % PER_PIECE == 0) {
        roster->twins = mem_grow(roster->twins, &roster->room, piece + 1, sizeof(void *));
        roster->twins[piece] = mem_new(PER_PIECE, sizeof(struct twin));
    }
    struct twin *twin = roster_twin(roster, index);
    twin->plan = plan_hold(plan);
    twin->id = keep_text(roster, id);
    twin->name = name ? keep_text(roster, name) : twin->id;
    twin->block = take(&roster->bytes, plan->block_size);
    twin->index = (uint32_t)index;
    grow_table(roster);
    *look_up(roster, id) = (uint32_t)index + 1;
    roster->n++;
    return twin;
}

struct roster *roster_new(void)
{
    struct roster *roster = mem_new(1, sizeof *roster);
    roster->n_table = TABLE_MIN;
    roster->table = mem_new(roster->n_table, sizeof *roster->table);
    return roster;
}

void roster_free(struct roster *roster)
{
    for (size_t i = 0; i < roster->n; i++)
        plan_drop((struct plan *)roster_twin(roster, i)->plan);
    for (size_t i = 0; i * PER_PIECE < roster->n; i++)
        free(roster->twins[i]);
    for (size_t i = 0; i < roster->bytes.n; i++)
        free(roster->bytes.piece[i]);
    free(roster->bytes.piece);
    free(roster->twins);
    free(roster->table);
    free(roster);
}
