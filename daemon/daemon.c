/* Wiring. Messages: Paho's thread puts them into the inbox and wakes the loop; the loop
 * takes them through the world (decode, route, engine), whose sink is the recorder
 * (history, keep) and the teller (MQTT); when the history has committed, the inbox lets
 * them go. */
#include "twind/daemon.h"

#include "twind/inbox.h"
#include "twind/log.h"
#include "twind/mem.h"
#include "twind/notify.h"
#include "twind/teller.h"
#include "twind/times.h"
#include "twind/world.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

enum {
    BUSY_PER_MS = 5, /* from so many messages on the loop looks by itself each ms */
    BUSY_WINDOW_MS = 5,
    TURN = 256,       /* messages taken before timers have their turn */
    TELL_MS = 50,     /* states go out this often at most */
    STATUS_MS = 5000, /* the daemon's own status */
    DELIVERED_ROOM = 1024,
};

enum { EXIT_RESOURCE = 3 };

struct daemon {
    const char *file;
    struct config config;
    struct world *world;
    struct recorder *recorder;
    struct teller *teller;
    struct history *history;
    struct keep *keep;
    struct inbox *inbox;
    struct mqtt *mqtt;
    struct world *former; /* during a reload: where states are taken over from */
    unsigned reloads;
    double armed;   /* what the engine's timer waits for; INFINITY: nothing */
    bool caught_up; /* the engine has seen all that the inbox holds */

    uv_loop_t loop;
    uv_async_t wake;
    uv_timer_t look_timer, engine_timer, commit_timer, tell_timer, status_timer,
        watchdog_timer;
    uv_signal_t terminate, interrupt, hangup;

    uint64_t taken, handed; /* last inbox sequences: through the engine, to the history */
    double started;         /* monotonic s */
    double behind;          /* s from receiving to taking the last message */
    uint64_t lately, lately_since; /* messages taken since then (loop's ms) */
    bool busy;
    /* written by other threads: */
    _Atomic uint64_t committed;
    atomic_bool came_up;
    atomic_bool asleep; /* waits to be woken by a message */
    pthread_mutex_t delivered_lock;
    uint64_t delivered[DELIVERED_ROOM];
    size_t n_delivered;
};

static double wall_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double monotonic(void)
{
    return (double)uv_hrtime() * 1e-9;
}

/* ---- hooks on other threads ---- */

/* The loop is woken only where it sleeps: under load it looks by itself, and a thousand
 * wake-ups and as many system calls a second are saved. */
static bool message_on_paho(void *context, const struct mqtt_message *m)
{
    struct daemon *daemon = context;
    bool stored = inbox_put_on_paho(daemon->inbox, &(struct inbox_message){
                                                       .received = wall_clock(),
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

static void committed_on_writer(void *context, uint64_t seq)
{
    struct daemon *daemon = context;
    atomic_store(&daemon->committed, seq);
    uv_async_send(&daemon->wake);
}

/* ---- the engine's sink and the world's hooks ---- */

static void on_reading(void *context, struct twin *twin, size_t sensor, double time,
                       double value, enum quality quality)
{
    struct daemon *daemon = context;
    recorder_reading(daemon->recorder, twin, sensor, time, value, quality);
}

static void on_state(void *context, struct twin *twin)
{
    struct daemon *daemon = context;
    recorder_state(daemon->recorder, twin);
    teller_changed(daemon->teller, twin);
}

static void on_alert(void *context, const struct engine_alert *alert)
{
    struct daemon *daemon = context;
    recorder_alert(daemon->recorder, alert);
    teller_alert(daemon->teller, alert);
    log_line(LOG_INFO, "alert %s: %s %s: %s", alert->id,
             alert_state_name((enum alert_state)alert->alert->state),
             severity_name((enum severity)alert->alert->severity), alert->message);
}

static void on_changed(void *context, struct twin *twin)
{
    struct daemon *daemon = context;
    recorder_changed(daemon->recorder, twin);
    teller_changed(daemon->teller, twin);
}

/* A reload takes a twin over from the former world, layout or not. */
static bool take_over(const struct daemon *daemon, struct twin *twin)
{
    struct twin *old =
        daemon->former ? engine_find(world_engine(daemon->former), twin->id) : NULL;
    if (!old)
        return false;
    char *layout = plan_layout(old->plan);
    bool taken =
        plan_adopt(twin->plan, twin->block, layout, old->block, old->plan->block_size);
    free(layout);
    return taken;
}

static void on_created(void *context, struct engine *engine, struct twin *twin)
{
    struct daemon *daemon = context;
    bool known = recorder_attach(daemon->recorder, engine, twin);
    known = take_over(daemon, twin) || known;
    if (known)
        recorder_changed(daemon->recorder, twin);
}

static void on_publish(void *context, const char *topic, const char *payload, bool retain)
{
    struct daemon *daemon = context;
    teller_publish(daemon->teller, topic, payload, retain);
}

static void on_commanded(void *context, double time, const char *twin, const char *input,
                         const char *value, const char *source, const char *result)
{
    struct daemon *daemon = context;
    history_command(daemon->history, time, twin, input, value, source, result);
}

/* ---- the loop ---- */

static void arm_engine_timer(struct daemon *daemon);

static void on_commit_timer(uv_timer_t *timer)
{
    struct daemon *daemon = timer->data;
    recorder_hand_over(daemon->recorder, daemon->taken, monotonic(), true);
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
        world_tick(daemon->world, wall_clock());
        arm_commit_timer(daemon);
    }
    arm_engine_timer(daemon);
}

/* While messages wait, time is what they say: the wall clock would make them late. */
static void arm_engine_timer(struct daemon *daemon)
{
    daemon->armed = engine_next(world_engine(daemon->world));
    double wait = daemon->armed - wall_clock();
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

/* Takes what the inbox holds, at most a turn's worth; how many. */
static unsigned take_turn(struct daemon *daemon)
{
    struct inbox_message m = {.received = 0};
    unsigned n = 0;
    while (n < TURN && inbox_next(daemon->inbox, &m)) {
        take(daemon, &m);
        inbox_done(daemon->inbox);
        n++;
    }
    daemon->behind = n == TURN ? wall_clock() - m.received : 0;
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
    unsigned taken = take_turn(daemon);
    if (taken < TURN && !is_busy(daemon, taken)) {
        atomic_store(&daemon->asleep, true);
        taken = take_turn(daemon); /* what came before it could wake us */
    }
    if (taken == TURN) /* through the poll: a timer of 0 ms would let nobody else in */
        uv_async_send(&daemon->wake);
    else if (!atomic_load(&daemon->asleep))
        uv_timer_start(&daemon->look_timer, on_look_timer, 1, 0);
    if (engine_next(world_engine(daemon->world)) < daemon->armed) /* a new twin, a delay */
        arm_engine_timer(daemon);
    recorder_hand_over(daemon->recorder, daemon->taken, monotonic(), false);
    if (daemon->taken != daemon->handed)
        arm_commit_timer(daemon);
}

static void tell_status(struct daemon *daemon);

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
        tell_status(daemon);
    }
    take_messages(daemon);
}

static void on_tell_timer(uv_timer_t *timer)
{
    struct daemon *daemon = timer->data;
    teller_tick(daemon->teller, monotonic(),
                daemon->config.event_clock ? world_now(daemon->world) : wall_clock());
}

/* ---- how the daemon is ---- */

static void tell_status(struct daemon *daemon)
{
    struct history_stats history;
    history_stats(daemon->history, &history);
    struct inbox_stats inbox = inbox_stats(daemon->inbox);
    struct mqtt_stats mqtt = mqtt_stats(daemon->mqtt);
    const struct world_stats *w = world_stats(daemon->world);
    const struct engine_stats *e = engine_stats(world_engine(daemon->world));
    char time[TIME_TEXT], topic[512];
    struct text text = {0};
    text_put(&text,
             "{\"time\":\"%s\",\"version\":\"" TWIND_VERSION "\",\"health\":\"%s\","
             "\"uptime_s\":%.0f,\"twins\":%zu,\"messages\":%llu,\"rejected\":%llu,",
             times_format(wall_clock(), time),
             history.failing || inbox.blocked ? "degraded" : "ok",
             monotonic() - daemon->started, engine_count(world_engine(daemon->world)),
             (unsigned long long)w->messages,
             (unsigned long long)(w->unrouted + w->bad_value + w->bad_unit + w->fleet_full +
                                  w->bad_command + inbox.too_large));
    text_put(
        &text,
        "\"refused\":{\"unrouted\":%llu,\"no_value\":%llu,\"bad_value\":%llu,"
        "\"bad_unit\":%llu,\"fleet_full\":%llu,\"bad_command\":%llu,\"too_large\":%llu},",
        (unsigned long long)w->unrouted, (unsigned long long)w->no_value,
        (unsigned long long)w->bad_value, (unsigned long long)w->bad_unit,
        (unsigned long long)w->fleet_full, (unsigned long long)w->bad_command,
        (unsigned long long)inbox.too_large);
    text_put(&text,
             "\"readings\":{\"used\":%llu,\"duplicate\":%llu,\"late\":%llu,"
             "\"out_of_range\":%llu,\"rejected\":%llu,\"stale\":%llu,\"stuck\":%llu},",
             (unsigned long long)e->used, (unsigned long long)e->duplicate,
             (unsigned long long)e->late, (unsigned long long)e->out_of_range,
             (unsigned long long)e->rejected, (unsigned long long)e->stale,
             (unsigned long long)e->stuck);
    text_put(
        &text,
        "\"inbox_depth\":%llu,\"inbox_full\":%s,\"redelivered\":%llu,\"committed\":%llu,"
        "\"rows\":%llu,\"lag_s\":%.3f,\"dropped\":%llu,\"error\":",
        (unsigned long long)inbox.depth, inbox.blocked ? "true" : "false",
        (unsigned long long)inbox.redelivered, (unsigned long long)history.committed_seq,
        (unsigned long long)history.rows, daemon->behind, (unsigned long long)mqtt.dropped);
    text_quoted(&text, history.error);
    text_put(&text, "}");
    snprintf(topic, sizeof topic, "%s/daemon", daemon->config.topic_prefix);
    mqtt_publish(daemon->mqtt, topic, text.at, text.used,
                 MQTT_RETAIN | MQTT_NEWEST | MQTT_QOS1, 0);
    text_free(&text);
}

static void on_status_timer(uv_timer_t *timer)
{
    tell_status(timer->data);
}

static void on_watchdog_timer(uv_timer_t *timer)
{
    (void)timer;
    notify_send("WATCHDOG=1");
}

/* ---- making and ending ---- */

static void report_to_log(void *context, bool warning, const char *text)
{
    (void)context;
    log_line(warning ? LOG_WARNING : LOG_ERROR, "%s", text);
}

static const struct config_report to_log = {.say = report_to_log};

static void state_path(const struct daemon *daemon, const char *name, char *to, size_t size)
{
    snprintf(to, size, "%s/%s", daemon->config.state_dir, name);
}

static bool make_state_dir(const char *path, struct err *e)
{
    if (mkdir(path, 0750) == 0 || errno == EEXIST)
        return true;
    return err_set(e, "state_dir %s can't be made: %s", path, strerror(errno));
}

/* Order matters: the inbox's lock comes first, so that no second daemon touches the rest;
 * but where the history stands must be known to open it. The history takes no lock of its
 * own that a second daemon could break. */
static bool open_state(struct daemon *daemon, struct err *e)
{
    char path[4096];
    if (!make_state_dir(daemon->config.state_dir, e))
        return false;
    state_path(daemon, "twins.keep", path, sizeof path);
    if (!(daemon->keep = keep_open(path, e)))
        return false;
    const struct history_options options = {
        .path = daemon->config.history.file,
        .commit = daemon->config.history.commit,
        .raw = daemon->config.history.raw,
        .minutes = daemon->config.history.minutes,
        .hours = daemon->config.history.hours,
        .recording = daemon->config.event_clock,
        .keep = daemon->keep,
        .committed_on_writer = committed_on_writer,
        .context = daemon,
    };
    if (!(daemon->history = history_open(&options, e)))
        return false;
    daemon->taken = daemon->handed = history_applied(daemon->history);
    atomic_store(&daemon->committed, daemon->taken);
    state_path(daemon, "inbox", path, sizeof path);
    daemon->inbox = inbox_open(path, (size_t)daemon->config.inbox_bytes, daemon->taken, e);
    return daemon->inbox != NULL;
}

/* Twins of fleets that were there before the restart. */
static bool revive(void *context, const char *id)
{
    struct daemon *daemon = context;
    struct engine *engine = world_engine(daemon->world);
    return engine_find(engine, id) || world_revive(daemon->world, id);
}

static void make_world(struct daemon *daemon)
{
    const struct engine_sink sink = {daemon, on_reading, on_state, on_alert, on_changed};
    const struct world_hooks hooks = {daemon, on_created, on_publish, on_commanded};
    daemon->recorder = recorder_new(daemon->history, daemon->keep, daemon->recorder);
    daemon->world = world_new(&daemon->config, &sink, &hooks);
}

static bool make_link(struct daemon *daemon, struct err *e)
{
    const struct config *c = &daemon->config;
    const struct mqtt_options options = {
        .url = c->broker.url,
        .client_id = c->broker.client_id,
        .version5 = c->broker.version5,
        .username = c->broker.username,
        .password = c->broker.password,
        .ca_file = c->broker.ca_file,
        .cert_file = c->broker.cert_file,
        .key_file = c->broker.key_file,
        .keepalive = c->broker.keepalive,
        .session_expiry = c->broker.session_expiry,
        .prefix = c->topic_prefix,
    };
    const struct mqtt_hooks hooks = {
        .context = daemon,
        .message_on_paho = message_on_paho,
        .up_on_publisher = up_on_publisher,
        .down_on_publisher = down_on_publisher,
        .delivered_on_paho = delivered_on_paho,
        .session_on_paho = session_on_paho,
    };
    daemon->mqtt = mqtt_start(&options, &hooks, e);
    return daemon->mqtt != NULL;
}

static void make_teller(struct daemon *daemon)
{
    const struct teller_options options = {daemon->config.topic_prefix,
                                           daemon->config.publish.interval,
                                           daemon->config.publish.rate, daemon->reloads};
    daemon->teller =
        teller_new(&options, world_engine(daemon->world), daemon->recorder, daemon->mqtt);
}

static void subscribe(struct daemon *daemon)
{
    size_t n;
    const char *const *filters = world_filters(daemon->world, &n);
    mqtt_subscribe(daemon->mqtt, filters, n);
}

static bool same_link(const struct config *a, const struct config *b)
{
    struct text texts[2] = {{0}, {0}};
    const struct config *const both[2] = {a, b};
    for (int i = 0; i < 2; i++)
        text_put(&texts[i], "%s %s %d %s %s %s %s %s %g %g %s", both[i]->broker.url,
                 both[i]->broker.client_id, both[i]->broker.version5,
                 both[i]->broker.username ? both[i]->broker.username : "",
                 both[i]->broker.password ? both[i]->broker.password : "",
                 both[i]->broker.ca_file ? both[i]->broker.ca_file : "",
                 both[i]->broker.cert_file ? both[i]->broker.cert_file : "",
                 both[i]->broker.key_file ? both[i]->broker.key_file : "",
                 both[i]->broker.keepalive, both[i]->broker.session_expiry,
                 both[i]->topic_prefix);
    bool same = strcmp(texts[0].at, texts[1].at) == 0;
    text_free(&texts[0]);
    text_free(&texts[1]);
    return same;
}

static void revive_former(struct daemon *daemon)
{
    struct engine *former = world_engine(daemon->former);
    for (size_t i = 0; i < engine_count(former); i++)
        revive(daemon, engine_twin(former, i)->id);
}

static void warn_of_restart(const struct config *old, const struct config *new)
{
    if (strcmp(old->history.file, new->history.file) != 0 ||
        strcmp(old->state_dir, new->state_dir) != 0 || old->inbox_bytes != new->inbox_bytes)
        log_line(LOG_WARNING, "reload: state_dir, history/file and inbox/size change only "
                              "with a restart");
}

static void replace_config(struct daemon *daemon, struct config *new)
{
    struct config old = daemon->config;
    struct err e;
    daemon->reloads++;
    recorder_hand_over(daemon->recorder, daemon->taken, monotonic(), true);
    daemon->handed = daemon->taken;
    daemon->former = daemon->world;
    daemon->config = *new;
    teller_free(daemon->teller);
    if (!same_link(&old, new)) {
        mqtt_stop(daemon->mqtt);
        if (!make_link(daemon, &e)) {
            log_line(LOG_ERROR, "reload: %s", e.text);
            _exit(EXIT_RESOURCE);
        }
    }
    make_world(daemon);
    revive_former(daemon);
    make_teller(daemon);
    teller_retract(daemon->teller, world_engine(daemon->former));
    subscribe(daemon);
    recorder_leave_former(daemon->recorder);
    world_free(daemon->former);
    daemon->former = NULL;
    config_clear(&old);
}

static void reload(struct daemon *daemon)
{
    struct config new;
    notify_send("RELOADING=1");
    if (config_load(daemon->file, getenv, &to_log, &new)) {
        warn_of_restart(&daemon->config, &new);
        replace_config(daemon, &new);
        teller_connected(daemon->teller);
        arm_engine_timer(daemon);
        log_line(LOG_NOTICE, "reload: done, %zu twins",
                 engine_count(world_engine(daemon->world)));
    } else {
        log_line(LOG_ERROR, "reload: %s has errors, the old configuration stays in force",
                 daemon->file);
    }
    notify_send("READY=1");
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct daemon *daemon = handle->data;
    if (number == SIGHUP) {
        reload(daemon);
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

static void start_loop(struct daemon *daemon)
{
    uv_loop_init(&daemon->loop);
    uv_async_init(&daemon->loop, &daemon->wake, on_wake);
    daemon->wake.data = daemon;
    start_signal(daemon, &daemon->terminate, SIGTERM);
    start_signal(daemon, &daemon->interrupt, SIGINT);
    start_signal(daemon, &daemon->hangup, SIGHUP);
    start_timer(daemon, &daemon->look_timer, NULL, 0);
    start_timer(daemon, &daemon->engine_timer, NULL, 0);
    start_timer(daemon, &daemon->commit_timer, NULL, 0);
    start_timer(daemon, &daemon->tell_timer, on_tell_timer, TELL_MS);
    start_timer(daemon, &daemon->status_timer, on_status_timer, STATUS_MS);
    start_timer(daemon, &daemon->watchdog_timer, on_watchdog_timer,
                (uint64_t)(notify_watchdog() * 1000));
}

/* Everything that was taken is committed; the process goes without unwinding Paho's
 * threads, which have been seen to hang. */
static void stop(struct daemon *daemon)
{
    notify_send("STOPPING=1");
    inbox_stop(daemon->inbox);
    mqtt_stop(daemon->mqtt);
    while (take_turn(daemon) > 0)
        ;
    recorder_hand_over(daemon->recorder, daemon->taken, monotonic(), true);
    history_close(daemon->history);
    inbox_release(daemon->inbox, atomic_load(&daemon->committed));
    inbox_close(daemon->inbox);
    keep_close(daemon->keep);
    log_line(LOG_NOTICE, "stopped");
    _exit(0);
}

static bool start(struct daemon *daemon, struct err *e)
{
    if (!open_state(daemon, e))
        return false;
    start_loop(daemon);
    make_world(daemon);
    keep_each(daemon->keep, daemon, revive);
    if (!make_link(daemon, e))
        return false;
    make_teller(daemon);
    teller_catch_up(daemon->teller, daemon->history);
    subscribe(daemon);
    return true;
}

int daemon_run(const char *file, struct config *config)
{
    struct daemon *daemon = mem_new(1, sizeof *daemon);
    struct err e;
    daemon->file = file;
    daemon->config = *config;
    daemon->started = monotonic();
    pthread_mutex_init(&daemon->delivered_lock, NULL);
    if (!start(daemon, &e)) {
        log_line(LOG_ERROR, "%s", e.text);
        return EXIT_RESOURCE;
    }
    log_line(LOG_NOTICE, "twind " TWIND_VERSION ": %zu twins, broker %s, state in %s",
             engine_count(world_engine(daemon->world)), config->broker.url,
             config->state_dir);
    uv_async_send(&daemon->wake); /* what the inbox still holds from before */
    arm_engine_timer(daemon);
    notify_send("READY=1");
    uv_run(&daemon->loop, UV_RUN_DEFAULT);
    stop(daemon);
    return 0;
}
