/* A text that grows as it is put together, and is used again and again. */
#ifndef TWIND_TEXT_H
#define TWIND_TEXT_H

#include <stddef.h>

struct text {
    char *at; /* always terminated once something was put; free with text_free() */
    size_t used, room;
};

void text_clear(struct text *text); /* keeps the room */
void text_free(struct text *text);
void text_bytes(struct text *text, const char *bytes, size_t length);
void text_put(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* JSON: a number in `digits` significant digits (null where it is not finite), a quoted and
 * escaped string (bytes that are no UTF-8 become U+FFFD). */
void text_number(struct text *text, double number, int digits);
void text_quoted(struct text *text, const char *string);

#endif
