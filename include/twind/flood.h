/* Many alerts at once mostly have one cause. While at least so many become active within so
 * long, later ones are put under the first of their group. Plain state of bounded size;
 * time is an argument. */
#ifndef TWIND_FLOOD_H
#define TWIND_FLOOD_H

#include "twind/twin.h"

enum {
    FLOOD_ALERTS_MAX = 200, /* of the limit */
    FLOOD_ROOTS = 256,      /* twins that a flood tells apart; further ones are alone */
    FLOOD_CAUSED = 1024,    /* alerts that are up and have a cause */
    FLOOD_ID = 416,         /* "TWIN.RULE.N" */
    FLOOD_TEXT = 512,
};

/* One activation. */
struct flood_alert {
    const struct twin *twin; /* NULL: none */
    size_t rule;
    uint32_t raised; /* the alert's raise count: with twin and rule it is the alert's id */
    double time;
};

struct flood_caused {
    struct flood_alert alert, cause;
};

/* Zero at the start. */
struct flood {
    size_t alerts; /* so many .. 0: no floods are looked for */
    double within; /* .. in so many s */
    struct flood_alert recent[FLOOD_ALERTS_MAX]; /* a ring of the last `alerts` */
    size_t n_recent, next;
    bool on;
    double since;             /* the first of the flood's alerts became active */
    size_t n, told;           /* alerts of the flood so far; when last told */
    struct flood_alert first; /* of the flood: the cause, as far as is known */
    struct flood_alert
        roots[FLOOD_ROOTS]; /* the first alert of each twin in the flood .. */
    struct flood_alert above[FLOOD_ROOTS]; /* .. and what that is under; twin NULL: none */
    size_t n_roots;
    struct flood_caused caused[FLOOD_CAUSED]; /* a ring */
    size_t n_caused, next_caused;
};

/* Limits; alerts 0: off. What was is forgotten. */
void flood_start(struct flood *flood, size_t alerts, double within);

/* A transition of the rule's alert at `time`. */
void flood_take(struct flood *flood, const struct twin *twin, size_t rule, double time);

/* An alert that is up already when the program starts. */
void flood_recall(struct flood *flood, const struct twin *twin, size_t rule);

/* The id of what the alert is under; "": of nothing. */
void flood_put_cause(const struct flood *flood, const struct twin *twin, size_t rule,
                     char id[FLOOD_ID]);

/* What is told of a flood: when it begins, when it has doubled, when it is over. */
struct flood_summary {
    bool on;
    double since, time;
    size_t alerts;
    char first[FLOOD_ID];     /* the alert's id */
    char message[FLOOD_TEXT]; /* "12 alerts since 10:02 UTC; first: gh1.power" */
};

/* Looks whether the flood is over at `time`. False: there is nothing to tell. */
bool flood_tell(struct flood *flood, double time, struct flood_summary *summary);

#endif
