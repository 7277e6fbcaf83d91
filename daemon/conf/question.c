#include "twind/question.h"

#include "twind/mem.h"
#include "twind/schedule.h"
#include "twind/times.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double usual_horizon = 86400, usual_step = 900;
/* Beyond a week no weather is known; a finer step shows nothing that the models know. */
static const double most_horizon = 7 * 86400.0, least_step = 60, most_step = 6 * 3600.0;
enum { INPUTS_MAX = KIND_ROWS_MAX, ID_MAX = 64, PAYLOAD_MAX = 65536 };

static const char *const own_keys[] = {"set", "horizon", "step", "id", NULL};

static bool is_among(const char *key, const char *const *keys)
{
    for (; *keys; keys++)
        if (strcmp(key, *keys) == 0)
            return true;
    return false;
}

static void list_keys(struct text *to, const char *const *keys)
{
    for (; *keys; keys++)
        text_put(to, "%s%s", to->used ? ", " : "", *keys);
}

static bool check_keys(const struct cJSON *root, const char *const *more, struct err *e)
{
    for (const struct cJSON *at = json_first(root); at; at = json_next(at)) {
        if (is_among(json_key(at), own_keys) || is_among(json_key(at), more))
            continue;
        struct text allowed = {0};
        list_keys(&allowed, own_keys);
        list_keys(&allowed, more);
        err_set(e, "'%.40s' is no key of a question; allowed: %s", json_key(at),
                allowed.at);
        text_free(&allowed);
        return false;
    }
    return true;
}

bool question_duration(const struct cJSON *root, const char *key, double min, double max,
                       double *seconds, struct err *e)
{
    const struct cJSON *node = json_member(root, key);
    const char *text = json_text(node);
    char least[TIME_TEXT], most[TIME_TEXT], was[TIME_TEXT];
    if (!node)
        return true;
    *seconds = NAN;
    if (json_type(node) == JSON_NUMBER)
        *seconds = json_number(node, NAN);
    else if (!text || !times_parse_duration(text, seconds))
        return err_set(
            e, "%s must be a duration such as \"6h\", or a number of seconds%s%.40s", key,
            text ? ", not " : "", text ? text : "");
    if (*seconds >= min && *seconds <= max)
        return true;
    return err_set(e, "%s must be %s to %s, not %s", key, times_format_duration(min, least),
                   times_format_duration(max, most), times_format_duration(*seconds, was));
}

static bool read_times(struct question *q, const struct cJSON *root, struct err *e)
{
    const struct plan_forecast *own = &q->twin->plan->forecast;
    char text[TIME_TEXT];
    q->horizon = own->every > 0 ? own->horizon : usual_horizon;
    if (!question_duration(root, "horizon", least_step, most_horizon, &q->horizon, e))
        return false;
    q->step = fmin(own->every > 0 ? own->step : usual_step, q->horizon);
    if (!question_duration(root, "step", least_step, fmin(most_step, q->horizon), &q->step,
                           e))
        return false;
    q->n = (size_t)floor(q->horizon / q->step + 1e-9);
    q->horizon = (double)q->n * q->step;
    if (q->n <= QUESTION_STEPS)
        return true;
    return err_set(
        e, "%zu steps in the horizon; at most %d: the step must be %s or longer", q->n,
        QUESTION_STEPS,
        times_format_duration(ceil(q->horizon / QUESTION_STEPS / 60) * 60, text));
}

bool question_input(const struct twin *twin, const char *name, size_t *input, struct err *e)
{
    const struct kind *kind = twin->plan->kind;
    *input = plan_signal(kind, name);
    return *input < kind->n_inputs ||
           err_set(e, "'%.80s' is no input of a %s (twinctl kinds %s lists them)", name,
                   kind->name, kind->name);
}

static bool read_set(struct question *q, const struct cJSON *root, struct err *e)
{
    size_t input;
    q->set = json_member(root, "set");
    if (q->set && (json_type(q->set) != JSON_OBJECT || json_count(q->set) > INPUTS_MAX))
        return err_set(e, "set must be {INPUT: value, ..}");
    for (const struct cJSON *at = json_first(q->set); at; at = json_next(at))
        if (!question_input(q->twin, json_key(at), &input, e) ||
            !schedule_read(q, input, at, e))
            return false;
    return true;
}

static bool read_id(struct question *q, const struct cJSON *root, struct err *e)
{
    const struct cJSON *node = json_member(root, "id");
    if (node && (!json_text(node) || strlen(json_text(node)) > ID_MAX))
        return err_set(e, "id must be a text of at most %d bytes", ID_MAX);
    q->id = json_text(node);
    return true;
}

const struct cJSON *question_parse(struct json *json, const char *payload, size_t length,
                                   struct err *e)
{
    if (length > PAYLOAD_MAX) {
        err_set(e, "the question has %zu bytes; at most %d are taken", length, PAYLOAD_MAX);
        return NULL;
    }
    const struct cJSON *root = json_parse(json, payload, length);
    if (!root)
        err_set(e, "the question is no JSON; expected {\"set\":{..},\"horizon\":\"6h\"}");
    return root;
}

bool question_read(struct question *q, const struct twin *twin, double now,
                   const struct cJSON *root, const char *const *more, struct err *e)
{
    *q =
        (struct question){.twin = twin, .made = now, .zone = 3600 * twin->plan->utc_offset};
    if (json_type(root) != JSON_OBJECT)
        return err_set(
            e, "a question must be an object such as {\"set\":{..},\"horizon\":\"6h\"}");
    if (!(twin_head(twin)->time > 0))
        return err_set(e, "%s has heard nothing yet: what is now is not known", twin->id);
    return read_id(q, root, e) && check_keys(root, more, e) && read_times(q, root, e) &&
           read_set(q, root, e);
}

void question_clear(struct question *q)
{
    free(q->changes);
    q->changes = NULL;
    q->n_changes = q->n_released = q->room = 0;
}

void question_add(struct question *q, size_t input, double from, double to, double value)
{
    double end = q->made + q->horizon;
    if (!(to > q->made) || !(from < end) || !(to > from))
        return;
    q->changes = mem_grow(q->changes, &q->room, q->n_changes + 1, sizeof *q->changes);
    if (to >= end) /* the last moment, too */
        to = end + q->step;
    q->changes[q->n_changes++] =
        (struct forecast_change){input, fmax(from, q->made), to, value};
}

static void put_first(struct question *q, size_t input)
{
    question_add(q, input, q->made, q->made + q->horizon, NAN);
    const struct forecast_change last = q->changes[q->n_changes - 1];
    memmove(q->changes + 1, q->changes, (q->n_changes - 1) * sizeof last);
    q->changes[0] = last;
    q->n_released++;
}

void question_release(struct question *q)
{
    const struct kind *kind = q->twin->plan->kind;
    size_t found[KIND_ROWS_MAX], n = 0;
    for (size_t i = 0; i < kind->n_inputs; i++)
        if (forecast_releases(kind, q->changes, q->n_changes, i))
            found[n++] = i;
    for (size_t i = 0; i < n; i++)
        put_first(q, found[i]);
}

struct forecast_request question_request(const struct question *q, size_t n_changes)
{
    return (struct forecast_request){.made = q->made,
                                     .step = q->step,
                                     .n = q->n,
                                     .changes = q->changes,
                                     .n_changes = n_changes};
}
