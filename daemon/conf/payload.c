/* The beginning and the end of a decoding: which format, and from a number as it came to a
 * sample in the signal's own unit. */
#include "payload_parts.h"

#include "twind/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { UNIT_MAX = 31 };

const struct payload_mapping payload_mapping_default = {.unit = {.scale = 1}, .scale = 1};

void payload_mapping_clear(struct payload_mapping *mapping)
{
    for (size_t i = 0; i < mapping->n_when; i++) {
        json_pointer_free(mapping->when[i].path);
        free(mapping->when[i].equals);
    }
    free(mapping->when);
    json_pointer_free(mapping->path);
    json_pointer_free(mapping->time);
    json_pointer_free(mapping->unit_path);
    free(mapping->find.key);
    free(mapping->find.equals);
    free(mapping->find.value);
    free(mapping->name);
    free(mapping->own_unit);
    *mapping = payload_mapping_default;
}

/* -- samples -- */

struct moment payload_arrival(const struct decoding *d)
{
    return (struct moment){.time = d->payload->received};
}

struct moment payload_moment(const struct decoding *d, struct piece text)
{
    double time = payload_time(text, d->mapping->zone);
    return isnan(time) ? payload_arrival(d) : (struct moment){time, true};
}

/* NULL: there is no room. */
static struct payload_sample *next_sample(struct decoding *d, struct moment at)
{
    if (d->n == d->room) {
        d->payload->left++;
        return NULL;
    }
    struct payload_sample *sample = &d->samples[d->n++];
    sample->time = at.time;
    sample->timed = at.timed;
    return sample;
}

void payload_put_bad(struct decoding *d, struct moment at, enum payload_verdict verdict,
                     const char *why)
{
    struct payload_sample *sample = next_sample(d, at);
    d->why = why;
    if (!sample)
        return;
    sample->value = (double)NAN;
    sample->verdict = verdict;
    sample->unit = units_same;
}

/* A converted value has no more meaning in its 16th digit than the number that was sent: as
 * a short decimal it takes a quarter of the room in the history. Values of everyday size
 * only: the rest keeps its digits. */
static double to_decimals(double value)
{
    static const double most = 1e6, decimals = 1e9, least = 1e-2;
    double size = fabs(value);
    return size < most && size >= least ? round(value * decimals) / decimals : value;
}

void payload_put_number(struct decoding *d, struct moment at,
                        const struct units_conversion *unit, double number)
{
    double value = number * d->mapping->scale + d->mapping->offset;
    if (unit->gas == 0)
        value = value * unit->scale + unit->offset;
    if (value != number)
        value = to_decimals(value);
    if (!isfinite(value)) {
        payload_put_bad(d, at, PAYLOAD_BAD, "a number that is not finite");
        return;
    }
    struct payload_sample *sample = next_sample(d, at);
    if (!sample)
        return;
    sample->value = value;
    sample->verdict = PAYLOAD_VALUE;
    sample->unit = unit->gas ? *unit : units_same;
}

bool payload_unit(const struct payload_mapping *mapping, struct piece unit,
                  struct units_conversion *made)
{
    char text[UNIT_MAX + 1];
    *made = units_same;
    if (!mapping->own_unit || !*mapping->own_unit)
        return true;
    if (unit.length > UNIT_MAX || memchr(unit.at, '\0', unit.length))
        return false;
    memcpy(text, unit.at, unit.length);
    text[unit.length] = '\0';
    return units_convert(text, mapping->own_unit, mapping->molar_mass, made, NULL);
}

/* What follows a number looks like a unit, not like the rest of a date or an address. */
static bool begins_like_unit(struct piece text)
{
    char c = text.at[0], letter = c | 0x20;
    bool sign = c == '%' || c == '[' || c == '/' || c == '$';
    return sign || (unsigned char)c >= 0x80 || (letter >= 'a' && letter <= 'z');
}

static struct piece unquoted(struct piece text)
{
    text = payload_trim(text);
    bool quoted = text.length >= 2 && (text.at[0] == '"' || text.at[0] == '\'') &&
                  text.at[text.length - 1] == text.at[0];
    return quoted ? (struct piece){text.at + 1, text.length - 2} : text;
}

void payload_put_text(struct decoding *d, struct moment at,
                      const struct units_conversion *unit, struct piece text)
{
    double number;
    struct piece rest;
    struct units_conversion named;
    text = unquoted(text);
    if (!payload_number(text, &number, &rest)) {
        bool empty = payload_trim(text).length == 0;
        payload_put_bad(d, at, PAYLOAD_BAD, empty ? "empty" : "a text that is no number");
    } else if (rest.length == 0) {
        payload_put_number(d, at, unit, number);
    } else if (!begins_like_unit(rest)) {
        payload_put_bad(d, at, PAYLOAD_BAD, "a text that is no number");
    } else if (payload_unit(d->mapping, rest, &named)) {
        payload_put_number(d, at, &named, number);
    } else {
        payload_put_bad(d, at, PAYLOAD_UNIT,
                        "a unit that is unknown or another quantity's");
    }
}

/* -- formats -- */

static enum payload_format format_of(const struct payload_mapping *m, struct piece text)
{
    if (m->format != PAYLOAD_AUTO)
        return m->format;
    if (m->name)
        return PAYLOAD_SENML;
    bool json = m->path || m->find.key || m->n_when || m->time || m->unit_path ||
                text.at[0] == '{' || text.at[0] == '[';
    return json ? PAYLOAD_JSON : PAYLOAD_NUMBER;
}

/* Parsed at most once; the terminator that some devices send along is trimmed. NULL: it is
 * no JSON. */
const struct cJSON *payload_root(struct payload *payload)
{
    struct piece text = payload_trim((struct piece){payload->text, payload->length});
    if (!payload->tried)
        payload->root = json_parse(payload->json, text.at, text.length);
    payload->tried = true;
    return payload->root;
}

static void decode_tree(struct decoding *d, enum payload_format format)
{
    const struct cJSON *root = payload_root(d->payload);
    if (!root)
        payload_put_bad(d, payload_arrival(d), PAYLOAD_BAD, "not JSON");
    else if (format == PAYLOAD_SENML)
        payload_decode_senml(d, root);
    else
        payload_decode_json(d, root);
}

static void decode_text(struct decoding *d, struct piece text)
{
    switch (format_of(d->mapping, text)) {
    case PAYLOAD_NUMBER:
        payload_put_text(d, payload_arrival(d), &d->mapping->unit, text);
        break;
    case PAYLOAD_CSV:
        payload_decode_csv(d);
        break;
    case PAYLOAD_SENML:
        decode_tree(d, PAYLOAD_SENML);
        break;
    default:
        decode_tree(d, PAYLOAD_JSON);
    }
}

static int compare_times(const void *a, const void *b)
{
    const struct payload_sample *x = a, *y = b;
    return (x->time > y->time) - (x->time < y->time);
}

/* Nearly all messages are in order already. */
static void sort_samples(struct payload_sample *samples, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (samples[i - 1].time > samples[i].time) {
            qsort(samples, n, sizeof *samples, compare_times);
            return;
        }
    }
}

size_t payload_decode(struct payload *payload, const struct payload_mapping *mapping,
                      struct payload_sample *samples, size_t room, const char **why)
{
    struct decoding d = {
        .payload = payload, .mapping = mapping, .samples = samples, .room = room};
    struct piece text = payload_trim((struct piece){payload->text, payload->length});
    payload->left = 0;
    if (text.length > 0)
        decode_text(&d, text);
    else if (mapping->n_when > 0)
        d.why = "empty";
    else
        payload_put_bad(&d, payload_arrival(&d), PAYLOAD_BAD, "empty");
    sort_samples(samples, d.n);
    if (why)
        *why = d.why;
    return d.n;
}
