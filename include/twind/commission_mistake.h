/* Mistakes that people make when they wire a sensor: one table. Only commission*.c needs
 * it.
 */
#ifndef TWIND_COMMISSION_MISTAKE_H
#define TWIND_COMMISSION_MISTAKE_H

#include "twind/commission_record.h"

/* One sensor taken to be wired otherwise than it is. */
struct commission_suspect {
    size_t sensor, other; /* other: exchanged with; PLAN_NONE */
    const char *mistake;  /* "unit", "tenfold", .. */
    const char *says;     /* "sends degrees Fahrenheit" */
    const char *unit;     /* to be written; NULL: scale and offset */
    double scale, offset; /* true = scale * reading + offset, in the signal's own unit */
    double late;          /* s that its clock is ahead */
    double prior;         /* ln of how often, where nothing is known, against none */
};

enum { COMMISSION_SUSPECTS = 24 };

/* All that one sensor may suffer from by itself; returns how many. */
size_t commission_suspects(const struct commission_record *record, size_t sensor,
                           struct commission_suspect suspects[COMMISSION_SUSPECTS]);

/* What to write in the binding's configuration. */
void commission_fix(const struct commission_record *record,
                    const struct commission_suspect *suspect, char fix[COMMISSION_FIX]);

#endif
