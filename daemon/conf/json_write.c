/* Writing JSON numbers. */
#include "twind/json.h"

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
