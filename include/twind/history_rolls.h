/* Roll-ups to minutes and hours that are some time old, packed like readings. A day (for
 * hours: a block of days) to which late rows come is unpacked before they are added, and
 * packed again later. Within the caller's transaction. */
#ifndef TWIND_HISTORY_ROLLS_H
#define TWIND_HISTORY_ROLLS_H

#include "twind/history_db.h"
#include "twind/history_sums.h"

enum history_roll { HISTORY_MINUTES, HISTORY_HOURS, HISTORY_ROLLS };

/* Packs a series' oldest roll-ups where enough of them are old at `now` (s); `packed` says
 * whether, and `limit` (ms; the caller's, first as history_rolls_limit() read it) is moved:
 * from there on none is packed. Sums keep 10 digits; what is a single row's stays exact. */
bool history_rolls_pack(struct history_db *db, enum history_roll roll, int64_t series,
                        double now, int64_t *limit, bool *packed);

/* Adds sums of new rows to the tables, after what is packed (before `limit`) and concerned
 * is unpacked. */
bool history_rolls_write(struct history_db *db, enum history_roll roll,
                         const struct history_sums *sums, int64_t limit);

/* Of a series, days before `day` (since 1970): hours are added up to days, which stay for
 * ever; hours of blocks that are not wholly older stay. */
bool history_rolls_expire_hours(struct history_db *db, int64_t series, int64_t day);

#endif
