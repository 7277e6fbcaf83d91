#include "commission_read.h"

#include "twind/cli.h"
#include "twind/history_read.h"
#include "twind/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double usual_past = 14 * 86400.0;
static const double raster = 150; /* s: of several readings within it the first will do */
enum { TIME, TWIN, SIGNAL, VALUE, COLUMNS };

static const struct kind_row *row_of(const struct commission_source *source, size_t sensor)
{
    return plan_row(source->plan->kind, source->plan->sensors[sensor].signal);
}

static void take(void *context, double time, double value)
{
    struct commission_source *source = context;
    struct commission_reading *last = source->n ? &source->readings[source->n - 1] : NULL;
    if (!isfinite(value) || !isfinite(time))
        return;
    if (last && last->sensor == source->sensor &&
        ceil(last->time / raster) == ceil(time / raster))
        return;
    source->readings =
        mem_grow(source->readings, &source->room, source->n + 1, sizeof *source->readings);
    source->readings[source->n++] =
        (struct commission_reading){time, value, source->sensor};
}

/* ---- a history ---- */

static double usual_from(struct history_read *reader,
                         const struct commission_source *source)
{
    char unit[HISTORY_READ_UNIT];
    double newest = -INFINITY, of;
    struct err e;
    for (size_t s = 0; s < source->plan->n_sensors; s++)
        if (history_read_find(reader, source->twin, row_of(source, s)->name, unit, &of, &e))
            newest = fmax(newest, of);
    return fmin(newest, source->to) - usual_past;
}

bool commission_read_history(struct commission_source *source, const char *path,
                             struct err *e)
{
    struct history_read *reader = history_read_open(path, e);
    bool done = reader != NULL;
    if (done && isnan(source->from))
        source->from = usual_from(reader, source);
    for (source->sensor = 0; done && source->sensor < source->plan->n_sensors;
         source->sensor++) {
        const struct kind_row *row = row_of(source, source->sensor);
        const struct history_read_series series = {source->twin, row->name, row->unit,
                                                   source->from, source->to};
        done = history_read_any(reader, &series, take, source, e);
    }
    history_read_close(reader);
    return done;
}

/* ---- a recording ---- */

static bool find_columns(char *const *cells, size_t n, size_t columns[COLUMNS],
                         struct err *e)
{
    static const char *const names[] = {"time", "twin", "signal", "value"};
    for (size_t c = 0; c < COLUMNS; c++) {
        for (columns[c] = 0; columns[c] < n && strcmp(cells[columns[c]], names[c]) != 0;)
            columns[c]++;
        if (columns[c] == n)
            return err_set(e, "there is no column '%s'; wanted are time,twin,signal,value",
                           names[c]);
    }
    return true;
}

/* The sensor of the signal; the number of sensors: not bound. */
static size_t sensor_of(const struct commission_source *source, const char *signal)
{
    size_t s = 0;
    while (s < source->plan->n_sensors && strcmp(row_of(source, s)->name, signal) != 0)
        s++;
    return s;
}

static void take_row(struct commission_source *source, char *const *cells,
                     const size_t columns[COLUMNS])
{
    double time, value;
    source->sensor = sensor_of(source, cells[columns[SIGNAL]]);
    if (strcmp(cells[columns[TWIN]], source->twin) == 0 &&
        source->sensor < source->plan->n_sensors && cli_time(cells[columns[TIME]], &time) &&
        cli_number(cells[columns[VALUE]], &value) && !(time < source->from) &&
        time <= source->to)
        take(source, time, value);
}

bool commission_read_csv(struct commission_source *source, const char *path, struct err *e)
{
    struct cli_csv *csv = cli_csv_open(path, e);
    char *const *cells;
    size_t columns[COLUMNS], most = 0;
    if (!csv)
        return false;
    size_t n = cli_csv_next(csv, &cells);
    bool done = find_columns(cells, n, columns, e) || err_wrap(e, "%s", path);
    for (size_t c = 0; done && c < COLUMNS; c++)
        most = columns[c] > most ? columns[c] : most;
    while (done && (n = cli_csv_next(csv, &cells)) > 0)
        if (n > most)
            take_row(source, cells, columns);
    done = done && cli_csv_ended_well(csv, e);
    cli_csv_close(csv);
    return done;
}
