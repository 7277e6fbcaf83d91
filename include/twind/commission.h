/* Commissioning: what is wrong with a twin's wiring, found in the first days of its
 * readings. For each sensor and each mistake that people make (a unit, a sign, a power of
 * ten, a valve that reads backwards, two sensors exchanged, a clock) the record is weighed
 * as it is and as it would be without the mistake: by what such signals usually are, by
 * what signals say of each other (dew point and temperature, light and the hour), and by
 * how well the twin's own model foretells its outputs. No I/O, no clock. */
#ifndef TWIND_COMMISSION_H
#define TWIND_COMMISSION_H

#include "twind/err.h"
#include "twind/plan.h"
#include "twind/units.h"

enum {
    COMMISSION_FINDINGS = 32,
    COMMISSION_TEXT = 320,
    COMMISSION_FIX = 96,
    COMMISSION_NAME = 32,
};

/* A reading as the history has it, in the signal's own unit, of whatever quality. */
struct commission_reading {
    double time, value;
    size_t sensor; /* of the plan */
};

struct commission_task {
    const struct plan *plan;                   /* finished */
    const struct commission_reading *readings; /* in any order */
    size_t n_readings;
    /* How each of the plan's sensors has its binding's numbers converted: own = unit.scale
     * * (scale * number + offset) + unit.offset. NULL: taken as they came. */
    const struct commission_told {
        struct units_conversion unit;
        double scale, offset;
    } * told;
};

struct commission_finding {
    size_t sensor;                 /* PLAN_NONE: the whole twin */
    size_t other;                  /* exchanged with, or known by; PLAN_NONE */
    char mistake[COMMISSION_NAME]; /* "unit", "tenfold", "sign", "reversed", "swapped",
                                      "clock", "same", "implausible", ... */
    double probability;   /* of this mistake, among all that were weighed and none */
    double scale, offset; /* true = scale * reading + offset, in the signal's own unit */
    char fix[COMMISSION_FIX]; /* what to write: "\"unit\": \"[degF]\""; "": nothing fits */
    char says[COMMISSION_TEXT]; /* one sentence for people */
};

struct commission_result {
    struct commission_finding findings[COMMISSION_FINDINGS]; /* the surest first */
    size_t n;
    double from, to; /* of the readings */
    size_t weighed;  /* possible mistakes that were looked at */
};

/* False: e says why it cannot be done (too short a record). */
bool commission_run(const struct commission_task *task, struct commission_result *result,
                    struct err *e);

#endif
