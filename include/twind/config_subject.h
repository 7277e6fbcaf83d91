/* What a rule is on: the key `on`. */
#ifndef TWIND_CONFIG_SUBJECT_H
#define TWIND_CONFIG_SUBJECT_H

#include "twind/config_value.h"

/* The names into the rule, whose type is known; the plan has its sensors. False: told. */
bool config_subjects_read(struct config_reader *reader, const struct config_place *rule,
                          const struct config_texts *on, const struct plan *plan,
                          struct plan_rule *to);

#endif
