/* The configuration in force as JSON that reads back the same, from the rows that read it.
 */
#include "twind/config_declare.h"
#include "twind/config_rule.h"
#include "twind/config_shape.h"

#include <math.h>
#include <string.h>

struct dump {
    struct text text;
    FILE *to;
    int depth;
    bool first; /* in its object or list */
};

/* -- lines -- */

static void flush(struct dump *dump)
{
    if (dump->text.used)
        fwrite(dump->text.at, 1, dump->text.used, dump->to);
    text_clear(&dump->text);
}

static void begin_item(struct dump *dump, const char *key)
{
    text_put(&dump->text, "%s\n%*s", dump->first ? "" : ",", 2 * dump->depth, "");
    dump->first = false;
    if (!key)
        return;
    text_quoted(&dump->text, key);
    text_put(&dump->text, ": ");
}

static void open_item(struct dump *dump, const char *key, const char *bracket)
{
    begin_item(dump, key);
    text_put(&dump->text, "%s", bracket);
    dump->depth++;
    dump->first = true;
}

static void close_item(struct dump *dump, const char *bracket)
{
    dump->depth--;
    if (dump->first)
        text_put(&dump->text, "%s", bracket);
    else
        text_put(&dump->text, "\n%*s%s", 2 * dump->depth, "", bracket);
    dump->first = false;
}

static void put_text(struct dump *dump, const char *key, const char *text)
{
    begin_item(dump, key);
    text_quoted(&dump->text, text);
}

static void put_key(struct dump *dump, const struct config_key *key, const void *field)
{
    struct text value = {0};
    if (config_value_put(&value, key, field)) {
        begin_item(dump, key->name);
        text_bytes(&dump->text, value.at, value.used);
    }
    text_free(&value);
}

static bool is_present(const struct config_table *table, const void *from)
{
    struct text value = {0};
    bool present = false;
    for (size_t i = 0; i < table->n && !present; i++)
        present = config_value_put(&value, &table->keys[i],
                                   (const char *)from + table->keys[i].offset);
    text_free(&value);
    return present;
}

static void put_table(struct dump *dump, const struct config_table *table, const void *from)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct config_key *key = &table->keys[i];
        if (key->offset == CONFIG_NOWHERE)
            continue;
        if (key->type != CONFIG_OBJECT) {
            put_key(dump, key, (const char *)from + key->offset);
        } else if (is_present(key->of, from)) {
            open_item(dump, key->name, "{");
            put_table(dump, key->of, from);
            close_item(dump, "}");
        }
    }
}

/* -- a twin -- */

static void put_params(struct dump *dump, const struct plan *plan)
{
    open_item(dump, "params", "{");
    for (size_t i = 0; i < plan->kind->n_params; i++) {
        struct config_key key = config_key_of_row(&plan->kind->params[i], 0);
        put_key(dump, &key, &plan->params[i]);
    }
    close_item(dump, "}");
}

static void put_signals(struct dump *dump, const struct config_declared *declared)
{
    if (!declared)
        return;
    open_item(dump, "signals", "{");
    for (size_t i = 0; i < declared->n; i++) {
        const struct kind_row *row = &declared->rows[i];
        bool range = row->min < row->max;
        struct config_signal_keys keys = {.min = range ? row->min : (double)NAN,
                                          .max = range ? row->max : (double)NAN,
                                          .sd = row->noise > 0 ? row->noise : (double)NAN};
        open_item(dump, row->name, "{");
        put_text(dump, "unit", row->unit);
        put_table(dump, &config_signal_table, &keys);
        close_item(dump, "}");
    }
    close_item(dump, "}");
}

static void put_bindings(struct dump *dump, const struct config_twin *twin)
{
    open_item(dump, "bind", "{");
    for (size_t i = 0; i < twin->n_bindings; i++) {
        const struct config_mapping *mapping = &twin->shape->mappings[i];
        size_t signal = twin->plan->sensors[i].signal;
        open_item(dump, plan_row(twin->plan->kind, signal)->name, "{");
        put_text(dump, "topic", twin->bindings[i].topic);
        put_table(dump, &config_binding_table, &mapping->keys);
        if (mapping->when) {
            begin_item(dump, "when");
            text_put(&dump->text, "%s", mapping->when);
        }
        close_item(dump, "}");
    }
    close_item(dump, "}");
}

static void put_actuators(struct dump *dump, const struct config_twin *twin)
{
    open_item(dump, "actuate", "{");
    for (size_t i = 0; i < twin->n_actuators; i++) {
        const struct config_actuator *actuator = &twin->actuators[i];
        open_item(dump, plan_row(twin->plan->kind, actuator->signal)->name, "{");
        put_text(dump, "topic", actuator->topic);
        put_table(dump, &config_actuator_table, &twin->shape->drives[i].keys);
        close_item(dump, "}");
    }
    close_item(dump, "}");
}

static void put_futures(struct dump *dump, const struct config_twin *twin)
{
    open_item(dump, "inputs", "{");
    for (size_t i = 0; i < twin->n_futures; i++) {
        const struct config_future *future = &twin->futures[i];
        open_item(dump, twin->plan->kind->inputs[future->input].name, "{");
        put_text(dump, "topic", future->topic);
        put_table(dump, &config_future_table, &twin->shape->outlooks[i].keys);
        close_item(dump, "}");
    }
    close_item(dump, "}");
}

static void put_forecast(struct dump *dump, const struct config_twin *twin)
{
    const struct plan_forecast *forecast = &twin->plan->forecast;
    struct config_forecast_keys keys = {forecast->every, forecast->horizon, forecast->step,
                                        NULL};
    if (!(forecast->every > 0))
        return;
    open_item(dump, "forecast", "{");
    put_table(dump, &config_forecast_table, &keys);
    put_futures(dump, twin);
    close_item(dump, "}");
}

/* -- its rules -- */

static void put_rule_params(struct dump *dump, const struct rule_type *type,
                            const double *params)
{
    for (size_t i = 0; i < type->n_params; i++) {
        struct config_key key = config_key_of_rule(&type->params[i], NULL, 0);
        if (type->params[i].unit == RULE_RULES)
            continue;
        put_key(dump, &key, &params[i]);
    }
}

static bool is_given(const struct rule_type *type, const double *params)
{
    for (size_t i = 0; i < type->n_params; i++)
        if (!isnan(params[i]))
            return true;
    return false;
}

static void put_levels(struct dump *dump, const struct plan_rule *rule)
{
    open_item(dump, "levels", "[");
    for (size_t s = 0; s < SEVERITY_COUNT; s++) {
        const double *params = rule->params + s * rule->type->n_params;
        if (!is_given(rule->type, params))
            continue;
        open_item(dump, NULL, "{");
        put_text(dump, "severity", config_severities[s]);
        put_rule_params(dump, rule->type, params);
        close_item(dump, "}");
    }
    close_item(dump, "]");
}

static void put_on(struct dump *dump, const struct plan_rule *rule)
{
    if (rule->n_subjects == 1)
        put_text(dump, "on", rule->subjects[0].text);
    if (rule->n_subjects < 2)
        return;
    open_item(dump, "on", "[");
    for (size_t i = 0; i < rule->n_subjects; i++)
        put_text(dump, NULL, rule->subjects[i].text);
    close_item(dump, "]");
}

/* Everything that all rule types have, but for what a ladder says in its levels. */
static void put_common(struct dump *dump, const struct plan_rule *rule)
{
    for (size_t i = 0; i < config_rule_table.n; i++) {
        const struct config_key *key = &config_rule_table.keys[i];
        struct config_rule_keys keys = {.id = rule->id,
                                        .message = rule->message,
                                        .severity = (int)rule->policy.severity,
                                        .no_data = (int)rule->policy.no_data,
                                        .delay = rule->policy.delay,
                                        .keep = rule->policy.keep};
        if (key->type == CONFIG_TEXTS || key->type == CONFIG_NAMES ||
            (rule->type->ladder && key->type == CONFIG_WORD &&
             key->words == config_severities))
            continue;
        put_key(dump, key, (const char *)&keys + key->offset);
    }
    put_text(dump, "type", rule->type->name);
    put_on(dump, rule);
}

static void put_unless(struct dump *dump, const struct plan *plan,
                       const struct plan_rule *rule)
{
    open_item(dump, "unless", "[");
    for (size_t i = 0; i < rule->n_unless; i++)
        put_text(dump, NULL, plan->rules[rule->unless[i]].id);
    close_item(dump, "]");
}

static void put_members(struct dump *dump, const struct plan *plan,
                        const struct plan_rule *rule)
{
    for (size_t param = 0; param < rule->type->n_params; param++) {
        if (rule->type->params[param].unit != RULE_RULES)
            continue;
        open_item(dump, rule->type->params[param].name, "[");
        for (size_t i = 0; i < rule->n_members; i++)
            if (rule->members[i].param == param)
                put_text(dump, NULL, plan->rules[rule->members[i].rule].id);
        close_item(dump, "]");
    }
}

static void put_hours(struct dump *dump, const struct hours *hours)
{
    char text[HOURS_TEXT];
    if (hours->n == 0)
        return;
    open_item(dump, "hours", "[");
    for (size_t i = 0; i < hours->n; i++)
        put_text(dump, NULL, hours_format(&hours->spans[i], text));
    close_item(dump, "]");
}

static void put_rules(struct dump *dump, const struct plan *plan)
{
    open_item(dump, "rules", "[");
    for (size_t i = 0; i < plan->n_rules; i++) {
        const struct plan_rule *rule = &plan->rules[i];
        open_item(dump, NULL, "{");
        put_common(dump, rule);
        put_unless(dump, plan, rule);
        put_members(dump, plan, rule);
        put_hours(dump, &rule->hours);
        if (rule->type->ladder)
            put_levels(dump, rule);
        else
            put_rule_params(dump, rule->type, rule->params);
        close_item(dump, "}");
    }
    close_item(dump, "]");
}

static void put_twin(struct dump *dump, const struct config_twin *twin)
{
    struct config_twin_keys keys = {.id = twin->id,
                                    .name = twin->name,
                                    .step = twin->plan->step,
                                    .optimise_apply = twin->optimise_apply,
                                    .health = twin->plan->health ? CONFIG_HEALTH_ON
                                                                 : CONFIG_HEALTH_OFF,
                                    .integrator = (int)twin->plan->integrator};
    open_item(dump, NULL, "{");
    for (size_t i = 0; i < config_twin_table.n; i++) {
        const struct config_key *key = &config_twin_table.keys[i];
        if (key->offset != CONFIG_NOWHERE && key->type != CONFIG_COUNT)
            put_key(dump, key, (const char *)&keys + key->offset);
    }
    put_text(dump, "kind", twin->plan->kind->name);
    if (twin->plan->kind->detail)
        put_text(dump, "detail", twin->plan->kind->detail);
    if (twin->fleet) {
        begin_item(dump, "max");
        text_put(&dump->text, "%zu", twin->max);
    }
    put_params(dump, twin->plan);
    put_signals(dump, twin->plan->declared);
    put_bindings(dump, twin);
    put_actuators(dump, twin);
    put_forecast(dump, twin);
    if (twin->calibrate) {
        open_item(dump, "calibrate", "{");
        put_table(dump, &config_calibrate_table, twin->calibrate);
        close_item(dump, "}");
    }
    put_rules(dump, twin->plan);
    close_item(dump, "}");
    flush(dump);
}

void config_dump(const struct config *config, FILE *to)
{
    struct dump dump = {.to = to, .depth = 1, .first = true};
    text_put(&dump.text, "{");
    put_table(&dump, &config_root_table, config);
    open_item(&dump, "twins", "[");
    for (size_t i = 0; i < config->n_twins; i++)
        put_twin(&dump, &config->twins[i]);
    close_item(&dump, "]");
    text_put(&dump.text, "\n}\n");
    flush(&dump);
    text_free(&dump.text);
}
