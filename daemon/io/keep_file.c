/* Opening and growing the keep's file. A large stretch of addresses is mapped at once, far
 * beyond the file's end; what posix_fallocate() adds to the file becomes usable where it
 * already is, so addresses stay, and no page is touched that the disk has not promised. */
#include "keep_file.h"

#include "twind/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VERSION = 1, STEP_BYTES = 1 << 20, STEP_SHARE = 8 };

static const uint64_t MAGIC = UINT64_C(0x5045454b444e5754); /* "TWNDKEEP" */

uint64_t keep_entry_head_check(const struct keep_entry *entry)
{
    const uint64_t head[2] = {entry->type, entry->units};
    return mem_hash(head, sizeof head);
}

uint64_t keep_entry_check(const struct keep_entry *entry)
{
    const uint64_t parts[] = {entry->birth, entry->layout, entry->size, entry->marks,
                              mem_hash(entry->text, entry->length)};
    return mem_hash(parts, sizeof parts);
}

static bool is_sound(const struct keep_entry *entry, uint64_t left)
{
    if (left * KEEP_UNIT < sizeof *entry || entry->units == 0 || entry->units > left ||
        entry->head_check != keep_entry_head_check(entry))
        return false;
    if (atomic_load(&entry->state) != KEEP_USED)
        return true;
    size_t room = entry->units * (size_t)KEEP_UNIT - offsetof(struct keep_entry, text);
    return entry->length < room && entry->check == keep_entry_check(entry);
}

static bool is_chain_whole(const struct keep *keep)
{
    uint64_t used = atomic_load(&keep->header->used);
    if (keep->header->version != VERSION || used > keep->file_bytes / KEEP_UNIT ||
        used < KEEP_HEADER_BYTES / KEEP_UNIT)
        return false;
    for (uint64_t at = KEEP_HEADER_BYTES / KEEP_UNIT; at < used;
         at += keep_entry_at(keep, at)->units)
        if (!is_sound(keep_entry_at(keep, at), used - at))
            return false;
    return true;
}

static bool grow(struct keep *keep, size_t bytes)
{
    int rc;
    do /* a signal may come while the disk is at work */
        rc = posix_fallocate(keep->fd, (off_t)keep->file_bytes,
                             (off_t)(bytes - keep->file_bytes));
    while (rc == EINTR);
    if (rc == 0)
        keep->file_bytes = bytes;
    errno = rc;
    return rc == 0;
}

static bool reserve(struct keep *keep, struct err *e)
{
    for (keep->reserved = SIZE_MAX > UINT32_MAX ? (size_t)64 << 30 : (size_t)512 << 20;
         keep->reserved > keep->file_bytes; keep->reserved /= 2) {
        char *map =
            mmap(NULL, keep->reserved, PROT_READ | PROT_WRITE, MAP_SHARED, keep->fd, 0);
        if (map == MAP_FAILED)
            continue;
        keep->map = map;
        keep->header = (struct keep_header *)(void *)map;
        return true;
    }
    return err_set(e, "keep %s: can't map: %s", keep->path, strerror(errno));
}

static bool open_locked(struct keep *keep, struct err *e)
{
    struct stat status;
    keep->fd = open(keep->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (keep->fd < 0)
        return err_set(e, "keep %s: can't open: %s", keep->path, strerror(errno));
    if (flock(keep->fd, LOCK_EX | LOCK_NB) != 0)
        return err_set(e, "keep %s: in use by another process", keep->path);
    if (fstat(keep->fd, &status) != 0)
        return err_set(e, "keep %s: %s", keep->path, strerror(errno));
    keep->file_bytes = (size_t)status.st_size;
    if (keep->file_bytes < KEEP_HEADER_BYTES && !grow(keep, KEEP_HEADER_BYTES))
        return err_set(e, "keep %s: no room for its header: %s", keep->path,
                       strerror(errno));
    return true;
}

bool keep_file_open(struct keep *keep, bool *damaged, struct err *e)
{
    *damaged = false;
    if (!open_locked(keep, e) || !reserve(keep, e))
        return false;
    struct keep_header *header = keep->header;
    if (header->magic == 0 && atomic_load(&header->used) <= KEEP_HEADER_BYTES / KEEP_UNIT) {
        header->version = VERSION;
        atomic_store(&header->used, KEEP_HEADER_BYTES / KEEP_UNIT);
        header->magic = MAGIC;
    }
    if (header->magic != MAGIC || !is_chain_whole(keep)) {
        *damaged = true;
        return false;
    }
    header->run++;
    atomic_store(&header->applied, UINT64_MAX);
    return true;
}

void keep_file_close(struct keep *keep)
{
    if (keep->map)
        munmap(keep->map, keep->reserved);
    if (keep->fd >= 0)
        close(keep->fd);
    keep->map = NULL;
    keep->fd = -1;
}

/* In steps, or, where the disk has no room for a step, by what is needed. */
static bool make_room(struct keep *keep, size_t need)
{
    if (need <= keep->file_bytes)
        return true;
    size_t step = keep->file_bytes / STEP_SHARE;
    size_t more = need + (step > STEP_BYTES ? step : STEP_BYTES);
    more = more / KEEP_HEADER_BYTES * KEEP_HEADER_BYTES;
    if (need > keep->reserved)
        return false;
    return grow(keep, more < keep->reserved ? more : keep->reserved) || grow(keep, need);
}

uint32_t keep_file_extend(struct keep *keep, enum keep_type type, uint32_t units)
{
    uint64_t at = atomic_load(&keep->header->used);
    if (at + units > UINT32_MAX || !make_room(keep, (size_t)(at + units) * KEEP_UNIT))
        return 0;
    struct keep_entry *entry = keep_entry_at(keep, at);
    memset(entry, 0, (size_t)units * KEEP_UNIT);
    entry->type = type;
    entry->units = units;
    entry->head_check = keep_entry_head_check(entry);
    atomic_store(&keep->header->used, at + units);
    return (uint32_t)at;
}
