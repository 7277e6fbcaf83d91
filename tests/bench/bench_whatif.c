/* Processor time of a what-if of a day at quarters of an hour, and of a search for advice,
 * for each kind; one JSON line each. The question is a change of the kind's first set-point
 * or actuator. */
#include "twind/advice.h"
#include "twind/whatif.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { QUESTIONS = 20, NOW = 1700000000 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* A twin that has lived for an hour with its inputs' defaults. */
static void wake(struct twin *twin, struct plan *plan)
{
    struct twin_scratch *scratch = twin_scratch_new();
    *twin = (struct twin){.plan = plan, .id = "t", .name = "t"};
    twin->block = calloc(1, plan->block_size);
    twin_start(twin);
    twin_begin(twin, NOW - 3600);
    for (double t = NOW - 3590; t <= NOW; t += 10)
        twin_advance(twin, t, scratch);
    free(scratch);
}

static const struct kind_row *first_switch(const struct kind *kind)
{
    for (size_t i = 0; i < kind->n_inputs; i++)
        if (kind->inputs[i].flags & KIND_SWITCH && strstr(kind->inputs[i].name, "setpoint"))
            return &kind->inputs[i];
    return NULL;
}

static double time_whatif(const struct twin *twin, const char *question)
{
    struct text answer = {0};
    double begun = seconds();
    for (int i = 0; i < QUESTIONS; i++) {
        text_clear(&answer);
        whatif_answer(twin, NOW, question, strlen(question), &answer);
    }
    text_free(&answer);
    return (seconds() - begun) / QUESTIONS * 1e3;
}

static void search(const struct twin *twin, const char *input)
{
    char question[256];
    struct text answer = {0};
    size_t n = 0;
    double begun = seconds();
    snprintf(question, sizeof question, "{\"over\":\"%s\",\"minimise\":\"%s\"}", input,
             twin->plan->kind->outputs[0].name);
    struct advice *advice = advice_new(twin, NOW, question, strlen(question), &answer);
    while (advice && advice_step(advice))
        n++;
    printf(",\"search_s\":%.3f,\"schedules\":%zu", seconds() - begun, n);
    advice_free(advice);
    text_free(&answer);
}

static void measure(const struct kind *kind)
{
    struct err e;
    struct twin twin;
    struct plan *plan = plan_new(kind);
    const struct kind_row *row = first_switch(kind);
    char question[256] = "{}";
    if (!plan_finish(plan, &e))
        return;
    wake(&twin, plan);
    if (row)
        snprintf(question, sizeof question, "{\"set\":{\"%s\":%g}}", row->name,
                 fmin(row->value + 2, row->max));
    printf("{\"bench\":\"whatif\",\"kind\":\"%s\",\"outputs\":%zu,\"day_ms\":%.2f",
           kind->name, kind->n_outputs, time_whatif(&twin, question));
    if (row)
        search(&twin, row->name);
    puts("}");
    free(twin.block);
    plan_drop(plan);
}

int main(void)
{
    for (size_t i = 0; kinds_all[i]; i++)
        if (!kinds_all[i]->declare)
            measure(kinds_all[i]);
    return 0;
}
