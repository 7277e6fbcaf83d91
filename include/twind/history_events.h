/* Alert transitions, as they are in the database. */
#ifndef TWIND_HISTORY_EVENTS_H
#define TWIND_HISTORY_EVENTS_H

#include "twind/history.h"
#include "twind/history_db.h"

/* Those of a rule after number `after`, oldest first; texts last until `each` returns. */
bool history_events_read(struct history_db *db, const char *twin, const char *rule,
                         uint32_t after,
                         void (*each)(void *context, const struct history_alert *alert),
                         void *context);

/* Stores a transition and moves its alert; one that is there already changes nothing. */
bool history_events_add(struct history_db *db, const struct history_alert *alert);

#endif
