/* What the twins know, kept through a crash: each twin's block (state, covariance, sensors,
 * rules, alerts) in a memory-mapped file, two generations each, so that the block of the
 * last committed inbox sequence is always there whole. */
#ifndef TWIND_KEEP_H
#define TWIND_KEEP_H

#include "twind/err.h"

#include <stddef.h>
#include <stdint.h>

struct keep;

enum { KEEP_NONE = 0 }; /* no place: nothing is kept (the disk was full) */

/* Opens or creates the file. A damaged file is set aside as PATH.damaged and a new one
 * begun, which is logged. Addresses stay valid while it grows. */
struct keep *keep_open(const char *path, struct err *e);
void keep_close(struct keep *keep);

/* The place for a twin, made if it is new. `layout` is a hash of all that gives the block
 * its meaning; a place of other layout or size is given up and a new one made. `marks` words
 * of 32 bits live beside the block. KEEP_NONE where the disk has no room (logged). */
uint64_t keep_place(struct keep *keep, const char *id, uint64_t layout, size_t size,
                    size_t marks);

/* The newest intact block of sequence <= applied; NULL: none. Valid until keep_write. */
const void *keep_read(const struct keep *keep, uint64_t place, uint64_t applied);

/* Writes the block as of `seq` over the older generation. On the history's writer thread,
 * before the commit of `seq`. */
void keep_write_on_writer(struct keep *keep, uint64_t place, uint64_t seq, const void *block);

/* Marks: single words that change at once, outside the generations. */
uint32_t keep_mark(const struct keep *keep, uint64_t place, size_t index);
void keep_set_mark(struct keep *keep, uint64_t place, size_t index, uint32_t value);

#endif
