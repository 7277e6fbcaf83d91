/* twinctl optimise: a schedule for an input under which a cost is least and limits are
 * kept; by itself from the history, or asked of a running daemon. */
#include "asking.h"
#include "past.h"

#include "twind/advice.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_S = 300, KEEPS = 16, TOPIC = 512 };

struct request {
    struct live_options live;
    struct asking_sets sets;
    const char *twin, *over, *horizon, *step, *block, *minimise, *maximise, *levels, *range,
        *probability, *history;
    const char *keep[KEEPS];
    size_t n_keep;
    bool ask, publish, json;
};

/* ---- the question ---- */

static bool add_keep(void *context, const char *text, struct err *e)
{
    struct request *r = context;
    if (r->n_keep == KEEPS)
        return err_set(e, "at most %d limits can be given", KEEPS);
    r->keep[r->n_keep++] = text;
    return true;
}

/* "15:25" or "16,18,20" as a list; what is no number there is left for the reader of the
 * question to refuse. */
static void put_numbers(struct text *to, const char *key, const char *text, char comma)
{
    if (!text)
        return;
    text_put(to, ",\"%s\":[", key);
    for (const char *at = text;;) {
        char *end;
        double value = strtod(at, &end);
        text_put(to, at > text ? "," : "");
        text_number(to, end == at ? (double)NAN : value, 12);
        if (*end != comma)
            break;
        at = end + 1;
    }
    text_put(to, "]");
}

static void put_question(struct text *to, const struct request *r, const char *id)
{
    text_put(to, "{\"id\":\"%s\"", id);
    asking_put_text(to, "over", r->over);
    asking_put_text(to, "horizon", r->horizon);
    asking_put_text(to, "step", r->step);
    asking_put_text(to, "block", r->block);
    asking_put_text(to, "minimise", r->minimise);
    asking_put_text(to, "maximise", r->maximise);
    put_numbers(to, "levels", r->levels, ',');
    put_numbers(to, "range", r->range, ':');
    if (r->probability) {
        text_put(to, ",\"probability\":");
        text_number(to, strtod(r->probability, NULL), 12);
    }
    text_put(to, ",\"keep\":[");
    for (size_t i = 0; i < r->n_keep; i++) {
        text_put(to, i > 0 ? "," : "");
        text_quoted(to, r->keep[i]);
    }
    text_put(to, "]");
    asking_put_sets(to, &r->sets);
    text_put(to, "}");
}

/* ---- the answer ---- */

static const char *word(const struct cJSON *object, const char *key)
{
    const char *text = json_text(json_member(object, key));
    return text ? text : "";
}

static void print_schedule(const struct cJSON *answer)
{
    const struct cJSON *at = json_first(json_member(answer, "schedule"));
    const char *over = word(answer, "over");
    if (!at)
        printf("%s: nothing better was found than what is expected\n", over);
    for (; at; at = json_next(at))
        printf("%s  %s  %s %g %s\n", word(at, "from"), word(at, "to"), over,
               json_number(json_member(at, "value"), NAN), word(answer, "unit"));
}

static void print_limits(const struct cJSON *answer)
{
    const struct cJSON *at = json_first(json_member(answer, "limits"));
    for (; at; at = json_next(at)) {
        bool kept = json_number(json_member(at, "kept"), 0) == 1;
        bool binds = json_number(json_member(at, "binds"), 0) == 1;
        printf("%-30s %s, %s %s (margin %.3g)\n", word(at, "keep"),
               kept ? "is kept" : "is NOT kept", binds ? "binds at" : "nearest at",
               word(at, "at"), json_number(json_member(at, "margin"), NAN));
    }
}

static int show(const struct request *r, const char *payload, size_t length)
{
    struct json *json = json_new();
    const struct cJSON *root = json_parse(json, payload, length);
    const char *error = json_text(json_member(root, "error"));
    int status = CLI_OK;
    if (json_number(json_member(root, "ok"), 0) != 1) {
        status = cli_fail(&cli_optimise, CLI_INPUT, "%s", error ? error : payload);
    } else if (r->json) {
        puts(payload);
    } else {
        print_schedule(root);
        print_limits(root);
        puts("");
        asking_print_pair(root);
    }
    json_free(json);
    return status;
}

/* ---- from the history ---- */

static int publish(const struct request *r, const struct text *answer)
{
    static const char *const topics[] = {NULL};
    char topic[TOPIC];
    int status = CLI_OK;
    struct live *live = live_connect(&cli_optimise, &r->live, topics, &status);
    if (!live)
        return status;
    snprintf(topic, sizeof topic, "%s/suggestion", r->twin);
    live_retain(live, topic, answer->at);
    live_close(live);
    return CLI_OK;
}

static void search(struct advice *advice, struct text *answer)
{
    bool told = isatty(STDERR_FILENO);
    size_t n = 0;
    while (advice_step(advice))
        if (told && ++n % 50 == 0)
            fprintf(stderr, "\r%zu schedules tried ", n);
    if (told)
        fputc('\n', stderr);
    advice_answer(advice, false, answer);
}

static int advise(const struct request *r, const struct past *past,
                  const struct text *question)
{
    struct text answer = {0};
    struct advice *advice =
        advice_new(past->twin, past->now, question->at, question->used, &answer);
    if (advice)
        search(advice, &answer);
    int status = show(r, answer.at, answer.used);
    if (advice && r->publish)
        status = publish(r, &answer);
    advice_free(advice);
    text_free(&answer);
    return status;
}

static int from_history(const struct request *r, const struct text *question)
{
    struct past past = {.now = 0};
    struct err e;
    const struct past_options options = {.file = r->live.file,
                                         .twin = r->twin,
                                         .history = r->history,
                                         .from = -INFINITY,
                                         .to = INFINITY,
                                         .progress = past_show_progress};
    int status = past_open(&options, &past, &e);
    if (status == CLI_OK)
        status = advise(r, &past, question);
    else if (e.text[0])
        cli_fail(&cli_optimise, status, "%s", e.text);
    past_close(&past);
    return status;
}

/* ---- of a running daemon ---- */

static int from_daemon(const struct request *r, const struct text *question, const char *id)
{
    static const char *const topics[] = {"+/optimise/result", NULL};
    struct live_message m;
    int status;
    struct live *live = live_connect(&cli_optimise, &r->live, topics, &status);
    if (!live)
        return status;
    if (asking_send(live, r->twin, "optimise", question, id, ANSWER_S, &m))
        status = show(r, m.payload, m.payload_length);
    else
        status = cli_fail(&cli_optimise, CLI_RESOURCE,
                          "no answer within %d s: is twind running?", ANSWER_S);
    live_close(live);
    return status;
}

static int run_with(struct request *r)
{
    struct text question = {0};
    char id[ASKING_ID];
    asking_id(id);
    put_question(&question, r, id);
    int status = r->ask ? from_daemon(r, &question, id) : from_history(r, &question);
    text_free(&question);
    return status;
}

static int run(int argc, char **argv)
{
    struct request r = {.twin = NULL};
    const struct cli_option options[] = {
        {.name = "-c", .value = &r.live.file},
        {.name = "--broker", .value = &r.live.broker},
        {.name = "--prefix", .value = &r.live.prefix},
        {.name = "--twin", .value = &r.twin},
        {.name = "--over", .value = &r.over},
        {.name = "--horizon", .value = &r.horizon},
        {.name = "--step", .value = &r.step},
        {.name = "--block", .value = &r.block},
        {.name = "--minimise", .value = &r.minimise},
        {.name = "--maximise", .value = &r.maximise},
        {.name = "--keep", .each = add_keep, .context = &r},
        {.name = "--levels", .value = &r.levels},
        {.name = "--range", .value = &r.range},
        {.name = "--probability", .value = &r.probability},
        {.name = "--set", .each = asking_add_set, .context = &r.sets},
        {.name = "--history", .value = &r.history},
        {.name = "--live", .flag = &r.ask},
        {.name = "--publish", .flag = &r.publish},
        {.name = "--json", .flag = &r.json},
        {.name = NULL},
    };
    bool fine = cli_options(argc, argv, options) == 0 && r.twin && r.over;
    r.ask = r.ask || !r.live.file; /* nothing to look it up in */
    if (!fine || (r.ask && (r.history || r.publish)))
        return cli_usage(&cli_optimise);
    return run_with(&r);
}

const struct cli_verb cli_optimise = {
    "optimise",
    "--twin T --over INPUT [--horizon 24h] [--minimise cost|energy|OUTPUT]\n"
    "                        [--keep 'OUTPUT>=VALUE' ..] [--levels 16,18,20 | --range "
    "15:25]\n"
    "                        [--block 1h] [--probability 0.9] [--set INPUT=VALUE ..] "
    "[--json]\n"
    "                        (-c FILE [--history DB] [--publish] | --live [-c FILE | "
    "--broker "
    "URL])",
    "advises a schedule for an input: least cost within limits", run};
