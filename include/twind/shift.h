/* A clock that was set: what a twin remembers of times goes with it. */
#ifndef TWIND_SHIFT_H
#define TWIND_SHIFT_H

#include "twind/twin.h"

/* One such time: 0 is none, and what is not before `below` stays. */
static inline void shift_time(double *time, double by, double below)
{
    if (*time > 0 && *time < below)
        *time += by;
}

/* Times of the twin before `below` move by `by` seconds. */
void shift_twin(struct twin *twin, double by, double below);

#endif
