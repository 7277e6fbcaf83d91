/* What a twin has learned of its faults, as it lies in its block. For isolate*.c alone. */
#ifndef TWIND_ENGINE_ISOLATE_BLOCK_H
#define TWIND_ENGINE_ISOLATE_BLOCK_H

#include "twind/filter.h"
#include "twind/isolate.h"
#include "twind/tail.h"

#include <math.h>

enum {
    /* Slots of a hypothesis: some begin with a surprising reading, one again and again; in
     * the others what these found is kept. */
    ISOLATE_SURPRISED = 2,
    ISOLATE_YOUNG = 3,
    ISOLATE_SLOTS = 6,
    ISOLATE_BINS = 12, /* of a day */
    ISOLATE_UNITS = 14,
    ISOLATE_COLUMNS = ISOLATE_SLOTS * ISOLATE_BANK_MOST,
};

/* What a state that no sensor reads usually is at this time of the day. */
struct isolate_habit {
    double mean[ISOLATE_BINS], square[ISOLATE_BINS], seen[ISOLATE_BINS];
};

/* Times in s; 0: not yet. */
struct isolate_head {
    double looked, learned;
    double began;
    double moment, pace; /* of the last reading of an output; s between them, usually */
    double heard;        /* any sensor's last reading */
    double alarmed;      /* 1: a fault is likely */
    double thing;        /* when a fault of the thing itself was last likely; 0: never */
    double met, weighed; /* 1: a reading has come since; last with one */
    /* A rejected reading that the next of its sensor will show to be a spike, or not. */
    double doubted; /* sensor + 1; 0: none */
    double residual, variance;
    double young[ISOLATE_YOUNG]; /* when they began */
};

/* How large a fault seems to be where nothing is wrong: mean, mean square, and how much of
 * that is the size's own uncertainty; of so many looks. */
struct isolate_size {
    double mean, square, uncertain, n;
};

/* What is known of a hypothesis. Sizes: in its first hour or so; later. */
struct isolate_fact {
    struct tail tail;        /* of its evidence where nothing is wrong */
    double evidence, peak;   /* now; the greatest since the tail last learned */
    double odds, background; /* against no fault and a true model: now; usually */
    double surprise;         /* -log10 of the chance of as much */
    struct isolate_size young, old;
    double size, since;
};

/* A sensor's habits, and what is odd now. Evidences are logarithms. */
struct isolate_sensor {
    double time, value;   /* of the newest reading */
    double error, step;   /* normalised: of that reading; from the one before to it */
    double interval;      /* s between readings, usually */
    double missed;        /* readings that did not come, fading */
    double repeats[2][2]; /* chance that a reading repeats the last: at an end of the
                             range or 0, elsewhere; after none, after one that did */
    double stuck, stuck_since;
    double strange, strain; /* halves of squared errors: since it is stuck; of late */
    double noise, burst, usual_noise, noisy_since;
    double spikes, spiky_since;
    double unit[ISOLATE_UNITS], unit_since;
    double odd; /* 1: the last reading was far from what was expected */
    double range, range_since;
    double clock, clock_since;
    double n;                                                   /* readings so far */
    double scale[ISOLATE_BINS], seen[ISOLATE_BINS], mean_scale; /* see isolate_scale() */
    double variance;                                            /* of the last innovation */
    double excluded;                                            /* 1: yes */
};

/* Where things lie. Slots of hypothesis j: columns j, n_bank + j, 2 n_bank + j, .. */
struct isolate_block {
    struct isolate_head *head;
    struct isolate_fact *facts;     /* one a hypothesis */
    struct isolate_sensor *sensors; /* one a sensor */
    struct isolate_habit *habits;   /* one a state of the kind */
    double *c, *d;                  /* evidence of the slots: see bank_weigh() */
    double *recent;                 /* log likelihood ratio of the last readings */
    double *since;                  /* s: when the slot's fault began */
    double *doubt;                  /* signatures of the reading that is doubted */
    double *g;                      /* n_x rows: see bank.h */
};

/* NULL members where the plan has none. */
struct isolate_block isolate_block(const struct twin *twin);

static inline size_t isolate_columns(const struct plan *plan)
{
    return ISOLATE_SLOTS * plan->isolate->n_bank;
}

/* The innovation's variance (or of an input, the variance of steps) as it is seen to be at
 * this time of the day, over what it should be; and a new value of that. */
double isolate_scale(const struct isolate_sensor *sensor, double time);
void isolate_scale_learn(struct isolate_sensor *sensor, double time, double value);

static inline size_t isolate_bin(double time)
{
    const double day = 86400;
    size_t bin = (size_t)((time / day - floor(time / day)) * ISOLATE_BINS);
    return bin < ISOLATE_BINS ? bin : ISOLATE_BINS - 1;
}

/* isolate_bank.c: evidence of hypothesis j by its best slot; size and since of it. */
struct isolate_finding {
    double evidence, odds, size, since;
};

struct isolate_finding isolate_bank_find(const struct twin *twin, size_t j);
/* Learns how large faults seem to be where nothing is wrong. */
void isolate_bank_learn(struct twin *twin);
/* Slots that are due begin anew; what they found is kept where it is worth it. */
void isolate_bank_renew(struct twin *twin, double time);
void isolate_bank_begin(struct twin *twin, double time);

/* isolate_habit.c: what states that no sensor reads say of faults, and what is usual of
 * them: once in `span` seconds. */
void isolate_habit_weigh(struct twin *twin, double time, double span, double *room);
void isolate_habit_learn(struct twin *twin, double time);

/* isolate_sign.c: the same for what shows in one sensor's readings. */
struct isolate_finding isolate_sign_find(const struct twin *twin, size_t j, double time);
void isolate_sign_meet(struct twin *twin, const struct isolate_reading *reading);
/* How much more than usual the sensor scatters now: 1 or above. */
double isolate_sign_scatter(const struct isolate_sensor *sensor);

#endif
