/* twinctl kinds, twinctl rules: the tables, for people (text), programs (JSON) and the
 * documents (Markdown). */
#include "twind/cli.h"

#include "twind/kind.h"
#include "twind/rule.h"
#include "twind/text.h"
#include "twind/times.h"

#include <stdlib.h>
#include <string.h>

enum { DIGITS = 6 };

enum form { TEXT, JSON, MARKDOWN };

struct table {
    const char *title, *key;
    const struct kind_row *rows;
    size_t n;
    bool outputs;
};

static const char *marks_of(const struct kind_row *row)
{
    return row->flags & KIND_MEASURED ? "*" : "";
}

static void put_default(struct text *to, double value)
{
    if (isnan(value))
        text_put(to, "controlled");
    else
        text_number(to, value, DIGITS);
}

static void put_row_text(struct text *to, const struct kind_row *row, bool outputs)
{
    struct text value = {0};
    if (!outputs)
        put_default(&value, row->value);
    text_put(to, "  %-26s %-12s %-12s %g .. %g", row->name, row->unit,
             value.at ? value.at : "", row->min, row->max);
    text_put(to, "\n      %s%s\n", row->help,
             row->flags & KIND_MEASURED ? " (may be bound to a sensor)" : "");
    text_free(&value);
}

static void put_row_json(struct text *to, const struct kind_row *row, bool outputs)
{
    text_put(to, "{\"name\":\"%s\",\"unit\":\"%s\",", row->name, row->unit);
    if (outputs) {
        text_put(to, "\"measured\":%s,", row->flags & KIND_MEASURED ? "true" : "false");
    } else {
        text_put(to, "\"default\":");
        text_number(to, row->value, 17);
        text_put(to, ",");
    }
    text_put(to, "\"min\":");
    text_number(to, row->min, 17);
    text_put(to, ",\"max\":");
    text_number(to, row->max, 17);
    text_put(to, ",\"noise\":");
    text_number(to, row->noise, 17);
    text_put(to, ",\"help\":");
    text_quoted(to, row->help);
    text_put(to, "}");
}

static void put_row_markdown(struct text *to, const struct kind_row *row, bool outputs)
{
    text_put(to, "| `%s`%s | %s | ", row->name, marks_of(row), row->unit);
    if (!outputs) {
        put_default(to, row->value);
        text_put(to, " | ");
    }
    text_put(to, "%g .. %g | %s |\n", row->min, row->max, row->help);
}

static void put_table(struct text *to, const struct table *t, enum form form)
{
    if (form == JSON)
        text_put(to, ",\"%s\":[", t->key);
    else if (form == TEXT)
        text_put(to, "\n%s\n", t->title);
    else if (t->n > 0)
        text_put(to,
                 "\n**%s**\n\n| name | unit | %srange | meaning |\n|---|---|%s---|---|\n",
                 t->title, t->outputs ? "" : "default | ", t->outputs ? "" : "---|");
    for (size_t i = 0; i < t->n; i++) {
        if (form == JSON && i > 0)
            text_put(to, ",");
        if (form == JSON)
            put_row_json(to, &t->rows[i], t->outputs);
        else if (form == TEXT)
            put_row_text(to, &t->rows[i], t->outputs);
        else
            put_row_markdown(to, &t->rows[i], t->outputs);
    }
    if (form == JSON)
        text_put(to, "]");
}

static void put_kind(struct text *to, const struct kind *kind, enum form form)
{
    const struct table tables[] = {
        {"Parameters (params)", "params", kind->params, kind->n_params, false},
        {"Inputs (bind, set)", "inputs", kind->inputs, kind->n_inputs, false},
        {"States", "states", kind->states, kind->n_states, false},
        {"Outputs", "outputs", kind->outputs, kind->n_outputs, true},
    };
    if (form == JSON) {
        text_put(to, "{\"kind\":\"%s\",\"help\":", kind->name);
        text_quoted(to, kind->help);
    } else if (form == TEXT) {
        text_put(to, "%s: %s\n", kind->name, kind->help);
    } else {
        text_put(to, "\n## %s\n\n%s.\n", kind->name, kind->help);
    }
    if (kind->declare && form != JSON)
        text_put(to, "\nIts signals are those that the twin declares (`signals`).\n");
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        put_table(to, &tables[i], form);
    if (form == JSON)
        text_put(to, "}");
}

static void put_param_text(struct text *to, const struct rule_row *row, enum form form)
{
    static const char *const units[] = {[RULE_SIGNAL] = "the signal's",
                                        [RULE_DURATION] = "duration",
                                        [RULE_FRACTION] = "0..1"};
    char text[TIME_TEXT] = "";
    if (row->required)
        strcpy(text, "required");
    else if (!isnan(row->value) && row->unit == RULE_DURATION)
        times_format_duration(row->value, text);
    else if (!isnan(row->value))
        snprintf(text, sizeof text, "%g", row->value);
    if (form == MARKDOWN)
        text_put(to, "| `%s` | %s | %s | %s |\n", row->name, units[row->unit], text,
                 row->help);
    else
        text_put(to, "  %-14s %-14s %-10s %s\n", row->name, units[row->unit], text,
                 row->help);
}

static void put_param_json(struct text *to, const struct rule_row *row, bool first)
{
    static const char *const units[] = {[RULE_SIGNAL] = "signal",
                                        [RULE_DURATION] = "duration",
                                        [RULE_FRACTION] = "fraction"};
    text_put(to, "%s{\"name\":\"%s\",\"unit\":\"%s\",\"required\":%s,\"default\":",
             first ? "" : ",", row->name, units[row->unit],
             row->required ? "true" : "false");
    text_number(to, row->value, 17);
    text_put(to, ",\"help\":");
    text_quoted(to, row->help);
    text_put(to, "}");
}

static void put_rule(struct text *to, const struct rule_type *type, enum form form)
{
    if (form == JSON) {
        text_put(to, "{\"type\":\"%s\",\"ladder\":%s,\"help\":", type->name,
                 type->ladder ? "true" : "false");
        text_quoted(to, type->help);
        text_put(to, ",\"params\":[");
    } else if (form == TEXT) {
        text_put(to, "%s: %s\n", type->name, type->help);
    } else {
        text_put(to,
                 "\n### %s\n\nUp when %s%s.\n\n| key | unit | default | meaning |\n"
                 "|---|---|---|---|\n",
                 type->name, type->help,
                 type->ladder ? " (`levels` takes these keys with a `severity` each)" : "");
    }
    for (size_t i = 0; i < type->n_params; i++)
        if (form == JSON)
            put_param_json(to, &type->params[i], i == 0);
        else
            put_param_text(to, &type->params[i], form);
    if (form == JSON)
        text_put(to, "]}");
}

static int print(struct text *text)
{
    bool done = fputs(text->at ? text->at : "", stdout) != EOF && fflush(stdout) == 0;
    text_free(text);
    return done ? CLI_OK : CLI_RESOURCE;
}

static bool parse(int argc, char **argv, enum form *form, const char **name)
{
    bool json = false, markdown = false;
    const struct cli_option options[] = {{.name = "--json", .flag = &json},
                                         {.name = "--markdown", .flag = &markdown},
                                         {.name = NULL}};
    int operands = cli_options(argc, argv, options);
    *form = json ? JSON : markdown ? MARKDOWN : TEXT;
    *name = operands == 1 ? argv[1] : NULL;
    return operands == 0 || operands == 1;
}

static int run_kinds(int argc, char **argv)
{
    enum form form;
    const char *name;
    struct text text = {0};
    if (!parse(argc, argv, &form, &name))
        return cli_usage(&cli_kinds);
    if (name) {
        const struct kind *kind = kinds_find(name);
        if (!kind)
            return cli_fail(&cli_kinds, CLI_INPUT,
                            "there is no kind '%s'; twinctl kinds lists them", name);
        put_kind(&text, kind, form);
        text_put(&text, form == JSON ? "\n" : "");
        return print(&text);
    }
    text_put(&text, form == JSON ? "[" : "");
    for (const struct kind *const *kind = kinds_all; *kind; kind++) {
        text_put(&text, form == JSON && kind != kinds_all ? "," : "");
        if (form == TEXT)
            text_put(&text, "%-14s %s\n", (*kind)->name, (*kind)->help);
        else
            put_kind(&text, *kind, form);
    }
    text_put(&text, form == JSON ? "]\n" : "");
    return print(&text);
}

static int run_rules(int argc, char **argv)
{
    enum form form;
    const char *name;
    struct text text = {0};
    if (!parse(argc, argv, &form, &name))
        return cli_usage(&cli_rules);
    if (name) {
        const struct rule_type *type = rules_find(name);
        if (!type)
            return cli_fail(&cli_rules, CLI_INPUT,
                            "there is no rule type '%s'; twinctl rules lists them", name);
        put_rule(&text, type, form);
        text_put(&text, form == JSON ? "\n" : "");
        return print(&text);
    }
    text_put(&text, form == JSON ? "[" : "");
    for (const struct rule_type *const *type = rules_all; *type; type++) {
        text_put(&text, form == JSON && type != rules_all ? "," : "");
        if (form == TEXT)
            text_put(&text, "%-14s %s\n", (*type)->name, (*type)->help);
        else
            put_rule(&text, *type, form);
    }
    text_put(&text, form == JSON ? "]\n" : "");
    return print(&text);
}

const struct cli_verb cli_kinds = {"kinds", "[KIND] [--json | --markdown]",
                                   "the kinds of twins, or one kind's tables", run_kinds};
const struct cli_verb cli_rules = {"rules", "[TYPE] [--json | --markdown]",
                                   "the types of rules, or one type's parameters",
                                   run_rules};
