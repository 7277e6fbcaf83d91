/* anomaly: a detector (detector.h) says that the signal is not as usual.
 *
 * Each new reading is a step of the detector; an estimate is judged whenever a reading has
 * come. What the detector knows is kept with the rule's state and so survives a restart;
 * after a change of the detector it begins anew. */
#include "twind/rule.h"

#include "twind/detector.h"
#include "twind/mem.h"

#include <math.h>
#include <string.h>

enum param { DETECTOR, PROBABILITY, PARAMS };

struct state {
    double whose; /* detector the rest is of */
    double score;
    char reason[DETECTOR_TEXT]; /* of the last alarm */
    double detector[];
};
_Static_assert(DETECTOR_TEXT <= (int)RULE_REASON && DETECTOR_TEXT % sizeof(double) == 0,
               "a reason fits, and what follows is aligned");

static const struct detector *detector_of(const double *params)
{
    return detectors_all[(size_t)params[DETECTOR]];
}

/* The detector's own parameters: its defaults, and the probability as its risk. */
static bool take_params(const double *params, double *own, struct err *e)
{
    const struct detector *detector = detector_of(params);
    detectors_defaults(detector, own);
    return isnan(params[PROBABILITY]) ||
           detectors_set(detector, own, "risk", -log10(params[PROBABILITY]), e);
}

static bool check(const double *params, struct err *e)
{
    double own[DETECTOR_PARAMS_MAX];
    return take_params(params, own, e) ||
           err_set(e, "the detector %s does not take a probability; leave it out",
                   detector_of(params)->name);
}

static size_t state_size(const double *params, size_t n)
{
    (void)n;
    double own[DETECTOR_PARAMS_MAX];
    struct err e;
    take_params(params, own, &e);
    size_t bytes = sizeof(struct state) + detector_of(params)->size(own, 1);
    return (bytes + sizeof(double) - 1) / sizeof(double);
}

/* Begins anew where the state is another detector's. */
static void own_state(struct state *s, const double *params)
{
    const char *name = detector_of(params)->name;
    double whose = (double)(mem_hash(name, strlen(name)) >> 11);
    if (s->whose == whose)
        return;
    memset(s, 0, state_size(params, 1) * sizeof(double));
    s->whose = whose;
}

static void take_reading(struct state *s, const double *params, const struct rule_input *in)
{
    double own[DETECTOR_PARAMS_MAX];
    struct err e;
    const struct detector *detector = detector_of(params);
    double time = isnan(in->sample_time) ? in->time : in->sample_time;
    own_state(s, params);
    take_params(params, own, &e);
    s->score = detectors_step(detector, own, s->detector, time, &in->value, 1);
    if (s->score >= 0.5)
        detectors_explain(detector, own, s->detector, s->reason);
}

static struct rule_verdict step(const double *params, double *state,
                                const struct rule_input *in)
{
    struct state *s = (struct state *)(void *)state;
    struct rule_verdict verdict = {
        .answer = RULE_UNKNOWN, .value = in->value, .limit = NAN};
    if (isnan(in->value))
        return verdict;
    if (in->fresh)
        take_reading(s, params, in);
    verdict.answer = s->score >= 0.5 ? RULE_UP : RULE_DOWN;
    return verdict;
}

static void explain(const double *params, const double *state, const char *const *names,
                    size_t n, char text[RULE_REASON])
{
    (void)params, (void)names, (void)n;
    const struct state *s = (const struct state *)(const void *)state;
    memcpy(text, s->reason, DETECTOR_TEXT);
}

static const struct rule_row params[] = {
    [DETECTOR] = {"detector", "which (twinctl detect lists them)", RULE_WORD, 0, 0, 0,
                  false, detectors_names},
    [PROBABILITY] = {"probability",
                     "up where a reading is rarer; without it the detector's own",
                     RULE_FRACTION, NAN, 1e-12, 0.1, false, NULL},
};

_Static_assert(sizeof params / sizeof *params == PARAMS, "one row a parameter");

const struct rule_type rule_anomaly = {
    .name = "anomaly",
    .help = "a detector says that the signal is not as usual, until the next reading",
    .params = params,
    .n_params = PARAMS,
    .state_size = state_size,
    .step = step,
    .check = check,
    .explain = explain,
    .message = "{on} is not as usual: {reason}",
};
