/* The engine: all twins, one clock that is an argument. It reads no clock, does no I/O and
 * allocates only when a twin is added. Live, the clock is the wall; in a replay it is the
 * recording's own: same input, same bytes out. */
#ifndef TWIND_ENGINE_H
#define TWIND_ENGINE_H

#include "twind/flood.h"
#include "twind/forecast.h"

enum {
    ENGINE_MESSAGE = 256,
    ENGINE_ALERT_ID = 416, /* ids of twins and rules have up to 200 characters */
};

/* A transition of an alert, for the history and for subscribers. */
struct engine_alert {
    const struct twin *twin;
    const struct plan_rule *rule;
    const struct alert *alert;
    double time;
    char id[ENGINE_ALERT_ID]; /* TWIN.RULE.N, N: the alert's raise count */
    char cause[FLOOD_ID];     /* in a flood: the id of the alert that it is under; "" */
    char message[ENGINE_MESSAGE];
};

/* Where things go. Called from within engine calls; must not call the engine back. */
struct engine_sink {
    void *context;
    /* A reading, judged. Every one that decoded, whatever its quality, but duplicates and
     * those closer than the binding's min_interval. A counter's is the continuous value. */
    void (*reading)(void *context, struct twin *twin, size_t sensor, double time,
                    double value, enum quality quality);
    /* The estimate is to be kept now (every plan->states_every). */
    void (*state)(void *context, struct twin *twin);
    void (*alert)(void *context, const struct engine_alert *alert);
    /* A flood of alerts has begun, has doubled, or is over. */
    void (*flood)(void *context, const struct flood_summary *flood);
    /* The twin's block changed by a reading, a command or a transition. */
    void (*changed)(void *context, struct twin *twin);
    /* A forecast was made (every plan->forecast.every). Valid during the call. */
    void (*forecast)(void *context, struct twin *twin, const struct forecast *forecast);
    /* The indices of health (wear_part()) have changed: a day has ended, or a part was
     * serviced. */
    void (*health)(void *context, struct twin *twin, double time);
    /* What a recording knows of its future; NULL: nothing is known. */
    forecast_known *known;
};

struct engine;

struct engine *engine_new(const struct engine_sink *sink);
void engine_free(struct engine *engine);

/* A new twin at its start; holds the plan. The id must be new (the caller keeps the index
 * by id, engine_find() is for commands and adding). */
struct twin *engine_add(struct engine *engine, const char *id, const char *name,
                        struct plan *plan);
struct twin *engine_find(const struct engine *engine, const char *id);
size_t engine_count(const struct engine *engine);
struct twin *engine_twin(const struct engine *engine, size_t index);

/* After a block was put in from outside (keep, reload): the timers look at it anew. */
void engine_restored(struct engine *engine, struct twin *twin);

/* The twin goes on with other parameters: a plan that differs from its own in nothing else
 * (plan_vary()); holds it. */
void engine_revise(struct engine *engine, struct twin *twin, struct plan *plan);

/* Runs everything that falls due up to `now`, in the order of time: models advance at least
 * every plan->step, delays of alerts end on time, states are stored. A step backward of up
 * to a minute is nothing; a clock that has gone back further, or that was set at last (from
 * before the year 2000), takes all twins with it, which is told by the return value: the
 * seconds it went back, negative for forward; else 0. A caller whose messages are not in
 * the order of time passes the newest so far. Of a long gap only
 * the last 1000 steps are taken one by one; where there are more than 2000 twins, the last
 * two million of all of them together. */
double engine_advance(struct engine *engine, double now);

/* From now on engine_advance() keeps at most so many deadlines a call; the rest stay due
 * and engine_next() says so. For a caller that has more to do than this: after a day's gap
 * the leap of one physics model may cost 2 ms, of 20,000 of them 40 s. 0 (the default):
 * all. */
void engine_set_patience(struct engine *engine, size_t ticks);

/* When many alerts are a flood (flood.h); alerts 0, the default: never. Before twins are
 * added. */
void engine_set_flood(struct engine *engine, size_t alerts, double within);

/* The same for one twin alone, on a clock of its own (`clock: event`: recordings of several
 * sites may come side by side, each in its own year). Not to be mixed with the above. */
void engine_advance_twin(struct engine *engine, struct twin *twin, double now);

/* When engine_advance() has something to do next; INFINITY: nothing. */
double engine_next(const struct engine *engine);

struct engine_reading {
    size_t sensor;
    double time;
    double value;  /* NAN: bad */
    bool retained; /* by the broker: says nothing of freshness... */
    bool timed;    /* ...unless the payload said its time */
};

/* The readings that one message brought to one twin, in the order of time (the function
 * sorts them); rules are evaluated once for each moment. Call engine_advance() first with
 * the message's time. */
void engine_apply(struct engine *engine, struct twin *twin, struct engine_reading *readings,
                  size_t n);

/* Sets an input (a command). False: no such input, out of range: e names the range. */
bool engine_set(struct engine *engine, struct twin *twin, const char *input, double value,
                double time, struct err *e);

/* A part was serviced at `since`: it is as new. False: there is no such part; e names those
 * that are. */
bool engine_serve(struct engine *engine, struct twin *twin, const char *part, double since,
                  double time, struct err *e);

/* A command to an alert: see alert_command(). */
bool engine_alert_command(struct engine *engine, struct twin *twin, const char *rule,
                          const char *command, double time, struct err *e);

/* For publishing: what the edge needs to ask twins for estimates. */
struct twin_scratch *engine_scratch(struct engine *engine);

struct engine_stats {
    uint64_t readings, used, duplicate, late, out_of_range, rejected, stale, stuck, thinned;
    uint64_t steps, transitions, resets;
};

const struct engine_stats *engine_stats(const struct engine *engine);

/* The present object of an alert as it would be told now (for retained topics). */
void engine_describe(const struct engine *engine, const struct twin *twin, size_t rule,
                     double time, struct engine_alert *alert);

#endif
