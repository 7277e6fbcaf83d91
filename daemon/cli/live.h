/* The verbs that talk to a running daemon, over MQTT: a connection, and waiting for
 * messages. */
#ifndef TWIND_CLI_LIVE_H
#define TWIND_CLI_LIVE_H

#include "twind/cli.h"
#include "twind/mqtt.h"

struct live;

struct live_message {
    char *topic;   /* without the prefix and its slash */
    char *payload; /* terminated */
    size_t payload_length;
    bool retained;
};

struct live_options {
    const char *file;   /* NULL: the daemon's own configuration */
    const char *broker; /* a URL; NULL: the configuration's */
    const char *prefix; /* NULL: likewise, or "twind" */
};

/* Connects and subscribes to the topics (under the prefix; ends with NULL). NULL: told on
 * stderr, status is the exit status. */
struct live *live_connect(const struct cli_verb *verb, const struct live_options *options,
                          const char *const *topics, int *status);

/* Options -c FILE (default: the daemon's own configuration), --broker URL, --prefix P, and
 * so many `operands`, which are moved to argv[1..]; then connects and subscribes to the
 * topics (under the prefix; ends with NULL). NULL: told on stderr, status is the exit
 * status. */
struct live *live_open(const struct cli_verb *verb, int argc, char **argv, int operands,
                       const char *const *topics, int *status);
void live_close(struct live *live);

/* The next message, waiting at most `seconds`; false: none came. Valid until the next call.
 */
bool live_next(struct live *live, double seconds, struct live_message *message);

/* Publishes under the prefix, QoS 1. */
void live_publish(struct live *live, const char *topic, const char *payload);
void live_retain(struct live *live, const char *topic, const char *payload); /* retained */

/* A command: sends `payload` to `topic`, waits for the answer on topic/result, which must
 * be subscribed, and tells it. Returns the exit status. */
int live_ask(const struct cli_verb *verb, struct live *live, const char *topic,
             const char *payload);

#endif
