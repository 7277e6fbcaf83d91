/* The mark is an empty table: it is there from the beginning on, should the replay be
 * stopped, and no query meets it by chance. */
#include "twind/history_replay.h"

#include <sqlite3.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_marked(const char *path)
{
    struct sqlite3 *db = NULL;
    struct sqlite3_stmt *row = NULL;
    bool found = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
                 sqlite3_prepare_v2(db,
                                    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND "
                                    "name = 'made_by_replay'",
                                    -1, &row, NULL) == SQLITE_OK &&
                 sqlite3_step(row) == SQLITE_ROW;
    sqlite3_finalize(row);
    sqlite3_close(db);
    return found;
}

bool history_replay_clear(const char *path, struct err *e)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    if (access(path, F_OK) != 0)
        return true;
    if (!is_marked(path))
        return err_set(e,
                       "%s exists and was not made by a replay, which begins with an empty "
                       "history: name another file, or remove this one",
                       path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char file[4096];
        int length = snprintf(file, sizeof file, "%s%s", path, endings[i]);
        if (length < 0 || (size_t)length >= sizeof file)
            return err_set(e, "%.80s..: the path is too long", path);
        if (unlink(file) != 0 && errno != ENOENT)
            return err_set(e, "%s can't be replaced: %s", file, strerror(errno));
    }
    return true;
}

bool history_replay_mark(const char *path, struct err *e)
{
    struct sqlite3 *db = NULL;
    bool done = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
                sqlite3_exec(db, "CREATE TABLE made_by_replay(note)", NULL, NULL, NULL) ==
                    SQLITE_OK;
    if (!done)
        err_set(e, "%s: %s", path, db ? sqlite3_errmsg(db) : "out of memory");
    sqlite3_close(db);
    return done;
}
