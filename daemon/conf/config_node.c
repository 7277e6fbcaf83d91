/* JSON trees as text. */
#include "twind/config_node.h"

#include "twind/json.h"
#include "twind/json_tree.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* A twin's own: what is left out of the shape's text at the level of the twin, and of the
 * members of `bind`, `actuate` and `forecast`/`inputs`. */
static bool is_own(const char *key, int level)
{
    static const char *const own[] = {"id", "name", "max"};
    if (level == 3)
        return strcmp(key, "topic") == 0;
    for (size_t i = 0; level == 1 && i < sizeof own / sizeof *own; i++)
        if (strcmp(key, own[i]) == 0)
            return true;
    return false;
}

static void put_scalar(struct text *text, const struct cJSON *node)
{
    char number[32];
    if (json_type(node) == JSON_TEXT) {
        text_quoted(text, json_text(node));
    } else if (json_type(node) == JSON_NUMBER) {
        json_put_number(number, sizeof number, json_number(node, (double)NAN));
        text_put(text, "%s", number);
    } else {
        bool yes = json_number(node, 0) > 0;
        text_put(text, "%s",
                 json_type(node) != JSON_BOOL ? "null"
                 : yes                        ? "true"
                                              : "false");
    }
}

static void put_key(struct text *text, const struct cJSON *member, bool comma)
{
    if (comma)
        text_bytes(text, ",", 1);
    if (!json_key(member))
        return;
    text_quoted(text, json_key(member));
    text_bytes(text, ":", 1);
}

/* Which level stands below the member of a twin (1), or of its forecast (4). */
static int level_below(const char *key, int level)
{
    if (level == 1 && strcmp(key, "forecast") == 0)
        return 4;
    bool bindings = level == 1 ? strcmp(key, "bind") == 0 || strcmp(key, "actuate") == 0
                               : level == 4 && strcmp(key, "inputs") == 0;
    if (bindings)
        return 2;
    return level == 2 ? 3 : 0;
}

/* `level`: 1 is the twin, 2 an object of bindings, 3 one of them, 4 a forecast; 0:
 * everything is put. */
static void put_node(struct text *text, const struct cJSON *node, int level)
{
    bool object = json_type(node) == JSON_OBJECT, comma = false;
    if (!object && json_type(node) != JSON_LIST) {
        if (level == 3 && json_type(node) == JSON_TEXT)
            text_bytes(text, "T", 1); /* a topic alone */
        else
            put_scalar(text, node);
        return;
    }
    text_bytes(text, object ? "{" : "[", 1);
    const struct cJSON *child;
    for (child = json_first(node); child; child = json_next(child)) {
        if (object && is_own(json_key(child), level))
            continue;
        int below = object ? level_below(json_key(child), level) : 0;
        put_key(text, child, comma);
        put_node(text, child, below);
        comma = true;
    }
    text_bytes(text, object ? "}" : "]", 1);
}

void config_node_put(struct text *text, const struct cJSON *node)
{
    put_node(text, node, 0);
}

void config_node_put_shape(struct text *text, const struct cJSON *twin)
{
    put_node(text, twin, 1);
}
