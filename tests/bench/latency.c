/* latency PORT TOPICS SECONDS: 1,000 QoS 1 messages a second over bench/0 ..
 * bench/TOPICS-1; every 20th crosses the limit of its twin's rule (above 1000) or comes
 * back. The time from writing it to reading the alert from twind/alerts. One JSON line,
 * milliseconds. */
#define _GNU_SOURCE /* ppoll */
#include "raw.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RATE = 1000, EVERY = 20, MOST = 100000 };

struct latencies {
    double sent[MOST]; /* alerts come in the order of the crossings */
    double ms[MOST];
    size_t n_sent, n;
};

static void on_alert(void *context, const char *topic, size_t topic_length,
                     const char *payload, size_t payload_length)
{
    (void)topic, (void)topic_length, (void)payload, (void)payload_length;
    struct latencies *l = context;
    if (l->n < l->n_sent) {
        l->ms[l->n] = (raw_clock() - l->sent[l->n]) * 1e3;
        l->n++;
    }
}

static void wait_for_either(const struct raw *a, const struct raw *b, double seconds)
{
    struct pollfd fds[] = {{a->fd, POLLIN, 0}, {b->fd, POLLIN, 0}};
    ppoll(fds, 2, &(struct timespec){0, (long)(seconds * 1e9)}, NULL);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    int port = atoi(argv[1]);
    unsigned long half = strtoul(argv[2], NULL, 10) / 2,
                  n = strtoul(argv[3], NULL, 10) * RATE;
    struct raw *out = malloc(sizeof *out), *in = malloc(sizeof *in);
    static struct latencies l;
    raw_connect(out, port, "bench-out");
    raw_connect(in, port, "bench-in");
    raw_subscribe(in, "twind/alerts", 1);
    double begin = raw_clock();
    for (unsigned long i = 0, crossings = 0; i < n; i++) {
        char topic[64], payload[64];
        unsigned char packet[256];
        bool crosses = i % EVERY == 0;
        snprintf(topic, sizeof topic, "bench/%lu",
                 crosses ? crossings / 2 % half : half + i % half);
        snprintf(payload, sizeof payload, "{\"t\":%d,\"h\":50}",
                 crosses && crossings % 2 == 0 ? 2000 : 20 + (int)(i % 7));
        crossings += crosses;
        size_t length = raw_encode(packet, topic, payload, (uint16_t)(i % 60000 + 1));
        if (crosses && l.n_sent < MOST)
            l.sent[l.n_sent++] = raw_clock();
        raw_write(out, packet, length);
        for (double next = begin + (double)(i + 1) / RATE, left;
             (left = next - raw_clock()) > 0;) {
            wait_for_either(in, out, left);
            raw_poll(in, 0, &l, on_alert);
            raw_poll(out, 0, NULL, NULL);
        }
    }
    for (double end = raw_clock() + 2; l.n < l.n_sent && raw_clock() < end;)
        raw_poll(in, 100, &l, on_alert);
    qsort(l.ms, l.n, sizeof *l.ms, compare);
    if (l.n == 0)
        return 1;
    printf("{\"alerts\": %zu, \"of\": %zu, \"p50\": %.4f, \"p90\": %.4f, \"p99\": %.4f, "
           "\"max\": %.4f}\n",
           l.n, l.n_sent, l.ms[l.n / 2], l.ms[l.n * 9 / 10], l.ms[l.n * 99 / 100],
           l.ms[l.n - 1]);
    free(out);
    free(in);
    return 0;
}
