#include "twind/history_db.h"

#include "twind/log.h"

#include <sqlite3.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { BUSY_MS = 500 };

/* The cache holds what a commit touches; readers have their own. A WAL that a long reader
 * let grow is cut again. */
static const char *const settings = "PRAGMA journal_mode=WAL;"
                                    "PRAGMA synchronous=FULL;"
                                    "PRAGMA cache_size=-1024;"
                                    "PRAGMA journal_size_limit=16777216;"
                                    "PRAGMA wal_autocheckpoint=1000;";

bool history_db_failed(struct history_db *db, const char *what)
{
    int code = db->sqlite ? sqlite3_errcode(db->sqlite) : SQLITE_CANTOPEN;
    db->damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    return err_set(&db->error, "%s: %s", what,
                   db->sqlite ? sqlite3_errmsg(db->sqlite) : "the database is not open");
}

struct sqlite3_stmt *history_db_use(struct history_db *db, enum history_sql which)
{
    if (!db->kept[which] &&
        (!db->sqlite ||
         sqlite3_prepare_v3(db->sqlite, history_sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                            &db->kept[which], NULL) != SQLITE_OK)) {
        history_db_failed(db, history_sql[which]);
        return NULL;
    }
    sqlite3_reset(db->kept[which]);
    return db->kept[which];
}

bool history_db_next(struct history_db *db, struct sqlite3_stmt *row, bool *found)
{
    int code = sqlite3_step(row);
    *found = code == SQLITE_ROW;
    if (code == SQLITE_ROW)
        return true;
    bool done = code == SQLITE_DONE || history_db_failed(db, sqlite3_sql(row));
    sqlite3_reset(row);
    return done;
}

bool history_db_run(struct history_db *db, struct sqlite3_stmt *statement)
{
    bool found;
    do
        if (!history_db_next(db, statement, &found))
            return false;
    while (found);
    return true;
}

static void bind(struct sqlite3_stmt *statement, const char *types, va_list args)
{
    for (int i = 1; *types; i++, types++)
        if (*types == 'i') {
            sqlite3_bind_int64(statement, i, va_arg(args, int64_t));
        } else if (*types == 'd') {
            sqlite3_bind_double(statement, i, va_arg(args, double));
        } else {
            sqlite3_bind_text(statement, i, va_arg(args, const char *), -1, SQLITE_STATIC);
        }
}

bool history_db_do(struct history_db *db, enum history_sql which, const char *types, ...)
{
    struct sqlite3_stmt *statement = history_db_use(db, which);
    if (!statement)
        return false;
    va_list args;
    va_start(args, types);
    bind(statement, types, args);
    va_end(args);
    return history_db_run(db, statement);
}

bool history_db_find(struct history_db *db, struct sqlite3_stmt **row, bool *found,
                     enum history_sql which, const char *types, ...)
{
    *found = false;
    if (!(*row = history_db_use(db, which)))
        return false;
    va_list args;
    va_start(args, types);
    bind(*row, types, args);
    va_end(args);
    return history_db_next(db, *row, found);
}

double history_db_number(struct sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL
               ? (double)NAN
               : sqlite3_column_double(row, column);
}

/* A question of which not every answer was taken is still being read: what another writer
 * has written since could not be built upon, and no transaction would ever begin again. */
static void end_questions(struct history_db *db)
{
    for (int i = 0; i < SQL_STATEMENTS; i++)
        sqlite3_reset(db->kept[i]);
}

bool history_db_begin(struct history_db *db)
{
    end_questions(db);
    return history_db_do(db, SQL_BEGIN, "");
}

void history_db_rollback(struct history_db *db)
{
    struct err error = db->error;
    bool damaged = db->damaged;
    if (db->sqlite && !sqlite3_get_autocommit(db->sqlite))
        history_db_do(db, SQL_ROLLBACK, "");
    db->generation++;
    db->error = error;
    db->damaged = damaged;
}

bool history_db_commit(struct history_db *db)
{
    if (history_db_do(db, SQL_COMMIT, ""))
        return true;
    history_db_rollback(db);
    return false;
}

void history_db_close(struct history_db *db)
{
    for (int i = 0; i < SQL_STATEMENTS; i++) {
        sqlite3_finalize(db->kept[i]);
        db->kept[i] = NULL;
    }
    sqlite3_close(db->sqlite);
    db->sqlite = NULL;
}

static bool set_aside(const char *path, const char *why, struct err *e)
{
    static const char *const parts[] = {"", "-wal", "-shm"};
    long long now = (long long)time(NULL);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char old[4096], new[4096];
        snprintf(old, sizeof old, "%s%s", path, parts[i]);
        snprintf(new, sizeof new, "%s.corrupt-%lld%s", path, now, parts[i]);
        if (rename(old, new) != 0 && i == 0)
            return err_set(e, "%s is damaged (%s) and cannot be set aside", path, why);
    }
    log_line(LOG_ERROR,
             "%s is damaged (%s): set aside as %s.corrupt-%lld, beginning a new history; "
             "sqlite3's .recover may save what is in the old one",
             path, why, path, now);
    return true;
}

static bool connect(struct history_db *db, const char *path, int flags)
{
    if (sqlite3_open_v2(path, &db->sqlite, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return history_db_failed(db, "open");
    sqlite3_busy_timeout(db->sqlite, BUSY_MS);
    return true;
}

static bool apply_settings(struct history_db *db)
{
    return sqlite3_exec(db->sqlite, settings, NULL, NULL, NULL) == SQLITE_OK ||
           history_db_failed(db, "settings");
}

/* Rows are numbered on from all that a fold or a roll-up may have seen. */
static bool find_marks(struct history_db *db)
{
    struct sqlite3_stmt *row;
    bool found;
    if (!history_db_find(db, &row, &found, SQL_GET_MARKS, ""))
        return false;
    db->applied = (uint64_t)sqlite3_column_int64(row, 0);
    db->next_row = sqlite3_column_int64(row, 1);
    sqlite3_reset(row);
    return true;
}

static bool open_once(struct history_db *db, const char *path, struct err *e)
{
    int64_t version = 0;
    db->damaged = false;
    if (connect(db, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) &&
        !history_schema_look(db, path, &version, e))
        return false;
    if (db->sqlite && apply_settings(db) && history_schema_prepare(db, version) &&
        find_marks(db))
        return true;
    return err_set(e, "history %s: %s", path, db->error.text);
}

bool history_db_open_reader(struct history_db *db, const char *path)
{
    return connect(db, path, SQLITE_OPEN_READONLY);
}

bool history_db_open(struct history_db *db, const char *path, struct err *e)
{
    db->generation++;
    if (open_once(db, path, e))
        return true;
    bool damaged = db->damaged;
    history_db_close(db);
    if (damaged && set_aside(path, e->text, e) && open_once(db, path, e))
        return true;
    history_db_close(db);
    return false;
}
