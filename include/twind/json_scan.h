/* A strict reading of a JSON text (RFC 8259) that builds nothing: tells whether the text is
 * JSON, where it stops being so, and where its n-th value stands. Only json*.c needs it. */
#ifndef TWIND_JSON_SCAN_H
#define TWIND_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

enum { JSON_DEPTH_MAX = 64 };

struct json_scan {
    /* Asked. */
    bool strict; /* refuse control characters, \u0000 and wrong UTF-8 in strings, nan, inf;
                  * but take 1e999, for its reader to refuse with the place */
    size_t seek; /* stop at this value, counted from 0 in the order of the text; SIZE_MAX */
    char *mend;  /* NULL, or a copy of the text in which nan and inf become "" */

    /* Found. */
    const char *at;  /* the fault, or the value sought */
    const char *key; /* the opening quote of its key; NULL: it is no member of an object */
    const char *fault; /* what is wrong there; NULL: nothing */
    bool odd;          /* holds nan or inf, as Python and printf() write them */
};

/* True: it is JSON as far as it was read. */
bool json_scan(const char *text, size_t length, struct json_scan *scan);

#endif
