/* A binding: where a signal's readings are in which messages, and how far they are
 * believed.
 */
#ifndef TWIND_CONFIG_BINDING_H
#define TWIND_CONFIG_BINDING_H

#include "twind/config_tables.h"

struct config_mapping {
    struct config_binding_keys keys; /* as given, defaults filled in */
    char *when;                      /* the JSON text of keys.when; NULL */
    struct payload_mapping mapping;
    struct payload_mapping battery; /* without path: none */
};

/* One binding of a signal: {..}, or a topic alone. False: told. */
bool config_binding_read(struct config_reader *reader, const struct config_place *place,
                         const struct kind_row *row, struct plan_sensor *sensor,
                         struct config_mapping *mapping);
void config_mapping_clear(struct config_mapping *mapping);

#endif
