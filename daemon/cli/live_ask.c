#include "live.h"

#include "twind/json.h"
#include "twind/json_tree.h"

#include <stdio.h>
#include <string.h>

enum { ANSWER_S = 5, TOPIC = 512 };

static int show(const struct cli_verb *verb, const struct live_message *m)
{
    struct json *json = json_new();
    const struct cJSON *root = json_parse(json, m->payload, m->payload_length);
    const char *error = json_text(json_member(root, "error"));
    bool ok = json_number(json_member(root, "ok"), 0) == 1;
    int status = CLI_OK;
    if (ok)
        puts("ok");
    else
        status = cli_fail(verb, CLI_INPUT, "%s", error ? error : m->payload);
    json_free(json);
    return status;
}

int live_ask(const struct cli_verb *verb, struct live *live, const char *topic,
             const char *payload)
{
    struct live_message m;
    char answer[TOPIC];
    snprintf(answer, sizeof answer, "%s/result", topic);
    live_publish(live, topic, payload);
    while (live_next(live, ANSWER_S, &m))
        if (strcmp(m.topic, answer) == 0)
            return show(verb, &m);
    return cli_fail(verb, CLI_RESOURCE, "no answer within %d s: is twind running?",
                    ANSWER_S);
}
