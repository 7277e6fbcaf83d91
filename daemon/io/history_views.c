/* The views that people and programs read: names and order of columns are a contract.
 * Beyond it, `readings` and `states` end with `day` (UTC, 'YYYY-MM-DD'): with twin, signal
 * and day given, a query reads that day's chunks and nothing else of them.
 *
 * Rows of a fold under way (up to fold.upto, of series up to fold.series) are already in
 * chunks, and are hidden here until they are deleted. */
#include "twind/history_db.h"

#include <stddef.h>

/* clang-format off */
#define EPOCH(ms) "(" ms ") / 1000.0"
#define ISO(s) "strftime('%Y-%m-%dT%H:%M:%fZ', " s ", 'unixepoch')"
#define TIME(ms) ISO(EPOCH(ms))
#define DAY(ms) "strftime('%Y-%m-%d', " EPOCH(ms) ", 'unixepoch')"
#define QUALITY(x) "QUALITY(" x ")"
#define WHAT "CASE s.what WHEN 0 THEN 'reading' ELSE 'state' END"

/* What an element e of a chunk c says; see history_chunk.h. Readings and states have two
 * columns; roll-ups have four, and their times are those of the slots. */
#define OF_PAIR(i) "CASE WHEN c.pairs THEN e.value->>" i " ELSE "
#define LATER OF_PAIR("0") "(e.value - 1) / c.m0 / coalesce(c.m1, 1) END"
#define K0 OF_PAIR("1") "(e.value - 1) % c.m0 END"
#define K1 OF_PAIR("2") "(e.value - 1) / c.m0 % c.m1 END"
#define K2 OF_PAIR("3") "(e.value - 1) / c.m0 / c.m1 % c.m2 END"
#define K3 OF_PAIR("4") "(e.value - 1) / c.m0 / c.m1 / c.m2 % c.m3 END"
#define POINT "c.t0 + e.key * c.period"
#define T POINT " + " LATER
#define V(i, k) "(c.base" i " + " k ") / c.scale" i

#define FROM_RECENT(table, what)                                                           \
    " FROM series s CROSS JOIN " table " r ON r.series = s.series WHERE s.what = " what    \
    " AND NOT (r.row <= (SELECT f.upto FROM fold f WHERE f.what = " what ")"               \
    " AND r.series <= (SELECT f.series FROM fold f WHERE f.what = " what ")) "

/* CROSS JOIN keeps this order: the series by name, its chunks by index, their elements. */
#define FROM_CHUNKS                                                                        \
    " FROM series s CROSS JOIN chunks c ON c.series = s.series "                           \
    "CROSS JOIN json_each(c.body) e WHERE e.value <> 0 AND "

#define FROM_ROLLS(table) " FROM series s CROSS JOIN " table " b ON b.series = s.series "
#define P_SUM V("0", K0)
#define P_N "(c.base1 + " K1 ")"
#define P_MIN V("2", K2)
#define P_MAX V("3", K3)
#define P_DAY "((" POINT ") / 86400000)"
#define PACKED_ROLL(sort)                                                                  \
    "SELECT " TIME(POINT) ", " EPOCH(POINT) ", s.twin, s.name, " WHAT        \
    ", s.unit, CAST(" P_N " AS INTEGER), " P_SUM " / " P_N ", coalesce(" P_MIN \
    ", " P_SUM "), "                                                                       \
    "coalesce(" P_MAX ", " P_SUM ")" FROM_CHUNKS "c.sort = " sort
#define AIR_NAMES                                                                          \
    "s.what = 1 AND s.name IN ('aqi', 'aqi_pm2_5', 'aqi_pm10', 'aqi_o3', 'aqi_co', "       \
    "'aqi_so2', 'aqi_no2')"
#define ROLL_COLUMNS "(time, epoch, twin, name, what, unit, n, mean, min, max) AS "
#define ROLL(seconds)                                                                      \
    "SELECT " ISO("b.bucket * " seconds) ", b.bucket * " seconds ", s.twin, s.name, " WHAT \
    ", s.unit, b.n, b.sum / b.n, "         \
    "coalesce(b.min, b.sum), coalesce(b.max, b.sum)"
/* clang-format on */

/* clang-format off */
const char *const history_views[] = {
    "CREATE VIEW readings(time, epoch, twin, signal, value, unit, quality, day) AS "
    "SELECT " TIME("r.t") ", " EPOCH("r.t") ", s.twin, s.name, r.value, s.unit, "
    QUALITY("r.quality") ", " DAY("r.t")
    FROM_RECENT("recent_readings", "0")
    "UNION ALL SELECT " TIME(T) ", " EPOCH(T) ", s.twin, s.name, " V("0", K0) ", s.unit, "
    QUALITY("c.sort") ", c.day"
    FROM_CHUNKS "s.what = 0 AND c.sort < 100",

    "CREATE VIEW states(time, epoch, twin, name, value, sd, unit, day) AS "
    "SELECT " TIME("r.t") ", " EPOCH("r.t") ", s.twin, s.name, r.value, r.sd, s.unit, "
    DAY("r.t")
    FROM_RECENT("recent_states", "1")
    "UNION ALL SELECT " TIME(T) ", " EPOCH(T) ", s.twin, s.name, " V("0", K0) ", "
    V("1", K1) ", s.unit, c.day"
    FROM_CHUNKS "s.what = 1 AND c.sort < 100",

    "CREATE VIEW latest(twin, name, time, value, sd, unit) AS "
    "SELECT s.twin, s.name, " TIME("l.t") ", l.value, l.sd, s.unit "
    "FROM series s CROSS JOIN last l ON l.series = s.series",

    "CREATE VIEW minutes" ROLL_COLUMNS
    ROLL("60.0") FROM_ROLLS("minute_rolls") "UNION ALL " PACKED_ROLL("100"),

    "CREATE VIEW hours" ROLL_COLUMNS
    ROLL("3600.0") FROM_ROLLS("hour_rolls") "UNION ALL " PACKED_ROLL("101"),

    /* while there are hours, a day is their sum: they are packed by whole days */
    "CREATE VIEW days" ROLL_COLUMNS
    "SELECT " ISO("b.bucket / 24 * 86400.0") ", b.bucket / 24 * 86400.0, s.twin, s.name, "
    WHAT ", s.unit, sum(b.n), sum(b.sum) / sum(b.n), min(coalesce(b.min, b.sum)), "
    "max(coalesce(b.max, b.sum))" FROM_ROLLS("hour_rolls")
    "GROUP BY s.twin, s.name, s.what, s.unit, b.bucket / 24 "
    "UNION ALL SELECT " ISO(P_DAY " * 86400.0") ", " P_DAY " * 86400.0, s.twin, s.name, "
    WHAT ", s.unit, CAST(sum(" P_N ") AS INTEGER), sum(" P_SUM ") / sum(" P_N "), "
    "min(coalesce(" P_MIN ", " P_SUM ")), max(coalesce(" P_MAX ", " P_SUM "))"
    FROM_CHUNKS "c.sort = 101 GROUP BY s.twin, s.name, s.what, s.unit, " P_DAY
    " UNION ALL " ROLL("86400.0") FROM_ROLLS("day_rolls"),

    "CREATE VIEW alerts(id, twin, rule, type, severity, state, acknowledged, raised_at, "
    "acknowledged_at, cleared_at, value, limit_value, message, cause) AS "
    "SELECT alert, twin, rule, type, severity, state, acknowledged, " TIME("raised") ", "
    TIME("acknowledged_at") ", " TIME("cleared") ", value, limit_value, message, cause "
    "FROM raised",

    "CREATE VIEW alert_events(time, epoch, alert_id, twin, rule, state, acknowledged, "
    "value, "
    "message, cause) AS SELECT " TIME("t") ", " EPOCH("t") ", alert, twin, rule, state, "
    "acknowledged, value, message, cause FROM events",

    "CREATE VIEW commands(time, twin, input, value, source, result) AS "
    "SELECT " TIME("t") ", twin, input, value, source, result FROM command_log",

    "CREATE VIEW forecasts(made_at, for_time, twin, name, mean, sd) AS "
    "SELECT " TIME("f.made") ", " TIME("f.made + (e.key + 1) * f.step") ", s.twin, "
    "s.name, (f.base + e.value / f.m) / f.scale, (nullif(e.value % f.m, 0) - 1) / "
    "f.sd_scale FROM series s CROSS JOIN forecast_sets f ON f.series = s.series "
    "CROSS JOIN json_each(f.body) e",

    "CREATE VIEW calibrations(time, twin, param, value, standard_error, error_before, "
    "error_after, result) AS SELECT " TIME("t") ", twin, param, value, standard_error, "
    "error_before, error_after, result FROM calibration_rows",

    "CREATE VIEW health(time, epoch, twin, name, part, value, sd, limit_value, days_left, "
    "days_left_least, days_left_most) AS SELECT " TIME("t") ", " EPOCH("t") ", twin, name, "
    "part, value, sd, limit_value, days_left, days_left_least, days_left_most "
    "FROM health_rows",

    /* a service is a command: "serviced/PART", with the note as its value */
    "CREATE VIEW maintenance(time, epoch, twin, part, note, source) AS "
    "SELECT " TIME("t") ", " EPOCH("t") ", twin, substr(input, 10), value, source "
    "FROM command_log WHERE input LIKE 'serviced/%' AND result = 'ok'",

    /* the day's last values; a saving without a price of its own has the day's mean one */
    "CREATE VIEW energy_daily(day, twin, kwh, cost, baseline_kwh, saved_kwh, "
    "saved_cost, saved_sd_kwh) AS "
    "SELECT day, twin, kwh, cost, kwh + saved, saved, "
    "coalesce(priced, saved * cost / kwh), sd "
    "FROM (SELECT t.day AS day, s.twin AS twin, "
    "max(t.value) FILTER (WHERE s.name = 'energy_today') AS kwh, "
    "max(t.value) FILTER (WHERE s.name = 'cost_today') AS cost, "
    "max(t.value) FILTER (WHERE s.name = 'saved_today') AS saved, "
    "max(t.value) FILTER (WHERE s.name = 'saved_cost_today') AS priced, "
    "max(t.value) FILTER (WHERE s.name = 'saved_sd_today') AS sd "
    "FROM series s CROSS JOIN totals t ON t.series = s.series GROUP BY s.twin, t.day) "
    "WHERE kwh IS NOT NULL",

    /* The US index; its bands end at 50, 100, 150, 200 and 300. The hours of one twin are
     * gathered in a list for each, so that a query for a twin reads that twin's alone. */
    "CREATE VIEW air_quality_hourly(time, twin, aqi, category, dominant, advice) AS "
    "SELECT " ISO("h.epoch") ", h.twin, h.aqi, a.name, h.dominant, a.advice FROM ("
    "SELECT t.twin AS twin, g.value->>0 AS epoch, g.value->>1 AS aqi, "
    "g.value->>2 AS dominant FROM series t CROSS JOIN json_each(("
    "SELECT json_group_array(json_array(epoch, CAST(round(aqi) AS INTEGER), worst)) FROM ("
    "SELECT epoch, max(mean) FILTER (WHERE name = 'aqi') AS aqi, "
    "substr(max(printf('%012.4f', mean) || name) FILTER (WHERE name <> 'aqi'), 17) "
    "AS worst "
    "FROM (SELECT s.name AS name, b.bucket * 3600.0 AS epoch, b.sum / b.n AS mean"
    FROM_ROLLS("hour_rolls") "WHERE s.twin = t.twin AND " AIR_NAMES
    " UNION ALL SELECT s.name, " EPOCH(POINT) ", " P_SUM " / " P_N
    FROM_CHUNKS "c.sort = 101 AND s.twin = t.twin AND " AIR_NAMES
    ") GROUP BY epoch) WHERE aqi IS NOT NULL)) g WHERE t.name = 'aqi' AND t.what = 1) h "
    "LEFT JOIN air_advice a ON a.category = 1 + (h.aqi > 50) + (h.aqi > 100) + "
    "(h.aqi > 150) + (h.aqi > 200) + (h.aqi > 300) "
    "AND a.dominant = coalesce(h.dominant, 'pm2_5')",

    NULL,
};
/* clang-format on */
