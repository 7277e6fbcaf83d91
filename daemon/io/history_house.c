/* Roll-ups are exact once: rows above a watermark are added to their minutes and hours, and
 * the watermark moves in the same transaction. A late row is a row like any other.
 *
 * Old rows are looked for series by series, a few series a tick, so that a purge never
 * holds up a commit; freed pages are used again (the file does not shrink, nor need it
 * grow). */
#include "twind/history_house.h"

#include "twind/history_fold.h"
#include "twind/history_rolls.h"
#include "twind/history_store.h"
#include "twind/mem.h"
#include "twind/quality.h"

#include <sqlite3.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MINUTE_MS = 60000,
    HOUR_MS = 3600000,
    WHATS = 2,
    ROLL_ROWS = 65536,
    FOLD_ROWS = 1024,
    SWEEP_SERIES = 20
};
static const double ROLL_SHARE = 50; /* an interval is so many times what a roll-up takes */
static const double ROLL_SOONEST = 1, ROLL_LATEST = 60; /* s */
static const double FOLD_AFTER = 3600, SWEEP_EVERY = 1; /* s */
static const double DAY = 86400, MINUTE = 60, MS = 1000;

struct history_house {
    double raw, minutes, hours; /* s */
    bool live;                  /* with a clock */
    bool sweeps;                /* with a limit to what is kept */
    struct history_fold *folds[WHATS];
    double folded[WHATS], rolled, roll_interval, swept;
    int64_t rolled_row, packed[HISTORY_ROLLS]; /* as in the tables rolled, packed */
    double newest;                           /* s: the latest row's time, for recordings */
    bool sweep_wanted;                       /* without a thread: after a fold */
    struct history_sums sums[HISTORY_ROLLS]; /* of the rows after rolled_row */
    int64_t sweep_series;                    /* the last that was looked at */
    size_t batch_rows;
};

static double clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Late readings are true all the same; what sensors got wrong stays out of the mean, and so
 * does what was for `latest` alone. */
static void sum_up(struct history_house *house, uint32_t series, int64_t t, double value,
                   unsigned quality)
{
    if ((quality != QUALITY_GOOD && quality != QUALITY_LATE) || isnan(value))
        return;
    for (int roll = 0; roll < HISTORY_ROLLS; roll++)
        history_sums_add(&house->sums[roll], series, t, value);
}

static void clear_sums(struct history_house *house)
{
    for (int roll = 0; roll < HISTORY_ROLLS; roll++)
        history_sums_clear(&house->sums[roll]);
}

static bool write_sums(struct history_house *house, struct history_db *db)
{
    for (int roll = 0; roll < HISTORY_ROLLS; roll++) {
        history_sums_sort(&house->sums[roll]);
        if (!history_rolls_write(db, (enum history_roll)roll, &house->sums[roll],
                                 house->packed[roll]))
            return false;
    }
    return true;
}

bool history_house_roll(struct history_house *house, struct history_db *db)
{
    int64_t from = house->rolled_row, to = db->next_row - 1;
    if (to == from)
        return true;
    if (!history_db_begin(db))
        return false;
    if (write_sums(house, db) && history_db_do(db, SQL_ROLL_TOTALS, "ii", from, to) &&
        history_db_do(db, SQL_SET_ROLLED, "i", to)) {
        if (!history_db_commit(db))
            return false;
        house->rolled_row = to;
        clear_sums(house);
        return true;
    }
    history_db_rollback(db);
    return false;
}

static bool roll_if_due(struct history_house *house, struct history_db *db, double now)
{
    int64_t rows = db->next_row - 1 - house->rolled_row;
    bool waited = house->live && now - house->rolled >= house->roll_interval;
    if (rows == 0 || (rows < ROLL_ROWS && !waited))
        return true;
    double began = clock_now();
    if (!history_house_roll(house, db))
        return false;
    house->rolled = now;
    house->roll_interval =
        fmin(fmax((clock_now() - began) * ROLL_SHARE, ROLL_SOONEST), ROLL_LATEST);
    return true;
}

static bool begin_fold(struct history_house *house, struct history_db *db, int what)
{
    return history_house_roll(house, db) &&
           history_fold_begin(house->folds[what], db, house->rolled_row);
}

static bool fold_if_due(struct history_house *house, struct history_db *db, double now,
                        int what, bool *more)
{
    struct history_fold *fold = house->folds[what];
    bool waited = house->live && now - house->folded[what] >= FOLD_AFTER &&
                  !history_fold_is_empty(fold);
    if (!history_fold_is_busy(fold)) {
        if (!history_fold_is_due(fold) && !waited)
            return true;
        house->folded[what] = now;
        if (!begin_fold(house, db, what))
            return false;
    }
    *more = true;
    size_t rows = 2 * house->batch_rows;
    bool done = history_fold_step(fold, db, rows > FOLD_ROWS ? rows : FOLD_ROWS);
    house->sweep_wanted = done && !house->live && !history_fold_is_busy(fold);
    return done;
}

static int64_t units(double time, double unit)
{
    return (int64_t)floor(time / unit);
}

static bool pack(struct history_house *house, struct history_db *db, double now,
                 bool *packed)
{
    *packed = false;
    for (int roll = 0; roll < HISTORY_ROLLS; roll++) {
        bool some;
        if (!history_rolls_pack(db, (enum history_roll)roll, house->sweep_series, now,
                                &house->packed[roll], &some))
            return false;
        *packed = *packed || some;
    }
    return true;
}

/* A series' rows that are too old, or some of them. */
static bool expire(const struct history_house *house, struct history_db *db, double now,
                   bool *deleted)
{
    int64_t series = house->sweep_series;
    struct store_key raw = history_store_key(series, units(now - house->raw, DAY), 0);
    struct store_key packed =
        history_store_key(series, units(now - house->minutes, DAY), 0);
    int64_t minutes = units(now - house->minutes, MINUTE);
    int before = sqlite3_total_changes(db->sqlite);
    bool done = history_db_do(db, SQL_EXPIRE_CHUNKS, "is", series, raw.day) &&
                history_db_do(db, SQL_EXPIRE_PACKED, "is", series, packed.day) &&
                history_db_do(db, SQL_EXPIRE_FORECASTS, "ii", series,
                              units(now - house->raw, 1 / MS)) &&
                history_db_do(db, SQL_EXPIRE_MINUTES, "ii", series, minutes) &&
                history_rolls_expire_hours(db, series, units(now - house->hours, DAY));
    *deleted = sqlite3_total_changes(db->sqlite) > before;
    return done;
}

static bool next_series(struct history_house *house, struct history_db *db)
{
    struct sqlite3_stmt *s;
    bool found;
    if (!history_db_find(db, &s, &found, SQL_NEXT_SERIES, "i", house->sweep_series))
        return false;
    house->sweep_series = found ? sqlite3_column_int64(s, 0) : 0; /* NULL reads as 0 */
    sqlite3_reset(s);
    return true;
}

static bool sweep_events(const struct history_house *house, struct history_db *db,
                         double now)
{
    int64_t t = (int64_t)((now - house->hours) * 1000);
    return history_db_do(db, SQL_EXPIRE_EVENTS, "i", t) &&
           history_db_do(db, SQL_EXPIRE_ALERTS, "i", t) &&
           history_db_do(db, SQL_EXPIRE_COMMANDS, "i", t) &&
           history_db_do(db, SQL_EXPIRE_HEALTH, "i", t);
}

/* The next few series; `more`: there is more to do for the present one. */
static bool sweep(struct history_house *house, struct history_db *db, double now,
                  bool *more)
{
    *more = false;
    for (int i = 0; i < SWEEP_SERIES; i++) {
        bool packed = false, deleted = false;
        if (house->sweep_series > 0 &&
            (!pack(house, db, now, &packed) ||
             (house->sweeps && !expire(house, db, now, &deleted))))
            return false;
        if ((*more = packed || deleted))
            return true;
        if (!next_series(house, db))
            return false;
        if (house->sweep_series == 0) {
            house->sweep_wanted = false;
            return !house->sweeps || sweep_events(house, db, now);
        }
    }
    return true;
}

static bool sweep_if_due(struct history_house *house, struct history_db *db, double now,
                         bool *more)
{
    if (house->live ? now - house->swept < SWEEP_EVERY : !house->sweep_wanted)
        return true;
    if (!history_db_begin(db))
        return false;
    bool again = false;
    int64_t packed[HISTORY_ROLLS];
    memcpy(packed, house->packed, sizeof packed);
    if (!sweep(house, db, house->sweeps ? (double)time(NULL) : house->newest, &again)) {
        history_db_rollback(db);
        memcpy(house->packed, packed, sizeof packed);
        return false;
    }
    if (!again)
        house->swept = now;
    *more = *more || again || house->sweep_wanted;
    return history_db_commit(db);
}

bool history_house_work(struct history_house *house, struct history_db *db, double now,
                        bool *more)
{
    *more = false;
    if (!roll_if_due(house, db, now))
        return false;
    for (int what = 0; what < WHATS; what++)
        if (!fold_if_due(house, db, now, what, more))
            return false;
    return sweep_if_due(house, db, now, more);
}

bool history_house_finish(struct history_house *house, struct history_db *db)
{
    for (int what = 0; what < WHATS; what++) {
        struct history_fold *fold = house->folds[what];
        if (!history_fold_is_busy(fold) && !begin_fold(house, db, what))
            return false;
        while (history_fold_is_busy(fold))
            if (!history_fold_step(fold, db, ROLL_ROWS))
                return false;
    }
    house->sweep_wanted = !house->live;
    for (bool more = house->sweep_wanted; more;) {
        more = false;
        if (!sweep_if_due(house, db, house->swept, &more))
            return false;
    }
    return true;
}

static void count_rows(struct history_house *house, const struct history_row *rows,
                       size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum_up(house, rows[i].twin->numbers[rows[i].index], rows[i].t, rows[i].value,
               rows[i].quality);
}

void history_house_count(struct history_house *house, const struct history_batch *batch)
{
    size_t states = 0;
    for (size_t i = 0; i < batch->n_states; i++)
        states += batch->states[i].quality != HISTORY_LATEST;
    house->batch_rows = batch->n_readings + states;
    count_rows(house, batch->readings, batch->n_readings);
    count_rows(house, batch->states, batch->n_states);
    for (size_t i = 0; i < batch->n_readings; i++)
        house->newest = fmax(house->newest, (double)batch->readings[i].t / MS);
    history_fold_count(house->folds[HISTORY_READING], batch->n_readings);
    history_fold_count(house->folds[HISTORY_STATE], states);
}

/* Rows that an earlier process, or one that failed, did not roll up. */
static bool sum_again(struct history_house *house, struct history_db *db,
                      enum history_sql after)
{
    struct sqlite3_stmt *s;
    bool found;
    if (!history_db_find(db, &s, &found, after, "i", house->rolled_row))
        return false;
    while (found) {
        sum_up(house, (uint32_t)sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1),
               history_db_number(s, 2), (unsigned)sqlite3_column_int(s, 3));
        if (!history_db_next(db, s, &found))
            return false;
    }
    return true;
}

bool history_house_resume(struct history_house *house, struct history_db *db)
{
    struct sqlite3_stmt *s;
    bool found;
    if (!history_db_find(db, &s, &found, SQL_GET_ROLLED, ""))
        return false;
    house->rolled_row = sqlite3_column_int64(s, 0);
    for (int roll = 0; roll < HISTORY_ROLLS; roll++)
        house->packed[roll] = sqlite3_column_int64(s, 1 + roll);
    sqlite3_reset(s);
    clear_sums(house);
    if (!sum_again(house, db, SQL_READINGS_AFTER) ||
        !sum_again(house, db, SQL_STATES_AFTER))
        return false;
    for (int what = 0; what < WHATS; what++)
        if (!history_fold_resume(house->folds[what], db))
            return false;
    return true;
}

struct history_house *history_house_new(const struct history_options *options)
{
    struct history_house *house = mem_new(1, sizeof *house);
    house->raw = options->raw;
    house->minutes = options->minutes;
    house->hours = options->hours;
    house->live = !options->synchronous;
    house->sweeps = house->live && !options->recording;
    house->roll_interval = ROLL_SOONEST;
    house->sums[HISTORY_MINUTES].unit = MINUTE_MS;
    house->sums[HISTORY_HOURS].unit = HOUR_MS;
    for (int what = 0; what < WHATS; what++)
        house->folds[what] = history_fold_new((enum history_what)what);
    return house;
}

void history_house_free(struct history_house *house)
{
    if (!house)
        return;
    for (int what = 0; what < WHATS; what++)
        history_fold_free(house->folds[what]);
    for (int roll = 0; roll < HISTORY_ROLLS; roll++)
        history_sums_free(&house->sums[roll]);
    free(house);
}
