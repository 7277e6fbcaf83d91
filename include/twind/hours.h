/* Hours of the week, as a roster writes them: "Mon-Fri 08:00-18:00", "Sat,Sun",
 * "22:00-06:00". Local time; a span that ends at or before its beginning ends on the next
 * day, and belongs to the day on which it begins. */
#ifndef TWIND_HOURS_H
#define TWIND_HOURS_H

#include "twind/err.h"

#include <stddef.h>

enum { HOURS_SPANS_MAX = 16, HOURS_TEXT = 64 };

struct hours_span {
    unsigned days; /* bit 0: Monday .. bit 6: Sunday */
    int from, to;  /* minutes of the day; `to` up to 2 * 1440 */
};

struct hours {
    struct hours_span spans[HOURS_SPANS_MAX];
    size_t n;
};

/* Days alone are whole days, a time alone is of every day. */
bool hours_parse(const char *text, struct hours_span *span, struct err *e);

/* So that hours_parse() gives the same span again. Returns `to`. */
char *hours_format(const struct hours_span *span, char to[HOURS_TEXT]);

/* Whether the local time (s since the epoch, as if in UTC) lies in one of the spans. */
bool hours_hold(const struct hours *hours, double local);

#endif
