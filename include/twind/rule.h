/* The second contract: a rule type.
 *
 * A type is a table of parameters, a state size and step(), which answers "should it be up,
 * how badly, and against which limit". On-delay, clear-delay, acknowledging, shelving,
 * suppression, flapping, persistence and publishing live once, in the engine (alert.h). */
#ifndef TWIND_RULE_H
#define TWIND_RULE_H

#include "twind/err.h"

#include <stddef.h>

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_CRITICAL, SEVERITY_COUNT };

const char *severity_name(enum severity severity);

enum { RULE_PARAMS_MAX = 8, RULE_STATE_MAX = 640, RULE_REASON = 192 };

enum rule_unit {
    RULE_SIGNAL,   /* a number in the unit of the rule's signal */
    RULE_DURATION, /* seconds; the configuration takes "5m" */
    RULE_FRACTION, /* 0..1 */
    RULE_WORD,     /* one of `words`; the parameter is its index */
};

struct rule_row {
    const char *name, *help;
    enum rule_unit unit;
    double value;    /* default; NAN: absent */
    double min, max; /* what is accepted */
    bool required;
    const char *const *words; /* of RULE_WORD; ends with NULL */
};

/* What a rule may look at. */
enum rule_subject {
    RULE_ESTIMATE, /* on "NAME" */
    RULE_MEASURED, /* on "measured.NAME" */
    RULE_RESIDUAL, /* on "residual.NAME" */
};

/* A fault that would explain what the sensors say, and how well. */
struct rule_fault {
    const char *name, *says; /* "vents_open", "the vents do not close" */
    double probability;      /* among all faults that there may be */
    double chance;           /* of as much evidence where nothing is wrong */
    double size;             /* in units of the fault's row */
    double since;            /* s: when it seems to have begun */
    size_t sensor;           /* that lies; SIZE_MAX: it is no sensor's fault */
};

/* How a part wears (kind.h's health). */
struct rule_part {
    const char *name, *part, *help;
    double value, sd, limit;            /* of the index */
    double left, left_least, left_most; /* s to the limit, with the 90 % band; INFINITY */
    double serviced;                    /* s: when last; 0: never */
};

/* A forecast of the rule's estimate, at made + step, made + 2 step .. made + n step. */
struct rule_future {
    double made, step; /* s */
    size_t n;
    const double *mean, *sd;
};

struct rule_input {
    double time;        /* now */
    double value;       /* of the subject; NAN: not known */
    double sd;          /* of an estimate; NAN: not asked for */
    double nis;         /* normalised innovation squared of the last reading; NAN: none */
    double sample_time; /* of the sensor's last reading; NAN: never seen, or no sensor */
    double changed;     /* since when the sensor's reading is what it is; NAN: never seen */
    double watched;     /* since when this run of the program has been looking */
    bool fresh;         /* a reading has come since the last step */
    const struct rule_future *future; /* a forecast has just been made; else NULL */
};

/* What a type of rule is on. */
enum rule_scope {
    RULE_ON_SIGNAL,  /* one signal */
    RULE_ON_SIGNALS, /* one or more, in one rule: "on" is a name or a list of names */
    RULE_ON_TWIN,    /* the twin as a whole: no "on" */
};

enum rule_answer {
    RULE_DOWN, /* no reason, and the clear condition holds */
    RULE_UP,
    RULE_BETWEEN, /* neither: between limit and clear limit. Stay as you are */
    RULE_UNKNOWN, /* no data to say */
};

struct rule_verdict {
    enum rule_answer answer;
    enum severity severity; /* types with a ladder; else ignored */
    double value, limit;    /* for the message; NAN: none */
    double when;            /* the time that value is of, where it is to come; 0: now */
};

struct rule_type {
    const char *name, *help;
    const struct rule_row *params;
    size_t n_params;
    /* A ladder type has one set of parameters a severity: params[severity * n_params + i],
     * NAN where that severity is not given. Other types have one set. */
    bool ladder;
    bool sensor_only; /* looks at a sensor: `on` must be bound */
    bool forecast;    /* looks at forecasts: `on` is an output's estimate, of a twin that
                         makes some; also stepped when one has been made */
    size_t n_state;   /* doubles, zero at the start */
    /* Of a type whose state depends on its parameters, in place of n_state; NULL. */
    size_t (*state_size)(const double *params);
    struct rule_verdict (*step)(const double *params, double *state,
                                const struct rule_input *in);
    /* What the table can't say, such as "one of above, below". NULL: all said. */
    bool (*check)(const double *params, struct err *e);
    /* Why the alert was raised: {reason} of the message. NULL: "". */
    void (*explain)(const double *params, const double *state, char text[RULE_REASON]);
    const char *unit; /* of value and limit; NULL: the signal's */
    /* "{on} is {value} {unit}, above {limit} {unit}": the default message, a template with
     * {twin} {rule} {on} {value} {limit} {unit} {severity} {when} {reason}. */
    const char *message;
};

/* Doubles that a rule of the type keeps. */
static inline size_t rule_state_size(const struct rule_type *type, const double *params)
{
    return type->state_size ? type->state_size(params) : type->n_state;
}

/* Every rule type, in the order of the documents; ends with NULL. */
extern const struct rule_type *const rules_all[];

/* NULL: there is no such type. */
const struct rule_type *rules_find(const char *name);

#endif
