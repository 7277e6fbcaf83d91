/* Inside of the daemon: what its files share. Wiring only. */
#ifndef TWIND_DAEMON_PARTS_H
#define TWIND_DAEMON_PARTS_H

#include "twind/asks.h"
#include "twind/inbox.h"
#include "twind/teller.h"
#include "twind/world.h"

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

enum { DELIVERED_ROOM = 1024 };

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
    struct world *former; /* during a reload */
    struct chores *chores;
    unsigned reloads;
    double armed;   /* what the engine's timer waits for; INFINITY: nothing */
    bool caught_up; /* the engine has seen all that the inbox holds */

    uv_loop_t loop;
    uv_async_t wake;
    uv_timer_t look_timer, engine_timer, commit_timer, tell_timer, status_timer,
        watchdog_timer;
    uv_timer_t ask_timer, apply_timer;
    uv_signal_t terminate, interrupt, hangup;

    uint64_t taken, handed; /* last inbox sequences: through the engine, to the history */
    double started;         /* monotonic s */
    double behind;          /* s from receiving to taking the last message */
    uint64_t lately, lately_since; /* messages taken since then (loop's ms) */
    bool busy;
    bool paused; /* the history fails and the inbox fills: the broker keeps what comes */
    struct asks *asks;
    struct ask *asked; /* what is being searched for; NULL: nothing, as is the advice */
    struct advice *advice;
    unsigned turns_waited;   /* by the questions, for messages before them */
    struct applied *applied; /* schedules that are carried out */
    /* written by other threads: */
    _Atomic uint64_t committed;
    atomic_bool came_up;
    atomic_bool asleep; /* waits to be woken by a message */
    pthread_mutex_t delivered_lock;
    uint64_t delivered[DELIVERED_ROOM];
    size_t n_delivered;
};

/* daemon_loop.c: the loop, its timers and signals, and what other threads hand to it. */
double loop_wall_clock(void);
double loop_monotonic(void);
void loop_start(struct daemon *daemon);
struct mqtt_hooks loop_link_hooks(struct daemon *daemon);
void loop_committed_on_writer(void *context, uint64_t seq);
void loop_arm_engine_timer(struct daemon *daemon);
/* Takes what the inbox holds, at most a turn's worth; how many. */
unsigned loop_take_turn(struct daemon *daemon);

/* daemon_ask.c: what-ifs and advice. */
void ask_start(struct daemon *daemon);
void ask_turn(struct daemon *daemon);
/* True: it was a question. */
bool ask_on_paho(struct daemon *daemon, const struct mqtt_message *message);

/* daemon_apply.c: advice that is carried out; false: the twin's configuration does not say
 * so. */
void apply_start(struct daemon *daemon);
bool apply_advice(struct daemon *daemon, const struct advice *advice);

/* daemon_status.c: PREFIX/daemon. */
void status_tell(struct daemon *daemon);

/* daemon_chores.c: calibrating on a schedule, commissioning after a twin's first days. */
void chores_start(struct daemon *daemon);
void chores_reloaded(struct daemon *daemon);
void chores_stop(struct daemon *daemon);
void chores_put(struct text *to, const struct daemon *daemon); /* for the status */

/* daemon.c: SIGHUP. */
void daemon_reload(struct daemon *daemon);

#endif
