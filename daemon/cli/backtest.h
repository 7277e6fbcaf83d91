/* What alerts a set of rules would have raised over a recording. */
#ifndef TWIND_CLI_BACKTEST_H
#define TWIND_CLI_BACKTEST_H

#include "alarm_log.h"

#include "twind/config.h"
#include "twind/engine.h"

/* A transition, as an engine's sink has it. */
void backtest_take(struct alarm_log *log, const struct engine_alert *alert);

/* A table of those that were raised, of so many rules in all, in the time from .. to (s
 * since the epoch). */
void backtest_print(const struct alarm_log *log, size_t rules, double from, double to);

/* What was really raised at that time, of the configuration's twins, beside it: what is
 * new, what is gone. False: the history cannot be read. */
bool backtest_compare(const struct alarm_log *log, const struct config *config,
                      const char *history, double from, double to, struct err *e);

#endif
