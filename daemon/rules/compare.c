/* Several signals put together by one operation, against limits: the difference between
 * two rooms, the ratio of two meters, the sum, mean, least or greatest of a group. One pass
 * over the list; not known while one of them is not. */
#include "limits.h"
#include "twind/rule.h"

#include <math.h>
#include <stdio.h>

enum param {
    TAKE,
    LIMIT,
    ABOVE = LIMIT + LIMIT_ABOVE,
    CLEAR_BELOW = LIMIT + LIMIT_CLEAR_BELOW,
    BELOW = LIMIT + LIMIT_BELOW,
    CLEAR_ABOVE = LIMIT + LIMIT_CLEAR_ABOVE,
    PARAMS = LIMIT + LIMITS
};
enum { SIDE, STATE }; /* of the limit that it is beyond: +1 above, -1 below, 0 none */

enum take { DIFFERENCE, RATIO, SUM, MEAN, LEAST, GREATEST };

static const char *const takes[] = {
    [DIFFERENCE] = "difference", [RATIO] = "ratio",       [SUM] = "sum", [MEAN] = "mean",
    [LEAST] = "least",           [GREATEST] = "greatest", NULL,
};

static double put_together(enum take take, const double *values, size_t n)
{
    double sum = 0, least = INFINITY, greatest = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i]))
            return NAN;
        sum += values[i];
        least = fmin(least, values[i]);
        greatest = fmax(greatest, values[i]);
    }
    double others = (sum - values[0]) / (double)(n - 1);
    switch (take) {
    case DIFFERENCE:
        return values[0] - others;
    case RATIO:
        return others == 0 ? (double)NAN : values[0] / others;
    case SUM:
        return sum;
    case MEAN:
        return sum / (double)n;
    case LEAST:
        return least;
    case GREATEST:
        return greatest;
    }
    return NAN;
}

static struct rule_verdict step(const double *params, double *state,
                                const struct rule_input *in)
{
    double value = put_together((enum take)params[TAKE], in->values, in->n);
    struct rule_verdict verdict = {.answer = RULE_UNKNOWN, .value = value, .limit = NAN};
    if (isnan(value))
        return verdict;
    const double *limits = params + LIMIT;
    int side = limits_side(limits, value), held = (int)state[SIDE];
    verdict.answer = RULE_UP;
    if (side == 0) {
        bool clear = held == 0 || limits_are_clear(limits, held, value);
        verdict.answer = clear ? RULE_DOWN : RULE_BETWEEN;
        side = held; /* the limit that it comes back over is said */
    }
    state[SIDE] = verdict.answer == RULE_DOWN ? 0 : side;
    verdict.limit = side > 0 ? params[ABOVE] : side < 0 ? params[BELOW] : (double)NAN;
    return verdict;
}

static bool one_unit(const double *params)
{
    return (enum take)params[TAKE] != RATIO;
}

static void explain(const double *params, const double *state, const char *const *names,
                    size_t n, char text[RULE_REASON])
{
    (void)state, (void)names, (void)n;
    snprintf(text, RULE_REASON, "%s", takes[(size_t)params[TAKE]]);
}

static bool check(const double *params, struct err *e)
{
    return limits_check_band(params[ABOVE], params[BELOW], e) &&
           limits_check_clear(params + LIMIT, e);
}

static const struct rule_row params[] = {
    [TAKE] = {"take",
              "what is made of the signals: the difference of the first to the mean of the "
              "others, its ratio to that, or of them all the sum, mean, least, greatest",
              RULE_WORD, DIFFERENCE, 0, 0, false, takes},
    [ABOVE] = {"above", "up when that is greater", RULE_SIGNAL, NAN, -1e12, 1e12, false,
               NULL},
    [CLEAR_BELOW] = {"clear_below", "clear again when it is smaller (default: not above)",
                     RULE_SIGNAL, NAN, -1e12, 1e12, false, NULL},
    [BELOW] = {"below", "up when it is smaller", RULE_SIGNAL, NAN, -1e12, 1e12, false,
               NULL},
    [CLEAR_ABOVE] = {"clear_above", "clear again when it is greater (default: not below)",
                     RULE_SIGNAL, NAN, -1e12, 1e12, false, NULL},
};

_Static_assert(sizeof params / sizeof *params == PARAMS, "one row a parameter");

const struct rule_type rule_compare = {
    .name = "compare",
    .help =
        "the difference, ratio, sum, mean, least or greatest of several signals, also of "
        "other twins (TWIN/NAME), is above or below a limit",
    .params = params,
    .n_params = PARAMS,
    .scope = RULE_ON_SIGNALS,
    .asks_others = true,
    .at_least = 2,
    .one_unit = one_unit,
    .n_state = STATE,
    .step = step,
    .check = check,
    .explain = explain,
    .message = "{reason} of {on} is {value} {unit}, limit {limit} {unit}",
};
