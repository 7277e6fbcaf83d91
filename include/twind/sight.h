/* What a rule sees of what it is on. */
#ifndef TWIND_SIGHT_H
#define TWIND_SIGHT_H

#include "twind/judge.h"
#include "twind/wear.h"

enum { SIGHT_FAULTS = 6 }; /* the likeliest */

struct sight {
    struct rule_input in; /* points into the rest: not to be copied */
    double sample_time;   /* of the reading that decides; NAN: none */
    struct rule_future future;
    double values[RULE_SUBJECTS_MAX];
    struct rule_member members[RULE_MEMBERS_MAX];
    struct rule_sensor sensors[2 * KIND_ROWS_MAX];
    struct rule_fault faults[SIGHT_FAULTS];
    struct rule_part parts[WEAR_MOST];
};

void sight_take(const struct judge *judge, const struct twin *twin,
                const struct plan_rule *rule, double time, struct sight *sight);

/* A sensor has its timeout to be heard at all, or again after a start of the program: what
 * a lack of data means is not asked before. */
bool sight_is_early(const struct twin *twin, const struct plan_rule *rule, double time);

#endif
