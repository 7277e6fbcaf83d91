/* The history: SQLite in WAL mode behind one writer thread that owns the only write
 * connection. The loop fills a batch; every `commit` seconds the batch goes to the writer,
 * which commits it in one transaction together with the inbox sequence that it covers, so
 * that every reading is stored exactly once whatever kills the process.
 *
 * While the disk or the database fails, batches wait (bounded by the inbox, which then
 * fills), the failure is told, and the writer tries again. Only readings, alerts and
 * commands wait; rows of states are dropped and counted beyond a bound. */
#ifndef TWIND_HISTORY_H
#define TWIND_HISTORY_H

#include "twind/err.h"

#include <stddef.h>
#include <stdint.h>

struct history;
struct keep;

struct history_options {
    const char *path;
    double commit; /* s: longest time that a row waits for its commit */
    double raw, minutes,
        hours;         /* s to keep readings and states, minute and hour roll-ups */
    struct keep *keep; /* where blocks go; NULL: none */
    /* Called on the writer's thread when all up to `seq` is committed. */
    void (*committed_on_writer)(void *context, uint64_t seq);
    void *context;
    bool recording; /* rows are a recording's, of whatever year: none is too old to keep */
    bool synchronous; /* no thread: commit where the batch is full (replay) */
};

/* Opens or creates the database, makes tables and views. */
struct history *history_open(const struct history_options *options, struct err *e);

/* Commits what was handed over (giving up after 2 s where the database fails) and closes.
 * What was not handed over is dropped: no sequence covers it, so it would come twice. */
void history_close(struct history *history);

/* The inbox sequence that the database holds; 0: none. */
uint64_t history_applied(const struct history *history);

enum history_what { HISTORY_READING, HISTORY_STATE };

/* One series of a twin: a bound sensor's readings, or an estimated value. */
struct history_name {
    const char *name, *unit;
    enum history_what what;
};

/* A twin's series. `names` must outlive the history (it is shared by twins of one plan);
 * the id is copied. `utc_offset` h: where the twin's days begin. Cheap: the writer finds
 * the database's own numbers when the first row of a series comes. */
struct history_twin;
struct history_twin *history_twin(struct history *history, const char *id, const char *kind,
                                  double utc_offset, const struct history_name *names,
                                  size_t n);

/* Rows into the present batch. `index` is into the twin's names. */
void history_reading(struct history *history, struct history_twin *twin, size_t index,
                     double time, double value, unsigned quality);
void history_state(struct history *history, struct history_twin *twin, size_t index,
                   double time, double value, double sd);
/* The same for the view `latest` alone: what the twin knows now, between its states. */
void history_latest(struct history *history, struct history_twin *twin, size_t index,
                    double time, double value, double sd);

/* What an estimated value will be, at made + step, made + 2 step .. made + n step. */
enum { HISTORY_FORECAST_STEPS = 1024 }; /* n at most; the rest is not stored */

struct history_forecast {
    double made, step; /* s */
    size_t n;
    const double *mean, *sd;
};

void history_forecast(struct history *history, struct history_twin *twin, size_t index,
                      const struct history_forecast *forecast);

struct history_alert {
    const char *id; /* of this alert from raise to clear */
    const char *twin, *rule, *type, *severity, *state, *message;
    const char *cause; /* the id of the alert that it is under; "" or NULL: none */
    bool acknowledged;
    double time, value, limit; /* NAN: none */
    uint32_t transition;       /* counts up for each twin and rule */
};

void history_alert(struct history *history, const struct history_alert *alert);
void history_command(struct history *history, double time, const char *twin,
                     const char *input, const char *value, const char *source,
                     const char *result);

/* How a part wears, as of a day. */
struct history_health {
    const char *twin, *name, *part;
    double time, value, sd, limit;
    double days_left, days_left_least, days_left_most; /* not finite: none is told */
};

void history_health(struct history *history, const struct history_health *health);
/* A message that killed the daemon three times: kept to be looked at, not worked on. */
void history_dead_letter(struct history *history, double time, const char *topic,
                         size_t topic_length, const char *payload, size_t payload_length);
/* A block for the keep, written before the batch's commit. Copied. */
void history_block(struct history *history, uint64_t place, const void *block, size_t size);

/* The present batch should be handed over at `now` (monotonic s): the last one was `commit`
 * ago, or it is large, or (without rows) a sequence has waited for 1 s. The caller then
 * adds the blocks of the twins that changed, and hands over all up to inbox sequence `seq`.
 * While the writer cannot keep up, batches are joined. */
bool history_due(const struct history *history, double now);
void history_hand_over(struct history *history, uint64_t seq, double now);

/* The transitions of an alert after number `after`, oldest first, for those that were
 * stored but perhaps not published before a crash. Reads by a connection of its own. */
bool history_alerts_after(struct history *history, const char *twin, const char *rule,
                          uint32_t after,
                          void (*each)(void *context, const struct history_alert *alert),
                          void *context, struct err *e);

struct history_stats {
    uint64_t rows, commits, committed_seq, states_dropped, waiting_rows;
    uint64_t bytes_written; /* of the database file now */
    bool failing;
    char error[ERR_TEXT]; /* the last failure; "" when none or recovered */
};

/* A consistent copy. */
void history_stats(struct history *history, struct history_stats *stats);

#endif
