/* A limit that will be passed: the forecast of a value is a mean and a standard deviation
 * at each step, so that the chance of being above a limit L there is, by the normal law,
 *
 *   P = erfc((L - mean) / (sd sqrt 2)) / 2
 *
 * and below it 1 - P. The greatest of the steps' chances within the time counts: of the
 * value being beyond the limit at some one moment. (Of ever being there it is a lower
 * bound, for the steps' errors go together, but not entirely.) Between two forecasts the
 * last verdict holds. */
#include "limits.h"
#include "twind/rule.h"

#include <math.h>

enum {
    ABOVE = LIMIT_ABOVE,
    CLEAR_BELOW = LIMIT_CLEAR_BELOW,
    BELOW = LIMIT_BELOW,
    CLEAR_ABOVE = LIMIT_CLEAR_ABOVE,
    WITHIN = LIMITS,
    PROBABILITY,
    PARAMS
};
enum { ANSWER, VALUE, WHEN, STATE }; /* answer: enum rule_answer + 1, 0: no forecast yet */

static const double hysteresis =
    0.1; /* of the probability, where no clear limit is given */

/* Of one step being beyond the limit. */
static double chance(const struct rule_future *future, size_t step, double limit,
                     bool above)
{
    double sd = future->sd[step];
    double over = above ? future->mean[step] - limit : limit - future->mean[step];
    if (!(sd > 0))
        return over > 0 ? 1 : 0;
    return erfc(-over / (sd * sqrt(2))) / 2;
}

/* The step that decides: the first of which the chance reaches `enough`, else that of the
 * greatest. */
struct crossing {
    size_t step;
    double chance;
    bool any; /* a step lies within the time and has a forecast */
};

static struct crossing find_crossing(const struct rule_future *future, double within,
                                     double limit, bool above, double enough)
{
    struct crossing found = {.chance = -1};
    for (size_t i = 0; i < future->n && found.chance < enough; i++) {
        if ((double)(i + 1) * future->step > within || isnan(future->mean[i]))
            continue;
        double p = chance(future, i, limit, above);
        if (p > found.chance)
            found = (struct crossing){i, p, true};
    }
    return found;
}

/* With a clear limit: while passing that is likely enough; else, while passing the limit is
 * nearly so. */
static bool is_clear(const double *params, const struct rule_future *future, double within,
                     const struct crossing *crossing)
{
    bool above = !isnan(params[ABOVE]);
    double clear = above ? params[CLEAR_BELOW] : params[CLEAR_ABOVE];
    double enough = params[PROBABILITY];
    if (isnan(clear))
        return crossing->chance < enough - hysteresis;
    return find_crossing(future, within, clear, above, enough).chance < enough;
}

static void look(const double *params, double *state, const struct rule_future *future)
{
    bool above = !isnan(params[ABOVE]);
    double limit = above ? params[ABOVE] : params[BELOW];
    double within = isnan(params[WITHIN]) ? (double)INFINITY : params[WITHIN];
    struct crossing crossing =
        find_crossing(future, within, limit, above, params[PROBABILITY]);
    if (!crossing.any)
        return;
    enum rule_answer answer = RULE_BETWEEN;
    if (crossing.chance >= params[PROBABILITY])
        answer = RULE_UP;
    else if (is_clear(params, future, within, &crossing))
        answer = RULE_DOWN;
    state[ANSWER] = 1 + (double)answer;
    state[VALUE] = future->mean[crossing.step];
    state[WHEN] = future->made + (double)(crossing.step + 1) * future->step;
}

static struct rule_verdict step(const double *params, double *state,
                                const struct rule_input *in)
{
    if (in->future)
        look(params, state, in->future);
    bool known = state[ANSWER] > 0 && !isnan(in->value);
    return (struct rule_verdict){
        .answer = known ? (enum rule_answer)(state[ANSWER] - 1) : RULE_UNKNOWN,
        .value = state[VALUE],
        .limit = isnan(params[ABOVE]) ? params[BELOW] : params[ABOVE],
        .when = state[WHEN],
    };
}

static bool check(const double *params, struct err *e)
{
    if (isnan(params[ABOVE]) == isnan(params[BELOW]))
        return err_set(e, "give one of above, below (for both, make two rules)");
    return limits_check_clear(params, e);
}

static const struct rule_row params[] = {
    [ABOVE] = {"above", "up when the value will probably be greater", RULE_SIGNAL, NAN,
               -1e12, 1e12, false},
    [CLEAR_BELOW] = {"clear_below",
                     "clear again when it will probably not be greater than this (default: "
                     "when the probability of above has fallen by 0.1)",
                     RULE_SIGNAL, NAN, -1e12, 1e12, false},
    [BELOW] = {"below", "up when the value will probably be smaller", RULE_SIGNAL, NAN,
               -1e12, 1e12, false},
    [CLEAR_ABOVE] = {"clear_above",
                     "clear again when it will probably not be smaller than this (default: "
                     "when the probability of below has fallen by 0.1)",
                     RULE_SIGNAL, NAN, -1e12, 1e12, false},
    [WITHIN] = {"within", "how far it looks ahead (default: as far as the forecast)",
                RULE_DURATION, NAN, 60, 2592000, false},
    [PROBABILITY] = {"probability", "how probable it must be at one moment of that time",
                     RULE_FRACTION, 0.8, 0.01, 0.999, false},
};

_Static_assert(sizeof params / sizeof *params == PARAMS, "one row a parameter");

const struct rule_type rule_forecast = {
    .name = "forecast",
    .help = "a value will probably be above or below a limit; for a twin with a forecast",
    .params = params,
    .n_params = PARAMS,
    .forecast = true,
    .n_state = STATE,
    .step = step,
    .check = check,
    .message = "{on} will be {value} {unit} at {when}, limit {limit} {unit}",
};
