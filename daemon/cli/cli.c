#include "twind/cli.h"

#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct cli_option *find(const struct cli_option *options, const char *name)
{
    for (; options->name; options++)
        if (strcmp(options->name, name) == 0)
            return options;
    return NULL;
}

static bool take_value(const struct cli_option *option, const char *value)
{
    struct err e;
    if (!option->each) {
        *option->value = value;
        return true;
    }
    if (option->each(option->context, value, &e))
        return true;
    fprintf(stderr, "%s %s: %s\n", option->name, value, e.text);
    return false;
}

/* "-", "-5" and all behind "--" are no options. */
static bool is_operand(const char *text)
{
    double number;
    return text[0] != '-' || text[1] == '\0' || cli_number(text, &number);
}

int cli_options(int argc, char **argv, const struct cli_option *options)
{
    int operands = 0;
    bool all = false;
    for (int i = 1; i < argc; i++) {
        if (all || is_operand(argv[i])) {
            argv[++operands] = argv[i];
            continue;
        }
        if (strcmp(argv[i], "--") == 0) {
            all = true;
            continue;
        }
        const struct cli_option *option = find(options, argv[i]);
        if (!option) {
            fprintf(stderr, "option %s is not understood\n", argv[i]);
            return -1;
        }
        if (option->flag) {
            *option->flag = true;
        } else if (i + 1 >= argc) {
            fprintf(stderr, "option %s needs a value\n", argv[i]);
            return -1;
        } else if (!take_value(option, argv[++i])) {
            return -1;
        }
    }
    return operands;
}

int cli_fail(const struct cli_verb *verb, int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "twinctl %s: ", verb->name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return status;
}

void cli_say(void *context, bool warning, const char *text)
{
    (void)context;
    fprintf(stderr, "%s%s\n", text, warning ? " (warning)" : "");
}

int cli_usage(const struct cli_verb *verb)
{
    fprintf(stderr, "usage: twinctl %s %s\n  %s\n", verb->name, verb->arguments,
            verb->help);
    return CLI_USAGE;
}

bool cli_time_option(const char *option, const char *text, double usual, double *time,
                     struct err *e)
{
    *time = usual;
    return !text || cli_time(text, time) ||
           err_set(e, "%s '%s': ISO 8601 or seconds since 1970", option, text);
}

/* Not at the very end of the queue: whoever waits there holds the history's lock for
 * seconds. */
enum { NICE = 10 };

void cli_go_background(void)
{
    setpriority(PRIO_PROCESS, 0, NICE); /* a sandbox that forbids it: then as it is */
    dup2(STDOUT_FILENO, STDERR_FILENO);
}
