/* A part, or a sensor, will reach the limit of its index of wear soon: work to be ordered.
 *
 * Up when the remaining time (its median, or the early edge of its 90 % band) is below
 * `within` and the index has left 1 by more than twice its standard deviation: a vague
 * index is no reason to send anybody. Down when a fifth more time is left, or the part was
 * serviced. */
#include "twind/rule.h"

#include <math.h>
#include <stdio.h>

enum { WITHIN, BY, PARAMS };
enum { MEDIAN, EARLY };
enum { PART, VALUE, LIMIT, LEFT, LEAST, MOST, STATE };

static const double day = 86400;
static const double sure = 2, back = 1.2;

static double remaining(const struct rule_part *part, double by)
{
    return by > MEDIAN ? part->left_least : part->left;
}

static bool is_worn(const struct rule_part *part)
{
    double worn = (part->value - 1) * (part->limit > 1 ? 1 : -1);
    return worn > sure * part->sd && worn > 0;
}

static void note(double *state, size_t i, const struct rule_part *part)
{
    const double known[STATE] = {
        [PART] = (double)i,
        [VALUE] = part->value,
        [LIMIT] = part->limit,
        [LEFT] = part->left / day,
        [LEAST] = part->left_least / day,
        [MOST] = part->left_most / day,
    };
    for (size_t j = 0; j < STATE; j++)
        state[j] = known[j];
}

static struct rule_verdict step(const double *params, double *state,
                                const struct rule_input *in)
{
    struct rule_verdict verdict = {RULE_UNKNOWN, SEVERITY_WARNING, NAN,
                                   params[WITHIN] / day, 0};
    double soonest = INFINITY;
    for (size_t i = 0; i < in->n_parts; i++) {
        double left = remaining(&in->parts[i], params[BY]);
        if (!is_worn(&in->parts[i]) || left >= soonest)
            continue;
        soonest = left;
        if (left <= back * params[WITHIN])
            note(state, i, &in->parts[i]);
    }
    if (in->n_parts == 0)
        return verdict;
    verdict.value = soonest / day;
    verdict.answer = soonest < params[WITHIN]          ? RULE_UP
                     : soonest > back * params[WITHIN] ? RULE_DOWN
                                                       : RULE_BETWEEN;
    if (isinf(soonest))
        verdict.value = NAN;
    return verdict;
}

/* "about 21 days left (12 to 40)" */
static void say_left(const double *state, char text[RULE_REASON])
{
    if (!(state[LEFT] > 0))
        snprintf(text, RULE_REASON, "the limit is reached");
    else if (isinf(state[MOST]))
        snprintf(text, RULE_REASON, "about %.0f days left (%.0f or more)", state[LEFT],
                 state[LEAST]);
    else
        snprintf(text, RULE_REASON, "about %.0f days left (%.0f to %.0f)", state[LEFT],
                 state[LEAST], state[MOST]);
}

static void explain(const double *params, const double *state, const char *const *names,
                    size_t n, char text[RULE_REASON])
{
    (void)params;
    char left[RULE_REASON];
    size_t i = (size_t)state[PART];
    say_left(state, left);
    if (state[LIMIT] > 0 && i < n)
        snprintf(text, RULE_REASON, "%.90s is %.2f of new (limit %.3g); %.60s", names[i],
                 state[VALUE], state[LIMIT], left);
    else
        snprintf(text, RULE_REASON, "nothing is worn");
}

static const char *const edges[] = {[MEDIAN] = "median", [EARLY] = "early", NULL};

static const struct rule_row params[] = {
    [WITHIN] = {"within", "up when less time is left", RULE_DURATION, 30 * 86400, 86400,
                5 * 31536000, false, NULL},
    [BY] = {"by", "which time counts: the median, or the early edge of its 90 % band",
            RULE_WORD, MEDIAN, MEDIAN, EARLY, false, edges},
};

_Static_assert(sizeof params / sizeof *params == PARAMS, "one row a parameter");

const struct rule_type rule_maintenance = {
    .name = "maintenance",
    .help = "a part or sensor wears and will reach its limit soon; with \"on\": "
            "\"health.NAME\" one of them alone",
    .params = params,
    .n_params = PARAMS,
    .scope = RULE_ON_EITHER,
    .asks_parts = true,
    .n_state = STATE,
    .step = step,
    .bears_steps = true,
    .explain = explain,
    .unit = "d",
    .message = "{reason}",
};
