/* What the verbs of twinctl share: exit statuses, options, CSV. */
#ifndef TWIND_CLI_H
#define TWIND_CLI_H

#include "twind/err.h"

#include <stddef.h>
#include <stdio.h>

/* The contract's exit statuses. */
enum { CLI_OK = 0, CLI_INPUT = 1, CLI_USAGE = 2, CLI_RESOURCE = 3 };

/* One verb: a file daemon/cli/VERB.c and a line in twinctl.c. */
struct cli_verb {
    const char *name, *arguments, *help;
    int (*run)(int argc, char **argv); /* argv[0] is the verb */
};

extern const struct cli_verb cli_kinds, cli_rules, cli_replay, cli_simulate, cli_status,
    cli_watch, cli_set, cli_ack, cli_shelve, cli_play, cli_calibrate, cli_forecast,
    cli_plot, cli_whatif, cli_optimise, cli_detect, cli_alarms, cli_suggest, cli_serviced,
    cli_health, cli_commission;

/* One option of a verb: "--input FILE" sets *value; "--json" (no value) sets *flag. `each`,
 * where given, is called for every occurrence instead ("--param a=1 --param b=2"). */
struct cli_option {
    const char *name;
    const char **value;
    bool *flag;
    bool (*each)(void *context, const char *value, struct err *e);
    void *context;
};

/* Reads the options, which may stand anywhere; what is left (operands) is moved to
 * argv[1..] and counted in the return value. -1: an unknown option or a missing value, told
 * on stderr. Options end with a row whose name is NULL. */
int cli_options(int argc, char **argv, const struct cli_option *options);

/* "twinctl VERB: " and the text, on stderr; returns status. */
int cli_fail(const struct cli_verb *verb, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* For config_report.say: on stderr. */
void cli_say(void *context, bool warning, const char *text);

/* Usage on stderr; returns CLI_USAGE. */
int cli_usage(const struct cli_verb *verb);

/* A CSV file, a row at a time: comma separated, quotes as RFC 4180; blank lines are none.
 */
struct cli_csv;
struct cli_csv *cli_csv_open(const char *path, struct err *e); /* "-": standard input */
/* The next row's cells, valid until the next call; 0: the end, or a failure, which
 * cli_csv_ended_well() tells. */
size_t cli_csv_next(struct cli_csv *csv, char *const **cells);
bool cli_csv_ended_well(const struct cli_csv *csv, struct err *e);
unsigned long cli_csv_line(const struct cli_csv *csv); /* of the row's beginning */
void cli_csv_close(struct cli_csv *csv);               /* NULL: nothing */

/* The whole text is a finite number. */
bool cli_number(const char *text, double *number);

/* A time in a CSV: ISO 8601 (with a zone, or UTC) or a number of seconds. */
bool cli_time(const char *text, double *time);

/* The time that an option gave; NULL: `usual`. */
bool cli_time_option(const char *option, const char *text, double usual, double *time,
                     struct err *e);

/* For the daemon, which reads the last line: at a low priority, with errors on standard
 * output too. */
void cli_go_background(void);

#endif
