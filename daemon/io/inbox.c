/* Moving messages through the ring. The producer (Paho's thread) and the consumer (the
 * loop) share two atomic positions and meet at a lock only when the ring is full.
 *
 * Only the compiler could harm the file's invariants when the process is killed (what the
 * processor has stored is the kernel's), hence the release stores. */
#include "inbox_ring.h"

#include "twind/log.h"
#include "twind/mem.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

enum { WINDOW = 60000, DEATHS = 3 };

uint64_t inbox_record_body(const struct inbox_record *record)
{
    size_t lengths = sizeof record->topic_length + sizeof record->payload_length;
    return mem_hash(&record->topic_length,
                    lengths + record->topic_length + record->payload_length);
}

uint64_t inbox_record_check(const struct inbox_record *record)
{
    size_t skip = offsetof(struct inbox_record, magic);
    uint64_t check = mem_hash(&record->magic, offsetof(struct inbox_record, bytes) - skip);
    return check ? check : 1;
}

void inbox_set_tail(struct inbox *inbox, uint64_t pos, uint64_t seq)
{
    struct inbox_tail tail = {++inbox->tail_generation, seq, pos, inbox->ring_bytes, 0};
    tail.check = mem_hash(&tail, offsetof(struct inbox_tail, check));
    inbox->header->tails[tail.generation % 2] = tail;
    atomic_store(&inbox->tail_seq, seq);
    atomic_store(&inbox->tail, pos);
}

/* -- producer -- */

static bool fits(struct inbox *inbox, uint64_t head, uint64_t size)
{
    /* 8 more for the zero word that ends the ring */
    return head + size + 8 - atomic_load(&inbox->tail) <= inbox->ring_bytes;
}

static bool wait_for_room(struct inbox *inbox, uint64_t head, uint64_t size)
{
    if (fits(inbox, head, size))
        return true;
    pthread_mutex_lock(&inbox->mutex);
    atomic_store(&inbox->blocked, true);
    while (!fits(inbox, head, size) && !atomic_load(&inbox->stopped))
        pthread_cond_wait(&inbox->room, &inbox->mutex);
    atomic_store(&inbox->blocked, false);
    pthread_mutex_unlock(&inbox->mutex);
    return fits(inbox, head, size);
}

static void write_record(struct inbox *inbox, struct inbox_record *record,
                         const struct inbox_message *m, uint64_t size)
{
    memset((char *)record + size - 8, 0, 16); /* padding, and the word that ends the ring */
    record->magic = inbox->record_magic;
    record->seq = atomic_load_explicit(&inbox->head_seq, memory_order_relaxed) + 1;
    record->received = m->received;
    record->packet_id = m->packet_id;
    record->flags =
        (uint16_t)((m->dup ? INBOX_DUP : 0) | (m->retained ? INBOX_RETAINED : 0));
    record->reserved = 0;
    record->topic_length = (uint32_t)m->topic_length;
    record->payload_length = (uint32_t)m->payload_length;
    memcpy(record->bytes, m->topic, m->topic_length);
    if (m->payload_length)
        memcpy(record->bytes + m->topic_length, m->payload, m->payload_length);
    record->body = inbox_record_body(record);
}

static bool came_before(const struct inbox *inbox, const struct inbox_record *record)
{
    const struct inbox_seen *seen = &inbox->seen[record->packet_id];
    return (record->flags & INBOX_DUP) && record->packet_id != 0 &&
           seen->body == record->body && seen->seq < record->seq &&
           seen->seq >= atomic_load(&inbox->header->session_first) &&
           record->seq - seen->seq < WINDOW;
}

static void commit_record(struct inbox *inbox, struct inbox_record *record)
{
    uint64_t check = inbox_record_check(record);
    atomic_store_explicit(&record->check, check, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
    if (record->packet_id)
        inbox->seen[record->packet_id] = (struct inbox_seen){record->body, record->seq};
}

static void refuse_too_large(struct inbox *inbox, const struct inbox_message *m)
{
    atomic_fetch_add(&inbox->too_large, 1);
    if (log_worth(&inbox->too_large_said))
        log_line(LOG_ERROR,
                 "inbox: message of %zu bytes on %.*s dropped: the ring holds %llu",
                 m->payload_length, (int)m->topic_length, m->topic,
                 (unsigned long long)inbox->ring_bytes);
}

bool inbox_put_on_paho(struct inbox *inbox, const struct inbox_message *m)
{
    uint64_t size = inbox_record_bytes((uint64_t)m->topic_length + m->payload_length);
    if (size + 8 > inbox->ring_bytes) {
        refuse_too_large(inbox, m);
        return true;
    }
    uint64_t head = atomic_load_explicit(&inbox->head, memory_order_relaxed);
    if (!wait_for_room(inbox, head, size))
        return false;
    struct inbox_record *record = inbox_record_at(inbox, head);
    write_record(inbox, record, m, size);
    if (came_before(inbox, record)) {
        atomic_fetch_add(&inbox->redelivered, 1);
        return true;
    }
    commit_record(inbox, record);
    atomic_store_explicit(&inbox->head_seq, record->seq, memory_order_relaxed);
    atomic_store_explicit(&inbox->head, head + size, memory_order_release);
    uint64_t put = atomic_load_explicit(&inbox->put, memory_order_relaxed);
    atomic_store_explicit(&inbox->put, put + 1, memory_order_relaxed);
    return true;
}

void inbox_new_session(struct inbox *inbox)
{
    atomic_store(&inbox->header->session_first, atomic_load(&inbox->head_seq) + 1);
}

void inbox_stop(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->mutex);
    atomic_store(&inbox->stopped, true);
    pthread_cond_broadcast(&inbox->room);
    pthread_mutex_unlock(&inbox->mutex);
}

/* -- consumer -- */

bool inbox_next(struct inbox *inbox, struct inbox_message *m)
{
    const struct inbox_record *record;
    do {
        if (inbox->cursor == atomic_load_explicit(&inbox->head, memory_order_acquire))
            return false;
        record = inbox_record_at(inbox, inbox->cursor);
        inbox->cursor += inbox_record_size(record);
    } while (record->flags & INBOX_FILLER);
    uint64_t suspect = inbox->header->suspect;
    *m = (struct inbox_message){
        .seq = record->seq,
        .received = record->received,
        .topic = record->bytes,
        .topic_length = record->topic_length,
        .payload = record->bytes + record->topic_length,
        .payload_length = record->payload_length,
        .packet_id = record->packet_id,
        .dup = record->flags & INBOX_DUP,
        .retained = record->flags & INBOX_RETAINED,
        .poisoned = suspect >> 8 == record->seq && (suspect & 255) >= DEATHS,
    };
    atomic_store_explicit(&inbox->header->working, record->seq, memory_order_release);
    return true;
}

void inbox_done(struct inbox *inbox)
{
    atomic_store_explicit(&inbox->header->working, 0, memory_order_release);
}

/* -- releaser -- */

void inbox_release(struct inbox *inbox, uint64_t seq)
{
    uint64_t head = atomic_load_explicit(&inbox->head, memory_order_acquire);
    uint64_t pos = atomic_load(&inbox->tail), last = atomic_load(&inbox->tail_seq);
    while (pos != head) {
        const struct inbox_record *record = inbox_record_at(inbox, pos);
        if (record->seq > seq)
            break;
        last = record->seq;
        pos += inbox_record_size(record);
    }
    if (pos == atomic_load(&inbox->tail))
        return;
    inbox_set_tail(inbox, pos, last);
    if (atomic_load(&inbox->blocked)) {
        pthread_mutex_lock(&inbox->mutex);
        pthread_cond_broadcast(&inbox->room);
        pthread_mutex_unlock(&inbox->mutex);
    }
}

bool inbox_sync(struct inbox *inbox, struct err *e)
{
    if (msync(inbox->map, INBOX_RING_AT + inbox->ring_bytes, MS_SYNC) != 0)
        return err_set(e, "inbox: can't write to disk: %s", strerror(errno));
    return true;
}

struct inbox_stats inbox_stats(const struct inbox *inbox)
{
    /* the tail first: it can only follow the head */
    uint64_t tail = atomic_load(&inbox->tail), released = atomic_load(&inbox->tail_seq);
    return (struct inbox_stats){
        .put = atomic_load(&inbox->put),
        .redelivered = atomic_load(&inbox->redelivered),
        .too_large = atomic_load(&inbox->too_large),
        .depth = atomic_load(&inbox->head_seq) - released,
        .capacity_bytes = inbox->ring_bytes,
        .used_bytes = atomic_load(&inbox->head) - tail,
        .blocked = atomic_load(&inbox->blocked),
    };
}
