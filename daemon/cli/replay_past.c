/* A history as the input of a replay. A reading that was late, or that the broker had kept
 * for who knows how long, moved no twin when it came, and does not now. */
#include "replay_parts.h"

#include "twind/history_tape.h"
#include "twind/cli.h"
#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

enum { TOLD = 5 }; /* series that are left out */

struct replay_past {
    struct replay_input_options options;
    struct history_read *reader;
    struct history_tape *tape;
};

static bool take_reading(void *context, const struct history_tape_series *series,
                         double time, double value, enum quality quality, struct err *e)
{
    const struct replay_feed *feed = context;
    if (quality == QUALITY_LATE || quality == QUALITY_STALE)
        return true;
    if (!world_read(feed->world, time, series->twin, series->signal, value, e))
        return false;
    feed->row(feed->context, time);
    return true;
}

/* One that is not understood any more is no reason to stop. */
static bool take_command(void *context, double time, const char *twin, const char *input,
                         const char *value, struct err *e)
{
    const struct replay_feed *feed = context;
    world_read_end(feed->world);
    world_tick(feed->world, time);
    world_set(feed->world, twin, input, value, "history", e);
    return true;
}

/* ---- what fits ---- */

static bool is_bound(const struct plan *plan, size_t signal)
{
    for (size_t i = 0; i < plan->n_sensors; i++)
        if (plan->sensors[i].signal == signal)
            return true;
    return false;
}

/* NULL: it fits. */
static const char *find_fault(const struct history_tape_series *series,
                              const struct config *bound, bool *every_signal)
{
    const struct config_twin *from = config_find_twin(bound, series->twin);
    if (!from)
        return "the configuration has no such twin";
    const struct plan *plan = config_plan(bound, from, series->twin);
    size_t signal = plan_signal(plan->kind, series->signal);
    if (signal == PLAN_NONE)
        return "the twin's kind has no such signal";
    if (strcmp(plan_row(plan->kind, signal)->unit, series->unit) != 0)
        return "it is in another unit";
    *every_signal |= !is_bound(plan, signal);
    return NULL;
}

bool replay_past_look(struct replay_past *past, const struct config *bound,
                      bool *every_signal, struct err *e)
{
    size_t n, left_out = 0;
    struct history_tape_series *series = history_tape_series(past->tape, &n);
    for (size_t i = 0; i < n; i++) {
        const char *why = find_fault(&series[i], bound, every_signal);
        series[i].skip = why != NULL;
        if (why && left_out++ < TOLD)
            fprintf(stderr, "%s: %s of %s is left out: %s\n", past->options.history,
                    series[i].signal, series[i].twin, why);
    }
    if (left_out > TOLD)
        fprintf(stderr, "and %zu more\n", left_out - TOLD);
    return left_out < n || err_set(e,
                                   "%s holds no readings of the configuration's twins; is "
                                   "it another one's history?",
                                   past->options.history);
}

bool replay_past_play(struct replay_past *past, const struct replay_feed *feed,
                      struct err *e)
{
    const struct history_tape_hooks hooks = {(void *)feed, take_reading, take_command};
    if (!history_tape_play(past->tape, past->options.from, past->options.to, &hooks, e))
        return err_wrap(e, "%s", past->options.history);
    world_read_end(feed->world);
    return true;
}

struct replay_past *replay_past_open(const struct replay_input_options *options,
                                     struct err *e)
{
    struct history_read *reader = history_read_open(options->history, e);
    struct history_tape *tape = reader ? history_tape_open(reader, e) : NULL;
    if (!tape) {
        history_read_close(reader);
        return NULL;
    }
    struct replay_past *past = mem_new(1, sizeof *past);
    *past = (struct replay_past){*options, reader, tape};
    return past;
}

void replay_past_close(struct replay_past *past)
{
    if (!past)
        return;
    history_tape_close(past->tape);
    history_read_close(past->reader);
    free(past);
}
