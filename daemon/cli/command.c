/* twinctl set, ack, shelve: a command, and the daemon's answer to it. */
#include "live.h"

#include <stdio.h>
#include <string.h>

enum { TOPIC = 512 };

static int run_set(int argc, char **argv)
{
    static const char *const topics[] = {"+/set/+/result", NULL};
    char topic[TOPIC];
    int status;
    struct live *live = live_open(&cli_set, argc, argv, 3, topics, &status);
    if (!live)
        return status == CLI_USAGE ? cli_usage(&cli_set) : status;
    snprintf(topic, sizeof topic, "%s/set/%s", argv[1], argv[2]);
    status = live_ask(&cli_set, live, topic, argv[3]);
    live_close(live);
    return status;
}

static int to_alert(const struct cli_verb *verb, int argc, char **argv, int wanted)
{
    static const char *const topics[] = {"+/alert/+/set/result", NULL};
    char topic[TOPIC], payload[64];
    int status;
    struct live *live = live_open(verb, argc, argv, wanted, topics, &status);
    if (!live)
        return status == CLI_USAGE ? cli_usage(verb) : status;
    snprintf(topic, sizeof topic, "%s/alert/%s/set", argv[1], argv[2]);
    if (verb == &cli_ack)
        snprintf(payload, sizeof payload, "ack");
    else if (strcmp(argv[3], "off") == 0)
        snprintf(payload, sizeof payload, "unshelve");
    else
        snprintf(payload, sizeof payload, "shelve %s", argv[3]);
    status = live_ask(verb, live, topic, payload);
    live_close(live);
    return status;
}

static int run_ack(int argc, char **argv)
{
    return to_alert(&cli_ack, argc, argv, 2);
}

static int run_shelve(int argc, char **argv)
{
    return to_alert(&cli_shelve, argc, argv, 3);
}

const struct cli_verb cli_set = {"set", "TWIN INPUT VALUE|ON|OFF [-c FILE | --broker URL]",
                                 "sets an input of a running twin (and of its device)",
                                 run_set};
const struct cli_verb cli_ack = {"ack", "TWIN RULE [-c FILE | --broker URL]",
                                 "acknowledges an alert", run_ack};
const struct cli_verb cli_shelve = {"shelve",
                                    "TWIN RULE DURATION|off [-c FILE | --broker URL]",
                                    "puts an alert aside for a while", run_shelve};
