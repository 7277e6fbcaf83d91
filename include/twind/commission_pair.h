/* What signals say of each other: physics that holds without a model. Only commission*.c
 * needs it. */
#ifndef TWIND_COMMISSION_PAIR_H
#define TWIND_COMMISSION_PAIR_H

#include "twind/commission_record.h"

/* ln of how well all signals agree with each other as they are wired now; 0 is the best. */
double commission_pairs(const struct commission_record *record);

/* Two sensors of one unit, no actuators, that bring the very same numbers: the next pair
 * after (*a, *b), which begins at (0, 0). */
bool commission_same(const struct commission_record *record, size_t *a, size_t *b);

/* A total that goes down again and again. */
bool commission_falls(const struct commission_record *record, size_t sensor);

#endif
