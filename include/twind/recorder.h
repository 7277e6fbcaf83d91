/* The engine's sink into the history: readings, states, alerts and blocks of one world.
 * Used by the daemon and by replays. One thread, the loop's. */
#ifndef TWIND_RECORDER_H
#define TWIND_RECORDER_H

#include "twind/engine.h"
#include "twind/history.h"
#include "twind/keep.h"

struct recorder;

/* `keep` may be NULL (a replay). The recorder frees neither, and the history must be closed
 * before the last recorder is freed. `former`: the one before a reload, whose series go on,
 * else NULL; it and its engine must live until recorder_leave_former(), which frees it. */
struct recorder *recorder_new(struct history *history, struct keep *keep,
                              struct recorder *former);
void recorder_leave_former(struct recorder *recorder);
void recorder_free(struct recorder *recorder);

/* A twin came to be: its series, and its block as it was before the reload, else as it was
 * kept (carried over by names where the configuration has changed). True: a block was
 * found. */
bool recorder_attach(struct recorder *recorder, struct engine *engine, struct twin *twin);

/* For the engine's sink; context is the recorder. */
void recorder_reading(void *context, struct twin *twin, size_t sensor, double time,
                      double value, enum quality quality);
void recorder_state(void *context, struct twin *twin);
void recorder_forecast(void *context, struct twin *twin, const struct forecast *forecast);
void recorder_health(void *context, struct twin *twin, double time);
/* What the twin knows now, into the view `latest`. */
void recorder_latest(struct recorder *recorder, const struct twin *twin);
void recorder_alert(void *context, const struct engine_alert *alert);
void recorder_changed(void *context, struct twin *twin);

/* Hands the batch over where it is due (or `force`), with the blocks of all twins that
 * changed since the last; `seq`: the last inbox sequence that the engine has seen. */
void recorder_hand_over(struct recorder *recorder, uint64_t seq, double now, bool force);

/* Marks that this transition of an alert has reached the broker. */
void recorder_set_told(struct recorder *recorder, const struct twin *twin, size_t rule,
                       uint32_t transition);
uint32_t recorder_told(const struct recorder *recorder, const struct twin *twin,
                       size_t rule);

#endif
