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

/* A layout is the text that gives blocks their meaning (see plan_layout()); it is stored
 * once and named by a number from 1, the same after a restart. 0: the disk has no room. */
uint32_t keep_layout(struct keep *keep, const char *text);
const char *keep_layout_text(const struct keep *keep, uint32_t layout);

/* The place of a twin as it was left; KEEP_NONE: the id is not known. */
uint64_t keep_find(const struct keep *keep, const char *id);
uint32_t keep_place_layout(const struct keep *keep, uint64_t place);
size_t keep_place_size(const struct keep *keep, uint64_t place);

/* A new place for a twin, with `marks` words beside the block; an older place of the same
 * id is given up. KEEP_NONE where the disk has no room (logged). */
uint64_t keep_place(struct keep *keep, const char *id, uint32_t layout, size_t size,
                    size_t marks);

/* The newest intact block of sequence <= applied; NULL: none. Valid until the second
 * keep_write after it. The first call of a run says how far the history had come when it
 * began: what former runs wrote beyond that is never read and overwritten first. */
const void *keep_read(const struct keep *keep, uint64_t place, uint64_t applied);

/* Writes the block as of `seq` over the older generation. On the history's writer thread,
 * before the commit of `seq`. */
void keep_write_on_writer(struct keep *keep, uint64_t place, uint64_t seq,
                          const void *block);

/* Marks: single words that change at once, outside the generations. Zero at first. */
uint32_t keep_mark(const struct keep *keep, uint64_t place, size_t index);
void keep_set_mark(struct keep *keep, uint64_t place, size_t index, uint32_t value);

/* Gives up the places of ids that `wanted` does not want, after telling each id once: how a
 * restart finds the twins of fleets again. */
void keep_each(struct keep *keep, void *context,
               bool (*wanted)(void *context, const char *id));

#endif
