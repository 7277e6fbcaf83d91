#include "twind/text.h"

#include "twind/mem.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_clear(struct text *text)
{
    text->used = 0;
    if (text->at)
        text->at[0] = '\0';
}

void text_free(struct text *text)
{
    free(text->at);
    *text = (struct text){0};
}

void text_bytes(struct text *text, const char *bytes, size_t length)
{
    text->at = mem_grow(text->at, &text->room, text->used + length + 1, 1);
    memcpy(text->at + text->used, bytes, length);
    text->used += length;
    text->at[text->used] = '\0';
}

void text_put(struct text *text, const char *format, ...)
{
    for (;;) {
        va_list args;
        va_start(args, format);
        size_t left = text->room - text->used;
        int length = vsnprintf(left ? text->at + text->used : NULL, left, format, args);
        va_end(args);
        if (length < 0)
            return;
        if ((size_t)length < left) {
            text->used += (size_t)length;
            return;
        }
        text->at = mem_grow(text->at, &text->room, text->used + (size_t)length + 1, 1);
    }
}

void text_number(struct text *text, double number, int digits)
{
    if (isfinite(number))
        text_put(text, "%.*g", digits, number);
    else
        text_bytes(text, "null", 4);
}

/* Bytes of the UTF-8 character that begins here; 0: it is none. */
static size_t utf8_length(const unsigned char *at)
{
    size_t length = at[0] < 0x80             ? 1
                    : (at[0] & 0xE0) == 0xC0 ? 2
                    : (at[0] & 0xF0) == 0xE0 ? 3
                    : (at[0] & 0xF8) == 0xF0 ? 4
                                             : 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

void text_quoted(struct text *text, const char *string)
{
    text_bytes(text, "\"", 1);
    for (const unsigned char *at = (const unsigned char *)string; *at;) {
        size_t length = utf8_length(at);
        if (length == 0)
            text_bytes(text, "\xEF\xBF\xBD", 3);
        else if (*at == '"' || *at == '\\')
            text_put(text, "\\%c", *at);
        else if (*at < 0x20)
            text_put(text, "\\u%04x", *at);
        else
            text_bytes(text, (const char *)at, length);
        at += length ? length : 1;
    }
    text_bytes(text, "\"", 1);
}
