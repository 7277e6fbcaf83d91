/* Tables are ours and may change with the version; the views are the contract.
 *
 * A row begins in recent_*, which is only ever appended to; a fold moves it into chunks.
 * Both are shown by one view: rows up to fold.upto of series up to fold.series are already
 * in chunks, and are hidden until they are deleted. */
#include "twind/history_db.h"

#include "twind/air_index.h"
#include "twind/quality.h"

#include <sqlite3.h>

#include <stdio.h>
#include <string.h>

enum { SCHEMA_VERSION = 1, APPLICATION = 0x74776E64 /* "twnd" */ };

#define RECENT(table)                                                                      \
    "CREATE TABLE " table "(row INTEGER PRIMARY KEY, series INTEGER NOT NULL, "            \
    "t INTEGER NOT NULL, value, quality INTEGER NOT NULL, sd);"
#define ROLLS(table)                                                                       \
    "CREATE TABLE " table "(series INTEGER, bucket INTEGER, n INTEGER, sum REAL, "         \
    "min REAL, max REAL, PRIMARY KEY(series, bucket)) WITHOUT ROWID;"

/* what: 0 reading, 1 state. day_offset: ms east of UTC where a state is a total that begins
 * anew each local day. */
static const char tables[] =
    "CREATE TABLE applied(seq INTEGER NOT NULL); INSERT INTO applied VALUES(0);"
    "CREATE TABLE series(series INTEGER PRIMARY KEY, twin TEXT, what INTEGER, name TEXT, "
    "unit TEXT, day_offset INTEGER, UNIQUE(twin, what, name, unit));"
    "CREATE TABLE qualities(quality INTEGER PRIMARY KEY, name TEXT);"
    "CREATE TABLE air_advice(category INTEGER, dominant TEXT, name TEXT, advice TEXT, "
    "PRIMARY KEY(category, dominant)) WITHOUT ROWID;" RECENT("recent_readings") RECENT(
        "recent_states") "CREATE TABLE fold(what INTEGER PRIMARY KEY, upto INTEGER, series "
                         "INTEGER);"
                         "INSERT INTO fold VALUES(0, 0, 0), (1, 0, 0);"
                         "CREATE TABLE chunks(chunk INTEGER PRIMARY KEY, series INTEGER, "
                         "day TEXT, "
                         "quality INTEGER, n INTEGER, t0 INTEGER, period INTEGER, pairs "
                         "INTEGER, m INTEGER, base, "
                         "scale REAL, sd_m INTEGER, sd_base, sd_scale REAL, body TEXT);"
                         "CREATE INDEX chunks_of ON chunks(series, day, quality);"
                         "CREATE TABLE last(series INTEGER PRIMARY KEY, t INTEGER, value, "
                         "sd);"
                         "CREATE TABLE rolled(row INTEGER NOT NULL); INSERT INTO rolled "
                         "VALUES(0);" ROLLS("minute_rolls") ROLLS("hour_rolls") ROLLS(
                             "day_rolls") "CREATE TABLE totals(series INTEGER, day TEXT, t "
                                          "INTEGER, value, "
                                          "PRIMARY KEY(series, day)) WITHOUT ROWID;"
                                          "CREATE TABLE events(event INTEGER PRIMARY KEY, "
                                          "t INTEGER, alert TEXT, twin TEXT, "
                                          "rule TEXT, transition INTEGER, type TEXT, "
                                          "severity TEXT, state TEXT, "
                                          "acknowledged INTEGER, value, limit_value, "
                                          "message TEXT, "
                                          "UNIQUE(twin, rule, transition, alert));"
                                          "CREATE TABLE raised(alert TEXT NOT NULL UNIQUE, "
                                          "twin TEXT, rule TEXT, type TEXT, "
                                          "severity TEXT, state TEXT, acknowledged "
                                          "INTEGER, raised INTEGER, "
                                          "acknowledged_at INTEGER, cleared INTEGER, "
                                          "value, limit_value, message TEXT);"
                                          "CREATE TABLE command_log(command INTEGER "
                                          "PRIMARY KEY, t INTEGER, twin TEXT, input TEXT, "
                                          "value TEXT, source TEXT, result TEXT);"
                                          "CREATE TABLE dead_letters(letter INTEGER "
                                          "PRIMARY KEY, t INTEGER, topic TEXT, "
                                          "payload BLOB);"
                                          "CREATE TABLE forecast_rows(made INTEGER, t "
                                          "INTEGER, twin TEXT, name TEXT, mean, sd);"
                                          "CREATE TABLE calibration_rows(t INTEGER, twin "
                                          "TEXT, param TEXT, value, standard_error, "
                                          "error_before, error_after);";

#define EPOCH(ms) "(" ms ") / 1000.0"
#define TIME(ms) "strftime('%Y-%m-%dT%H:%M:%fZ', " EPOCH(ms) ", 'unixepoch')"
#define DAY(ms) "strftime('%Y-%m-%d', " EPOCH(ms) ", 'unixepoch')"
#define QUALITY(x) "(SELECT q.name FROM qualities q WHERE q.quality = " x ")"
#define WHAT "CASE s.what WHEN 0 THEN 'reading' ELSE 'state' END"

/* What an element e of a chunk c says; see history_chunk.h. */
#define C_R "CASE WHEN c.pairs THEN e.value->>0 ELSE (e.value - 1) / c.m / c.sd_m END"
#define C_K "CASE WHEN c.pairs THEN e.value->>1 ELSE (e.value - 1) % c.m END"
#define C_S "CASE WHEN c.pairs THEN e.value->>2 ELSE (e.value - 1) / c.m % c.sd_m END"
#define C_T "c.t0 + e.key * c.period + " C_R
#define C_VALUE "(c.base + " C_K ") / c.scale"
#define C_SD "(c.sd_base + " C_S ") / c.sd_scale"

#define FROM_RECENT(table, what)                                                           \
    " FROM series s JOIN " table " r ON r.series = s.series WHERE s.what = " what          \
    " AND NOT (r.row <= (SELECT f.upto FROM fold f WHERE f.what = " what ")"               \
    " AND r.series <= (SELECT f.series FROM fold f WHERE f.what = " what "))"
/* CROSS JOIN keeps this order: the series by name, its chunks by index, their elements. */
#define FROM_CHUNKS(what)                                                                  \
    " FROM series s CROSS JOIN chunks c ON c.series = s.series "                           \
    "CROSS JOIN json_each(c.body) e WHERE s.what = " what " AND e.value <> 0"

#define ROLL_VIEW(view, table, seconds)                                                    \
    "CREATE VIEW " view "(time, epoch, twin, name, what, unit, n, mean, min, max) AS "     \
    "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', b.bucket * " seconds ", 'unixepoch'), "         \
    "b.bucket * " seconds ", s.twin, s.name, " WHAT ", s.unit, b.n, b.sum / b.n, b.min, "  \
    "b.max FROM series s CROSS JOIN " table " b ON b.series = s.series;"

static const char *const views[] = {
    "CREATE VIEW readings(time, epoch, twin, signal, value, unit, quality, day) AS "
    "SELECT " TIME("r.t") ", " EPOCH("r.t") ", s.twin, s.name, r.value, s.unit, " QUALITY(
        "r.quality") ", " DAY("r.t")
        FROM_RECENT("recent_readings", "0") " UNION ALL SELECT " TIME(C_T) ", " EPOCH(
            C_T) ", s.twin, s.name, " C_VALUE
                 ", s.unit, " QUALITY("c.quality") ", c.day" FROM_CHUNKS("0") ";",

    "CREATE VIEW states(time, epoch, twin, name, value, sd, unit, day) AS "
    "SELECT " TIME("r.t") ", " EPOCH("r.t") ", s.twin, s.name, r.value, r.sd, s.unit, " DAY(
        "r.t")
        FROM_RECENT("recent_states", "1") " UNION ALL SELECT " TIME(C_T) ", " EPOCH(
            C_T) ", s.twin, s.name, " C_VALUE ", " C_SD
                 ", s.unit, c.day" FROM_CHUNKS("1") ";",

    "CREATE VIEW latest(twin, name, time, value, sd, unit) AS "
    "SELECT s.twin, s.name, " TIME(
        "l.t") ", l.value, l.sd, s.unit "
               "FROM series s CROSS JOIN last l ON l.series = s.series;",

    ROLL_VIEW("minutes", "minute_rolls", "60.0"),
    ROLL_VIEW("hours", "hour_rolls", "3600.0"),

    /* while there are hours, a day is their sum */
    "CREATE VIEW days(time, epoch, twin, name, what, unit, n, mean, min, max) AS "
    "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', b.bucket / 24 * 86400.0, 'unixepoch'), "
    "b.bucket / 24 * 86400.0, s.twin, s.name, " WHAT ", s.unit, sum(b.n), "
    "sum(b.sum) / sum(b.n), min(b.min), max(b.max) "
    "FROM series s CROSS JOIN hour_rolls b ON b.series = s.series "
    "GROUP BY s.twin, s.name, s.what, s.unit, b.bucket / 24 "
    "UNION ALL SELECT strftime('%Y-%m-%dT%H:%M:%fZ', b.bucket * 86400.0, 'unixepoch'), "
    "b.bucket * 86400.0, s.twin, s.name, " WHAT ", s.unit, b.n, b.sum / b.n, b.min, b.max "
    "FROM series s CROSS JOIN day_rolls b ON b.series = s.series;",

    "CREATE VIEW alerts(id, twin, rule, type, severity, state, acknowledged, raised_at, "
    "acknowledged_at, cleared_at, value, limit_value, message) AS SELECT alert, twin, "
    "rule, "
    "type, severity, state, acknowledged, " TIME("raised") ", " TIME(
        "acknowledged_at") ", " TIME("cleared") ", value, limit_value, message FROM "
                                                "raised;",

    "CREATE VIEW alert_events(time, epoch, alert_id, twin, rule, state, acknowledged, "
    "value, "
    "message) AS SELECT " TIME("t") ", " EPOCH(
        "t") ", alert, twin, rule, state, "
             "acknowledged, value, message FROM events;",

    "CREATE VIEW commands(time, twin, input, value, source, result) AS "
    "SELECT " TIME("t") ", twin, input, value, source, result FROM command_log;",

    "CREATE VIEW forecasts(made_at, for_time, twin, name, mean, sd) AS "
    "SELECT " TIME("made") ", " TIME("t") ", twin, name, mean, sd FROM forecast_rows;",

    "CREATE VIEW calibrations(time, twin, param, value, standard_error, error_before, "
    "error_after) AS SELECT " TIME(
        "t") ", twin, param, value, standard_error, error_before, "
             "error_after FROM calibration_rows;",

    /* the day's last values; where the saving has no price of its own, the day's mean one
     */
    "CREATE VIEW energy_daily(day, twin, kwh, cost, baseline_kwh, saved_kwh, saved_cost) "
    "AS "
    "SELECT day, twin, kwh, cost, kwh + saved, saved, coalesce(priced, saved * cost / kwh) "
    "FROM (SELECT t.day, s.twin, max(t.value) FILTER (WHERE s.name = 'energy_today') AS "
    "kwh, "
    "max(t.value) FILTER (WHERE s.name = 'cost_today') AS cost, "
    "max(t.value) FILTER (WHERE s.name = 'saved_today') AS saved, "
    "max(t.value) FILTER (WHERE s.name = 'saved_cost_today') AS priced "
    "FROM series s CROSS JOIN totals t ON t.series = s.series GROUP BY s.twin, t.day);",

    "CREATE VIEW air_quality_hourly(time, twin, aqi, category, dominant, advice) AS "
    "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', h.bucket * 3600.0, 'unixepoch'), h.twin, h.aqi, "
    "coalesce(a.name, (SELECT x.name FROM air_advice x WHERE x.category = h.category "
    "LIMIT 1)), h.dominant, coalesce(a.advice, (SELECT x.advice FROM air_advice x "
    "WHERE x.category = h.category LIMIT 1)) FROM (SELECT g.*, 1 + (aqi > 50) + "
    "(aqi > 100) + (aqi > 150) + (aqi > 200) + (aqi > 300) AS category, "
    "(SELECT substr(p.name, 5) FROM series p CROSS JOIN hour_rolls b "
    "ON b.series = p.series AND b.bucket = g.bucket WHERE p.twin = g.twin AND p.what = 1 "
    "AND p.name IN ('aqi_pm2_5', 'aqi_pm10', 'aqi_o3', 'aqi_co', 'aqi_so2', 'aqi_no2') "
    "ORDER BY b.sum / b.n DESC, p.name LIMIT 1) AS dominant "
    "FROM (SELECT s.twin, b.bucket, CAST(round(b.sum / b.n) AS INTEGER) AS aqi "
    "FROM series s CROSS JOIN hour_rolls b ON b.series = s.series "
    "WHERE s.what = 1 AND s.name = 'aqi') g) h "
    "LEFT JOIN air_advice a ON a.category = h.category AND a.dominant = h.dominant;",
};

static bool run(struct history_db *db, const char *sql)
{
    return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK ||
           history_db_failed(db, "schema");
}

static bool read_number(struct history_db *db, const char *sql, int64_t *number)
{
    sqlite3_stmt *row = NULL;
    bool done = sqlite3_prepare_v2(db->sqlite, sql, -1, &row, NULL) == SQLITE_OK &&
                sqlite3_step(row) == SQLITE_ROW;
    if (done)
        *number = sqlite3_column_int64(row, 0);
    else
        history_db_failed(db, sql);
    sqlite3_finalize(row);
    return done;
}

/* Texts that the program knows, for the views: written at each opening, so that they are
 * always this version's. */
static bool write_words(struct history_db *db)
{
    bool done = run(db, "DELETE FROM qualities; DELETE FROM air_advice;");
    for (int i = 0; done && i < QUALITY_COUNT; i++) {
        char *sql = sqlite3_mprintf("INSERT INTO qualities VALUES(%d, %Q)", i,
                                    quality_name((enum quality)i));
        done = run(db, sql);
        sqlite3_free(sql);
    }
    for (int i = 0; done && i < AIR_INDEX_CATEGORIES * AIR_INDEX_SCALES; i++) {
        int category = 1 + i / AIR_INDEX_SCALES;
        enum air_index_scale scale = (enum air_index_scale)(i % AIR_INDEX_SCALES);
        char *sql = sqlite3_mprintf("INSERT OR IGNORE INTO air_advice VALUES(%d,%Q,%Q,%Q)",
                                    category, air_index_pollutant(scale),
                                    air_index_category_name(category),
                                    air_index_advice(category, scale));
        done = run(db, sql);
        sqlite3_free(sql);
    }
    return done;
}

static bool make(struct history_db *db)
{
    bool done = run(db, tables);
    for (size_t i = 0; done && i < sizeof views / sizeof *views; i++)
        done = run(db, views[i]);
    char marks[100];
    snprintf(marks, sizeof marks, "PRAGMA application_id=%d; PRAGMA user_version=%d;",
             APPLICATION, SCHEMA_VERSION);
    return done && run(db, marks);
}

bool history_schema_look(struct history_db *db, const char *path, int64_t *version,
                         struct err *e)
{
    int64_t application = 0, entries = 0;
    if (!read_number(db, "PRAGMA user_version", version) ||
        !read_number(db, "PRAGMA application_id", &application) ||
        !read_number(db, "SELECT count(*) FROM sqlite_master", &entries))
        return err_set(e, "history %s: %s", path, db->error.text);
    if (entries > 0 && application != APPLICATION)
        return err_set(e, "history %s: is a database of another program; name another file",
                       path);
    if (*version > SCHEMA_VERSION)
        return err_set(
            e,
            "history %s: has schema version %lld, this twind knows up to %d; use "
            "the newer twind or name another file",
            path, (long long)*version, SCHEMA_VERSION);
    return true;
}

bool history_schema_prepare(struct history_db *db, int64_t version)
{
    return run(db, "BEGIN IMMEDIATE") && (version > 0 || make(db)) && write_words(db) &&
           run(db, "COMMIT");
}
