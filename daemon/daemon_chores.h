/* What the daemon has twinctl work out beside the loop: one file a kind of chore. */
#ifndef TWIND_DAEMON_CHORES_H
#define TWIND_DAEMON_CHORES_H

#include "daemon_parts.h"

#include "twind/attempt.h"

enum { CHORE_WORDS = 6, CHORE_WORD = 4096 };

struct chore_type {
    const char *name;   /* "calibration": in the log and the status */
    const char *verb;   /* of twinctl: VERB --background -c FILE --twin T --from TIME .. */
    const char *suffix; /* of the attempt's file, after the twin's id */
    double longest;     /* s that one may take */
    /* Whether the configuration asks for it. */
    bool (*wanted)(const struct daemon *daemon, const struct twin *twin);
    /* When it is due; INFINITY: never, 0: ask again. `last` NULL: it was never tried. */
    double (*due)(struct daemon *daemon, const struct twin *twin,
                  const struct attempt *last, double now);
    /* s of the past that it looks at. */
    double (*past)(const struct daemon *daemon, const struct twin *twin);
    /* Its other arguments; how many. */
    size_t (*words)(const struct daemon *daemon, const struct twin *twin,
                    char words[CHORE_WORDS][CHORE_WORD]);
    /* It has ended well; `line` is the last that it said. */
    void (*done)(struct daemon *daemon, const char *twin, const char *line);
    bool (*is_bad)(const char *line); /* what it found; NULL: never */
};

extern const struct chore_type chore_calibration, chore_commissioning;

#endif
