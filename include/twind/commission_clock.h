/* What the sun says of the clock. Only commission*.c needs it. */
#ifndef TWIND_COMMISSION_CLOCK_H
#define TWIND_COMMISSION_CLOCK_H

#include "twind/commission_record.h"

/* ln of how well light and warmth come at their hours, as the sensors are wired now. */
double commission_clock(const struct commission_record *record);

/* Hours that a sensor's day comes too late (negative: too early); NAN: it has no day, or
 * nobody knows when noon is, or people decide when it comes. */
double commission_late(const struct commission_record *record, size_t sensor);

#endif
