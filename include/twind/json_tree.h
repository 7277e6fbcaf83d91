/* Walking a parsed JSON tree: for readers of published objects and of plant scripts. All
 * take NULL for "nothing there" and answer so too. */
#ifndef TWIND_JSON_TREE_H
#define TWIND_JSON_TREE_H

#include <stddef.h>

struct cJSON;

enum json_type {
    JSON_NOTHING,
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_TEXT,
    JSON_LIST,
    JSON_OBJECT,
};

enum json_type json_type(const struct cJSON *value);
size_t json_count(const struct cJSON *list_or_object);
const struct cJSON *json_member(const struct cJSON *object, const char *key);
const struct cJSON *json_first(const struct cJSON *list_or_object);
const struct cJSON *json_next(const struct cJSON *value);
const char *json_key(const struct cJSON *member);           /* NULL: it has none */
const char *json_text(const struct cJSON *value);           /* NULL: it is no string */
double json_number(const struct cJSON *value, double none); /* true, false: 1, 0 */

#endif
