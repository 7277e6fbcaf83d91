/* The inbox's file, shared by inbox.c (which moves messages) and inbox_file.c (which opens
 * the file and mends it).
 *
 *     header | one `seen` for each packet id | ring
 *
 * The ring is mapped twice, back to back, so that a record that wraps is still contiguous.
 * Positions count bytes and never wrap; the place in the ring is position % ring_bytes.
 *
 * Invariants, at any instant at which the process may be killed:
 *   - from the newest tail on, records follow each other with consecutive sequences;
 *   - a record's `check` is written last, from 0; the word after the newest record is 0;
 *   - a record that the consumer has seen is in `seen` (the others are put there again by
 *     the scan at open);
 *   - of the two tails the one that is not the newest is the one being written. */
#ifndef IO_INBOX_RING_H
#define IO_INBOX_RING_H

#include "twind/inbox.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    INBOX_PACKET_IDS = 65536,
    INBOX_HEADER_BYTES = 65536, /* a multiple of every page size in use */
    INBOX_SEEN_BYTES = INBOX_PACKET_IDS * 16,
    INBOX_RING_AT = INBOX_HEADER_BYTES + INBOX_SEEN_BYTES,
};

enum inbox_flag { INBOX_DUP = 1, INBOX_RETAINED = 2, INBOX_FILLER = 4 };

struct inbox_tail {
    uint64_t generation, seq, pos, ring_bytes; /* seq: the last one released */
    uint64_t check;
};

struct inbox_header {
    uint64_t magic, version;
    uint64_t record_magic; /* drawn once for each file: nobody can send a forged record */
    struct inbox_tail tails[2];
    _Atomic uint64_t session_first; /* the first sequence of this session */
    _Atomic uint64_t working;       /* the sequence that the consumer has in hand, or 0 */
    uint64_t suspect;               /* sequence << 8 | times that the daemon died of it */
};

/* What the last message with a packet id was. */
struct inbox_seen {
    uint64_t body, seq;
};

struct inbox_record {
    _Atomic uint64_t check; /* of all that follows up to the topic */
    uint64_t magic, seq;
    double received;
    uint64_t body; /* hash of the lengths, topic and payload */
    uint16_t packet_id, flags;
    uint32_t reserved;
    uint32_t topic_length, payload_length;
    char bytes[]; /* topic, payload, up to 7 zeros */
};

struct inbox {
    int fd;
    char *map;
    size_t map_bytes;
    struct inbox_header *header;
    struct inbox_seen *seen;
    char *ring;
    uint64_t ring_bytes, record_magic;

    _Atomic uint64_t head, head_seq; /* written by the producer */
    _Atomic uint64_t put, redelivered, too_large;
    unsigned long too_large_said;

    uint64_t cursor; /* the consumer's next record */

    uint64_t tail_generation; /* written by the releaser */
    _Atomic uint64_t tail, tail_seq;

    pthread_mutex_t mutex; /* only for the producer's wait */
    pthread_cond_t room;
    atomic_bool blocked, stopped;
};

static inline struct inbox_record *inbox_record_at(const struct inbox *inbox, uint64_t pos)
{
    return (struct inbox_record *)(void *)(inbox->ring + pos % inbox->ring_bytes);
}

/* Bytes that a record with a body of that length takes. */
static inline uint64_t inbox_record_bytes(uint64_t body_length)
{
    return (sizeof(struct inbox_record) + body_length + 7) & ~UINT64_C(7);
}

static inline uint64_t inbox_record_size(const struct inbox_record *record)
{
    return inbox_record_bytes((uint64_t)record->topic_length + record->payload_length);
}

uint64_t inbox_record_body(const struct inbox_record *record);
uint64_t inbox_record_check(const struct inbox_record *record);

/* Makes `pos` the tail, on file first. */
void inbox_set_tail(struct inbox *inbox, uint64_t pos, uint64_t seq);

#endif
