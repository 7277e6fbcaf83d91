/* The types of values: from a text or number to a field of a struct, and back. A type is
 * one row of `types`. */
#include "twind/config_value.h"

#include "twind/config_quantity.h"
#include "twind/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct type {
    const char *help;
    /* Any may be NULL: such a value has the wrong type. */
    bool (*from_text)(const struct config_key *key, const char *text, void *field,
                      struct err *e);
    bool (*from_number)(const struct config_key *key, double number, void *field,
                        struct err *e);
    bool (*from_list)(const struct config_key *key, const struct cJSON *list, void *field,
                      struct err *e);
    bool (*put)(struct text *text, const struct config_key *key, const void *field);
};

/* -- numbers -- */

bool config_number_put(struct text *text, double number)
{
    char digits[32];
    json_put_number(digits, sizeof digits, number);
    text_put(text, "%s", digits);
    return true;
}

static bool fail_range(const struct config_key *key, double number, struct err *e)
{
    const char *unit = key->unit ? key->unit : "";
    return err_set(e, "%g%s%s is outside the allowed %g to %g%s%s", number,
                   *unit ? " " : "", unit, key->min, key->max, *unit ? " " : "", unit);
}

static bool number_from_number(const struct config_key *key, double number, void *field,
                               struct err *e)
{
    if (!(number >= key->min && number <= key->max))
        return fail_range(key, number, e);
    *(double *)field = number;
    return true;
}

/* For defaults; in a file a number in quotes is an error. */
static bool number_from_text(const struct config_key *key, const char *text, void *field,
                             struct err *e)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end)
        return err_set(e, "\"%s\" is no number", text);
    return number_from_number(key, number, field, e);
}

static bool number_put(struct text *text, const struct config_key *key, const void *field)
{
    (void)key;
    double number = *(const double *)field;
    return !isnan(number) && config_number_put(text, number);
}

static bool count_from_number(const struct config_key *key, double number, void *field,
                              struct err *e)
{
    double checked = 0;
    if (floor(number) < number)
        return err_set(e, "%g is no whole number", number);
    if (!number_from_number(key, number, &checked, e))
        return false;
    *(size_t *)field = (size_t)checked;
    return true;
}

static bool count_from_text(const struct config_key *key, const char *text, void *field,
                            struct err *e)
{
    double number = 0;
    return number_from_text(key, text, &number, e) &&
           count_from_number(key, number, field, e);
}

static bool count_put(struct text *text, const struct config_key *key, const void *field)
{
    (void)key;
    size_t count = *(const size_t *)field;
    if (count != CONFIG_ABSENT)
        text_put(text, "%zu", count);
    return count != CONFIG_ABSENT;
}

/* -- words -- */

static int word_index(const struct config_key *key, const char *text, struct err *e)
{
    struct config_hint hint = {.word = text};
    for (int i = 0; key->words[i]; i++) {
        if (strcmp(key->words[i], text) == 0)
            return i;
        config_hint_offer(&hint, key->words[i]);
    }
    err_set(e, "\"%s\" is not known; %s", text, config_hint_text(&hint));
    return -1;
}

static bool word_from_text(const struct config_key *key, const char *text, void *field,
                           struct err *e)
{
    if (key->check && !key->check(text, e))
        return false;
    int i = word_index(key, text, e);
    if (i >= 0)
        *(int *)field = i;
    return i >= 0;
}

static bool word_put(struct text *text, const struct config_key *key, const void *field)
{
    text_quoted(text, key->words[*(const int *)field]);
    return true;
}

static bool choice_from_text(const struct config_key *key, const char *text, void *field,
                             struct err *e)
{
    int i;
    bool done = word_from_text(key, text, &i, e);
    if (done)
        *(double *)field = i;
    return done;
}

static bool choice_put(struct text *text, const struct config_key *key, const void *field)
{
    text_quoted(text, key->words[(size_t) * (const double *)field]);
    return true;
}

static bool either_from_text(const struct config_key *key, const char *text, void *field,
                             struct err *e)
{
    int i = word_index(key, text, e);
    if (i >= 0)
        *(bool *)field = i == 1;
    return i >= 0;
}

static bool either_put(struct text *text, const struct config_key *key, const void *field)
{
    text_quoted(text, key->words[*(const bool *)field]);
    return true;
}

/* For defaults. */
static bool bool_from_text(const struct config_key *key, const char *text, void *field,
                           struct err *e)
{
    (void)key;
    (void)e;
    *(bool *)field = strcmp(text, "true") == 0;
    return true;
}

static bool bool_put(struct text *text, const struct config_key *key, const void *field)
{
    (void)key;
    text_put(text, "%s", *(const bool *)field ? "true" : "false");
    return true;
}

static bool switch_put(struct text *text, const struct config_key *key, const void *field)
{
    (void)key;
    text_put(text, "%s", *(const double *)field > 0 ? "true" : "false");
    return true;
}

/* -- texts -- */

static bool text_from_text(const struct config_key *key, const char *text, void *field,
                           struct err *e)
{
    char **to = field;
    if (key->check && !key->check(text, e))
        return false;
    free(*to);
    *to = mem_text(text);
    return true;
}

static bool text_put_quoted(struct text *text, const struct config_key *key,
                            const void *field)
{
    (void)key;
    const char *string = *(char *const *)field;
    if (string)
        text_quoted(text, string);
    return string != NULL;
}

/* A number or boolean stands for its own text. */
static bool scalar_from_number(const struct config_key *key, double number, void *field,
                               struct err *e)
{
    char digits[32];
    json_put_number(digits, sizeof digits, number);
    return text_from_text(key, digits, field, e);
}

static void texts_clear(struct config_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++)
        free(texts->at[i]);
    free(texts->at);
    *texts = (struct config_texts){0};
}

static bool texts_from_list(const struct config_key *key, const struct cJSON *list,
                            void *field, struct err *e)
{
    struct config_texts *texts = field;
    texts_clear(texts);
    texts->at = mem_new(json_count(list), sizeof *texts->at);
    const struct cJSON *item;
    for (item = json_first(list); item; item = json_next(item)) {
        if (json_type(item) != JSON_TEXT)
            return err_set(e, "the list must hold nothing but texts");
        if (!text_from_text(key, json_text(item), &texts->at[texts->n], e))
            return false;
        texts->n++;
    }
    return true;
}

/* One alone. */
static bool names_from_text(const struct config_key *key, const char *text, void *field,
                            struct err *e)
{
    struct config_texts *texts = field;
    texts_clear(texts);
    texts->at = mem_new(1, sizeof *texts->at);
    texts->n = text_from_text(key, text, &texts->at[0], e);
    return texts->n == 1;
}

static bool texts_put(struct text *text, const struct config_key *key, const void *field)
{
    (void)key;
    const struct config_texts *texts = field;
    text_put(text, "[");
    for (size_t i = 0; i < texts->n; i++) {
        text_put(text, "%s", i ? ", " : "");
        text_quoted(text, texts->at[i]);
    }
    text_put(text, "]");
    return true;
}

static bool names_put(struct text *text, const struct config_key *key, const void *field)
{
    const struct config_texts *texts = field;
    if (texts->n == 1)
        text_quoted(text, texts->at[0]);
    else if (texts->n > 1)
        texts_put(text, key, field);
    return texts->n > 0;
}

/* -- ranges -- */

static bool range_from_list(const struct config_key *key, const struct cJSON *list,
                            void *field, struct err *e)
{
    double *range = field;
    const struct cJSON *low = json_first(list), *high = low ? json_next(low) : NULL;
    if (!high || json_next(high) || json_type(low) != JSON_NUMBER ||
        json_type(high) != JSON_NUMBER)
        return err_set(e, "a range is two numbers, such as [-20, 60]");
    if (!isfinite(json_number(low, 0)) || !isfinite(json_number(high, 0)))
        return err_set(e, "a number that is not finite");
    if (json_number(low, (double)NAN) >= json_number(high, (double)NAN))
        return err_set(e,
                       "the range's first number must be smaller than its second, not "
                       "[%g, %g]",
                       json_number(low, (double)NAN), json_number(high, (double)NAN));
    return number_from_number(key, json_number(low, (double)NAN), &range[0], e) &&
           number_from_number(key, json_number(high, (double)NAN), &range[1], e);
}

static bool range_put(struct text *text, const struct config_key *key, const void *field)
{
    (void)key;
    const double *range = field;
    if (isnan(range[0]))
        return false;
    text_put(text, "[");
    config_number_put(text, range[0]);
    text_put(text, ", ");
    config_number_put(text, range[1]);
    text_put(text, "]");
    return true;
}

/* -- the table of types -- */

static const struct type types[CONFIG_TYPES] = {
    [CONFIG_TEXT] = {"a text", text_from_text, NULL, NULL, text_put_quoted},
    [CONFIG_SCALAR] = {"a text or number", text_from_text, scalar_from_number, NULL,
                       text_put_quoted},
    [CONFIG_TEXTS] = {"a list of texts", NULL, NULL, texts_from_list, texts_put},
    [CONFIG_NAMES] = {"a text or a list of texts", names_from_text, NULL, texts_from_list,
                      names_put},
    [CONFIG_NUMBER] = {"a number", number_from_text, number_from_number, NULL, number_put},
    [CONFIG_COUNT] = {"a whole number", count_from_text, count_from_number, NULL,
                      count_put},
    [CONFIG_BOOL] = {"true or false", bool_from_text, NULL, NULL, bool_put},
    [CONFIG_SWITCH] = {"true or false", NULL, NULL, NULL, switch_put},
    [CONFIG_DURATION] = {"a duration such as \"30s\" or \"5m\"", config_duration_from_text,
                         config_duration_from_number, NULL, config_duration_put},
    [CONFIG_SIZE] = {"a size such as \"64MB\"", config_size_from_text,
                     config_size_from_number, NULL, number_put},
    [CONFIG_ZONE] = {"a time zone such as \"+01:00\"", config_zone_from_text, NULL, NULL,
                     config_zone_put},
    [CONFIG_WORD] = {"a word", word_from_text, NULL, NULL, word_put},
    [CONFIG_CHOICE] = {"a word", choice_from_text, NULL, NULL, choice_put},
    [CONFIG_EITHER] = {"a word", either_from_text, NULL, NULL, either_put},
    [CONFIG_RANGE] = {"a range such as [-20, 60]", NULL, NULL, range_from_list, range_put},
    [CONFIG_OBJECT] = {"an object", NULL, NULL, NULL, NULL},
    [CONFIG_LATER_OBJECT] = {"an object", NULL, NULL, NULL, NULL},
    [CONFIG_LATER_LIST] = {"a list", NULL, NULL, NULL, NULL},
    [CONFIG_LATER] = {"a value", NULL, NULL, NULL, NULL},
};

const char *config_type_help(enum config_type type)
{
    return types[type].help;
}

static const char *node_help(const struct cJSON *node)
{
    return json_type(node) == JSON_TEXT     ? "a text"
           : json_type(node) == JSON_NUMBER ? "a number"
           : json_type(node) == JSON_BOOL   ? "true or false"
           : json_type(node) == JSON_LIST   ? "a list"
           : json_type(node) == JSON_OBJECT ? "an object"
                                            : "null";
}

/* Numbers and booleans have a from_text() for their defaults only. */
static bool takes_text(enum config_type type)
{
    return types[type].from_text && type != CONFIG_NUMBER && type != CONFIG_COUNT &&
           type != CONFIG_BOOL;
}

static bool fail_type(const struct config_key *key, const struct cJSON *node, struct err *e)
{
    struct config_hint words = {.word = ""};
    for (size_t i = 0; key->words && key->words[i]; i++)
        config_hint_offer(&words, key->words[i]);
    return err_set(e, "expected %s%s%s%s, not %s", types[key->type].help,
                   words.used ? " (" : "", words.all, words.used ? ")" : "",
                   node_help(node));
}

static bool from_node(const struct config_key *key, const struct cJSON *node, void *field,
                      struct err *e)
{
    const struct type *type = &types[key->type];
    if (json_type(node) == JSON_TEXT && takes_text(key->type))
        return type->from_text(key, json_text(node), field, e);
    if (json_type(node) == JSON_NUMBER && !isfinite(json_number(node, 0)))
        return err_set(e, "a number that is not finite");
    if (json_type(node) == JSON_NUMBER && type->from_number)
        return type->from_number(key, json_number(node, (double)NAN), field, e);
    if (json_type(node) == JSON_LIST && type->from_list)
        return type->from_list(key, node, field, e);
    if (json_type(node) == JSON_BOOL && key->type == CONFIG_SCALAR)
        return type->from_text(key, json_number(node, 0) > 0 ? "true" : "false", field, e);
    if (json_type(node) == JSON_BOOL && key->type == CONFIG_BOOL) {
        *(bool *)field = json_number(node, 0) > 0;
        return true;
    }
    if (json_type(node) == JSON_BOOL && key->type == CONFIG_SWITCH) {
        *(double *)field = json_number(node, 0);
        return true;
    }
    bool later = key->type == CONFIG_LATER ||
                 (key->type == CONFIG_LATER_OBJECT && json_type(node) == JSON_OBJECT) ||
                 (key->type == CONFIG_LATER_LIST && json_type(node) == JSON_LIST);
    if (!later)
        return fail_type(key, node, e);
    *(const struct cJSON **)field = node;
    return true;
}

bool config_value_read(struct config_reader *reader, const struct config_place *place,
                       const struct config_key *key, void *field)
{
    struct err e;
    return from_node(key, place->node, field, &e) ||
           config_fault(reader, place, "%s", e.text);
}

bool config_value_put(struct text *text, const struct config_key *key, const void *field)
{
    return types[key->type].put && types[key->type].put(text, key, field);
}

/* -- absent and default values -- */

static void set_absent(const struct config_key *key, void *field)
{
    enum config_type type = key->type;
    if (type == CONFIG_TEXT || type == CONFIG_SCALAR)
        *(char **)field = NULL;
    else if (type == CONFIG_TEXTS || type == CONFIG_NAMES)
        *(struct config_texts *)field = (struct config_texts){0};
    else if (type == CONFIG_NUMBER || type == CONFIG_DURATION || type == CONFIG_RANGE ||
             type == CONFIG_ZONE)
        *(double *)field = NAN;
    else if (type == CONFIG_COUNT)
        *(size_t *)field = CONFIG_ABSENT;
}

void config_value_start(const struct config_key *key, void *field)
{
    struct err e;
    set_absent(key, field);
    if (key->value)
        types[key->type].from_text(key, key->value, field, &e);
}

void config_value_clear(const struct config_key *key, void *field)
{
    if (key->type == CONFIG_TEXT || key->type == CONFIG_SCALAR) {
        free(*(char **)field);
        *(char **)field = NULL;
    } else if (key->type == CONFIG_TEXTS || key->type == CONFIG_NAMES) {
        texts_clear(field);
    }
}
