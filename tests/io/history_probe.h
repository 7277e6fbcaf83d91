/* For tests of the history: a database in a temporary folder, and questions to it. */
#ifndef TESTS_HISTORY_PROBE_H
#define TESTS_HISTORY_PROBE_H

#include "twind/history.h"

#include "check.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char probe_folder[64], probe_path[80];

static const double PROBE_FOREVER = 1e11; /* s */

/* A fresh folder; the database is probe_path. */
static inline int probe_begin(void **state)
{
    (void)state;
    strcpy(probe_folder, "/tmp/twind-history-XXXXXX");
    if (!mkdtemp(probe_folder))
        return -1;
    snprintf(probe_path, sizeof probe_path, "%s/h.db", probe_folder);
    return 0;
}

static inline int probe_end(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", probe_folder);
    return system(command) == 0 ? 0 : -1;
}

static inline struct history *probe_open(bool synchronous)
{
    struct err e = {""};
    const struct history_options options = {.path = probe_path,
                                            .commit = 0.05,
                                            .raw = PROBE_FOREVER,
                                            .minutes = PROBE_FOREVER,
                                            .hours = PROBE_FOREVER,
                                            .synchronous = synchronous};
    struct history *history = history_open(&options, &e);
    if (!history)
        fail_msg("%s", e.text);
    return history;
}

/* One value of a query by a connection of its own; text "" for NULL or no row. */
static inline double probe(char *text, size_t size, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;
    double number = NAN;
    if (text)
        text[0] = '\0';
    if (sqlite3_open_v2(probe_path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_busy_timeout(db, 5000) != SQLITE_OK ||
        sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    if (sqlite3_step(row) == SQLITE_ROW && sqlite3_column_type(row, 0) != SQLITE_NULL) {
        if (text)
            snprintf(text, size, "%s", (const char *)sqlite3_column_text(row, 0));
        number = sqlite3_column_double(row, 0);
    }
    sqlite3_finalize(row);
    sqlite3_close(db);
    return number;
}

static inline double probe_number(const char *sql)
{
    return probe(NULL, 0, sql);
}

#define probe_text(sql, expected)                                                          \
    do {                                                                                   \
        char text_[1024];                                                                  \
        probe(text_, sizeof text_, sql);                                                   \
        assert_string_equal(text_, expected);                                              \
    } while (0)

#endif
