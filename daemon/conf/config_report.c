/* Errors and warnings with file, position and JSON Pointer (RFC 6901), and the nearest
 * known word by edit distance (Damerau 1964). */
#include "twind/config_report.h"

#include "twind/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    MESSAGE = 2048,
    WORD = 64,
    ALLOWED = 32, /* room for "allowed: " before a list and ", .." behind it */
};

/* A key as a level of a JSON Pointer, without what would tear a log line. */
static void put_key(struct text *text, const char *key)
{
    for (; *key; key++) {
        if (*key == '~' || *key == '/')
            text_put(text, "~%d", *key == '/');
        else
            text_bytes(text, (unsigned char)*key < 0x20 ? "?" : key, 1);
    }
}

static void put_path(struct text *text, const struct config_place *place)
{
    if (!place->up)
        return;
    put_path(text, place->up);
    text_put(text, "/");
    if (json_type(place->up->node) == JSON_LIST)
        text_put(text, "%zu", place->index);
    else
        put_key(text, json_key(place->node));
}

struct config_place config_place_of(const struct config_place *object, const char *key)
{
    const struct cJSON *node = json_member(object->node, key);
    return node ? (struct config_place){.up = object, .node = node} : *object;
}

static void tell(struct config_reader *reader, bool warning, const char *text)
{
    if (reader->report)
        reader->report->say(reader->report->context, warning, text);
}

/* False: no more are told one by one. */
static bool count(struct config_reader *reader)
{
    reader->n_errors++;
    if (reader->n_errors == CONFIG_ERRORS_MAX + 1)
        tell(reader, false, "and more errors, which are not shown");
    return reader->n_errors <= CONFIG_ERRORS_MAX;
}

static void tell_at(struct config_reader *reader, const struct config_place *place,
                    bool warning, bool key, const char *message)
{
    const struct json_document *document = &reader->source->document;
    int line, column;
    if (key)
        json_key_position(document, place->node, &line, &column);
    else
        json_position(document, place->node, &line, &column);
    struct text text = {0};
    text_put(&text, "%s:%d:%d: %s", reader->source->file, line, column,
             place->up ? "" : "/");
    put_path(&text, place);
    text_put(&text, ": %s", message);
    tell(reader, warning, text.at);
    text_free(&text);
}

static void tell_words(struct config_reader *reader, const struct config_place *place,
                       bool key, const char *format, va_list args)
{
    char message[MESSAGE];
    vsnprintf(message, sizeof message, format, args);
    tell_at(reader, place, false, key, message);
}

bool config_fault(struct config_reader *reader, const struct config_place *place,
                  const char *format, ...)
{
    if (!count(reader))
        return false;
    va_list args;
    va_start(args, format);
    tell_words(reader, place, false, format, args);
    va_end(args);
    return false;
}

bool config_fault_key(struct config_reader *reader, const struct config_place *place,
                      const char *format, ...)
{
    if (!count(reader))
        return false;
    va_list args;
    va_start(args, format);
    tell_words(reader, place, true, format, args);
    va_end(args);
    return false;
}

void config_fault_file(struct config_reader *reader, const char *file, const char *at)
{
    if (!count(reader))
        return;
    size_t line = strspn(at, "0123456789");
    size_t column = at[line] == ':' ? strspn(at + line + 1, "0123456789") : 0;
    bool placed = line && column && strncmp(at + line + 1 + column, ": ", 2) == 0;
    struct text text = {0};
    if (placed)
        text_put(&text, "%s:%.*s: /: %s", file, (int)(line + 1 + column), at,
                 at + line + column + 3);
    else
        text_put(&text, "%s:1:1: /: %s", file, at);
    tell(reader, false, text.at);
    text_free(&text);
}

void config_warn(struct config_reader *reader, const struct config_place *place,
                 const char *format, ...)
{
    if (reader->n_warnings++ >= CONFIG_ERRORS_MAX)
        return;
    char message[MESSAGE];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    tell_at(reader, place, true, true, message);
}

void config_warn_once(struct config_reader *reader, const struct config_place *place,
                      const void *what, const char *text)
{
    size_t room = sizeof reader->warned / sizeof *reader->warned;
    for (size_t i = 0; i < reader->n_warned; i++)
        if (reader->warned[i] == what)
            return;
    if (reader->n_warned == room)
        return;
    reader->warned[reader->n_warned++] = what;
    config_warn(reader, place, "%s", text);
}

void config_where(const struct config_reader *reader, const struct config_source *source,
                  const struct cJSON *node, char *to, size_t size)
{
    int line, column;
    json_key_position(&source->document, node, &line, &column);
    if (source == reader->source)
        snprintf(to, size, "%d:%d", line, column);
    else
        snprintf(to, size, "%s:%d:%d", source->file, line, column);
}

/* -- duplicate keys -- */

struct search {
    struct config_reader *reader;
    const struct cJSON *first, *again;
};

/* Goes down to the second one, to know its path. True: found and told. */
static bool tell_duplicate(const struct search *search, const struct config_place *place)
{
    if (place->node == search->again) {
        char where[64];
        config_where(search->reader, search->reader->source, search->first, where,
                     sizeof where);
        config_fault_key(search->reader, place,
                         "this key stands here twice; the first is "
                         "at %s. Remove one of them",
                         where);
        return true;
    }
    struct config_place child = {.up = place, .node = json_first(place->node)};
    for (; child.node; child.node = json_next(child.node), child.index++)
        if (tell_duplicate(search, &child))
            return true;
    return false;
}

static void on_duplicate(void *context, const struct cJSON *first,
                         const struct cJSON *again)
{
    struct search search = {.reader = context, .first = first, .again = again};
    if (search.reader->n_errors >= CONFIG_ERRORS_MAX) {
        count(search.reader);
        return;
    }
    struct config_place root = {.node = search.reader->source->document.root};
    tell_duplicate(&search, &root);
}

void config_fault_duplicates(struct config_reader *reader)
{
    json_duplicates(&reader->source->document, on_duplicate, reader);
}

/* -- the nearest word -- */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Changes that make one word the other: a letter put in, left out, replaced, or two that
 * stand beside each other swapped. `rows`: of the last three letters. */
static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(b), rows[3][WORD + 1];
    if (n > WORD)
        return n;
    for (size_t j = 0; j <= n; j++)
        rows[0][j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t change = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = smaller(change, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], second[j - 2] + 1);
        }
    }
    return rows[strlen(a) % 3][n];
}

void config_hint_offer(struct config_hint *hint, const char *word)
{
    size_t d = distance(hint->word, word), length = strlen(word);
    if (!hint->best || d < hint->distance) {
        hint->best = word;
        hint->distance = d;
    }
    if (hint->used + length + ALLOWED > sizeof hint->all) {
        if (hint->used < sizeof hint->all - 5)
            memcpy(hint->all + hint->used, ", ..", 5);
        hint->used = sizeof hint->all;
        return;
    }
    hint->used += (size_t)snprintf(hint->all + hint->used, sizeof hint->all - hint->used,
                                   "%s%s", hint->used ? ", " : "", word);
}

const char *config_hint_text(struct config_hint *hint)
{
    char list[CONFIG_HINT_TEXT];
    if (!hint->best)
        return "none is allowed here";
    size_t length = strlen(hint->word), near = length > 5 ? length / 3 : length > 2;
    if (hint->distance <= near && hint->distance < length) {
        snprintf(hint->all, sizeof hint->all, "did you mean %s?", hint->best);
        return hint->all;
    }
    memcpy(list, hint->all, sizeof list);
    snprintf(hint->all, sizeof hint->all, "allowed: %.*s", CONFIG_HINT_TEXT - ALLOWED / 2,
             list);
    return hint->all;
}
