/* The transitions of alerts in a history, read from outside the daemon. */
#ifndef TWIND_HISTORY_ALARMS_H
#define TWIND_HISTORY_ALARMS_H

#include "twind/history.h"
#include "twind/history_read.h"

/* Every transition up to the time `to` (s since the epoch), in the order of time; of one
 * twin, or (NULL) of all. Texts are valid during the call. A history of a former version
 * has no causes. False: e says why. */
bool history_alarms_read(struct history_read *reader, const char *twin, double to,
                         void (*each)(void *context, const struct history_alert *alert),
                         void *context, struct err *e);

/* When what is stored begins and ends, s since the epoch; NAN: nothing is. */
bool history_alarms_extent(struct history_read *reader, double *first, double *last,
                           struct err *e);

/* Whether anything of the twin is stored. */
bool history_alarms_know(struct history_read *reader, const char *twin, bool *known,
                         struct err *e);

#endif
