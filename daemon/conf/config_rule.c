/* The rules of a twin: keys that all have, keys of the type, ladders, rules that name other
 * rules. */
#include "twind/config_rule.h"

#include "twind/config_subject.h"
#include "twind/mem.h"
#include "twind/subject.h"
#include "twind/times.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RULES_MAX = 250 };

/* A rule on its way into the plan. */
struct draft {
    struct plan_rule rule;
    const struct cJSON *node;
    size_t index; /* in the list */
    struct config_texts unless, lists[RULE_PARAMS_MAX];
    struct link {     /* another rule that it names */
        size_t param; /* in whose list; PLAN_NONE: in unless */
        size_t other; /* number of its draft */
    } * links;
    size_t n_links;
    enum { NEW, OPEN, PLACED } mark;
    size_t order; /* in the plan */
};

struct drafts {
    struct config_reader *reader;
    const struct config_place *list;
    struct plan *plan;
    struct draft *at;
    size_t n;
    size_t placed;
};

struct level_keys {
    int severity;
    double params[RULE_PARAMS_MAX];
};

/* -- its keys -- */

static void default_params(const struct rule_type *type, double *params)
{
    for (size_t i = 0; i < type->n_params; i++)
        params[i] = type->params[i].value;
}

static bool read_level(struct drafts *drafts, const struct config_place *place,
                       struct plan_rule *rule, int *last)
{
    const struct rule_type *type = rule->type;
    const char *unit =
        rule->n_subjects > 0 ? subject_unit(drafts->plan->kind, rule->subjects) : NULL;
    struct config_key keys[RULE_PARAMS_MAX + 1] = {
        {"severity", CONFIG_WORD, offsetof(struct level_keys, severity),
         .words = config_severities, .flags = CONFIG_REQUIRED, .help = "how bad it is"}};
    struct config_table table = {keys, type->n_params + 1};
    struct level_keys level = {0};
    size_t before = drafts->reader->n_errors;
    for (size_t i = 0; i < type->n_params; i++)
        keys[i + 1] =
            config_key_of_rule(&type->params[i], unit,
                               offsetof(struct level_keys, params) + i * sizeof(double));
    default_params(type, level.params);
    config_keys_read(drafts->reader, place, &table, &level);
    if (drafts->reader->n_errors > before)
        return false;
    struct config_place at = config_place_of(place, "severity");
    if (level.severity <= *last)
        return config_fault(drafts->reader, &at,
                            "the levels must rise in severity (info, warning, critical): "
                            "%s stands after %s",
                            config_severities[level.severity], config_severities[*last]);
    *last = level.severity;
    memcpy(rule->params + (size_t)level.severity * type->n_params, level.params,
           type->n_params * sizeof *level.params);
    return true;
}

/* False: an error was told. */
static bool read_levels(struct drafts *drafts, const struct config_place *place,
                        struct plan_rule *rule)
{
    struct config_place list = config_place_of(place, "levels");
    struct config_place level = {.up = &list, .node = json_first(list.node)};
    bool fine = true;
    int last = -1;
    for (; level.node; level.node = json_next(level.node), level.index++)
        fine = read_level(drafts, &level, rule, &last) && fine;
    return fine;
}

static bool check_flat_and_levels(struct drafts *drafts, const struct config_place *place,
                                  const struct rule_type *type, bool severity)
{
    struct config_place at = config_place_of(place, "severity");
    if (severity)
        config_warn(
            drafts->reader, &at,
            "with levels the severity is said in each of them; here it does nothing");
    for (size_t i = 0; i < type->n_params; i++)
        if (json_member(place->node, type->params[i].name)) {
            at = config_place_of(place, type->params[i].name);
            return config_fault_key(drafts->reader, &at,
                                    "%s cannot stand beside levels; put it into one of "
                                    "them",
                                    type->params[i].name);
        }
    return true;
}

/* The parameters, one set, or of a ladder one set a severity. */
static bool read_params(struct drafts *drafts, const struct config_place *place,
                        const struct config_rule_keys *keys, bool severity_given,
                        struct plan_rule *rule)
{
    const struct rule_type *type = rule->type;
    bool levels = type->ladder && json_member(place->node, "levels");
    size_t sets = type->ladder ? SEVERITY_COUNT : 1;
    size_t set = type->ladder ? (size_t)keys->severity : 0;
    struct err e;
    rule->params = mem_new(sets * type->n_params, sizeof *rule->params);
    for (size_t i = 0; i < sets * type->n_params; i++)
        rule->params[i] = (double)NAN;
    if (levels) {
        if (!check_flat_and_levels(drafts, place, type, severity_given) ||
            !read_levels(drafts, place, rule))
            return false;
    } else {
        memcpy(rule->params + set * type->n_params, keys->params,
               type->n_params * sizeof *keys->params);
    }
    for (size_t i = 0; i < type->n_params; i++)
        if (type->params[i].unit == RULE_RULES)
            rule->params[i] = (double)keys->lists[i].n;
    return !type->check || type->check(rule->params, &e) ||
           config_fault(drafts->reader, place, "%s", e.text);
}

/* A rule on forecasts looks from one of their steps to all of them ahead. */
static void check_within(struct drafts *drafts, const struct config_place *place,
                         const struct plan_rule *rule)
{
    const struct plan_forecast *forecast = &drafts->plan->forecast;
    struct config_place at = config_place_of(place, "within");
    char step[TIME_TEXT], horizon[TIME_TEXT];
    size_t i = 0;
    while (i < rule->type->n_params && strcmp(rule->type->params[i].name, "within") != 0)
        i++;
    if (!rule->type->forecast || i == rule->type->n_params)
        return;
    times_format_duration(forecast->step, step);
    times_format_duration(forecast->horizon, horizon);
    if (rule->params[i] < forecast->step)
        config_fault(drafts->reader, &at,
                     "the forecast has steps of %s: within must be as long, or longer",
                     step);
    else if (rule->params[i] > forecast->horizon)
        config_warn(drafts->reader, &at,
                    "the forecast reaches %s ahead: beyond that nothing is looked at; make "
                    "its horizon longer",
                    horizon);
}

static char *take(char **text)
{
    char *taken = *text;
    *text = NULL;
    return taken;
}

/* What is no time of the week has been told. */
static void read_hours(struct drafts *drafts, const struct config_place *place,
                       const struct config_texts *texts, struct plan_rule *rule)
{
    struct config_place at = config_place_of(place, "hours");
    struct err e;
    if (json_type(at.node) == JSON_LIST && !json_first(at.node))
        config_fault(
            drafts->reader, &at,
            "an empty list: the rule would be up at no time; give it a time of the "
            "week, or leave hours out");
    if (texts->n > HOURS_SPANS_MAX)
        config_fault(drafts->reader, &at, "%zu times of the week; a rule may have %d",
                     texts->n, HOURS_SPANS_MAX);
    for (size_t i = 0; i < texts->n && i < HOURS_SPANS_MAX; i++)
        hours_parse(texts->at[i], &rule->hours.spans[rule->hours.n++], &e);
}

static void take_lists(const struct rule_type *type, const struct config_rule_keys *keys,
                       struct draft *draft)
{
    for (size_t i = 0; i < type->n_params; i++)
        if (type->params[i].unit == RULE_RULES)
            draft->lists[i] = keys->lists[i];
}

static void read_keys(struct drafts *drafts, const struct config_place *place,
                      struct draft *draft)
{
    struct plan_rule *rule = &draft->rule;
    struct config_rule_keys keys;
    struct config_key rows[64];
    struct config_table table = config_rule_keys_of(rule->type, NULL, rows);
    size_t before = drafts->reader->n_errors;
    config_keys_start(&table, &keys);
    default_params(rule->type, keys.params);
    uint64_t given = config_keys_read(drafts->reader, place, &table, &keys);
    bool told = keys.on.n == 0 && drafts->reader->n_errors > before &&
                given & config_table_bit(&config_rule_table, "on");
    if (!told &&
        config_subjects_read(drafts->reader, place, &keys.on, drafts->plan, rule) &&
        drafts->reader->n_errors == before &&
        read_params(drafts, place, &keys,
                    given & config_table_bit(&config_rule_table, "severity"), rule))
        check_within(drafts, place, rule);
    rule->id = take(&keys.id);
    rule->message = take(&keys.message);
    rule->policy = (struct alert_policy){.severity = (enum severity)keys.severity,
                                         .delay = keys.delay,
                                         .keep = keys.keep,
                                         .no_data = (enum alert_no_data)keys.no_data};
    read_hours(drafts, place, &keys.hours, rule);
    draft->unless = keys.unless;
    keys.unless = (struct config_texts){0};
    take_lists(rule->type, &keys, draft);
    config_keys_clear(&config_rule_table, &keys);
}

static const struct rule_type *read_type(struct config_reader *reader,
                                         const struct config_place *place)
{
    struct config_place at = config_place_of(place, "type");
    struct config_hint hint = {.word = ""};
    if (json_type(at.node) == JSON_TEXT) {
        const struct rule_type *type = rules_find(json_text(at.node));
        if (type)
            return type;
        hint.word = json_text(at.node);
    }
    for (size_t i = 0; rules_all[i]; i++)
        config_hint_offer(&hint, rules_all[i]->name);
    if (at.node == place->node)
        config_fault(reader, place, "the key type is missing; %s", config_hint_text(&hint));
    else
        config_fault(reader, &at, "\"%s\" is no rule type; %s", hint.word,
                     config_hint_text(&hint));
    return NULL;
}

static void read_rule(struct drafts *drafts, const struct config_place *place)
{
    if (json_type(place->node) != JSON_OBJECT) {
        config_fault(drafts->reader, place, "expected a rule: an object { .. }");
        return;
    }
    const struct rule_type *type = read_type(drafts->reader, place);
    if (!type)
        return;
    struct draft *draft = &drafts->at[drafts->n++];
    *draft =
        (struct draft){.node = place->node, .index = place->index, .rule = {.type = type}};
    read_keys(drafts, place, draft);
}

/* -- rules that name other rules -- */

static struct config_place draft_place(const struct drafts *drafts,
                                       const struct draft *draft)
{
    return (struct config_place){
        .up = drafts->list, .node = draft->node, .index = draft->index};
}

static const char *link_key(const struct draft *draft, size_t param)
{
    return param == PLAN_NONE ? "unless" : draft->rule.type->params[param].name;
}

static size_t find_id(const struct drafts *drafts, const char *id)
{
    for (size_t i = 0; i < drafts->n; i++)
        if (drafts->at[i].rule.id && strcmp(drafts->at[i].rule.id, id) == 0)
            return i;
    return PLAN_NONE;
}

static void fail_link(struct drafts *drafts, const struct config_place *list, size_t item,
                      const char *id)
{
    struct config_place at = {.up = list, .index = item};
    at.node = json_first(list->node);
    for (size_t i = 0; i < item; i++)
        at.node = json_next(at.node);
    struct config_hint hint = {.word = id};
    for (size_t i = 0; i < drafts->n; i++)
        if (drafts->at[i].rule.id)
            config_hint_offer(&hint, drafts->at[i].rule.id);
    config_fault(drafts->reader, &at, "the twin has no rule \"%s\"; %s", id,
                 config_hint_text(&hint));
}

static void link_list(struct drafts *drafts, struct draft *draft, size_t param,
                      const struct config_texts *ids)
{
    struct config_place place = draft_place(drafts, draft);
    struct config_place list = config_place_of(&place, link_key(draft, param));
    for (size_t i = 0; i < ids->n; i++) {
        size_t found = find_id(drafts, ids->at[i]);
        if (found == PLAN_NONE)
            fail_link(drafts, &list, i, ids->at[i]);
        else
            draft->links[draft->n_links++] = (struct link){param, found};
    }
}

static void link_rule(struct drafts *drafts, size_t index)
{
    struct draft *draft = &drafts->at[index];
    struct config_place place = draft_place(drafts, draft);
    size_t first = draft->rule.id ? find_id(drafts, draft->rule.id) : index;
    struct config_place at = config_place_of(&place, "id");
    if (first != index)
        config_fault(drafts->reader, &at,
                     "the twin has two rules \"%s\"; the other one is /%zu of the list",
                     draft->rule.id, drafts->at[first].index);
    size_t n = 0;
    for (size_t i = 0; i < RULE_PARAMS_MAX; i++)
        n += draft->lists[i].n;
    if (n > RULE_MEMBERS_MAX)
        config_fault(drafts->reader, &place, "it names %zu rules; a rule may name %d", n,
                     RULE_MEMBERS_MAX);
    draft->links = mem_new(draft->unless.n + n, sizeof *draft->links);
    link_list(drafts, draft, PLAN_NONE, &draft->unless);
    for (size_t i = 0; i < draft->rule.type->n_params; i++)
        link_list(drafts, draft, i, &draft->lists[i]);
}

static void fail_circle(struct drafts *drafts, const struct draft *draft,
                        const struct link *link)
{
    struct config_place place = draft_place(drafts, draft);
    struct config_place at = config_place_of(&place, link_key(draft, link->param));
    config_fault(drafts->reader, &at, "rules %s each other in a circle: \"%s\" and \"%s\"",
                 link->param == PLAN_NONE ? "suppress" : "look at", draft->rule.id,
                 drafts->at[link->other].rule.id);
}

/* Depth first: those that are named come to stand before those that name them. */
static void place_rule(struct drafts *drafts, struct draft *draft)
{
    draft->mark = OPEN;
    for (size_t i = 0; i < draft->n_links; i++) {
        struct draft *other = &drafts->at[draft->links[i].other];
        if (other->mark == OPEN)
            fail_circle(drafts, draft, &draft->links[i]);
        else if (other->mark == NEW)
            place_rule(drafts, other);
    }
    draft->mark = PLACED;
    draft->order = drafts->placed++;
}

static void move_rule(struct drafts *drafts, struct draft *draft)
{
    struct plan_rule *rule = &drafts->plan->rules[draft->order];
    *rule = draft->rule;
    rule->unless = mem_new(draft->n_links, sizeof *rule->unless);
    rule->members = mem_new(draft->n_links, sizeof *rule->members);
    for (size_t i = 0; i < draft->n_links; i++) {
        const struct link *link = &draft->links[i];
        size_t other = drafts->at[link->other].order;
        if (link->param == PLAN_NONE)
            rule->unless[rule->n_unless++] = other;
        else
            rule->members[rule->n_members++] = (struct plan_member){link->param, other};
    }
}

static void free_texts(struct config_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++)
        free(texts->at[i]);
    free(texts->at);
}

static void free_draft(struct draft *draft)
{
    free_texts(&draft->unless);
    for (size_t i = 0; i < RULE_PARAMS_MAX; i++)
        free_texts(&draft->lists[i]);
    free(draft->links);
}

void config_rules_read(struct config_reader *reader, const struct config_place *list,
                       struct plan *plan)
{
    size_t n = json_count(list->node);
    struct config_place rule = {.up = list, .node = json_first(list->node)};
    if (n > RULES_MAX) {
        config_fault(reader, list, "%zu rules; a twin may have %d", n, RULES_MAX);
        return;
    }
    struct drafts drafts = {.reader = reader, .list = list, .plan = plan};
    drafts.at = mem_new(n, sizeof *drafts.at);
    for (; rule.node; rule.node = json_next(rule.node), rule.index++)
        read_rule(&drafts, &rule);
    for (size_t i = 0; i < drafts.n; i++)
        link_rule(&drafts, i);
    plan->rules = mem_new(drafts.n, sizeof *plan->rules);
    plan->n_rules = drafts.n;
    for (size_t i = 0; i < drafts.n; i++)
        if (drafts.at[i].mark == NEW)
            place_rule(&drafts, &drafts.at[i]);
    for (size_t i = 0; i < drafts.n; i++) {
        move_rule(&drafts, &drafts.at[i]);
        free_draft(&drafts.at[i]);
    }
    free(drafts.at);
}
