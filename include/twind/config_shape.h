/* What like twins share: a plan, and how its sensors' messages and its commands look. Only
 * ids, names and topics are a twin's own. */
#ifndef TWIND_CONFIG_SHAPE_H
#define TWIND_CONFIG_SHAPE_H

#include "twind/config_tables.h"

struct config_mapping {
    struct config_binding_keys keys; /* as given, defaults filled in */
    char *when;                      /* the JSON text of keys.when; NULL */
    struct payload_mapping mapping;
};

struct config_drive {
    size_t signal;
    struct config_actuator_keys keys;
};

struct config_shape {
    unsigned references;
    struct plan *plan;
    struct config_mapping *mappings; /* one for each of the plan's sensors */
    struct config_drive *drives;
    size_t n_drives;
};

/* The kind's tables as the user declared them: one allocation, in plan->declared. */
struct config_declared {
    struct kind kind;
    const struct kind_row *rows;
    size_t n;
};

/* From the keys of one twin and what the root says for all. NULL: errors were told. */
struct config_shape *config_shape_read(struct config_reader *reader,
                                       const struct config_place *twin,
                                       const struct config_twin_keys *keys,
                                       const struct config *config);
struct config_shape *config_shape_hold(struct config_shape *shape);
void config_shape_drop(struct config_shape *shape); /* NULL: nothing */

/* A text that is equal for twins of one shape (with the same root). */
void config_shape_text(const struct cJSON *twin, struct text *text);

/* One binding of a signal: {..}, or a topic alone. False: told. */
bool config_binding_read(struct config_reader *reader, const struct config_place *place,
                         const struct kind_row *row, struct plan_sensor *sensor,
                         struct config_mapping *mapping);
void config_mapping_clear(struct config_mapping *mapping);

/* The list of rules into the plan, of which the sensors are there already. */
void config_rules_read(struct config_reader *reader, const struct config_place *list,
                       struct plan *plan);

/* The keys of a rule's type. `keys` has room for 64. */
struct config_table config_rule_keys_of(const struct rule_type *type, const char *unit,
                                        struct config_key *keys);

/* The prefix of `on` for a subject: "", "measured.", "residual.". */
const char *config_subject_prefix(enum rule_subject subject);

/* The JSON text of a node, as short as can be. */
void config_node_put(struct text *text, const struct cJSON *node);

#endif
