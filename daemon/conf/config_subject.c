#include "twind/config_subject.h"

#include "twind/mem.h"
#include "twind/subject.h"

#include <string.h>

struct subjects {
    struct config_reader *reader;
    const struct plan *plan;
    struct plan_rule *rule;
    const struct config_texts *on;
};

static bool fail_subject(const struct subjects *s, const struct config_place *at,
                         enum rule_subject subject, const char *name)
{
    static const char *const things[RULE_SUBJECTS] = {
        [RULE_PARAMETER] = "parameter", [RULE_HEALTH] = "index of health"};
    const struct kind *kind = s->plan->kind;
    struct config_hint hint = {.word = name};
    const char *known;
    for (size_t i = 0; (known = subject_name(kind, subject, i)); i++)
        if (*known)
            config_hint_offer(&hint, known);
    if (!things[subject])
        return config_fault(s->reader, at,
                            "the kind %s has no signal \"%s\"; %s (as NAME, measured.NAME "
                            "or residual.NAME)",
                            kind->name, name, config_hint_text(&hint));
    return config_fault(s->reader, at, "the kind %s estimates no %s \"%s\"; %s", kind->name,
                        things[subject], name,
                        hint.used ? config_hint_text(&hint) : "it estimates none");
}

/* Whether there is such a twin is asked when all are known. */
static bool read_others(const struct subjects *s, const struct config_place *at,
                        const char *text, struct plan_subject *on)
{
    if (!s->rule->type->asks_others)
        return config_fault(s->reader, at,
                            "\"%s\": a rule of the type %s is on signals of its own twin "
                            "alone",
                            text, s->rule->type->name);
    if (on == s->rule->subjects)
        return config_fault(s->reader, at,
                            "\"%s\": the first signal must be of the twin itself", text);
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20)
            return config_fault(s->reader, at,
                                "a control character in the name of a signal; it is "
                                "TWIN/NAME");
    on->signal = on->sensor = PLAN_NONE;
    on->twin = mem_text_n(text, subject_twin(text));
    on->text = mem_text(text);
    return true;
}

static bool read_subject(const struct subjects *s, const struct config_place *at,
                         const char *text)
{
    struct plan_rule *rule = s->rule;
    struct plan_subject *on = &rule->subjects[rule->n_subjects++];
    if (subject_twin(text) > 0)
        return read_others(s, at, text, on);
    const char *name = subject_split(text, &on->subject);
    if (rule->type->asks_parts && on->subject != RULE_HEALTH)
        return config_fault(
            s->reader, at,
            "\"%s\": a rule of the type %s is on health.NAME; without on it "
            "looks at all parts",
            text, rule->type->name);
    on->signal = subject_find(s->plan->kind, on->subject, name);
    if (on->signal == PLAN_NONE)
        return fail_subject(s, at, on->subject, name);
    bool residual = on->subject == RULE_RESIDUAL;
    bool sensor = residual || on->subject == RULE_MEASURED || rule->type->sensor_only;
    bool signal = on->subject <= RULE_RESIDUAL;
    if (sensor && !signal)
        return config_fault(s->reader, at,
                            "a rule of the type %s looks at a sensor, and \"%s\" has none",
                            rule->type->name, text);
    if (sensor && plan_sensor_of(s->plan, on->signal) == PLAN_NONE)
        return config_fault(s->reader, at,
                            "\"%s\" needs a sensor, but the twin has no binding for %s; "
                            "bind it",
                            text, name);
    if (residual && on->signal < s->plan->kind->n_inputs)
        return config_fault(s->reader, at,
                            "%s is an input: the model expects nothing of it, so it has no "
                            "residual; use measured.%s",
                            name, name);
    return !rule->type->forecast ||
           (on->subject == RULE_ESTIMATE && on->signal >= s->plan->kind->n_inputs) ||
           config_fault(s->reader, at,
                        "a rule of the type %s is on the estimate of an output",
                        rule->type->name);
}

static bool check_forecast(const struct subjects *s, const struct config_place *place)
{
    const struct rule_type *type = s->rule->type;
    return !type->forecast || s->plan->forecast.every > 0 ||
           config_fault(s->reader, place,
                        "a rule of the type %s needs a twin with a forecast; give the twin "
                        "the key forecast, such as {\"every\": \"1h\"}",
                        type->name);
}

/* How many names the type takes. */
static bool check_scope(const struct subjects *s, const struct config_place *place)
{
    const struct rule_type *type = s->rule->type;
    size_t n = s->on->n;
    struct config_place at = config_place_of(place, "on");
    size_t least = rule_least(type), most = rule_most(type);
    if (n >= least && n <= most)
        return true;
    if (n == 0)
        return config_fault(s->reader, &at,
                            "a rule of the type %s needs the key on: a signal%s",
                            type->name, most > 1 ? ", or a list of them" : "");
    if (most == 0)
        return config_fault_key(s->reader, &at,
                                "a rule of the type %s is on the twin as a whole; leave on "
                                "out",
                                type->name);
    if (n < least)
        return config_fault(s->reader, &at,
                            "a rule of the type %s is on %zu signals or more, not on %zu; "
                            "make on a list of them",
                            type->name, least, n);
    if (most == 1)
        return config_fault(s->reader, &at,
                            "a rule of the type %s is on one signal, not on %zu; make a "
                            "rule for each",
                            type->name, n);
    return config_fault(s->reader, &at, "%zu signals; a rule may be on %zu", n, most);
}

static bool check_twice(const struct subjects *s, const struct config_place *at,
                        size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(s->on->at[i], s->on->at[index]) == 0)
            return config_fault(s->reader, at, "\"%s\" stands twice in the list",
                                s->on->at[index]);
    return true;
}

/* A text alone stands at the key, those of a list each at its own place. */
static bool read_all(const struct subjects *s, const struct config_place *place)
{
    struct config_place key = config_place_of(place, "on"), at = key;
    bool list = json_type(key.node) == JSON_LIST, fine = true;
    if (list)
        at = (struct config_place){.up = &key, .node = json_first(key.node)};
    s->rule->subjects = mem_new(s->on->n, sizeof *s->rule->subjects);
    for (size_t i = 0; i < s->on->n; i++) {
        fine = check_twice(s, &at, i) && read_subject(s, &at, s->on->at[i]) && fine;
        at.index++;
        at.node = list ? json_next(at.node) : at.node;
    }
    return fine;
}

bool config_subjects_read(struct config_reader *reader, const struct config_place *rule,
                          const struct config_texts *on, const struct plan *plan,
                          struct plan_rule *to)
{
    const struct subjects s = {reader, plan, to, on};
    return check_scope(&s, rule) && read_all(&s, rule) && check_forecast(&s, rule);
}
