/* How a twin's parts and sensors wear: an index for each, 1 when new or just serviced, with
 * its uncertainty and the time that is left to its limit. Plain data in the twin's block,
 * looked at every WEAR_RASTER seconds and concluded once a day (UTC). */
#ifndef TWIND_WEAR_H
#define TWIND_WEAR_H

#include "twind/twin.h"
#include "twind/wear_trend.h"

enum { WEAR_RASTER = 900, WEAR_MOST = 64 }; /* s; indices of a twin */

/* One index as it lies in the block; zero: it has yet to begin. */
struct wear_state {
    struct wear_trend trend;
    double looked;                      /* s: the last look */
    double n, unexplained, gain;        /* sums of the day's looks */
    double before;                      /* a sensor's last; NAN */
    double left, left_least, left_most; /* s, as of `concluded` */
    double concluded;                   /* s: the last day's end, or a service */
    double serviced;                    /* s; 0: never */
    double param;                       /* that the factor is of, as of the last look */
};

/* Fills the plan's list of indices: rows of the kind's `health` whose signals have sensors,
 * then the noise of each output's sensor, and the batteries of sensors. None where the plan
 * does not keep health. plan->wear has room for WEAR_MOST. */
void wear_list(struct plan *plan);

/* A sensor has a good reading: the twin has been moved by it. */
void wear_hear(struct twin *twin, size_t sensor);

/* A sensor's message told its battery's charge, 0..1. */
void wear_charge(struct twin *twin, size_t sensor, double charge);

/* Looks and conclusions that are due by `time`. True: a day was concluded, the indices have
 * changed. */
bool wear_keep(struct twin *twin, double time, struct twin_scratch *scratch);

/* The part is as new from `time` on. False: there is no such part; e names those that are.
 */
bool wear_serve(struct twin *twin, const char *part, double time, struct err *e);

/* The place of the kind's health row among the indices; PLAN_NONE: it is not kept. */
size_t wear_find(const struct plan *plan, size_t row);

/* The i-th index as it is known now. Texts are the plan's. */
struct rule_part wear_part(const struct twin *twin, size_t i);

/* A clock that was set: times before `below` move by `by`. */
void wear_shift(struct twin *twin, double by, double below);

#endif
