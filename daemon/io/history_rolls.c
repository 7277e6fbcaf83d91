#include "twind/history_rolls.h"

#include "twind/history_store.h"

#include <sqlite3.h>

#include <math.h>

enum { BLOCK_ROWS = 1440, SUM_DIGITS = 10, HOUR_MS = 3600000, MINUTE_MS = 60000 };
enum { SUM, COUNT, LEAST, MOST }; /* columns of a chunk */

static const struct roll {
    int64_t unit;       /* ms */
    int64_t block_days; /* that are packed together, under the first day's name */
    int64_t hot, step;  /* ms: what is younger stays; so much is packed at once */
    int64_t align;      /* ms: an hour, a day is packed as a whole */
    int64_t sort;
    enum history_sql oldest, list, drop, add;
} rolls[HISTORY_ROLLS] = {
    [HISTORY_MINUTES] = {MINUTE_MS, 1, 2 * (int64_t)HOUR_MS, 6 * (int64_t)HOUR_MS, HOUR_MS,
                         STORE_MINUTES, SQL_OLDEST_MINUTE, SQL_LIST_MINUTES,
                         SQL_DROP_MINUTES, SQL_ADD_MINUTE},
    [HISTORY_HOURS] = {HOUR_MS, STORE_HOURS_DAYS, 2 * (int64_t)STORE_DAY_MS,
                       4 * (int64_t)STORE_DAY_MS, STORE_DAY_MS, STORE_HOURS,
                       SQL_OLDEST_HOUR, SQL_LIST_HOURS, SQL_DROP_HOURS, SQL_ADD_HOUR},
};

static int64_t floor_to(int64_t t, int64_t unit)
{
    return (t >= 0 ? t : t - unit + 1) / unit * unit;
}

static struct store_key key_of(const struct roll *roll, int64_t series, int64_t t)
{
    return history_store_key(series, history_store_block(t, roll->block_days), roll->sort);
}

/* Buckets from..to-1, at most a block. */
static bool read_rows(struct history_db *db, const struct roll *roll, int64_t series,
                      int64_t from, int64_t to, struct chunk_row *rows, size_t *n)
{
    struct sqlite3_stmt *s;
    bool found;
    *n = 0;
    if (!history_db_find(db, &s, &found, roll->list, "iii", series, from, to))
        return false;
    while (found && *n < BLOCK_ROWS) {
        rows[(*n)++] = (struct chunk_row){sqlite3_column_int64(s, 0) * roll->unit,
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

/* The block's last chunk, before the rows that follow it, where it has room. */
static bool take_last(struct history_db *db, const struct store_key *key,
                      struct chunk_row *rows, size_t *n)
{
    struct chunk chunk;
    int64_t number;
    if (!history_store_last(db, key, &chunk, &number))
        return false;
    if (!number || chunk.length >= STORE_FULL || !chunk_unpack(&chunk, rows))
        return true;
    *n = chunk.n;
    return history_store_drop(db, number);
}

static bool pack_rows(struct history_db *db, const struct roll *roll, int64_t series,
                      int64_t from, int64_t to)
{
    struct chunk_row rows[CHUNK_ROWS + BLOCK_ROWS];
    struct store_key key = key_of(roll, series, from);
    size_t old = 0, n;
    int64_t first = from / roll->unit, end = to / roll->unit;
    if (!take_last(db, &key, rows, &old) ||
        !read_rows(db, roll, series, first, end, rows + old, &n))
        return false;
    simplify(rows, old + n);
    return history_store_add(db, &key, roll->unit, rows, old + n) &&
           history_db_do(db, roll->drop, "iii", series, first, end);
}

static bool find_oldest(struct history_db *db, const struct roll *roll, int64_t series,
                        bool *found, int64_t *oldest)
{
    struct sqlite3_stmt *s;
    if (!history_db_find(db, &s, found, roll->oldest, "i", series))
        return false;
    *found = *found && sqlite3_column_type(s, 0) != SQLITE_NULL;
    *oldest = sqlite3_column_int64(s, 0) * roll->unit;
    sqlite3_reset(s);
    return true;
}

bool history_rolls_pack(struct history_db *db, enum history_roll which, int64_t series,
                        double now, int64_t *limit, bool *packed)
{
    const struct roll *roll = &rolls[which];
    const int64_t block = roll->block_days * STORE_DAY_MS;
    int64_t from, to = floor_to((int64_t)(now * 1000) - roll->hot, roll->align);
    if (!find_oldest(db, roll, series, packed, &from))
        return false;
    if (!*packed)
        return true;
    int64_t block_end = floor_to(from, block) + block;
    *packed = block_end <= to || to - from >= roll->step;
    if (!*packed)
        return true;
    to = block_end < to ? block_end : to;
    *limit = to > *limit ? to : *limit;
    return pack_rows(db, roll, series, from, to) &&
           history_db_do(db, SQL_SET_PACKED, "ii", (int64_t)which, *limit);
}

static bool unpack_block(struct history_db *db, const struct roll *roll, int64_t series,
                         int64_t t)
{
    struct store_key key = key_of(roll, series, t);
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
            if (!history_db_do(db, roll->add, "iiiddd", series, rows[i].t / roll->unit,
                               (int64_t)v[COUNT], v[SUM], v[LEAST], v[MOST]))
                return false;
        }
        if (!history_store_drop(db, number))
            return false;
    }
}

bool history_rolls_write(struct history_db *db, enum history_roll which,
                         const struct history_sums *sums, int64_t limit)
{
    const struct roll *roll = &rolls[which];
    for (const struct history_sum *sum = sums->sums; sum < sums->sums + sums->n; sum++) {
        bool single = sum->n == 1;
        if (sum->bucket * roll->unit < limit &&
            !unpack_block(db, roll, sum->series, sum->bucket * roll->unit))
            return false;
        if (!history_db_do(db, roll->add, "iiiddd", (int64_t)sum->series, sum->bucket,
                           (int64_t)sum->n, sum->sum, single ? (double)NAN : sum->min,
                           single ? (double)NAN : sum->max))
            return false;
    }
    return true;
}

bool history_rolls_expire_hours(struct history_db *db, int64_t series, int64_t day)
{
    const struct roll *hours = &rolls[HISTORY_HOURS];
    const int64_t block = hours->block_days;
    int64_t end = floor_to(day, block), bucket = end * (STORE_DAY_MS / HOUR_MS);
    struct store_key key = history_store_key(series, end, STORE_HOURS);
    struct sqlite3_stmt *s;
    bool found;
    if (!history_db_find(db, &s, &found, SQL_PACKED_BEFORE, "is", series, key.day))
        return false;
    if (found && sqlite3_column_type(s, 0) != SQLITE_NULL) {
        int64_t t = sqlite3_column_int64(s, 0);
        sqlite3_reset(s);
        if (!unpack_block(db, hours, series, t))
            return false;
    }
    return history_db_do(db, SQL_KEEP_DAYS, "ii", series, bucket) &&
           history_db_do(db, SQL_EXPIRE_HOURS, "ii", series, bucket);
}
