/* anomaly: a detector (detector.h) says that signals are not as usual, each by itself or
 * all together (panel.h).
 *
 * Each new reading is a step of the detector; an estimate is judged whenever a reading has
 * come. What the detector knows is kept with the rule's state and so survives a restart;
 * after a change of the detector it begins anew. The keys besides `detector` are the
 * detectors' own parameters. */
#include "twind/rule.h"

#include "twind/mem.h"
#include "twind/panel.h"

#include <math.h>
#include <string.h>

/* The parameters of all detectors. */
#define OWN(x)                                                                             \
    x(risk, "alarm where a reading is rarer than 10^-risk") x(                             \
        silence, "readings after an alarm without another")                                \
        x(memory, "readings over which what is usual is learned") x(                       \
            quick,                                                                         \
            "readings that the quick mean looks back") x(days,                             \
                                                         "days that make a daily course")  \
            x(lasting, "readings over which a lasting deviation is averaged") x(           \
                margin, "alarm beyond the range by so much of its width")                  \
                x(forget, "of the range's width, lost each reading") x(                    \
                    young, "readings before it speaks")                                    \
                    x(lambda, "weight of a reading in the moving mean") x(                 \
                        limit, "standard deviations at which it alarms")                   \
                        x(slack, "standard deviations that are not counted") x(            \
                            window, "readings that it looks back")                         \
                            x(quantile, "of the first readings: the threshold") x(         \
                                weight, "of a new day in the usual value")                 \
                                x(slowest,                                                 \
                                  "least weight of a new window in a form that is known")  \
                                    x(patience, "readings after which what came again "    \
                                                "and again is usual")

#define NUMBER(name, help) OWN_##name,
#define ROW(name, help)                                                                    \
    [OWN_##name] = {#name, "of the detector: " help, RULE_NUMBER, NAN, 0, 1e7, false, NULL},

enum param { DETECTOR, PROBABILITY, OWN(NUMBER) PARAMS };
_Static_assert(PARAMS <= (int)RULE_PARAMS_MAX, "room for all of them");

static const struct rule_row params[] = {
    [DETECTOR] = {"detector",
                  "which: twinctl detect --list names them and the keys that each takes",
                  RULE_WORD, 0, 0, 0, false, detectors_names},
    [PROBABILITY] = {"probability",
                     "up where a reading is rarer; without it the detector's own",
                     RULE_FRACTION, NAN, 1e-12, 0.1, false, NULL},
    OWN(ROW)};
_Static_assert(sizeof params / sizeof *params == PARAMS, "one row a parameter");

struct state {
    double whose; /* detector and signals the rest is of */
    double score;
    struct panel_reason reason; /* of the last alarm */
    double detector[];
};
_Static_assert(DETECTOR_TEXT <= (int)RULE_REASON && DETECTOR_TEXT % sizeof(double) == 0,
               "a reason fits, and what follows is aligned");

static const struct detector *detector_of(const double *given)
{
    return detectors_all[(size_t)given[DETECTOR]];
}

/* The detector's own parameters: those that are given, else its defaults. */
static bool take_params(const double *given, double *own, struct err *e)
{
    const struct detector *detector = detector_of(given);
    detectors_defaults(detector, own);
    if (!isnan(given[PROBABILITY]) &&
        !detectors_set(detector, own, "risk", -log10(given[PROBABILITY]), e))
        return err_set(e, "the detector %s does not take a probability; leave it out",
                       detector->name);
    for (size_t i = PROBABILITY + 1; i < PARAMS; i++)
        if (!isnan(given[i]) && !detectors_set(detector, own, params[i].name, given[i], e))
            return false;
    return true;
}

static bool check(const double *given, struct err *e)
{
    double own[DETECTOR_PARAMS_MAX];
    if (!isnan(given[PROBABILITY]) && !isnan(given[OWN_risk]))
        return err_set(e, "probability is 10^-risk: give one of the two");
    return take_params(given, own, e);
}

static struct panel panel_of(const double *given, size_t n, double *own)
{
    struct err e;
    take_params(given, own, &e);
    return (struct panel){detectors_for(detector_of(given), n), own, n};
}

static size_t state_size(const double *given, size_t n)
{
    double own[DETECTOR_PARAMS_MAX];
    struct panel panel = panel_of(given, n, own);
    return (sizeof(struct state) + panel_size(&panel)) / sizeof(double);
}

/* Begins anew where the state is another detector's, or of another number of signals. */
static void own_state(struct state *s, const double *given, size_t n)
{
    const char *name = detector_of(given)->name;
    double whose = (double)(mem_hash(name, strlen(name)) >> 11) + (double)(n - 1);
    if (s->whose == whose)
        return;
    memset(s, 0, state_size(given, n) * sizeof(double));
    s->whose = whose;
}

static void take_reading(struct state *s, const double *given, const struct rule_input *in)
{
    double own[DETECTOR_PARAMS_MAX];
    struct panel panel = panel_of(given, in->n, own);
    double time = isnan(in->sample_time) ? in->time : in->sample_time;
    own_state(s, given, in->n);
    s->score = panel_step(&panel, s->detector, time, in->values);
    if (s->score >= 0.5)
        panel_explain(&panel, s->detector, &s->reason);
}

static bool is_known(const struct rule_input *in)
{
    for (size_t i = 0; i < in->n; i++)
        if (!isnan(in->values[i]))
            return true;
    return false;
}

static struct rule_verdict step(const double *given, double *state,
                                const struct rule_input *in)
{
    struct state *s = (struct state *)(void *)state;
    struct rule_verdict verdict = {
        .answer = RULE_UNKNOWN, .value = in->value, .limit = NAN};
    if (!is_known(in))
        return verdict;
    if (in->fresh)
        take_reading(s, given, in);
    verdict.answer = s->score >= 0.5 ? RULE_UP : RULE_DOWN;
    return verdict;
}

static void explain(const double *given, const double *state, const char *const *names,
                    size_t n, char text[RULE_REASON])
{
    (void)given;
    const struct state *s = (const struct state *)(const void *)state;
    panel_text(&s->reason, s->reason.signal <= (double)n ? names : NULL, text);
}

const struct rule_type rule_anomaly = {
    .name = "anomaly",
    .help =
        "a detector says that signals are not as usual, until the next reading; several "
        "together, where the detector can (auto, t2, forest)",
    .params = params,
    .n_params = PARAMS,
    .scope = RULE_ON_SIGNALS,
    .state_size = state_size,
    .step = step,
    .check = check,
    .bears_steps = true,
    .explain = explain,
    .message = "{on} is not as usual: {reason}",
};
