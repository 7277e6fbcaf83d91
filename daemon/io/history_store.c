#include "twind/history_store.h"

#include <sqlite3.h>

#include <math.h>
#include <string.h>

int64_t history_store_day(int64_t t)
{
    return t >= 0 ? t / STORE_DAY_MS : -((-t + STORE_DAY_MS - 1) / STORE_DAY_MS);
}

int64_t history_store_block(int64_t t, int64_t days)
{
    int64_t day = history_store_day(t);
    return (day >= 0 ? day : day - days + 1) / days * days;
}

/* Days to a civil date after Hinnant, "chrono-compatible low-level date algorithms" (2013).
 */
struct store_key history_store_key(int64_t series, int64_t day, int64_t sort)
{
    struct store_key key = {.series = series, .sort = sort};
    int64_t z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int64_t d = doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9;
    int64_t y = yoe + era * 400 + (m <= 2);
    sqlite3_snprintf(sizeof key.day, key.day, "%04lld-%02d-%02d", (long long)y, (int)m,
                     (int)d);
    return key;
}

enum { FIXED = 7, PER_COLUMN = 3 }; /* columns of SQL_ADD_CHUNK before the scales */

/* A column that holds nothing takes no room in the table. */
static void bind_scale(struct sqlite3_stmt *s, int at, const struct chunk_scale *scale)
{
    bool nothing = scale->constant && isnan(scale->same);
    for (int i = 0; i < PER_COLUMN; i++)
        sqlite3_bind_null(s, at + i);
    if (nothing)
        return;
    sqlite3_bind_int64(s, at, scale->m);
    if (scale->constant)
        sqlite3_bind_double(s, at + 1, scale->same);
    else
        sqlite3_bind_int64(s, at + 1, scale->base);
    sqlite3_bind_double(s, at + 2, scale->scale);
}

static bool add_chunk(struct history_db *db, const struct store_key *key,
                      const struct chunk *chunk)
{
    struct sqlite3_stmt *s = history_db_use(db, SQL_ADD_CHUNK);
    if (!s)
        return false;
    sqlite3_bind_int64(s, 1, key->series);
    sqlite3_bind_text(s, 2, key->day, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 3, key->sort);
    sqlite3_bind_int64(s, 4, (int64_t)chunk->n);
    sqlite3_bind_int64(s, 5, chunk->t0);
    sqlite3_bind_int64(s, 6, chunk->period);
    sqlite3_bind_int64(s, FIXED, chunk->pairs);
    for (int i = 0; i < CHUNK_COLUMNS; i++)
        bind_scale(s, FIXED + 1 + i * PER_COLUMN, &chunk->column[i]);
    sqlite3_bind_text(s, FIXED + 1 + CHUNK_COLUMNS * PER_COLUMN, chunk->text,
                      (int)chunk->length, SQLITE_STATIC);
    return history_db_run(db, s);
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool same_row(const struct chunk_row *a, const struct chunk_row *b)
{
    for (int i = 0; i < CHUNK_COLUMNS; i++)
        if (!same_number(a->v[i], b->v[i]))
            return false;
    return a->t == b->t;
}

/* What was packed must come back as it was; else the row goes into a chunk of its own,
 * which holds it as SQLite holds any number. */
static size_t pack_checked(const struct chunk_row *rows, size_t n, int64_t unit,
                           struct chunk *chunk)
{
    struct chunk_row back[CHUNK_ROWS];
    size_t packed = chunk_pack(rows, n, unit, chunk);
    bool exact = chunk_unpack(chunk, back);
    for (size_t i = 0; exact && i < packed; i++)
        exact = same_row(&rows[i], &back[i]);
    return exact ? packed : chunk_pack(rows, 1, unit, chunk);
}

bool history_store_add(struct history_db *db, const struct store_key *key, int64_t unit,
                       const struct chunk_row *rows, size_t n)
{
    for (size_t at = 0; at < n;) {
        struct chunk chunk;
        at += pack_checked(rows + at, n - at, unit, &chunk);
        if (!add_chunk(db, key, &chunk))
            return false;
    }
    return true;
}

static void read_scale(struct sqlite3_stmt *s, int at, struct chunk_scale *scale)
{
    bool nothing = sqlite3_column_type(s, at) == SQLITE_NULL;
    scale->m = nothing ? 1 : sqlite3_column_int64(s, at);
    scale->constant = sqlite3_column_type(s, at + 1) != SQLITE_INTEGER;
    scale->same = history_db_number(s, at + 1);
    scale->base = sqlite3_column_int64(s, at + 1);
    scale->scale = nothing ? 1 : sqlite3_column_double(s, at + 2);
}

void history_store_read(struct sqlite3_stmt *s, struct chunk *chunk)
{
    enum {
        NUMBER,
        N,
        T0,
        PERIOD,
        PAIRS,
        SCALES,
        TEXT = SCALES + CHUNK_COLUMNS * PER_COLUMN
    };
    int length = sqlite3_column_bytes(s, TEXT);
    chunk->length = length > CHUNK_TEXT ? 0 : (size_t)length; /* too long: it is not ours */
    if (chunk->length > 0)
        memcpy(chunk->text, sqlite3_column_text(s, TEXT), chunk->length);
    chunk->text[chunk->length] = '\0';
    chunk->n = (size_t)sqlite3_column_int64(s, N);
    chunk->t0 = sqlite3_column_int64(s, T0);
    chunk->period = sqlite3_column_int64(s, PERIOD);
    chunk->pairs = sqlite3_column_int(s, PAIRS) != 0;
    for (int i = 0; i < CHUNK_COLUMNS; i++)
        read_scale(s, SCALES + i * PER_COLUMN, &chunk->column[i]);
}

bool history_store_last(struct history_db *db, const struct store_key *key,
                        struct chunk *chunk, int64_t *number)
{
    struct sqlite3_stmt *s;
    bool found;
    *number = 0;
    if (!history_db_find(db, &s, &found, SQL_LAST_CHUNK, "isi", key->series, key->day,
                         key->sort))
        return false;
    if (!found)
        return true;
    *number = sqlite3_column_int64(s, 0);
    history_store_read(s, chunk);
    sqlite3_reset(s);
    return true;
}

bool history_store_drop(struct history_db *db, int64_t number)
{
    return history_db_do(db, SQL_DROP_CHUNK, "i", number);
}
