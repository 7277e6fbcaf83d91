/* twinctl whatif: asks a running twin what would be. */
#include "asking.h"

#include "twind/json.h"

#include <stdio.h>
#include <string.h>

enum { ANSWER_S = 10 };

struct request {
    struct live_options live;
    struct asking_sets sets;
    const char *twin, *horizon, *step;
    bool json;
};

static int show(const struct request *r, const struct live_message *m)
{
    struct json *json = json_new();
    const struct cJSON *root = json_parse(json, m->payload, m->payload_length);
    const char *error = json_text(json_member(root, "error"));
    int status = CLI_OK;
    if (json_number(json_member(root, "ok"), 0) != 1)
        status = cli_fail(&cli_whatif, CLI_INPUT, "%s", error ? error : m->payload);
    else if (r->json)
        puts(m->payload);
    else
        asking_print_pair(root);
    json_free(json);
    return status;
}

static int ask(const struct request *r)
{
    static const char *const topics[] = {"+/whatif/result", NULL};
    struct live_message m;
    struct text question = {0};
    char id[ASKING_ID];
    int status;
    struct live *live = live_connect(&cli_whatif, &r->live, topics, &status);
    if (!live)
        return status;
    asking_id(id);
    text_put(&question, "{\"id\":\"%s\"", id);
    asking_put_text(&question, "horizon", r->horizon);
    asking_put_text(&question, "step", r->step);
    asking_put_sets(&question, &r->sets);
    text_put(&question, "}");
    if (asking_send(live, r->twin, "whatif", &question, id, ANSWER_S, &m))
        status = show(r, &m);
    else
        status = cli_fail(&cli_whatif, CLI_RESOURCE,
                          "no answer within %d s: is twind running?", ANSWER_S);
    live_close(live);
    text_free(&question);
    return status;
}

static int run(int argc, char **argv)
{
    struct request r = {.twin = NULL};
    struct err e;
    const struct cli_option options[] = {
        {.name = "-c", .value = &r.live.file},
        {.name = "--broker", .value = &r.live.broker},
        {.name = "--prefix", .value = &r.live.prefix},
        {.name = "--horizon", .value = &r.horizon},
        {.name = "--step", .value = &r.step},
        {.name = "--json", .flag = &r.json},
        {.name = NULL},
    };
    int operands = cli_options(argc, argv, options);
    if (operands < 1)
        return cli_usage(&cli_whatif);
    r.twin = argv[1];
    for (int i = 2; i <= operands; i++)
        if (!asking_add_set(&r.sets, argv[i], &e)) {
            fprintf(stderr, "%s: %s\n", argv[i], e.text);
            return cli_usage(&cli_whatif);
        }
    return ask(&r);
}

const struct cli_verb cli_whatif = {
    "whatif",
    "TWIN INPUT=VALUE[@22:00-06:00] .. [--horizon 6h] [--step 15m] [--json]\n"
    "                      [-c FILE | --broker URL]",
    "what would be if inputs of a running twin were other than expected", run};
