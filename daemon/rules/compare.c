/* Several signals put together by one operation, against limits: the difference between
 * two rooms, the ratio of two meters, the sum, mean, least or greatest of a group. One pass
 * over the list; not known while one of them is not. */
#include "twind/rule.h"

#include <math.h>
#include <stdio.h>

enum param { TAKE, ABOVE, CLEAR_BELOW, BELOW, CLEAR_ABOVE, PARAMS };
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

static bool is_clear(const double *params, double side, double value)
{
    if (side > 0)
        return isnan(params[CLEAR_BELOW]) || value < params[CLEAR_BELOW];
    return side == 0 || isnan(params[CLEAR_ABOVE]) || value > params[CLEAR_ABOVE];
}

static struct rule_verdict step(const double *params, double *state,
                                const struct rule_input *in)
{
    double value = put_together((enum take)params[TAKE], in->values, in->n);
    struct rule_verdict verdict = {.answer = RULE_UNKNOWN, .value = value, .limit = NAN};
    if (isnan(value))
        return verdict;
    double side = value > params[ABOVE] ? 1 : value < params[BELOW] ? -1 : 0;
    verdict.answer = side > 0 || side < 0                   ? RULE_UP
                     : is_clear(params, state[SIDE], value) ? RULE_DOWN
                                                            : RULE_BETWEEN;
    if (side == 0)
        side = state[SIDE]; /* the limit that it comes back over is said */
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
    if (isnan(params[ABOVE]) && isnan(params[BELOW]))
        return err_set(e, "give at least one of above, below");
    if (params[BELOW] >= params[ABOVE])
        return err_set(e, "below (%g) must be smaller than above (%g)", params[BELOW],
                       params[ABOVE]);
    if (!isnan(params[CLEAR_BELOW]) && !(params[CLEAR_BELOW] <= params[ABOVE]))
        return err_set(e, "clear_below (%g) is for above, and not greater than it",
                       params[CLEAR_BELOW]);
    if (!isnan(params[CLEAR_ABOVE]) && !(params[CLEAR_ABOVE] >= params[BELOW]))
        return err_set(e, "clear_above (%g) is for below, and not smaller than it",
                       params[CLEAR_ABOVE]);
    return true;
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
