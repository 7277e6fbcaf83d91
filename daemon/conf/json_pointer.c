/* JSON Pointer (RFC 6901), compiled once, with `*` as a level for each element of a list.
 */
#include "twind/json.h"

#include "twind/mem.h"

#include <cjson/cJSON.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct level {
    char *key;
    size_t index; /* in a list; NO_INDEX: the key is none */
    bool star;
};

static const size_t NO_INDEX = SIZE_MAX;

struct json_pointer {
    size_t n;
    struct level levels[];
};

/* "0", "1", ... without leading zeros. */
static size_t read_index(const char *key)
{
    size_t n = strlen(key), index = 0;
    if (n == 0 || n > 9 || (n > 1 && key[0] == '0') || strspn(key, "0123456789") != n)
        return NO_INDEX;
    for (; *key; key++)
        index = index * 10 + (size_t)(*key - '0');
    return index;
}

/* ~1 is a slash, ~0 a tilde. False: another tilde. */
static bool unescape(char *key)
{
    char *to = key;
    for (; *key; key++) {
        char c = *key;
        if (c == '~') {
            key++;
            if (*key != '0' && *key != '1')
                return false;
            c = *key == '0' ? '~' : '/';
        }
        *to++ = c;
    }
    *to = '\0';
    return true;
}

static bool add_level(struct json_pointer *pointer, const char *text, size_t length)
{
    struct level *level = &pointer->levels[pointer->n++];
    level->key = mem_text_n(text, length);
    level->star = length == 1 && *text == '*';
    bool fine = unescape(level->key);
    level->index = read_index(level->key);
    return fine;
}

struct json_pointer *json_pointer_new(const char *text, struct err *e)
{
    if (*text && *text != '/') {
        err_set(e, "\"%s\" is no JSON Pointer: it begins with a slash, as in \"/%s\"", text,
                text);
        return NULL;
    }
    size_t n = 0;
    for (const char *at = text; *at; at++)
        n += *at == '/';
    struct json_pointer *pointer =
        mem_new(1, sizeof *pointer + n * sizeof pointer->levels[0]);
    bool fine = true;
    for (const char *at = text; *at && fine;) {
        size_t length = strcspn(++at, "/");
        fine = add_level(pointer, at, length);
        at += length;
    }
    if (fine)
        return pointer;
    err_set(e, "\"%s\" is no JSON Pointer: a tilde in a key is written ~0", text);
    json_pointer_free(pointer);
    return NULL;
}

void json_pointer_free(struct json_pointer *pointer)
{
    if (!pointer)
        return;
    for (size_t i = 0; i < pointer->n; i++)
        free(pointer->levels[i].key);
    free(pointer);
}

static const struct cJSON *member(const struct cJSON *object, const char *key)
{
    for (const struct cJSON *child = object->child; child; child = child->next)
        if (child->string && strcmp(child->string, key) == 0)
            return child;
    return NULL;
}

static const struct cJSON *element(const struct cJSON *list, size_t index)
{
    const struct cJSON *child = list->child;
    if (index == NO_INDEX)
        return NULL;
    while (child && index-- > 0)
        child = child->next;
    return child;
}

static const struct cJSON *below(const struct cJSON *node, const struct level *level)
{
    switch (node->type & 0xFF) {
    case cJSON_Object:
        return member(node, level->key);
    case cJSON_Array:
        return element(node, level->index);
    default:
        return NULL;
    }
}

static const struct cJSON *walk(const struct cJSON *node,
                                const struct json_pointer *pointer, size_t from)
{
    for (size_t i = from; node && i < pointer->n; i++)
        node = below(node, &pointer->levels[i]);
    return node;
}

const struct cJSON *json_at(const struct cJSON *root, const struct json_pointer *pointer)
{
    return walk(root, pointer, 0);
}

/* The first `*` level; n where there is none. */
static size_t star_level(const struct json_pointer *pointer)
{
    size_t i = 0;
    while (i < pointer->n && !pointer->levels[i].star)
        i++;
    return i;
}

const struct cJSON *json_list(const struct cJSON *root, const struct json_pointer *pointer)
{
    size_t star = star_level(pointer);
    if (star == pointer->n)
        return NULL;
    for (size_t i = 0; root && i < star; i++)
        root = below(root, &pointer->levels[i]);
    return root && cJSON_IsArray(root) ? root : NULL;
}

const struct cJSON *json_beside(const struct cJSON *root, const struct cJSON *element_,
                                const struct json_pointer *list,
                                const struct json_pointer *pointer)
{
    size_t star = star_level(list);
    bool same = star < list->n && pointer->n > star;
    for (size_t i = 0; i <= star && same; i++)
        same = strcmp(list->levels[i].key, pointer->levels[i].key) == 0;
    return same ? walk(element_, pointer, star + 1) : walk(root, pointer, 0);
}

bool json_pointer_index(const struct json_pointer *pointer, size_t *index)
{
    if (pointer->n != 1 || pointer->levels[0].index == NO_INDEX)
        return false;
    *index = pointer->levels[0].index;
    return true;
}
