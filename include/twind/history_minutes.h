/* Minutes of past days, packed like readings. A day to which late rows come is unpacked
 * before they are added, and packed again later. Within the caller's transaction. */
#ifndef TWIND_HISTORY_MINUTES_H
#define TWIND_HISTORY_MINUTES_H

#include "twind/history.h"
#include "twind/history_db.h"

/* Packs the oldest day of a series' minutes where it ends by `end` (ms, a day's begin);
 * `packed` false: there is none. Means keep 10 digits; what is a single row's stays exact.
 */
bool history_minutes_pack(struct history_db *db, int64_t series, int64_t end, bool *packed);

/* Unpacks the days before `end` to which rows in from+1..to will be added. */
bool history_minutes_unpack(struct history_db *db, enum history_what what, int64_t from,
                            int64_t to, int64_t end);

#endif
