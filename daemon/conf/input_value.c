#include "twind/input_value.h"

#include "twind/json_tree.h"

#include <stdlib.h>
#include <string.h>

/* ON is all of a percentage and 1 of what has no unit; of watts or degrees it says nothing,
 * but OFF is none of them where none is allowed. */
static bool read_switch(const struct kind_row *row, bool on, double *value, struct err *e)
{
    bool percent = strcmp(row->unit, "%") == 0, plain = row->unit[0] == '\0';
    if (on && !percent && !plain)
        return err_set(e, "ON says not how many %s; send a number, %g to %g", row->unit,
                       row->min, row->max);
    *value = on ? (percent ? row->max : 1) : (percent ? row->min : 0);
    return true;
}

bool input_value_read(const struct kind_row *row, const char *text, double *value,
                      struct err *e)
{
    if (strcmp(text, "ON") == 0 || strcmp(text, "OFF") == 0)
        return read_switch(row, strcmp(text, "ON") == 0, value, e);
    char *end;
    *value = strtod(text, &end);
    if (end == text || *end || !isfinite(*value))
        return err_set(e, "'%.40s' is no number, ON or OFF", text);
    return true;
}

static bool read_node(const struct kind_row *row, const struct cJSON *node, double *value,
                      struct err *e)
{
    switch (json_type(node)) {
    case JSON_NUMBER:
        *value = json_number(node, NAN);
        return true;
    case JSON_BOOL:
        return read_switch(row, json_number(node, 0) == 1, value, e);
    case JSON_TEXT:
        return input_value_read(row, json_text(node), value, e);
    default:
        return err_set(e, "a value must be a number, \"ON\" or \"OFF\"");
    }
}

bool input_value_from(const struct kind_row *row, const struct cJSON *node, double *value,
                      struct err *e)
{
    *value = NAN;
    if (json_type(node) == JSON_NULL && isnan(row->value))
        return true;
    if (!read_node(row, node, value, e))
        return err_wrap(e, "%s", row->name);
    if (!(*value >= row->min && *value <= row->max))
        return err_set(e, "%s must be %g to %g %s, not %g", row->name, row->min, row->max,
                       row->unit, *value);
    return true;
}
