/* The life of an alert, once for all rule types: delays, ladder, acknowledging, shelving,
 * suppression, flapping, missing data. Pure: state in, events out; time is an argument.
 *
 *     normal --up--> pending --for--> active --down, keep--> normal
 *
 * Acknowledged and cleared are independent (ISA-18.2): an acknowledged alert that clears is
 * done; one that was never acknowledged stays marked so in the history. */
#ifndef TWIND_ALERT_H
#define TWIND_ALERT_H

#include "twind/rule.h"

#include <stdint.h>

enum alert_state { ALERT_NORMAL, ALERT_PENDING, ALERT_ACTIVE };
enum alert_no_data { ALERT_NO_DATA_HOLD, ALERT_NO_DATA_ALERT, ALERT_NO_DATA_NORMAL };

const char *alert_state_name(enum alert_state state);

/* What the configuration says of one alert. */
struct alert_policy {
    enum severity severity; /* of types without ladder */
    double delay;           /* s, `for` */
    double keep;            /* s */
    enum alert_no_data no_data;
};

/* Kept in the twin's block: plain data, zero at the start. */
struct alert {
    double since;         /* the present state began */
    double pending_since; /* the condition has held since; 0: it does not */
    double down_since;    /* of an active one: the clear condition has held since; 0: not */
    double shelved_until; /* 0: not */
    double sample_time;   /* of the reading that last decided; 0: none */
    double value, limit;  /* that last decided; NAN: none */
    double when;          /* the time to come that the value is of; 0: none */
    uint32_t raised;      /* times that it became pending or active from normal */
    uint32_t transitions; /* events so far */
    uint32_t changes;     /* bit history of the last 21 changes of the condition */
    uint8_t state, severity, acknowledged, up, flapping, seen;
    uint8_t spare[6];
};

/* One step with the rule's verdict at `time`. `sample` : a reading has come (counts for
 * flapping). True: a transition happened, to be stored and published. */
bool alert_step(struct alert *alert, const struct alert_policy *policy,
                const struct rule_verdict *verdict, bool suppressed, bool sample,
                double sample_time, double time);

/* When alert_step() must be called again at the latest, for a delay to end; INFINITY: no
 * need. */
double alert_deadline(const struct alert *alert, const struct alert_policy *policy);

/* "ack", "shelve 1h", "unshelve". True: it changed, a transition to be stored and
 * published. False with e: not understood, or nothing to do it to. */
bool alert_command(struct alert *alert, const char *command, double time, struct err *e);

#endif
