/* Calibrations on a schedule: `twinctl calibrate --background --apply` beside the loop, one
 * at a time; what it has applied is taken live by a plan that differs in its parameters
 * alone. When the next one is due follows from the last attempt, which is in a file. */
#include "daemon_parts.h"

#include "twind/attempt.h"
#include "twind/child.h"
#include "twind/config_calibrate.h"
#include "twind/log.h"
#include "twind/mem.h"
#include "twind/times.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_MS = 2000,
    LOOK_MS = 10000,
    FILES_MOST = 200, /* attempts read in one look */
    ARGUMENTS = 16,
};

static const double DAY = 86400, HOUR = 3600;
static const double longest = 3600;                  /* s that one may take */
static const double quiet_from = 3, quiet_hours = 3; /* local time */

struct calibrations {
    struct daemon *daemon;
    struct child *child;
    uv_timer_t timer;
    double *due; /* by the twin's index in the engine; 0: not looked up yet */
    size_t room;
    char *twin; /* being calibrated, or the last that was; NULL: none yet */
    struct attempt attempt;
};

/* ---- when ---- */

/* The first quiet hour from `time` on. */
static double quiet_after(double time, double utc_offset)
{
    double local = time + utc_offset * HOUR, hour = fmod(local, DAY) / HOUR;
    if (hour >= quiet_from && hour < quiet_from + quiet_hours)
        return time;
    double wait = fmod(quiet_from - hour + 24, 24);
    return time + wait * HOUR;
}

/* NAN: there was no attempt. What failed is tried again the next day. */
static double due_after(const struct config_calibrate *calibrate, double last, bool well,
                        double utc_offset, double now)
{
    double every = well ? calibrate->every : fmin(calibrate->every, DAY);
    double due = isnan(last) ? now : last + every;
    if (every < DAY)
        return due;
    return quiet_after(fmax(due - HOUR * quiet_hours, now), utc_offset);
}

static void note_due(struct calibrations *c, const struct twin *twin,
                     const struct config_calibrate *calibrate, double now)
{
    struct attempt last = {.time = NAN};
    if (!attempt_read(c->daemon->config.state_dir, twin->id, &last))
        last = (struct attempt){.time = NAN, .well = true};
    if (last.time > now) /* the clock was set back */
        last.time = now;
    c->due[twin->index] =
        due_after(calibrate, last.time, last.well, twin->plan->utc_offset, now);
}

/* The twin that is due for the longest time; NULL: none. */
static struct twin *find_due(struct calibrations *c, double now)
{
    const struct world *world = c->daemon->world;
    struct engine *engine = world_engine(world);
    struct twin *first = NULL;
    size_t n = engine_count(engine), files = 0;
    c->due = mem_grow(c->due, &c->room, n, sizeof *c->due);
    for (size_t i = 0; i < n; i++) {
        struct twin *twin = engine_twin(engine, i);
        const struct config_calibrate *calibrate = world_origin(world, twin)->calibrate;
        if (!calibrate)
            continue;
        if (c->due[i] == 0 && files++ < FILES_MOST)
            note_due(c, twin, calibrate, now);
        if (c->due[i] > 0 && c->due[i] <= now &&
            (!first || c->due[i] < c->due[first->index]))
            first = twin;
    }
    return first;
}

/* ---- one of them ---- */

static void note_attempt(struct calibrations *c)
{
    if (!attempt_write(c->daemon->config.state_dir, c->twin, &c->attempt))
        log_line(LOG_WARNING, "calibration of %s: %s/calibrations can't be written: %s",
                 c->twin, c->daemon->config.state_dir, strerror(errno));
}

static void take_live(struct calibrations *c)
{
    struct engine *engine = world_engine(c->daemon->world);
    struct twin *twin = engine_find(engine, c->twin);
    struct err e;
    struct plan *plan = twin ? config_overlay_take(&c->daemon->config, c->twin, &e) : NULL;
    if (plan)
        engine_revise(engine, twin, plan);
    else if (twin)
        log_line(LOG_WARNING, "calibration of %s: %s", c->twin, e.text);
}

static void on_ended(void *context, bool well, const char *line)
{
    struct calibrations *c = context;
    struct engine *engine = world_engine(c->daemon->world);
    const struct twin *twin = engine_find(engine, c->twin);
    c->attempt.well = well;
    snprintf(c->attempt.text, sizeof c->attempt.text, "%s", line);
    note_attempt(c);
    log_line(well ? LOG_NOTICE : LOG_WARNING, "calibration of %s: %s%s", c->twin,
             well ? "" : "failed: ", line);
    if (well && strncmp(line, "applied", strlen("applied")) == 0)
        take_live(c);
    if (twin && twin->index < c->room)
        c->due[twin->index] = 0;
    status_tell(c->daemon);
}

/* "a,b,c"; NULL: the usual ones. */
static char *join_params(const struct config_texts *params)
{
    struct text text = {0};
    for (size_t i = 0; i < params->n; i++)
        text_put(&text, "%s%s", i ? "," : "", params->at[i]);
    return text.at;
}

static void run(struct calibrations *c, const struct config_calibrate *calibrate)
{
    char program[4096], from[TIME_TEXT], horizon[32], *params;
    struct err e;
    times_format(c->attempt.time - calibrate->past, from);
    snprintf(horizon, sizeof horizon, "%.0fs", calibrate->horizon);
    params = join_params(&calibrate->params);
    char *arguments[ARGUMENTS] = {program,
                                  "calibrate",
                                  "--background",
                                  "--apply",
                                  "-c",
                                  (char *)c->daemon->file,
                                  "--twin",
                                  c->twin,
                                  "--from",
                                  from,
                                  "--horizon",
                                  horizon,
                                  params ? "--params" : NULL,
                                  params,
                                  NULL};
    const struct child_task task = {arguments, longest, on_ended, c};
    if (!child_find("twinctl", program, sizeof program))
        on_ended(c, false, "where twinctl lies can't be found out");
    else if (!child_start(c->child, &task, &e))
        on_ended(c, false, e.text);
    else
        log_line(LOG_INFO, "calibration of %s: begun", c->twin);
    free(params);
}

static void begin(struct calibrations *c, const struct twin *twin, double now)
{
    free(c->twin);
    c->twin = mem_text(twin->id);
    c->attempt = (struct attempt){.time = now, .text = "not ended"};
    note_attempt(c); /* one that brings the daemon down is not tried again at once */
    run(c, world_origin(c->daemon->world, twin)->calibrate);
}

static void on_look(uv_timer_t *timer)
{
    struct calibrations *c = timer->data;
    if (child_is_running(c->child) || !c->daemon->caught_up)
        return;
    double now = loop_wall_clock();
    const struct twin *twin = find_due(c, now);
    if (twin)
        begin(c, twin, now);
}

/* ---- the daemon's side ---- */

void calibrations_start(struct daemon *daemon)
{
    struct calibrations *c = mem_new(1, sizeof *c);
    daemon->calibrations = c;
    c->daemon = daemon;
    c->child = child_new(&daemon->loop);
    uv_timer_init(&daemon->loop, &c->timer);
    c->timer.data = c;
    if (!daemon->config.event_clock)
        uv_timer_start(&c->timer, on_look, FIRST_MS, LOOK_MS);
}

/* Indexes are others now. */
void calibrations_reloaded(struct daemon *daemon)
{
    struct calibrations *c = daemon->calibrations;
    free(c->due);
    c->due = NULL;
    c->room = 0;
}

void calibrations_stop(struct daemon *daemon)
{
    child_kill(daemon->calibrations->child);
}

bool calibrations_busy(const struct daemon *daemon)
{
    return child_is_running(daemon->calibrations->child);
}

void calibrations_put(struct text *to, const struct daemon *daemon)
{
    const struct calibrations *c = daemon->calibrations;
    char time[TIME_TEXT];
    if (!c || !c->twin)
        return;
    text_put(to,
             ",\"calibration\":{\"twin\":\"%s\",\"time\":\"%s\",\"running\":%s,"
             "\"result\":",
             c->twin, times_format(c->attempt.time, time),
             child_is_running(c->child) ? "true" : "false");
    text_quoted(to, c->attempt.text);
    text_put(to, "}");
}
