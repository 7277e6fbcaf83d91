#include "twind/history_read.h"

#include "twind/mem.h"
#include "twind/times.h"

#include <sqlite3.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MS = 10000, DAY_TEXT = 11 };

#define SELECT_READINGS                                                                    \
    "SELECT epoch, value FROM readings WHERE twin = ?1 AND signal = ?2 AND unit = ?3 "     \
    "AND day BETWEEN ?4 AND ?5 AND epoch BETWEEN ?6 AND ?7 AND value IS NOT NULL "
static const char select_good[] = SELECT_READINGS "AND quality = 'good'";
static const char select_any[] = SELECT_READINGS "AND quality <> 'stale'";
static const char insert_calibration[] =
    "INSERT INTO calibration_rows(t, twin, param, value, standard_error, error_before, "
    "error_after, result) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

struct history_read {
    sqlite3 *sqlite;
    char *path;
};

/* Always false. */
static bool failed(sqlite3 *sqlite, const char *path, struct err *e)
{
    return err_set(e, "history %s: %s", path, sqlite3_errmsg(sqlite));
}

static sqlite3 *connect(const char *path, int flags, struct err *e)
{
    sqlite3 *sqlite = NULL;
    if (sqlite3_open_v2(path, &sqlite, flags, NULL) == SQLITE_OK) {
        sqlite3_busy_timeout(sqlite, WAIT_MS);
        return sqlite;
    }
    failed(sqlite, path, e);
    sqlite3_close(sqlite);
    return NULL;
}

struct history_read *history_read_open(const char *path, struct err *e)
{
    sqlite3 *sqlite = connect(path, SQLITE_OPEN_READONLY, e);
    if (!sqlite)
        return NULL;
    struct history_read *reader = mem_new(1, sizeof *reader);
    reader->sqlite = sqlite;
    reader->path = mem_text(path);
    return reader;
}

void history_read_close(struct history_read *reader)
{
    if (!reader)
        return;
    sqlite3_close(reader->sqlite);
    free(reader->path);
    free(reader);
}

struct sqlite3 *history_read_connection(const struct history_read *reader)
{
    return reader->sqlite;
}

bool history_read_failed(const struct history_read *reader, struct err *e)
{
    return failed(reader->sqlite, reader->path, e);
}

/* The view's `day` lets SQLite find the day's chunks by index. */
static void put_day(double time, const char *otherwise, char day[DAY_TEXT])
{
    char text[TIME_TEXT];
    bool known = isfinite(time) && time > 0;
    memcpy(day, known ? times_format(time, text) : otherwise, DAY_TEXT - 1);
    day[DAY_TEXT - 1] = '\0';
}

static void bind_series(sqlite3_stmt *row, const struct history_read_series *series)
{
    char day[DAY_TEXT];
    sqlite3_bind_text(row, 1, series->twin, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 2, series->signal, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 3, series->unit, -1, SQLITE_STATIC);
    put_day(series->from, "0000-01-01", day);
    sqlite3_bind_text(row, 4, day, -1, SQLITE_TRANSIENT);
    put_day(series->to, "9999-12-31", day);
    sqlite3_bind_text(row, 5, day, -1, SQLITE_TRANSIENT);
    sqlite3_bind_double(row, 6, series->from);
    sqlite3_bind_double(row, 7, series->to);
}

static bool read_series(struct history_read *reader, const char *select,
                        const struct history_read_series *series,
                        void (*each)(void *context, double time, double value),
                        void *context, struct err *e)
{
    sqlite3_stmt *row = NULL;
    if (sqlite3_prepare_v2(reader->sqlite, select, -1, &row, NULL) != SQLITE_OK)
        return failed(reader->sqlite, reader->path, e);
    bind_series(row, series);
    int code;
    while ((code = sqlite3_step(row)) == SQLITE_ROW)
        each(context, sqlite3_column_double(row, 0), sqlite3_column_double(row, 1));
    bool done = code == SQLITE_DONE || failed(reader->sqlite, reader->path, e);
    sqlite3_finalize(row);
    return done;
}

bool history_read_good(struct history_read *reader,
                       const struct history_read_series *series,
                       void (*each)(void *context, double time, double value),
                       void *context, struct err *e)
{
    return read_series(reader, select_good, series, each, context, e);
}

bool history_read_any(struct history_read *reader, const struct history_read_series *series,
                      void (*each)(void *context, double time, double value), void *context,
                      struct err *e)
{
    return read_series(reader, select_any, series, each, context, e);
}

/* ---- points of a picture ---- */

#define TWIN_AND_TIME "WHERE twin = ?1 AND name = ?2 AND epoch BETWEEN ?3 AND ?4 "
#define MEANS(view)                                                                        \
    "SELECT epoch, mean, min, max FROM " view " " TWIN_AND_TIME                            \
    "AND what = (SELECT max(what) FROM " view " " TWIN_AND_TIME ") ORDER BY epoch"

/* 1.645: 90 % of a normal law lie within so many standard deviations. */
static const char *const select_points[] = {
    [HISTORY_READ_READINGS] =
        "SELECT epoch, value, NULL, NULL FROM readings WHERE twin = ?1 AND signal = ?2 "
        "AND day BETWEEN date(?3, 'unixepoch') AND date(?4, 'unixepoch') "
        "AND epoch BETWEEN ?3 AND ?4 AND quality = 'good' ORDER BY epoch",
    [HISTORY_READ_STATES] =
        "SELECT epoch, value, value - 1.645 * sd, value + 1.645 * sd FROM "
        "states " TWIN_AND_TIME
        "AND day BETWEEN date(?3, 'unixepoch') AND date(?4, 'unixepoch') "
        "ORDER BY epoch",
    [HISTORY_READ_HOURS] = MEANS("hours"),
    [HISTORY_READ_DAYS] = MEANS("days"),
};

static double number_at(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL
               ? (double)NAN
               : sqlite3_column_double(row, column);
}

bool history_read_points(struct history_read *reader,
                         const struct history_read_points *points,
                         void (*each)(void *context,
                                      const struct history_read_point *point),
                         void *context, struct err *e)
{
    sqlite3_stmt *row = NULL;
    if (sqlite3_prepare_v2(reader->sqlite, select_points[points->what], -1, &row, NULL) !=
        SQLITE_OK)
        return failed(reader->sqlite, reader->path, e);
    sqlite3_bind_text(row, 1, points->twin, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 2, points->name, -1, SQLITE_STATIC);
    sqlite3_bind_double(row, 3, points->from);
    sqlite3_bind_double(row, 4, points->to);
    int code;
    while ((code = sqlite3_step(row)) == SQLITE_ROW)
        each(context, &(struct history_read_point){number_at(row, 0), number_at(row, 1),
                                                   number_at(row, 2), number_at(row, 3)});
    bool done = code == SQLITE_DONE || failed(reader->sqlite, reader->path, e);
    sqlite3_finalize(row);
    return done;
}

static const char select_newest[] =
    "SELECT s.unit, coalesce(max(l.t) / 1000.0, (SELECT max(epoch) FROM readings "
    "WHERE twin = ?1 AND signal = ?2)) FROM series s LEFT JOIN last l "
    "ON l.series = s.series WHERE s.twin = ?1 AND s.name = ?2 GROUP BY s.unit "
    "ORDER BY 2 DESC LIMIT 1";

bool history_read_find(struct history_read *reader, const char *twin, const char *name,
                       char unit[HISTORY_READ_UNIT], double *newest, struct err *e)
{
    sqlite3_stmt *row = NULL;
    if (sqlite3_prepare_v2(reader->sqlite, select_newest, -1, &row, NULL) != SQLITE_OK)
        return failed(reader->sqlite, reader->path, e);
    sqlite3_bind_text(row, 1, twin, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 2, name, -1, SQLITE_STATIC);
    bool found = sqlite3_step(row) == SQLITE_ROW;
    if (found) {
        snprintf(unit, HISTORY_READ_UNIT, "%s", (const char *)sqlite3_column_text(row, 0));
        *newest = number_at(row, 1);
    } else {
        err_set(e, "%s holds nothing of a signal '%s' of a twin '%s'", reader->path, name,
                twin);
    }
    sqlite3_finalize(row);
    return found;
}

/* ---- noting a calibration ---- */

static void bind_number(sqlite3_stmt *row, int at, double number)
{
    if (isfinite(number))
        sqlite3_bind_double(row, at, number);
    else
        sqlite3_bind_null(row, at);
}

static bool add_row(sqlite3_stmt *row, const struct history_value *value)
{
    sqlite3_reset(row);
    sqlite3_bind_text(row, 3, value->param, -1, SQLITE_STATIC);
    bind_number(row, 4, value->value);
    bind_number(row, 5, value->standard_error);
    return sqlite3_step(row) == SQLITE_DONE;
}

static bool run(sqlite3 *sqlite, const char *sql)
{
    return sqlite3_exec(sqlite, sql, NULL, NULL, NULL) == SQLITE_OK;
}

bool history_read_note(const char *path, const struct history_calibration *calibration,
                       struct err *e)
{
    sqlite3 *sqlite = connect(path, SQLITE_OPEN_READWRITE, e);
    if (!sqlite)
        return false;
    sqlite3_stmt *row = NULL;
    bool done = run(sqlite, "BEGIN IMMEDIATE") &&
                sqlite3_prepare_v2(sqlite, insert_calibration, -1, &row, NULL) == SQLITE_OK;
    if (done) {
        sqlite3_bind_int64(row, 1, (sqlite3_int64)floor(calibration->time * 1000));
        sqlite3_bind_text(row, 2, calibration->twin, -1, SQLITE_STATIC);
        bind_number(row, 6, calibration->error_before);
        bind_number(row, 7, calibration->error_after);
        sqlite3_bind_text(row, 8, calibration->result, -1, SQLITE_STATIC);
    }
    for (size_t i = 0; done && i < calibration->n; i++)
        done = add_row(row, &calibration->values[i]);
    done = done && sqlite3_reset(row) == SQLITE_OK && run(sqlite, "COMMIT");
    if (!done)
        failed(sqlite, path, e);
    sqlite3_finalize(row);
    sqlite3_close(sqlite); /* rolls back what is open */
    return done;
}
