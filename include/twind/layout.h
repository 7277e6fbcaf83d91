/* Where the parts of a twin's block lie. */
#ifndef TWIND_LAYOUT_H
#define TWIND_LAYOUT_H

#include "twind/plan.h"

/* Sets the plan's at_* and block_size from its n_x, n_cov, n_sensors and n_rules and these
 * numbers of doubles. */
void layout_place(struct plan *plan, size_t n_inputs, size_t n_memory, size_t n_rule_state);

#endif
