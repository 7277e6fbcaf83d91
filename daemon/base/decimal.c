/* The digits of a usual number are those of the whole number next to number * 10^k. The
 * product is off by half a unit in its last place; where that could decide the rounding,
 * and where the exponent is to be written, printf decides. */
#include "twind/decimal.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS_MAX = 15 };

/* Exact up to 10^22. */
static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,
                                1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19};

/* Decimals that `digits` significant digits leave to a number of 1e-4 or more. */
static int decimals_of(double size, int digits)
{
    int whole = 0;
    while (size >= powers[whole] && whole < digits)
        whole++;
    int zeros = 0;
    if (whole == 0)
        while (size * powers[zeros + 1] < 1)
            zeros++;
    return digits - whole + zeros;
}

/* The last digits of `whole` into the `n` bytes before `end`. */
static void put_digits(char *end, uint64_t whole, int n)
{
    for (; n-- > 0; whole /= 10)
        *--end = (char)('0' + whole % 10);
}

static int count_digits(uint64_t whole)
{
    int n = 1;
    for (; whole >= 10; whole /= 10)
        n++;
    return n;
}

/* whole * 10^-decimals; returns the end. */
static char *put_fixed(char *to, uint64_t whole, int decimals)
{
    for (; decimals > 0 && whole % 10 == 0; whole /= 10)
        decimals--;
    uint64_t unit = 1;
    for (int i = 0; i < decimals; i++)
        unit *= 10;
    int n = count_digits(whole / unit);
    put_digits(to + n, whole / unit, n);
    to += n;
    if (decimals == 0)
        return to;
    *to++ = '.';
    put_digits(to + decimals, whole % unit, decimals);
    return to + decimals;
}

static size_t write_zero(char *to, bool negative)
{
    memcpy(to, negative ? "-0" : "0", negative ? 3 : 2);
    return negative ? 2 : 1;
}

size_t decimal_write(char to[DECIMAL_ROOM], double number, int digits)
{
    double size = fabs(number);
    if (size <= 0)
        return write_zero(to, signbit(number));
    if (digits < 1 || digits > DIGITS_MAX || !(size >= 1e-4 && size < powers[digits]))
        return (size_t)snprintf(to, DECIMAL_ROOM, "%.*g", digits, number);
    int decimals = decimals_of(size, digits);
    double scaled = size * powers[decimals], whole = floor(scaled);
    double rest = scaled - whole;
    if (fabs(rest - 0.5) <= scaled * 2.3e-16 || whole + 1 >= powers[digits])
        return (size_t)snprintf(to, DECIMAL_ROOM, "%.*g", digits, number);
    char *at = to;
    if (number < 0)
        *at++ = '-';
    at = put_fixed(at, (uint64_t)(whole + (rest > 0.5)), decimals);
    *at = '\0';
    return (size_t)(at - to);
}
