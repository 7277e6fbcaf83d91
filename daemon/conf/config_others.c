#include "twind/config_others.h"

#include "twind/config_index.h"
#include "twind/mem.h"
#include "twind/subject.h"

#include <stdlib.h>
#include <string.h>

struct others {
    struct config_reader *reader;
    const struct config *config;
    struct config_index *ids; /* of the config's twins; empty: not made yet */
};

struct search {
    const struct config *config;
    const char *id;
};

static bool same_id(const void *context, size_t twin)
{
    const struct search *search = context;
    return twin < search->config->n_twins &&
           strcmp(search->config->twins[twin].id, search->id) == 0;
}

/* The number that is kept for the id, else `twin`. */
static size_t keep_id(const struct others *o, const char *id, size_t twin)
{
    const struct search search = {o->config, id};
    return config_index_add(o->ids, mem_hash(id, strlen(id)), same_id, &search, twin);
}

/* The twin of this id as the configuration has it; NULL: none. */
static const struct config_twin *find_id(const struct others *o, const char *id)
{
    const struct config *config = o->config;
    bool first = o->ids->n == 0;
    for (size_t i = 0; first && i < config->n_twins; i++)
        keep_id(o, config->twins[i].id, i);
    size_t found = keep_id(o, id, config->n_twins);
    return found < config->n_twins ? &config->twins[found] : NULL;
}

/* Whether a fleet's id may come to be this one: what stands before and behind its names. */
static bool may_become(const char *fleet, const char *id)
{
    const char *open = strchr(fleet, '{'), *close = strrchr(fleet, '}');
    size_t before = (size_t)(open - fleet), behind = strlen(close + 1), n = strlen(id);
    return n > before + behind && strncmp(id, fleet, before) == 0 &&
           strcmp(id + n - behind, close + 1) == 0;
}

/* A twin of this id, or a fleet that may bring it; NULL. */
static const struct config_twin *find_twin(const struct others *o, const char *id)
{
    const struct config_twin *twin = find_id(o, id);
    for (size_t i = 0; !twin && i < o->config->n_twins; i++)
        if (o->config->twins[i].fleet && may_become(o->config->twins[i].id, id))
            twin = &o->config->twins[i];
    return twin;
}

static bool fail_twin(const struct others *o, const struct config_place *at, const char *id)
{
    struct config_hint hint = {.word = id};
    for (size_t i = 0; i < o->config->n_twins; i++)
        config_hint_offer(&hint, o->config->twins[i].id);
    return config_fault(o->reader, at, "there is no twin \"%s\"; %s", id,
                        config_hint_text(&hint));
}

/* The unit of the other's signal; NULL: told, or its twin has errors of its own. */
static const char *others_unit(const struct others *o, const struct config_place *at,
                               const struct plan_subject *on)
{
    const struct config_twin *twin = find_twin(o, on->twin);
    struct plan_subject there;
    if (!twin)
        fail_twin(o, at, on->twin);
    if (!twin || !twin->plan)
        return NULL;
    const struct plan *plan = twin->plan;
    const char *name = subject_split(on->text + subject_twin(on->text) + 1, &there.subject);
    there.signal = subject_find(plan->kind, there.subject, name);
    if (there.signal == PLAN_NONE) {
        config_fault(o->reader, at, "the twin %s, of the kind %s, has no \"%s\"", on->twin,
                     plan->kind->name, on->text + subject_twin(on->text) + 1);
        return NULL;
    }
    bool sensor = there.subject == RULE_MEASURED || there.subject == RULE_RESIDUAL;
    if (sensor && plan_sensor_of(plan, there.signal) == PLAN_NONE) {
        config_fault(o->reader, at, "the twin %s has no binding for %s", on->twin, name);
        return NULL;
    }
    return subject_unit(plan->kind, &there);
}

static void check_subjects(const struct others *o, const struct config_place *rule,
                           const struct plan *plan, const struct plan_rule *known)
{
    struct config_place key = config_place_of(rule, "on");
    struct config_place at = {.up = &key, .node = json_first(key.node)};
    const char *first = subject_unit(plan->kind, &known->subjects[0]);
    bool one = !known->type->one_unit || known->type->one_unit(known->params);
    for (size_t i = 0; i < known->n_subjects && at.node; i++) {
        const struct plan_subject *on = &known->subjects[i];
        const char *unit =
            on->twin ? others_unit(o, &at, on) : subject_unit(plan->kind, on);
        if (one && unit && strcmp(unit, first) != 0)
            config_fault(o->reader, &at,
                         "\"%s\" is in \"%s\", \"%s\" in \"%s\": only like "
                         "units can be put together",
                         on->text, unit, known->subjects[0].text, first);
        at.index++;
        at.node = json_next(at.node);
    }
}

static void check_rules(const struct others *o, const struct config_place *twin,
                        const struct plan *plan)
{
    struct config_place list = config_place_of(twin, "rules");
    struct config_place rule = {.up = &list, .node = json_first(list.node)};
    for (; rule.node; rule.node = json_next(rule.node), rule.index++) {
        const char *id = json_text(json_member(rule.node, "id"));
        for (size_t i = 0; i < plan->n_rules; i++)
            if (id && plan->rules[i].type->asks_others &&
                strcmp(plan->rules[i].id, id) == 0)
                check_subjects(o, &rule, plan, &plan->rules[i]);
    }
}

static bool looks_at_others(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_rules; i++)
        if (plan->rules[i].type->asks_others)
            return true;
    return false;
}

void config_others_check(struct config_reader *reader, const struct config_place *root,
                         const struct config *config)
{
    struct config_index ids = {0};
    const struct others o = {reader, config, &ids};
    struct config_place list = config_place_of(root, "twins");
    struct config_place twin = {.up = &list, .node = json_first(list.node)};
    if (json_type(list.node) != JSON_LIST)
        return;
    for (; twin.node; twin.node = json_next(twin.node), twin.index++) {
        const char *id = json_text(json_member(twin.node, "id"));
        const struct config_twin *known = id ? find_id(&o, id) : NULL;
        if (known && known->plan && looks_at_others(known->plan))
            check_rules(&o, &twin, known->plan);
    }
    free(ids.slots);
}
