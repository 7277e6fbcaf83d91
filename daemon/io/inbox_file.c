/* Opening the inbox's file: lock, allocate, map, find the records, mend what is damaged.
 *
 * Checksums are mem_hash (64 bits), not CRC32C: they tell torn and damaged records from
 * whole ones; against forgery stands the record magic, drawn at random for each file.
 *
 * A damaged record hides where the next one begins. It is searched for by that magic, and
 * the gap becomes a filler record, so that the ring is consecutive again. */
#include "inbox_ring.h"

#include "twind/log.h"
#include "twind/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { VERSION = 1, RING_MIN = INBOX_HEADER_BYTES };

static const uint64_t MAGIC = UINT64_C(0x58424e49444e5754); /* "TWNDINBX" */

/* A whole number of pages, or 0 where it can't be. */
static uint64_t round_ring(uint64_t bytes)
{
    if (bytes < RING_MIN)
        return RING_MIN;
    if (bytes > UINT64_C(1) << 31)
        return 0;
    return (bytes + INBOX_HEADER_BYTES - 1) / INBOX_HEADER_BYTES * INBOX_HEADER_BYTES;
}

static const struct inbox_tail *newest_tail(const struct inbox_header *header)
{
    const struct inbox_tail *best = NULL;
    for (int i = 0; i < 2; i++) {
        const struct inbox_tail *tail = &header->tails[i];
        if (tail->check == mem_hash(tail, offsetof(struct inbox_tail, check)) &&
            tail->ring_bytes == round_ring(tail->ring_bytes) && tail->pos % 8 == 0 &&
            (!best || tail->generation > best->generation))
            best = tail;
    }
    return best;
}

static bool lock_file(int fd, const char *path, struct err *e)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (errno == EWOULDBLOCK)
        return err_set(e, "inbox %s: in use by another process (is another twind running?)",
                       path);
    return err_set(e, "inbox %s: can't lock: %s", path, strerror(errno));
}

/* The file's own ring size; 0 in *ring_bytes: it is new. */
static bool read_size(int fd, const char *path, uint64_t *ring_bytes, struct err *e)
{
    struct inbox_header header;
    ssize_t got = pread(fd, &header, sizeof header, 0);
    if (got < 0)
        return err_set(e, "inbox %s: can't read: %s", path, strerror(errno));
    *ring_bytes = 0;
    if (got == 0 || (got == (ssize_t)sizeof header && header.magic == 0))
        return true; /* empty, or killed before its first record */
    if (got < (ssize_t)sizeof header || header.magic != MAGIC)
        return err_set(e, "inbox %s: this is no inbox file; move it away", path);
    if (header.version != VERSION)
        return err_set(e, "inbox %s: version %llu, this program knows %d", path,
                       (unsigned long long)header.version, VERSION);
    const struct inbox_tail *tail = newest_tail(&header);
    if (!tail)
        return err_set(e, "inbox %s: its header is damaged; move the file away", path);
    *ring_bytes = tail->ring_bytes;
    return true;
}

static bool allocate(int fd, const char *path, uint64_t ring_bytes, struct err *e)
{
    uint64_t total = INBOX_RING_AT + ring_bytes;
    int rc;
    do
        rc = posix_fallocate(fd, 0, (off_t)total);
    while (rc == EINTR);
    if (rc)
        return err_set(e, "inbox %s: no room for its %llu MB: %s", path,
                       (unsigned long long)(total >> 20), strerror(rc));
    return true;
}

static bool map_file(struct inbox *inbox, const char *path, struct err *e)
{
    size_t first = INBOX_RING_AT + inbox->ring_bytes;
    inbox->map_bytes = first + inbox->ring_bytes;
    int prot = PROT_READ | PROT_WRITE;
    /* the second half lies beyond the file's end until the ring is put over it once more */
    char *map = mmap(NULL, inbox->map_bytes, prot, MAP_SHARED, inbox->fd, 0);
    if (map == MAP_FAILED)
        return err_set(e, "inbox %s: can't map: %s", path, strerror(errno));
    if (mmap(map + first, inbox->ring_bytes, prot, MAP_SHARED | MAP_FIXED, inbox->fd,
             INBOX_RING_AT) == MAP_FAILED) {
        err_set(e, "inbox %s: can't map twice: %s", path, strerror(errno));
        munmap(map, inbox->map_bytes);
        return false;
    }
    inbox->map = map;
    inbox->header = (struct inbox_header *)(void *)map;
    inbox->seen = (struct inbox_seen *)(void *)(map + INBOX_HEADER_BYTES);
    inbox->ring = map + INBOX_RING_AT;
    return true;
}

static uint64_t draw_magic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t drawn[4] = {(uint64_t)now.tv_sec, (uint64_t)now.tv_nsec, (uint64_t)getpid(),
                         0};
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t got = read(fd, &drawn[3], sizeof drawn[3]);
        (void)got; /* without it the time alone must do */
        close(fd);
    }
    return mem_hash(drawn, sizeof drawn);
}

static void begin_file(struct inbox *inbox, uint64_t applied)
{
    struct inbox_header *header = inbox->header;
    header->version = VERSION;
    header->record_magic = draw_magic();
    inbox_set_tail(inbox, 0, applied);
    atomic_signal_fence(memory_order_seq_cst);
    header->magic = MAGIC; /* last: from here on it is an inbox */
}

/* -- finding the records -- */

/* All that is read is inside the double mapping, whatever the lengths say. */
static bool is_whole(const struct inbox *inbox, const struct inbox_record *record)
{
    if (record->magic != inbox->record_magic ||
        inbox_record_size(record) + 8 > inbox->ring_bytes)
        return false;
    if (atomic_load(&record->check) != inbox_record_check(record))
        return false;
    return (record->flags & INBOX_FILLER) || record->body == inbox_record_body(record);
}

/* Bytes from a damaged record to the next whole one; 0: there is none. */
static uint64_t find_next(const struct inbox *inbox, uint64_t pos, uint64_t seq)
{
    uint64_t most = inbox->ring_bytes - sizeof(struct inbox_record);
    for (uint64_t gap = sizeof(struct inbox_record); gap < most; gap += 8) {
        const struct inbox_record *record = inbox_record_at(inbox, pos + gap);
        if (record->magic == inbox->record_magic && record->seq > seq &&
            record->seq - seq < inbox->ring_bytes && is_whole(inbox, record))
            return gap;
    }
    return 0;
}

static void fill_gap(struct inbox *inbox, uint64_t pos, uint64_t gap)
{
    struct inbox_record *record = inbox_record_at(inbox, pos);
    atomic_store(&record->check, 0);
    record->magic = inbox->record_magic;
    record->seq = inbox_record_at(inbox, pos + gap)->seq - 1;
    record->packet_id = 0;
    record->flags = INBOX_FILLER;
    record->topic_length = 0;
    record->payload_length = (uint32_t)(gap - sizeof *record);
    atomic_store(&record->check, inbox_record_check(record));
}

/* The record after `seq` at `pos`, mending what lies before it; NULL: there is none. */
static struct inbox_record *find_record(struct inbox *inbox, const char *path, uint64_t pos,
                                        uint64_t seq)
{
    struct inbox_record *record = inbox_record_at(inbox, pos);
    if (atomic_load(&record->check) == 0)
        return NULL;
    if (is_whole(inbox, record) &&
        (record->seq == seq + 1 || (record->seq > seq && (record->flags & INBOX_FILLER))))
        return record;
    uint64_t gap = find_next(inbox, pos, seq);
    if (gap == 0) {
        log_line(LOG_WARNING, "inbox %s: damaged after message %llu, nothing whole follows",
                 path, (unsigned long long)seq);
        return NULL;
    }
    fill_gap(inbox, pos, gap);
    log_line(LOG_WARNING, "inbox %s: %llu damaged bytes after message %llu, %llu lost",
             path, (unsigned long long)gap, (unsigned long long)seq,
             (unsigned long long)(record->seq - seq));
    return record;
}

static void remember(struct inbox *inbox, const struct inbox_record *record)
{
    if (record->packet_id)
        inbox->seen[record->packet_id] = (struct inbox_seen){record->body, record->seq};
}

/* Walks from the tail to the head; the tail moves past what was applied. */
static void scan(struct inbox *inbox, const char *path, uint64_t applied)
{
    const struct inbox_tail *tail = newest_tail(inbox->header);
    uint64_t pos = tail->pos, seq = tail->seq;
    uint64_t first = pos, before = seq, end = pos + inbox->ring_bytes;
    inbox->tail_generation = tail->generation;
    const struct inbox_record *record;
    while (pos < end && (record = find_record(inbox, path, pos, seq))) {
        remember(inbox, record);
        pos += inbox_record_size(record);
        seq = record->seq;
        if (seq <= applied) {
            first = pos;
            before = seq;
        }
    }
    atomic_store(&inbox_record_at(inbox, pos)->check, 0);
    if (seq < applied) /* the history knows more than this file: go on from there */
        before = seq = applied;
    inbox->cursor = first;
    atomic_store(&inbox->head, pos);
    atomic_store(&inbox->head_seq, seq);
    inbox_set_tail(inbox, first, before);
}

/* A message in hand when the process died counts against it. */
static void note_death(struct inbox_header *header)
{
    uint64_t working = atomic_load(&header->working);
    if (working == 0)
        return;
    uint64_t deaths = header->suspect >> 8 == working ? header->suspect & 255 : 0;
    header->suspect = working << 8 | (deaths < 255 ? deaths + 1 : 255);
    atomic_store(&header->working, 0);
}

/* -- opening -- */

static bool open_ring(struct inbox *inbox, const char *path, uint64_t ring_bytes,
                      uint64_t applied, struct err *e)
{
    inbox->ring_bytes = ring_bytes;
    if (!allocate(inbox->fd, path, ring_bytes, e) || !map_file(inbox, path, e))
        return false;
    if (inbox->header->magic != MAGIC)
        begin_file(inbox, applied);
    inbox->record_magic = inbox->header->record_magic;
    note_death(inbox->header);
    scan(inbox, path, applied);
    return true;
}

/* An empty ring begins anew at position 0 with its new size. */
static bool resize(struct inbox *inbox, const char *path, uint64_t ring_bytes,
                   struct err *e)
{
    uint64_t seq = atomic_load(&inbox->head_seq);
    if (!allocate(inbox->fd, path, ring_bytes, e))
        return false;
    atomic_store(&inbox_record_at(inbox, 0)->check, 0);
    inbox->ring_bytes = ring_bytes;
    inbox_set_tail(inbox, 0, seq);
    munmap(inbox->map, inbox->map_bytes);
    inbox->map = NULL;
    if (ftruncate(inbox->fd, (off_t)(INBOX_RING_AT + ring_bytes)) != 0)
        return err_set(e, "inbox %s: can't cut: %s", path, strerror(errno));
    return open_ring(inbox, path, ring_bytes, seq, e);
}

static bool open_sized(struct inbox *inbox, const char *path, size_t bytes,
                       uint64_t applied, struct err *e)
{
    uint64_t wanted = round_ring(bytes), present = 0;
    if (wanted == 0)
        return err_set(e, "inbox %s: %zu bytes are more than 2 GB", path, bytes);
    if (!lock_file(inbox->fd, path, e) || !read_size(inbox->fd, path, &present, e))
        return false;
    if (!open_ring(inbox, path, present ? present : wanted, applied, e))
        return false;
    if (inbox->ring_bytes == wanted || inbox_stats(inbox).used_bytes > 0)
        return true;
    return resize(inbox, path, wanted, e);
}

static struct inbox *new_inbox(int fd)
{
    struct inbox *inbox = mem_new(1, sizeof *inbox);
    inbox->fd = fd;
    pthread_mutex_init(&inbox->mutex, NULL);
    pthread_cond_init(&inbox->room, NULL);
    return inbox;
}

static void free_inbox(struct inbox *inbox)
{
    if (inbox->map)
        munmap(inbox->map, inbox->map_bytes);
    close(inbox->fd);
    pthread_cond_destroy(&inbox->room);
    pthread_mutex_destroy(&inbox->mutex);
    free(inbox);
}

struct inbox *inbox_open(const char *path, size_t bytes, uint64_t applied, struct err *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        err_set(e, "inbox %s: can't open: %s", path, strerror(errno));
        return NULL;
    }
    struct inbox *inbox = new_inbox(fd);
    if (open_sized(inbox, path, bytes, applied, e))
        return inbox;
    free_inbox(inbox);
    return NULL;
}

void inbox_close(struct inbox *inbox)
{
    if (!inbox)
        return;
    inbox_done(inbox);
    free_inbox(inbox);
}
