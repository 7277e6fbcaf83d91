#include "twind/cli.h"

#include "twind/mem.h"
#include "twind/times.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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

int cli_options(int argc, char **argv, const struct cli_option *options)
{
    int operands = 0;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            argv[++operands] = argv[i];
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

int cli_usage(const struct cli_verb *verb)
{
    fprintf(stderr, "usage: twinctl %s %s\n  %s\n", verb->name, verb->arguments,
            verb->help);
    return CLI_USAGE;
}

struct cli_csv {
    FILE *file;
    char *line;
    size_t room;
    char **cells;
    size_t room_cells;
    unsigned long number;
};

struct cli_csv *cli_csv_open(const char *path, struct err *e)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    if (!file) {
        err_set(e, "%s can't be read: %s", path, strerror(errno));
        return NULL;
    }
    struct cli_csv *csv = mem_new(1, sizeof *csv);
    csv->file = file;
    return csv;
}

/* A quoted cell, unquoted in place; returns what follows its closing quote. */
static char *unquote(char *at)
{
    char *to = at - 1;
    for (; *at; at++) {
        if (*at == '"' && at[1] == '"')
            at++;
        else if (*at == '"')
            break;
        *to++ = *at;
    }
    char *rest = *at ? at + 1 : at;
    *to = '\0';
    return rest;
}

static size_t split(struct cli_csv *csv)
{
    size_t n = 0;
    for (char *at = csv->line;;) {
        csv->cells = mem_grow(csv->cells, &csv->room_cells, n + 1, sizeof *csv->cells);
        csv->cells[n++] = at;
        if (*at == '"') {
            char *end = unquote(at + 1);
            at = *end == ',' ? end : end + strlen(end);
        } else {
            at += strcspn(at, ",");
        }
        if (*at != ',')
            return n;
        *at++ = '\0';
    }
}

size_t cli_csv_next(struct cli_csv *csv, char *const **cells)
{
    ssize_t length;
    do {
        length = getline(&csv->line, &csv->room, csv->file);
        if (length < 0)
            return 0;
        csv->number++;
        while (length > 0 && strchr("\r\n", csv->line[length - 1]))
            csv->line[--length] = '\0';
    } while (length == 0);
    size_t n = split(csv);
    *cells = csv->cells;
    return n;
}

unsigned long cli_csv_line(const struct cli_csv *csv)
{
    return csv->number;
}

void cli_csv_close(struct cli_csv *csv)
{
    if (csv->file != stdin)
        fclose(csv->file);
    free(csv->line);
    free(csv->cells);
    free(csv);
}

bool cli_time(const char *text, double *time)
{
    char *end;
    *time = strtod(text, &end);
    if (end != text && *end == '\0' && isfinite(*time))
        return true;
    return times_parse(text, strlen(text), 0, time);
}
