/* echo PORT: the least that a program between two topics can do. Each message on bench/#
 * whose value is above 1000 is answered on twind/alerts at once, at QoS 1, over a raw
 * socket: what the broker and the way cost without twind. Ends with its connection. */
#include "raw.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct echo {
    struct raw in, out;
    uint16_t id;
};

static void on_message(void *context, const char *topic, size_t topic_length,
                       const char *payload, size_t payload_length)
{
    struct echo *echo = context;
    unsigned char packet[256];
    char text[64];
    (void)topic, (void)topic_length;
    snprintf(text, sizeof text, "%.*s", (int)payload_length, payload);
    if (strncmp(text, "{\"t\":", 5) != 0 || strtod(text + 5, NULL) <= 1000)
        return;
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
