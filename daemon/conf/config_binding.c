/* A binding: where a signal's readings are in which messages, and how far they are
 * believed.
 */
#include "twind/config_binding.h"

#include "twind/config_node.h"
#include "twind/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct json_pointer *pointer_of(const char *path)
{
    struct err e; /* the path has been checked */
    return path ? json_pointer_new(path, &e) : NULL;
}

static char *copy(const char *text)
{
    return text ? mem_text(text) : NULL;
}

/* What a condition of `when` compares with, as text; NULL: no scalar. */
static char *scalar_text(const struct cJSON *node)
{
    char number[32];
    if (json_type(node) == JSON_TEXT)
        return mem_text(json_text(node));
    if (json_type(node) == JSON_NULL)
        return mem_text("null");
    if (json_type(node) == JSON_BOOL)
        return mem_text(json_number(node, 0) > 0 ? "true" : "false");
    if (json_type(node) != JSON_NUMBER || !isfinite(json_number(node, 0)))
        return NULL;
    json_put_number(number, sizeof number, json_number(node, (double)NAN));
    return mem_text(number);
}

static void read_condition(struct config_reader *reader, const struct config_place *place,
                           struct payload_mapping *mapping)
{
    struct err e;
    struct json_pointer *path = json_pointer_new(json_key(place->node), &e);
    char *equals = scalar_text(place->node);
    if (!path)
        config_fault_key(reader, place, "%s", e.text);
    else if (!equals)
        config_fault(reader, place,
                     "expected a text, a number, true, false or null to compare "
                     "with");
    if (path && equals) {
        mapping->when[mapping->n_when++] = (struct payload_when){path, equals};
        return;
    }
    json_pointer_free(path);
    free(equals);
}

static void read_when(struct config_reader *reader, const struct config_place *binding,
                      struct config_mapping *to)
{
    if (!to->keys.when)
        return;
    struct config_place when = config_place_of(binding, "when");
    struct config_place condition = {.up = &when, .node = json_first(when.node)};
    to->mapping.when = mem_new(json_count(when.node), sizeof *to->mapping.when);
    for (; condition.node; condition.node = json_next(condition.node))
        read_condition(reader, &condition, &to->mapping);
    struct text text = {0};
    config_node_put(&text, when.node);
    to->when = text.at;
    to->keys.when = NULL;
}

/* Keys that mean something for one format only. */
static void check_format(struct config_reader *reader, const struct config_place *binding,
                         const struct config_binding_keys *keys)
{
    struct config_place at = *binding;
    if (keys->column != CONFIG_ABSENT && keys->format != PAYLOAD_CSV) {
        at = config_place_of(binding, "column");
        config_fault_key(reader, &at, "column is for \"format\": \"csv\"");
    }
    if (keys->name && keys->format != PAYLOAD_SENML && keys->format != PAYLOAD_AUTO) {
        at = config_place_of(binding, "name");
        config_fault_key(reader, &at, "name is for \"format\": \"senml\"");
    }
    if (keys->find_key && keys->format != PAYLOAD_AUTO && keys->format != PAYLOAD_JSON) {
        at = config_place_of(binding, "find");
        config_fault_key(reader, &at, "find is for \"format\": \"json\"");
    }
}

static void read_unit(struct config_reader *reader, const struct config_place *binding,
                      const struct kind_row *row, struct config_mapping *to)
{
    struct config_place at = config_place_of(binding, "unit");
    struct err e;
    if (!to->keys.unit)
        to->keys.unit = mem_text(row->unit);
    bool same = strcmp(to->keys.unit, row->unit) == 0;
    if (!units_convert(same ? "" : to->keys.unit, row->unit, row->molar_mass,
                       &to->mapping.unit, &e))
        config_fault(reader, &at, "%s", e.text);
}

static void compile(const struct kind_row *row, struct config_mapping *to)
{
    const struct config_binding_keys *keys = &to->keys;
    struct payload_mapping *mapping = &to->mapping;
    mapping->format = (enum payload_format)keys->format;
    mapping->path = pointer_of(keys->path);
    mapping->find.key = copy(keys->find_key);
    mapping->find.equals = copy(keys->find_equals);
    mapping->find.value = copy(keys->find_value);
    mapping->column = keys->column == CONFIG_ABSENT ? 0 : (unsigned)keys->column;
    mapping->name = copy(keys->name);
    mapping->time = pointer_of(keys->time);
    mapping->zone = keys->zone;
    mapping->unit_path = pointer_of(keys->unit_path);
    mapping->own_unit = mem_text(row->unit);
    mapping->molar_mass = row->molar_mass;
    mapping->scale = keys->scale;
    mapping->offset = keys->offset;
    to->battery.path = pointer_of(keys->battery);
}

/* What is not given comes from the kind's row. */
static void make_sensor(const struct kind_row *row, struct config_binding_keys *keys,
                        struct plan_sensor *sensor)
{
    if (isnan(keys->sd) && row->noise > 0)
        keys->sd = row->noise;
    if (isnan(keys->range[0])) {
        keys->range[0] = row->min;
        keys->range[1] = row->max;
    }
    sensor->sd = isnan(keys->sd) ? 0 : keys->sd;
    sensor->min = keys->range[0];
    sensor->max = keys->range[1];
    sensor->timeout = keys->timeout;
    sensor->min_interval = keys->min_interval;
    sensor->stuck_after = keys->stuck_after;
    sensor->counter = keys->counter;
    sensor->battery = keys->battery != NULL;
}

bool config_binding_read(struct config_reader *reader, const struct config_place *place,
                         const struct kind_row *row, struct plan_sensor *sensor,
                         struct config_mapping *mapping)
{
    size_t before = reader->n_errors;
    config_keys_start(&config_binding_table, &mapping->keys);
    mapping->keys.when = NULL;
    mapping->mapping = mapping->battery = payload_mapping_default;
    mapping->battery.format = PAYLOAD_JSON;
    if (json_type(place->node) != JSON_TEXT)
        config_keys_read(reader, place, &config_binding_table, &mapping->keys);
    check_format(reader, place, &mapping->keys);
    read_unit(reader, place, row, mapping);
    read_when(reader, place, mapping);
    make_sensor(row, &mapping->keys, sensor);
    compile(row, mapping);
    return reader->n_errors == before;
}

void config_mapping_clear(struct config_mapping *mapping)
{
    config_keys_clear(&config_binding_table, &mapping->keys);
    payload_mapping_clear(&mapping->mapping);
    payload_mapping_clear(&mapping->battery);
    free(mapping->when);
}
