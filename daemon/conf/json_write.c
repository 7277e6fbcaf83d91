/* Writing JSON numbers. */
#include "twind/json.h"

#include "twind/decimal.h"

#include <math.h>
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
    char text[DECIMAL_ROOM];
    if (!isfinite(number))
        return put_whole(to, size, "null", 4);
    size_t n = 0;
    for (int digits = DIGITS_ALWAYS_TRUE; digits <= DIGITS_ALWAYS_ENOUGH; digits++) {
        n = decimal_write(text, number, digits);
        double back = strtod(text, NULL);
        if (!(back < number) && !(back > number))
            break;
    }
    return put_whole(to, size, text, n);
}
