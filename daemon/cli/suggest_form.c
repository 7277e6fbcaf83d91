/* A form turns what its rule looks at so that up is up (`sign`, or -log10 of a
 * probability), and back into the rule's parameters, in round numbers. */
#include "suggest_form.h"

#include "twind/mem.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double WEEK = 7 * 86400.0, SETTLE = 86400, SETTLE_SHARE = 0.05;
static const double ROUND_SPREAD = 200, ROUND_DEAD = 8; /* parts of these are a step */
static const double WINDOW = 3600, WINDOW_READINGS = 12;
static const double LEAST_CHANCE = 1e-12, MOST_CHANCE = 1e-3;
static const double TOO_LONG_SHARE = 0.25, TIMES_SEEN = 3;
static const double UNLIKE_SDS = 3; /* of a count by chance */

enum transform { PLAIN, CHANCE, TIME };

struct suggest_form {
    const char *suffix, *type;
    double sign;
    enum transform transform;
    const char *limit, *clear, *window; /* parameters; NULL: it has none */
    double least;                       /* TIME: of usual times between readings */
    bool sensor, output;                /* only of a signal with a sensor, of an output */
    bool estimate;                      /* only of "NAME" */
    bool derived;                       /* not of a residual */
};

const char *suggest_form_type(const struct suggest_form *form)
{
    return form->type;
}

bool suggest_form_suits(const struct suggest_form *form, const struct suggest_trace *trace,
                        const struct plan *plan)
{
    bool signal = trace->subject <= RULE_RESIDUAL;
    bool output = signal && trace->signal >= plan->kind->n_inputs;
    return (!form->sensor || trace->sensor) && (!form->output || output) &&
           (!form->estimate || trace->subject == RULE_ESTIMATE) &&
           !(form->derived && trace->subject == RULE_RESIDUAL);
}

/* ---- there and back ---- */

static double turn(const struct suggest_form *form, double value)
{
    if (form->transform == CHANCE)
        return -log10(fmax(value, DBL_MIN));
    return form->sign * value;
}

static double turn_back(const struct suggest_form *form, double level)
{
    return form->transform == CHANCE ? pow(10, -level) : form->sign * level;
}

/* 1, 2 or 5 times a power of ten, not above x. */
static double round_step(double x)
{
    double power = pow(10, floor(log10(x))), lead = x / power;
    return power * (lead >= 5 ? 5 : lead >= 2 ? 2 : 1);
}

/* Up to a time that people would write. */
static double round_time(double seconds)
{
    static const double nice[] = {60,     120,    300,    600,    900,   1200,
                                  1800,   2700,   3600,   5400,   7200,  10800,
                                  14400,  21600,  28800,  43200,  64800, 86400,
                                  129600, 172800, 259200, 432000, 604800};
    for (size_t i = 0; i < sizeof nice / sizeof *nice; i++)
        if (nice[i] >= seconds)
            return nice[i];
    return ceil(seconds / 86400) * 86400;
}

/* No more digits than the step has: 26.000000000000004 is 26. */
static double round_to(double value, double step, double (*direction)(double))
{
    char text[40];
    snprintf(text, sizeof text, "%.12g", direction(value / step) * step);
    return strtod(text, NULL);
}

/* ---- the rule of a level ---- */

struct making {
    const struct suggest_form *form;
    double window;
};

static const struct rule_type *type_of(const struct suggest_form *form)
{
    return rules_find(form->type);
}

static void make(const void *context, double level, double clear, struct suggest_rule *rule)
{
    const struct making *making = context;
    const struct suggest_form *form = making->form;
    *rule = suggest_rule_of(type_of(form));
    *suggest_rule_param(rule, form->limit) = turn_back(form, level);
    if (form->clear)
        *suggest_rule_param(rule, form->clear) = turn_back(form, clear);
    if (form->window)
        *suggest_rule_param(rule, form->window) = making->window;
}

/* The limit to a round number above or below (`direction`), the clear limit inward. */
static struct suggest_tail round_level(const struct suggest_form *form,
                                       struct suggest_tail tail,
                                       double (*direction)(double))
{
    if (form->transform == TIME) {
        tail.level = round_time(tail.level);
    } else if (form->transform == CHANCE) {
        tail.level = -log10(round_step(pow(10, -tail.level)));
    } else {
        double step = tail.spread / ROUND_SPREAD, clear = tail.level - tail.hysteresis;
        if (tail.hysteresis > 0)
            step = fmax(step, tail.hysteresis / ROUND_DEAD);
        step = round_step(step);
        tail.level = round_to(tail.level, step, direction);
        tail.hysteresis = tail.level - round_to(clear, step, floor);
    }
    return tail;
}

static struct suggest_rule rule_of(const struct making *making,
                                   const struct suggest_tail *tail)
{
    struct suggest_rule rule;
    make(making, tail->level, tail->level - tail->hysteresis, &rule);
    rule.policy.delay = tail->delay;
    rule.policy.keep = tail->keep;
    return rule;
}

/* Of the round numbers about the level the one that rings nearer to as often as is wanted:
 * where many values are equal, such as 0, they are far apart. */
static void choose_round(const struct suggest_form *form, const struct making *making,
                         const struct suggest_signal *signal, double rate,
                         struct suggest_proposal *p)
{
    double (*const directions[])(double) = {ceil, floor};
    double from = signal->trace->at[signal->from].time;
    double to = signal->trace->at[signal->to - 1].time, least = INFINITY;
    const struct suggest_tail tail = p->tail;
    for (size_t i = 0; i < sizeof directions / sizeof *directions; i++) {
        const struct suggest_tail tried = round_level(form, tail, directions[i]);
        struct suggest_rule rule = rule_of(making, &tried);
        double count = (double)suggest_tail_count(signal->trace, &rule, from, to);
        double off = fabs(count - rate * (to - from) / WEEK);
        if (off >= least)
            continue;
        least = off;
        p->tail = tried;
        p->rule = rule;
    }
}

/* What is too seldom to have a law, or not of it. */
static bool hold_level(const struct suggest_form *form, const struct suggest_signal *signal,
                       bool found, struct suggest_tail *tail)
{
    if (form->transform == CHANCE)
        tail->level = fmax(tail->level, turn(form, MOST_CHANCE));
    if (form->transform != TIME)
        return found;
    if (!found) {
        for (size_t i = signal->from; i < signal->to; i++)
            tail->seen = fmax(tail->seen, signal->values[i]);
        tail->level = TIMES_SEEN * tail->seen;
    }
    tail->level = fmax(tail->level, form->least * signal->interval);
    return true;
}

static bool is_possible(const struct suggest_form *form, const struct suggest_trace *trace,
                        const struct plan *plan, const struct suggest_tail *tail,
                        double learned_s, struct err *e)
{
    double limit = turn_back(form, tail->level);
    if (form->transform == TIME && tail->level > TOO_LONG_SHARE * learned_s)
        return err_set(e, "it does so for days as a rule");
    if (form->transform == CHANCE && limit < LEAST_CHANCE)
        return err_set(e, "the model disagrees too often; calibrate the twin first");
    if (strcmp(form->type, "threshold") != 0 || trace->subject > RULE_MEASURED)
        return true;
    const struct kind_row *row = plan_row(plan->kind, trace->signal);
    if (!(row->min < row->max) || (limit > row->min && limit < row->max))
        return true;
    return err_set(e, "so seldom it is beyond what there can be (%g to %g %s)", row->min,
                   row->max, row->unit);
}

/* ---- finding ---- */

/* The moments of the time to learn from. */
static void choose_moments(const struct suggest_traces *traces,
                           const struct suggest_trace *trace, double split,
                           struct suggest_signal *signal)
{
    double settle = fmin(SETTLE, SETTLE_SHARE * (traces->to - traces->from));
    size_t i = 0;
    while (i < trace->n && trace->at[i].time < traces->from + settle)
        i++;
    signal->from = i;
    while (i < trace->n && trace->at[i].time < split)
        i++;
    signal->to = i;
}

/* Usual time between readings of the signal; of what has no sensor, of the twin's. */
static double interval_of(const struct suggest_traces *traces,
                          const struct suggest_trace *trace)
{
    double first = NAN, last = NAN;
    size_t n = 0;
    for (size_t i = 0; i < trace->n; i++) {
        double time = trace->at[i].sample_time;
        if (isnan(time) || time == last)
            continue;
        first = isnan(first) ? time : first;
        last = time;
        n++;
    }
    return n > 1 ? (last - first) / (double)(n - 1) : traces->interval;
}

static double *look(const struct suggest_form *form, const struct suggest_trace *trace,
                    const struct making *making)
{
    struct suggest_rule rule;
    double *values = mem_new(trace->n + 1, sizeof *values);
    make(making, form->transform == CHANCE ? 3 : 0, 0, &rule);
    suggest_run_values(trace, &rule, values);
    for (size_t i = 0; i < trace->n; i++)
        values[i] = turn(form, values[i]);
    return values;
}

static void try_out(struct suggest_proposal *p, const struct suggest_signal *signal,
                    double split, double to, double rate)
{
    double from = signal->trace->at[signal->from].time;
    p->learned = (double)suggest_tail_count(signal->trace, &p->rule, from, split) /
                 (split - from) * WEEK;
    double wanted = rate * (to - split) / WEEK;
    double count = (double)suggest_tail_count(signal->trace, &p->rule, split, to);
    p->tried = count / (to - split) * WEEK;
    p->unlike = count > wanted + UNLIKE_SDS * sqrt(wanted) + 1;
}

static void put_id(struct suggest_proposal *p)
{
    snprintf(p->id, sizeof p->id, "%s_%s", p->trace->on, p->form->suffix);
    for (char *c = p->id; *c; c++)
        if (*c == '.')
            *c = '_';
}

void suggest_form_find(const struct suggest_form *form, const struct suggest_traces *traces,
                       const struct suggest_trace *trace, double split, double rate,
                       struct suggest_proposal *p)
{
    double interval = interval_of(traces, trace);
    const struct making making = {form,
                                  round_time(fmax(WINDOW, WINDOW_READINGS * interval))};
    double *values = look(form, trace, &making);
    struct suggest_signal signal = {.trace = trace,
                                    .values = values,
                                    .interval = interval,
                                    .make = make,
                                    .context = &making,
                                    .delays = form->clear != NULL};
    *p = (struct suggest_proposal){.form = form, .trace = trace};
    put_id(p);
    choose_moments(traces, trace, split, &signal);
    p->found = signal.from < signal.to &&
               suggest_tail_find(&signal, rate, form->window ? making.window : 0, &p->tail,
                                 &p->why);
    if (signal.from < signal.to)
        p->found = hold_level(form, &signal, p->found, &p->tail);
    if (p->found) {
        choose_round(form, &making, &signal, rate, p);
        double learned_s = split - trace->at[signal.from].time;
        p->found = is_possible(form, trace, traces->plan, &p->tail, learned_s, &p->why);
    }
    if (p->found) {
        p->beyond = p->tail.level > p->tail.seen;
        try_out(p, &signal, split, traces->to, rate);
    }
    free(values);
}

static const struct suggest_form high = {.suffix = "high",
                                         .type = "threshold",
                                         .sign = +1,
                                         .limit = "above",
                                         .clear = "clear_below"};
static const struct suggest_form low = {.suffix = "low",
                                        .type = "threshold",
                                        .sign = -1,
                                        .limit = "below",
                                        .clear = "clear_above"};
static const struct suggest_form rising = {.suffix = "rising",
                                           .type = "rate",
                                           .sign = +1,
                                           .limit = "above",
                                           .window = "over",
                                           .derived = true};
static const struct suggest_form falling = {.suffix = "falling",
                                            .type = "rate",
                                            .sign = -1,
                                            .limit = "below",
                                            .window = "over",
                                            .derived = true};
static const struct suggest_form odd = {.suffix = "odd",
                                        .type = "deviation",
                                        .sign = -1,
                                        .transform = CHANCE,
                                        .limit = "probability",
                                        .window = "window",
                                        .sensor = true,
                                        .output = true,
                                        .estimate = true};
static const struct suggest_form silent = {.suffix = "silent",
                                           .type = "stale",
                                           .sign = +1,
                                           .transform = TIME,
                                           .limit = "after",
                                           .least = 3,
                                           .sensor = true,
                                           .estimate = true};
static const struct suggest_form stuck = {.suffix = "stuck",
                                          .type = "stuck",
                                          .sign = +1,
                                          .transform = TIME,
                                          .limit = "after",
                                          .least = 10,
                                          .sensor = true,
                                          .estimate = true};

const struct suggest_form *const suggest_forms[SUGGEST_FORMS] = {
    &high, &low, &rising, &falling, &odd, &silent, &stuck};
