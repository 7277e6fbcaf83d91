/* Readings in separated columns; each line is a record. */
#include "payload_parts.h"

#include "twind/json.h"

#include <string.h>

/* Up to the next `wanted` that is not inside double quotes; all where there is none. */
static size_t length_to(struct piece text, char wanted)
{
    bool quoted = false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] == '"')
            quoted = !quoted;
        else if (text.at[i] == wanted && !quoted)
            return i;
    }
    return text.length;
}

static char separator_of(struct piece line)
{
    static const char separators[] = "\t;,";
    for (const char *one = separators; *one; one++)
        if (length_to(line, *one) < line.length)
            return *one;
    return ' ';
}

static struct piece without(struct piece text, size_t n)
{
    return (struct piece){text.at + n, text.length - n};
}

/* False: the line has fewer columns. Spaces around a field are not its own, and several
 * spaces are one where they separate. */
static bool column_of(struct piece line, char separator, size_t column, struct piece *field)
{
    for (;; column--) {
        size_t n = length_to(line, separator);
        *field = payload_trim((struct piece){line.at, n});
        if (column == 0)
            return true;
        if (n == line.length)
            return false;
        line = without(line, n + 1);
        if (separator == ' ')
            line = payload_trim(line);
    }
}

static struct piece unquoted(struct piece field)
{
    bool quoted =
        field.length >= 2 && field.at[0] == '"' && field.at[field.length - 1] == '"';
    return quoted ? (struct piece){field.at + 1, field.length - 2} : field;
}

/* False: no such column. */
static bool pointed(struct piece line, char separator, const struct json_pointer *pointer,
                    struct piece *field)
{
    size_t column;
    if (!pointer || !json_pointer_index(pointer, &column) ||
        !column_of(line, separator, column, field))
        return false;
    *field = unquoted(*field);
    return true;
}

static bool is_ours(const struct payload_mapping *m, struct piece line, char separator)
{
    struct piece field;
    for (size_t i = 0; i < m->n_when; i++)
        if (!pointed(line, separator, m->when[i].path, &field) ||
            !payload_equals_text(m->when[i].equals, field))
            return false;
    return true;
}

static void decode_line(struct decoding *d, struct piece line)
{
    const struct payload_mapping *m = d->mapping;
    char separator = separator_of(line);
    struct piece field, time;
    if (!is_ours(m, line, separator)) {
        d->why = "\"when\" says that it is not for this signal";
        return;
    }
    if (!column_of(line, separator, m->column, &field)) {
        d->why = "fewer columns than \"column\" says";
        return;
    }
    struct moment at = payload_arrival(d);
    if (pointed(line, separator, m->time, &time))
        at = payload_moment(d, time);
    payload_put_text(d, at, &m->unit, field);
}

void payload_decode_csv(struct decoding *d)
{
    struct piece text = {d->payload->text, d->payload->length};
    while (text.length > 0) {
        size_t n = length_to(text, '\n');
        struct piece line = {text.at, n}, inside = payload_trim(line);
        if (inside.length > 0 && inside.at[0] != '#')
            decode_line(d, separator_of(line) == ' ' ? inside : line);
        text = without(text, n < text.length ? n + 1 : n);
    }
}
