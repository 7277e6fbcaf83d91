#include "twind/history_write.h"

#include "twind/history_chunk.h"
#include "twind/history_events.h"
#include "twind/history_forecast.h"
#include "twind/keep.h"

#include <sqlite3.h>

#include <math.h>
#include <string.h>

static int64_t milliseconds(double time)
{
    return (int64_t)llround(time * 1000);
}

/* Totals that begin anew each local day. */
static bool is_daily(const struct history_name *name)
{
    size_t length = strlen(name->name);
    return name->what == HISTORY_STATE && length > 6 &&
           strcmp(name->name + length - 6, "_today") == 0;
}

static bool bind_offset(struct sqlite3_stmt *s, int place, const struct history_twin *twin,
                        const struct history_name *name)
{
    return is_daily(name) ? sqlite3_bind_int64(s, place, twin->day_offset) == SQLITE_OK
                          : sqlite3_bind_null(s, place) == SQLITE_OK;
}

static bool add_series(struct history_db *db, const struct history_twin *twin,
                       const struct history_name *name, uint32_t *number)
{
    struct sqlite3_stmt *s = history_db_use(db, SQL_ADD_SERIES);
    if (!s)
        return false;
    sqlite3_bind_text(s, 1, twin->id, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, name->what);
    sqlite3_bind_text(s, 3, name->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 4, name->unit, -1, SQLITE_STATIC);
    bind_offset(s, 5, twin, name);
    if (!history_db_run(db, s))
        return false;
    *number = (uint32_t)sqlite3_last_insert_rowid(db->sqlite);
    return true;
}

static bool find_series(struct history_db *db, const struct history_twin *twin,
                        const struct history_name *name, uint32_t *number)
{
    struct sqlite3_stmt *s;
    bool found;
    if (!history_db_find(db, &s, &found, SQL_FIND_SERIES, "siss", twin->id,
                         (int64_t)name->what, name->name, name->unit))
        return false;
    if (!found)
        return add_series(db, twin, name, number);
    *number = (uint32_t)sqlite3_column_int64(s, 0);
    bool moved = is_daily(name) && sqlite3_column_int64(s, 1) != twin->day_offset;
    sqlite3_reset(s);
    return !moved ||
           history_db_do(db, SQL_MOVE_DAYS, "ii", (int64_t)*number, twin->day_offset);
}

/* The database's number of a row's series; 0: failed. */
static uint32_t series_of(struct history_db *db, struct history_twin *twin, size_t index)
{
    if (twin->generation != db->generation) {
        memset(twin->numbers, 0, twin->n * sizeof *twin->numbers);
        twin->generation = db->generation;
    }
    if (twin->numbers[index] == 0 &&
        !find_series(db, twin, &twin->names[index], &twin->numbers[index]))
        return 0;
    return twin->numbers[index];
}

static bool add_row(struct history_db *db, struct sqlite3_stmt *add, uint32_t series,
                    const struct history_row *row)
{
    sqlite3_reset(add);
    sqlite3_bind_int64(add, 1, db->next_row);
    sqlite3_bind_int64(add, 2, series);
    sqlite3_bind_int64(add, 3, row->t);
    sqlite3_bind_double(add, 4, row->value);
    sqlite3_bind_int64(add, 5, row->quality);
    if (!history_db_run(db, add))
        return false;
    db->next_row++;
    return true;
}

static bool add_readings(struct history_db *db, const struct history_batch *batch)
{
    struct sqlite3_stmt *add = history_db_use(db, SQL_ADD_READING);
    for (size_t i = 0; i < batch->n_readings; i++) {
        const struct history_row *row = &batch->readings[i];
        uint32_t series = series_of(db, row->twin, row->index);
        if (!add || !series || !add_row(db, add, series, row))
            return false;
    }
    return true;
}

/* An estimate is written to a thousandth of its standard deviation, and 7 digits. */
static void shorten_state(struct history_row *row, double *sd)
{
    double least = row->sd > 0 ? floor(log10((double)row->sd)) - 3 : -(double)INFINITY;
    row->value = chunk_shorten(row->value, 7, least);
    *sd = chunk_shorten((double)row->sd, 3, -(double)INFINITY);
}

static bool add_states(struct history_db *db, const struct history_batch *batch)
{
    struct sqlite3_stmt *add = history_db_use(db, SQL_ADD_STATE);
    for (size_t i = 0; i < batch->n_states; i++) {
        double sd;
        struct history_row *row = &batch->states[i];
        shorten_state(row, &sd);
        uint32_t series = series_of(db, row->twin, row->index);
        if (!add || !series)
            return false;
        sqlite3_reset(add);
        sqlite3_bind_double(add, 6, sd);
        if ((row->quality != HISTORY_LATEST && !add_row(db, add, series, row)) ||
            !history_db_do(db, SQL_SET_LAST, "iidd", (int64_t)series, row->t, row->value,
                           sd))
            return false;
    }
    return true;
}

static bool add_forecasts(struct history_db *db, const struct history_batch *batch)
{
    for (size_t i = 0; i < batch->n_forecasts; i++) {
        struct history_forecast forecast = history_batch_forecast(batch, i);
        uint32_t series =
            series_of(db, batch->forecasts[i].twin, batch->forecasts[i].index);
        if (!series || !history_forecast_add(db, series, &forecast))
            return false;
    }
    return true;
}

static bool add_command(struct history_db *db, const struct history_batch *batch, size_t i)
{
    const struct batch_command *c = &batch->commands[i];
    const char *text = batch->arena;
    return history_db_do(db, SQL_ADD_COMMAND, "isssss", milliseconds(c->time),
                         text + c->twin, text + c->input, text + c->value, text + c->source,
                         text + c->result);
}

/* INFINITY is no number in a database. */
static double finite(double value)
{
    return isfinite(value) ? value : (double)NAN;
}

static bool add_health(struct history_db *db, const struct history_batch *batch, size_t i)
{
    const struct history_health h = history_batch_health(batch, i);
    return history_db_do(db, SQL_ADD_HEALTH, "isssdddddd", milliseconds(h.time), h.twin,
                         h.name, h.part, h.value, h.sd, h.limit, finite(h.days_left),
                         finite(h.days_left_least), finite(h.days_left_most));
}

static bool add_letter(struct history_db *db, const struct history_batch *batch, size_t i)
{
    const struct batch_letter *l = &batch->letters[i];
    struct sqlite3_stmt *s = history_db_use(db, SQL_ADD_LETTER);
    if (!s)
        return false;
    sqlite3_bind_int64(s, 1, milliseconds(l->time));
    sqlite3_bind_text(s, 2, batch->arena + l->topic, (int)l->topic_length, SQLITE_STATIC);
    sqlite3_bind_blob(s, 3, batch->arena + l->payload, (int)l->payload_length,
                      SQLITE_STATIC);
    return history_db_run(db, s);
}

static bool add_rest(struct history_db *db, const struct history_batch *batch)
{
    for (size_t i = 0; i < batch->n_alerts; i++) {
        struct history_alert alert = history_batch_alert(batch, i);
        if (!history_events_add(db, &alert))
            return false;
    }
    for (size_t i = 0; i < batch->n_commands; i++)
        if (!add_command(db, batch, i))
            return false;
    for (size_t i = 0; i < batch->n_healths; i++)
        if (!add_health(db, batch, i))
            return false;
    for (size_t i = 0; i < batch->n_letters; i++)
        if (!add_letter(db, batch, i))
            return false;
    return true;
}

static void keep_blocks(struct history_batch *batch, struct keep *keep)
{
    for (size_t i = 0; keep && !batch->blocks_kept && i < batch->n_blocks; i++)
        keep_write_on_writer(keep, batch->blocks[i].place, batch->seq,
                             batch->arena + batch->blocks[i].at);
    batch->blocks_kept = true;
}

bool history_write_batch(struct history_db *db, struct history_batch *batch,
                         struct keep *keep)
{
    int64_t first_row = db->next_row;
    if (history_db_begin(db) && add_readings(db, batch) && add_states(db, batch) &&
        add_forecasts(db, batch) && add_rest(db, batch) &&
        history_db_do(db, SQL_SET_APPLIED, "i", (int64_t)batch->seq)) {
        keep_blocks(batch, keep);
        if (history_db_commit(db))
            return true;
    } else {
        history_db_rollback(db);
    }
    db->next_row = first_row;
    return false;
}
