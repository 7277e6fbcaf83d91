/* Above or below a limit, with a clear limit (hysteresis) and up to three severities.
 *
 * Which severity holds: the present one as long as its clear limit is not passed; else, or
 * when a worse limit is crossed, the worst whose limit is crossed now. */
#include "limits.h"
#include "twind/rule.h"

#include <math.h>

enum {
    ABOVE = LIMIT_ABOVE,
    CLEAR_BELOW = LIMIT_CLEAR_BELOW,
    BELOW = LIMIT_BELOW,
    CLEAR_ABOVE = LIMIT_CLEAR_ABOVE,
    PARAMS = LIMITS
};
enum { LEVEL, SIDE, STATE }; /* level: severity + 1, 0: none; side: +1 above, -1 below */

static const double *limits_of(const double *params, int severity)
{
    return params + (size_t)severity * PARAMS;
}

static int worst_crossed(const double *params, double value, int *side)
{
    for (int severity = SEVERITY_COUNT - 1; severity >= 0; severity--)
        if ((*side = limits_side(limits_of(params, severity), value)) != 0)
            return severity + 1;
    return 0;
}

static struct rule_verdict step(const double *params, double *state,
                                const struct rule_input *in)
{
    struct rule_verdict verdict = {
        .answer = RULE_UNKNOWN, .value = in->value, .limit = NAN};
    if (isnan(in->value))
        return verdict;
    int side, level = worst_crossed(params, in->value, &side), held = (int)state[LEVEL];
    verdict.answer = level ? RULE_UP : RULE_DOWN;
    if (held > level &&
        !limits_are_clear(limits_of(params, held - 1), (int)state[SIDE], in->value)) {
        verdict.answer = level ? RULE_UP : RULE_BETWEEN;
        level = held;
        side = (int)state[SIDE];
    }
    if (level == 0 && held > 0) { /* say which limit it came back over */
        level = held;
        side = (int)state[SIDE];
        state[LEVEL] = 0;
    } else if (level > 0) {
        state[LEVEL] = level;
        state[SIDE] = side;
    }
    if (level > 0) {
        verdict.severity = (enum severity)(level - 1);
        verdict.limit = params[(level - 1) * PARAMS + (side > 0 ? ABOVE : BELOW)];
    }
    return verdict;
}

static bool check_level(const double *limits, struct err *e)
{
    if (!isnan(limits[CLEAR_BELOW]) && isnan(limits[ABOVE]))
        return err_set(e, "clear_below is given without above");
    if (!isnan(limits[CLEAR_ABOVE]) && isnan(limits[BELOW]))
        return err_set(e, "clear_above is given without below");
    if (limits[CLEAR_BELOW] > limits[ABOVE])
        return err_set(e, "clear_below (%g) must not be greater than above (%g)",
                       limits[CLEAR_BELOW], limits[ABOVE]);
    if (limits[CLEAR_ABOVE] < limits[BELOW])
        return err_set(e, "clear_above (%g) must not be smaller than below (%g)",
                       limits[CLEAR_ABOVE], limits[BELOW]);
    return true;
}

/* Worse severities must have wider limits. */
static bool check_order(const double *params, struct err *e)
{
    double above = -INFINITY, below = INFINITY;
    for (int severity = 0; severity < SEVERITY_COUNT; severity++) {
        const double *limits = limits_of(params, severity);
        if (limits[ABOVE] <= above || limits[BELOW] >= below)
            return err_set(e, "the levels must widen with severity: %s does not",
                           severity_name((enum severity)severity));
        above = isnan(limits[ABOVE]) ? above : limits[ABOVE];
        below = isnan(limits[BELOW]) ? below : limits[BELOW];
    }
    if (isinf(above) && isinf(below))
        return err_set(e, "give at least one of above, below, levels");
    return true;
}

static bool check(const double *params, struct err *e)
{
    for (int severity = 0; severity < SEVERITY_COUNT; severity++)
        if (!check_level(limits_of(params, severity), e))
            return false;
    return check_order(params, e);
}

static const struct rule_row params[] = {
    [ABOVE] = {"above", "up when the value is greater", RULE_SIGNAL, NAN, -1e12, 1e12,
               false},
    [CLEAR_BELOW] = {"clear_below",
                     "clear again when the value is smaller (default: not above)",
                     RULE_SIGNAL, NAN, -1e12, 1e12, false},
    [BELOW] = {"below", "up when the value is smaller", RULE_SIGNAL, NAN, -1e12, 1e12,
               false},
    [CLEAR_ABOVE] = {"clear_above",
                     "clear again when the value is greater (default: not below)",
                     RULE_SIGNAL, NAN, -1e12, 1e12, false},
};

_Static_assert(sizeof params / sizeof *params == PARAMS, "one row a parameter");

const struct rule_type rule_threshold = {
    .name = "threshold",
    .help = "a value is above or below a limit; levels make a ladder of severities",
    .params = params,
    .n_params = PARAMS,
    .ladder = true,
    .n_state = STATE,
    .step = step,
    .check = check,
    .message = "{on} is {value} {unit}, limit {limit} {unit}",
};
