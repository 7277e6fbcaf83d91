/* What a replay reads: a CSV of messages or of readings by name, or a history. */
#ifndef TWIND_CLI_REPLAY_INPUT_H
#define TWIND_CLI_REPLAY_INPUT_H

#include "twind/world.h"

struct replay_input;

struct replay_input_options {
    const char *csv;     /* "-": standard input; or */
    const char *history; /* the history of a daemon or a replay */
    double from, to;     /* of a history, s since the epoch, inclusive; may be infinite */
};

/* NULL: it cannot be opened, e says why. */
struct replay_input *replay_input_open(const struct replay_input_options *options,
                                       struct err *e);
void replay_input_close(struct replay_input *input);

/* Whether all signals are to have a sensor (config_load_all()): readings come by name.
 * `bound` is the configuration as its bindings have it. What of a history fits to no twin
 * or signal of it is left out, and said. False: e says what is wrong with the input. */
bool replay_input_look(struct replay_input *input, const struct config *bound,
                       bool *every_signal, struct err *e);

/* Everything into the world; `row` is told the time of each row. May be called again, but
 * for standard input. */
bool replay_input_play(struct replay_input *input, struct world *world,
                       void (*row)(void *context, double time), void *context,
                       struct err *e);

#endif
