#include "twind/hours.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DAYS = 7, DAY = 1440, EVERY_DAY = (1 << DAYS) - 1, NAME = 3 };

static const char names[DAYS][NAME + 1] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

/* ---- reading ---- */

static bool take_day(const char **at, unsigned *day)
{
    for (*day = 0; *day < DAYS; ++*day)
        if (strncmp(*at, names[*day], NAME) == 0) {
            *at += NAME;
            return true;
        }
    return false;
}

/* "Mon-Fri,Sun"; a range may go over Sunday. */
static bool take_days(const char **at, unsigned *days)
{
    unsigned first, last;
    for (*days = 0;; ++*at) {
        if (!take_day(at, &first))
            return false;
        last = first;
        if (**at == '-') {
            ++*at;
            if (!take_day(at, &last))
                return false;
        }
        for (unsigned n = (last + DAYS - first) % DAYS + 1; n > 0; n--)
            *days |= 1U << (first + n - 1) % DAYS;
        if (**at != ',')
            return true;
    }
}

/* "08:00" to "24:00". */
static bool take_minute(const char **at, int *minute)
{
    unsigned hours, minutes;
    int length = 0;
    if (strspn(*at, "0123456789") != 2 || strspn(*at + 2, ":") != 1 ||
        strspn(*at + 3, "0123456789") != 2 ||
        sscanf(*at, "%2u:%2u%n", &hours, &minutes, &length) != 2)
        return false;
    *minute = (int)(hours * 60 + minutes);
    *at += length;
    return minutes < 60 && *minute <= DAY;
}

static bool take_times(const char **at, struct hours_span *span)
{
    if (!take_minute(at, &span->from) || span->from == DAY || **at != '-')
        return false;
    ++*at;
    if (!take_minute(at, &span->to))
        return false;
    if (span->to <= span->from)
        span->to += DAY;
    return true;
}

bool hours_parse(const char *text, struct hours_span *span, struct err *e)
{
    const char *at = text;
    *span = (struct hours_span){EVERY_DAY, 0, DAY};
    bool named = strspn(at, "0123456789") == 0;
    bool fine = !named || take_days(&at, &span->days);
    if (fine && named && *at == ' ') {
        at++;
        named = false;
    }
    if (fine && !named)
        fine = take_times(&at, span);
    return (fine && *at == '\0') ||
           err_set(
               e,
               "\"%.60s\" is no time of the week; it is days (Mon-Fri or Sat,Sun), times "
               "(08:00-18:00) or both: \"Mon-Fri 08:00-18:00\"",
               text);
}

/* ---- writing ---- */

static size_t put_days(unsigned days, char *to)
{
    size_t used = 0;
    for (unsigned first = 0, last; first < DAYS; first = last + 1) {
        last = first;
        if (!(days >> first & 1))
            continue;
        while (last + 1 < DAYS && days >> (last + 1) & 1)
            last++;
        used += (size_t)snprintf(to + used, HOURS_TEXT - used, "%s%s", used ? "," : "",
                                 names[first]);
        if (last > first)
            used += (size_t)snprintf(to + used, HOURS_TEXT - used, "-%s", names[last]);
    }
    return used;
}

char *hours_format(const struct hours_span *span, char to[HOURS_TEXT])
{
    size_t used = put_days(span->days, to);
    int end = span->to > DAY ? span->to - DAY : span->to;
    if (span->from > 0 || span->to != DAY)
        snprintf(to + used, HOURS_TEXT - used, " %02d:%02d-%02d:%02d", span->from / 60,
                 span->from % 60, end / 60, end % 60);
    return to;
}

/* ---- the time ---- */

static bool span_holds(const struct hours_span *span, unsigned day, double minute)
{
    unsigned before = (day + DAYS - 1) % DAYS;
    return (span->days >> day & 1 && minute >= span->from && minute < span->to) ||
           (span->days >> before & 1 && minute + DAY < span->to);
}

bool hours_hold(const struct hours *hours, double local)
{
    const double seconds = DAY * 60.0;
    const double thursday = 3; /* 1970-01-01 was one */
    double day = floor(local / seconds);
    double minute = (local - day * seconds) / 60;
    unsigned weekday = (unsigned)(day + thursday - DAYS * floor((day + thursday) / DAYS));
    for (size_t i = 0; i < hours->n; i++)
        if (span_holds(&hours->spans[i], weekday, minute))
            return true;
    return false;
}
