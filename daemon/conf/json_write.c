/* Writing JSON numbers and strings into a buffer. */
#include "twind/json.h"

#include "twind/json_scan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_ALWAYS_TRUE = 15, DIGITS_ALWAYS_ENOUGH = 17 };

static size_t put_whole(char *to, size_t size, const char *text, size_t length)
{
    bool fits = length < size;
    if (size)
        to[0] = '\0';
    if (fits)
        memcpy(to, text, length + 1);
    return fits ? length : 0;
}

size_t json_put_number(char *to, size_t size, double number)
{
    char text[32];
    if (!isfinite(number))
        return put_whole(to, size, "null", 4);
    int n = 0;
    for (int digits = DIGITS_ALWAYS_TRUE; digits <= DIGITS_ALWAYS_ENOUGH; digits++) {
        n = snprintf(text, sizeof text, "%.*g", digits, number);
        double back = strtod(text, NULL);
        if (!(back < number) && !(back > number))
            break;
    }
    return put_whole(to, size, text, (size_t)n);
}

/* One character of the text, as it stands in a JSON string; moves `at` past it. */
static size_t escape(const char **at, const char *end, char to[8])
{
    unsigned char c = (unsigned char)**at;
    const char *found = c ? strchr("\"\"\\\\\nn\tt\rr\bb\ff", c) : NULL;
    size_t n = json_scan_utf8(*at, end);
    if (n == 0)
        memcpy(to, "\xEF\xBF\xBD", 3);
    else
        memcpy(to, *at, n);
    *at += n ? n : 1;
    if (n == 0)
        return 3;
    if (c == '"' || c == '\\' || (found && c < 0x20)) {
        to[0] = '\\';
        to[1] = c < 0x20 ? found[1] : (char)c;
        return 2;
    }
    if (c < 0x20 || c == 0x7F)
        return (size_t)snprintf(to, 8, "\\u%04x", c);
    return n;
}

size_t json_put_string(char *to, size_t size, const char *text)
{
    if (size < 3)
        return put_whole(to, size, "", 0);
    size_t length = 0;
    const char *end = text + strlen(text);
    to[length++] = '"';
    while (text < end) {
        char one[8];
        size_t n = escape(&text, end, one);
        if (length + n + 2 > size)
            break;
        memcpy(to + length, one, n);
        length += n;
    }
    to[length++] = '"';
    to[length] = '\0';
    return length;
}
