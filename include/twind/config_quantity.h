/* Values with a measure, as fields of a configuration's struct: see config_value.c, whose
 * table of types they are rows of. */
#ifndef TWIND_CONFIG_QUANTITY_H
#define TWIND_CONFIG_QUANTITY_H

#include "twind/config_value.h"

bool config_duration_from_number(const struct config_key *key, double seconds, void *field,
                                 struct err *e);
bool config_duration_from_text(const struct config_key *key, const char *text, void *field,
                               struct err *e);
bool config_duration_put(struct text *text, const struct config_key *key,
                         const void *field);
bool config_size_from_number(const struct config_key *key, double bytes, void *field,
                             struct err *e);
bool config_size_from_text(const struct config_key *key, const char *text, void *field,
                           struct err *e);
bool config_zone_from_text(const struct config_key *key, const char *text, void *field,
                           struct err *e);
bool config_zone_put(struct text *text, const struct config_key *key, const void *field);

#endif
