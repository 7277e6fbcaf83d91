/* flood PORT MESSAGES TOPICS [RATE]: QoS 1 messages on bench/0 .. bench/TOPICS-1, at most
 * WINDOW unacknowledged, as fast as it goes or RATE a second. One JSON line. */
#include "raw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WINDOW = 4000, BATCH = 64, PACKET = 256 };

static size_t encode(unsigned char *to, unsigned long i, unsigned long topics)
{
    char topic[64], payload[128];
    unsigned long round = i / topics;
    snprintf(topic, sizeof topic, "bench/%lu", i % topics);
    snprintf(payload, sizeof payload, "{\"t\":%.2f,\"h\":%.1f,\"n\":%lu}",
             20 + (double)(round % 50) * 0.1, 60 + (double)(round % 40) * 0.1, i);
    return raw_encode(to, topic, payload, (uint16_t)(i % 60000 + 1));
}

static void wait_for_turn(double begin, unsigned long sent, double rate)
{
    double ahead = rate > 0 ? (double)sent / rate - (raw_clock() - begin) : 0;
    if (ahead > 0)
        nanosleep(&(struct timespec){0, (long)(ahead * 1e9)}, NULL);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    unsigned long n = strtoul(argv[2], NULL, 10), topics = strtoul(argv[3], NULL, 10);
    double rate = argc > 4 ? strtod(argv[4], NULL) : 0;
    static unsigned char buffer[BATCH * PACKET];
    struct raw *raw = malloc(sizeof *raw);
    raw_connect(raw, atoi(argv[1]), "bench-flood");
    double begin = raw_clock();
    unsigned long batch = rate > 0 ? 1 : BATCH;
    for (unsigned long sent = 0; sent < n;) {
        size_t used = 0;
        for (unsigned long i = 0; i < batch && sent < n; i++, sent++)
            used += encode(buffer + used, sent, topics);
        raw_write(raw, buffer, used);
        while (raw_poll(raw, sent - raw->acked > WINDOW ? 1000 : 0, NULL, NULL) &&
               sent - raw->acked > WINDOW)
            ;
        wait_for_turn(begin, sent, rate);
    }
    while (raw->acked < n && raw_poll(raw, 1000, NULL, NULL))
        ;
    printf("{\"sent\": %lu, \"acked\": %lu, \"seconds\": %.6f}\n", n, raw->acked,
           raw_clock() - begin);
    free(raw);
    return 0;
}
