#include "twind/history_db.h"

#define ADD(table)                                                                         \
    "INSERT INTO " table "(row, series, t, value, quality, sd) VALUES(?1,?2,?3,?4,?5,?6)"

/* Rows that a fold has still to move, of those up to ?1. */
#define LIST(table)                                                                        \
    "SELECT series, t, quality, value, sd FROM " table " WHERE row <= ?1 AND series > ?2"

#define AFTER(table) "SELECT series, t, value, quality FROM " table " WHERE row > ?1"

/* Where a bucket holds a single row, its least and most are NULL: the sum says it. */
#define ADD_UP                                                                             \
    "ON CONFLICT(series, bucket) DO UPDATE SET n = n + excluded.n, "                       \
    "sum = sum + excluded.sum, "                                                           \
    "min = min(coalesce(min, sum), coalesce(excluded.min, excluded.sum)), "                \
    "max = max(coalesce(max, sum), coalesce(excluded.max, excluded.sum))"

#define ADD_ROLL(table)                                                                    \
    "INSERT INTO " table "(series, bucket, n, sum, min, max) "                             \
    "VALUES(?1, ?2, ?3, ?4, ?5, ?6) " ADD_UP
#define OLDEST_ROLL(table) "SELECT min(bucket) FROM " table " WHERE series = ?1"
#define THESE_ROLLS(table)                                                                 \
    "FROM " table " WHERE series = ?1 AND bucket >= ?2 AND bucket < ?3"

/* Of one series, a few at a time. */
#define EXPIRE(table, key)                                                                 \
    "DELETE FROM " table " WHERE series = ?1 AND " key " IN (SELECT " key " FROM " table   \
    " WHERE series = ?1 AND " key " < ?2 LIMIT 500)"

/* Without an index on time: from the oldest row on. */
#define EXPIRE_OLDEST(table)                                                               \
    "DELETE FROM " table " WHERE rowid IN (SELECT rowid FROM " table                       \
    " ORDER BY rowid LIMIT 100) AND t < ?1"

const char *const history_sql[SQL_STATEMENTS] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_GET_MARKS] = "SELECT (SELECT seq FROM applied), 1 + max((SELECT "
                      "coalesce(max(row), 0) FROM recent_readings),"
                      " (SELECT coalesce(max(row), 0) FROM recent_states), "
                      "(SELECT max(row) FROM rolled), (SELECT max(upto) FROM fold))",
    [SQL_SET_APPLIED] = "UPDATE applied SET seq = ?1",

    [SQL_FIND_SERIES] = "SELECT series, day_offset FROM series "
                        "WHERE twin = ?1 AND name = ?3 AND what = ?2 AND unit = ?4",
    [SQL_ADD_SERIES] = "INSERT INTO series(twin, what, name, unit, day_offset) "
                       "VALUES(?1, ?2, ?3, ?4, ?5)",
    [SQL_MOVE_DAYS] = "UPDATE series SET day_offset = ?2 WHERE series = ?1",

    [SQL_ADD_READING] = ADD("recent_readings"),
    [SQL_ADD_STATE] = ADD("recent_states"),
    [SQL_SET_LAST] = "INSERT INTO last(series, t, value, sd) VALUES(?1, ?2, ?3, ?4) "
                     "ON CONFLICT(series) DO UPDATE SET t = excluded.t, "
                     "value = excluded.value, sd = excluded.sd WHERE excluded.t >= t",

    [SQL_ADD_FORECAST] = "INSERT OR REPLACE INTO forecast_sets(series, made, step, base, "
                         "scale, m, sd_scale, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",

    [SQL_ADD_EVENT] =
        "INSERT OR IGNORE INTO events(t, alert, twin, rule, transition, type, "
        "severity, state, acknowledged, value, limit_value, message, cause) "
        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, nullif(?13, ''))",
    [SQL_RAISE_ALERT] =
        "INSERT INTO raised(alert, twin, rule, type, severity, state, acknowledged, "
        "raised, acknowledged_at, value, limit_value, message, cause) "
        "VALUES(?2, ?3, ?4, ?6, ?7, ?8, ?9, ?1, CASE WHEN ?9 THEN ?1 END, ?10, ?11, ?12, "
        "nullif(?13, '')) "
        "ON CONFLICT(alert) DO UPDATE SET severity = excluded.severity, "
        "state = excluded.state, acknowledged = excluded.acknowledged, "
        "acknowledged_at = CASE WHEN excluded.acknowledged "
        "THEN coalesce(acknowledged_at, ?1) END, cleared = NULL, value = excluded.value, "
        "limit_value = excluded.limit_value, message = excluded.message, "
        "cause = coalesce(excluded.cause, cause)",
    [SQL_MOVE_ALERT] =
        "UPDATE raised SET state = ?3, acknowledged = ?4, acknowledged_at = "
        "CASE WHEN ?4 THEN coalesce(acknowledged_at, ?1) END, "
        "cleared = CASE WHEN ?3 = 'normal' THEN coalesce(cleared, ?1) END WHERE alert = ?2",

    [SQL_EVENTS_AFTER] =
        "SELECT alert, twin, rule, type, severity, state, message, acknowledged, t, value, "
        "limit_value, transition, cause FROM events WHERE twin = ?1 AND rule = ?2 "
        "AND transition > ?3 ORDER BY transition, event",

    [SQL_ADD_COMMAND] = "INSERT INTO command_log(t, twin, input, value, source, result) "
                        "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_ADD_HEALTH] = "INSERT OR REPLACE INTO health_rows(t, twin, name, part, value, sd, "
                       "limit_value, days_left, days_left_least, days_left_most) "
                       "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SQL_ADD_LETTER] = "INSERT INTO dead_letters(t, topic, payload) VALUES(?1, ?2, ?3)",

    [SQL_OLDEST_READING] = "SELECT min(row) FROM recent_readings",
    [SQL_OLDEST_STATE] = "SELECT min(row) FROM recent_states",
    [SQL_COUNT_READINGS] = "SELECT count(*) FROM recent_readings",
    [SQL_COUNT_STATES] = "SELECT count(*) FROM recent_states",
    [SQL_GET_FOLD] = "SELECT upto, series FROM fold WHERE what = ?1",
    [SQL_SET_FOLD] = "UPDATE fold SET upto = ?2, series = ?3 WHERE what = ?1",
    [SQL_LIST_READINGS] = LIST("recent_readings"),
    [SQL_LIST_STATES] = LIST("recent_states"),
    [SQL_DROP_READINGS] = "DELETE FROM recent_readings WHERE row <= ?1",
    [SQL_DROP_STATES] = "DELETE FROM recent_states WHERE row <= ?1",
    [SQL_LAST_CHUNK] = "SELECT chunk, n, t0, period, pairs, m0, base0, scale0, m1, base1, "
                       "scale1, m2, base2, scale2, m3, base3, scale3, body FROM chunks "
                       "WHERE series = ?1 AND day = ?2 AND sort = ?3 "
                       "ORDER BY chunk DESC LIMIT 1",
    [SQL_ADD_CHUNK] =
        "INSERT INTO chunks(series, day, sort, n, t0, period, pairs, m0, base0, "
        "scale0, m1, base1, scale1, m2, base2, scale2, m3, base3, scale3, body) "
        "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,"
        "?18,?19,?20)",
    [SQL_DROP_CHUNK] = "DELETE FROM chunks WHERE chunk = ?1",

    [SQL_GET_ROLLED] =
        "SELECT (SELECT row FROM rolled), (SELECT t FROM packed WHERE roll = 0), "
        "(SELECT t FROM packed WHERE roll = 1)",
    [SQL_SET_ROLLED] = "UPDATE rolled SET row = ?1",
    [SQL_SET_PACKED] = "UPDATE packed SET t = max(t, ?2) WHERE roll = ?1",
    [SQL_ADD_MINUTE] = ADD_ROLL("minute_rolls"),
    [SQL_ADD_HOUR] = ADD_ROLL("hour_rolls"),
    [SQL_OLDEST_MINUTE] = OLDEST_ROLL("minute_rolls"),
    [SQL_OLDEST_HOUR] = OLDEST_ROLL("hour_rolls"),
    [SQL_LIST_MINUTES] = "SELECT bucket, n, sum, min, max " THESE_ROLLS("minute_rolls"),
    [SQL_LIST_HOURS] = "SELECT bucket, n, sum, min, max " THESE_ROLLS("hour_rolls"),
    [SQL_DROP_MINUTES] = "DELETE " THESE_ROLLS("minute_rolls"),
    [SQL_DROP_HOURS] = "DELETE " THESE_ROLLS("hour_rolls"),
    [SQL_PACKED_BEFORE] = "SELECT max(t0) FROM chunks "
                          "WHERE series = ?1 AND day < ?2 AND sort = 101",
    [SQL_READINGS_AFTER] = AFTER("recent_readings"),
    [SQL_STATES_AFTER] = AFTER("recent_states"),
    [SQL_ROLL_TOTALS] =
        "INSERT INTO totals(series, day, t, value) "
        "SELECT r.series, strftime('%Y-%m-%d', (r.t + s.day_offset) / 1000.0, "
        "'unixepoch'), "
        "max(r.t), r.value FROM recent_states r CROSS JOIN series s ON s.series = r.series "
        "WHERE r.row > ?1 AND r.row <= ?2 AND s.day_offset IS NOT NULL GROUP BY 1, 2 "
        "ON CONFLICT(series, day) DO UPDATE SET t = excluded.t, value = excluded.value "
        "WHERE excluded.t >= t",

    [SQL_NEXT_SERIES] = "SELECT min(series) FROM series WHERE series > ?1",
    [SQL_EXPIRE_CHUNKS] = "DELETE FROM chunks WHERE chunk IN (SELECT chunk FROM chunks "
                          "WHERE series = ?1 AND day < ?2 AND sort < 100 LIMIT 50)",
    [SQL_EXPIRE_PACKED] = "DELETE FROM chunks WHERE chunk IN (SELECT chunk FROM chunks "
                          "WHERE series = ?1 AND day < ?2 AND sort = 100 LIMIT 50)",
    [SQL_EXPIRE_MINUTES] = EXPIRE("minute_rolls", "bucket"),
    [SQL_KEEP_DAYS] =
        "INSERT INTO day_rolls(series, bucket, n, sum, min, max) SELECT series, "
        "bucket / 24, sum(n), sum(sum), min(coalesce(min, sum)), max(coalesce(max, sum)) "
        "FROM hour_rolls "
        "WHERE series = ?1 AND bucket < ?2 GROUP BY 2 " ADD_UP,
    [SQL_EXPIRE_HOURS] = "DELETE FROM hour_rolls WHERE series = ?1 AND bucket < ?2",
    [SQL_EXPIRE_FORECASTS] = "DELETE FROM forecast_sets WHERE forecast IN (SELECT forecast "
                             "FROM forecast_sets WHERE series = ?1 AND made < ?2 LIMIT 50)",
    [SQL_EXPIRE_EVENTS] = EXPIRE_OLDEST("events"),
    [SQL_EXPIRE_ALERTS] = "DELETE FROM raised WHERE rowid IN (SELECT rowid FROM raised "
                          "ORDER BY rowid LIMIT 100) AND cleared < ?1",
    [SQL_EXPIRE_COMMANDS] = EXPIRE_OLDEST("command_log"),
    [SQL_EXPIRE_HEALTH] = EXPIRE_OLDEST("health_rows"),
};
