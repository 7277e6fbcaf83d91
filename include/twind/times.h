/* Times and durations as people and devices write them. A time is a double: seconds since
 * the epoch, UTC. Nothing here reads a clock. */
#ifndef TWIND_TIMES_H
#define TWIND_TIMES_H

#include <stdbool.h>
#include <stddef.h>

enum { TIME_TEXT = 32 };

/* "2026-01-01T12:00:00.123Z" (always milliseconds, always Z) into text. Returns text. */
char *times_format(double time, char text[TIME_TEXT]);

/* ISO 8601 / RFC 3339: date, `T` or space, time with optional seconds and any number of
 * decimals, optional `Z`, +hh:mm, +hhmm or +hh. Without a zone it is taken to be `zone`
 * seconds east of UTC. A date alone is its midnight. False where it is no such text. */
bool times_parse(const char *text, size_t length, double zone, double *time);

/* A number that devices send as a time: seconds, or (by magnitude, for the years 1973 to
 * 5138) milliseconds, microseconds or nanoseconds since the epoch. NAN where it is no
 * finite, non-negative number. */
double times_from_number(double number);

/* "250ms", "30s", "5m", "24h", "30d", "2w", "1y" (365 d) or a plain number of seconds. No
 * negative and no empty text. */
bool times_parse_duration(const char *text, double *seconds);

/* The shortest of those forms that says the same: 300 -> "5m". */
char *times_format_duration(double seconds, char text[TIME_TEXT]);

/* To three digits, for people: "45s", "7.08h", "12.5d". */
char *times_format_about(double seconds, char text[TIME_TEXT]);

#endif
