/* Chores: what twinctl works out beside the loop, for one twin at a time, when it is due by
 * the last attempt, which is in a file: a restart neither repeats nor forgets it. Of what
 * is due the first kind of chore goes first. */
#include "daemon_chores.h"

#include "twind/child.h"
#include "twind/log.h"
#include "twind/mem.h"
#include "twind/times.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_MS = 2000,
    LOOK_MS = 10000,
    FILES_MOST = 200, /* attempts read in one look */
    ARGUMENTS = 10 + CHORE_WORDS,
};

static const struct chore_type *const types[] = {&chore_calibration, &chore_commissioning};

enum { CHORES = sizeof types / sizeof *types };

struct chores {
    struct daemon *daemon;
    struct child *child;
    uv_timer_t timer;
    struct chore *running;
    struct chore {
        struct chores *of;
        const struct chore_type *type;
        double *due; /* by the twin's index in the engine; 0: not looked up yet */
        size_t room;
        char *twin; /* it is or was last done for; NULL: none yet */
        struct attempt attempt;
    } all[CHORES];
};

/* Of the attempt's file: an id has no dot. */
static char *name_of(const struct chore_type *type, const char *twin)
{
    struct text text = {0};
    text_put(&text, "%s%s", twin, type->suffix);
    return text.at;
}

/* ---- when ---- */

static double due_of(struct chore *chore, const struct twin *twin, double now)
{
    struct daemon *daemon = chore->of->daemon;
    char *name = name_of(chore->type, twin->id);
    struct attempt last;
    bool tried = attempt_read(daemon->config.state_dir, name, &last);
    free(name);
    if (tried && last.time > now) /* the clock was set back */
        last.time = now;
    return chore->type->due(daemon, twin, tried ? &last : NULL, now);
}

/* The twin that is due for the longest time; NULL: none. */
static const struct twin *find_due(struct chore *chore, double now)
{
    struct daemon *daemon = chore->of->daemon;
    struct engine *engine = world_engine(daemon->world);
    const struct twin *first = NULL;
    size_t n = engine_count(engine), files = 0;
    chore->due = mem_grow(chore->due, &chore->room, n, sizeof *chore->due);
    for (size_t i = 0; i < n; i++) {
        const struct twin *twin = engine_twin(engine, i);
        if (!chore->type->wanted(daemon, twin))
            continue;
        if (chore->due[i] == 0 && files++ < FILES_MOST)
            chore->due[i] = due_of(chore, twin, now);
        if (chore->due[i] > 0 && chore->due[i] <= now &&
            (!first || chore->due[i] < chore->due[first->index]))
            first = twin;
    }
    return first;
}

/* ---- one of them ---- */

static void note_attempt(const struct chore *chore)
{
    const char *state_dir = chore->of->daemon->config.state_dir;
    char *name = name_of(chore->type, chore->twin);
    if (!attempt_write(state_dir, name, &chore->attempt))
        log_line(LOG_WARNING, "%s of %s: %s/calibrations can't be written: %s",
                 chore->type->name, chore->twin, state_dir, strerror(errno));
    free(name);
}

static void on_ended(void *context, bool well, const char *line)
{
    struct chores *chores = context;
    struct chore *chore = chores->running;
    struct daemon *daemon = chores->daemon;
    const struct twin *twin = engine_find(world_engine(daemon->world), chore->twin);
    chore->attempt.well = well;
    snprintf(chore->attempt.text, sizeof chore->attempt.text, "%s", line);
    note_attempt(chore);
    bool bad = !well || (chore->type->is_bad && chore->type->is_bad(line));
    log_line(bad ? LOG_WARNING : LOG_NOTICE, "%s of %s: %s%s", chore->type->name,
             chore->twin, well ? "" : "failed: ", line);
    if (well)
        chore->type->done(daemon, chore->twin, line);
    if (twin && twin->index < chore->room)
        chore->due[twin->index] = 0;
    status_tell(daemon);
}

static void run(struct chore *chore, const struct twin *twin)
{
    struct chores *chores = chore->of;
    char program[4096], from[TIME_TEXT], words[CHORE_WORDS][CHORE_WORD];
    struct err e;
    double past = chore->type->past(chores->daemon, twin);
    size_t n = chore->type->words(chores->daemon, twin, words);
    times_format(chore->attempt.time - past, from);
    char *arguments[ARGUMENTS] = {program,
                                  (char *)chore->type->verb,
                                  "--background",
                                  "-c",
                                  (char *)chores->daemon->file,
                                  "--twin",
                                  chore->twin,
                                  "--from",
                                  from};
    size_t used = 9;
    for (size_t i = 0; i < n; i++)
        arguments[used++] = words[i];
    const struct child_task task = {arguments, chore->type->longest, on_ended, chores};
    chores->running = chore;
    if (!child_find("twinctl", program, sizeof program))
        on_ended(chores, false, "where twinctl lies can't be found out");
    else if (!child_start(chores->child, &task, &e))
        on_ended(chores, false, e.text);
    else
        log_line(LOG_INFO, "%s of %s: begun", chore->type->name, chore->twin);
}

static void begin(struct chore *chore, const struct twin *twin, double now)
{
    free(chore->twin);
    chore->twin = mem_text(twin->id);
    chore->attempt = (struct attempt){.time = now, .text = "not ended"};
    note_attempt(chore); /* one that brings the daemon down is not tried again at once */
    run(chore, twin);
}

static void on_look(uv_timer_t *timer)
{
    struct chores *chores = timer->data;
    double now = loop_wall_clock();
    for (size_t i = 0; i < CHORES; i++) {
        if (child_is_running(chores->child) || !chores->daemon->caught_up)
            return;
        const struct twin *twin = find_due(&chores->all[i], now);
        if (twin)
            begin(&chores->all[i], twin, now);
    }
}

/* ---- the daemon's side ---- */

void chores_start(struct daemon *daemon)
{
    struct chores *chores = mem_new(1, sizeof *chores);
    daemon->chores = chores;
    chores->daemon = daemon;
    chores->child = child_new(&daemon->loop);
    for (size_t i = 0; i < CHORES; i++)
        chores->all[i] = (struct chore){.of = chores, .type = types[i]};
    uv_timer_init(&daemon->loop, &chores->timer);
    chores->timer.data = chores;
    if (!daemon->config.event_clock)
        uv_timer_start(&chores->timer, on_look, FIRST_MS, LOOK_MS);
}

void chores_reloaded(struct daemon *daemon)
{
    for (size_t i = 0; i < CHORES; i++) {
        struct chore *chore = &daemon->chores->all[i];
        free(chore->due); /* indexes are others now */
        chore->due = NULL;
        chore->room = 0;
    }
}

void chores_stop(struct daemon *daemon)
{
    child_kill(daemon->chores->child);
}

void chores_put(struct text *to, const struct daemon *daemon)
{
    const struct chores *chores = daemon->chores;
    char time[TIME_TEXT];
    for (size_t i = 0; chores && i < CHORES; i++) {
        const struct chore *chore = &chores->all[i];
        if (!chore->twin)
            continue;
        bool running = chores->running == chore && child_is_running(chores->child);
        text_put(to, ",\"%s\":{\"twin\":\"%s\",\"time\":\"%s\",\"running\":%s,\"result\":",
                 chore->type->name, chore->twin, times_format(chore->attempt.time, time),
                 running ? "true" : "false");
        text_quoted(to, chore->attempt.text);
        text_put(to, "}");
    }
}
