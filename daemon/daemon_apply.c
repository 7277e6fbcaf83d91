/* Advice that is carried out, where a twin's configuration says so: each value of the
 * schedule is set when its time has come. A newer schedule takes the place of the old one;
 * a stop ends it, and what was set last stays. */
#include "daemon_parts.h"

#include "twind/log.h"
#include "twind/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 1000 };

struct applied {
    struct applied *next;
    char *twin, *input;
    struct advice_item *items;
    size_t n, done;
};

static void applied_free(struct applied *applied)
{
    free(applied->twin);
    free(applied->input);
    free(applied->items);
    free(applied);
}

static void set(struct daemon *daemon, const struct applied *a, double value)
{
    char text[32];
    struct err e;
    snprintf(text, sizeof text, "%.10g", value);
    if (!world_set(daemon->world, a->twin, a->input, text, "optimise", &e))
        log_line(LOG_WARNING, "advice for %s is not carried out: %s", a->twin, e.text);
}

/* False: the schedule is at its end, or its twin is gone. */
static bool carry_out(struct daemon *daemon, struct applied *a)
{
    const struct twin *twin = engine_find(world_engine(daemon->world), a->twin);
    if (!twin || !world_origin(daemon->world, twin)->optimise_apply)
        return false;
    double now =
        daemon->config.event_clock ? world_clock(daemon->world, twin) : loop_wall_clock();
    size_t due = a->done;
    while (due < a->n && a->items[due].from <= now)
        due++;
    if (due > a->done)
        set(daemon, a, a->items[due - 1].value);
    a->done = due;
    return due < a->n;
}

static void on_apply_timer(uv_timer_t *timer)
{
    struct daemon *daemon = timer->data;
    for (struct applied **at = &daemon->applied; *at;) {
        struct applied *a = *at;
        if (carry_out(daemon, a)) {
            at = &a->next;
            continue;
        }
        *at = a->next;
        applied_free(a);
    }
    if (!daemon->applied)
        uv_timer_stop(timer);
}

static void drop_older(struct daemon *daemon, const char *twin, const char *input)
{
    for (struct applied **at = &daemon->applied; *at; at = &(*at)->next)
        if (strcmp((*at)->twin, twin) == 0 && strcmp((*at)->input, input) == 0) {
            struct applied *older = *at;
            *at = older->next;
            applied_free(older);
            return;
        }
}

bool apply_advice(struct daemon *daemon, const struct advice *advice)
{
    size_t n;
    const char *id = advice_twin(advice), *input = advice_input(advice);
    const struct advice_item *items = advice_schedule(advice, &n);
    const struct twin *twin = engine_find(world_engine(daemon->world), id);
    if (!twin || !world_origin(daemon->world, twin)->optimise_apply || n == 0)
        return false;
    drop_older(daemon, id, input);
    struct applied *a = mem_new(1, sizeof *a);
    *a = (struct applied){
        daemon->applied, mem_text(id), mem_text(input), mem_new(n, sizeof *items), n, 0};
    memcpy(a->items, items, n * sizeof *items);
    daemon->applied = a;
    uv_timer_start(&daemon->apply_timer, on_apply_timer, 1, LOOK_MS);
    return true;
}

void apply_start(struct daemon *daemon)
{
    uv_timer_init(&daemon->loop, &daemon->apply_timer);
    daemon->apply_timer.data = daemon;
}
