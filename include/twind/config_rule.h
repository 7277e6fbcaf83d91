/* The rules of a twin. */
#ifndef TWIND_CONFIG_RULE_H
#define TWIND_CONFIG_RULE_H

#include "twind/config_tables.h"

/* The list of rules into the plan, of which the sensors are there already. */
void config_rules_read(struct config_reader *reader, const struct config_place *list,
                       struct plan *plan);

/* The keys of a rule's type. `keys` has room for 64. */
struct config_table config_rule_keys_of(const struct rule_type *type, const char *unit,
                                        struct config_key *keys);

#endif
