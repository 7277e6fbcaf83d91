/* A CSV has one of two forms, which its first row tells. */
#include "replay_parts.h"

#include "twind/cli.h"
#include "twind/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TIME, TOPIC, PAYLOAD, MESSAGE_COLUMNS };
enum { TWIN = 1, SIGNAL, VALUE, READING_COLUMNS };

/* What is being read, and how far it is. */
struct reading {
    const struct replay_feed *feed;
    double newest; /* s: the latest row's time */
};

struct form {
    const char *columns[READING_COLUMNS];
    size_t n;
    bool by_name; /* readings of signals, whether bound or not */
    bool (*take)(struct reading *reading, char *const *cells, double time, struct err *e);
};

struct replay_input {
    struct replay_input_options options;
    struct replay_past *past; /* NULL: a CSV */
    struct cli_csv *csv;
    const struct form *form;
    bool read; /* to the end */
};

static bool take_message(struct reading *reading, char *const *cells, double time,
                         struct err *e)
{
    (void)e;
    world_take(reading->feed->world, &(struct world_message){
                                         .topic = cells[TOPIC],
                                         .topic_length = strlen(cells[TOPIC]),
                                         .payload = cells[PAYLOAD],
                                         .payload_length = strlen(cells[PAYLOAD]),
                                         .received = time,
                                         .past = time < reading->newest,
                                     });
    return true;
}

static bool take_reading(struct reading *reading, char *const *cells, double time,
                         struct err *e)
{
    double value;
    if (!cli_number(cells[VALUE], &value))
        value = NAN; /* a bad reading, as it would be live */
    return world_read(reading->feed->world, time, cells[TWIN], cells[SIGNAL], value, e);
}

static const struct form forms[] = {
    {{"time", "topic", "payload"}, MESSAGE_COLUMNS, false, take_message},
    {{"time", "twin", "signal", "value"}, READING_COLUMNS, true, take_reading},
};

/* By the file's first row; NULL: e says what it should be. */
static const struct form *find_form(struct cli_csv *csv, struct err *e)
{
    char *const *cells;
    size_t n = cli_csv_next(csv, &cells);
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        size_t same = 0;
        while (same < n && same < forms[f].n &&
               strcmp(cells[same], forms[f].columns[same]) == 0)
            same++;
        if (n == forms[f].n && same == n)
            return &forms[f];
    }
    if (cli_csv_ended_well(csv, e))
        err_set(e, "the columns must be time,topic,payload or time,twin,signal,value");
    return NULL;
}

static bool take_row(struct replay_input *input, struct reading *reading,
                     char *const *cells, size_t n, struct err *e)
{
    double time;
    if (n != input->form->n)
        return err_set(e, "%zu cells, the header has %zu", n, input->form->n);
    if (!cli_time(cells[TIME], &time))
        return err_set(e, "'%s' is no time: ISO 8601 or seconds since 1970", cells[TIME]);
    if (!input->form->take(reading, cells, time, e))
        return false;
    reading->newest = fmax(reading->newest, time);
    reading->feed->row(reading->feed->context, time);
    return true;
}

static bool play_csv(struct replay_input *input, const struct replay_feed *feed,
                     struct err *e)
{
    struct reading reading = {.feed = feed};
    char *const *cells;
    for (size_t n; (n = cli_csv_next(input->csv, &cells)) > 0;)
        if (!take_row(input, &reading, cells, n, e))
            return false;
    world_read_end(feed->world);
    return cli_csv_ended_well(input->csv, e);
}

/* From its first row again. */
static bool rewind_csv(struct replay_input *input, struct err *e)
{
    cli_csv_close(input->csv);
    input->csv = cli_csv_open(input->options.csv, e);
    return input->csv && find_form(input->csv, e) == input->form;
}

bool replay_input_play(struct replay_input *input, struct world *world,
                       void (*row)(void *context, double time), void *context,
                       struct err *e)
{
    const struct replay_feed feed = {world, row, context};
    if (input->past)
        return replay_past_play(input->past, &feed, e);
    if (input->read && !rewind_csv(input, e))
        return false;
    input->read = true;
    return play_csv(input, &feed, e) ||
           err_wrap(e, "%s:%lu", input->options.csv, cli_csv_line(input->csv));
}

bool replay_input_look(struct replay_input *input, const struct config *bound,
                       bool *every_signal, struct err *e)
{
    if (input->past)
        return replay_past_look(input->past, bound, every_signal, e);
    if (!(input->form = find_form(input->csv, e)))
        return err_wrap(e, "%s:1", input->options.csv);
    *every_signal = input->form->by_name;
    return true;
}

struct replay_input *replay_input_open(const struct replay_input_options *options,
                                       struct err *e)
{
    struct replay_input input = {.options = *options};
    if (options->history)
        input.past = replay_past_open(options, e);
    else
        input.csv = cli_csv_open(options->csv, e);
    if (!input.past && !input.csv)
        return NULL;
    struct replay_input *opened = mem_new(1, sizeof *opened);
    *opened = input;
    return opened;
}

void replay_input_close(struct replay_input *input)
{
    if (!input)
        return;
    replay_past_close(input->past);
    cli_csv_close(input->csv);
    free(input);
}
