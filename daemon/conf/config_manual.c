/* The manual's table of keys, in man(7), from the rows that read them. */
#include "twind/config_calibrate.h"
#include "twind/config_tables.h"

#include <math.h>
#include <string.h>

/* A text of roff: no line begins with a control character, no backslash escapes. */
static void put_roff(FILE *to, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", to);
        else if (*text == '-')
            fputs("\\-", to);
        else
            fputc(*text, to);
    }
}

static void put_words(FILE *to, const struct config_key *key)
{
    for (size_t i = 0; key->words && key->words[i]; i++)
        fprintf(to, "%s\"%s\"", i ? ", " : "", key->words[i]);
}

static void put_limit(FILE *to, const struct config_key *key, double value)
{
    struct config_key limit = *key;
    struct text text = {0};
    if (config_value_put(&text, &limit, &value))
        put_roff(to, text.at);
    text_free(&text);
}

static void put_type(FILE *to, const struct config_key *key)
{
    bool ranged = key->type == CONFIG_NUMBER || key->type == CONFIG_DURATION ||
                  key->type == CONFIG_SIZE;
    if (key->words)
        put_words(to, key);
    else
        put_roff(to, config_type_help(key->type));
    if (key->type == CONFIG_COUNT)
        fprintf(to, ", %.0f to %.0f", key->min, key->max);
    if (!ranged)
        return;
    fputs(", ", to);
    put_limit(to, key, key->min);
    fputs(" to ", to);
    put_limit(to, key, key->max);
    if (key->unit)
        fprintf(to, " %s", key->unit);
}

static void put_row(FILE *to, const char *prefix, const struct config_key *key)
{
    fputs(".TP\n.B ", to);
    put_roff(to, prefix);
    put_roff(to, key->name);
    fputs("\n", to);
    put_roff(to, key->help);
    fputs(".\n.br\n(", to);
    put_type(to, key);
    if (key->value) {
        fputs("; default ", to);
        put_roff(to, *key->value ? key->value : "\"\"");
    }
    fputs(key->flags & CONFIG_REQUIRED ? "; required)\n" : ")\n", to);
}

static void put_table(FILE *to, const char *prefix, const struct config_table *table)
{
    char below[128];
    for (size_t i = 0; i < table->n; i++) {
        const struct config_key *key = &table->keys[i];
        if (key->flags & CONFIG_SOON)
            continue;
        snprintf(below, sizeof below, "%s%s.", prefix, key->name);
        if (key->type == CONFIG_OBJECT)
            put_table(to, below, key->of);
        else
            put_row(to, prefix, key);
    }
}

void config_write_manual(FILE *to)
{
    const struct {
        const char *title;
        const struct config_table *table;
    } parts[] = {
        {"THE FILE", &config_root_table},
        {"A TWIN", &config_twin_table},
        {"A BINDING", &config_binding_table},
        {"AN ACTUATOR", &config_actuator_table},
        {"A FORECAST", &config_forecast_table},
        {"AN INPUT OF A FORECAST", &config_future_table},
        {"A CALIBRATION", &config_calibrate_table},
        {"A SIGNAL", &config_signal_table},
        {"A RULE", &config_rule_table},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        fprintf(to, ".SH %s\n", parts[i].title);
        put_table(to, "", parts[i].table);
    }
}
