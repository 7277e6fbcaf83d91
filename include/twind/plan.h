/* What the configuration makes of one twin, or of a fleet of like twins: which kind, its
 * parameters, sensors and rules, and from these the layout of a twin's block. Made once,
 * never changed, shared by all twins of a fleet. */
#ifndef TWIND_PLAN_H
#define TWIND_PLAN_H

#include "twind/alert.h"
#include "twind/hours.h"
#include "twind/kind.h"
#include "twind/motion.h"

#include <stdbool.h>
#include <stdint.h>

#define PLAN_NONE SIZE_MAX

/* A binding's side of the engine: the signal it feeds and how far it is believed. */
struct plan_sensor {
    size_t signal;       /* see plan_signal() */
    double sd;           /* of the sensor, in the signal's unit */
    double timeout;      /* s: stale after; INFINITY: never */
    double min, max;     /* readings outside are out of range */
    double min_interval; /* s between readings that are used; 0: all */
    double stuck_after;  /* s that it may stand still; INFINITY */
    bool counter;        /* monotonic meter: resets and glitches are recognised */
    bool battery;        /* its messages tell their device's charge */
};

/* One thing that a rule is on. */
struct plan_subject {
    enum rule_subject subject;
    size_t signal; /* see plan_signal(); of a parameter or health index: its row */
    size_t sensor; /* derived: the sensor of the signal; PLAN_NONE */
    char *twin; /* NULL: this one; else another's id, and only `text` says which signal */
    char *text; /* as the configuration says it, "measured.NAME"; derived if NULL */
};

struct plan_rule {
    char *id;
    char *message; /* NULL: the type's */
    const struct rule_type *type;
    double *params; /* as rule.h says */
    struct alert_policy policy;
    struct plan_subject *subjects; /* as many as the type's scope says */
    size_t n_subjects;             /* 0: it is on the twin */
    size_t
        *unless; /* indexes of rules that suppress this one; all are smaller than its own */
    size_t n_unless;
    struct plan_member { /* rules that it looks at, likewise */
        size_t param;    /* in whose list */
        size_t rule;
    } * members;
    size_t n_members;
    struct hours hours; /* local; n 0: always. Outside of them it is suppressed */
};

/* An index of wear (wear.h). */
struct plan_wear {
    enum plan_wears { PLAN_WEARS_PART, PLAN_WEARS_NOISE, PLAN_WEARS_BATTERY } what;
    const struct kind_health *health; /* of a part; else NULL */
    size_t row;                       /* of the kind's health, or the sensor */
    char name[96];                    /* "heating_loss" */
    char label[160];                  /* "cover: heating loss" */
};

/* What is to be forecast; `every` 0: nothing. */
struct plan_forecast {
    double every, horizon, step; /* s */
    size_t *given;               /* inputs whose future comes from a topic */
    size_t n_given;
};

struct isolate_plan;

struct plan {
    /* Filled by the maker (the configuration, a test), then plan_finish() is called. */
    const struct kind *kind;
    double *params;              /* kind->n_params */
    struct plan_sensor *sensors; /* at most one a signal */
    size_t n_sensors;
    struct plan_rule *rules; /* suppressors before the suppressed */
    size_t n_rules;
    double step; /* s: advanced at least so often */
    /* auto: rk4 over gaps of up to KIND_STEP_MAX, for the filter's sake. A copy that only
     * runs ahead does as well, and cheaper, by rosenbrock. */
    enum motion_method integrator;
    bool health;         /* wear is looked after */
    double states_every; /* s between states in the history; INFINITY: none */
    struct plan_forecast forecast;
    double utc_offset; /* h, from the parameter of that name; else 0 */
    void *declared;    /* what `kind` lives in where the user declared it; free() */
    struct plan *base; /* NULL, or the plan whose parts but `params` are shared */

    /* Derived by plan_finish(). */
    size_t n_x; /* states and estimated parameters */
    struct plan_block {
        size_t n;
        uint8_t index[KIND_BLOCK_MAX]; /* into x */
        size_t p;                      /* offset of its n*n covariance in the P part */
    } * blocks;
    size_t n_blocks, n_cov;         /* n_cov: doubles of all covariances */
    const struct kind_row **x_rows; /* n_x: state rows, then estimated parameters' */
    uint8_t *x_block;               /* n_x: which block */
    size_t *estimated;              /* n_x - n_states: index of the parameter */
    size_t temperature, pressure;   /* signals to convert gases with; PLAN_NONE */
    /* The block, in this order, all 8-byte aligned: struct twin_head, x, P, u, memory,
     * sensors, alerts, rule states, forecast, wear, faults. Offsets in bytes. */
    size_t at_x, at_cov, at_u, at_memory, at_sensors, at_alerts, at_rules, at_forecast,
        at_wear, at_isolate, block_size;
    size_t *rule_state;     /* n_rules: offset in doubles from at_rules */
    struct plan_wear *wear; /* indices of health that are kept */
    size_t n_wear;
    struct isolate_plan *isolate; /* NULL: no rule asks which fault it is */
    unsigned references;
};

/* A plan for the kind with default parameters, no sensors, no rules, a step of 10 s and
 * states every minute; one reference, the caller's. */
struct plan *plan_new(const struct kind *kind);

/* The number of the signal with this name: inputs first, then outputs; PLAN_NONE: none. */
size_t plan_signal(const struct kind *kind, const char *name);
const struct kind_row *plan_row(const struct kind *kind, size_t signal);

/* What a rule's state is for: its members, else its subjects, else (on the twin) all
 * sensors; and the name of one. */
size_t plan_rule_width(const struct plan *plan, const struct plan_rule *rule);
const char *plan_rule_part(const struct plan *plan, const struct plan_rule *rule, size_t i);

/* The sensor of the signal; PLAN_NONE. */
size_t plan_sensor_of(const struct plan *plan, size_t signal);

/* A sensor of the signal as the kind's table expects it: its sd and range; never stale,
 * never stuck, every reading used. */
struct plan_sensor plan_sensor_usual(const struct kind *kind, size_t signal);

/* Checks and derives. The plan's arrays must not change afterwards. A sensor whose sd is 0
 * gets the row's. */
bool plan_finish(struct plan *plan, struct err *e);

/* A text that names all that gives the block its meaning ("x air_temperature\ns co2\n.."):
 * equal texts, equal blocks. Free with free(). */
char *plan_layout(const struct plan *plan);

/* Fills a fresh block from an old one of other layout (its plan_layout() text): states,
 * parameters, inputs, memory, sensors and alerts that bear the same name are carried over.
 * False where the old text is not understood. */
bool plan_adopt(const struct plan *plan, void *block, const char *old_layout,
                const void *old_block, size_t old_size);

/* The finished plan with other parameters, which are copied; holds `base`. One reference,
 * the caller's. */
struct plan *plan_vary(struct plan *base, const double *params);

struct plan *plan_hold(struct plan *plan); /* one more reference */
void plan_drop(struct plan *plan);

#endif
