#include "twind/history_alarms.h"

#include <sqlite3.h>

#include <math.h>

static const double MS = 1000;

#define SELECT_EVENTS(cause)                                                               \
    "SELECT alert, twin, rule, type, severity, state, message, acknowledged, t, value, "   \
    "limit_value, transition, " cause " FROM events "                                      \
    "WHERE t <= ?1 AND (?2 IS NULL OR twin = ?2) ORDER BY t, event"

/* Each from an index or a small table, for readings may be many. */
static const char select_extent[] =
    "SELECT min(t), max(t) FROM (SELECT min(t) / 1000.0 AS t FROM events "
    "UNION ALL SELECT max(t) / 1000.0 FROM events "
    "UNION ALL SELECT max(t) / 1000.0 FROM last "
    "UNION ALL SELECT min(t) / 1000.0 FROM recent_readings "
    "UNION ALL SELECT 3600.0 * (SELECT min(bucket) FROM hour_rolls h "
    "WHERE h.series = s.series) FROM series s "
    "UNION ALL SELECT (SELECT min(t0) / 1000.0 FROM chunks c WHERE c.series = s.series "
    "AND c.day = (SELECT min(day) FROM chunks d WHERE d.series = s.series)) FROM series s)";

static const char select_twin[] = "SELECT EXISTS (SELECT 1 FROM series WHERE twin = ?1) "
                                  "OR EXISTS (SELECT 1 FROM events WHERE twin = ?1)";

static const char *text_at(sqlite3_stmt *row, int column)
{
    const unsigned char *text = sqlite3_column_text(row, column);
    return text ? (const char *)text : "";
}

static double number_at(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL
               ? (double)NAN
               : sqlite3_column_double(row, column);
}

static struct history_alert event_at(sqlite3_stmt *row)
{
    return (struct history_alert){
        .id = text_at(row, 0),
        .twin = text_at(row, 1),
        .rule = text_at(row, 2),
        .type = text_at(row, 3),
        .severity = text_at(row, 4),
        .state = text_at(row, 5),
        .message = text_at(row, 6),
        .acknowledged = sqlite3_column_int(row, 7) != 0,
        .time = (double)sqlite3_column_int64(row, 8) / MS,
        .value = number_at(row, 9),
        .limit = number_at(row, 10),
        .transition = (uint32_t)sqlite3_column_int64(row, 11),
        .cause = text_at(row, 12),
    };
}

bool history_alarms_read(struct history_read *reader, const char *twin, double to,
                         void (*each)(void *context, const struct history_alert *alert),
                         void *context, struct err *e)
{
    sqlite3 *sqlite = history_read_connection(reader);
    sqlite3_stmt *row = NULL;
    int code;
    if (sqlite3_prepare_v2(sqlite, SELECT_EVENTS("cause"), -1, &row, NULL) != SQLITE_OK &&
        sqlite3_prepare_v2(sqlite, SELECT_EVENTS("NULL"), -1, &row, NULL) != SQLITE_OK)
        return history_read_failed(reader, e);
    sqlite3_bind_double(row, 1, to * MS);
    if (twin)
        sqlite3_bind_text(row, 2, twin, -1, SQLITE_STATIC);
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        struct history_alert event = event_at(row);
        each(context, &event);
    }
    bool done = code == SQLITE_DONE || history_read_failed(reader, e);
    sqlite3_finalize(row);
    return done;
}

bool history_alarms_extent(struct history_read *reader, double *first, double *last,
                           struct err *e)
{
    sqlite3_stmt *row = NULL;
    bool done = sqlite3_prepare_v2(history_read_connection(reader), select_extent, -1, &row,
                                   NULL) == SQLITE_OK &&
                sqlite3_step(row) == SQLITE_ROW;
    if (done) {
        *first = number_at(row, 0);
        *last = number_at(row, 1);
    } else {
        history_read_failed(reader, e);
    }
    sqlite3_finalize(row);
    return done;
}

bool history_alarms_know(struct history_read *reader, const char *twin, bool *known,
                         struct err *e)
{
    sqlite3_stmt *row = NULL;
    bool done = sqlite3_prepare_v2(history_read_connection(reader), select_twin, -1, &row,
                                   NULL) == SQLITE_OK &&
                sqlite3_bind_text(row, 1, twin, -1, SQLITE_STATIC) == SQLITE_OK &&
                sqlite3_step(row) == SQLITE_ROW;
    if (done)
        *known = sqlite3_column_int(row, 0) != 0;
    else
        history_read_failed(reader, e);
    sqlite3_finalize(row);
    return done;
}
