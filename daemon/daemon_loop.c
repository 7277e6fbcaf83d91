/* The loop: messages are taken a turn at a time, timers in between; other threads only
 * leave something and wake it. */
#include "daemon_parts.h"

#include "twind/log.h"
#include "twind/notify.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    BUSY_PER_MS = 5, /* from so many messages on the loop looks by itself each ms */
    BUSY_WINDOW_MS = 5,
    TURN = 256,       /* messages taken before timers have their turn */
    TELL_MS = 50,     /* states go out this often at most */
    STATUS_MS = 5000, /* the daemon's own status */
};

double loop_wall_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double loop_monotonic(void)
{
    return (double)uv_hrtime() * 1e-9;
}

/* ---- hooks on other threads ---- */

/* The loop is woken only where it sleeps: under load it looks by itself, and a thousand
 * wake-ups and as many system calls a second are saved. */
static bool message_on_paho(void *context, const struct mqtt_message *m)
{
    struct daemon *daemon = context;
    if (ask_on_paho(daemon, m))
        return true;
    bool stored = inbox_put_on_paho(daemon->inbox, &(struct inbox_message){
                                                       .received = loop_wall_clock(),
                                                       .topic = m->topic,
                                                       .topic_length = m->topic_length,
                                                       .payload = m->payload,
                                                       .payload_length = m->payload_length,
                                                       .packet_id = m->packet_id,
                                                       .dup = m->dup,
                                                       .retained = m->retained,
                                                   });
    if (atomic_load(&daemon->asleep) && atomic_exchange(&daemon->asleep, false))
        uv_async_send(&daemon->wake);
    return stored;
}

static void session_on_paho(void *context, bool session)
{
    struct daemon *daemon = context;
    if (!session)
        inbox_new_session(daemon->inbox);
}

static void up_on_publisher(void *context, bool session)
{
    struct daemon *daemon = context;
    (void)session;
    atomic_store(&daemon->came_up, true);
    uv_async_send(&daemon->wake);
}

static void down_on_publisher(void *context, const char *reason)
{
    (void)context;
    if (reason && *reason) /* else we ended it ourselves */
        log_line(LOG_WARNING, "broker: %s; the models go on", reason);
}

/* Where the list is full a transition stays untold in the books: it is told twice after a
 * crash, never not at all. */
static void delivered_on_paho(void *context, uint64_t tag)
{
    struct daemon *daemon = context;
    pthread_mutex_lock(&daemon->delivered_lock);
    if (daemon->n_delivered < DELIVERED_ROOM)
        daemon->delivered[daemon->n_delivered++] = tag;
    pthread_mutex_unlock(&daemon->delivered_lock);
    uv_async_send(&daemon->wake);
}

void loop_committed_on_writer(void *context, uint64_t seq)
{
    struct daemon *daemon = context;
    atomic_store(&daemon->committed, seq);
    uv_async_send(&daemon->wake);
}

struct mqtt_hooks loop_link_hooks(struct daemon *daemon)
{
    return (struct mqtt_hooks){
        .context = daemon,
        .message_on_paho = message_on_paho,
        .up_on_publisher = up_on_publisher,
        .down_on_publisher = down_on_publisher,
        .delivered_on_paho = delivered_on_paho,
        .session_on_paho = session_on_paho,
    };
}

/* ---- the loop ---- */

static void on_commit_timer(uv_timer_t *timer)
{
    struct daemon *daemon = timer->data;
    recorder_hand_over(daemon->recorder, daemon->taken, loop_monotonic(), true);
    daemon->handed = daemon->taken;
}

/* One batch waits at most `commit` from its first row. */
static void arm_commit_timer(struct daemon *daemon)
{
    if (!uv_is_active((uv_handle_t *)&daemon->commit_timer))
        uv_timer_start(&daemon->commit_timer, on_commit_timer,
                       (uint64_t)(daemon->config.history.commit * 1000), 0);
}

static void on_engine_timer(uv_timer_t *timer)
{
    struct daemon *daemon = timer->data;
    if (daemon->caught_up) {
        world_tick(daemon->world, loop_wall_clock());
        arm_commit_timer(daemon);
    }
    loop_arm_engine_timer(daemon);
}

/* While messages wait, time is what they say: the wall clock would make them late. */
void loop_arm_engine_timer(struct daemon *daemon)
{
    daemon->armed = engine_next(world_engine(daemon->world));
    double wait = daemon->armed - loop_wall_clock();
    if (daemon->config.event_clock || !(wait < 3600))
        wait = 3600;
    uv_timer_start(&daemon->engine_timer, on_engine_timer,
                   wait > 0.001 ? (uint64_t)ceil(wait * 1000) : 1, 0); /* 0 never yields */
}

static void take(struct daemon *daemon, const struct inbox_message *m)
{
    if (m->poisoned) {
        log_line(LOG_ERROR, "a message on %.*s killed the daemon three times: set aside",
                 (int)m->topic_length, m->topic);
        history_dead_letter(daemon->history, m->received, m->topic, m->topic_length,
                            m->payload, m->payload_length);
    } else {
        world_take(daemon->world, &(struct world_message){
                                      .topic = m->topic,
                                      .topic_length = m->topic_length,
                                      .payload = m->payload,
                                      .payload_length = m->payload_length,
                                      .received = m->received,
                                      .retained = m->retained,
                                  });
    }
    daemon->taken = m->seq;
}

unsigned loop_take_turn(struct daemon *daemon)
{
    struct inbox_message m = {.received = 0};
    unsigned n = 0;
    while (n < TURN && inbox_next(daemon->inbox, &m)) {
        take(daemon, &m);
        inbox_done(daemon->inbox);
        n++;
    }
    daemon->behind = n == TURN ? loop_wall_clock() - m.received : 0;
    daemon->caught_up = n < TURN;
    return n;
}

static bool is_busy(struct daemon *daemon, unsigned taken)
{
    uint64_t now = uv_now(&daemon->loop), passed = now - daemon->lately_since;
    daemon->lately += taken;
    if (passed >= BUSY_WINDOW_MS) {
        daemon->busy = daemon->lately >= passed * BUSY_PER_MS;
        daemon->lately = 0;
        daemon->lately_since = now;
    }
    return daemon->busy;
}

static void take_messages(struct daemon *daemon);

static void on_look_timer(uv_timer_t *timer)
{
    take_messages(timer->data);
}

/* One turn; then the timers, and again: at once where more waits, in a millisecond where
 * much has come lately, else when a message wakes us. */
static void take_messages(struct daemon *daemon)
{
    unsigned taken = loop_take_turn(daemon);
    if (taken < TURN && !is_busy(daemon, taken)) {
        atomic_store(&daemon->asleep, true);
        taken = loop_take_turn(daemon); /* what came before it could wake us */
    }
    if (taken == TURN) /* through the poll: a timer of 0 ms would let nobody else in */
        uv_async_send(&daemon->wake);
    else if (!atomic_load(&daemon->asleep))
        uv_timer_start(&daemon->look_timer, on_look_timer, 1, 0);
    if (engine_next(world_engine(daemon->world)) < daemon->armed) /* a new twin, a delay */
        loop_arm_engine_timer(daemon);
    recorder_hand_over(daemon->recorder, daemon->taken, loop_monotonic(), false);
    if (daemon->taken != daemon->handed)
        arm_commit_timer(daemon);
}

static void note_delivered(struct daemon *daemon)
{
    uint64_t tags[DELIVERED_ROOM];
    pthread_mutex_lock(&daemon->delivered_lock);
    size_t n = daemon->n_delivered;
    memcpy(tags, daemon->delivered, n * sizeof *tags);
    daemon->n_delivered = 0;
    pthread_mutex_unlock(&daemon->delivered_lock);
    for (size_t i = 0; i < n; i++)
        teller_delivered(daemon->teller, tags[i]);
}

static void on_wake(uv_async_t *wake)
{
    struct daemon *daemon = wake->data;
    inbox_release(daemon->inbox, atomic_load(&daemon->committed));
    note_delivered(daemon);
    if (atomic_exchange(&daemon->came_up, false)) {
        log_line(LOG_INFO, "broker: connected to %s", daemon->config.broker.url);
        teller_connected(daemon->teller);
        status_tell(daemon);
    }
    take_messages(daemon);
    ask_turn(daemon);
}

/* A full inbox makes Paho's callback wait, and with it all that is to be published. That is
 * right under load, for a moment; while the history fails it would silence us. */
static void tend_inbox(struct daemon *daemon)
{
    struct inbox_stats inbox = inbox_stats(daemon->inbox);
    struct history_stats history = {.failing = false};
    bool full = inbox.used_bytes > inbox.capacity_bytes / 2;
    if (!full && !daemon->paused)
        return;
    history_stats(daemon->history, &history);
    bool pause = history.failing && (full || daemon->paused);
    mqtt_pause(daemon->mqtt, pause);
    daemon->paused = pause;
}

static void on_tell_timer(uv_timer_t *timer)
{
    struct daemon *daemon = timer->data;
    tend_inbox(daemon);
    arm_commit_timer(daemon); /* for what is told is written, too */
    teller_tick(daemon->teller, loop_monotonic(),
                daemon->config.event_clock ? world_now(daemon->world) : loop_wall_clock());
}

static void on_status_timer(uv_timer_t *timer)
{
    status_tell(timer->data);
}

static void on_watchdog_timer(uv_timer_t *timer)
{
    (void)timer;
    notify_send("WATCHDOG=1");
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct daemon *daemon = handle->data;
    if (number == SIGHUP) {
        daemon_reload(daemon);
        return;
    }
    log_line(LOG_NOTICE, "stopping");
    uv_stop(&daemon->loop);
}

static void start_timer(struct daemon *daemon, uv_timer_t *timer, uv_timer_cb callback,
                        uint64_t every_ms)
{
    uv_timer_init(&daemon->loop, timer);
    timer->data = daemon;
    if (every_ms > 0)
        uv_timer_start(timer, callback, every_ms, every_ms);
}

static void start_signal(struct daemon *daemon, uv_signal_t *handle, int number)
{
    uv_signal_init(&daemon->loop, handle);
    handle->data = daemon;
    uv_signal_start(handle, on_signal, number);
}

void loop_start(struct daemon *daemon)
{
    uv_loop_init(&daemon->loop);
    uv_async_init(&daemon->loop, &daemon->wake, on_wake);
    daemon->wake.data = daemon;
    start_signal(daemon, &daemon->terminate, SIGTERM);
    start_signal(daemon, &daemon->interrupt, SIGINT);
    start_signal(daemon, &daemon->hangup, SIGHUP);
    ask_start(daemon);
    start_timer(daemon, &daemon->look_timer, NULL, 0);
    start_timer(daemon, &daemon->engine_timer, NULL, 0);
    start_timer(daemon, &daemon->commit_timer, NULL, 0);
    start_timer(daemon, &daemon->tell_timer, on_tell_timer, TELL_MS);
    start_timer(daemon, &daemon->status_timer, on_status_timer, STATUS_MS);
    start_timer(daemon, &daemon->watchdog_timer, on_watchdog_timer,
                (uint64_t)(notify_watchdog() * 1000));
}
