/* The list of twins. */
#include "twind/config_twin.h"

#include "twind/config_node.h"
#include "twind/mem.h"
#include "twind/route.h"

#include <stdlib.h>
#include <string.h>

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_"

/* -- {names} of levels -- */

/* The next {name} at or after `at`; NULL: there is none. */
static const char *next_name(const char *at, size_t *length)
{
    while ((at = strchr(at, '{'))) {
        *length = strspn(++at, NAME_CHARS);
        if (*length > 0 && at[*length] == '}')
            return at;
    }
    return NULL;
}

/* Whether the text holds {name}, and where `level`, as a whole level of a topic. */
static bool holds_name(const char *text, const char *name, size_t length, bool level)
{
    size_t n;
    for (const char *at = text; (at = next_name(at, &n)); at += n) {
        bool whole =
            (at == text + 1 || at[-2] == '/') && (at[n + 1] == '\0' || at[n + 1] == '/');
        if (n == length && memcmp(at, name, n) == 0 && (whole || !level))
            return true;
    }
    return false;
}

/* All {names} of `from` must be in `in`. False: told. */
static bool check_names(struct config_reader *reader, const struct config_place *place,
                        const char *from, const char *in, bool level, const char *format)
{
    size_t n;
    for (const char *at = from; (at = next_name(at, &n)); at += n)
        if (!holds_name(in, at, n, level)) {
            char name[96];
            memcpy(name, at - 1, n + 2 < sizeof name ? n + 2 : sizeof name - 1);
            name[n + 2 < sizeof name ? n + 2 : sizeof name - 1] = '\0';
            return config_fault(reader, place, "%s %s %s", name, format, in);
        }
    return true;
}

/* -- topics -- */

/* The topic's place and text, in {"topic": ..} or alone. NULL: it is no text, and told. */
static const char *topic_of(struct config_reader *reader,
                            const struct config_place *binding, struct config_place *at)
{
    *at = *binding;
    if (json_type(binding->node) != JSON_TEXT)
        *at = config_place_of(binding, "topic");
    if (json_type(at->node) == JSON_TEXT)
        return json_text(at->node);
    if (at->node != binding->node) /* that it is missing has been told */
        config_fault(reader, at, "expected a topic, a text");
    return NULL;
}

static bool read_filter(struct config_reader *reader, const struct config_place *binding,
                        const struct config_twin *twin, char **to)
{
    struct config_place at;
    struct err e;
    size_t n;
    const char *topic = topic_of(reader, binding, &at);
    if (!topic)
        return false;
    if (!route_filter_valid(topic, &e))
        return config_fault(reader, &at, "%s", e.text);
    if (!check_names(reader, &at, twin->id, topic, true,
                     "of the fleet's id must be a level of each topic, but is none of"))
        return false;
    for (const char *name = topic; (name = next_name(name, &n)); name += n)
        if (!holds_name(twin->id, name, n, false))
            config_warn(reader, &at,
                        "{%.*s} is not in the id \"%s\": whatever stands at "
                        "this level feeds the same twin",
                        (int)n, name, twin->id);
    *to = mem_text(topic);
    return true;
}

/* A topic to publish to. */
static bool read_target(struct config_reader *reader, const struct config_place *actuator,
                        const struct config_twin *twin, char **to)
{
    struct config_place at;
    const char *topic = topic_of(reader, actuator, &at);
    if (!topic)
        return false;
    size_t n = strlen(topic);
    if (n == 0 || n > 1024 || strpbrk(topic, "+#"))
        return config_fault(reader, &at,
                            "\"%s\" is no topic to publish to; it must have 1 "
                            "to 1024 characters, without + and #",
                            topic);
    if (!check_names(reader, &at, topic, twin->id, false, "is not in the id"))
        return false;
    *to = mem_text(topic);
    return true;
}

/* -- one twin -- */

/* The shape's list stands in the same order: duplicates apart, which are errors. Without a
 * shape the topics are checked all the same. */
static void read_bindings(struct config_reader *reader, const struct config_place *place,
                          struct config_twin *twin)
{
    size_t n = twin->shape ? twin->plan->n_sensors : 0;
    struct config_place bind = config_place_of(place, "bind");
    struct config_place at = {.up = &bind, .node = json_first(bind.node)};
    twin->bindings = mem_new(n, sizeof *twin->bindings);
    for (size_t i = 0; at.node; i++, at.node = json_next(at.node)) {
        char *topic = NULL;
        read_filter(reader, &at, twin, &topic);
        if (i >= n) {
            free(topic);
            continue;
        }
        twin->bindings[i].sensor = i;
        twin->bindings[i].topic = topic;
        twin->bindings[i].mapping = &twin->shape->mappings[i].mapping;
        if (twin->shape->mappings[i].battery.path)
            twin->bindings[i].battery = &twin->shape->mappings[i].battery;
        twin->n_bindings++;
    }
}

static void read_actuators(struct config_reader *reader, const struct config_place *place,
                           struct config_twin *twin)
{
    size_t n = twin->shape ? twin->shape->n_drives : 0;
    struct config_place actuate = config_place_of(place, "actuate");
    struct config_place at = {.up = &actuate, .node = json_first(actuate.node)};
    twin->actuators = mem_new(n, sizeof *twin->actuators);
    for (size_t i = 0; at.node; i++, at.node = json_next(at.node)) {
        char *topic = NULL;
        read_target(reader, &at, twin, &topic);
        if (i >= n) {
            free(topic);
            continue;
        }
        const struct config_drive *drive = &twin->shape->drives[i];
        twin->actuators[i].signal = drive->signal;
        twin->actuators[i].topic = topic;
        twin->actuators[i].payload = drive->keys.payload;
        twin->actuators[i].retain = drive->keys.retain;
        twin->n_actuators++;
    }
}

/* Likewise the inputs of a forecast. */
static void read_futures(struct config_reader *reader, const struct config_place *place,
                         struct config_twin *twin)
{
    size_t n = twin->shape ? twin->shape->n_outlooks : 0;
    struct config_place forecast = config_place_of(place, "forecast");
    struct config_place inputs = config_place_of(&forecast, "inputs");
    struct config_place at = {.up = &inputs};
    at.node = inputs.node != forecast.node ? json_first(inputs.node) : NULL;
    twin->futures = mem_new(n, sizeof *twin->futures);
    for (size_t i = 0; at.node; i++, at.node = json_next(at.node)) {
        char *topic = NULL;
        read_filter(reader, &at, twin, &topic);
        if (i >= n) {
            free(topic);
            continue;
        }
        const struct config_outlook *outlook = &twin->shape->outlooks[i];
        twin->futures[i] = (struct config_future){topic, outlook->input, &outlook->series};
        twin->n_futures++;
    }
}

static void check_fleet(struct config_reader *reader, const struct config_place *place,
                        const struct config_twin_keys *keys, const struct config_twin *twin,
                        bool max_given, bool every_signal)
{
    struct config_place name = config_place_of(place, "name");
    struct config_place max = config_place_of(place, "max");
    if (!twin->fleet && max_given)
        config_fault_key(reader, &max, "max is for fleets, whose id holds a {name}");
    if (twin->fleet)
        check_names(reader, &name, twin->name, twin->id, false, "is not in the id");
    if (twin->fleet && !every_signal && (!keys->bind || !json_first(keys->bind)))
        config_fault(reader, place,
                     "a fleet needs a binding, for its topics make the "
                     "twins");
}

struct id_search {
    const struct config_roll *roll;
    const char *id;
};

static bool same_id(const void *context, size_t origin)
{
    const struct id_search *search = context;
    return strcmp(json_text(search->roll->origins[origin].id), search->id) == 0;
}

static void check_id_new(struct config_reader *reader, const struct config_place *place,
                         struct config_roll *roll, const char *id)
{
    struct config_place at = config_place_of(place, "id");
    struct id_search search = {roll, id};
    char where[600];
    roll->origins = mem_grow(roll->origins, &roll->origins_room, roll->n_origins + 1,
                             sizeof *roll->origins);
    size_t found = config_index_add(&roll->ids, mem_hash(id, strlen(id)), same_id, &search,
                                    roll->n_origins);
    if (found == roll->n_origins) {
        roll->origins[roll->n_origins++] = (struct config_origin){reader->source, at.node};
        return;
    }
    const struct config_origin *first = &roll->origins[found];
    config_where(reader, first->source, first->id, where, sizeof where);
    config_fault(reader, &at, "the id \"%s\" stands twice; the first is at %s", id, where);
}

struct shape_search {
    const struct config_roll *roll;
    const char *text;
};

static bool same_shape(const void *context, size_t known)
{
    const struct shape_search *search = context;
    return strcmp(search->roll->known[known].text, search->text) == 0;
}

/* A shape with errors is kept as NULL under a text of its own, so that each twin that has
 * it is told of them. */
static struct config_shape *find_shape(struct config_reader *reader,
                                       const struct config_place *place,
                                       const struct config_twin_keys *keys,
                                       struct config_roll *roll)
{
    struct text text = {0};
    config_node_put_shape(&text, place->node);
    struct shape_search search = {roll, text.at};
    size_t found = config_index_add(&roll->shapes, mem_hash(text.at, text.used), same_shape,
                                    &search, roll->n_known);
    if (found == roll->n_known) {
        roll->known = mem_grow(roll->known, &roll->known_room, roll->n_known + 1,
                               sizeof *roll->known);
        roll->known[roll->n_known++].text = mem_text(text.at);
    }
    text_free(&text);
    struct config_known *known = &roll->known[found];
    if (!known->shape)
        known->shape = config_shape_read(reader, place, keys, roll->config);
    return known->shape ? config_shape_hold(known->shape) : NULL;
}

static struct config_twin *new_twin(struct config_roll *roll)
{
    struct config *config = roll->config;
    config->twins =
        mem_grow(config->twins, &roll->room, config->n_twins + 1, sizeof *config->twins);
    return &config->twins[config->n_twins++];
}

static char *take(char **text)
{
    char *taken = *text;
    *text = NULL;
    return taken;
}

static void make_twin(struct config_reader *reader, const struct config_place *place,
                      struct config_twin_keys *keys, bool max_given,
                      struct config_roll *roll)
{
    size_t length;
    struct config_twin *twin = new_twin(roll);
    twin->id = take(&keys->id);
    twin->name = keys->name ? take(&keys->name) : twin->id;
    twin->fleet = next_name(twin->id, &length) != NULL;
    twin->max = twin->fleet ? keys->max : 1;
    twin->optimise_apply = keys->optimise_apply;
    check_id_new(reader, place, roll, twin->id);
    check_fleet(reader, place, keys, twin, max_given, roll->config->every_signal);
    if (keys->kind)
        twin->shape = find_shape(reader, place, keys, roll);
    if (twin->shape)
        twin->plan = twin->shape->plan;
    if (twin->shape && twin->shape->calibrate.every > 0)
        twin->calibrate = &twin->shape->calibrate;
    if (keys->bind)
        read_bindings(reader, place, twin);
    if (keys->actuate)
        read_actuators(reader, place, twin);
    if (keys->forecast)
        read_futures(reader, place, twin);
}

static void read_twin(struct config_reader *reader, const struct config_place *place,
                      struct config_roll *roll)
{
    struct config_twin_keys keys = {0};
    config_keys_start(&config_twin_table, &keys);
    uint64_t given = config_keys_read(reader, place, &config_twin_table, &keys);
    bool max_given = given & config_table_bit(&config_twin_table, "max");
    if (keys.id)
        make_twin(reader, place, &keys, max_given, roll);
    else if (keys.kind) /* what is wrong within is told all the same */
        config_shape_drop(find_shape(reader, place, &keys, roll));
    config_keys_clear(&config_twin_table, &keys);
}

void config_twins_read(struct config_reader *reader, const struct config_place *root,
                       struct config_roll *roll)
{
    struct config_place list = config_place_of(root, "twins");
    if (json_type(list.node) != JSON_LIST)
        return; /* absent, or told */
    struct config_place twin = {.up = &list, .node = json_first(list.node)};
    for (; twin.node; twin.node = json_next(twin.node), twin.index++)
        read_twin(reader, &twin, roll);
}

void config_roll_clear(struct config_roll *roll)
{
    for (size_t i = 0; i < roll->n_known; i++) {
        free(roll->known[i].text);
        config_shape_drop(roll->known[i].shape);
    }
    free(roll->known);
    free(roll->origins);
    free(roll->ids.slots);
    free(roll->shapes.slots);
    *roll = (struct config_roll){0};
}

void config_twin_clear(struct config_twin *twin)
{
    for (size_t i = 0; i < twin->n_bindings; i++)
        free(twin->bindings[i].topic);
    for (size_t i = 0; i < twin->n_actuators; i++)
        free(twin->actuators[i].topic);
    for (size_t i = 0; i < twin->n_futures; i++)
        free(twin->futures[i].topic);
    free(twin->bindings);
    free(twin->actuators);
    free(twin->futures);
    if (twin->name != twin->id)
        free(twin->name);
    free(twin->id);
    if (twin->shape && twin->plan != twin->shape->plan)
        plan_drop(twin->plan);
    config_shape_drop(twin->shape);
}
