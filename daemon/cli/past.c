#include "past.h"

#include "twind/history_read.h"
#include "twind/mem.h"

#include <math.h>
#include <stdlib.h>

enum { TOLD = 100 }; /* steps of the progress */

static void take_reading(void *context, double time, double value)
{
    struct past *past = context;
    past->readings =
        mem_grow(past->readings, &past->room, past->n + 1, sizeof *past->readings);
    past->readings[past->n++] = (struct past_reading){time, value, past->sensor};
}

static int compare_readings(const void *a, const void *b)
{
    const struct past_reading *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->sensor > y->sensor) - (x->sensor < y->sensor);
}

bool past_read(struct past *past, const char *history, const char *id,
               const struct plan *plan, double to, struct err *e)
{
    struct history_read *reader = history_read_open(history, e);
    bool done = reader != NULL;
    *past = (struct past){.n = 0};
    for (; done && past->sensor < plan->n_sensors; past->sensor++) {
        const struct kind_row *row =
            plan_row(plan->kind, plan->sensors[past->sensor].signal);
        const struct history_read_series series = {id, row->name, row->unit,
                                                   -(double)INFINITY, to};
        done = history_read_good(reader, &series, take_reading, past, e);
    }
    history_read_close(reader);
    if (done && past->n == 0)
        return err_set(e, "%s holds no good reading of a sensor of %s", history, id);
    if (done)
        qsort(past->readings, past->n, sizeof *past->readings, compare_readings);
    return done;
}

/* Those of one moment, from the i-th on; how many. */
static size_t take_moment(struct past *past, size_t i)
{
    struct engine_reading moment[KIND_ROWS_MAX * 2];
    double time = past->readings[i].time;
    size_t n = 0;
    for (; i + n < past->n && n < sizeof moment / sizeof *moment; n++) {
        const struct past_reading *r = &past->readings[i + n];
        if (r->time != time)
            break;
        moment[n] = (struct engine_reading){
            .sensor = r->sensor, .time = time, .value = r->value, .timed = true};
    }
    engine_advance(past->engine, time);
    engine_apply(past->engine, past->twin, moment, n);
    return n;
}

void past_relive(struct past *past, const char *id, struct plan *plan,
                 void (*progress)(double share))
{
    const struct engine_sink sink = {.context = past};
    size_t told = 0;
    past->engine = engine_new(&sink);
    past->twin = engine_add(past->engine, id, NULL, plan);
    engine_restored(past->engine, past->twin);
    for (size_t i = 0; i < past->n;) {
        i += take_moment(past, i);
        if (!progress || i * TOLD < told * past->n)
            continue;
        progress((double)i / (double)past->n);
        told++;
    }
}

void past_clear(struct past *past)
{
    engine_free(past->engine);
    free(past->readings);
    *past = (struct past){.n = 0};
}
