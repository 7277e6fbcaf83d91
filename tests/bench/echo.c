/* echo PORT: the least that a program between two topics can do. Each message on bench/N
 * that crosses the limit of 1000, up or down, is answered on twind/alerts at once, at QoS
 * 1, over a raw socket: what the broker and the way cost without twind. Ends with its
 * connection. */
#include "raw.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOPICS = 100000 };

struct echo {
    struct raw in, out;
    bool up[TOPICS];
    uint16_t id;
};

static void on_message(void *context, const char *topic, size_t topic_length,
                       const char *payload, size_t payload_length)
{
    struct echo *echo = context;
    unsigned char packet[256];
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)topic_length, topic);
    unsigned long n =
        strncmp(text, "bench/", 6) == 0 ? strtoul(text + 6, NULL, 10) : TOPICS;
    snprintf(text, sizeof text, "%.*s", (int)payload_length, payload);
    if (n >= TOPICS || strncmp(text, "{\"t\":", 5) != 0)
        return;
    bool up = strtod(text + 5, NULL) > 1000;
    if (up == echo->up[n])
        return;
    echo->up[n] = up;
    echo->id = (uint16_t)(echo->id % 60000 + 1);
    raw_write(&echo->out, packet, raw_encode(packet, "twind/alerts", "{}", echo->id));
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    static struct echo echo;
    raw_connect(&echo.in, atoi(argv[1]), "bench-echo-in");
    raw_connect(&echo.out, atoi(argv[1]), "bench-echo-out");
    raw_subscribe(&echo.in, "bench/#", 1);
    puts("ready");
    fflush(stdout);
    while (raw_poll(&echo.in, 1000, &echo, on_message))
        raw_poll(&echo.out, 0, NULL, NULL);
    return 0;
}
