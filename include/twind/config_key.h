/* Tables of keys: reading an object of the configuration, its defaults and what is freed
 * are derived from them, as are --dump-config and the manual's table. */
#ifndef TWIND_CONFIG_KEY_H
#define TWIND_CONFIG_KEY_H

#include "twind/config_value.h"

#include <stdint.h>

struct config_table {
    const struct config_key *keys;
    size_t n; /* at most 64 */
};

#define CONFIG_TABLE(rows)                                                                 \
    {                                                                                      \
        (rows), sizeof(rows) / sizeof(rows)[0]                                             \
    }

/* Defaults; what has none is NULL, NAN, 0 or false. */
void config_keys_start(const struct config_table *table, void *into);

/* Reads an object: unknown keys, wrong types, values out of range and missing keys are
 * told. Bit i of the result: key i was given. `into` NULL: all is checked and forgotten. */
uint64_t config_keys_read(struct config_reader *reader, const struct config_place *place,
                          const struct config_table *table, void *into);

/* Frees the texts. */
void config_keys_clear(const struct config_table *table, void *from);

#endif
