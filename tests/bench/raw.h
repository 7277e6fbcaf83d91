/* Just enough MQTT 3.1.1 over a socket for the benchmarks' own side, so that it costs next
 * to nothing beside what is measured. */
#ifndef BENCH_RAW_H
#define BENCH_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct raw {
    int fd;
    unsigned char in[1 << 16];
    size_t n_in;
    unsigned long acked; /* PUBACKs so far */
};

double raw_clock(void); /* monotonic s */

/* Connects to 127.0.0.1:port with a clean session; ends the process where it can't. */
void raw_connect(struct raw *raw, int port, const char *client_id);
void raw_subscribe(struct raw *raw, const char *filter, int qos);

/* Encodes a PUBLISH (QoS 1) into `to`; returns its length. */
size_t raw_encode(unsigned char *to, const char *topic, const char *payload, uint16_t id);

void raw_write(struct raw *raw, const void *bytes, size_t n);

/* Reads what is there, waiting at most `ms`; calls `message` for each PUBLISH and answers
 * it where it wants an answer. False: the connection is gone. */
bool raw_poll(struct raw *raw, int ms, void *context,
              void (*message)(void *context, const char *topic, size_t topic_length,
                              const char *payload, size_t payload_length));

#endif
