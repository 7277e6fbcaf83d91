/* Inside of replay_*.c only: one way to read. */
#ifndef TWIND_CLI_REPLAY_PARTS_H
#define TWIND_CLI_REPLAY_PARTS_H

#include "replay_input.h"

struct replay_feed {
    struct world *world;
    void (*row)(void *context, double time);
    void *context;
};

/* The history's side of replay_input.h. */
struct replay_past;
struct replay_past *replay_past_open(const struct replay_input_options *options,
                                     struct err *e);
void replay_past_close(struct replay_past *past);
bool replay_past_look(struct replay_past *past, const struct config *bound,
                      bool *every_signal, struct err *e);
bool replay_past_play(struct replay_past *past, const struct replay_feed *feed,
                      struct err *e);

#endif
