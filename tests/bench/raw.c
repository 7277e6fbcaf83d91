#include "raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

double raw_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void die(const char *what)
{
    perror(what);
    exit(3);
}

void raw_write(struct raw *raw, const void *bytes, size_t n)
{
    for (const char *at = bytes; n > 0;) {
        ssize_t sent = send(raw->fd, at, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            die("send");
        at += sent;
        n -= (size_t)sent;
    }
}

static size_t put_length(unsigned char *to, size_t length)
{
    size_t n = 0;
    do {
        to[n] = (unsigned char)(length % 128 | (length >= 128 ? 128 : 0));
        n++;
        length /= 128;
    } while (length > 0);
    return n;
}

static size_t put_string(unsigned char *to, const char *text)
{
    size_t n = strlen(text);
    to[0] = (unsigned char)(n >> 8);
    to[1] = (unsigned char)n;
    memcpy(to + 2, text, n);
    return n + 2;
}

size_t raw_encode(unsigned char *to, const char *topic, const char *payload, uint16_t id)
{
    size_t length = strlen(topic) + 4 + strlen(payload), n = 1;
    to[0] = 0x32;
    n += put_length(to + n, length);
    n += put_string(to + n, topic);
    to[n++] = (unsigned char)(id >> 8);
    to[n++] = (unsigned char)id;
    memcpy(to + n, payload, strlen(payload));
    return n + strlen(payload);
}

void raw_connect(struct raw *raw, int port, const char *client_id)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    unsigned char packet[256], body[256];
    int on = 1;
    size_t n = 0;
    memset(raw, 0, sizeof *raw);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    raw->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (raw->fd < 0 || connect(raw->fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("connect");
    setsockopt(raw->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    n += put_string(body, "MQTT");
    memcpy(body + n, "\x04\x02\x00\x00", 4); /* level 4, clean session, no keepalive */
    n += 4;
    n += put_string(body + n, client_id);
    packet[0] = 0x10;
    size_t head = 1 + put_length(packet + 1, n);
    memcpy(packet + head, body, n);
    raw_write(raw, packet, head + n);
    if (recv(raw->fd, packet, 4, MSG_WAITALL) != 4 || packet[0] != 0x20 || packet[3] != 0)
        die("the broker refuses the connection");
}

void raw_subscribe(struct raw *raw, const char *filter, int qos)
{
    unsigned char packet[512];
    size_t n = strlen(filter) + 5;
    packet[0] = 0x82;
    size_t at = 1 + put_length(packet + 1, n);
    packet[at++] = 0;
    packet[at++] = 1;
    at += put_string(packet + at, filter);
    packet[at++] = (unsigned char)qos;
    raw_write(raw, packet, at);
    if (recv(raw->fd, packet, 5, MSG_WAITALL) != 5 || packet[0] != 0x90)
        die("the broker refuses the subscription");
}

static void answer(struct raw *raw, const unsigned char *id)
{
    const unsigned char puback[4] = {0x40, 2, id[0], id[1]};
    raw_write(raw, puback, sizeof puback);
}

static void take(struct raw *raw, unsigned char kind, const unsigned char *body, size_t n,
                 void *context,
                 void (*message)(void *, const char *, size_t, const char *, size_t))
{
    if (kind >> 4 == 4)
        raw->acked++;
    if (kind >> 4 != 3)
        return;
    size_t topic = (size_t)body[0] << 8 | body[1], qos = kind >> 1 & 3;
    size_t head = 2 + topic + (qos ? 2 : 0);
    if (qos)
        answer(raw, body + 2 + topic);
    if (message)
        message(context, (const char *)body + 2, topic, (const char *)body + head,
                n - head);
}

/* Bytes of the whole packet at `at`; 0: not all of it is here. */
static size_t whole(const unsigned char *at, size_t n, size_t *head)
{
    size_t length = 0;
    for (size_t i = 1; i < n && i < 5; i++) {
        length |= (size_t)(at[i] & 127) << (7 * (i - 1));
        if (at[i] & 128)
            continue;
        *head = i + 1;
        return i + 1 + length <= n ? i + 1 + length : 0;
    }
    return 0;
}

bool raw_poll(struct raw *raw, int ms, void *context,
              void (*message)(void *, const char *, size_t, const char *, size_t))
{
    struct pollfd p = {raw->fd, POLLIN, 0};
    if (poll(&p, 1, ms) <= 0)
        return true;
    ssize_t got = recv(raw->fd, raw->in + raw->n_in, sizeof raw->in - raw->n_in, 0);
    if (got <= 0)
        return false;
    raw->n_in += (size_t)got;
    size_t at = 0, head, length;
    while ((length = whole(raw->in + at, raw->n_in - at, &head)) > 0) {
        take(raw, raw->in[at], raw->in + at + head, length - head, context, message);
        at += length;
    }
    memmove(raw->in, raw->in + at, raw->n_in - at);
    raw->n_in -= at;
    return true;
}
