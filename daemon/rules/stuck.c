/* A sensor goes on speaking but always says the same. Counted from the first to the last
 * reading of one value, so that silence is not mistaken for it. */
#include "twind/rule.h"

#include <math.h>

enum { AFTER, PARAMS };

static struct rule_verdict step(const double *params, double *state,
                                const struct rule_input *in)
{
    (void)state;
    double still = in->sample_time - in->changed;
    struct rule_verdict verdict = {RULE_UNKNOWN, SEVERITY_WARNING, still, params[AFTER], 0};
    if (!isnan(still))
        verdict.answer = still >= params[AFTER] ? RULE_UP : RULE_DOWN;
    return verdict;
}

static const struct rule_row params[] = {
    [AFTER] = {"after", "the time for which it may stand still", RULE_DURATION, NAN, 1,
               31536000, true},
};

_Static_assert(sizeof params / sizeof *params == PARAMS, "one row a parameter");

const struct rule_type rule_stuck = {
    .name = "stuck",
    .help = "a sensor goes on sending one and the same value",
    .params = params,
    .n_params = PARAMS,
    .sensor_only = true,
    .step = step,
    .unit = "s",
    .message = "{on} has not changed for {value} s, limit {limit} s",
};
