/* What went wrong, in words for the person who can mend it.
 *
 * A function that can fail on outside data returns bool (true: done) and takes a struct err
 * as its last argument; on false the text names the thing, the value, the limit and what is
 * allowed. Assertions are for our own bugs, never for outside data. */
#ifndef TWIND_ERR_H
#define TWIND_ERR_H

#include <stdbool.h>

enum { ERR_TEXT = 512 };

struct err {
    char text[ERR_TEXT];
};

/* Writes the text (cut at ERR_TEXT). Always false, so that `return err_set(e, ...)` fails.
 */
bool err_set(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts context before the text on the way up: "context: text". Always false. */
bool err_wrap(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
