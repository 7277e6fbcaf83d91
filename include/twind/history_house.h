/* The history's housekeeping, in small pieces between commits, on the writer's thread:
 * roll-ups, folding, and letting go of what is older than it is to be kept. */
#ifndef TWIND_HISTORY_HOUSE_H
#define TWIND_HISTORY_HOUSE_H

#include "twind/history_batch.h"
#include "twind/history_db.h"

struct history_house;

struct history_house *history_house_new(const struct history_options *options);
void history_house_free(struct history_house *house); /* NULL is allowed */

/* After opening the database (again): where an earlier process left off. */
bool history_house_resume(struct history_house *house, struct history_db *db);

/* This batch was committed. */
void history_house_count(struct history_house *house, const struct history_batch *batch);

/* One piece of what is due at `now` (monotonic s); `more`: there is more to do at once.
 * False: failed (see db->error), and nothing is broken by it. */
bool history_house_work(struct history_house *house, struct history_db *db, double now,
                        bool *more);

/* Rolls up all that is stored. */
bool history_house_roll(struct history_house *house, struct history_db *db);

/* Rolls up and folds all that is stored, so that the file is as small as it gets. */
bool history_house_finish(struct history_house *house, struct history_db *db);

#endif
