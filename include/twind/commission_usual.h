/* What signals usually are, each by itself. Only commission*.c needs it. */
#ifndef TWIND_COMMISSION_USUAL_H
#define TWIND_COMMISSION_USUAL_H

#include "twind/commission_record.h"

/* ln of how usual the sensor's readings are as it is wired now; 0 is the most usual. */
double commission_usual(const struct commission_record *record, size_t sensor);

#endif
