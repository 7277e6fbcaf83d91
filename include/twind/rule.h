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

enum {
    RULE_PARAMS_MAX = 24,
    RULE_SUBJECTS_MAX = 64, /* signals that one rule is on */
    RULE_MEMBERS_MAX = 64,  /* rules that one rule looks at */
    RULE_STATE_MAX = 8192,  /* doubles */
    RULE_REASON = 192,
};

enum rule_unit {
    RULE_SIGNAL,   /* a number in the unit of the rule's signal */
    RULE_DURATION, /* seconds; the configuration takes "5m" */
    RULE_FRACTION, /* 0..1 */
    RULE_NUMBER,   /* a number without unit */
    RULE_WORD,     /* one of `words`; the parameter is its index */
    RULE_SWITCH,   /* true or false; 1 or 0 */
    RULE_RULES,    /* a list of other rules of the twin; the parameter is how many */
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
    RULE_ESTIMATE,  /* on "NAME" */
    RULE_MEASURED,  /* on "measured.NAME" */
    RULE_RESIDUAL,  /* on "residual.NAME" */
    RULE_PARAMETER, /* on "parameter.NAME": one that is estimated */
    RULE_HEALTH,    /* on "health.NAME": an index of wear */
    RULE_SUBJECTS,
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

/* Another rule of the twin, that one of the lists (RULE_RULES) names. */
struct rule_member {
    size_t param; /* whose list it is in */
    bool active;
    double since; /* when it became so */
};

/* A sensor, for a type that asks for them. */
struct rule_sensor {
    double time;     /* of its last reading; NAN: never seen, or no sensor */
    double surprise; /* that reading's innovation over its sd, signed; NAN: none */
    bool fresh;      /* it has come since the last step */
};

/* What a rule on several signals has instead of one value is in `values`; the rest is then
 * of them all: the newest reading's time, fresh where any has come. */
struct rule_input {
    double time;        /* now */
    double value;       /* of the (first) subject; NAN: not known, or on the twin */
    double sd;          /* of an estimate; NAN: not asked for */
    double nis;         /* normalised innovation squared of the last reading; NAN: none */
    double sample_time; /* of the sensor's last reading; NAN: never seen, or no sensor */
    double changed;     /* since when the sensor's reading is what it is; NAN: never seen */
    double watched;     /* since when this run of the program has been looking */
    bool fresh;         /* a reading has come since the last step */
    const struct rule_future *future; /* a forecast has just been made; else NULL */
    const double *values;             /* of each subject; NAN: not known */
    size_t n;
    const struct rule_sensor *sensors; /* asked for: each subject's, or all of the twin's */
    size_t n_sensors;
    const struct rule_member *members; /* in the order of the lists */
    size_t n_members;
    const struct rule_fault *faults; /* of a rule on the twin that isolates faults */
    size_t n_faults;
    const struct rule_part *parts; /* of a rule on the twin: how its parts wear */
    size_t n_parts;
};

/* What a type of rule is on. */
enum rule_scope {
    RULE_ON_SIGNAL,  /* one signal */
    RULE_ON_SIGNALS, /* one or more, in one rule: "on" is a name or a list of names */
    RULE_ON_TWIN,    /* the twin as a whole: no "on" */
    RULE_ON_EITHER,  /* one signal, or without "on" the twin */
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

enum rule_isolation {
    RULE_ISOLATES = 1,          /* it wants to know which faults are likely */
    RULE_ISOLATES_AND_EXCLUDES, /* ..and estimates without sensors that are at fault */
};

struct rule_type {
    const char *name, *help;
    const struct rule_row *params;
    size_t n_params;
    /* A ladder type has one set of parameters a severity: params[severity * n_params + i],
     * NAN where that severity is not given. Other types have one set. */
    bool ladder;
    enum rule_scope scope;
    bool sensor_only;  /* looks at sensors: `on` must be bound */
    bool asks_sensors; /* wants `sensors` */
    bool asks_sd;      /* wants `sd` */
    bool asks_parts;   /* wants `parts`: all of the twin's, or the one that it is on */
    bool asks_others;  /* `on` may name signals of other twins, after the first */
    size_t at_least;   /* signals, where the scope's least is too few */
    bool asks_hours;   /* is nothing without the key `hours` */
    bool bears_steps;  /* its state outlives a clock that is set; else it begins anew */
    bool forecast;     /* looks at forecasts: `on` is an output's estimate, of a twin that
                          makes some; also stepped when one has been made */
    /* Of a type that wants `faults`; NULL. */
    enum rule_isolation (*isolates)(const double *params);
    size_t n_state; /* doubles, zero at the start */
    /* Of a type whose state depends on its parameters, or on what it looks at, in place of
     * n_state; NULL. `n`: other rules, else signals, else (on the twin) its sensors. */
    size_t (*state_size)(const double *params, size_t n);
    struct rule_verdict (*step)(const double *params, double *state,
                                const struct rule_input *in);
    /* What the table can't say, such as "one of above, below". NULL: all said. */
    bool (*check)(const double *params, struct err *e);
    /* Why the alert was raised: {reason} of the message. `names` of these n. NULL: "". */
    void (*explain)(const double *params, const double *state, const char *const *names,
                    size_t n, char text[RULE_REASON]);
    const char *unit; /* of value and limit; NULL: the signal's */
    /* Of a type on several signals: whether they must have one unit, which is then the
     * value's; else that has none. NULL: they may be of any. */
    bool (*one_unit)(const double *params);
    /* "{on} is {value} {unit}, above {limit} {unit}": the default message, a template with
     * {twin} {rule} {on} {value} {limit} {unit} {severity} {when} {reason}. */
    const char *message;
};

/* How many signals a rule of the type is on. */
static inline size_t rule_least(const struct rule_type *type)
{
    bool some = type->scope == RULE_ON_SIGNAL || type->scope == RULE_ON_SIGNALS;
    return type->at_least > 0 ? type->at_least : some;
}

static inline size_t rule_most(const struct rule_type *type)
{
    return type->scope == RULE_ON_SIGNALS ? (size_t)RULE_SUBJECTS_MAX
                                          : type->scope != RULE_ON_TWIN;
}

/* Doubles that a rule of the type keeps. */
static inline size_t rule_state_size(const struct rule_type *type, const double *params,
                                     size_t n)
{
    return type->state_size ? type->state_size(params, n) : type->n_state;
}

/* Every rule type, in the order of the documents; ends with NULL. */
extern const struct rule_type *const rules_all[];

/* NULL: there is no such type. */
const struct rule_type *rules_find(const char *name);

#endif
