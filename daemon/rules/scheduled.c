/* The hours of the week, as a rule: always up, for outside of its hours every rule is
 * suppressed. For other rules to name: `unless`, or the lists of a composite. */
#include "twind/rule.h"

#include <math.h>

static struct rule_verdict step(const double *params, double *state,
                                const struct rule_input *in)
{
    (void)params, (void)state, (void)in;
    return (struct rule_verdict){.answer = RULE_UP, .value = NAN, .limit = NAN};
}

const struct rule_type rule_schedule = {
    .name = "schedule",
    .help = "it is one of its `hours`: for other rules to name in `unless` or a composite",
    .scope = RULE_ON_TWIN,
    .asks_hours = true,
    .step = step,
    .message = "the hours of {rule}",
};
