/* Which history files a replay may replace: those that a replay has made. */
#ifndef TWIND_HISTORY_REPLAY_H
#define TWIND_HISTORY_REPLAY_H

#include "twind/err.h"

/* Makes way for a new file at `path`: removes what an earlier replay left there. False:
 * what is there is something else, which is left alone, or can't be removed. */
bool history_replay_clear(const char *path, struct err *e);

/* Marks the database, which history_open() has made, as a replay's. */
bool history_replay_mark(const char *path, struct err *e);

#endif
