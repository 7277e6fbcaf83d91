/* The list of kinds: a new one is its file and a line here. */
#include "kinds.h"

#include <string.h>

const struct kind *const kinds_all[] = {
    &kind_greenhouse, &kind_building, &kind_air_quality, &kind_generic, NULL,
};

const struct kind *kinds_find(const char *name)
{
    for (const struct kind *const *k = kinds_all; *k != NULL; k++)
        if (strcmp((*k)->name, name) == 0)
            return *k;
    return NULL;
}

const struct kind *kinds_detail(const struct kind *kind, const char *detail)
{
    if (!detail)
        return kind;
    for (const struct kind *const *k = kind->details; k && *k; k++)
        if (strcmp((*k)->detail, detail) == 0)
            return *k;
    return NULL;
}
