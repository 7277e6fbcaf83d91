/* What the {names} of a fleet stand for in the id of one of its twins: "gh-{site}-{house}"
 * and "gh-north-2" say that {site} is north and {house} 2. */
#ifndef TWIND_FLEET_H
#define TWIND_FLEET_H

#include "twind/route.h"

enum { FLEET_ID = 128 }; /* bytes of an id, terminated */

enum fleet_fit {
    FLEET_NONE, /* the id is not of this pattern */
    FLEET_ONE,
    FLEET_SEVERAL, /* it may be read in several ways ("gh-a-b-c"): match holds the one with
                      the shortest first names */
};

/* Reads `id` by the pattern; captures point into both. */
enum fleet_fit fleet_match(const char *pattern, const char *id, struct route_match *match);

/* What each name of the pattern stood for in a topic, as one text to be kept where the id
 * alone is read in several ways. NULL: it does not fit. Free with free(). */
char *fleet_keep(const char *pattern, const struct route_match *match);

/* The same from the kept text. */
void fleet_recall(const char *pattern, const char *kept, struct route_match *match);

#endif
