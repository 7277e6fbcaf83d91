/* A clock that was set: what a twin remembers of times goes with it. */
#ifndef TWIND_SHIFT_H
#define TWIND_SHIFT_H

#include "twind/twin.h"

/* Times of the twin before `below` move by `by` seconds. */
void shift_twin(struct twin *twin, double by, double below);

#endif
