#include "twind/text.h"

#include "twind/decimal.h"
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
    char digit[DECIMAL_ROOM];
    if (isfinite(number))
        text_bytes(text, digit, decimal_write(digit, number, digits));
    else
        text_bytes(text, "null", 4);
}

/* Bytes of the UTF-8 character that begins here (RFC 3629: no overlong forms, surrogates,
 * or code points above 10FFFF); 0: it is none. */
static size_t utf8_length(const unsigned char *at)
{
    static const struct {
        unsigned char first, last, from, to; /* leading byte's range; second byte's */
        size_t length;
    } forms[] = {
        {0x00, 0x7F, 0x00, 0xFF, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2},
        {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4},
        {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    size_t i = 0, n = sizeof forms / sizeof *forms;
    while (i < n && !(at[0] >= forms[i].first && at[0] <= forms[i].last))
        i++;
    if (i == n ||
        (forms[i].length > 1 && !(at[1] >= forms[i].from && at[1] <= forms[i].to)))
        return 0;
    for (size_t j = 2; j < forms[i].length; j++)
        if ((at[j] & 0xC0) != 0x80)
            return 0;
    return forms[i].length;
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
