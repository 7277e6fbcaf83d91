/* Several rules at once: up while all of `all`, one of `any` and none of `not` hold.
 *
 * A rule holds while it is active (pending does not count); those of `all` and `any` also
 * for the time `within` after they were. With `in_order` those of `all` must have begun in
 * the order of their list, the last no later than `within` after the first. What a lack of
 * data does to the alert of a member (its `no_data`) is what it does here. */
#include "twind/rule.h"

#include <math.h>
#include <stdio.h>

enum param { ALL, ANY, NOT, WITHIN, IN_ORDER, PARAMS };

/* Of each member: when it began, and when it was active last; 0: never. */
struct memory {
    double began, seen;
};

static void watch(struct memory *m, const struct rule_input *in)
{
    for (size_t i = 0; i < in->n_members; i++)
        if (in->members[i].active)
            m[i] = (struct memory){in->members[i].since, in->time};
}

/* How many of a list hold. */
static size_t count(enum param list, const double *params, const struct memory *m,
                    const struct rule_input *in)
{
    double memory = list == NOT || isnan(params[WITHIN]) ? 0 : params[WITHIN];
    size_t n = 0;
    for (size_t i = 0; i < in->n_members; i++)
        n +=
            in->members[i].param == list && m[i].seen > 0 && in->time - m[i].seen <= memory;
    return n;
}

static bool in_order(const double *params, const struct memory *m,
                     const struct rule_input *in)
{
    double first = NAN, last = -INFINITY;
    for (size_t i = 0; i < in->n_members; i++) {
        if (in->members[i].param != ALL)
            continue;
        if (m[i].began < last)
            return false;
        last = m[i].began;
        first = isnan(first) ? last : first;
    }
    return isnan(params[WITHIN]) || last - first <= params[WITHIN];
}

static struct rule_verdict step(const double *params, double *state,
                                const struct rule_input *in)
{
    struct memory *m = (struct memory *)(void *)state;
    watch(m, in);
    size_t all = count(ALL, params, m, in), any = count(ANY, params, m, in);
    bool up = all == (size_t)params[ALL] && (any > 0 || params[ANY] == 0) &&
              count(NOT, params, m, in) == 0 &&
              (params[IN_ORDER] == 0 || in_order(params, m, in));
    return (struct rule_verdict){
        .answer = up ? RULE_UP : RULE_DOWN, .value = (double)(all + any), .limit = NAN};
}

static size_t state_size(const double *params, size_t n)
{
    (void)params;
    return n * sizeof(struct memory) / sizeof(double);
}

/* The rules that hold, or held last. */
static void explain(const double *params, const double *state, const char *const *names,
                    size_t n, char text[RULE_REASON])
{
    const struct memory *m = (const struct memory *)(const void *)state;
    double now = 0, memory = isnan(params[WITHIN]) ? 0 : params[WITHIN];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        now = fmax(now, m[i].seen);
    for (size_t i = 0; i < n && used < RULE_REASON; i++)
        if (m[i].seen > 0 && now - m[i].seen <= memory)
            used += (size_t)snprintf(text + used, RULE_REASON - used, "%s%s",
                                     used > 0 ? ", " : "", names[i]);
}

static bool check(const double *params, struct err *e)
{
    if (params[ALL] + params[ANY] == 0)
        return err_set(e, "give at least one of all, any: ids of the twin's rules");
    if (params[IN_ORDER] > 0 && params[ALL] < 2)
        return err_set(e, "in_order needs two rules in all, not %g", params[ALL]);
    return true;
}

static const struct rule_row params[] = {
    [ALL] = {"all", "rules that must all be active", RULE_RULES, 0, 0, 0, false, NULL},
    [ANY] = {"any", "rules of which one must be active", RULE_RULES, 0, 0, 0, false, NULL},
    [NOT] = {"not", "rules of which none may be active", RULE_RULES, 0, 0, 0, false, NULL},
    [WITHIN] = {"within",
                "one of all or any that is over holds for so long (default: they must be "
                "active at once); and in order the last must begin so soon after the first",
                RULE_DURATION, NAN, 1, 2592000, false, NULL},
    [IN_ORDER] = {"in_order", "those of all must have begun in the order of the list",
                  RULE_SWITCH, 0, 0, 1, false, NULL},
};

_Static_assert(sizeof params / sizeof *params == PARAMS, "one row a parameter");

const struct rule_type rule_composite = {
    .name = "composite",
    .help = "all, any, or none of some other rules of the twin are active",
    .params = params,
    .n_params = PARAMS,
    .scope = RULE_ON_TWIN,
    .state_size = state_size,
    .step = step,
    .check = check,
    .explain = explain,
    .unit = "",
    .message = "at once: {reason}",
};
