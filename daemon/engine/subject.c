#include "twind/subject.h"

#include "twind/text.h"

#include <stdio.h>
#include <string.h>

static const char *const prefixes[RULE_SUBJECTS] = {
    [RULE_ESTIMATE] = "",          [RULE_MEASURED] = "measured.",
    [RULE_RESIDUAL] = "residual.", [RULE_PARAMETER] = "parameter.",
    [RULE_HEALTH] = "health.",
};

size_t subject_twin(const char *text)
{
    const char *slash = strchr(text, '/');
    return slash ? (size_t)(slash - text) : 0;
}

const char *subject_split(const char *text, enum rule_subject *subject)
{
    *subject = RULE_ESTIMATE;
    for (enum rule_subject s = RULE_ESTIMATE + 1; s < RULE_SUBJECTS; s++)
        if (strncmp(text, prefixes[s], strlen(prefixes[s])) == 0)
            *subject = s;
    return text + strlen(prefixes[*subject]);
}

const char *subject_name(const struct kind *kind, enum rule_subject subject, size_t index)
{
    if (subject == RULE_HEALTH)
        return index < kind->n_health ? kind->health[index].name : NULL;
    if (subject == RULE_PARAMETER) {
        if (index >= kind->n_params)
            return NULL;
        return kind->params[index].noise > 0 ? kind->params[index].name : "";
    }
    return index < kind->n_inputs + kind->n_outputs ? plan_row(kind, index)->name : NULL;
}

size_t subject_find(const struct kind *kind, enum rule_subject subject, const char *name)
{
    const char *known;
    for (size_t i = 0; *name && (known = subject_name(kind, subject, i)); i++)
        if (strcmp(known, name) == 0)
            return i;
    return PLAN_NONE;
}

char *subject_text(enum rule_subject subject, const char *name)
{
    struct text text = {0};
    text_put(&text, "%s%s", prefixes[subject], name);
    return text.at;
}

const char *subject_unit(const struct kind *kind, const struct plan_subject *subject)
{
    if (subject->subject == RULE_HEALTH)
        return "";
    if (subject->subject == RULE_PARAMETER)
        return kind->params[subject->signal].unit;
    return plan_row(kind, subject->signal)->unit;
}

const char *subject_join(const struct plan_rule *rule, char *to, size_t size)
{
    size_t used = 0;
    to[0] = '\0';
    for (size_t i = 0; i < rule->n_subjects && used < size; i++)
        used += (size_t)snprintf(to + used, size - used, "%s%s", i > 0 ? "+" : "",
                                 rule->subjects[i].text);
    return to;
}
