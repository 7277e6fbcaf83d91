#include "twind/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE = 2048 };

static enum log_level max_level = LOG_INFO;

void log_set_level(enum log_level level)
{
    max_level = level;
}

/* What came from outside must not begin a line of its own in the journal. */
static void blank_controls(char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            text[i] = ' ';
}

void log_line(enum log_level level, const char *format, ...)
{
    if (level > max_level)
        return;
    char line[LINE];
    int used = 0;
    /* systemd sets JOURNAL_STREAM for a service whose stderr is the journal */
    if (getenv("JOURNAL_STREAM"))
        used = snprintf(line, sizeof line, "<%d>", (int)level);
    va_list args;
    va_start(args, format);
    int text = vsnprintf(line + used, sizeof line - (size_t)used - 1, format, args);
    va_end(args);
    if (text < 0)
        return;
    used += text;
    if (used > LINE - 2)
        used = LINE - 2;
    blank_controls(line, (size_t)used);
    line[used++] = '\n';
    /* one write, so that lines of different threads do not mix; if stderr is gone there is
     * nobody left to tell */
    ssize_t written = write(STDERR_FILENO, line, (size_t)used);
    (void)written;
}

bool log_worth(unsigned long *count)
{
    unsigned long n = ++*count;
    while (n % 10 == 0)
        n /= 10;
    return n == 1;
}
