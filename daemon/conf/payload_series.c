/* Lists of times and values, walked side by side. */
#include "twind/payload_series.h"

#include "payload_parts.h"

#include "twind/json.h"
#include "twind/json_tree.h"
#include "twind/times.h"

#include <math.h>
#include <string.h>

struct points {
    const struct payload_series *series;
    double *times, *values;
    size_t n, room, left;
    const char *why; /* what makes the message unfit; NULL: nothing yet */
};

void payload_series_clear(struct payload_series *series)
{
    json_pointer_free(series->times);
    json_pointer_free(series->values);
    json_pointer_free(series->list);
    json_pointer_free(series->time);
    json_pointer_free(series->value);
    *series = (struct payload_series){.times = NULL};
}

static struct piece text_of(const struct cJSON *node)
{
    return (struct piece){json_text(node), strlen(json_text(node))};
}

/* NAN: it says none. */
static double time_of(const struct cJSON *node, double zone)
{
    if (json_type(node) == JSON_TEXT)
        return payload_time(text_of(node), zone);
    return json_type(node) == JSON_NUMBER ? times_from_number(json_number(node, 0))
                                          : (double)NAN;
}

/* False: it is neither a number nor null. NAN for null. */
static bool value_of(const struct cJSON *node, double *value)
{
    struct piece rest;
    *value = json_number(node, (double)NAN);
    if (json_type(node) == JSON_TEXT)
        return payload_number(text_of(node), value, &rest) && rest.length == 0;
    return json_type(node) == JSON_NUMBER || json_type(node) == JSON_NULL;
}

/* In the order of time; of two at one time the first counts. */
static void insert_point(struct points *p, double time, double value)
{
    size_t i = p->n;
    while (i > 0 && p->times[i - 1] > time)
        i--;
    if (i > 0 && !(p->times[i - 1] < time))
        return;
    memmove(p->times + i + 1, p->times + i, (p->n - i) * sizeof *p->times);
    memmove(p->values + i + 1, p->values + i, (p->n - i) * sizeof *p->values);
    p->times[i] = time;
    p->values[i] = value;
    p->n++;
}

static void add_point(struct points *p, const struct cJSON *time, const struct cJSON *value)
{
    double t = time_of(time, p->series->zone), v;
    if (isnan(t))
        p->why = "a time that is none";
    else if (!value_of(value, &v))
        p->why = "a value that is no number";
    else if (p->n == p->room)
        p->left++;
    else if (!isnan(v))
        insert_point(p, t, v * p->series->scale + p->series->offset);
}

static void walk_two(struct points *p, const struct cJSON *root)
{
    const struct cJSON *time = json_at(root, p->series->times);
    const struct cJSON *value = json_at(root, p->series->values);
    if (json_type(time) != JSON_LIST || json_type(value) != JSON_LIST) {
        p->why = "no lists at times and values";
        return;
    }
    if (json_count(time) != json_count(value)) {
        p->why = "the lists of times and values are not of the same length";
        return;
    }
    value = json_first(value);
    for (time = json_first(time); time && !p->why; time = json_next(time)) {
        add_point(p, time, value);
        value = json_next(value);
    }
}

static void walk_one(struct points *p, const struct cJSON *root)
{
    const struct cJSON *list = json_at(root, p->series->list);
    if (json_type(list) != JSON_LIST)
        p->why = "nothing at list that is a list";
    for (const struct cJSON *one = json_first(list); one && !p->why; one = json_next(one))
        add_point(p, json_at(one, p->series->time), json_at(one, p->series->value));
}

size_t payload_series_decode(struct payload *payload, const struct payload_series *series,
                             double *times, double *values, size_t room, const char **why)
{
    struct points p = {.series = series, .times = times, .values = values, .room = room};
    const struct cJSON *root = payload_root(payload);
    if (!root)
        p.why = "not JSON";
    else if (series->list)
        walk_one(&p, root);
    else
        walk_two(&p, root);
    payload->left = p.left;
    if (!p.why && p.n == 0)
        p.why = "a list without values";
    *why = p.why;
    return p.why ? 0 : p.n;
}
