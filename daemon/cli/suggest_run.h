/* A rule over a trace: the alarms that it gives, by the rule's own step and the alerts' own
 * life. */
#ifndef TWIND_CLI_SUGGEST_RUN_H
#define TWIND_CLI_SUGGEST_RUN_H

#include "alarm_log.h"
#include "suggest_trace.h"

struct suggest_rule {
    const struct rule_type *type;
    double params[SEVERITY_COUNT * RULE_PARAMS_MAX];
    struct alert_policy policy;
};

/* No parameter but the defaults; a ladder's are those of warnings. */
struct suggest_rule suggest_rule_of(const struct rule_type *type);

/* The parameter of that name. */
double *suggest_rule_param(struct suggest_rule *rule, const char *name);
const struct rule_row *suggest_rule_row(const struct rule_type *type, const char *name);

/* What the rule looks at, at each moment; NAN: not known. */
void suggest_run_values(const struct suggest_trace *trace, const struct suggest_rule *rule,
                        double *values);

/* The alarms into the log, as of its source 0. */
void suggest_run(const struct suggest_trace *trace, const struct suggest_rule *rule,
                 struct alarm_log *log);

#endif
