/* Puts a batch into the database, in one transaction with the inbox sequence that it
 * covers. On the writer's thread. */
#ifndef TWIND_HISTORY_WRITE_H
#define TWIND_HISTORY_WRITE_H

#include "twind/history_batch.h"
#include "twind/history_db.h"

/* False: nothing of it is in the database (see db->error); may be tried again. Blocks go to
 * `keep` (where not NULL) just before the commit, once. */
bool history_write_batch(struct history_db *db, struct history_batch *batch,
                         struct keep *keep);

#endif
