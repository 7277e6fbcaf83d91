/* Parsing by cJSON behind a strict scan, with an arena for messages and positions for
 * configurations.
 *
 * cJSON takes its memory from process-wide hooks. They are installed once, and take from
 * the arena of the parser that is at work in the calling thread, or else from the heap. */
#include "twind/json.h"

#include "twind/json_scan.h"
#include "twind/mem.h"

#include <cjson/cJSON.h>

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA_FIRST = 4 << 10,
    ARENA_KEEP = 256 << 10, /* what a parser may hold on to between messages */
    ARENA_ALIGN = 16,
};

struct block {
    struct block *older;
    size_t size, used;
    _Alignas(ARENA_ALIGN) char bytes[];
};

struct json {
    struct block *newest;
};

/* The library's hooks get no context, hence the two variables. */
static pthread_once_t hooks_once = PTHREAD_ONCE_INIT;
static _Thread_local struct json *at_work;

static struct block *block_new(size_t size, struct block *older)
{
    struct block *block = malloc(sizeof *block + size);
    if (block)
        *block = (struct block){.older = older, .size = size};
    return block;
}

static void blocks_free(struct block *block)
{
    while (block) {
        struct block *older = block->older;
        free(block);
        block = older;
    }
}

/* NULL where memory runs out: then the message is refused, for its size is not ours. */
static void *arena_take(struct json *json, size_t size)
{
    struct block *block = json->newest;
    size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (size > block->size - block->used) {
        size_t more = block->size * 2 > size ? block->size * 2 : size;
        block = block_new(more, json->newest);
        if (!block)
            return NULL;
        json->newest = block;
    }
    void *taken = block->bytes + block->used;
    block->used += size;
    return taken;
}

/* One block again: the largest that may be kept, which is the newest of them. */
static void arena_reset(struct json *json)
{
    struct block *block = json->newest;
    while (block->older && block->size > ARENA_KEEP) {
        struct block *older = block->older;
        free(block);
        block = older;
    }
    blocks_free(block->older);
    block->older = NULL;
    block->used = 0;
    json->newest = block;
}

static void *hook_malloc(size_t size)
{
    return at_work ? arena_take(at_work, size) : malloc(size);
}

static void hook_free(void *memory)
{
    if (!at_work)
        free(memory);
}

static void install_hooks(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = hook_malloc, .free_fn = hook_free});
}

struct json *json_new(void)
{
    pthread_once(&hooks_once, install_hooks);
    struct json *json = mem_new(1, sizeof *json);
    json->newest = mem_new(1, sizeof *json->newest + ARENA_FIRST);
    json->newest->size = ARENA_FIRST;
    return json;
}

void json_free(struct json *json)
{
    if (!json)
        return;
    blocks_free(json->newest);
    free(json);
}

/* The text with its nan and inf made "", in the arena. */
static const char *mended(struct json *json, const char *text, size_t length)
{
    char *copy = arena_take(json, length);
    if (!copy)
        return NULL;
    memcpy(copy, text, length);
    struct json_scan scan = {.seek = SIZE_MAX, .mend = copy};
    return json_scan(text, length, &scan) ? copy : NULL;
}

const struct cJSON *json_parse(struct json *json, const char *text, size_t length)
{
    arena_reset(json);
    struct json_scan scan = {.seek = SIZE_MAX};
    if (!json_scan(text, length, &scan))
        return NULL;
    if (scan.odd)
        text = mended(json, text, length);
    if (!text)
        return NULL;
    at_work = json;
    const struct cJSON *root = cJSON_ParseWithLengthOpts(text, length, NULL, 0);
    at_work = NULL;
    return root;
}

/* -- configurations -- */

static void blank(char *from, const char *to)
{
    for (; from < to; from++)
        if (*from != '\n')
            *from = ' ';
}

/* The end of the string that opens at `at`; strings end with their line at the latest. */
static char *string_end(char *at, char *end)
{
    for (at++; at < end && *at != '"' && *at != '\n'; at++)
        if (*at == '\\' && at + 1 < end)
            at++;
    return at < end ? at + 1 : end;
}

static char *line_end(char *at, char *end)
{
    char *found = memchr(at, '\n', (size_t)(end - at));
    return found ? found : end;
}

/* The end of the comment that opens at `at`; `at` where there is none. */
static char *comment_end(char *at, char *end)
{
    bool pair = end - at >= 2 && at[0] == '/';
    if (*at == '#' || (pair && at[1] == '/'))
        return line_end(at, end);
    if (!pair || at[1] != '*')
        return at;
    for (char *close = at + 2; close + 1 < end; close++)
        if (close[0] == '*' && close[1] == '/')
            return close + 2;
    return at;
}

static void blank_comments(char *text, size_t length)
{
    char *end = text + length;
    for (char *at = text; at < end;) {
        char *after = *at == '"' ? string_end(at, end) : comment_end(at, end);
        if (*at != '"')
            blank(at, after);
        at = after > at ? after : at + 1;
    }
}

static void locate(const char *text, const char *at, int *line, int *column)
{
    *line = *column = 1;
    for (; text < at; text++) {
        if (*text == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)*text & 0xC0) != 0x80) {
            ++*column;
        }
    }
}

static bool fail_at(const struct json_document *document, const char *at, const char *what,
                    struct err *e)
{
    int line, column;
    locate(document->text, at, &line, &column);
    return err_set(e, "%d:%d: %s", line, column, what);
}

/* Takes the text over. */
static bool read_document(char *text, size_t length, struct json_document *document,
                          struct err *e)
{
    pthread_once(&hooks_once, install_hooks);
    *document = (struct json_document){.text = text, .length = length};
    blank_comments(text, length);
    struct json_scan scan = {.strict = true, .seek = SIZE_MAX};
    bool fine = json_scan(text, length, &scan);
    if (!fine) {
        const char *at = scan.at;
        bool open = length - (size_t)(at - text) >= 2 && at[0] == '/' && at[1] == '*';
        fail_at(document, at, open ? "a comment that does not end" : scan.fault, e);
    } else {
        const char *end = text;
        document->arena = json_new();
        at_work = document->arena;
        document->root = cJSON_ParseWithLengthOpts(text, length, &end, 0);
        at_work = NULL;
        fine = document->root != NULL;
        if (!fine)
            fail_at(document, end, "a \\u escape that is no character", e);
    }
    if (!fine)
        json_document_free(document);
    return fine;
}

bool json_read_text(const char *text, struct json_document *document, struct err *e)
{
    return read_document(mem_text(text), strlen(text), document, e);
}

bool json_read(const char *path, struct json_document *document, struct err *e)
{
    *document = (struct json_document){0};
    FILE *file = fopen(path, "rb");
    if (!file)
        return err_set(e, "cannot read %s: %s", path, strerror(errno));
    char *text = NULL;
    size_t length = 0, room = 0, got = 0;
    do {
        length += got;
        text = mem_grow(text, &room, length + 4096, 1);
        got = fread(text + length, 1, room - length - 1, file);
    } while (got > 0);
    text[length] = '\0';
    bool fine = !ferror(file);
    if (!fine)
        err_set(e, "cannot read %s: %s", path, strerror(errno));
    fclose(file);
    if (!fine) {
        free(text);
        return false;
    }
    if (read_document(text, length, document, e))
        return true;
    char fault[ERR_TEXT];
    memcpy(fault, e->text, sizeof fault);
    return err_set(e, "%s:%s", path, fault);
}

void json_document_free(struct json_document *document)
{
    json_free(document->arena);
    free(document->text);
    *document = (struct json_document){0};
}

/* -- positions -- */

/* Counts values in the order of the text, up to `at`; cJSON keeps that order. */
static bool count_to(const struct cJSON *node, const struct cJSON *at, size_t *n)
{
    for (; node; node = node->next) {
        if (node == at)
            return true;
        ++*n;
        if (count_to(node->child, at, n))
            return true;
    }
    return false;
}

static void find(const struct json_document *document, const struct cJSON *at, bool key,
                 int *line, int *column)
{
    struct json_scan scan = {.strict = true, .seek = 0};
    if (!count_to(document->root, at, &scan.seek))
        scan.seek = 0;
    json_scan(document->text, document->length, &scan);
    locate(document->text, key && scan.key ? scan.key : scan.at, line, column);
}

void json_position(const struct json_document *document, const struct cJSON *at, int *line,
                   int *column)
{
    find(document, at, false, line, column);
}

void json_key_position(const struct json_document *document, const struct cJSON *at,
                       int *line, int *column)
{
    find(document, at, true, line, column);
}

/* -- duplicate keys -- */

struct member {
    const struct cJSON *node;
    size_t order;
};

static int compare_members(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int keys = strcmp(x->node->string, y->node->string);
    return keys ? keys : (x->order > y->order) - (x->order < y->order);
}

static void duplicates_in(const struct cJSON *node,
                          void (*each)(void *, const struct cJSON *, const struct cJSON *),
                          void *context)
{
    struct member *members = NULL;
    size_t n = 0, room = 0;
    for (const struct cJSON *child = node->child; child; child = child->next) {
        if (cJSON_IsObject(node)) {
            members = mem_grow(members, &room, n + 1, sizeof *members);
            members[n] = (struct member){child, n};
            n++;
        }
        duplicates_in(child, each, context);
    }
    if (n > 1)
        qsort(members, n, sizeof *members, compare_members);
    for (size_t i = 1, first = 0; i < n; i++) {
        if (strcmp(members[i].node->string, members[first].node->string) == 0)
            each(context, members[first].node, members[i].node);
        else
            first = i;
    }
    free(members);
}

void json_duplicates(const struct json_document *document,
                     void (*each)(void *context, const struct cJSON *first,
                                  const struct cJSON *again),
                     void *context)
{
    duplicates_in(document->root, each, context);
}
