/* Walking an object of the configuration by its table of keys. */
#include "twind/config_key.h"

#include <string.h>

/* Room for a value of any type that is checked and forgotten. */
union scratch {
    double numbers[2];
    struct config_texts texts;
    void *pointer;
};

static void *field_of(const struct config_key *key, void *base)
{
    return base && key->offset != CONFIG_NOWHERE ? (char *)base + key->offset : NULL;
}

void config_keys_start(const struct config_table *table, void *into)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct config_key *key = &table->keys[i];
        void *field = field_of(key, into);
        if (key->type == CONFIG_OBJECT)
            config_keys_start(key->of, field_of(key, into) ? into : NULL);
        else if (field)
            config_value_start(key, field);
    }
}

void config_keys_clear(const struct config_table *table, void *from)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct config_key *key = &table->keys[i];
        void *field = field_of(key, from);
        if (key->type == CONFIG_OBJECT)
            config_keys_clear(key->of, field ? from : NULL);
        else if (field)
            config_value_clear(key, field);
    }
}

static const struct config_key *find(const struct config_table *table, const char *name)
{
    for (size_t i = 0; i < table->n; i++)
        if (strcmp(table->keys[i].name, name) == 0)
            return &table->keys[i];
    return NULL;
}

static void tell_unknown(struct config_reader *reader, const struct config_place *place,
                         const struct config_table *table)
{
    struct config_hint hint = {.word = json_key(place->node)};
    for (size_t i = 0; i < table->n; i++)
        config_hint_offer(&hint, table->keys[i].name);
    config_fault_key(reader, place, "unknown key; %s", config_hint_text(&hint));
}

static void check_only(struct config_reader *reader, const struct config_place *place,
                       const struct config_key *key)
{
    union scratch scratch;
    memset(&scratch, 0, sizeof scratch);
    config_value_read(reader, place, key, &scratch);
    config_value_clear(key, &scratch);
}

static void read_member(struct config_reader *reader, const struct config_place *place,
                        const struct config_key *key, void *into)
{
    void *field = field_of(key, into);
    if (json_type(place->node) == JSON_NULL && (key->flags & CONFIG_NULLABLE))
        return;
    if (key->flags & CONFIG_SOON)
        config_warn_once(reader, place, key, key->help);
    if (key->type == CONFIG_OBJECT)
        config_keys_read(reader, place, key->of, field ? into : NULL);
    else if (field)
        config_value_read(reader, place, key, field);
    else
        check_only(reader, place, key);
}

static void check_required(struct config_reader *reader, const struct config_place *place,
                           const struct config_table *table, uint64_t given)
{
    for (size_t i = 0; i < table->n; i++)
        if ((table->keys[i].flags & CONFIG_REQUIRED) && !(given >> i & 1))
            config_fault(reader, place, "the key %s is missing: %s", table->keys[i].name,
                         table->keys[i].help);
}

uint64_t config_keys_read(struct config_reader *reader, const struct config_place *place,
                          const struct config_table *table, void *into)
{
    uint64_t given = 0;
    if (json_type(place->node) != JSON_OBJECT) {
        config_fault(reader, place, "expected an object { .. } with keys");
        return 0;
    }
    struct config_place member = {.up = place, .node = json_first(place->node)};
    for (; member.node; member.node = json_next(member.node), member.index++) {
        const struct config_key *key = find(table, json_key(member.node));
        if (!key) {
            tell_unknown(reader, &member, table);
            continue;
        }
        uint64_t bit = UINT64_C(1) << (key - table->keys);
        if (!(given & bit)) /* a second one is told by config_fault_duplicates() */
            read_member(reader, &member, key, into);
        given |= bit;
    }
    check_required(reader, place, table, given);
    return given;
}
