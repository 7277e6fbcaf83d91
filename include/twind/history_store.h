/* Chunks in the database: found by series, day and sort. */
#ifndef TWIND_HISTORY_STORE_H
#define TWIND_HISTORY_STORE_H

#include "twind/history_chunk.h"
#include "twind/history_db.h"

enum { STORE_DAY_MS = 86400000, STORE_DAY_TEXT = 24 };

/* Readings are sorted by their quality; states have 0. Roll-ups stand beside; those to
 * hours are stored by blocks of 32 days, under the first one's name. */
enum { STORE_MINUTES = 100, STORE_HOURS = 101, STORE_HOURS_DAYS = 32 };

enum { STORE_FULL = CHUNK_TEXT * 9 / 10 }; /* a chunk with so long a text is left alone */

struct store_key {
    int64_t series;
    char day[STORE_DAY_TEXT]; /* "2026-01-31" */
    int64_t sort;
};

int64_t history_store_day(int64_t t); /* days since 1970 of ms since then */
/* The first day of the block of so many days in which t lies. */
int64_t history_store_block(int64_t t, int64_t days);
struct store_key history_store_key(int64_t series, int64_t day, int64_t sort);

/* Packs the rows, ordered by time, into as many chunks as it takes. `unit`: see struct
 * chunk. */
bool history_store_add(struct history_db *db, const struct store_key *key, int64_t unit,
                       const struct chunk_row *rows, size_t n);

/* The last chunk added with this key, which has `rows` rows and text of `length` bytes, is
 * left in `chunk`; `number` 0: there is none. */
bool history_store_last(struct history_db *db, const struct store_key *key,
                        struct chunk *chunk, int64_t *number);

/* A row whose columns begin as those of SQL_LAST_CHUNK. */
void history_store_read(struct sqlite3_stmt *row, struct chunk *chunk);

bool history_store_drop(struct history_db *db, int64_t number);

#endif
