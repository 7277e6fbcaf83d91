#include "twind/json_tree.h"

#include <cjson/cJSON.h>

enum json_type json_type(const struct cJSON *value)
{
    if (!value)
        return JSON_NOTHING;
    switch (value->type & 0xFF) {
    case cJSON_NULL:
        return JSON_NULL;
    case cJSON_False:
    case cJSON_True:
        return JSON_BOOL;
    case cJSON_Number:
        return JSON_NUMBER;
    case cJSON_String:
        return JSON_TEXT;
    case cJSON_Array:
        return JSON_LIST;
    case cJSON_Object:
        return JSON_OBJECT;
    default:
        return JSON_NOTHING;
    }
}

size_t json_count(const struct cJSON *list_or_object)
{
    size_t n = 0;
    const struct cJSON *value = json_first(list_or_object);
    for (; value; value = json_next(value))
        n++;
    return n;
}

const struct cJSON *json_member(const struct cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

const struct cJSON *json_first(const struct cJSON *list_or_object)
{
    return list_or_object ? list_or_object->child : NULL;
}

const struct cJSON *json_next(const struct cJSON *value)
{
    return value ? value->next : NULL;
}

const char *json_key(const struct cJSON *member)
{
    return member ? member->string : NULL;
}

const char *json_text(const struct cJSON *value)
{
    return cJSON_GetStringValue(value);
}

double json_number(const struct cJSON *value, double none)
{
    if (cJSON_IsBool(value))
        return cJSON_IsTrue(value);
    return cJSON_IsNumber(value) ? value->valuedouble : none;
}
