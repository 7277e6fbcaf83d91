/* The alarms that a history holds. */
#ifndef TWIND_CLI_ALARM_PAST_H
#define TWIND_CLI_ALARM_PAST_H

#include "alarm_log.h"

#include "twind/config.h"
#include "twind/history_read.h"

/* Up to the time `to`, of one twin or (NULL) of all; where `config` is given, of its twins
 * alone. */
bool alarm_past_read(struct history_read *reader, const char *twin,
                     const struct config *config, double to, struct alarm_log *log,
                     struct err *e);

#endif
