/* Sensor Measurement Lists in JSON (RFC 8428): records with base values for those after. */
#include "payload_parts.h"

#include "twind/json_tree.h"

#include <string.h>

/* s; smaller times are seconds from now (section 4.5.3). */
static const double RELATIVE_BELOW = 268435456;

/* What holds from its record on; NULL, 0: not given yet. */
struct base {
    const char *name, *unit;
    double time, value, sum;
};

enum label { NAME, UNIT, TIME, VALUE, TEXT, FLAG, DATA, SUM, N_LABELS };

static const char *const labels[] = {
    [NAME] = "n",  [UNIT] = "u",  [TIME] = "t",  [VALUE] = "v",
    [TEXT] = "vs", [FLAG] = "vb", [DATA] = "vd", [SUM] = "s",
};
_Static_assert(sizeof labels / sizeof *labels == N_LABELS, "a text for each label");

/* The fields of one record; NULL: not there. */
struct fields {
    const struct cJSON *at[N_LABELS];
    bool strange; /* one that must be understood, and is not */
};

static const char *text_or(const struct cJSON *node, const char *otherwise)
{
    const char *text = json_text(node);
    return text ? text : otherwise;
}

static double number_or(const struct cJSON *node, double otherwise)
{
    return json_type(node) == JSON_NUMBER ? json_number(node, otherwise) : otherwise;
}

static void take_base(struct base *base, const struct cJSON *field, const char *what)
{
    if (strcmp(what, "n") == 0)
        base->name = text_or(field, base->name);
    else if (strcmp(what, "u") == 0)
        base->unit = text_or(field, base->unit);
    else if (strcmp(what, "t") == 0)
        base->time = number_or(field, base->time);
    else if (strcmp(what, "v") == 0)
        base->value = number_or(field, base->value);
    else if (strcmp(what, "s") == 0)
        base->sum = number_or(field, base->sum);
}

static void take_field(struct fields *f, const struct cJSON *field, const char *label)
{
    for (size_t i = 0; i < N_LABELS; i++)
        if (strcmp(label, labels[i]) == 0)
            f->at[i] = field;
    size_t length = strlen(label);
    f->strange |= length > 0 && label[length - 1] == '_';
}

static struct fields read_record(struct base *base, const struct cJSON *record)
{
    struct fields f = {0};
    for (const struct cJSON *field = json_first(record); field; field = json_next(field)) {
        const char *label = json_key(field);
        if (label[0] == 'b')
            take_base(base, field, label + 1);
        take_field(&f, field, label);
    }
    return f;
}

static bool is_named(const char *wanted, const char *base, const char *name)
{
    size_t n = strlen(base);
    return !wanted || (strncmp(wanted, base, n) == 0 && strcmp(wanted + n, name) == 0);
}

static struct moment moment_of(const struct decoding *d, double time)
{
    bool relative = time < RELATIVE_BELOW;
    return (struct moment){relative ? d->payload->received + time : time,
                           !relative || time < 0 || time > 0};
}

/* Value, flag and text in this order, or else the sum. */
static void put(struct decoding *d, const struct base *base, const struct fields *f,
                struct moment at)
{
    struct units_conversion unit = d->mapping->unit;
    const char *named = text_or(f->at[UNIT], base->unit), *text = json_text(f->at[TEXT]);
    if (named && *named &&
        !payload_unit(d->mapping, (struct piece){named, strlen(named)}, &unit))
        payload_put_bad(d, at, PAYLOAD_UNIT,
                        "a unit that is unknown or another quantity's");
    else if (json_type(f->at[VALUE]) == JSON_NUMBER)
        payload_put_number(d, at, &unit, base->value + json_number(f->at[VALUE], 0));
    else if (json_type(f->at[FLAG]) == JSON_BOOL)
        payload_put_number(d, at, &unit, json_number(f->at[FLAG], 0));
    else if (text)
        payload_put_text(d, at, &unit, (struct piece){text, strlen(text)});
    else if (!f->at[VALUE] && !f->at[DATA] && json_type(f->at[SUM]) == JSON_NUMBER)
        payload_put_number(d, at, &unit, base->sum + json_number(f->at[SUM], 0));
    else
        payload_put_bad(d, at, PAYLOAD_BAD, "a SenML record without a number");
}

static void decode_record(struct decoding *d, struct base *base, const struct cJSON *record)
{
    struct fields f = read_record(base, record);
    bool has_value = f.at[VALUE] || f.at[TEXT] || f.at[FLAG] || f.at[DATA] || f.at[SUM];
    if (!has_value || !is_named(d->mapping->name, base->name, text_or(f.at[NAME], "")))
        return;
    struct moment at = moment_of(d, base->time + number_or(f.at[TIME], 0));
    if (f.strange)
        payload_put_bad(d, at, PAYLOAD_BAD, "a SenML field that must be understood");
    else
        put(d, base, &f, at);
}

void payload_decode_senml(struct decoding *d, const struct cJSON *root)
{
    struct base base = {.name = ""};
    const struct cJSON *record = json_type(root) == JSON_LIST ? json_first(root) : root;
    d->why = "no record of that name";
    for (; record; record = json_next(record))
        if (json_type(record) == JSON_OBJECT)
            decode_record(d, &base, record);
    if (d->n > 0 && d->samples[d->n - 1].verdict == PAYLOAD_VALUE)
        d->why = NULL;
}
