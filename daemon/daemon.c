/* Wiring. Messages: Paho's thread puts them into the inbox and wakes the loop; the loop
 * takes them through the world (decode, route, engine), whose sink is the recorder
 * (history, keep) and the teller (MQTT); when the history has committed, the inbox lets
 * them go. */
#include "twind/daemon.h"

#include "daemon_parts.h"

#include "twind/log.h"
#include "twind/mem.h"
#include "twind/notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    EXIT_RESOURCE = 3,
    PATIENCE = 256, /* deadlines of twins in one go: half a second at worst */
};

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

static void on_forecast(void *context, struct twin *twin, const struct forecast *forecast)
{
    struct daemon *daemon = context;
    recorder_forecast(daemon->recorder, twin, forecast);
    teller_forecast(daemon->teller, twin, forecast);
}

static void on_health(void *context, struct twin *twin, double time)
{
    struct daemon *daemon = context;
    recorder_health(daemon->recorder, twin, time);
    teller_health(daemon->teller, twin, time);
}

static void on_alert(void *context, const struct engine_alert *alert)
{
    struct daemon *daemon = context;
    teller_alert(daemon->teller, alert);
    recorder_alert(daemon->recorder, alert);
    log_line(LOG_INFO, "alert %s: %s %s: %s", alert->id,
             alert_state_name((enum alert_state)alert->alert->state),
             severity_name((enum severity)alert->alert->severity), alert->message);
}

static void on_flood(void *context, const struct flood_summary *flood)
{
    struct daemon *daemon = context;
    teller_flood(daemon->teller, flood);
    log_line(LOG_WARNING, "flood of alerts%s: %s", flood->on ? "" : " is over",
             flood->message);
}

static void on_changed(void *context, struct twin *twin)
{
    struct daemon *daemon = context;
    recorder_changed(daemon->recorder, twin);
    teller_changed(daemon->teller, twin);
}

static void on_created(void *context, struct engine *engine, struct twin *twin)
{
    struct daemon *daemon = context;
    if (recorder_attach(daemon->recorder, engine, twin))
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
    umask(S_IWGRP | S_IRWXO); /* SQLite's files too are for owner and group alone */
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
        .committed_on_writer = loop_committed_on_writer,
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
    const struct engine_sink sink = {.context = daemon,
                                     .reading = on_reading,
                                     .state = on_state,
                                     .alert = on_alert,
                                     .flood = on_flood,
                                     .changed = on_changed,
                                     .forecast = on_forecast,
                                     .health = on_health};
    const struct world_hooks hooks = {daemon, on_created, on_publish, on_commanded};
    daemon->recorder = recorder_new(daemon->history, daemon->keep, daemon->recorder);
    daemon->world = world_new(&daemon->config, &sink, &hooks);
    engine_set_patience(world_engine(daemon->world), PATIENCE);
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
    const struct mqtt_hooks hooks = loop_link_hooks(daemon);
    asks_set_prefix(daemon->asks, c->topic_prefix);
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
    recorder_hand_over(daemon->recorder, daemon->taken, loop_monotonic(), true);
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
    chores_reloaded(daemon);
    config_clear(&old);
}

void daemon_reload(struct daemon *daemon)
{
    struct config new;
    notify_send("RELOADING=1");
    if (config_load(daemon->file, getenv, &to_log, &new)) {
        warn_of_restart(&daemon->config, &new);
        replace_config(daemon, &new);
        teller_connected(daemon->teller);
        loop_arm_engine_timer(daemon);
        log_line(LOG_NOTICE, "reload: done, %zu twins",
                 engine_count(world_engine(daemon->world)));
    } else {
        log_line(LOG_ERROR, "reload: %s has errors, the old configuration stays in force",
                 daemon->file);
    }
    notify_send("READY=1");
}

/* Everything that was taken is committed; the process goes without unwinding Paho's
 * threads, which have been seen to hang. */
static void stop(struct daemon *daemon)
{
    notify_send("STOPPING=1");
    chores_stop(daemon);
    inbox_stop(daemon->inbox);
    mqtt_stop(daemon->mqtt);
    while (loop_take_turn(daemon) > 0)
        ;
    recorder_hand_over(daemon->recorder, daemon->taken, loop_monotonic(), true);
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
    loop_start(daemon);
    make_world(daemon);
    keep_each(daemon->keep, daemon, revive);
    if (!make_link(daemon, e))
        return false;
    make_teller(daemon);
    teller_catch_up(daemon->teller, daemon->history);
    subscribe(daemon);
    chores_start(daemon);
    return true;
}

int daemon_run(const char *file, struct config *config)
{
    struct daemon *daemon = mem_new(1, sizeof *daemon);
    struct err e;
    daemon->file = file;
    daemon->config = *config;
    daemon->started = loop_monotonic();
    pthread_mutex_init(&daemon->delivered_lock, NULL);
    if (!start(daemon, &e)) {
        log_line(LOG_ERROR, "%s", e.text);
        _exit(EXIT_RESOURCE); /* as in stop(): what was opened holds nothing yet */
    }
    log_line(LOG_NOTICE, "twind " TWIND_VERSION ": %zu twins, broker %s, state in %s",
             engine_count(world_engine(daemon->world)), config->broker.url,
             config->state_dir);
    uv_async_send(&daemon->wake); /* what the inbox still holds from before */
    loop_arm_engine_timer(daemon);
    notify_send("READY=1");
    uv_run(&daemon->loop, UV_RUN_DEFAULT);
    stop(daemon);
    return 0;
}
