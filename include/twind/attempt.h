/* The last attempt to calibrate a twin, in STATE_DIR/calibrations/TWIN.last: so that a
 * restart neither repeats nor forgets it. One line: time, ok or failed, what came of it. */
#ifndef TWIND_ATTEMPT_H
#define TWIND_ATTEMPT_H

#include <stdbool.h>

enum { ATTEMPT_TEXT = 1024 };

struct attempt {
    double time; /* when it began */
    bool well;   /* it came to an end, whatever it found */
    char text[ATTEMPT_TEXT];
};

/* False: there was none that can be read. */
bool attempt_read(const char *state_dir, const char *twin, struct attempt *attempt);

/* Makes the folder. False: errno says why. */
bool attempt_write(const char *state_dir, const char *twin, const struct attempt *attempt);

#endif
