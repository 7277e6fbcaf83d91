/* Rows of a pass are sorted by series in memory and go into chunks series by series, merged
 * with the day's last chunk where that is not much larger than what comes: so chunks grow
 * by doubling, and a row is packed about as often as the logarithm of a chunk's rows. */
#include "twind/history_fold.h"

#include "twind/history_store.h"
#include "twind/mem.h"

#include <sqlite3.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MS = 86400000, DROP_ROWS = 4096, DAY_TEXT = 24 };
enum { DUE_ROWS = 8192, DUE_ROWS_MAX = 1 << 20, ROWS_A_SERIES = 8 };

struct pending {
    int64_t t;
    double value, sd;
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

static int compare(const void *a, const void *b)
{
    const struct pending *x = a, *y = b;
    if (x->series != y->series)
        return x->series < y->series ? -1 : 1;
    int64_t dx = history_store_day(x->t), dy = history_store_day(y->t);
    if (dx != dy)
        return dx < dy ? -1 : 1;
    if (x->quality != y->quality)
        return x->quality < y->quality ? -1 : 1;
    return (x->t > y->t) - (x->t < y->t);
}

static int compare_times(const void *a, const void *b)
{
    const struct chunk_row *x = a, *y = b;
    return (x->t > y->t) - (x->t < y->t);
}

static bool same_group(const struct pending *a, const struct pending *b)
{
    return a->series == b->series && a->quality == b->quality &&
           history_store_day(a->t) == history_store_day(b->t);
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
                             .t = sqlite3_column_int64(s, 1),
                             .value = history_db_number(s, 3),
                             .sd = history_db_number(s, 4)};
        if (!history_db_next(db, s, &found))
            return false;
    }
    if (fold->n > 0)
        qsort(fold->rows, fold->n, sizeof *fold->rows, compare);
    return fold->busy = true;
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
                      const struct store_key *key, bool *more)
{
    struct chunk chunk;
    int64_t number;
    if (!history_store_last(db, key, &chunk, &number))
        return false;
    *more = number && chunk.length < STORE_FULL && chunk.n <= 2 * fold->n_merged &&
            chunk_unpack(&chunk, merged_room(fold, chunk.n));
    if (!*more)
        return true;
    fold->n_merged += chunk.n;
    return history_store_drop(db, number);
}

/* One series, day and quality. */
static bool fold_group(struct history_fold *fold, struct history_db *db, size_t n)
{
    const struct pending *group = fold->rows + fold->next;
    struct store_key key =
        history_store_key(group->series, history_store_day(group->t), group->quality);
    fold->n_merged = 0;
    struct chunk_row *to = merged_room(fold, n);
    for (size_t i = 0; i < n; i++)
        to[i] = (struct chunk_row){group[i].t, {group[i].value, group[i].sd, NAN, NAN}};
    fold->n_merged = n;
    bool more = true;
    while (more)
        if (!take_last(fold, db, &key, &more))
            return false;
    qsort(fold->merged, fold->n_merged, sizeof *fold->merged, compare_times);
    return history_store_add(db, &key, 0, fold->merged, fold->n_merged);
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
