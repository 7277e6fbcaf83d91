/* Any bytes as a question: a what-if, or a search of a few steps. The twin stays as it was,
 * and the answer is JSON. */
#include "twind/advice.h"
#include "twind/whatif.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NOW = 1700000000, STEPS = 12 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct twin *wake(void)
{
    struct err e;
    struct plan *plan = plan_new(kinds_find("building"));
    struct twin *twin = calloc(1, sizeof *twin);
    if (!plan_finish(plan, &e))
        abort();
    twin->plan = plan;
    twin->id = twin->name = "h";
    twin->block = calloc(1, plan->block_size);
    twin_start(twin);
    twin_begin(twin, NOW);
    return twin;
}

static void check(struct text *answer)
{
    struct json *json = json_new();
    if (!json_parse(json, answer->at, answer->used))
        abort();
    json_free(json);
    text_clear(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct twin *twin;
    if (!twin)
        twin = wake();
    size_t bytes = twin->plan->block_size;
    char *before = malloc(bytes);
    struct text answer = {0};
    memcpy(before, twin->block, bytes);
    whatif_answer(twin, NOW, (const char *)data, size, &answer);
    check(&answer);
    struct advice *advice = advice_new(twin, NOW, (const char *)data, size, &answer);
    for (int i = 0; advice && i < STEPS && advice_step(advice); i++)
        ;
    if (advice)
        advice_answer(advice, false, &answer);
    check(&answer);
    advice_free(advice);
    if (memcmp(before, twin->block, bytes) != 0)
        abort();
    free(before);
    text_free(&answer);
    return 0;
}
