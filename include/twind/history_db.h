/* The connection below the history: opening, statements kept prepared, errors remembered.
 * One thread at a time. */
#ifndef TWIND_HISTORY_DB_H
#define TWIND_HISTORY_DB_H

#include "twind/err.h"

#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;

/* Every statement of the service; the texts are in history_sql.c. */
enum history_sql {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_GET_MARKS,
    SQL_SET_APPLIED,
    SQL_FIND_SERIES,
    SQL_ADD_SERIES,
    SQL_MOVE_DAYS,
    SQL_ADD_READING,
    SQL_ADD_STATE,
    SQL_SET_LAST,
    SQL_ADD_FORECAST,
    SQL_ADD_EVENT,
    SQL_RAISE_ALERT,
    SQL_MOVE_ALERT,
    SQL_EVENTS_AFTER,
    SQL_ADD_COMMAND,
    SQL_ADD_HEALTH,
    SQL_ADD_LETTER,
    SQL_OLDEST_READING,
    SQL_OLDEST_STATE,
    SQL_COUNT_READINGS,
    SQL_COUNT_STATES,
    SQL_GET_FOLD,
    SQL_SET_FOLD,
    SQL_LIST_READINGS,
    SQL_LIST_STATES,
    SQL_DROP_READINGS,
    SQL_DROP_STATES,
    SQL_LAST_CHUNK,
    SQL_ADD_CHUNK,
    SQL_DROP_CHUNK,
    SQL_GET_ROLLED,
    SQL_SET_ROLLED,
    SQL_SET_PACKED,
    SQL_ADD_MINUTE,
    SQL_ADD_HOUR,
    SQL_OLDEST_MINUTE,
    SQL_OLDEST_HOUR,
    SQL_LIST_MINUTES,
    SQL_LIST_HOURS,
    SQL_DROP_MINUTES,
    SQL_DROP_HOURS,
    SQL_PACKED_BEFORE,
    SQL_READINGS_AFTER,
    SQL_STATES_AFTER,
    SQL_ROLL_TOTALS,
    SQL_NEXT_SERIES,
    SQL_EXPIRE_CHUNKS,
    SQL_EXPIRE_MINUTES,
    SQL_EXPIRE_PACKED,
    SQL_KEEP_DAYS,
    SQL_EXPIRE_HOURS,
    SQL_EXPIRE_FORECASTS,
    SQL_EXPIRE_EVENTS,
    SQL_EXPIRE_ALERTS,
    SQL_EXPIRE_COMMANDS,
    SQL_EXPIRE_HEALTH,
    SQL_STATEMENTS,
};

extern const char *const history_sql[SQL_STATEMENTS];

struct history_db {
    struct sqlite3 *sqlite;
    struct sqlite3_stmt *kept[SQL_STATEMENTS];
    struct err error;    /* of the last call that failed */
    bool damaged;        /* that error says that the file is no sound database */
    uint32_t generation; /* counts openings and rollbacks: series numbers found before it
                            may not be there */
    int64_t next_row;    /* of both tables of recent rows */
    uint64_t applied;    /* the inbox sequence found at opening */
};

/* Opens or makes the database; a damaged one is set aside as PATH.corrupt-TIME, which is
 * logged, and a new one begun. A database of another program or a newer version is refused.
 */
bool history_db_open(struct history_db *db, const char *path, struct err *e);
void history_db_close(struct history_db *db);

/* A second connection, which only reads. */
bool history_db_open_reader(struct history_db *db, const char *path);

/* The statement, ready to be bound; NULL: it cannot be made (see error). */
struct sqlite3_stmt *history_db_use(struct history_db *db, enum history_sql which);

/* Runs a bound statement to its end. */
bool history_db_run(struct history_db *db, struct sqlite3_stmt *statement);

/* Binds and runs: i int64_t, d double (NAN becomes NULL), s text. */
bool history_db_do(struct history_db *db, enum history_sql which, const char *types, ...);

/* Likewise; steps to the first row, of which the caller reads columns before the statement
 * is used again; `found` false: there is none. */
bool history_db_find(struct history_db *db, struct sqlite3_stmt **row, bool *found,
                     enum history_sql which, const char *types, ...);

/* The next row of a statement from history_db_find(). */
bool history_db_next(struct history_db *db, struct sqlite3_stmt *row, bool *found);

/* A column of a row as a number; NAN where it is NULL. */
double history_db_number(struct sqlite3_stmt *row, int column);

bool history_db_begin(struct history_db *db);
bool history_db_commit(struct history_db *db); /* rolls back where it fails */
void history_db_rollback(struct history_db *db);

/* Remembers SQLite's present error, with what was tried. Always false. */
bool history_db_failed(struct history_db *db, const char *what);

/* The contract's views, each a CREATE VIEW; ends with NULL. QUALITY(x) in them stands for
 * the name of quality number x. */
extern const char *const history_views[];

/* Whose database it is: `version` of ours, 0 for an empty one. False: another program's, a
 * newer version's, or it cannot be read. */
bool history_schema_look(struct history_db *db, const char *path, int64_t *version,
                         struct err *e);

/* Makes what tables and views a database of this version lacks, and puts in the texts that
 * views show. */
bool history_schema_prepare(struct history_db *db, int64_t version);

#endif
