/* Places and generations. The loop makes, finds and reads places; the history's writer only
 * writes generations; neither waits for the other. In memory stand only 4 bytes a place in
 * an index at most 5/8 full. */
#include "keep_file.h"

#include "twind/log.h"
#include "twind/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INDEX_FIRST = 64, DELETED = 1 };

/* -- the parts of an entry -- */

static size_t text_bytes(size_t length)
{
    return (length + 1 + 3) & ~(size_t)3;
}

static size_t marks_at(const struct keep_entry *entry)
{
    return offsetof(struct keep_entry, text) + text_bytes(entry->length);
}

static size_t generations_at(size_t length, size_t marks)
{
    size_t end = offsetof(struct keep_entry, text) + text_bytes(length) + marks * 4;
    return (end + 7) & ~(size_t)7;
}

static size_t generation_bytes(size_t size)
{
    return (sizeof(struct keep_generation) + size + 7) & ~(size_t)7;
}

static struct keep_generation *generation(struct keep_entry *entry, int which)
{
    size_t at = generations_at(entry->length, entry->marks) +
                (size_t)which * generation_bytes(entry->size);
    return (struct keep_generation *)(void *)((char *)entry + at);
}

static uint64_t generation_check(const struct keep_generation *g, size_t size)
{
    const uint64_t parts[] = {g->seq, g->run, mem_hash(g->block, size)};
    uint64_t check = mem_hash(parts, sizeof parts);
    return check ? check : 1;
}

static _Atomic uint32_t *mark(const struct keep *keep, uint64_t place, size_t index)
{
    struct keep_entry *entry = keep_entry_at(keep, place);
    return (_Atomic uint32_t *)(void *)((char *)entry + marks_at(entry)) + index;
}

/* -- the index -- */

static bool is_id(const struct keep_entry *entry, const char *id, size_t length)
{
    return entry->length == length && memcmp(entry->text, id, length) == 0;
}

/* The slot that holds the id, or the first one that may take it. */
static uint32_t *find_slot(const struct keep *keep, const char *id, size_t length)
{
    uint32_t *deleted = NULL;
    for (size_t i = mem_hash(id, length);; i++) {
        uint32_t *slot = &keep->index[i & (keep->index_size - 1)];
        if (*slot == 0)
            return deleted ? deleted : slot;
        if (*slot == DELETED)
            deleted = deleted ? deleted : slot;
        else if (is_id(keep_entry_at(keep, *slot), id, length))
            return slot;
    }
}

static void rebuild_index(struct keep *keep, size_t size)
{
    uint32_t *old = keep->index;
    size_t old_size = keep->index_size;
    keep->index = mem_new(size, sizeof *keep->index);
    keep->index_size = size;
    keep->index_used = 0;
    for (size_t i = 0; i < old_size; i++) {
        if (old[i] <= DELETED)
            continue;
        const struct keep_entry *entry = keep_entry_at(keep, old[i]);
        *find_slot(keep, entry->text, entry->length) = old[i];
        keep->index_used++;
    }
    free(old);
}

/* Room for one more before it is asked for. */
static void widen_index(struct keep *keep)
{
    if (keep->index_used * 8 >= keep->index_size * 5)
        rebuild_index(keep, keep->index_size * 2);
}

/* -- holes -- */

static struct keep_hole *find_hole(struct keep *keep, uint32_t units)
{
    for (size_t i = 0; i < keep->n_holes; i++)
        if (keep->holes[i].units == units)
            return &keep->holes[i];
    keep->holes =
        mem_grow(keep->holes, &keep->room_holes, keep->n_holes + 1, sizeof *keep->holes);
    keep->holes[keep->n_holes].units = units;
    return &keep->holes[keep->n_holes++];
}

static void add_hole(struct keep *keep, uint32_t at)
{
    struct keep_hole *hole = find_hole(keep, keep_entry_at(keep, at)->units);
    hole->at = mem_grow(hole->at, &hole->room, hole->n + 1, sizeof *hole->at);
    hole->at[hole->n++] = at;
}

/* Its room is used again only after the next start: until then the writer may still have a
 * block for it in hand. */
static void give_up(struct keep *keep, uint32_t at)
{
    atomic_store(&keep_entry_at(keep, at)->state, KEEP_GIVEN_UP);
}

/* -- new entries -- */

static uint32_t find_room(struct keep *keep, enum keep_type type, uint32_t units)
{
    struct keep_hole *hole = type == KEEP_PLACE ? find_hole(keep, units) : NULL;
    if (hole && hole->n > 0)
        return hole->at[--hole->n];
    uint32_t at = keep_file_extend(keep, type, units);
    if (at == 0 && log_worth(&keep->full_said))
        log_line(LOG_ERROR,
                 "keep %s: no room for %u more bytes (%s): what is new is not kept",
                 keep->path, (unsigned)(units * KEEP_UNIT), strerror(errno));
    return at;
}

/* Fills and then declares it used; 0: no room. */
static uint32_t make_entry(struct keep *keep, enum keep_type type, size_t bytes,
                           const struct keep_entry *like, const char *text)
{
    uint32_t units = (uint32_t)((bytes + KEEP_UNIT - 1) / KEEP_UNIT);
    uint32_t at = find_room(keep, type, units);
    if (at == 0)
        return 0;
    struct keep_entry *entry = keep_entry_at(keep, at);
    memset(entry->text, 0, (size_t)units * KEEP_UNIT - offsetof(struct keep_entry, text));
    entry->birth = ++keep->header->births;
    entry->layout = like->layout;
    entry->size = like->size;
    entry->marks = like->marks;
    entry->length = like->length;
    memcpy(entry->text, text, like->length);
    entry->check = keep_entry_check(entry);
    atomic_store(&entry->state, KEEP_USED);
    return at;
}

/* -- layouts -- */

static void add_layout(struct keep *keep, uint32_t at)
{
    size_t number = keep_entry_at(keep, at)->layout;
    keep->layouts =
        mem_grow(keep->layouts, &keep->room_layouts, number, sizeof *keep->layouts);
    keep->layouts[number - 1] = at;
    if (number > keep->n_layouts)
        keep->n_layouts = number;
}

const char *keep_layout_text(const struct keep *keep, uint32_t layout)
{
    bool known = layout > 0 && layout <= keep->n_layouts && keep->layouts[layout - 1];
    return known ? keep_entry_at(keep, keep->layouts[layout - 1])->text : "";
}

uint32_t keep_layout(struct keep *keep, const char *text)
{
    for (uint32_t i = 1; i <= keep->n_layouts; i++)
        if (keep->layouts[i - 1] && strcmp(keep_layout_text(keep, i), text) == 0)
            return i;
    const struct keep_entry like = {.layout = (uint32_t)keep->n_layouts + 1,
                                    .length = (uint32_t)strlen(text)};
    size_t bytes = offsetof(struct keep_entry, text) + like.length + 1;
    uint32_t at = make_entry(keep, KEEP_LAYOUT, bytes, &like, text);
    if (at)
        add_layout(keep, at);
    return at ? like.layout : 0;
}

/* -- places -- */

uint64_t keep_find(const struct keep *keep, const char *id)
{
    uint32_t at = *find_slot(keep, id, strlen(id));
    return at == DELETED ? KEEP_NONE : at;
}

uint32_t keep_place_layout(const struct keep *keep, uint64_t place)
{
    return keep_entry_at(keep, place)->layout;
}

size_t keep_place_size(const struct keep *keep, uint64_t place)
{
    return keep_entry_at(keep, place)->size;
}

/* The younger of two places of one id is the one that counts. */
static void add_place(struct keep *keep, uint32_t at)
{
    widen_index(keep);
    const struct keep_entry *entry = keep_entry_at(keep, at);
    uint32_t *slot = find_slot(keep, entry->text, entry->length);
    uint32_t old = *slot;
    if (old > DELETED && keep_entry_at(keep, old)->birth > entry->birth) {
        give_up(keep, at);
        return;
    }
    if (old > DELETED)
        give_up(keep, old);
    else if (old == 0)
        keep->index_used++;
    *slot = at;
}

uint64_t keep_place(struct keep *keep, const char *id, uint32_t layout, size_t size,
                    size_t marks)
{
    size_t length = strlen(id);
    size_t bytes = generations_at(length, marks) + 2 * generation_bytes(size);
    if (bytes > (size_t)1 << 31)
        return KEEP_NONE;
    const struct keep_entry like = {.layout = layout,
                                    .size = (uint32_t)size,
                                    .marks = (uint32_t)marks,
                                    .length = (uint32_t)length};
    uint32_t at = make_entry(keep, KEEP_PLACE, bytes, &like, id);
    if (at)
        add_place(keep, at);
    return at;
}

uint32_t keep_mark(const struct keep *keep, uint64_t place, size_t index)
{
    return atomic_load(mark(keep, place, index));
}

void keep_set_mark(struct keep *keep, uint64_t place, size_t index, uint32_t value)
{
    atomic_store(mark(keep, place, index), value);
}

/* -- generations -- */

static bool is_stale(const struct keep *keep, const struct keep_generation *g)
{
    return g->run != keep->header->run && g->seq > atomic_load(&keep->header->applied);
}

static bool is_intact(const struct keep_generation *g, size_t size)
{
    uint64_t check = atomic_load(&g->check);
    return check != 0 && check == generation_check(g, size);
}

const void *keep_read(const struct keep *keep, uint64_t place, uint64_t applied)
{
    uint64_t unknown = UINT64_MAX; /* the first to read says where this run began */
    atomic_compare_exchange_strong(&keep->header->applied, &unknown, applied);
    struct keep_entry *entry = keep_entry_at(keep, place);
    const struct keep_generation *best = NULL;
    for (int i = 0; i < 2; i++) {
        const struct keep_generation *g = generation(entry, i);
        if (g->seq <= applied && !is_stale(keep, g) && (!best || g->seq > best->seq) &&
            is_intact(g, entry->size))
            best = g;
    }
    return best ? best->block : NULL;
}

/* What may be lost: damaged or stale, then one of this very sequence (its commit failed and
 * is tried again), then the older. */
static int choose(const struct keep *keep, struct keep_entry *entry, uint64_t seq)
{
    for (int i = 0; i < 2; i++) {
        const struct keep_generation *g = generation(entry, i);
        if (atomic_load(&g->check) == 0 || is_stale(keep, g))
            return i;
    }
    uint64_t a = generation(entry, 0)->seq, b = generation(entry, 1)->seq;
    if (a >= seq || b >= seq)
        return a > b ? 0 : 1;
    return a < b ? 0 : 1;
}

/* Much of a block stays (what forecasts have learned): pages that are the same are left
 * alone, and need not go to the disk again. */
static void copy_changed(char *to, const char *from, size_t size)
{
    enum { PAGE = 4096 };
    for (size_t at = 0; at < size; at += PAGE) {
        size_t n = size - at < PAGE ? size - at : PAGE;
        if (memcmp(to + at, from + at, n) != 0)
            memcpy(to + at, from + at, n);
    }
}

void keep_write_on_writer(struct keep *keep, uint64_t place, uint64_t seq,
                          const void *block)
{
    struct keep_entry *entry = keep_entry_at(keep, place);
    struct keep_generation *g = generation(entry, choose(keep, entry, seq));
    atomic_store(&g->check, 0);
    g->seq = seq;
    g->run = keep->header->run;
    copy_changed((char *)g->block, block, entry->size);
    atomic_store(&g->check, generation_check(g, entry->size));
}

/* -- all of them -- */

struct wants {
    uint32_t *at;
    size_t n, room;
};

static void collect_place(struct wants *wants, uint32_t at)
{
    wants->at = mem_grow(wants->at, &wants->room, wants->n + 1, sizeof *wants->at);
    wants->at[wants->n++] = at;
}

/* The callback may make places: what is to be told is written down first. */
void keep_each(struct keep *keep, void *context,
               bool (*wanted)(void *context, const char *id))
{
    struct wants wants = {0};
    for (size_t i = 0; i < keep->index_size; i++)
        if (keep->index[i] > DELETED)
            collect_place(&wants, keep->index[i]);
    for (size_t i = 0; i < wants.n; i++) {
        const struct keep_entry *entry = keep_entry_at(keep, wants.at[i]);
        char *id = mem_text_n(entry->text, entry->length);
        if (!wanted(context, id)) {
            uint32_t *slot = find_slot(keep, id, strlen(id));
            if (*slot == wants.at[i]) {
                *slot = DELETED;
                give_up(keep, wants.at[i]);
            }
        }
        free(id);
    }
    free(wants.at);
}

/* -- opening -- */

static void learn(struct keep *keep, uint32_t at)
{
    struct keep_entry *entry = keep_entry_at(keep, at);
    if (atomic_load(&entry->state) != KEEP_USED)
        add_hole(keep, at);
    else if (entry->type == KEEP_LAYOUT)
        add_layout(keep, at);
    else
        add_place(keep, at);
}

static void learn_all(struct keep *keep)
{
    rebuild_index(keep, INDEX_FIRST);
    uint64_t used = atomic_load(&keep->header->used);
    for (uint64_t at = KEEP_HEADER_BYTES / KEEP_UNIT; at < used;
         at += keep_entry_at(keep, at)->units)
        learn(keep, (uint32_t)at);
}

static bool set_aside(struct keep *keep, struct err *e)
{
    char *aside = mem_new(strlen(keep->path) + sizeof ".damaged", 1);
    sprintf(aside, "%s.damaged", keep->path);
    keep_file_close(keep);
    bool moved = rename(keep->path, aside) == 0;
    if (moved)
        log_line(LOG_ERROR, "keep %s: damaged; set aside as %s, the twins begin anew",
                 keep->path, aside);
    else
        err_set(e, "keep %s: damaged, and can't be renamed to %s: %s", keep->path, aside,
                strerror(errno));
    free(aside);
    return moved;
}

struct keep *keep_open(const char *path, struct err *e)
{
    struct keep *keep = mem_new(1, sizeof *keep);
    bool damaged;
    keep->fd = -1;
    keep->path = mem_text(path);
    bool open = keep_file_open(keep, &damaged, e) ||
                (damaged && set_aside(keep, e) && keep_file_open(keep, &damaged, e));
    if (!open) {
        keep_close(keep);
        return NULL;
    }
    learn_all(keep);
    return keep;
}

void keep_close(struct keep *keep)
{
    if (!keep)
        return;
    keep_file_close(keep);
    for (size_t i = 0; i < keep->n_holes; i++)
        free(keep->holes[i].at);
    free(keep->holes);
    free(keep->layouts);
    free(keep->index);
    free(keep->path);
    free(keep);
}
