/* From the keys of a twin to its plan: kind, parameters, sensors, commands, rules. */
#include "twind/config_shape.h"

#include "twind/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNAL_NAME_MAX = 64 };

static const double UNBOUNDED = 1e15; /* of a declared range with one end */

/* -- texts of nodes -- */

/* A twin's own: what is left out of the shape's text at the level of the twin, and of the
 * members of `bind` and `actuate`. */
static bool is_own(const char *key, int level)
{
    static const char *const own[] = {"id", "name", "max", "forecast"};
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

/* `level`: 1 is the twin; 0: everything is put. */
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
        int below = level == 2 ? 3 : 0;
        if (level == 1 && object &&
            (strcmp(json_key(child), "bind") == 0 ||
             strcmp(json_key(child), "actuate") == 0))
            below = 2;
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

void config_shape_text(const struct cJSON *twin, struct text *text)
{
    put_node(text, twin, 1);
}

/* -- the kind -- */

static const struct kind *find_kind(struct config_reader *reader,
                                    const struct config_place *twin, const char *name)
{
    const struct kind *kind = kinds_find(name);
    struct config_place at = config_place_of(twin, "kind");
    struct config_hint hint = {.word = name};
    for (size_t i = 0; !kind && kinds_all[i]; i++)
        config_hint_offer(&hint, kinds_all[i]->name);
    if (!kind)
        config_fault(reader, &at, "there is no kind \"%s\"; %s", name,
                     config_hint_text(&hint));
    return kind;
}

static bool read_signal(struct config_reader *reader, const struct config_place *place,
                        struct kind_row *row, char **unit)
{
    struct config_signal_keys keys;
    struct err e;
    size_t before = reader->n_errors;
    config_keys_start(&config_signal_table, &keys);
    config_keys_read(reader, place, &config_signal_table, &keys);
    if (!config_check_id(json_key(place->node), &e) ||
        strlen(json_key(place->node)) > SIGNAL_NAME_MAX)
        config_fault_key(reader, place,
                         "\"%s\" is no name for a signal; allowed: 1 to %d "
                         "letters A-Z a-z, digits, _ and -",
                         json_key(place->node), SIGNAL_NAME_MAX);
    if (keys.min >= keys.max)
        config_fault(reader, place, "min (%g) must be smaller than max (%g)", keys.min,
                     keys.max);
    bool range = !isnan(keys.min) || !isnan(keys.max);
    row->min = isnan(keys.min) ? (range ? -UNBOUNDED : 0) : keys.min;
    row->max = isnan(keys.max) ? (range ? UNBOUNDED : 0) : keys.max;
    row->noise = isnan(keys.sd) ? 0 : keys.sd;
    *unit = keys.unit;
    return reader->n_errors == before;
}

/* Texts that live behind the rows. */
static char *put_away(char **room, const char *text)
{
    size_t n = strlen(text) + 1;
    char *kept = memcpy(*room, text, n);
    *room += n;
    return kept;
}

static size_t aligned(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

/* One allocation: the head, the rows, the kind's room, the texts. */
static struct config_declared *pack(const struct kind *kind, const struct kind_row *rows,
                                    char **units, const struct cJSON *signals, size_t n)
{
    size_t head = aligned(sizeof(struct config_declared)), texts = 0;
    size_t table = aligned(n * sizeof *rows), room = aligned(n * kind->declare_room);
    const struct cJSON *signal = json_first(signals);
    for (size_t i = 0; i < n; i++, signal = json_next(signal))
        texts += strlen(units[i]) + strlen(json_key(signal)) + 2;
    char *memory = mem_new(1, head + table + room + texts);
    char *at = memory + head + table + room;
    struct config_declared *declared = (struct config_declared *)(void *)memory;
    struct kind_row *kept = (struct kind_row *)(void *)(memory + head);
    signal = json_first(signals);
    for (size_t i = 0; i < n; i++, signal = json_next(signal)) {
        kept[i] = rows[i];
        kept[i].name = put_away(&at, json_key(signal));
        kept[i].unit = put_away(&at, units[i]);
    }
    *declared = (struct config_declared){.kind = *kind, .rows = kept, .n = n};
    kind->declare(kept, n, memory + head + table, &declared->kind);
    return declared;
}

/* NULL: told. */
static struct config_declared *declare(struct config_reader *reader,
                                       const struct config_place *twin,
                                       const struct kind *kind)
{
    struct config_place signals = config_place_of(twin, "signals");
    size_t n = json_count(signals.node);
    if (n < 1 || n > KIND_STATES_MAX) {
        config_fault(reader, &signals, "signals must be 1 to %d", (int)KIND_STATES_MAX);
        return NULL;
    }
    struct kind_row *rows = mem_new(n, sizeof *rows);
    char **units = mem_new(n, sizeof *units);
    struct config_place signal = {.up = &signals, .node = json_first(signals.node)};
    bool fine = true;
    for (size_t i = 0; i < n; i++, signal.node = json_next(signal.node))
        fine = read_signal(reader, &signal, &rows[i], &units[i]) && fine;
    struct config_declared *declared = NULL;
    if (fine)
        declared = pack(kind, rows, units, signals.node, n);
    for (size_t i = 0; i < n; i++)
        free(units[i]);
    free(units);
    free(rows);
    if (declared && declared->kind.n_outputs < n) {
        config_fault(reader, &signals, "%zu signals; the kind %s takes at most %zu", n,
                     kind->name, declared->kind.n_outputs);
        free(declared);
        declared = NULL;
    }
    return declared;
}

static struct plan *new_plan(struct config_reader *reader, const struct config_place *twin,
                             const struct config_twin_keys *keys)
{
    const struct kind *kind = find_kind(reader, twin, keys->kind);
    if (!kind)
        return NULL;
    struct config_place at = config_place_of(twin, "signals");
    if (!kind->declare && keys->signals) {
        config_fault_key(reader, &at,
                         "the kind %s has its own signals; signals are for "
                         "the kind generic",
                         kind->name);
        return NULL;
    }
    if (!kind->declare)
        return plan_new(kind);
    if (!keys->signals) {
        config_fault(reader, twin,
                     "the kind %s needs the key signals: {NAME: {\"unit\": "
                     "..}}",
                     kind->name);
        return NULL;
    }
    struct config_declared *declared = declare(reader, twin, kind);
    if (!declared)
        return NULL;
    struct plan *plan = plan_new(&declared->kind);
    plan->declared = declared;
    return plan;
}

/* -- parameters -- */

static void read_params(struct config_reader *reader, const struct config_place *twin,
                        struct plan *plan)
{
    const struct kind *kind = plan->kind;
    struct config_key keys[KIND_ROWS_MAX];
    struct config_table table = {keys, kind->n_params};
    struct config_place params = config_place_of(twin, "params");
    for (size_t i = 0; i < kind->n_params; i++)
        keys[i] = config_key_of_row(&kind->params[i], i * sizeof(double));
    config_keys_read(reader, &params, &table, plan->params);
}

/* -- sensors -- */

static bool is_bindable(const struct kind *kind, size_t signal)
{
    return signal < kind->n_inputs || (plan_row(kind, signal)->flags & KIND_MEASURED);
}

static void fail_signal(struct config_reader *reader, const struct config_place *place,
                        const struct kind *kind, bool exists)
{
    struct config_hint hint = {.word = exists ? "" : json_key(place->node)};
    for (size_t i = 0; i < kind->n_inputs + kind->n_outputs; i++)
        if (is_bindable(kind, i))
            config_hint_offer(&hint, plan_row(kind, i)->name);
    if (exists)
        config_fault_key(reader, place,
                         "the kind %s computes %s, no sensor can be bound to "
                         "it; %s",
                         kind->name, json_key(place->node), config_hint_text(&hint));
    else
        config_fault_key(reader, place, "the kind %s has no signal %s to bind; %s",
                         kind->name, json_key(place->node), config_hint_text(&hint));
}

static bool is_bound(const struct plan *plan, size_t signal)
{
    for (size_t i = 0; i < plan->n_sensors; i++)
        if (plan->sensors[i].signal == signal)
            return true;
    return false;
}

static void read_binding(struct config_reader *reader, const struct config_place *place,
                         struct config_shape *shape)
{
    struct plan *plan = shape->plan;
    size_t signal = plan_signal(plan->kind, json_key(place->node));
    if (signal == PLAN_NONE || !is_bindable(plan->kind, signal)) {
        fail_signal(reader, place, plan->kind, signal != PLAN_NONE);
        return;
    }
    if (is_bound(plan, signal))
        return; /* the key stands twice, which is told elsewhere */
    size_t i = plan->n_sensors++;
    const struct kind_row *row = plan_row(plan->kind, signal);
    plan->sensors[i].signal = signal;
    bool fine =
        config_binding_read(reader, place, row, &plan->sensors[i], &shape->mappings[i]);
    if (fine && !(plan->sensors[i].sd > 0) && signal >= plan->kind->n_inputs)
        config_fault(reader, place, "the kind %s knows no usual sensor of %s; give its sd",
                     plan->kind->name, row->name);
}

static void read_bindings(struct config_reader *reader, const struct config_place *twin,
                          struct config_shape *shape)
{
    struct config_place bind = config_place_of(twin, "bind");
    struct config_place binding = {.up = &bind, .node = json_first(bind.node)};
    size_t n = json_count(bind.node);
    shape->mappings = mem_new(n, sizeof *shape->mappings);
    shape->plan->sensors = mem_new(n, sizeof *shape->plan->sensors);
    for (; binding.node; binding.node = json_next(binding.node))
        read_binding(reader, &binding, shape);
}

/* -- commands -- */

static bool find_input(struct config_reader *reader, const struct config_place *place,
                       const struct kind *kind, size_t *signal)
{
    struct config_hint hint = {.word = json_key(place->node)};
    *signal = plan_signal(kind, json_key(place->node));
    if (*signal < kind->n_inputs)
        return true;
    for (size_t i = 0; i < kind->n_inputs; i++)
        config_hint_offer(&hint, kind->inputs[i].name);
    return config_fault_key(reader, place, "the kind %s has no input %s to set; %s",
                            kind->name, json_key(place->node), config_hint_text(&hint));
}

static void read_actuator(struct config_reader *reader, const struct config_place *place,
                          struct config_shape *shape)
{
    size_t signal;
    if (!find_input(reader, place, shape->plan->kind, &signal))
        return;
    struct config_drive *drive = &shape->drives[shape->n_drives++];
    drive->signal = signal;
    config_keys_start(&config_actuator_table, &drive->keys);
    if (json_type(place->node) == JSON_TEXT)
        return;
    config_keys_read(reader, place, &config_actuator_table, &drive->keys);
    struct config_place at = config_place_of(place, "payload");
    if (drive->keys.payload && !strstr(drive->keys.payload, "{value}"))
        config_warn(reader, &at,
                    "the payload holds no {value}: every command looks the "
                    "same");
}

static void read_actuators(struct config_reader *reader, const struct config_place *twin,
                           struct config_shape *shape)
{
    struct config_place actuate = config_place_of(twin, "actuate");
    struct config_place actuator = {.up = &actuate, .node = json_first(actuate.node)};
    shape->drives = mem_new(json_count(actuate.node), sizeof *shape->drives);
    for (; actuator.node; actuator.node = json_next(actuator.node))
        read_actuator(reader, &actuator, shape);
}

/* -- the whole -- */

static void fill(struct config_reader *reader, const struct config_place *twin,
                 const struct config_twin_keys *keys, struct config_shape *shape)
{
    struct config_place rules = config_place_of(twin, "rules");
    if (keys->params)
        read_params(reader, twin, shape->plan);
    if (keys->bind)
        read_bindings(reader, twin, shape);
    if (keys->actuate)
        read_actuators(reader, twin, shape);
    if (keys->rules)
        config_rules_read(reader, &rules, shape->plan);
}

struct config_shape *config_shape_read(struct config_reader *reader,
                                       const struct config_place *twin,
                                       const struct config_twin_keys *keys,
                                       const struct config *config)
{
    struct plan *plan = new_plan(reader, twin, keys);
    size_t before = reader->n_errors;
    struct err e;
    if (!plan)
        return NULL;
    struct config_shape *shape = mem_new(1, sizeof *shape);
    *shape = (struct config_shape){.references = 1, .plan = plan};
    plan->step = isnan(keys->step) ? config->step : keys->step;
    plan->states_every = config->history.states;
    fill(reader, twin, keys, shape);
    if (reader->n_errors == before && !plan_finish(plan, &e))
        config_fault(reader, twin, "%s", e.text);
    if (reader->n_errors == before)
        return shape;
    config_shape_drop(shape);
    return NULL;
}

struct config_shape *config_shape_hold(struct config_shape *shape)
{
    shape->references++;
    return shape;
}

void config_shape_drop(struct config_shape *shape)
{
    if (!shape || --shape->references > 0)
        return;
    for (size_t i = 0; shape->mappings && i < shape->plan->n_sensors; i++)
        config_mapping_clear(&shape->mappings[i]);
    for (size_t i = 0; i < shape->n_drives; i++)
        config_keys_clear(&config_actuator_table, &shape->drives[i].keys);
    free(shape->mappings);
    free(shape->drives);
    plan_drop(shape->plan);
    free(shape);
}
