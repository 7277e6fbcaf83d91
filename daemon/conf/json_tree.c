#include "twind/json_tree.h"

#include <cjson/cJSON.h>

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
