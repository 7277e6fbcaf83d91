#include "known.h"

#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

struct known_point {
    double time, value;
};

struct known_series {
    struct known_point *at;
    size_t n, room;
};

/* Both passes make the twins in the same order, so that a twin's number is the same. */
struct known_twin {
    char *id;
    struct known_series *inputs;
    size_t n_inputs;
};

struct known {
    struct known_twin *twins;
    size_t room;
    double gap;
};

struct known *known_new(double gap)
{
    struct known *known = mem_new(1, sizeof *known);
    known->gap = gap;
    return known;
}

static void free_twin(struct known_twin *twin)
{
    for (size_t i = 0; i < twin->n_inputs; i++)
        free(twin->inputs[i].at);
    free(twin->inputs);
    free(twin->id);
}

void known_free(struct known *known)
{
    if (!known)
        return;
    for (size_t i = 0; i < known->room; i++)
        free_twin(&known->twins[i]);
    free(known->twins);
    free(known);
}

static struct known_series *series_of(struct known *known, const struct twin *twin,
                                      size_t input)
{
    known->twins =
        mem_grow(known->twins, &known->room, (size_t)twin->index + 1, sizeof *known->twins);
    struct known_twin *t = &known->twins[twin->index];
    if (!t->id) {
        t->id = mem_text(twin->id);
        t->n_inputs = twin->plan->kind->n_inputs;
        t->inputs = mem_new(t->n_inputs, sizeof *t->inputs);
    }
    return &t->inputs[input];
}

void known_add(struct known *known, const struct twin *twin, size_t input, double time,
               double value)
{
    struct known_series *s = series_of(known, twin, input);
    s->at = mem_grow(s->at, &s->room, s->n + 1, sizeof *s->at);
    s->at[s->n++] = (struct known_point){time, value};
}

void known_hear(void *context, const struct twin *twin,
                const struct engine_reading *reading)
{
    const struct plan_sensor *sensor = &twin->plan->sensors[reading->sensor];
    bool good = reading->value >= sensor->min && reading->value <= sensor->max;
    if (sensor->signal >= twin->plan->kind->n_inputs || sensor->counter || !good ||
        !isfinite(reading->time))
        return;
    known_add(context, twin, sensor->signal, reading->time, reading->value);
}

static int compare_points(const void *a, const void *b)
{
    const struct known_point *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

void known_end(struct known *known)
{
    for (size_t i = 0; i < known->room; i++)
        for (size_t u = 0; u < known->twins[i].n_inputs; u++) {
            struct known_series *s = &known->twins[i].inputs[u];
            if (s->n > 0)
                qsort(s->at, s->n, sizeof *s->at, compare_points);
        }
}

/* How many points are not after the time. */
static size_t count_until(const struct known_series *s, double time)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->at[middle].time <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct known_twin *twin_of(const struct known *known, const struct twin *twin)
{
    bool same = twin->index < known->room && known->twins[twin->index].id &&
                strcmp(known->twins[twin->index].id, twin->id) == 0;
    return same ? &known->twins[twin->index] : NULL;
}

double known_input(void *context, const struct twin *twin, size_t input, double time)
{
    const struct known *known = context;
    const struct known_twin *t = twin_of(known, twin);
    if (!t)
        return NAN;
    const struct known_series *s = &t->inputs[input];
    size_t n = count_until(s, time);
    if (n == 0 || (n == s->n && s->at[n - 1].time < time))
        return NAN;
    const struct known_point *before = &s->at[n - 1];
    if (before->time >= time || (twin->plan->kind->inputs[input].flags & KIND_SWITCH))
        return before->value;
    const struct known_point *after = before + 1;
    double share = (time - before->time) / (after->time - before->time);
    if (after->time - before->time > known->gap)
        return NAN;
    return before->value + share * (after->value - before->value);
}
