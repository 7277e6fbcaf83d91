/* Numbers and times as devices write them in text. A decimal number of up to 15 digits is
 * read exactly without the C library, for strtod() needs a terminated copy (W. D. Clinger,
 * "How to read floating point numbers accurately", PLDI 1990, section 3). */
#include "payload_parts.h"

#include "twind/times.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NUMBER_MAX = 100 };

struct piece payload_trim(struct piece text)
{
    while (text.length && (unsigned char)text.at[0] <= ' ')
        text.at++, text.length--;
    while (text.length && (unsigned char)text.at[text.length - 1] <= ' ')
        text.length--;
    return text;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(struct piece text, const char *word)
{
    return text.length == strlen(word) && strncasecmp(text.at, word, text.length) == 0;
}

static bool read_word(struct piece text, double *number)
{
    bool yes = is_word(text, "true") || is_word(text, "on");
    if (!yes && !is_word(text, "false") && !is_word(text, "off"))
        return false;
    *number = yes;
    return true;
}

/* Digits in groups of three: a first group of 1 to 3 and at least one more. */
static bool is_grouped(struct piece digits, char separator)
{
    size_t in_group = 0, groups = 0;
    for (size_t i = 0; i < digits.length; i++) {
        if (digits.at[i] != separator) {
            in_group++;
            continue;
        }
        if (in_group == 0 || in_group > 3 || (groups > 0 && in_group != 3))
            return false;
        groups++;
        in_group = 0;
    }
    return groups > 0 && in_group == 3;
}

static struct piece span(struct piece text, const char *letters)
{
    size_t n = 0;
    while (n < text.length && text.at[n] && strchr(letters, text.at[n]))
        n++;
    return (struct piece){text.at, n};
}

static size_t count(struct piece text, char wanted)
{
    size_t n = 0;
    for (size_t i = 0; i < text.length; i++)
        n += text.at[i] == wanted;
    return n;
}

/* With commas in it: copies the digits and a decimal point. False: it is no number. */
static bool copy_plain(struct piece digits, char to[NUMBER_MAX])
{
    if (digits.length >= NUMBER_MAX)
        return false;
    const char *last = digits.at + digits.length - 1;
    while (*last != '.' && *last != ',')
        last--;
    char point = *last, separator = point == '.' ? ',' : '.';
    struct piece whole = {digits.at, (size_t)(last - digits.at)};
    bool grouped = count(digits, separator) > 0;
    if (count(digits, point) != 1 || (grouped && !is_grouped(whole, separator)))
        return false;
    for (size_t i = 0; i < digits.length; i++)
        if (digits.at[i] != separator)
            *to++ = digits.at[i] == point ? '.' : digits.at[i];
    *to = '\0';
    return true;
}

/* An e with digits behind it. */
static struct piece read_exponent(struct piece text, int *exponent)
{
    *exponent = 0;
    if (text.length < 2 || (text.at[0] | 0x20) != 'e')
        return text;
    size_t i = 1;
    bool minus = text.at[i] == '-';
    i += minus || text.at[i] == '+';
    size_t start = i;
    int n = 0;
    for (; i < text.length && is_digit(text.at[i]); i++)
        n = n < 10000 ? n * 10 + (text.at[i] - '0') : n;
    if (i == start)
        return text;
    *exponent = minus ? -n : n;
    return (struct piece){text.at + i, text.length - i};
}

/* digits * 10^exponent, where both factors are exact doubles. */
static double scaled(uint64_t digits, int exponent)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double number = (double)digits;
    return exponent < 0 ? number / powers[-exponent] : number * powers[exponent];
}

/* By the library: rare. */
static double read_long(struct piece text)
{
    char copy[NUMBER_MAX + 1];
    if (text.length > NUMBER_MAX)
        return (double)NAN;
    memcpy(copy, text.at, text.length);
    copy[text.length] = '\0';
    return strtod(copy, NULL);
}

/* Digits with at most one point. False: there are none. */
static bool read_decimal(struct piece text, double *number, struct piece *rest)
{
    uint64_t digits = 0;
    int n = 0, decimals = 0, exponent;
    bool point = false;
    size_t i = 0;
    for (; i < text.length && (is_digit(text.at[i]) || (text.at[i] == '.' && !point));
         i++) {
        if (text.at[i] == '.') {
            point = true;
            continue;
        }
        digits = n < 18 ? digits * 10 + (uint64_t)(text.at[i] - '0') : digits;
        n += digits > 0;
        decimals += point;
    }
    if (i == 0 || (i == 1 && point))
        return false;
    *rest = read_exponent((struct piece){text.at + i, text.length - i}, &exponent);
    exponent -= decimals;
    if (n <= 15 && exponent >= -22 && exponent <= 22)
        *number = scaled(digits, exponent);
    else
        *number = read_long((struct piece){text.at, (size_t)(rest->at - text.at)});
    return isfinite(*number);
}

static bool read_with_commas(struct piece text, struct piece digits, double *number,
                             struct piece *rest)
{
    char copy[NUMBER_MAX];
    struct piece none;
    int exponent;
    if (!copy_plain(digits, copy) ||
        !read_decimal((struct piece){copy, strlen(copy)}, number, &none))
        return false;
    text.at += digits.length;
    text.length -= digits.length;
    *rest = read_exponent(text, &exponent);
    *number *= pow(10, exponent);
    return isfinite(*number);
}

bool payload_number(struct piece text, double *number, struct piece *rest)
{
    text = payload_trim(text);
    *rest = (struct piece){text.at + text.length, 0};
    bool minus = text.length && text.at[0] == '-';
    struct piece body = text;
    if (minus || (text.length && text.at[0] == '+'))
        body.at++, body.length--;
    struct piece digits = span(body, "0123456789.,");
    bool fine;
    if (digits.length == 0)
        return read_word(text, number);
    if (memchr(digits.at, ',', digits.length))
        fine = read_with_commas(body, digits, number, rest);
    else
        fine = read_decimal(body, number, rest);
    if (fine && minus)
        *number = -*number;
    *rest = payload_trim(*rest);
    return fine;
}

double payload_time(struct piece text, double zone)
{
    double time;
    struct piece rest;
    text = payload_trim(text);
    if (times_parse(text.at, text.length, zone, &time))
        return time;
    if (text.length == 0 || !is_digit(text.at[0]) || !payload_number(text, &time, &rest) ||
        rest.length > 0)
        return (double)NAN;
    return times_from_number(time);
}

bool payload_equals_number(const char *equals, double number)
{
    double wanted;
    struct piece rest;
    return payload_number((struct piece){equals, strlen(equals)}, &wanted, &rest) &&
           rest.length == 0 && !(wanted < number) && !(wanted > number);
}

bool payload_equals_text(const char *equals, struct piece text)
{
    double number;
    struct piece rest;
    if (strlen(equals) == text.length && memcmp(equals, text.at, text.length) == 0)
        return true;
    return text.length && (is_digit(text.at[0]) || text.at[0] == '-') &&
           payload_number(text, &number, &rest) && rest.length == 0 &&
           payload_equals_number(equals, number);
}
