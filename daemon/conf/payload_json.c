/* Readings in JSON: at a path, by name in a list, in a list of records. */
#include "payload_parts.h"

#include "twind/json.h"
#include "twind/json_tree.h"
#include "twind/times.h"

#include <math.h>
#include <string.h>

/* Where a record stands: `element` is the one that `*` levels of the path stand for. */
struct record {
    const struct cJSON *root, *element;
};

static const struct cJSON *look_up(const struct decoding *d, const struct record *record,
                                   const struct json_pointer *pointer)
{
    if (!pointer)
        return record->root;
    if (!record->element)
        return json_at(record->root, pointer);
    return json_beside(record->root, record->element, d->mapping->path, pointer);
}

static struct piece text_of(const struct cJSON *node)
{
    const char *text = json_text(node);
    return (struct piece){text, strlen(text)};
}

static bool equals(const struct cJSON *node, const char *wanted)
{
    switch (json_type(node)) {
    case JSON_TEXT:
        return payload_equals_text(wanted, text_of(node));
    case JSON_NUMBER:
        return payload_equals_number(wanted, json_number(node, 0));
    case JSON_BOOL:
        return strcmp(wanted, json_number(node, 0) > 0 ? "true" : "false") == 0;
    case JSON_NULL:
        return strcmp(wanted, "null") == 0;
    default:
        return false;
    }
}

static bool is_ours(const struct decoding *d, const struct record *record)
{
    for (size_t i = 0; i < d->mapping->n_when; i++) {
        const struct payload_when *when = &d->mapping->when[i];
        if (!equals(look_up(d, record, when->path), when->equals))
            return false;
    }
    return true;
}

/* The value of the list's object whose key equals what `find` says. */
static const struct cJSON *find_named(const struct payload_mapping *m,
                                      const struct cJSON *list)
{
    for (const struct cJSON *one = json_first(list); one; one = json_next(one))
        if (equals(json_member(one, m->find.key), m->find.equals))
            return json_member(one, m->find.value);
    return NULL;
}

static struct moment moment_of(const struct decoding *d, const struct record *record)
{
    if (!d->mapping->time)
        return payload_arrival(d);
    const struct cJSON *node = look_up(d, record, d->mapping->time);
    if (json_type(node) == JSON_TEXT)
        return payload_moment(d, text_of(node));
    bool number = json_type(node) == JSON_NUMBER;
    double time = number ? times_from_number(json_number(node, 0)) : (double)NAN;
    return isnan(time) ? payload_arrival(d) : (struct moment){time, true};
}

static void put_node(struct decoding *d, struct moment at,
                     const struct units_conversion *unit, const struct cJSON *node)
{
    switch (json_type(node)) {
    case JSON_NUMBER:
    case JSON_BOOL:
        payload_put_number(d, at, unit, json_number(node, 0));
        break;
    case JSON_TEXT:
        payload_put_text(d, at, unit, text_of(node));
        break;
    case JSON_NULL:
        payload_put_bad(d, at, PAYLOAD_BAD, "null");
        break;
    default:
        payload_put_bad(d, at, PAYLOAD_BAD, "a list or an object where a number should be");
    }
}

/* False: the payload names a unit that cannot be converted. */
static bool unit_of(const struct decoding *d, const struct record *record,
                    struct units_conversion *unit)
{
    *unit = d->mapping->unit;
    if (!d->mapping->unit_path)
        return true;
    const struct cJSON *node = look_up(d, record, d->mapping->unit_path);
    bool named = json_type(node) == JSON_TEXT && *json_text(node);
    return !named || payload_unit(d->mapping, text_of(node), unit);
}

static void decode_record(struct decoding *d, const struct record *record)
{
    struct units_conversion unit;
    if (!is_ours(d, record)) {
        d->why = "\"when\" says that it is not for this signal";
        return;
    }
    const struct cJSON *node = look_up(d, record, d->mapping->path);
    if (node && d->mapping->find.key)
        node = find_named(d->mapping, node);
    if (!node)
        d->why = "nothing at the path";
    else if (!unit_of(d, record, &unit))
        payload_put_bad(d, moment_of(d, record), PAYLOAD_UNIT,
                        "a unit that is unknown or another quantity's");
    else
        put_node(d, moment_of(d, record), &unit, node);
}

void payload_decode_json(struct decoding *d, const struct cJSON *root)
{
    const struct json_pointer *path = d->mapping->path;
    const struct cJSON *list = path ? json_list(root, path) : NULL;
    bool records = !list && path && json_type(root) == JSON_LIST && !json_at(root, path);
    if (!list && !records) {
        decode_record(d, &(struct record){root, NULL});
        return;
    }
    if (records)
        list = root;
    if (!json_first(list))
        d->why = "an empty list";
    for (const struct cJSON *one = json_first(list); one; one = json_next(one)) {
        struct record record = {records ? one : root, records ? NULL : one};
        decode_record(d, &record);
    }
}
