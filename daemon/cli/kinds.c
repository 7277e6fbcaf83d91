/* twinctl kinds, twinctl rules: the tables, for people (text), programs (JSON) and the
 * documents (Markdown). */
#include "twind/cli.h"

#include "twind/kind.h"
#include "twind/rule.h"
#include "twind/text.h"
#include "twind/times.h"

#include <string.h>

enum { DIGITS = 7, EXACT = 17, TABLES = 4 };

/* How a form shows one kind, one rule type, and a list of them: `line` is what stands for
 * each in the list, NULL: all of it. */
struct form {
    const char *open, *between, *close;
    void (*kind)(struct text *to, const struct kind *kind);
    void (*rule)(struct text *to, const struct rule_type *type);
    void (*line)(struct text *to, const char *name, const char *help);
};

/* One of a kind's tables. `value`: what its rows' value is called; NULL: they have none,
 * but may be measured. */
struct table {
    const char *title, *key, *value;
    const struct kind_row *rows;
    size_t n;
};

static void take_tables(const struct kind *kind, struct table tables[TABLES])
{
    tables[0] = (struct table){"Parameters (params)", "params", "default", kind->params,
                               kind->n_params};
    tables[1] = (struct table){"Inputs (bind, set)", "inputs", "default", kind->inputs,
                               kind->n_inputs};
    tables[2] =
        (struct table){"States", "states", "at the start", kind->states, kind->n_states};
    tables[3] = (struct table){"Outputs", "outputs", NULL, kind->outputs, kind->n_outputs};
}

static bool is_measured(const struct kind_row *row)
{
    return row->flags & KIND_MEASURED;
}

/* ---- text and Markdown ---- */

static const char declared[] =
    "\nIts signals are those that the twin declares (`signals`).\n";

static void put_value(struct text *to, double value)
{
    if (isnan(value))
        text_put(to, "controlled");
    else
        text_put(to, "%.*g", DIGITS, value);
}

static void put_range(struct text *to, const struct kind_row *row)
{
    if (isfinite(row->min) || isfinite(row->max))
        text_put(to, "%.*g .. %.*g", DIGITS, row->min, DIGITS, row->max);
    else
        text_put(to, "any");
}

static const char *rule_unit(const struct rule_row *row)
{
    static const char *const units[] = {
        [RULE_SIGNAL] = "the signal's", [RULE_DURATION] = "duration",
        [RULE_FRACTION] = "0..1",       [RULE_NUMBER] = "",
        [RULE_WORD] = "word",           [RULE_SWITCH] = "true, false",
        [RULE_RULES] = "ids of rules"};
    return units[row->unit];
}

static const char *rule_value(const struct rule_row *row, char text[TIME_TEXT])
{
    if (row->required)
        return "required";
    if (isnan(row->value) || row->unit == RULE_RULES)
        return "";
    if (row->unit == RULE_SWITCH)
        return row->value > 0 ? "true" : "false";
    if (row->unit == RULE_DURATION)
        times_format_duration(row->value, text);
    else if (row->unit == RULE_WORD)
        return row->words[(size_t)row->value];
    else
        snprintf(text, TIME_TEXT, "%g", row->value);
    return text;
}

static bool is_fitted(const struct table *table, const struct kind_row *row)
{
    return strcmp(table->key, "params") == 0 && row->flags & KIND_FIT;
}

static void text_row(struct text *to, const struct table *table, const struct kind_row *row)
{
    struct text value = {0};
    if (table->value)
        put_value(&value, row->value);
    text_put(to, "  %-26s %-12s %-12s ", row->name, row->unit, value.at ? value.at : "");
    put_range(to, row);
    text_put(to, "\n      %s%s%s\n", row->help,
             table->value || !is_measured(row) ? "" : " (may be bound to a sensor)",
             is_fitted(table, row) ? " (calibrated by default)" : "");
    text_free(&value);
}

static void text_details(struct text *to, const struct kind *kind)
{
    for (size_t i = 0; kind->details && kind->details[i]; i++)
        text_put(to, "%s%s%s", i > 0 ? ", " : "\nDetail: ", kind->details[i]->detail,
                 kind->details[i] == kind ? " (shown here)" : "");
    text_put(to, "%s", kind->details ? "\n" : "");
}

/* Parts that wear. */
static void text_health(struct text *to, const struct kind *kind)
{
    text_put(to, "%s", kind->n_health > 0 ? "\nHealth (health.NAME in rules)\n" : "");
    for (const struct kind_health *h = kind->health; h < kind->health + kind->n_health; h++)
        text_put(to, "  %-26s %-12s limit %g\n      %s\n", h->name, h->part, h->limit,
                 h->help);
}

static void text_kind(struct text *to, const struct kind *kind)
{
    struct table tables[TABLES];
    take_tables(kind, tables);
    text_put(to, "%s: %s\n%s", kind->name, kind->help, kind->declare ? declared : "");
    text_details(to, kind);
    for (size_t i = 0; i < TABLES; i++) {
        if (tables[i].n > 0)
            text_put(to, "\n%s\n", tables[i].title);
        for (size_t j = 0; j < tables[i].n; j++)
            text_row(to, &tables[i], &tables[i].rows[j]);
    }
    text_put(to, kind->n_faults > 0 ? "\nFaults\n" : "");
    for (size_t i = 0; i < kind->n_faults; i++)
        text_put(to, "  %-22s %s\n", kind->faults[i].name, kind->faults[i].says);
    text_health(to, kind);
}

static const struct {
    const char *word, *help;
} scopes[] = {
    [RULE_ON_SIGNAL] = {"signal", "one signal"},
    [RULE_ON_SIGNALS] = {"signals", "one signal or a list of them"},
    [RULE_ON_TWIN] = {"twin", "the twin as a whole"},
    [RULE_ON_EITHER] = {"either", "one signal, or without `on` the twin as a whole"},
};

static void text_rule(struct text *to, const struct rule_type *type)
{
    char value[TIME_TEXT];
    text_put(to, "%s: %s\n  on %s\n", type->name, type->help, scopes[type->scope].help);
    for (const struct rule_row *row = type->params; row < type->params + type->n_params;
         row++)
        text_put(to, "  %-14s %-14s %-10s %s\n", row->name, rule_unit(row),
                 rule_value(row, value), row->help);
}

static void text_line(struct text *to, const char *name, const char *help)
{
    text_put(to, "%-14s %s\n", name, help);
}

static void markdown_row(struct text *to, const struct table *table,
                         const struct kind_row *row)
{
    bool measured = !table->value && is_measured(row);
    text_put(to, "| `%s`%s%s | %s | ", row->name, measured ? "*" : "",
             is_fitted(table, row) ? "†" : "", row->unit);
    if (table->value)
        put_value(to, row->value);
    else if (measured)
        put_value(to, row->noise);
    text_put(to, " | ");
    put_range(to, row);
    text_put(to, " | %s |\n", row->help);
}

static void markdown_tables(struct text *to, const struct table tables[TABLES])
{
    for (size_t i = 0; i < TABLES; i++) {
        if (tables[i].n > 0)
            text_put(to,
                     "\n**%s**\n\n| name | unit | %s | range | meaning |\n"
                     "|---|---|---|---|---|\n",
                     tables[i].title, tables[i].value ? tables[i].value : "sensor's sd");
        for (size_t j = 0; j < tables[i].n; j++)
            markdown_row(to, &tables[i], &tables[i].rows[j]);
    }
}

/* What it has beyond the usual detail: more rows at the ends of the same tables. */
static void markdown_detail(struct text *to, const struct kind *usual,
                            const struct kind *kind)
{
    struct table tables[TABLES], known[TABLES];
    take_tables(kind, tables);
    take_tables(usual, known);
    for (size_t i = 0; i < TABLES; i++) {
        tables[i].rows += known[i].n;
        tables[i].n -= known[i].n;
    }
    text_put(to, "\n#### Detail `%s`\n\n%s. Beside the rows above it has:\n", kind->detail,
             kind->help);
    markdown_tables(to, tables);
}

static void markdown_health(struct text *to, const struct kind *kind)
{
    if (kind->n_health > 0)
        text_put(to, "\n**Health (`health.NAME` in rules)**\n\n"
                     "| name | part | limit | sensors that it takes | meaning |\n"
                     "|---|---|---|---|---|\n");
    for (const struct kind_health *h = kind->health; h < kind->health + kind->n_health;
         h++) {
        text_put(to, "| `%s` | `%s` | %g | ", h->name, h->part, h->limit);
        for (size_t i = 0; i < KIND_NEEDS_MAX && h->needs[i]; i++)
            text_put(to, "%s`%s`", i > 0 ? ", " : "", h->needs[i]);
        text_put(to, " | %s |\n", h->help);
    }
}

static void markdown_kind(struct text *to, const struct kind *kind)
{
    struct table tables[TABLES];
    take_tables(kind, tables);
    text_put(to, "\n### %s\n\n%s.\n%s", kind->name, kind->help,
             kind->declare ? declared : "");
    markdown_tables(to, tables);
    text_put(to, kind->n_faults > 0 ? "\n| fault | |\n| --- | --- |\n" : "");
    for (size_t i = 0; i < kind->n_faults; i++)
        text_put(to, "| `%s` | %s |\n", kind->faults[i].name, kind->faults[i].says);
    markdown_health(to, kind);
    for (size_t i = 1; kind->details && kind->details[i]; i++)
        markdown_detail(to, kind, kind->details[i]);
}

static void markdown_rule(struct text *to, const struct rule_type *type)
{
    char value[TIME_TEXT];
    text_put(to, "\n### %s\n\nUp when %s%s. On %s.\n", type->name, type->help,
             type->ladder ? " (`levels` takes these keys with a `severity` each)" : "",
             scopes[type->scope].help);
    if (type->n_params > 0)
        text_put(to, "\n| key | unit | default | meaning |\n|---|---|---|---|\n");
    for (const struct rule_row *row = type->params; row < type->params + type->n_params;
         row++)
        text_put(to, "| `%s` | %s | %s | %s |\n", row->name, rule_unit(row),
                 rule_value(row, value), row->help);
}

/* ---- JSON ---- */

static void json_number_of(struct text *to, const char *name, double value)
{
    text_put(to, ",\"%s\":", name);
    text_number(to, value, EXACT);
}

static void json_help(struct text *to, const char *help)
{
    text_put(to, ",\"help\":");
    text_quoted(to, help);
}

static void json_row(struct text *to, const struct table *table, const struct kind_row *row)
{
    text_put(to, "{\"name\":\"%s\",\"unit\":\"%s\"", row->name, row->unit);
    if (table->value)
        json_number_of(to, "default", row->value);
    else
        text_put(to, ",\"measured\":%s", is_measured(row) ? "true" : "false");
    json_number_of(to, "min", row->min);
    json_number_of(to, "max", row->max);
    json_number_of(to, "noise", row->noise);
    if (strcmp(table->key, "params") == 0)
        text_put(to, ",\"fit\":%s", is_fitted(table, row) ? "true" : "false");
    json_help(to, row->help);
    text_put(to, "}");
}

static void json_health(struct text *to, const struct kind *kind)
{
    text_put(to, ",\"health\":[");
    for (size_t i = 0; i < kind->n_health; i++) {
        const struct kind_health *h = &kind->health[i];
        text_put(to, "%s{\"name\":\"%s\",\"part\":\"%s\",\"param\":\"%s\"",
                 i > 0 ? "," : "", h->name, h->part, kind->params[h->param].name);
        json_number_of(to, "limit", h->limit);
        json_help(to, h->help);
        text_put(to, "}");
    }
    text_put(to, "]");
}

static void json_kind(struct text *to, const struct kind *kind)
{
    struct table tables[TABLES];
    take_tables(kind, tables);
    text_put(to, "{\"kind\":\"%s\"", kind->name);
    if (kind->detail)
        text_put(to, ",\"detail\":\"%s\"", kind->detail);
    for (size_t i = 0; kind->details && kind->details[i]; i++)
        text_put(to, "%s\"%s\"%s", i > 0 ? "," : ",\"details\":[", kind->details[i]->detail,
                 kind->details[i + 1] ? "" : "]");
    json_help(to, kind->help);
    for (size_t i = 0; i < TABLES; i++) {
        text_put(to, ",\"%s\":[", tables[i].key);
        for (size_t j = 0; j < tables[i].n; j++) {
            text_put(to, j > 0 ? "," : "");
            json_row(to, &tables[i], &tables[i].rows[j]);
        }
        text_put(to, "]");
    }
    text_put(to, ",\"faults\":[");
    for (size_t i = 0; i < kind->n_faults; i++)
        text_put(to, "%s{\"name\":\"%s\",\"says\":\"%s\"}", i > 0 ? "," : "",
                 kind->faults[i].name, kind->faults[i].says);
    text_put(to, "]");
    json_health(to, kind);
    text_put(to, "}");
}

static void json_words(struct text *to, const struct rule_row *row)
{
    text_put(to, ",\"default\":\"%s\",\"words\":[", row->words[(size_t)row->value]);
    for (size_t i = 0; row->words[i]; i++)
        text_put(to, "%s\"%s\"", i ? "," : "", row->words[i]);
    text_put(to, "]");
}

static void json_rule(struct text *to, const struct rule_type *type)
{
    static const char *const units[] = {
        [RULE_SIGNAL] = "signal",     [RULE_DURATION] = "duration",
        [RULE_FRACTION] = "fraction", [RULE_NUMBER] = "number",
        [RULE_WORD] = "word",         [RULE_SWITCH] = "switch",
        [RULE_RULES] = "rules"};
    text_put(to, "{\"type\":\"%s\",\"on\":\"%s\",\"ladder\":%s", type->name,
             scopes[type->scope].word, type->ladder ? "true" : "false");
    json_help(to, type->help);
    text_put(to, ",\"params\":[");
    for (const struct rule_row *row = type->params; row < type->params + type->n_params;
         row++) {
        text_put(to, "%s{\"name\":\"%s\",\"unit\":\"%s\",\"required\":%s",
                 row > type->params ? "," : "", row->name, units[row->unit],
                 row->required ? "true" : "false");
        if (row->unit == RULE_WORD)
            json_words(to, row);
        else
            json_number_of(to, "default", row->value);
        json_help(to, row->help);
        text_put(to, "}");
    }
    text_put(to, "]}");
}

/* ---- the verbs ---- */

static const struct form text_form = {"", "", "", text_kind, text_rule, text_line};
static const struct form json_form = {"[", ",", "]", json_kind, json_rule, NULL};
static const struct form markdown_form = {"", "", "", markdown_kind, markdown_rule, NULL};

static int print(struct text *text, const struct form *form)
{
    if (form == &json_form)
        text_put(text, "\n");
    bool done = fputs(text->at, stdout) != EOF && fflush(stdout) == 0;
    text_free(text);
    return done ? CLI_OK : CLI_RESOURCE;
}

/* NULL: not understood. */
static const struct form *parse(int argc, char **argv, const char **name,
                                const char **detail)
{
    bool json = false, markdown = false;
    const struct cli_option options[] = {{.name = "--json", .flag = &json},
                                         {.name = "--detail", .value = detail},
                                         {.name = "--markdown", .flag = &markdown},
                                         {.name = NULL}};
    int operands = cli_options(argc, argv, options);
    *name = operands == 1 ? argv[1] : NULL;
    if (operands < 0 || operands > 1 || (*detail && !*name))
        return NULL;
    return json ? &json_form : markdown ? &markdown_form : &text_form;
}

static void list_kinds(struct text *to, const struct form *form)
{
    text_put(to, "%s", form->open);
    for (const struct kind *const *kind = kinds_all; *kind; kind++) {
        text_put(to, "%s", kind > kinds_all ? form->between : "");
        if (form->line)
            form->line(to, (*kind)->name, (*kind)->help);
        else
            form->kind(to, *kind);
    }
    text_put(to, "%s", form->close);
}

static void list_rules(struct text *to, const struct form *form)
{
    text_put(to, "%s", form->open);
    for (const struct rule_type *const *type = rules_all; *type; type++) {
        text_put(to, "%s", type > rules_all ? form->between : "");
        if (form->line)
            form->line(to, (*type)->name, (*type)->help);
        else
            form->rule(to, *type);
    }
    text_put(to, "%s", form->close);
}

static int run_kinds(int argc, char **argv)
{
    const char *name, *detail = NULL;
    const struct form *form = parse(argc, argv, &name, &detail);
    if (!form)
        return cli_usage(&cli_kinds);
    const struct kind *kind = name ? kinds_find(name) : NULL;
    if (name && !kind)
        return cli_fail(&cli_kinds, CLI_INPUT,
                        "there is no kind '%s'; twinctl kinds lists them", name);
    if (kind && !kinds_detail(kind, detail))
        return cli_fail(&cli_kinds, CLI_INPUT, "the kind %s has no detail '%s'", name,
                        detail);
    struct text text = {0};
    if (kind)
        form->kind(&text, kinds_detail(kind, detail));
    else
        list_kinds(&text, form);
    return print(&text, form);
}

static int run_rules(int argc, char **argv)
{
    const char *name, *detail = NULL;
    const struct form *form = parse(argc, argv, &name, &detail);
    if (!form || detail)
        return cli_usage(&cli_rules);
    const struct rule_type *type = name ? rules_find(name) : NULL;
    if (name && !type)
        return cli_fail(&cli_rules, CLI_INPUT,
                        "there is no rule type '%s'; twinctl rules lists them", name);
    struct text text = {0};
    if (type)
        form->rule(&text, type);
    else
        list_rules(&text, form);
    return print(&text, form);
}

const struct cli_verb cli_kinds = {"kinds", "[KIND [--detail NAME]] [--json | --markdown]",
                                   "the kinds of twins, or one kind's tables", run_kinds};
const struct cli_verb cli_rules = {"rules", "[TYPE] [--json | --markdown]",
                                   "the types of rules, or one type's parameters",
                                   run_rules};
