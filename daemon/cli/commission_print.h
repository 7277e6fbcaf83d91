/* What `twinctl commission` tells. */
#ifndef TWIND_CLI_COMMISSION_PRINT_H
#define TWIND_CLI_COMMISSION_PRINT_H

#include "twind/commission.h"
#include "twind/text.h"

/* For people. */
void commission_print(const struct plan *plan, const char *twin,
                      const struct commission_result *result);

/* One line for the daemon's log. */
void commission_print_line(const struct commission_result *result);

/* One JSON object, which is also what the daemon publishes. */
void commission_put_json(struct text *to, const struct plan *plan, const char *twin,
                         const struct commission_result *result);

#endif
