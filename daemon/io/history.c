/* Two threads: the loop fills `present` and puts it into a queue, the writer commits the
 * queue's batches one by one and does the housekeeping. Under the mutex are the queue, the
 * spare batches and the figures; all of the database is the writer's. Where the options say
 * `synchronous`, there is no thread and the loop does the writer's work itself. */
#include "twind/history.h"

#include "twind/history_events.h"
#include "twind/history_house.h"
#include "twind/history_write.h"
#include "twind/log.h"
#include "twind/mem.h"
#include "twind/quality.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
    QUEUE_MAX = 4,        /* batches that wait for the writer; then the last one grows */
    BATCH_ROWS = 16384,   /* a batch of so many rows is due at once */
    STATES_MAX = 1 << 18, /* rows of states that wait while the database fails */
    ERROR_ROUNDS = 2,     /* last tries at closing, a second apart */
};
static const double SEQ_DUE = 1;                         /* s: a sequence without rows */
static const double RETRY_FIRST = 0.25, RETRY_LAST = 10; /* s */
static const double IDLE = 0.25;                         /* s between looks at the house */
static const double LATEST = 253402300799, EARLIEST = -62135596800; /* years 1 to 9999 */
static const double MS = 1000, HOUR = 3600;

struct history {
    struct history_options options;
    char *path;
    struct history_twin *twins;
    /* the loop's */
    struct history_batch *present;
    double handed; /* monotonic s of the last handing over */
    uint64_t handed_seq;
    /* the writer's */
    struct history_db db;
    struct history_house *house;
    unsigned long failures;
    /* the loop's again */
    struct history_db reader; /* opened when it is first asked */
    /* both threads', under the mutex */
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    pthread_t writer;
    struct history_batch *first, *last, *spare;
    size_t queued, in_hand; /* batches; rows of the one that is being written */
    bool stop;
    uint64_t applied;
    struct history_stats stats;
};

static double clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static size_t rows_of(const struct history_batch *batch)
{
    return batch->n_readings + batch->n_states + batch->n_alerts + batch->n_commands +
           batch->n_letters + batch->n_forecasts * HISTORY_FORECAST_ROWS;
}

/* Waits for a batch or the end, with the mutex held. */
static void wait_on_writer(struct history *h, double seconds)
{
    double until = clock_now() + seconds;
    struct timespec t = {(time_t)until, (long)((until - floor(until)) * 1e9)};
    pthread_cond_timedwait(&h->wake, &h->mutex, &t);
}

static void note_failure(struct history *h)
{
    pthread_mutex_lock(&h->mutex);
    h->stats.failing = true;
    memcpy(h->stats.error, h->db.error.text, sizeof h->stats.error);
    pthread_mutex_unlock(&h->mutex);
    if (log_worth(&h->failures))
        log_line(LOG_ERROR, "history %s fails: %s; what is not committed waits", h->path,
                 h->db.error.text);
}

static void note_recovery(struct history *h)
{
    if (h->failures == 0)
        return;
    log_line(LOG_NOTICE, "history %s works again", h->path);
    h->failures = 0;
    pthread_mutex_lock(&h->mutex);
    h->stats.failing = false;
    h->stats.error[0] = '\0';
    pthread_mutex_unlock(&h->mutex);
}

static void note_commit(struct history *h, const struct history_batch *batch)
{
    pthread_mutex_lock(&h->mutex);
    h->stats.commits++;
    h->stats.rows += rows_of(batch);
    h->stats.committed_seq = h->applied = batch->seq;
    pthread_mutex_unlock(&h->mutex);
}

/* A file that turns out to be damaged, or is gone, while we run: set aside, begin anew. */
static void reopen_on_writer(struct history *h)
{
    struct err e;
    history_db_close(&h->db);
    h->present = mem_new(1, sizeof *h->present);
    if (!history_db_open(&h->db, h->path, &e) || !history_house_resume(h->house, &h->db))
        log_line(LOG_ERROR, "%s", e.text);
}

static bool write_on_writer(struct history *h, struct history_batch *batch)
{
    if (!h->db.sqlite)
        reopen_on_writer(h);
    if (history_write_batch(&h->db, batch, h->options.keep)) {
        history_house_count(h->house, batch);
        note_recovery(h);
        note_commit(h, batch);
        if (h->options.committed_on_writer)
            h->options.committed_on_writer(h->options.context, batch->seq);
        return true;
    }
    bool damaged = h->db.damaged;
    note_failure(h);
    if (damaged)
        reopen_on_writer(h);
    return false;
}

/* Where the house fails, batches do not wait for it: it is tried again at the next turn. */
static bool work_on_writer(struct history *h, double now)
{
    bool more = false;
    if (!h->db.sqlite)
        return false;
    if (history_house_work(h->house, &h->db, now, &more)) {
        note_recovery(h);
        return more;
    }
    note_failure(h);
    history_house_resume(h->house, &h->db);
    return false;
}

/* Tries until it is written; false: the history is being closed and it cannot be. */
static bool insist_on_writer(struct history *h, struct history_batch *batch)
{
    double pause = RETRY_FIRST;
    for (int rounds = 0; !write_on_writer(h, batch);) {
        pthread_mutex_lock(&h->mutex);
        if (!h->stop)
            wait_on_writer(h, pause);
        bool stop = h->stop;
        pthread_mutex_unlock(&h->mutex);
        if (stop && ++rounds >= ERROR_ROUNDS)
            return false;
        if (stop) {
            struct timespec second = {1, 0};
            nanosleep(&second, NULL);
        }
        pause = fmin(pause * 2, RETRY_LAST);
    }
    return true;
}

static struct history_batch *take_batch(struct history *h)
{
    struct history_batch *batch = h->first;
    if (batch) {
        h->first = batch->next;
        h->last = h->first ? h->last : NULL;
        h->queued--;
        h->in_hand = rows_of(batch);
    }
    return batch;
}

static void recycle(struct history *h, struct history_batch *batch)
{
    history_batch_clear(batch);
    pthread_mutex_lock(&h->mutex);
    batch->next = h->spare;
    h->spare = batch;
    h->in_hand = 0;
    pthread_mutex_unlock(&h->mutex);
}

static void *run_writer(void *context)
{
    struct history *h = context;
    bool more = false, alive = true;
    while (alive) {
        pthread_mutex_lock(&h->mutex);
        if (!h->first && !h->stop && !more)
            wait_on_writer(h, IDLE);
        struct history_batch *batch = take_batch(h);
        alive = batch || !h->stop;
        pthread_mutex_unlock(&h->mutex);
        if (batch) {
            alive = insist_on_writer(h, batch);
            recycle(h, batch);
        }
        more = alive && work_on_writer(h, clock_now());
    }
    return NULL;
}

static struct history_batch *fresh_batch(struct history *h)
{
    pthread_mutex_lock(&h->mutex);
    struct history_batch *batch = h->spare;
    if (batch)
        h->spare = batch->next;
    pthread_mutex_unlock(&h->mutex);
    if (!batch)
        batch = mem_new(1, sizeof *batch);
    batch->next = NULL;
    return batch;
}

/* Into the queue; where that is full, into its last batch. True: the batch is taken. */
static bool enqueue(struct history *h, struct history_batch *batch)
{
    pthread_mutex_lock(&h->mutex);
    bool taken = h->queued < QUEUE_MAX;
    if (!taken) {
        h->stats.states_dropped += history_batch_join(h->last, batch, STATES_MAX);
    } else {
        if (h->last)
            h->last->next = batch;
        else
            h->first = batch;
        h->last = batch;
        h->queued++;
    }
    pthread_cond_signal(&h->wake);
    pthread_mutex_unlock(&h->mutex);
    return taken;
}

bool history_due(const struct history *history, double now)
{
    double waited = now - history->handed;
    size_t rows = rows_of(history->present);
    return rows >= BATCH_ROWS ||
           (!history->options.synchronous &&
            ((rows > 0 && waited >= history->options.commit) || waited >= SEQ_DUE));
}

/* Without a thread: until it is written, or it has failed (which stats tell). */
static void write_synchronously(struct history *h, double now)
{
    if (write_on_writer(h, h->present)) {
        history_batch_clear(h->present);
        while (work_on_writer(h, now))
            ;
    }
}

void history_hand_over(struct history *history, uint64_t seq, double now)
{
    history->handed = now;
    if (history_batch_is_empty(history->present) && seq == history->handed_seq)
        return;
    history->handed_seq = seq;
    history->present->seq = seq;
    if (history->options.synchronous) {
        write_synchronously(history, now);
        return;
    }
    if (enqueue(history, history->present))
        history->present = fresh_batch(history);
    else
        history_batch_clear(history->present);
}

static int64_t milliseconds(double time)
{
    return (int64_t)llround(fmin(fmax(time, EARLIEST), LATEST) * MS);
}

void history_reading(struct history *history, struct history_twin *twin, size_t index,
                     double time, double value, unsigned quality)
{
    history_batch_add_reading(history->present,
                              (struct history_row){.twin = twin,
                                                   .index = (uint16_t)index,
                                                   .t = milliseconds(time),
                                                   .value = value,
                                                   .quality = (uint8_t)quality});
}

static void put_state(struct history *history, struct history_twin *twin, size_t index,
                      double time, double value, double sd, uint8_t quality)
{
    history_batch_add_state(history->present, (struct history_row){.twin = twin,
                                                                   .index = (uint16_t)index,
                                                                   .t = milliseconds(time),
                                                                   .value = value,
                                                                   .sd = (float)sd,
                                                                   .quality = quality});
}

void history_state(struct history *history, struct history_twin *twin, size_t index,
                   double time, double value, double sd)
{
    put_state(history, twin, index, time, value, sd, QUALITY_GOOD);
}

void history_latest(struct history *history, struct history_twin *twin, size_t index,
                    double time, double value, double sd)
{
    put_state(history, twin, index, time, value, sd, HISTORY_LATEST);
}

void history_forecast(struct history *history, struct history_twin *twin, size_t index,
                      const struct history_forecast *forecast)
{
    struct history_forecast stored = *forecast;
    if (stored.n > HISTORY_FORECAST_STEPS)
        stored.n = HISTORY_FORECAST_STEPS;
    history_batch_add_forecast(history->present, twin, index, &stored);
}

void history_alert(struct history *history, const struct history_alert *alert)
{
    history_batch_add_alert(history->present, alert);
}

void history_command(struct history *history, double time, const char *twin,
                     const char *input, const char *value, const char *source,
                     const char *result)
{
    history_batch_add_command(history->present, time, twin, input, value, source, result);
}

void history_health(struct history *history, const struct history_health *health)
{
    history_batch_add_health(history->present, health);
}

void history_dead_letter(struct history *history, double time, const char *topic,
                         size_t topic_length, const char *payload, size_t payload_length)
{
    history_batch_add_letter(history->present, time, topic, topic_length, payload,
                             payload_length);
}

void history_block(struct history *history, uint64_t place, const void *block, size_t size)
{
    history_batch_add_block(history->present, place, block, size);
}

struct history_twin *history_twin(struct history *history, const char *id, const char *kind,
                                  double utc_offset, const struct history_name *names,
                                  size_t n)
{
    (void)kind;
    struct history_twin *twin = mem_new(1, sizeof *twin + n * sizeof *twin->numbers);
    twin->id = mem_text(id);
    twin->names = names;
    twin->n = n;
    twin->day_offset = (int64_t)llround(utc_offset * HOUR * MS);
    twin->next = history->twins;
    history->twins = twin;
    return twin;
}

uint64_t history_applied(const struct history *history)
{
    struct history *unlocked = (struct history *)history;
    pthread_mutex_lock(&unlocked->mutex);
    uint64_t applied = history->applied;
    pthread_mutex_unlock(&unlocked->mutex);
    return applied;
}

void history_stats(struct history *history, struct history_stats *stats)
{
    struct stat file;
    pthread_mutex_lock(&history->mutex);
    *stats = history->stats;
    stats->waiting_rows = rows_of(history->present) + history->in_hand;
    for (const struct history_batch *b = history->first; b; b = b->next)
        stats->waiting_rows += rows_of(b);
    pthread_mutex_unlock(&history->mutex);
    stats->bytes_written = stat(history->path, &file) == 0 ? (uint64_t)file.st_size : 0;
}

bool history_alerts_after(struct history *history, const char *twin, const char *rule,
                          uint32_t after,
                          void (*each)(void *context, const struct history_alert *alert),
                          void *context, struct err *e)
{
    struct history_db *db = &history->reader;
    if ((db->sqlite || history_db_open_reader(db, history->path)) &&
        history_events_read(db, twin, rule, after, each, context))
        return true;
    return err_set(e, "history %s: %s", history->path, db->error.text);
}

static void stop_writer(struct history *h)
{
    pthread_mutex_lock(&h->mutex);
    h->stop = true;
    pthread_cond_signal(&h->wake);
    pthread_mutex_unlock(&h->mutex);
    pthread_join(h->writer, NULL);
}

static void free_batches(struct history_batch *batch)
{
    while (batch) {
        struct history_batch *next = batch->next;
        history_batch_free(batch);
        batch = next;
    }
}

static void free_history(struct history *h)
{
    free_batches(h->first);
    free_batches(h->spare);
    history_batch_free(h->present);
    for (struct history_twin *twin = h->twins, *next; twin; twin = next) {
        next = twin->next;
        free(twin->id);
        free(twin);
    }
    history_house_free(h->house);
    history_db_close(&h->db);
    history_db_close(&h->reader);
    pthread_cond_destroy(&h->wake);
    pthread_mutex_destroy(&h->mutex);
    free(h->path);
    free(h);
}

void history_close(struct history *history)
{
    if (!history)
        return;
    if (!history->options.synchronous)
        stop_writer(history);
    if (history->db.sqlite &&
        !(history->options.synchronous ? history_house_finish(history->house, &history->db)
                                       : history_house_roll(history->house, &history->db)))
        note_failure(history);
    free_history(history);
}

static bool open_database(struct history *h, struct err *e)
{
    if (!history_db_open(&h->db, h->path, e))
        return false;
    h->applied = h->handed_seq = h->stats.committed_seq = h->db.applied;
    return history_house_resume(h->house, &h->db) ||
           err_set(e, "history %s: %s", h->path, h->db.error.text);
}

static bool start_writer(struct history *h, struct err *e)
{
    return pthread_create(&h->writer, NULL, run_writer, h) == 0 ||
           err_set(e, "history %s: no thread can be started", h->path);
}

struct history *history_open(const struct history_options *options, struct err *e)
{
    struct history *h = mem_new(1, sizeof *h);
    h->options = *options;
    h->path = mem_text(options->path);
    h->house = history_house_new(options);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&h->mutex, NULL);
    pthread_cond_init(&h->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    h->present = mem_new(1, sizeof *h->present);
    if (open_database(h, e) && (h->options.synchronous || start_writer(h, e)))
        return h;
    free_history(h);
    return NULL;
}
