/* Where the parts of a twin's block lie. */
#ifndef TWIND_LAYOUT_H
#define TWIND_LAYOUT_H

#include "twind/plan.h"

struct layout_counts {
    size_t n_inputs, n_memory, n_rule_state; /* doubles */
    size_t n_forecast, n_wear, n_isolate;    /* bytes, multiples of 8 */
};

/* Sets the plan's at_* and block_size from its n_x, n_cov, n_sensors and n_rules and these.
 */
void layout_place(struct plan *plan, const struct layout_counts *counts);

#endif
