/* The first contract: a kind of twin.
 *
 * A kind is a descriptor at the end of its file: four tables, `derive` and `observe`. It
 * holds no filter code, reads no clock, allocates nothing and keeps nothing outside what it
 * is handed. Everything else (configuration checks, `twinctl kinds`, docs, estimation) is
 * derived from the tables. A new kind is one file here and one line in kinds.c.
 *
 * Units in the tables are those which people in that field read (Cel, %, ppm, W, kWh,
 * ug/m3, m/s); SI only inside an equation. Unit spelling is UCUM's. Time is seconds since
 * the epoch. */
#ifndef TWIND_KIND_H
#define TWIND_KIND_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    KIND_ROWS_MAX = 64,    /* rows of one table */
    KIND_STATES_MAX = 128, /* states and estimated parameters together */
    KIND_BLOCKS_MAX = 64,  /* blocks of them */
    KIND_BLOCK_MAX = 18,   /* of these, in one block */
    KIND_MEMORY_MAX = 640,
    KIND_STEP_MAX = 300, /* s: no step is longer than this, or max_step where that is */
};

/* An input of which `value` is KIND_CONTROLLED is computed by the model's own control where
 * it is neither bound nor set: derive() and observe() then see NAN for it. */
#define KIND_CONTROLLED NAN

enum kind_flag {
    KIND_MEASURED = 1 << 0,    /* output: may be bound to a sensor (* in the documents) */
    KIND_CUMULATIVE = 1 << 1,  /* output: a running total (a meter) */
    KIND_DAILY = 1 << 2,       /* output: a total that starts again at local midnight. The
                                  first in kWh is the energy, the first without unit the
                                  cost */
    KIND_SWITCH = 1 << 3,      /* input: an actuator or set-point that people may set */
    KIND_TEMPERATURE = 1 << 4, /* the signal to convert gases with: ppb <-> ug/m3 */
    KIND_PRESSURE = 1 << 5,    /* likewise, hPa */
    KIND_HIDDEN = 1 << 6,      /* state: internal, not written to history */
    KIND_FIT = 1 << 7, /* parameter: differs from case to case, can be known from readings:
                          what calibration fits where it is not told what */
    KIND_FOLLOWS = 1 << 8, /* output: says in other words what measured outputs say (a dew
                              point): foretold from what is foretold of them, not from the
                              model alone */
};

struct kind_row {
    const char *name, *unit, *help; /* "" for no unit */
    double value;                   /* parameter, input: default. State: at the start */
    double min, max; /* physical range: a parameter outside is refused, a reading outside is
                        bad (`out_of_range`), a state is held inside */
    /* What the filter needs, in the row's own unit:
     *   state      process noise: standard deviation gained in one hour, per sqrt(h)
     *   parameter  0: fixed; > 0: estimated as an extra state, sd gained per sqrt(day)
     *   output     sd of a usual sensor (R), where KIND_MEASURED
     *   input      sd of a usual sensor: for information and the virtual plant */
    double noise;
    double spread;     /* state, estimated parameter: sd at the start */
    double molar_mass; /* gases: g/mol; else 0 */
    int block;         /* state, estimated parameter: rows of different blocks are filtered
                          apart (their covariance is taken as 0). Numbered from 0. */
    unsigned flags;
    /* Input, an actuator: 1 + the index of the set-point by which it is moved; 0: none.
     * Where a what-if changes that set-point, what was learned or told of the actuator is
     * void: it is KIND_CONTROLLED (NAN), in the plain run beside it too, unless the what-if
     * sets the actuator itself. Where it sets an actuator, nobody heeds the set-point: that
     * is NAN then. */
    size_t follows;
};

/* What may go wrong with the thing itself, as changes of its model. What may go wrong with
 * sensors is the same for all kinds and needs no row here. */
enum kind_change {
    KIND_NO_CHANGE,
    KIND_INPUT_IS,     /* the input acts as if it were `value`, whatever it says */
    KIND_PARAM_TIMES,  /* the parameter is `value` times what it was */
    KIND_STATE_GAINS,  /* the state gets `value` of its own unit an hour from outside */
    KIND_STATE_SHIFTS, /* likewise, or loses it: a size below 0 is as likely */
};

enum { KIND_EFFECTS_MAX = 3, KIND_NEEDS_MAX = 3 };

struct kind_fault {
    const char *name; /* "vents_open" */
    const char *says; /* "the vents do not close" */
    struct kind_effect {
        enum kind_change change; /* KIND_NO_CHANGE ends the list */
        size_t row;              /* of inputs, parameters or states */
        double value;            /* of a fault of middling size */
    } effects[KIND_EFFECTS_MAX];
};

/* A part that wears, seen as a slow factor on a parameter: 1 when new or just serviced. */
struct kind_health {
    const char *name, *part, *help; /* "heating_loss", "cover", what it says */
    size_t param;
    double limit;   /* the factor at which it is to be serviced: above 1 it rises to it */
    double noise;   /* sd that the factor gains per sqrt(day) */
    double spread;  /* sd at the start */
    double scatter; /* sd of a day's mean of what unexplained() says, wear or not */
    const char *needs[KIND_NEEDS_MAX]; /* signals that must have sensors to see it by */
};

/* One moment of one twin. Arrays have the tables' lengths and order. */
struct kind_point {
    double time;     /* s since the epoch */
    const double *p; /* parameters */
    const double *u; /* inputs; NAN: see KIND_CONTROLLED */
    const double *x; /* states */
    const double *m; /* memory */
};

struct kind {
    const char *name, *help;
    const struct kind_row *params, *inputs, *states, *outputs;
    size_t n_params, n_inputs, n_states, n_outputs;

    /* Doubles that the kind keeps between steps and that are no states: totals of the day,
     * rings of hourly means, a counterfactual model. Zero at the start. */
    size_t n_memory;

    double max_step; /* s: the longest for Runge-Kutta 4 (stability); a longer span is taken
                        in pieces, or by a stiff method in steps of up to KIND_STEP_MAX */
    double min_step; /* s: nothing that matters changes in a shorter time */
    double gate;     /* a reading so many standard deviations from what was expected is not
                        believed at once; 0: 5. INFINITY: a model too weak to contradict */

    /* dx[i] = dx_i/dt, in the state's unit per second. */
    void (*derive)(const struct kind_point *at, double *dx);

    /* The value of one output. */
    double (*observe)(const struct kind_point *at, size_t output);

    /* Optional: NULL where not needed. */

    /* A kind that may be modelled in several details: what this one is called, and all of
     * them, the usual one first, NULL last. They share the name, inputs and outputs. */
    const char *detail;
    const struct kind *const *details;

    /* Starting states (x holds the tables' values) and memory from parameters and inputs.
     */
    void (*start)(const struct kind_point *at, double *x, double *m);

    /* Moves the memory over the `dt` seconds that end at `at`, whose states are the mean of
     * the step's two ends. Called once a step, after the states are moved; dt <= max_step
     * or KIND_STEP_MAX, whichever is longer. */
    void (*accumulate)(const struct kind_point *at, double dt, double *m);

    /* Where an output reads one state and nothing else: that state's index + 1; 0: not so.
     * Saves the filter a numerical gradient. */
    size_t (*reads)(size_t output);

    /* A kind whose signals the user declares (`signals` in the configuration): fills `made`
     * with tables for them. `rows` holds a name, unit, and optional range and noise for
     * each and outlives `made`; `room` is zeroed memory of n * declare_room bytes that
     * outlives it too. */
    void (*declare)(const struct kind_row *rows, size_t n, void *room, struct kind *made);
    size_t declare_room, declare_most; /* bytes a signal; signals */

    const struct kind_fault *faults;
    size_t n_faults;
    const struct kind_health *health;
    size_t n_health;

    /* What nothing known explains at this moment, by which wear is seen, were the health
     * row's parameter worn: `worn` are the parameters with that one changed. In any unit
     * that is the row's own; NAN: this is no moment to tell. */
    double (*unexplained)(const struct kind_point *at, const double *worn, size_t health);
};

/* Every kind, in the order of the documents; ends with NULL. */
extern const struct kind *const kinds_all[];

/* NULL: there is no such kind. */
const struct kind *kinds_find(const char *name);

/* The kind in this detail; NULL: it has none of this name. `detail` NULL: the usual one. */
const struct kind *kinds_detail(const struct kind *kind, const char *detail);

#endif
