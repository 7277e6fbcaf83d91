/* several: `auto` on more than one signal: t2 on all of them together, and auto on each.
 *
 * Half of the chance of a false alarm is t2's, the other half is shared by the signals
 * (Bonferroni 1936): alarm where one of n is rarer than 10^-risk / 2n by itself. t2 has
 * half as much again of the risk, for a moving mean's rows that follow each other are one.
 * What a signal says by itself is an event and said once; what they say together stays as
 * long as it lasts. */
#include "twind/detector.h"

#include <math.h>
#include <string.h>

extern const struct detector detector_auto, detector_t2, detector_several;

struct state {
    double n, which; /* said most: 0 all together, i signal i */
    double parts[];  /* t2's state, then each signal's */
};

static size_t doubles(size_t bytes)
{
    return (bytes + sizeof(double) - 1) / sizeof(double);
}

static size_t room_together(size_t n)
{
    double own[DETECTOR_PARAMS_MAX];
    detectors_defaults(&detector_t2, own);
    return doubles(detector_t2.size(own, n));
}

static size_t room_alone(const double *params)
{
    return doubles(detector_auto.size(params, 1));
}

static size_t place_of_risk(const struct detector *detector)
{
    size_t i = 0;
    while (strcmp(detector->params[i].name, "risk") != 0)
        i++;
    return i;
}

static double step_together(const double *params, struct state *s, double time,
                            const double *values)
{
    double own[DETECTOR_PARAMS_MAX];
    size_t risk = place_of_risk(&detector_auto);
    detectors_defaults(&detector_t2, own);
    own[place_of_risk(&detector_t2)] *= params[risk] / detector_auto.params[risk].value;
    return detector_t2.step(own, s->parts, time, values, (size_t)s->n);
}

static double step(const double *params, void *state, double time, const double *values,
                   size_t n)
{
    struct state *s = state;
    double alone[DETECTOR_PARAMS_MAX];
    s->n = (double)n;
    s->which = 0;
    memcpy(alone, params, detector_auto.n_params * sizeof *alone);
    alone[place_of_risk(&detector_auto)] += log10(2 * s->n);
    double most = step_together(params, s, time, values);
    double *own = s->parts + room_together(n);
    for (size_t i = 0; i < n; i++, own += room_alone(params)) {
        double score = detectors_step(&detector_auto, alone, own, time, values + i, 1);
        if (score > most) {
            most = score;
            s->which = (double)i + 1;
        }
    }
    return most;
}

static struct detector_reason reason(const double *params, const void *state)
{
    const struct state *s = state;
    double own[DETECTOR_PARAMS_MAX];
    if (s->which == 0) {
        detectors_defaults(&detector_t2, own);
        return detector_t2.reason(own, s->parts);
    }
    size_t before =
        room_together((size_t)s->n) + ((size_t)s->which - 1) * room_alone(params);
    struct detector_reason why = detector_auto.reason(params, s->parts + before);
    why.signal = (size_t)s->which;
    why.share = 1;
    return why;
}

static size_t size(const double *params, size_t n)
{
    return sizeof(struct state) +
           (room_together(n) + n * room_alone(params)) * sizeof(double);
}

const struct detector detector_several = {
    .name = "several",
    .help = "auto on more than one signal",
    .reference = "Lowry et al. 1992; Bonferroni 1936",
    .joint = true,
    .size = size,
    .step = step,
    .reason = reason,
};
