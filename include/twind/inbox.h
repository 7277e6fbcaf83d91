/* The crash-safe inbox: a ring of raw messages in a memory-mapped file.
 *
 * Paho acknowledges a message when its callback returns, so the callback puts the message
 * here first; the record is dropped only after the history has committed what came of it.
 * A kill at any instant loses nothing: the pages are the kernel's. One producer thread
 * (Paho's), one consumer thread (the loop).
 *
 * A redelivery (DUP set, same packet id, same topic and payload, within 60,000 sequences of
 * one session) is recognised and not stored again. */
#ifndef TWIND_INBOX_H
#define TWIND_INBOX_H

#include "twind/err.h"

#include <stddef.h>
#include <stdint.h>

struct inbox;

struct inbox_message {
    uint64_t seq;      /* consecutive, from 1; set by the inbox */
    double received;   /* s since the epoch */
    const char *topic; /* not terminated; inside the ring, valid until released */
    size_t topic_length;
    const char *payload;
    size_t payload_length;
    uint16_t packet_id; /* 0 at QoS 0 */
    bool dup, retained;
    bool poisoned; /* the daemon died three times while it worked on this one */
};

/* Opens or creates the file (a ring of about `bytes`, allocated and locked at once) and
 * finds the records after sequence `applied`. A file of another size is resized when it
 * holds no messages. Damaged records are logged and stepped over. NULL: the file is locked
 * by another process, the disk is full, or it is no inbox. */
struct inbox *inbox_open(const char *path, size_t bytes, uint64_t applied, struct err *e);
void inbox_close(struct inbox *inbox);

/* Copies a message in (its seq and poisoned are not read). While the ring is full it
 * blocks: never is a message dropped that the broker would think delivered. True: the
 * message is safe, came before, or is larger than the ring can ever hold (counted and
 * logged). False: it was not stored, for the ring is full after inbox_stop(): it must not
 * be acknowledged. */
bool inbox_put_on_paho(struct inbox *inbox, const struct inbox_message *message);

/* Lets a blocked producer go; from now on nobody waits for room. */
void inbox_stop(struct inbox *inbox);

/* A new connection without session: packet ids start again, so nothing that came before is
 * delivered again. On the producer's thread, before the connection's first message. */
void inbox_new_session(struct inbox *inbox);

/* The next message that the consumer has not seen; false: none. The pointers stay valid
 * until inbox_release() passes the sequence. */
bool inbox_next(struct inbox *inbox, struct inbox_message *message);

/* The consumer is done with the message that inbox_next() gave (it no longer counts as the
 * one that may kill the daemon). */
void inbox_done(struct inbox *inbox);

/* All up to and including `seq` (which the consumer has seen) are in the history: their
 * room is free. On any one thread. */
void inbox_release(struct inbox *inbox, uint64_t seq);

/* Waits until the disk holds what the ring holds. A kill needs no such call; without it a
 * power cut may cost what the kernel had not yet written. */
bool inbox_sync(struct inbox *inbox, struct err *e);

struct inbox_stats {
    uint64_t put, redelivered, too_large; /* since it was opened */
    uint64_t depth;                       /* messages not yet released */
    uint64_t capacity_bytes, used_bytes;
    bool blocked; /* the producer waits for room now */
};

struct inbox_stats inbox_stats(const struct inbox *inbox);

#endif
