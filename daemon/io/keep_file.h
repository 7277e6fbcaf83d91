/* The keep's file, shared by keep.c (what callers do) and keep_file.c (opening, growing).
 *
 *     header page | entry | entry | ..        each a whole number of 64-byte units
 *
 * An entry is a layout's text or a twin's place: id, marks, two generations of the block.
 * `used` moves past an entry only when it is whole; the length of an entry never changes,
 * so the chain can always be walked. An entry that was given up is filled again by one of
 * the same length: its contents count only while its state is USED, which is written last.
 *
 * A generation carries the number of the run (of the program) that wrote it. After a crash
 * one of a former run with a sequence that was never committed is stale: it is the first to
 * be overwritten and never read, or else the only committed one would be lost. */
#ifndef IO_KEEP_FILE_H
#define IO_KEEP_FILE_H

#include "twind/keep.h"

#include <stdatomic.h>

enum { KEEP_UNIT = 64, KEEP_HEADER_BYTES = 4096 };
enum keep_type { KEEP_LAYOUT = 1, KEEP_PLACE = 2 };
enum keep_state { KEEP_GIVEN_UP = 0, KEEP_USED = 1 };

struct keep_header {
    uint64_t magic, version;
    _Atomic uint64_t used; /* units, header included */
    uint64_t run, births;
    _Atomic uint64_t
        applied; /* sequence committed when this run began; UINT64_MAX: unknown */
};

struct keep_entry {
    uint64_t head_check; /* of type and units */
    uint32_t type, units;
    uint64_t check; /* of what follows up to and including the text, but the state */
    uint64_t birth; /* of two places of one id the younger counts */
    uint32_t layout, size, marks, length;
    _Atomic uint32_t state;
    char text[]; /* id or layout, terminated */
};

struct keep_generation {
    _Atomic uint64_t check; /* 0 while it is written */
    uint64_t seq, run;
    char block[];
};

/* Given-up entries of one length. */
struct keep_hole {
    uint32_t units, *at;
    size_t n, room;
};

struct keep {
    int fd;
    char *map, *path;
    size_t reserved, file_bytes;
    struct keep_header *header;
    uint32_t *index; /* entries' units by hash of id; 0: free, 1: was deleted */
    size_t index_size, index_used;
    uint32_t *layouts; /* [number - 1] */
    size_t n_layouts, room_layouts;
    struct keep_hole *holes;
    size_t n_holes, room_holes;
    unsigned long full_said;
};

static inline struct keep_entry *keep_entry_at(const struct keep *keep, uint64_t unit)
{
    return (struct keep_entry *)(void *)(keep->map + unit * KEEP_UNIT);
}

uint64_t keep_entry_head_check(const struct keep_entry *entry);
uint64_t keep_entry_check(const struct keep_entry *entry);

/* Maps the file and checks its chain; `*damaged`: it is one, but not whole. */
bool keep_file_open(struct keep *keep, bool *damaged, struct err *e);
void keep_file_close(struct keep *keep);

/* The unit of a new entry of that length, whose head is written; 0: no room on the disk. */
uint32_t keep_file_extend(struct keep *keep, enum keep_type type, uint32_t units);

#endif
