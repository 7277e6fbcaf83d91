/* The history, one JSON line each: rows a second appended durably (with all housekeeping),
 * bytes a stored reading takes, and queries through the views.
 *
 *     bench_history [FOLDER [ROWS [DAYS]]]
 *
 * default: /tmp, 10000000 rows for the queries, 14 days of data for the sizes */
#include "twind/history.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SERIES = 1000, ASKED = 201, APPENDED = 2000000, SIZED = 16 };
static const double START = 1767225600, FOREVER = 1e11;

static const struct history_name names[] = {{"temperature", "Cel", HISTORY_READING}};
static char path[4096];

static double clock_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double seconds(void)
{
    return clock_of(CLOCK_MONOTONIC);
}

static uint64_t seed = 1;

static double uniform(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static void remove_files(void)
{
    static const char *const parts[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char name[4200];
        snprintf(name, sizeof name, "%s%s", path, parts[i]);
        unlink(name);
    }
}

static struct history *begin(bool synchronous, struct history_twin **twins, size_t n)
{
    struct err e;
    const struct history_options options = {.path = path,
                                            .commit = 0.05,
                                            .raw = FOREVER,
                                            .minutes = FOREVER,
                                            .hours = FOREVER,
                                            .synchronous = synchronous,
                                            .recording = true};
    struct history *history = history_open(&options, &e);
    if (!history) {
        fprintf(stderr, "%s\n", e.text);
        exit(3);
    }
    for (size_t i = 0; i < n; i++) {
        char id[32];
        snprintf(id, sizeof id, "twin%zu", i);
        twins[i] = history_twin(history, id, "generic", 0, names, 1);
    }
    return history;
}

/* A room's temperature: a daily course and a little noise, in tenths or hundredths. */
static double temperature(double time, double per_degree)
{
    double value = 20 + 3 * sin(time * 6.283185307 / 86400) + 0.3 * (uniform() - 0.5);
    return round(value * per_degree) / per_degree;
}

static double file_size(void)
{
    struct stat file;
    return stat(path, &file) == 0 ? (double)file.st_size : 0;
}

/* One number of a query on a fresh connection, without the time it takes to open. */
static double ask(sqlite3 *db, const char *sql, double *took)
{
    sqlite3_stmt *row = NULL;
    double began = seconds(), number = NAN;
    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
        exit(3);
    }
    while (sqlite3_step(row) == SQLITE_ROW)
        number = sqlite3_column_double(row, 0);
    sqlite3_finalize(row);
    *took = seconds() - began;
    return number;
}

static sqlite3 *open_reader(void)
{
    sqlite3 *db;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        exit(3);
    return db;
}

/* Batches as a busy loop hands them over, each row of another series than the last. */
static void bench_append(uint64_t rows)
{
    struct history_twin *twins[SERIES];
    struct history_stats stats = {0};
    struct history *history = begin(false, twins, SERIES);
    double began = seconds(), cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID);
    enum { BATCH = 2500 };
    for (uint64_t row = 0; row < rows; row++) {
        double time = START + 10 * (double)(row / SERIES);
        history_reading(history, twins[row * 617 % SERIES], 0, time, temperature(time, 100),
                        0);
        if (row % BATCH != BATCH - 1)
            continue;
        history_hand_over(history, row + 1, seconds());
        struct timespec pause = {0, 1000000};
        for (history_stats(history, &stats); stats.waiting_rows > 2 * BATCH;
             history_stats(history, &stats))
            nanosleep(&pause, NULL);
    }
    history_close(history);
    double took = seconds() - began;
    printf("{\"bench\":\"history_append\",\"batch\":%d,\"series\":%d,\"rows_per_s\":%.0f,"
           "\"cpu_us_per_row\":%.2f}\n",
           (int)BATCH, (int)SERIES, (double)rows / took,
           (clock_of(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)rows * 1e6);
    remove_files();
}

static void bench_size(const char *what, double days, double period, double jitter,
                       double per_degree)
{
    struct history_twin *twins[SIZED];
    struct history *history = begin(true, twins, SIZED);
    size_t each = (size_t)(days * 86400 / period), rows = each * SIZED;
    double took;
    for (size_t i = 0; i < each; i++)
        for (size_t s = 0; s < SIZED; s++) {
            double time = START + period * (double)i + jitter * uniform();
            history_reading(history, twins[s], 0, time, temperature(time, per_degree), 0);
            if (history_due(history, 0))
                history_hand_over(history, i, 0);
        }
    history_hand_over(history, each, 0);
    history_close(history);
    sqlite3 *db = open_reader();
    double chunks = ask(db,
                        "SELECT sum(pgsize) * (SELECT sum(length(body)) FROM chunks WHERE "
                        "sort < 100) / (SELECT sum(length(body)) FROM chunks) FROM dbstat "
                        "WHERE name LIKE 'chunks%'",
                        &took);
    double all = ask(db, "SELECT sum(pgsize) FROM dbstat", &took);
    printf("{\"bench\":\"history_size\",\"readings\":\"%s\",\"days\":%g,\"bytes_per_"
           "reading\":%.2f,"
           "\"with_roll_ups\":%.2f,\"file\":%.2f}\n",
           what, days, chunks / (double)rows, all / (double)rows,
           file_size() / (double)rows);
    sqlite3_close(db);
    remove_files();
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median over many twins, each asked once. */
static void bench_query(const char *what, const char *format)
{
    double took[ASKED];
    sqlite3 *db = open_reader();
    ask(db, "SELECT count(*) FROM sqlite_master", &took[0]);
    for (size_t i = 0; i < ASKED; i++) {
        char sql[500];
        snprintf(sql, sizeof sql, format, (int)(i * 617 % SERIES));
        ask(db, sql, &took[i]);
    }
    sqlite3_close(db);
    qsort(took, ASKED, sizeof *took, compare);
    printf(
        "{\"bench\":\"history_query\",\"query\":\"%s\",\"ms_p50\":%.3f,\"ms_p90\":%.3f}\n",
        what, took[ASKED / 2] * 1e3, took[ASKED * 9 / 10] * 1e3);
}

/* 30 days and more of a reading every five minutes. */
static void bench_queries(uint64_t rows)
{
    struct history_twin *twins[SERIES];
    struct history *history = begin(true, twins, SERIES);
    double began = seconds(), cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID);
    for (uint64_t row = 0; row < rows; row++) {
        double time = START + 300 * (double)(row / SERIES) + uniform();
        history_reading(history, twins[row % SERIES], 0, time, temperature(time, 10), 0);
        if (history_due(history, 0))
            history_hand_over(history, row, 0);
    }
    history_hand_over(history, rows, 0);
    history_close(history);
    printf("{\"bench\":\"history_build\",\"rows\":%llu,\"rows_per_s\":%.0f,"
           "\"cpu_us_per_row\":%.2f,\"file_bytes_per_reading\":%.2f}\n",
           (unsigned long long)rows, (double)rows / (seconds() - began),
           (clock_of(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)rows * 1e6,
           file_size() / (double)rows);
    bench_query("a signal's day",
                "SELECT epoch, value FROM readings WHERE twin = 'twin%d' AND "
                "signal = 'temperature' AND day = '2026-01-10'");
    bench_query("a signal's day, mean",
                "SELECT avg(value) FROM readings WHERE twin = 'twin%d' AND "
                "signal = 'temperature' AND day = '2026-01-10'");
    bench_query("a signal, all",
                "SELECT epoch, value FROM readings WHERE twin = 'twin%d' AND "
                "signal = 'temperature'");
    bench_query("30 days of hourly means",
                "SELECT epoch, mean FROM hours WHERE twin = 'twin%d' AND "
                "name = 'temperature' AND epoch >= 1767225600 AND epoch < 1769817600");
    bench_query("30 daily means", "SELECT epoch, mean FROM days WHERE twin = 'twin%d' AND "
                                  "name = 'temperature'");
}

int main(int argc, char **argv)
{
    uint64_t rows = argc > 2 ? strtoull(argv[2], NULL, 10) : 10000000;
    double days = argc > 3 ? strtod(argv[3], NULL) : 14;
    snprintf(path, sizeof path, "%s/twind-bench-%ld.db", argc > 1 ? argv[1] : "/tmp",
             (long)getpid());
    setvbuf(stdout, NULL, _IOLBF, 0);
    bench_append(rows / 2 < APPENDED ? rows / 2 : APPENDED);
    bench_size("every 10 s, 1 decimal", days, 10, 0, 10);
    bench_size("every 10 s, 2 decimals", days, 10, 0, 100);
    bench_size("every 10 s, 2 decimals, arrival within 1 s", days, 10, 1, 100);
    bench_size("every 60 s, 2 decimals, arrival within 1 s", days, 60, 1, 100);
    bench_size("every 300 s, 1 decimal, arrival within 1 s", days, 300, 1, 10);
    bench_queries(rows);
    remove_files();
    return 0;
}
