/* Calendar and durations. Dates by the proleptic Gregorian calendar, counted from 1 March
 * so that the leap day ends the year (H. Hinnant, "chrono-compatible low-level date
 * algorithms", 2013). Formatting for the years 0 to 9999, parsing for 1970 to 9999. */
#include "twind/times.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const double DAY = 86400;
static const int64_t YEAR_0 = -62167219200;    /* s, 0000-01-01 */
static const int64_t YEAR_9999 = 253402300799; /* s, its last second */

struct date {
    int year, month, day;
};

static int64_t days_from_date(struct date d)
{
    int64_t year = d.year - (d.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static struct date date_from_days(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    struct date d = {.day = (int)(of_year - (153 * month + 2) / 5 + 1),
                     .month = (int)(month < 10 ? month + 3 : month - 9)};
    d.year = (int)(year + era * 400 + (d.month <= 2));
    return d;
}

/* Writes `n` digits; returns what follows them. */
static char *put(char *to, int64_t number, int n)
{
    for (int i = n - 1; i >= 0; i--, number /= 10)
        to[i] = (char)('0' + number % 10);
    return to + n;
}

char *times_format(double time, char text[TIME_TEXT])
{
    text[0] = '\0';
    if (isnan(time))
        return text;
    time = fmin(fmax(time, (double)YEAR_0), (double)YEAR_9999);
    int64_t ms = llround(time * 1000);
    int64_t days = (ms - (ms < 0 ? 86399999 : 0)) / 86400000;
    int64_t of_day = ms - days * 86400000;
    struct date d = date_from_days(days);
    char *to = put(text, d.year, 4);
    *to++ = '-';
    to = put(to, d.month, 2);
    *to++ = '-';
    to = put(to, d.day, 2);
    *to++ = 'T';
    to = put(to, of_day / 3600000, 2);
    *to++ = ':';
    to = put(to, of_day / 60000 % 60, 2);
    *to++ = ':';
    to = put(to, of_day / 1000 % 60, 2);
    *to++ = '.';
    to = put(to, of_day % 1000, 3);
    memcpy(to, "Z", 2);
    return text;
}

/* -- parsing -- */

struct cursor {
    const char *at, *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool takes(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

/* Exactly n digits. */
static bool takes_digits(struct cursor *c, int n, int *number)
{
    *number = 0;
    for (; n > 0; n--, c->at++) {
        if (c->at == c->end || !is_digit(*c->at))
            return false;
        *number = *number * 10 + (*c->at - '0');
    }
    return true;
}

static bool takes_date(struct cursor *c, double *time)
{
    static const int last[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    struct date d;
    if (!takes_digits(c, 4, &d.year) || !takes(c, '-') || !takes_digits(c, 2, &d.month) ||
        !takes(c, '-') || !takes_digits(c, 2, &d.day))
        return false;
    if (d.year < 1970 || d.month < 1 || d.month > 12 || d.day < 1 ||
        d.day > last[d.month - 1])
        return false;
    bool leap = d.year % 4 == 0 && (d.year % 100 != 0 || d.year % 400 == 0);
    if (d.month == 2 && d.day == 29 && !leap)
        return false;
    *time = (double)days_from_date(d) * DAY;
    return true;
}

/* Decimals after a point, or none. */
static bool takes_fraction(struct cursor *c, double *fraction)
{
    *fraction = 0;
    if (!takes(c, '.') && !takes(c, ','))
        return true;
    const char *start = c->at;
    double number = 0, scale = 1;
    for (; c->at < c->end && is_digit(*c->at); c->at++) {
        if (scale < 1e15) {
            number = number * 10 + (*c->at - '0');
            scale *= 10;
        }
    }
    *fraction = number / scale;
    return c->at > start;
}

/* hh:mm[:ss[.fff]]; 24:00 is the next midnight, second 60 a leap second. */
static bool takes_clock(struct cursor *c, double *time)
{
    int hour, minute, second = 0;
    double fraction = 0;
    if (!takes_digits(c, 2, &hour) || !takes(c, ':') || !takes_digits(c, 2, &minute))
        return false;
    if (takes(c, ':') && (!takes_digits(c, 2, &second) || !takes_fraction(c, &fraction)))
        return false;
    if (hour > 24 || minute > 59 || second > 60 ||
        (hour == 24 && (minute > 0 || second > 0 || fraction > 0)))
        return false;
    *time += hour * 3600 + minute * 60 + second + fraction;
    return true;
}

/* Z, +hh:mm, +hhmm, +hh, after a space or none; nothing leaves `zone` as it is. */
static bool takes_zone(struct cursor *c, double *zone)
{
    if (c->at == c->end)
        return true;
    takes(c, ' ');
    if (takes(c, 'Z') || takes(c, 'z')) {
        *zone = 0;
        return true;
    }
    bool west = takes(c, '-');
    int hours, minutes = 0;
    if ((!west && !takes(c, '+')) || !takes_digits(c, 2, &hours))
        return false;
    bool colon = takes(c, ':');
    if ((colon || c->at < c->end) && !takes_digits(c, 2, &minutes))
        return false;
    *zone = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
    return hours <= 15 && minutes <= 59;
}

bool times_parse(const char *text, size_t length, double zone, double *time)
{
    struct cursor c = {text, text + length};
    double parsed;
    if (!takes_date(&c, &parsed))
        return false;
    if (c.at < c.end) {
        if (!takes(&c, 'T') && !takes(&c, ' ') && !takes(&c, 't'))
            return false;
        if (!takes_clock(&c, &parsed) || !takes_zone(&c, &zone))
            return false;
    }
    parsed -= zone;
    if (c.at < c.end || !(parsed >= 0))
        return false;
    *time = parsed;
    return true;
}

double times_from_number(double number)
{
    if (!(number >= 0) || number >= 1e20)
        return (double)NAN;
    if (number < 1e11)
        return number;
    if (number < 1e14)
        return number / 1e3;
    return number < 1e17 ? number / 1e6 : number / 1e9;
}

/* -- durations -- */

static const struct {
    const char *name;
    double seconds;
} units[] = {
    {"y", 365 * 86400.0},
    {"w", 7 * 86400.0},
    {"d", 86400},
    {"h", 3600},
    {"m", 60},
    {"s", 1},
    {"", 1},
    {"ms", 1e-3},
};

enum { N_UNITS = sizeof units / sizeof *units };

/* Thousandths are divided by, for 1e-3 is not exact. */
static double in_seconds(double number, double unit)
{
    return unit < 1 ? number / 1000 : number * unit;
}

bool times_parse_duration(const char *text, double *seconds)
{
    struct cursor c = {text, text + strlen(text)};
    double number = 0, fraction;
    for (; c.at < c.end && is_digit(*c.at); c.at++)
        number = number * 10 + (*c.at - '0');
    if (c.at == text || (c.at < c.end && *c.at == ',') || !takes_fraction(&c, &fraction) ||
        number > 1e15)
        return false;
    for (size_t i = 0; i < N_UNITS; i++) {
        if (strcmp(c.at, units[i].name) == 0) {
            *seconds = in_seconds(number + fraction, units[i].seconds);
            return true;
        }
    }
    return false;
}

char *times_format_duration(double seconds, char text[TIME_TEXT])
{
    size_t best = TIME_TEXT;
    if (fabs(seconds) <= 0)
        return strcpy(text, "0s"); /* not of years, which are as few */
    for (size_t i = 0; i < N_UNITS; i++) {
        double number = round(seconds / units[i].seconds);
        bool same = !(in_seconds(number, units[i].seconds) < seconds) &&
                    !(in_seconds(number, units[i].seconds) > seconds);
        char one[TIME_TEXT];
        if (!same || !*units[i].name || !(number < 1e15))
            continue;
        int length = snprintf(one, sizeof one, "%.0f%s", number, units[i].name);
        if ((size_t)length < best) {
            best = (size_t)length;
            memcpy(text, one, best + 1);
        }
    }
    if (best == TIME_TEXT)
        snprintf(text, TIME_TEXT, "%.9gs", seconds);
    return text;
}

char *times_format_about(double seconds, char text[TIME_TEXT])
{
    static const struct {
        const char *name;
        double seconds, from; /* of which on this unit is used */
    } rough[] = {{"d", 86400, 172800}, {"h", 3600, 7200}, {"m", 60, 120}, {"s", 1, 0}};
    size_t i = 0;
    while (fabs(seconds) < rough[i].from)
        i++;
    snprintf(text, TIME_TEXT, "%.3g%s", seconds / rough[i].seconds, rough[i].name);
    return text;
}
