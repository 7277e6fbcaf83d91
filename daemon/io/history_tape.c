/* Chunks are found by series and day; what is not yet in chunks is held in memory, which
 * the fold keeps small (see history_fold.c). */
#include "twind/history_tape.h"

#include "twind/history_store.h"
#include "twind/mem.h"

#include <sqlite3.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double MS = 1000;

static const char select_series[] =
    "SELECT series, twin, name, unit FROM series WHERE what = 0 ORDER BY series";
static const char select_days[] =
    "SELECT DISTINCT unixepoch(day) / 86400 FROM chunks WHERE sort < 100 ORDER BY 1";
/* The columns of SQL_LAST_CHUNK, then the quality. */
static const char select_chunks[] =
    "SELECT chunk, n, t0, period, pairs, m0, base0, scale0, m1, base1, scale1, m2, base2, "
    "scale2, m3, base3, scale3, body, sort FROM chunks "
    "WHERE series = ?1 AND day = ?2 AND sort < 100";
static const char select_recent[] =
    "SELECT series, t, quality, value FROM recent_readings WHERE NOT (row <= "
    "(SELECT upto FROM fold WHERE what = 0) AND series <= (SELECT f.series FROM fold f "
    "WHERE f.what = 0)) ORDER BY t, series";
static const char select_commands[] =
    "SELECT t, twin, input, value FROM command_log WHERE result = 'ok' "
    "AND input NOT LIKE '%/%' AND t BETWEEN ?1 AND ?2 ORDER BY t, command";

struct row {
    int64_t t; /* ms */
    double value;
    uint32_t series; /* the index */
    uint32_t quality;
};

struct rows {
    struct row *at;
    size_t n, room;
};

struct history_tape {
    struct history_read *reader;
    sqlite3 *sqlite;
    struct history_tape_series *series;
    size_t n_series, room_series;
    int64_t *days; /* of chunks, since 1970 */
    size_t n_days, room_days;
    struct rows recent, day;
    sqlite3_stmt *chunks, *commands;
    bool commanded; /* `commands` stands on a row */
};

struct playing {
    struct history_tape *tape;
    const struct history_tape_hooks *hooks;
    int64_t from, to; /* ms */
};

static bool prepare(struct history_tape *tape, const char *sql, sqlite3_stmt **row,
                    struct err *e)
{
    return sqlite3_prepare_v2(tape->sqlite, sql, -1, row, NULL) == SQLITE_OK ||
           history_read_failed(tape->reader, e);
}

/* Every row of a statement. */
static bool each_row(struct history_tape *tape, const char *sql,
                     void (*take)(struct history_tape *tape, sqlite3_stmt *row),
                     struct err *e)
{
    sqlite3_stmt *row = NULL;
    if (!prepare(tape, sql, &row, e))
        return false;
    int code;
    while ((code = sqlite3_step(row)) == SQLITE_ROW)
        take(tape, row);
    bool done = code == SQLITE_DONE || history_read_failed(tape->reader, e);
    sqlite3_finalize(row);
    return done;
}

/* ---- what there is ---- */

static char *text_at(sqlite3_stmt *row, int column)
{
    const unsigned char *text = sqlite3_column_text(row, column);
    return mem_text(text ? (const char *)text : "");
}

static void take_series(struct history_tape *tape, sqlite3_stmt *row)
{
    tape->series = mem_grow(tape->series, &tape->room_series, tape->n_series + 1,
                            sizeof *tape->series);
    tape->series[tape->n_series++] =
        (struct history_tape_series){.number = sqlite3_column_int64(row, 0),
                                     .twin = text_at(row, 1),
                                     .signal = text_at(row, 2),
                                     .unit = text_at(row, 3)};
}

static void take_day(struct history_tape *tape, sqlite3_stmt *row)
{
    tape->days =
        mem_grow(tape->days, &tape->room_days, tape->n_days + 1, sizeof *tape->days);
    tape->days[tape->n_days++] = sqlite3_column_int64(row, 0);
}

static void add_row(struct rows *rows, struct row row)
{
    rows->at = mem_grow(rows->at, &rows->room, rows->n + 1, sizeof *rows->at);
    rows->at[rows->n++] = row;
}

/* The series are in the order of their numbers. */
static size_t find_series(const struct history_tape *tape, long long number)
{
    size_t low = 0, high = tape->n_series;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (tape->series[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void take_recent(struct history_tape *tape, sqlite3_stmt *row)
{
    size_t series = find_series(tape, sqlite3_column_int64(row, 0));
    if (series < tape->n_series && sqlite3_column_type(row, 3) != SQLITE_NULL)
        add_row(&tape->recent,
                (struct row){sqlite3_column_int64(row, 1), sqlite3_column_double(row, 3),
                             (uint32_t)series, (uint32_t)sqlite3_column_int(row, 2)});
}

/* ---- a day ---- */

static int compare(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->t != y->t)
        return x->t < y->t ? -1 : 1;
    return (x->series > y->series) - (x->series < y->series);
}

static bool add_chunk(struct history_tape *tape, size_t series, struct err *e)
{
    enum { SORT = 18 };
    struct chunk chunk;
    struct chunk_row rows[CHUNK_ROWS];
    history_store_read(tape->chunks, &chunk);
    if (!chunk_unpack(&chunk, rows))
        return err_set(e, "the history's chunk %lld of %s, %s cannot be read",
                       (long long)sqlite3_column_int64(tape->chunks, 0),
                       tape->series[series].twin, tape->series[series].signal);
    for (size_t i = 0; i < chunk.n; i++)
        if (!isnan(rows[i].v[0]))
            add_row(&tape->day,
                    (struct row){rows[i].t, rows[i].v[0], (uint32_t)series,
                                 (uint32_t)sqlite3_column_int(tape->chunks, SORT)});
    return true;
}

static bool add_chunks(struct history_tape *tape, size_t series, int64_t day, struct err *e)
{
    struct store_key key = history_store_key(tape->series[series].number, day, 0);
    bool done = true;
    int code;
    sqlite3_bind_int64(tape->chunks, 1, key.series);
    sqlite3_bind_text(tape->chunks, 2, key.day, -1, SQLITE_STATIC);
    while (done && (code = sqlite3_step(tape->chunks)) != SQLITE_DONE)
        done = code == SQLITE_ROW ? add_chunk(tape, series, e)
                                  : history_read_failed(tape->reader, e);
    sqlite3_reset(tape->chunks);
    return done;
}

/* Commands up to the moment `t`. */
static bool command(struct playing *playing, int64_t t, struct err *e)
{
    struct history_tape *tape = playing->tape;
    bool done = true;
    while (done && tape->commanded && sqlite3_column_int64(tape->commands, 0) <= t) {
        char *twin = text_at(tape->commands, 1), *input = text_at(tape->commands, 2);
        char *value = text_at(tape->commands, 3);
        double time = (double)sqlite3_column_int64(tape->commands, 0) / MS;
        done =
            playing->hooks->command(playing->hooks->context, time, twin, input, value, e);
        free(twin);
        free(input);
        free(value);
        tape->commanded = sqlite3_step(tape->commands) == SQLITE_ROW;
    }
    return done;
}

static bool play_day(struct playing *playing, struct err *e)
{
    const struct history_tape_hooks *hooks = playing->hooks;
    struct rows *day = &playing->tape->day;
    if (day->n > 0)
        qsort(day->at, day->n, sizeof *day->at, compare);
    for (size_t i = 0; i < day->n; i++) {
        const struct row *row = &day->at[i];
        const struct history_tape_series *series = &playing->tape->series[row->series];
        if (series->skip || row->t < playing->from || row->t > playing->to)
            continue;
        if (!command(playing, row->t, e) ||
            !hooks->reading(hooks->context, series, (double)row->t / MS, row->value,
                            (enum quality)row->quality, e))
            return false;
    }
    return true;
}

/* A day of chunks and what is recent of it, from number `next` on. */
static bool gather_day(struct history_tape *tape, int64_t day, size_t *next, struct err *e)
{
    tape->day.n = 0;
    for (; *next < tape->recent.n && history_store_day(tape->recent.at[*next].t) <= day;
         ++*next)
        add_row(&tape->day, tape->recent.at[*next]);
    for (size_t i = 0; i < tape->n_series; i++)
        if (!tape->series[i].skip && !add_chunks(tape, i, day, e))
            return false;
    return true;
}

/* The first day of either that has not been played. */
static bool next_day(const struct history_tape *tape, size_t of_days, size_t of_recent,
                     int64_t *day)
{
    bool chunks = of_days < tape->n_days, recent = of_recent < tape->recent.n;
    int64_t of = recent ? history_store_day(tape->recent.at[of_recent].t) : INT64_MAX;
    *day = chunks && tape->days[of_days] < of ? tape->days[of_days] : of;
    return chunks || recent;
}

static bool play_days(struct playing *playing, struct err *e)
{
    struct history_tape *tape = playing->tape;
    size_t of_days = 0, of_recent = 0;
    for (int64_t day; next_day(tape, of_days, of_recent, &day);) {
        bool wanted = (day + 1) * STORE_DAY_MS > playing->from &&
                      day <= history_store_day(playing->to);
        if (!gather_day(tape, day, &of_recent, e) || (wanted && !play_day(playing, e)))
            return false;
        of_days += of_days < tape->n_days && tape->days[of_days] == day;
    }
    return true;
}

/* Times of which nobody has readings stand for infinite ones. */
static int64_t milliseconds(double time)
{
    static const double most = 1e12; /* s */
    return (int64_t)llround(fmin(fmax(time, -most), most) * MS);
}

bool history_tape_play(struct history_tape *tape, double from, double to,
                       const struct history_tape_hooks *hooks, struct err *e)
{
    struct playing playing = {tape, hooks, milliseconds(from), milliseconds(to)};
    sqlite3_reset(tape->commands);
    sqlite3_bind_int64(tape->commands, 1, playing.from);
    sqlite3_bind_int64(tape->commands, 2, playing.to);
    tape->commanded = sqlite3_step(tape->commands) == SQLITE_ROW;
    return play_days(&playing, e);
}

struct history_tape_series *history_tape_series(struct history_tape *tape, size_t *n)
{
    *n = tape->n_series;
    return tape->series;
}

static bool open_all(struct history_tape *tape, struct err *e)
{
    if (sqlite3_exec(tape->sqlite, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return history_read_failed(tape->reader, e);
    return each_row(tape, select_series, take_series, e) &&
           each_row(tape, select_days, take_day, e) &&
           each_row(tape, select_recent, take_recent, e) &&
           prepare(tape, select_chunks, &tape->chunks, e) &&
           prepare(tape, select_commands, &tape->commands, e);
}

struct history_tape *history_tape_open(struct history_read *reader, struct err *e)
{
    struct history_tape *tape = mem_new(1, sizeof *tape);
    tape->reader = reader;
    tape->sqlite = history_read_connection(reader);
    if (open_all(tape, e))
        return tape;
    history_tape_close(tape);
    return NULL;
}

void history_tape_close(struct history_tape *tape)
{
    if (!tape)
        return;
    sqlite3_finalize(tape->chunks);
    sqlite3_finalize(tape->commands);
    sqlite3_exec(tape->sqlite, "ROLLBACK", NULL, NULL, NULL);
    for (size_t i = 0; i < tape->n_series; i++) {
        free(tape->series[i].twin);
        free(tape->series[i].signal);
        free(tape->series[i].unit);
    }
    free(tape->series);
    free(tape->days);
    free(tape->recent.at);
    free(tape->day.at);
    free(tape);
}
