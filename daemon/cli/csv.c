/* CSV a row at a time (RFC 4180): cells separated by commas; quoted ones may hold commas,
 * doubled quotes and line ends. A byte order mark, blank lines and CR are taken off. */
#include "twind/cli.h"

#include "twind/mem.h"
#include "twind/text.h"
#include "twind/times.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct cli_csv {
    FILE *file;
    char *path, *line;
    size_t room;
    struct text row; /* one line, or several where a quoted cell goes on */
    char **cells;
    size_t room_cells;
    unsigned long number; /* of the last line read */
    unsigned long first;  /* of the row */
    bool unclosed;
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
    csv->path = mem_text(path);
    return csv;
}

/* The next line, without its end; false: there is none. */
static bool read_line(struct cli_csv *csv, const char **line, size_t *length)
{
    ssize_t n = getline(&csv->line, &csv->room, csv->file);
    if (n < 0)
        return false;
    *line = csv->line;
    if (csv->number++ == 0 && n >= 3 && memcmp(csv->line, "\xEF\xBB\xBF", 3) == 0)
        *line += 3, n -= 3;
    while (n > 0 && ((*line)[n - 1] == '\n' || (*line)[n - 1] == '\r'))
        n--;
    *length = (size_t)n;
    return true;
}

/* Whether a quoted cell is still open at the end of the text. */
static bool is_open(const char *text)
{
    bool open = false, begins = true;
    for (; *text; text++)
        if (open) {
            if (*text == '"' && text[1] == '"')
                text++;
            else if (*text == '"')
                open = false;
        } else {
            open = begins && *text == '"';
            begins = *text == ',';
        }
    return open;
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
    for (char *at = csv->row.at;;) {
        csv->cells = mem_grow(csv->cells, &csv->room_cells, n + 1, sizeof *csv->cells);
        csv->cells[n++] = at;
        if (*at == '"')
            at = unquote(at + 1);
        at += strcspn(at, ","); /* what stands behind a closing quote is dropped */
        if (*at != ',')
            return n;
        *at++ = '\0';
    }
}

size_t cli_csv_next(struct cli_csv *csv, char *const **cells)
{
    const char *line;
    size_t length;
    text_clear(&csv->row);
    do {
        if (!read_line(csv, &line, &length))
            return 0;
    } while (length == 0);
    csv->first = csv->number;
    text_bytes(&csv->row, line, length);
    while ((csv->unclosed = is_open(csv->row.at))) {
        if (!read_line(csv, &line, &length))
            return 0;
        text_bytes(&csv->row, "\n", 1);
        text_bytes(&csv->row, line, length);
    }
    size_t n = split(csv);
    *cells = csv->cells;
    return n;
}

bool cli_csv_ended_well(const struct cli_csv *csv, struct err *e)
{
    if (ferror(csv->file))
        return err_set(e, "%s can't be read on", csv->path);
    return !csv->unclosed || err_set(e, "a quoted cell is not closed before the end");
}

unsigned long cli_csv_line(const struct cli_csv *csv)
{
    return csv->first;
}

void cli_csv_close(struct cli_csv *csv)
{
    if (!csv)
        return;
    if (csv->file != stdin)
        fclose(csv->file);
    text_free(&csv->row);
    free(csv->path);
    free(csv->line);
    free(csv->cells);
    free(csv);
}

bool cli_number(const char *text, double *number)
{
    char *end;
    *number = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*number);
}

bool cli_time(const char *text, double *time)
{
    return cli_number(text, time) || times_parse(text, strlen(text), 0, time);
}
