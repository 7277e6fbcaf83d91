/* The list of rule types. */
#include "twind/rule.h"

#include <string.h>

extern const struct rule_type rule_threshold, rule_rate, rule_stale, rule_stuck,
    rule_deviation, rule_drift, rule_forecast, rule_anomaly, rule_compare, rule_composite,
    rule_schedule, rule_maintenance, rule_fault;

const struct rule_type *const rules_all[] = {
    &rule_threshold, &rule_rate,        &rule_stale,   &rule_stuck,   &rule_deviation,
    &rule_drift,     &rule_forecast,    &rule_anomaly, &rule_compare, &rule_composite,
    &rule_schedule,  &rule_maintenance, &rule_fault,   NULL,
};

const struct rule_type *rules_find(const char *name)
{
    for (const struct rule_type *const *type = rules_all; *type; type++)
        if (strcmp((*type)->name, name) == 0)
            return *type;
    return NULL;
}
