/* The rules of one twin: what they may look at, what they say, and in which words. */
#ifndef TWIND_JUDGE_H
#define TWIND_JUDGE_H

#include "twind/engine.h"

/* What has come since the rules were last looked at. */
struct judge {
    struct twin_scratch *scratch;
    void (*tell)(void *context, struct twin *twin, size_t rule, double time);
    struct twin *(*find)(void *context, const char *id); /* another twin; NULL: none is */
    void *context;
    bool
        fresh[2 * KIND_ROWS_MAX]; /* sensors with a new reading; cleared by judge_rules() */
    bool any;
    const struct forecast *forecast; /* just made; NULL: none */
};

/* Marks a sensor as fresh. */
void judge_note(struct judge *judge, size_t sensor);

/* One step of every rule at `time`; transitions are told. */
void judge_rules(struct judge *judge, struct twin *twin, double time);

/* One step of the rules that look at forecasts: this one has just been made. */
void judge_forecast(struct judge *judge, struct twin *twin,
                    const struct forecast *forecast);

/* When a delay of the twin's alerts ends; INFINITY: none runs. */
double judge_deadline(const struct twin *twin);

/* Of the alert's value and limit. */
const char *judge_unit(const struct engine_alert *a);

void judge_describe(const struct twin *twin, size_t rule, double time,
                    struct engine_alert *alert);

#endif
