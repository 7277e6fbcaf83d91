/* A sensor and the twin disagree for longer than chance allows.
 *
 * Under a true model the normalised innovations squared are chi-square with one degree of
 * freedom each. Their exponentially weighted sum over `window` is then, by Satterthwaite's
 * (1946) approximation, g times a chi-square with h degrees, where g = sum w^2 / sum w and
 * h = (sum w)^2 / sum w^2. Up when its probability is below `probability`, down when it is
 * above the square root of that. */
#include "twind/rule.h"
#include "twind/stats.h"

#include <math.h>

enum { PROBABILITY, WINDOW, PARAMS };
enum { LAST, SUM, WEIGHT, WEIGHT2, STATE };

static void add(double *state, double window, double time, double nis)
{
    double fade = state[WEIGHT] > 0 ? exp(-fmax(time - state[LAST], 0) / window) : 0;
    state[LAST] = time;
    state[SUM] = state[SUM] * fade + nis;
    state[WEIGHT] = state[WEIGHT] * fade + 1;
    state[WEIGHT2] = state[WEIGHT2] * fade * fade + 1;
}

static struct rule_verdict step(const double *params, double *state,
                                const struct rule_input *in)
{
    struct rule_verdict verdict = {RULE_UNKNOWN, SEVERITY_WARNING, NAN, params[PROBABILITY],
                                   0};
    if (in->fresh && !isnan(in->nis))
        add(state, params[WINDOW], in->sample_time, in->nis);
    if (state[WEIGHT] <= 0)
        return verdict;
    double g = state[WEIGHT2] / state[WEIGHT];
    double chance = stats_chi_square_tail(state[SUM] / g,
                                          state[WEIGHT] * state[WEIGHT] / state[WEIGHT2]);
    verdict.value = chance;
    verdict.answer = chance < params[PROBABILITY]         ? RULE_UP
                     : chance > sqrt(params[PROBABILITY]) ? RULE_DOWN
                                                          : RULE_BETWEEN;
    return verdict;
}

static const struct rule_row params[] = {
    [PROBABILITY] = {"probability", "up when chance alone would do this less often",
                     RULE_FRACTION, 0.001, 1e-12, 0.5, false},
    [WINDOW] = {"window", "over which the disagreement is judged", RULE_DURATION, 3600, 1,
                31536000, false},
};

_Static_assert(sizeof params / sizeof *params == PARAMS, "one row a parameter");

const struct rule_type rule_deviation = {
    .name = "deviation",
    .help = "a sensor and the twin's model disagree for longer than chance allows",
    .params = params,
    .n_params = PARAMS,
    .sensor_only = true,
    .n_state = STATE,
    .step = step,
    .check = NULL,
    .unit = "",
    .message = "{on} disagrees with the model: probability {value}, limit {limit}",
};
