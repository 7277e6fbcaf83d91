/* fault: something is wrong with the thing or its sensors, and this is probably what.
 *
 * Up when there is evidence for a fault as there seldom is where nothing is wrong. Which
 * fault it is, is said with its probability among all that there may be; what can't be told
 * apart is named together. Where another fault comes to lead, the alert ends, and that is
 * the next. */
#include "twind/rule.h"

#include "twind/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PROBABILITY, LEAST, EXCLUDE, PARAMS };

static const double hysteresis = 10;  /* of the probability */
static const double clear_most = 0.9; /* chances end at 1: above this any alert is over */
static const double another =
    3600;                         /* s: a fault that leads for so long is announced anew */
static const double worth = 0.05; /* saying */

struct state {
    double probability;
    double announced, leads; /* hashes of names; 0: none */
    double since;            /* s: when that began to lead */
    char text[RULE_REASON];
};
_Static_assert(sizeof(struct state) % sizeof(double) == 0, "doubles");

/* Appends as much as there is room for. */
static void put(char *to, const char *text)
{
    size_t used = strlen(to);
    snprintf(to + used, RULE_REASON - used, "%s", text);
}

static void put_fault(char *to, const struct rule_fault *fault)
{
    char share[16];
    snprintf(share, sizeof share, " (%.0f %%)", 100 * fault->probability);
    if (strlen(to) + strlen(fault->says) + strlen(share) >= RULE_REASON)
        return;
    put(to, fault->says);
    put(to, share);
}

static void describe(const double *params, struct state *s, const struct rule_input *in)
{
    const struct rule_fault *first = &in->faults[0];
    bool sure = first->probability >= params[LEAST];
    s->probability = first->probability;
    snprintf(s->text, sizeof s->text, "%s: ", first->name);
    put_fault(s->text, first);
    for (size_t i = 1; i < in->n_faults && in->faults[i].probability >= worth; i++) {
        put(s->text, i > 1 ? ", " : sure ? "; else: " : ", or ");
        put_fault(s->text, &in->faults[i]);
    }
}

/* Another fault than the announced one has led for a while: an alert of its own is due. */
static bool is_another(struct state *s, const struct rule_input *in)
{
    const char *name = in->faults[0].name;
    double first = 1 + (double)(mem_hash(name, strlen(name)) >> 12);
    if (s->leads != first) { // NOLINT: whole
        s->leads = first;
        s->since = in->time;
    }
    if (s->announced == 0)
        s->announced = first;
    return s->announced != s->leads && in->time - s->since >= another; // NOLINT: whole
}

static struct rule_verdict step(const double *params, double *state,
                                const struct rule_input *in)
{
    struct state *s = (struct state *)(void *)state;
    double chance = 1;
    for (size_t i = 0; i < in->n_faults; i++)
        chance = fmin(chance, in->faults[i].chance);
    struct rule_verdict verdict = {.answer = RULE_DOWN, .limit = NAN};
    if (chance <= params[PROBABILITY]) {
        describe(params, s, in);
        verdict.answer = is_another(s, in) ? RULE_DOWN : RULE_UP;
    } else if (chance <= fmin(hysteresis * params[PROBABILITY], clear_most)) {
        verdict.answer = RULE_BETWEEN;
    }
    if (verdict.answer == RULE_DOWN)
        s->announced = 0;
    verdict.value = 100 * s->probability;
    return verdict;
}

static void explain(const double *params, const double *state, const char *const *names,
                    size_t n, char text[RULE_REASON])
{
    (void)params;
    (void)names;
    (void)n;
    memcpy(text, ((const struct state *)(const void *)state)->text, RULE_REASON);
}

static enum rule_isolation isolates(const double *params)
{
    return params[EXCLUDE] > 0 ? RULE_ISOLATES_AND_EXCLUDES : RULE_ISOLATES;
}

static const char *const choice[] = {"no", "yes", NULL};

static const struct rule_row params[] = {
    [PROBABILITY] = {"probability",
                     "how probable a false alarm may be in a day where nothing is wrong",
                     RULE_FRACTION, 0.03, 1e-9, 0.5, false, NULL},
    [LEAST] = {"least", "from which probability on a fault is named before all others",
               RULE_FRACTION, 0.5, 0, 1, false, NULL},
    [EXCLUDE] = {"exclude",
                 "whether the estimate goes on without a sensor that is at fault by 90 %",
                 RULE_WORD, 1, 0, 1, false, choice},
};

_Static_assert(sizeof params / sizeof *params == PARAMS, "one row a parameter");

const struct rule_type rule_fault = {
    .name = "fault",
    .help = "a fault of the thing or of a sensor, which it probably is, and what else it "
            "might be",
    .params = params,
    .n_params = PARAMS,
    .scope = RULE_ON_TWIN,
    .isolates = isolates,
    .n_state = sizeof(struct state) / sizeof(double),
    .step = step,
    .explain = explain,
    .unit = "%",
    .message = "{reason}",
};
