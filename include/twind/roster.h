/* All twins, by index and by id. Twins, ids and blocks live in large pieces that never
 * move: a twin costs its own size and about 30 bytes, and its address is for life. */
#ifndef TWIND_ROSTER_H
#define TWIND_ROSTER_H

#include "twind/twin.h"

struct roster;

struct roster *roster_new(void);
void roster_free(struct roster *roster); /* drops the plans */

/* A new twin with a zeroed block; holds the plan. */
struct twin *roster_add(struct roster *roster, const char *id, const char *name,
                        struct plan *plan);
struct twin *roster_find(const struct roster *roster, const char *id);
struct twin *roster_twin(const struct roster *roster, size_t index);
size_t roster_count(const struct roster *roster);

#endif
