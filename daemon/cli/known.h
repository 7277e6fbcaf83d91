/* What inputs will be, for forecasts that may know the future: collected from a recording
 * in a first pass over the file, or from a file of the user's. */
#ifndef TWIND_CLI_KNOWN_H
#define TWIND_CLI_KNOWN_H

#include "twind/world.h"

struct known;

/* Nothing is known within a gap that is longer than `gap` s (but of set-points). */
struct known *known_new(double gap);
void known_free(struct known *known); /* NULL: nothing */

/* For world_listen(); context is the known. Readings of inputs are kept that are good:
 * numbers within what the sensor may say. */
void known_hear(void *context, const struct twin *twin,
                const struct engine_reading *reading);

/* One value of an input, by hand. */
void known_add(struct known *known, const struct twin *twin, size_t input, double time,
               double value);

/* After the last was heard. */
void known_end(struct known *known);

/* For the engine's sink: an actuator or set-point is what it was last; of all else, the
 * value on the line between two readings. NAN: before the first,
 * after the last, or not recorded. */
double known_input(void *context, const struct twin *twin, size_t input, double time);

#endif
