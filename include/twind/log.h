/* One line to stderr for each thing worth knowing; journal priorities (<3>..<7>) under
 * systemd. The level is the project's only writable global. Safe from any thread. */
#ifndef TWIND_LOG_H
#define TWIND_LOG_H

#include <stdbool.h>

enum log_level {
    LOG_ERROR = 3,
    LOG_WARNING = 4,
    LOG_NOTICE = 5,
    LOG_INFO = 6,
    LOG_DEBUG = 7
};

/* Lines above this level are dropped. Default LOG_INFO. To be set before threads begin. */
void log_set_level(enum log_level level);

/* One line, cut at 2 KB; control characters become spaces, so text from outside may stand
 * in it. */
void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says a repeated complaint once: true at the 1st, 10th, 100th.. occurrence. The caller
 * keeps the count (which starts at 0) beside the thing that it complains about. */
bool log_worth(unsigned long *count);

#endif
