/* Which twin is due next: a binary heap on twin->due. Twins of equal time come in the order
 * of their index, so that a replay repeats itself. */
#ifndef TWIND_TIMERS_H
#define TWIND_TIMERS_H

#include "twind/twin.h"

struct timers {
    struct twin **heap; /* twin->heap is the position */
    size_t n, room;
};

void timers_add(struct timers *timers, struct twin *twin);
void timers_free(struct timers *timers);

/* NULL: there is none. */
struct twin *timers_first(const struct timers *timers);

/* After the twin's due was changed. */
void timers_moved(struct timers *timers, struct twin *twin);

#endif
