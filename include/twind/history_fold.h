/* Moves rows from where they were appended (recent_*) into packed chunks, a little at a
 * time between commits. Each step is a transaction; a kill between steps costs nothing. */
#ifndef TWIND_HISTORY_FOLD_H
#define TWIND_HISTORY_FOLD_H

#include "twind/history.h"
#include "twind/history_db.h"

struct history_fold;

struct history_fold *history_fold_new(enum history_what what);
void history_fold_free(struct history_fold *fold); /* NULL is allowed */

/* A pass is under way; history_fold_step() moves it on. */
bool history_fold_is_busy(const struct history_fold *fold);

/* So many rows have been appended. */
void history_fold_count(struct history_fold *fold, size_t rows);

/* Rows enough for a pass to pay: several for each series, so that a page is not written for
 * a row or two. */
bool history_fold_is_due(const struct history_fold *fold);
bool history_fold_is_empty(const struct history_fold *fold);

/* Begins a pass over all rows up to number `upto`, which must be rolled up already. */
bool history_fold_begin(struct history_fold *fold, struct history_db *db, int64_t upto);

/* Goes on with a pass that an earlier process began, if there is one. */
bool history_fold_resume(struct history_fold *fold, struct history_db *db);

/* Moves about `rows` rows. False: failed, nothing was moved; resume later. */
bool history_fold_step(struct history_fold *fold, struct history_db *db, size_t rows);

#endif
