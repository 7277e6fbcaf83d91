/* Rows of a pass are sorted by series in memory and go into chunks series by series, merged
 * with the day's last chunk where that is not much larger than what comes: so chunks grow
 * by doubling, and a row is packed about as often as the logarithm of a chunk's rows. */
#include "twind/history_fold.h"

#include "twind/history_chunk.h"
#include "twind/mem.h"

#include <sqlite3.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DAY_MS = 86400000,
    FULL_TEXT = CHUNK_TEXT * 7 / 10,
    DROP_ROWS = 4096,
    DAY_TEXT = 24
};
enum { DUE_ROWS = 8192, DUE_ROWS_MAX = 1 << 20, ROWS_A_SERIES = 8 };

struct pending {
    struct chunk_row row;
    uint32_t series;
    uint8_t quality;
};

struct history_fold {
    enum history_what what;
    bool busy;
    int64_t upto, series; /* as in the table fold */
    struct pending *rows;
    size_t n, room, next;
    int64_t waiting;              /* rows in the table */
    size_t groups, groups_before; /* of this pass, of the one before */
    struct chunk_row *merged;
    size_t n_merged, room_merged;
};

static int64_t day_of(int64_t t)
{
    return t >= 0 ? t / DAY_MS : -((-t + DAY_MS - 1) / DAY_MS);
}

/* Days to a civil date after Hinnant, "chrono-compatible low-level date algorithms" (2013).
 */
static void format_day(int64_t day, char text[DAY_TEXT])
{
    int64_t z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int64_t d = doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9;
    int64_t y = yoe + era * 400 + (m <= 2);
    sqlite3_snprintf(DAY_TEXT, text, "%04lld-%02d-%02d", (long long)y, (int)m, (int)d);
}

static int compare(const void *a, const void *b)
{
    const struct pending *x = a, *y = b;
    if (x->series != y->series)
        return x->series < y->series ? -1 : 1;
    int64_t dx = day_of(x->row.t), dy = day_of(y->row.t);
    if (dx != dy)
        return dx < dy ? -1 : 1;
    if (x->quality != y->quality)
        return x->quality < y->quality ? -1 : 1;
    return (x->row.t > y->row.t) - (x->row.t < y->row.t);
}

static int compare_times(const void *a, const void *b)
{
    const struct chunk_row *x = a, *y = b;
    return (x->t > y->t) - (x->t < y->t);
}

static bool same_group(const struct pending *a, const struct pending *b)
{
    return a->series == b->series && a->quality == b->quality &&
           day_of(a->row.t) == day_of(b->row.t);
}

/* All that the pass has still to move. */
static bool load(struct history_fold *fold, struct history_db *db)
{
    struct sqlite3_stmt *s;
    bool found;
    fold->n = fold->next = 0;
    if (!history_db_find(db, &s, &found,
                         fold->what == HISTORY_STATE ? SQL_LIST_STATES : SQL_LIST_READINGS,
                         "ii", fold->upto, fold->series))
        return false;
    while (found) {
        fold->rows = mem_grow(fold->rows, &fold->room, fold->n + 1, sizeof *fold->rows);
        fold->rows[fold->n++] =
            (struct pending){.series = (uint32_t)sqlite3_column_int64(s, 0),
                             .quality = (uint8_t)sqlite3_column_int(s, 2),
                             .row = {sqlite3_column_int64(s, 1), history_db_number(s, 3),
                                     history_db_number(s, 4)}};
        if (!history_db_next(db, s, &found))
            return false;
    }
    qsort(fold->rows, fold->n, sizeof *fold->rows, compare);
    return fold->busy = true;
}

static void read_scale(struct sqlite3_stmt *s, int base, int scale, struct chunk_scale *out)
{
    out->constant = sqlite3_column_type(s, base) != SQLITE_INTEGER;
    out->same = history_db_number(s, base);
    out->base = sqlite3_column_int64(s, base);
    out->scale = sqlite3_column_double(s, scale);
}

static bool read_chunk(struct sqlite3_stmt *s, struct chunk *chunk)
{
    chunk->length = (size_t)sqlite3_column_bytes(s, 11);
    if (chunk->length > CHUNK_TEXT)
        return false;
    memcpy(chunk->text, sqlite3_column_text(s, 11), chunk->length);
    chunk->text[chunk->length] = '\0';
    chunk->n = (size_t)sqlite3_column_int64(s, 1);
    chunk->t0 = sqlite3_column_int64(s, 2);
    chunk->period = sqlite3_column_int64(s, 3);
    chunk->pairs = sqlite3_column_int(s, 4) != 0;
    chunk->value.m = sqlite3_column_int64(s, 5);
    chunk->sd.m = sqlite3_column_int64(s, 8);
    read_scale(s, 6, 7, &chunk->value);
    read_scale(s, 9, 10, &chunk->sd);
    return true;
}

static void bind_scale(struct sqlite3_stmt *s, int base, int scale,
                       const struct chunk_scale *from)
{
    if (from->constant)
        sqlite3_bind_double(s, base, from->same); /* NAN becomes NULL */
    else
        sqlite3_bind_int64(s, base, from->base);
    sqlite3_bind_double(s, scale, from->scale);
}

static bool add_chunk(struct history_db *db, const struct pending *of, const char *day,
                      const struct chunk *chunk)
{
    struct sqlite3_stmt *s = history_db_use(db, SQL_ADD_CHUNK);
    if (!s)
        return false;
    sqlite3_bind_int64(s, 1, of->series);
    sqlite3_bind_text(s, 2, day, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 3, of->quality);
    sqlite3_bind_int64(s, 4, (int64_t)chunk->n);
    sqlite3_bind_int64(s, 5, chunk->t0);
    sqlite3_bind_int64(s, 6, chunk->period);
    sqlite3_bind_int64(s, 7, chunk->pairs);
    sqlite3_bind_int64(s, 8, chunk->value.m);
    bind_scale(s, 9, 10, &chunk->value);
    sqlite3_bind_int64(s, 11, chunk->sd.m);
    bind_scale(s, 12, 13, &chunk->sd);
    sqlite3_bind_text(s, 14, chunk->text, (int)chunk->length, SQLITE_STATIC);
    return history_db_run(db, s);
}

static struct chunk_row *merged_room(struct history_fold *fold, size_t n)
{
    fold->merged = mem_grow(fold->merged, &fold->room_merged, fold->n_merged + n,
                            sizeof *fold->merged);
    return fold->merged + fold->n_merged;
}

/* Takes the day's last chunk in, where it is not full and not much larger than what is
 * here: `more` then says that another may follow. A chunk that cannot be read stays as it
 * is. */
static bool take_last(struct history_fold *fold, struct history_db *db,
                      const struct pending *of, const char *day, bool *more)
{
    struct sqlite3_stmt *s;
    struct chunk chunk;
    *more = false;
    if (!history_db_find(db, &s, more, SQL_LAST_CHUNK, "isi", (int64_t)of->series, day,
                         (int64_t)of->quality))
        return false;
    if (!*more)
        return true;
    int64_t number = sqlite3_column_int64(s, 0);
    size_t n = (size_t)sqlite3_column_int64(s, 1);
    *more = sqlite3_column_bytes(s, 11) < FULL_TEXT && n <= 2 * fold->n_merged &&
            read_chunk(s, &chunk) && chunk_unpack(&chunk, merged_room(fold, n));
    sqlite3_reset(s);
    if (!*more)
        return true;
    fold->n_merged += n;
    return history_db_do(db, SQL_DROP_CHUNK, "i", number);
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* What was packed must come back as it was; else the row goes into a chunk of its own,
 * which holds it as SQLite holds any number. */
static size_t pack_checked(const struct chunk_row *rows, size_t n, struct chunk *chunk)
{
    struct chunk_row back[CHUNK_ROWS];
    size_t packed = chunk_pack(rows, n, chunk);
    bool exact = chunk_unpack(chunk, back);
    for (size_t i = 0; exact && i < packed; i++)
        exact = rows[i].t == back[i].t && same_number(rows[i].value, back[i].value) &&
                same_number(rows[i].sd, back[i].sd);
    return exact ? packed : chunk_pack(rows, 1, chunk);
}

/* One series, day and quality. */
static bool fold_group(struct history_fold *fold, struct history_db *db, size_t n)
{
    const struct pending *group = fold->rows + fold->next;
    char day[DAY_TEXT];
    format_day(day_of(group->row.t), day);
    fold->n_merged = 0;
    struct chunk_row *to = merged_room(fold, n);
    for (size_t i = 0; i < n; i++)
        to[i] = group[i].row;
    fold->n_merged = n;
    bool more = true;
    while (more)
        if (!take_last(fold, db, group, day, &more))
            return false;
    qsort(fold->merged, fold->n_merged, sizeof *fold->merged, compare_times);
    for (size_t at = 0; at < fold->n_merged;) {
        struct chunk chunk;
        at += pack_checked(fold->merged + at, fold->n_merged - at, &chunk);
        if (!add_chunk(db, group, day, &chunk))
            return false;
    }
    return true;
}

static size_t group_size(const struct history_fold *fold)
{
    size_t n = 1;
    while (fold->next + n < fold->n &&
           same_group(&fold->rows[fold->next], &fold->rows[fold->next + n]))
        n++;
    return n;
}

/* Whole series, until about so many rows are moved. */
static bool move(struct history_fold *fold, struct history_db *db, size_t rows)
{
    size_t end = fold->next + rows;
    while (fold->next < fold->n &&
           (fold->next < end || fold->rows[fold->next].series == fold->series)) {
        size_t n = group_size(fold);
        if (!fold_group(fold, db, n))
            return false;
        fold->groups++;
        fold->series = fold->rows[fold->next].series;
        fold->next += n;
    }
    if (fold->next == fold->n)
        fold->series = UINT32_MAX;
    return history_db_do(db, SQL_SET_FOLD, "iii", (int64_t)fold->what, fold->upto,
                         fold->series);
}

/* All is in chunks: the rows themselves go, the oldest first. */
static bool drop(struct history_fold *fold, struct history_db *db, size_t rows)
{
    bool states = fold->what == HISTORY_STATE, found;
    struct sqlite3_stmt *s;
    if (!history_db_find(db, &s, &found, states ? SQL_OLDEST_STATE : SQL_OLDEST_READING,
                         ""))
        return false;
    bool empty = sqlite3_column_type(s, 0) == SQLITE_NULL;
    int64_t to = sqlite3_column_int64(s, 0) + (int64_t)(rows + DROP_ROWS);
    sqlite3_reset(s);
    if (empty || to >= fold->upto) {
        to = fold->upto;
        fold->busy = false;
        fold->groups_before = fold->groups;
    }
    if (!history_db_do(db, states ? SQL_DROP_STATES : SQL_DROP_READINGS, "i", to))
        return false;
    fold->waiting -= sqlite3_changes(db->sqlite);
    return fold->busy || history_db_do(db, SQL_SET_FOLD, "iii", (int64_t)fold->what,
                                       (int64_t)0, (int64_t)0);
}

bool history_fold_is_busy(const struct history_fold *fold)
{
    return fold->busy;
}

static bool count_waiting(struct history_fold *fold, struct history_db *db)
{
    struct sqlite3_stmt *s;
    bool found, states = fold->what == HISTORY_STATE;
    if (!history_db_find(db, &s, &found, states ? SQL_COUNT_STATES : SQL_COUNT_READINGS,
                         ""))
        return false;
    fold->waiting = sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return true;
}

void history_fold_count(struct history_fold *fold, size_t rows)
{
    fold->waiting += (int64_t)rows;
}

bool history_fold_is_empty(const struct history_fold *fold)
{
    return fold->waiting == 0;
}

bool history_fold_is_due(const struct history_fold *fold)
{
    int64_t due = (int64_t)fold->groups_before * ROWS_A_SERIES;
    due = due < DUE_ROWS ? DUE_ROWS : due > DUE_ROWS_MAX ? DUE_ROWS_MAX : due;
    return fold->waiting >= due;
}

bool history_fold_resume(struct history_fold *fold, struct history_db *db)
{
    struct sqlite3_stmt *s;
    bool found;
    if (!history_db_find(db, &s, &found, SQL_GET_FOLD, "i", (int64_t)fold->what))
        return false;
    fold->upto = sqlite3_column_int64(s, 0);
    fold->series = sqlite3_column_int64(s, 1);
    sqlite3_reset(s);
    fold->busy = false;
    fold->groups = 0;
    return count_waiting(fold, db) && (fold->upto == 0 || load(fold, db));
}

bool history_fold_begin(struct history_fold *fold, struct history_db *db, int64_t upto)
{
    return history_db_do(db, SQL_SET_FOLD, "iii", (int64_t)fold->what, upto, (int64_t)0) &&
           history_fold_resume(fold, db);
}

bool history_fold_step(struct history_fold *fold, struct history_db *db, size_t rows)
{
    if (!history_db_begin(db))
        return false;
    bool done = fold->next < fold->n ? move(fold, db, rows) : drop(fold, db, rows);
    if (done && history_db_commit(db))
        return true;
    history_db_rollback(db);
    fold->busy = false;
    return false;
}

struct history_fold *history_fold_new(enum history_what what)
{
    struct history_fold *fold = mem_new(1, sizeof *fold);
    fold->what = what;
    return fold;
}

void history_fold_free(struct history_fold *fold)
{
    if (!fold)
        return;
    free(fold->rows);
    free(fold->merged);
    free(fold);
}
