/* Many times and values of one signal in one message: what a weather service says of the
 * hours to come. Two shapes are in use:
 *
 *   two lists beside each other   {"hourly": {"time": [..], "temperature_2m": [..]}}
 *   one list of objects           {"list": [{"dt": .., "main": {"temp": ..}}, ..]}
 *
 * A time is ISO 8601 or epoch s or ms; a value a number, also as text, or null for one that
 * is not known. */
#ifndef TWIND_PAYLOAD_SERIES_H
#define TWIND_PAYLOAD_SERIES_H

#include "twind/payload.h"

enum { PAYLOAD_SERIES_MAX = 2048 }; /* points that are taken of one message */

/* Owns the pointers. */
struct payload_series {
    struct json_pointer *times, *values;      /* the two lists; NULL: .. */
    struct json_pointer *list, *time, *value; /* .. the list, and within its objects */
    double zone;                              /* s east of UTC for times without zone */
    double scale, offset;                     /* applied to the number as it came */
    struct units_conversion unit;             /* the caller applies it: units_apply() */
};

void payload_series_clear(struct payload_series *series);

/* Up to `room` points in ascending order of time, whatever theirs was; the second of one
 * time, and those without a value, are left out. 0: `why` says what is wrong (a constant
 * text); a message with anything that is no time or no number is refused as a whole.
 * payload->left counts the points for which there was no room. */
size_t payload_series_decode(struct payload *payload, const struct payload_series *series,
                             double *times, double *values, size_t room, const char **why);

#endif
