#include "twind/history_minutes.h"

#include "twind/history_store.h"

#include <sqlite3.h>

#include <math.h>

enum { DAY_MINUTES = 1440, MINUTE_MS = 60000, SUM_DIGITS = 10 };
enum { SUM, COUNT, LEAST, MOST }; /* columns of a chunk */

static bool read_minutes(struct history_db *db, int64_t series, int64_t first,
                         struct chunk_row rows[DAY_MINUTES], size_t *n)
{
    struct sqlite3_stmt *s;
    bool found;
    *n = 0;
    if (!history_db_find(db, &s, &found, SQL_LIST_MINUTES, "iii", series, first,
                         first + DAY_MINUTES))
        return false;
    while (found) {
        rows[(*n)++] = (struct chunk_row){sqlite3_column_int64(s, 0) * MINUTE_MS,
                                          {[SUM] = history_db_number(s, 2),
                                           [COUNT] = history_db_number(s, 1),
                                           [LEAST] = history_db_number(s, 3),
                                           [MOST] = history_db_number(s, 4)}};
        if (!history_db_next(db, s, &found))
            return false;
    }
    return true;
}

/* Least and most of a single row are missing: where all are single they stay so, else they
 * are filled in. Of sums, the last digits, which are noise of adding, are cut so that they
 * are short decimals. */
static void simplify(struct chunk_row *rows, size_t n)
{
    bool single = true;
    for (size_t i = 0; i < n; i++)
        single = single && rows[i].v[COUNT] == 1;
    for (size_t i = 0; !single && i < n; i++) {
        double *v = rows[i].v;
        if (v[COUNT] == 1)
            v[LEAST] = v[MOST] = v[SUM];
        else
            v[SUM] = chunk_shorten(v[SUM], SUM_DIGITS, -(double)INFINITY);
    }
}

bool history_minutes_pack(struct history_db *db, int64_t series, int64_t end, bool *packed)
{
    struct chunk_row rows[DAY_MINUTES];
    struct sqlite3_stmt *s;
    size_t n;
    bool found;
    *packed = false;
    if (!history_db_find(db, &s, &found, SQL_OLDEST_MINUTE, "i", series))
        return false;
    bool none = sqlite3_column_type(s, 0) == SQLITE_NULL;
    int64_t day = history_store_day(sqlite3_column_int64(s, 0) * MINUTE_MS);
    sqlite3_reset(s);
    if (none || (day + 1) * STORE_DAY_MS > end)
        return true;
    struct store_key key = history_store_key(series, day, STORE_MINUTES);
    int64_t first = day * DAY_MINUTES;
    if (!read_minutes(db, series, first, rows, &n))
        return false;
    simplify(rows, n);
    *packed = true;
    return history_store_add(db, &key, rows, n) &&
           history_db_do(db, SQL_DROP_MINUTES, "iii", series, first, first + DAY_MINUTES) &&
           history_db_do(db, SQL_SET_PACKED, "i", (day + 1) * STORE_DAY_MS);
}

static bool unpack_day(struct history_db *db, int64_t series, int64_t day)
{
    struct store_key key = history_store_key(series, day, STORE_MINUTES);
    for (;;) {
        struct chunk chunk;
        struct chunk_row rows[CHUNK_ROWS];
        int64_t number;
        if (!history_store_last(db, &key, &chunk, &number))
            return false;
        if (!number || !chunk_unpack(&chunk, rows))
            return true;
        for (size_t i = 0; i < chunk.n; i++) {
            const double *v = rows[i].v;
            if (!history_db_do(db, SQL_ADD_MINUTE, "iiiddd", series, rows[i].t / MINUTE_MS,
                               (int64_t)v[COUNT], v[SUM], v[LEAST], v[MOST]))
                return false;
        }
        if (!history_store_drop(db, number))
            return false;
    }
}

bool history_minutes_unpack(struct history_db *db, enum history_what what, int64_t from,
                            int64_t to, int64_t end)
{
    enum history_sql late = what == HISTORY_STATE ? SQL_LATE_STATES : SQL_LATE_READINGS;
    struct sqlite3_stmt *s;
    bool found;
    if (!history_db_find(db, &s, &found, late, "iii", from, to, end))
        return false;
    while (found) { /* DISTINCT is sorted first: what is changed here is not seen there */
        if (!unpack_day(db, sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1)) ||
            !history_db_next(db, s, &found))
            return false;
    }
    return true;
}
