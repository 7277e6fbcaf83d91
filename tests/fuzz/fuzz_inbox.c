/* A program of bytes works on an inbox: messages go in, come out and are released, the file
 * is opened again, grows, is cut, and is damaged anywhere, with or without its checksums
 * put right afterwards. It must never crash or hang; and as long as nothing was damaged it
 * must give back every message once, in order, as it was put. With 'R' as first byte the
 * rest is the file itself. */
#include "inbox_ring.h"

#include "twind/log.h"
#include "twind/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RING = 65536, STEPS = 200, FIXED = offsetof(struct inbox_record, bytes) };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct program {
    const uint8_t *at, *end;
    struct inbox *inbox;
    bool damaged;
    size_t bytes;                  /* asked for at the next opening */
    uint64_t put, taken, released; /* sequences */
    char path[64];
};

static uint64_t draw(struct program *p, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | (p->at < p->end ? *p->at++ : 0);
    return value;
}

static void require(bool promise)
{
    if (!promise)
        abort();
}

/* What a message of this sequence holds, so that it can be told again. */
static size_t fill(uint64_t seq, size_t length, char *to)
{
    for (size_t i = 0; i < length; i++)
        to[i] = (char)(seq * 31 + i);
    return length;
}

static void put(struct program *p)
{
    static char text[2 * RING];
    size_t topic = draw(p, 1), payload = draw(p, 2);
    struct inbox_message m = {
        .topic = text, .topic_length = topic, .payload = text + topic};
    m.packet_id = (uint16_t)draw(p, 1);
    m.payload_length = payload;
    m.received = 1;
    fill(p->put + 1, topic + payload, text);
    struct inbox_stats before = inbox_stats(p->inbox);
    bool stored = inbox_put_on_paho(p->inbox, &m);
    p->put += inbox_stats(p->inbox).put - before.put;
    require(stored || inbox_stats(p->inbox).put == before.put);
}

static void next(struct program *p)
{
    static char text[2 * RING];
    struct inbox_message m;
    bool found = inbox_next(p->inbox, &m);
    if (!found) {
        require(p->damaged || p->taken == p->put);
        return;
    }
    volatile uint64_t sum = mem_hash(m.topic, m.topic_length + m.payload_length);
    (void)sum;
    if (!p->damaged) {
        require(m.seq == ++p->taken);
        fill(m.seq, m.topic_length + m.payload_length, text);
        require(memcmp(text, m.topic, m.topic_length + m.payload_length) == 0);
    } else {
        p->taken = m.seq;
    }
    if (draw(p, 1) & 1)
        inbox_done(p->inbox);
}

static void release(struct program *p)
{
    uint64_t back = draw(p, 1);
    uint64_t to = back < p->taken ? p->taken - back : 0;
    inbox_release(p->inbox, to);
    if (to > p->released)
        p->released = to;
}

static bool open_again(struct program *p)
{
    struct err e;
    inbox_close(p->inbox);
    p->inbox = inbox_open(p->path, p->bytes, p->released, &e);
    require(p->inbox || p->damaged);
    if (!p->inbox)
        return false;
    inbox_stop(p->inbox); /* a full ring refuses, nobody waits */
    p->taken = p->released;
    if (p->damaged)
        p->put = 0;
    return true;
}

static void damage(struct program *p)
{
    uint64_t place = draw(p, 1), offset = draw(p, 2), value = draw(p, 4);
    char *bytes = p->inbox->map;
    if (place & 1) /* near a record */
        bytes = p->inbox->ring +
                (atomic_load(&p->inbox->tail) + (offset & 0x7FF8)) % p->inbox->ring_bytes;
    else if (place & 2)
        bytes += offset % INBOX_HEADER_BYTES;
    else
        bytes += offset % sizeof(struct inbox_header);
    if (place & 4)
        value <<= 32;
    memcpy(bytes, &value, place & 8 ? 8 : 1 + (place >> 4) % 8);
    p->damaged = true;
}

/* Makes a damaged record, or tail, one that a check lets pass. */
static void sign(struct program *p)
{
    uint64_t offset = draw(p, 2);
    struct inbox_header *header = p->inbox->header;
    if (offset & 1) {
        struct inbox_tail *tail = &header->tails[offset >> 1 & 1];
        tail->check = mem_hash(tail, offsetof(struct inbox_tail, check));
    } else {
        struct inbox_record *record =
            inbox_record_at(p->inbox, atomic_load(&p->inbox->tail) + (offset & 0x7FF8));
        record->magic = p->inbox->record_magic;
        if (offset & 2 && inbox_record_size(record) < p->inbox->ring_bytes)
            record->body = inbox_record_body(record);
        atomic_store(&record->check, inbox_record_check(record));
    }
    p->damaged = true;
}

static void cut(struct program *p)
{
    off_t length = (off_t)draw(p, 3);
    inbox_close(p->inbox);
    p->inbox = NULL;
    require(truncate(p->path, length) == 0);
    p->damaged = true;
}

/* After damage the running instance is not used any more, as after a kill. */
static bool step(struct program *p)
{
    switch (draw(p, 1) % 10) {
    case 0:
    case 1:
    case 2:
        put(p);
        return true;
    case 3:
    case 4:
        next(p);
        return true;
    case 5:
        release(p);
        return true;
    case 6:
        p->bytes = RING * (1 + (size_t)draw(p, 1) % 3);
        return open_again(p);
    case 7:
        damage(p);
        return open_again(p);
    case 8:
        damage(p);
        sign(p);
        return open_again(p);
    default:
        if (draw(p, 1) < 250)
            return true;
        cut(p);
        return open_again(p);
    }
}

static void drain(struct program *p)
{
    struct inbox_message m;
    while (inbox_next(p->inbox, &m)) {
        volatile uint64_t sum = mem_hash(m.topic, m.topic_length + m.payload_length);
        (void)sum;
        inbox_done(p->inbox);
        inbox_release(p->inbox, m.seq);
    }
}

static void write_raw(const struct program *p)
{
    int fd = open(p->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    size_t length = (size_t)(p->end - p->at);
    require(fd >= 0 && write(fd, p->at, length) == (ssize_t)length);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *folder = getenv("TMPDIR");
    struct program p = {.at = data, .end = data + size, .bytes = RING};
    snprintf(p.path, sizeof p.path, "%.40s/fuzz_inbox.%ld", folder ? folder : "/dev/shm",
             (long)getpid());
    log_set_level(LOG_ERROR - 1);
    unlink(p.path);
    if (size && *data == 'R') {
        p.at++;
        p.damaged = true;
        write_raw(&p);
    }
    if (open_again(&p)) {
        int steps = 0;
        while (p.at < p.end && steps++ < STEPS && step(&p))
            ;
        if (p.inbox)
            drain(&p);
        inbox_close(p.inbox);
    }
    unlink(p.path);
    return 0;
}
