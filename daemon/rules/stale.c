/* A sensor has said nothing for too long, or has never been heard (a deadman). After a
 * start of the program a sensor has the same time to be heard; until then the alert stays
 * as it was. */
#include "twind/rule.h"

#include <math.h>

enum { AFTER, PARAMS };

static struct rule_verdict step(const double *params, double *state,
                                const struct rule_input *in)
{
    (void)state;
    double silence = in->time - (isnan(in->sample_time) ? in->watched : in->sample_time);
    struct rule_verdict verdict = {RULE_UP, SEVERITY_WARNING, silence, params[AFTER], 0};
    if (!isnan(in->sample_time) && silence <= params[AFTER])
        verdict.answer = RULE_DOWN;
    else if (in->time - in->watched <= params[AFTER])
        verdict.answer = RULE_UNKNOWN;
    return verdict;
}

static const struct rule_row params[] = {
    [AFTER] = {"after", "the silence that is too long", RULE_DURATION, NAN, 1, 31536000,
               true},
};

_Static_assert(sizeof params / sizeof *params == PARAMS, "one row a parameter");

const struct rule_type rule_stale = {
    .name = "stale",
    .help = "a sensor has been silent for too long, or was never heard",
    .params = params,
    .n_params = PARAMS,
    .sensor_only = true,
    .step = step,
    .unit = "s",
    .message = "{on} has been silent for {value} s, limit {limit} s",
};
