/* twinctl serviced: a part of a twin was serviced, so it is as new. */
#include "asking.h"

#include <stdio.h>

static int run(int argc, char **argv)
{
    static const char *const topics[] = {"+/serviced/result", NULL};
    struct live_options o = {.file = NULL};
    const char *note = NULL, *at = NULL;
    const struct cli_option rows[] = {
        {.name = "-c", .value = &o.file},         {.name = "--broker", .value = &o.broker},
        {.name = "--prefix", .value = &o.prefix}, {.name = "--note", .value = &note},
        {.name = "--at", .value = &at},           {.name = NULL}};
    char topic[512];
    struct text payload = {0};
    int status;
    if (cli_options(argc, argv, rows) != 2)
        return cli_usage(&cli_serviced);
    struct live *live = live_connect(&cli_serviced, &o, topics, &status);
    if (!live)
        return status;
    snprintf(topic, sizeof topic, "%s/serviced", argv[1]);
    text_put(&payload, "{\"part\":");
    text_quoted(&payload, argv[2]);
    asking_put_text(&payload, "note", note);
    asking_put_text(&payload, "at", at);
    text_put(&payload, "}");
    status = live_ask(&cli_serviced, live, topic, payload.at);
    text_free(&payload);
    live_close(live);
    return status;
}

const struct cli_verb cli_serviced = {
    "serviced", "TWIN PART [--note TEXT] [--at TIME] [-c FILE | --broker URL] [--prefix P]",
    "a part was serviced: its index of health begins anew", run};
