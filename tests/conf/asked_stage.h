/* A stage on which questions are asked of twins, and their answers read. */
#ifndef TWIND_TESTS_ASKED_STAGE_H
#define TWIND_TESTS_ASKED_STAGE_H

#include "world_stage.h"

#include "twind/json.h"
#include "twind/json_tree.h"

enum { ASKED_TEXT = 4096 };

struct asked {
    struct stage stage;
    struct text answer;
    struct json *json;
    const struct cJSON *root; /* of the answer */
};

static inline void asked_begin(struct asked *a, const char *config)
{
    *a = (struct asked){.json = json_new()};
    stage_begin(&a->stage, config);
}

static inline void asked_end(struct asked *a)
{
    stage_end(&a->stage);
    text_free(&a->answer);
    json_free(a->json);
}

/* JSON that is written with ' for ". */
static inline const char *asked_json(const char *text, char json[ASKED_TEXT])
{
    snprintf(json, ASKED_TEXT, "%s", text);
    for (char *at = json; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    return json;
}

static inline void asked_read(struct asked *a)
{
    a->root = json_parse(a->json, a->answer.at, a->answer.used);
    assert_non_null(a->root);
}

#endif
