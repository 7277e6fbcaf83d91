/* twinctl: one program, many verbs. */
#include "twind/cli.h"

#include <stdio.h>
#include <string.h>

static const struct cli_verb *const verbs[] = {
    &cli_kinds,      &cli_rules,    &cli_replay, &cli_simulate, &cli_calibrate,
    &cli_forecast,   &cli_plot,     &cli_play,   &cli_status,   &cli_watch,
    &cli_set,        &cli_ack,      &cli_shelve, &cli_serviced, &cli_health,
    &cli_whatif,     &cli_optimise, &cli_detect, &cli_alarms,   &cli_suggest,
    &cli_commission, NULL,
};

static void help(FILE *to)
{
    fputs("usage: twinctl VERB ..\n", to);
    for (const struct cli_verb *const *verb = verbs; *verb; verb++)
        fprintf(to, "  %-10s %s\n", (*verb)->name, (*verb)->help);
    fputs("twinctl VERB --help says more; the manual is twinctl(1).\n", to);
}

static int run(const struct cli_verb *verb, int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "--help") != 0)
        return verb->run(argc, argv);
    printf("usage: twinctl %s %s\n  %s\n", verb->name, verb->arguments, verb->help);
    return CLI_OK;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        help(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help(stdout);
        return CLI_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("twinctl " TWIND_VERSION);
        return CLI_OK;
    }
    for (const struct cli_verb *const *verb = verbs; *verb; verb++)
        if (strcmp(argv[1], (*verb)->name) == 0)
            return run(*verb, argc - 1, argv + 1);
    fprintf(stderr, "twinctl: there is no verb '%s'\n", argv[1]);
    help(stderr);
    return CLI_USAGE;
}
