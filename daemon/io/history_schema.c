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

enum { SCHEMA_VERSION = 4, APPLICATION = 0x74776E64 /* "twnd" */ };

/* clang-format off */
#define RECENT(table)                                                                      \
    "CREATE TABLE " table "(row INTEGER PRIMARY KEY, series INTEGER NOT NULL, "            \
    "t INTEGER NOT NULL, value, quality INTEGER NOT NULL, sd);"
#define ROLLS(table)                                                                       \
    "CREATE TABLE " table "(series INTEGER, bucket INTEGER, n INTEGER, sum REAL, "         \
    "min REAL, max REAL, PRIMARY KEY(series, bucket)) WITHOUT ROWID;"
#define SCALE(i) ", m" i " INTEGER, base" i ", scale" i " REAL"

static const char first_tables[] =
    "CREATE TABLE applied(seq INTEGER NOT NULL); INSERT INTO applied VALUES(0);"

    /* what: 0 reading, 1 state. day_offset: ms east of UTC where a state is a total that
     * begins anew each local day. */
    "CREATE TABLE series(series INTEGER PRIMARY KEY, twin TEXT, what INTEGER, name TEXT, "
    "unit TEXT, day_offset INTEGER, UNIQUE(twin, name, what, unit));"
    "CREATE TABLE last(series INTEGER PRIMARY KEY, t INTEGER, value, sd);"

    RECENT("recent_readings")
    RECENT("recent_states")
    "CREATE TABLE fold(what INTEGER PRIMARY KEY, upto INTEGER, series INTEGER);"
    "INSERT INTO fold VALUES(0, 0, 0), (1, 0, 0);"

    /* sort: the quality, STORE_MINUTES or STORE_HOURS; see history_chunk.h for the rest */
    "CREATE TABLE chunks(chunk INTEGER PRIMARY KEY, series INTEGER, day TEXT, "
    "sort INTEGER, "
    "n INTEGER, t0 INTEGER, period INTEGER, pairs INTEGER"
    SCALE("0") SCALE("1") SCALE("2") SCALE("3") ", body TEXT);"
    "CREATE INDEX chunks_of ON chunks(series, day, sort);"

    /* up to row all is rolled up; no minute (roll 0) or hour (1) from t on is in chunks */
    "CREATE TABLE rolled(row INTEGER NOT NULL); INSERT INTO rolled VALUES(0);"
    "CREATE TABLE packed(roll INTEGER PRIMARY KEY, t INTEGER);"
    "INSERT INTO packed VALUES(0, 0), (1, 0);"
    ROLLS("minute_rolls")
    ROLLS("hour_rolls")
    ROLLS("day_rolls")
    "CREATE TABLE totals(series INTEGER, day TEXT, t INTEGER, value, "
    "PRIMARY KEY(series, day)) WITHOUT ROWID;"

    "CREATE TABLE events(event INTEGER PRIMARY KEY, t INTEGER, alert TEXT, twin TEXT, "
    "rule TEXT, transition INTEGER, type TEXT, severity TEXT, state TEXT, "
    "acknowledged INTEGER, value, limit_value, message TEXT, "
    "UNIQUE(twin, rule, transition, alert));"
    "CREATE TABLE raised(alert TEXT NOT NULL UNIQUE, twin TEXT, rule TEXT, type TEXT, "
    "severity TEXT, state TEXT, acknowledged INTEGER, raised INTEGER, "
    "acknowledged_at INTEGER, cleared INTEGER, value, limit_value, message TEXT);"

    "CREATE TABLE command_log(command INTEGER PRIMARY KEY, t INTEGER, twin TEXT, "
    "input TEXT, value TEXT, source TEXT, result TEXT);"
    "CREATE TABLE dead_letters(letter INTEGER PRIMARY KEY, t INTEGER, topic TEXT, "
    "payload BLOB);"
    "CREATE TABLE forecast_rows(made INTEGER, t INTEGER, twin TEXT, name TEXT, mean, sd);"
    "CREATE TABLE calibration_rows(t INTEGER, twin TEXT, param TEXT, value, "
    "standard_error, error_before, error_after);"
    "CREATE TABLE air_advice(category INTEGER, dominant TEXT, name TEXT, advice TEXT, "
    "PRIMARY KEY(category, dominant)) WITHOUT ROWID;";

/* see history_forecast.h */
static const char forecast_tables[] =
    "DROP TABLE forecast_rows;"
    "CREATE TABLE forecast_sets(forecast INTEGER PRIMARY KEY, series INTEGER, "
    "made INTEGER, step INTEGER, base INTEGER, scale REAL, m INTEGER, sd_scale REAL, "
    "body TEXT, UNIQUE(series, made));";

static const char calibration_result[] =
    "ALTER TABLE calibration_rows ADD COLUMN result TEXT;"
    "UPDATE calibration_rows SET result = 'applied';";

/* health of parts; what an alert of a flood is under */
static const char health_and_cause[] =
    "CREATE TABLE health_rows(t INTEGER, twin TEXT, name TEXT, part TEXT, value, sd, "
    "limit_value, days_left, days_left_least, days_left_most, UNIQUE(twin, name, t));"
    "ALTER TABLE events ADD COLUMN cause TEXT;"
    "ALTER TABLE raised ADD COLUMN cause TEXT;";
/* clang-format on */

/* What makes version i + 1 of version i. A view that reads a table that goes is made anew
 * afterwards. */
static const char *const upgrades[SCHEMA_VERSION] = {first_tables, forecast_tables,
                                                     calibration_result, health_and_cause};

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

/* A view's text with quality numbers turned into their names. The caller frees it with
 * sqlite3_free(). */
static char *expand(const char *view)
{
    static const char mark[] = "QUALITY(";
    sqlite3_str *text = sqlite3_str_new(NULL);
    for (const char *at; (at = strstr(view, mark)); view = strchr(at, ')') + 1) {
        const char *number = at + strlen(mark);
        sqlite3_str_append(text, view, (int)(at - view));
        sqlite3_str_appendf(text, "CASE %.*s", (int)strcspn(number, ")"), number);
        for (int q = 0; q < QUALITY_COUNT; q++)
            sqlite3_str_appendf(text, " WHEN %d THEN %Q", q, quality_name((enum quality)q));
        sqlite3_str_appendall(text, " END");
    }
    sqlite3_str_appendall(text, view);
    return sqlite3_str_finish(text);
}

/* Views are this program's, whichever version made the tables: where the text differs, the
 * view is made anew. */
static bool make_view(struct history_db *db, const char *view)
{
    int64_t same = 0;
    char *sql = expand(view), *question, *remake;
    int name = (int)strcspn(view + strlen("CREATE VIEW "), "(");
    question = sqlite3_mprintf("SELECT count(*) FROM sqlite_master WHERE sql = %Q", sql);
    remake = sqlite3_mprintf("DROP VIEW IF EXISTS %.*s; %s", name,
                             view + strlen("CREATE VIEW "), sql);
    bool done = read_number(db, question, &same) && (same > 0 || run(db, remake));
    sqlite3_free(question);
    sqlite3_free(remake);
    sqlite3_free(sql);
    return done;
}

static bool make_views(struct history_db *db)
{
    bool done = true;
    for (const char *const *view = history_views; done && *view; view++)
        done = make_view(db, *view);
    return done;
}

/* Likewise the words that the view of the air shows. */
static bool write_advice(struct history_db *db)
{
    bool done = run(db, "DELETE FROM air_advice");
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

static bool make_tables(struct history_db *db, int64_t version)
{
    char marks[100];
    bool done = true;
    snprintf(marks, sizeof marks, "PRAGMA application_id=%d; PRAGMA user_version=%d;",
             APPLICATION, SCHEMA_VERSION);
    for (; done && version < SCHEMA_VERSION; version++)
        done = run(db, upgrades[version]);
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
    return run(db, "BEGIN IMMEDIATE") && make_tables(db, version) && make_views(db) &&
           write_advice(db) && run(db, "COMMIT");
}
