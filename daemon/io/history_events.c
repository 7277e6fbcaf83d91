#include "twind/history_events.h"

#include <sqlite3.h>

#include <math.h>
#include <string.h>

static const double MS = 1000;

static int64_t milliseconds(double time)
{
    return (int64_t)llround(time * MS);
}

/* An event that is already there has moved its alert before. */
bool history_events_add(struct history_db *db, const struct history_alert *a)
{
    int64_t t = milliseconds(a->time), acknowledged = a->acknowledged;
    if (!history_db_do(db, SQL_ADD_EVENT, "isssisssiddss", t, a->id, a->twin, a->rule,
                       (int64_t)a->transition, a->type, a->severity, a->state, acknowledged,
                       a->value, a->limit, a->message, a->cause))
        return false;
    if (sqlite3_changes(db->sqlite) == 0)
        return true;
    if (strcmp(a->state, "active") != 0)
        return history_db_do(db, SQL_MOVE_ALERT, "issi", t, a->id, a->state, acknowledged);
    return history_db_do(db, SQL_RAISE_ALERT, "isssisssiddss", t, a->id, a->twin, a->rule,
                         (int64_t)a->transition, a->type, a->severity, a->state,
                         acknowledged, a->value, a->limit, a->message, a->cause);
}

static const char *text_at(struct sqlite3_stmt *s, int column)
{
    const unsigned char *text = sqlite3_column_text(s, column);
    return text ? (const char *)text : "";
}

static struct history_alert read_alert(struct sqlite3_stmt *s)
{
    return (struct history_alert){
        .id = text_at(s, 0),
        .twin = text_at(s, 1),
        .rule = text_at(s, 2),
        .type = text_at(s, 3),
        .severity = text_at(s, 4),
        .state = text_at(s, 5),
        .message = text_at(s, 6),
        .acknowledged = sqlite3_column_int(s, 7) != 0,
        .time = (double)sqlite3_column_int64(s, 8) / MS,
        .value = history_db_number(s, 9),
        .limit = history_db_number(s, 10),
        .transition = (uint32_t)sqlite3_column_int64(s, 11),
        .cause = text_at(s, 12),
    };
}

bool history_events_read(struct history_db *db, const char *twin, const char *rule,
                         uint32_t after,
                         void (*each)(void *context, const struct history_alert *alert),
                         void *context)
{
    struct sqlite3_stmt *s;
    bool found;
    if (!history_db_find(db, &s, &found, SQL_EVENTS_AFTER, "ssi", twin, rule,
                         (int64_t)after))
        return false;
    while (found) {
        struct history_alert alert = read_alert(s);
        each(context, &alert);
        if (!history_db_next(db, s, &found))
            return false;
    }
    return true;
}
