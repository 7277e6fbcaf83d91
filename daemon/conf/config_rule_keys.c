/* The keys of a rule: those that all have, and those of its type. */
#include "twind/config_rule.h"

#include <string.h>

#define YEAR 31536000
#define RULE(field) offsetof(struct config_rule_keys, field)

const char *const config_severities[] = {"info", "warning", "critical", NULL};
_Static_assert(sizeof config_severities / sizeof *config_severities == SEVERITY_COUNT + 1,
               "a severity without its word");

static const char *const no_data[] = {
    [ALERT_NO_DATA_HOLD] = "hold",
    [ALERT_NO_DATA_ALERT] = "alert",
    [ALERT_NO_DATA_NORMAL] = "normal",
    NULL,
};

static bool check_hours(const char *text, struct err *e)
{
    struct hours_span span;
    return hours_parse(text, &span, e);
}

static const struct config_key rule_keys[] = {
    {"id", CONFIG_TEXT, RULE(id), .check = config_check_id, .flags = CONFIG_REQUIRED,
     .help = "Unique in the twin: letters, digits, _ and -"},
    {"type", CONFIG_TEXT, RULE(type), .flags = CONFIG_REQUIRED,
     .help = "twinctl rules lists them with their own keys"},
    {"on", CONFIG_NAMES, RULE(on),
     .help =
         "A signal, or where the type takes several, a list of them: NAME is the "
         "estimate, measured.NAME the reading, residual.NAME the difference to what the "
         "model expected, parameter.NAME an estimated parameter, health.NAME an index "
         "of wear. A rule on the twin as a whole has none"},
    {"severity", CONFIG_WORD, RULE(severity), "warning", .words = config_severities,
     .help = "How bad it is"},
    {"for", CONFIG_DURATION, RULE(delay), "0s", 0, YEAR,
     .help = "The condition must hold so long before the alert is active"},
    {"keep", CONFIG_DURATION, RULE(keep), "0s", 0, YEAR,
     .help = "It must have cleared for so long before the alert is over"},
    {"no_data", CONFIG_WORD, RULE(no_data), "hold", .words = no_data,
     .help = "What a lack of data does to the alert"},
    {"unless", CONFIG_TEXTS, RULE(unless), .check = config_check_id,
     .help = "Ids of the twin's rules that suppress this one while they are active"},
    {"hours", CONFIG_NAMES, RULE(hours), .check = check_hours,
     .help = "The hours of the week, or a list of them, outside of which it is suppressed: "
             "\"Mon-Fri 08:00-18:00\". Local time, as the kind's parameter utc_offset says "
             "it (without one UTC): a fixed offset, no summer time"},
    {"message", CONFIG_TEXT, RULE(message), .check = config_check_text,
     .help = "May hold {twin} {rule} {on} {value} {limit} {unit} {severity} {when} "
             "{reason}. "
             "Default: the "
             "type's"},
};

const struct config_table config_rule_table = CONFIG_TABLE(rule_keys);

static enum config_type type_of_rule(const struct rule_row *row)
{
    return row->unit == RULE_DURATION ? CONFIG_DURATION
           : row->unit == RULE_WORD   ? CONFIG_CHOICE
           : row->unit == RULE_SWITCH ? CONFIG_SWITCH
           : row->unit == RULE_RULES  ? CONFIG_TEXTS
                                      : CONFIG_NUMBER;
}

struct config_key config_key_of_rule(const struct rule_row *row, const char *unit,
                                     size_t offset)
{
    return (struct config_key){.name = row->name,
                               .type = type_of_rule(row),
                               .words = row->words,
                               .offset = offset,
                               .min = row->min,
                               .max = row->max,
                               .unit = row->unit == RULE_SIGNAL ? unit : NULL,
                               .check = row->unit == RULE_RULES ? config_check_id : NULL,
                               .flags = row->required ? CONFIG_REQUIRED : 0,
                               .help = row->help};
}

static size_t offset_of(const struct rule_type *type, size_t param)
{
    return type->params[param].unit == RULE_RULES
               ? RULE(lists) + param * sizeof(struct config_texts)
               : RULE(params) + param * sizeof(double);
}

static const struct config_key levels = {
    .name = "levels",
    .type = CONFIG_LATER_LIST,
    .offset = CONFIG_NOWHERE,
    .help = "Limits for several severities, rising: [{\"severity\": .., ..}, ..]"};

struct config_table config_rule_keys_of(const struct rule_type *type, const char *unit,
                                        struct config_key *keys)
{
    size_t n = config_rule_table.n;
    memcpy(keys, config_rule_table.keys, n * sizeof *keys);
    for (size_t i = 0; i < n; i++)
        if (type->asks_hours && keys[i].offset == RULE(hours))
            keys[i].flags |= CONFIG_REQUIRED;
    for (size_t i = 0; i < type->n_params; i++)
        keys[n++] = config_key_of_rule(&type->params[i], unit, offset_of(type, i));
    if (type->ladder)
        keys[n++] = levels;
    return (struct config_table){keys, n};
}
