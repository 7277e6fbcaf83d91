/* twind: the digital-twin daemon. */
#include "twind/config.h"
#include "twind/daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 0, BAD_INPUT = 1, BAD_USAGE = 2 };

static const char usage[] =
    "usage: twind [-c FILE] [--check] [--dump-config] [--version]\n"
    "  -c FILE        the configuration, default /etc/twind/twind.json\n"
    "  --check        read the configuration, say what is wrong with it, and exit\n"
    "  --dump-config  print the configuration with every default filled in, and exit\n"
    "  --version      print the version, and exit\n";

struct options {
    const char *file;
    bool check, dump;
};

static void say(void *context, bool warning, const char *text)
{
    (void)context;
    fprintf(stderr, "%s%s\n", text, warning ? " (warning)" : "");
}

/* Returns -1 to go on, else the exit status. */
static int parse(int argc, char **argv, struct options *options)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
            options->file = argv[++i];
        } else if (strcmp(argv[i], "--check") == 0) {
            options->check = true;
        } else if (strcmp(argv[i], "--dump-config") == 0) {
            options->dump = true;
        } else if (strcmp(argv[i], "--version") == 0) {
            puts("twind " TWIND_VERSION);
            return OK;
        } else if (strcmp(argv[i], "--manual") == 0) { /* for tools/docs.sh */
            config_write_manual(stdout);
            return OK;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(usage, stdout);
            return OK;
        } else {
            fprintf(stderr, "twind: '%s' is not understood\n%s", argv[i], usage);
            return BAD_USAGE;
        }
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct options options = {.file = "/etc/twind/twind.json"};
    int status = parse(argc, argv, &options);
    if (status >= 0)
        return status;
    struct config config;
    const struct config_report report = {.say = say};
    if (!config_load(options.file, getenv, &report, &config))
        return BAD_INPUT;
    if (!options.check && !options.dump)
        return daemon_run(options.file, &config);
    if (options.dump)
        config_dump(&config, stdout);
    config_clear(&config);
    return OK;
}
