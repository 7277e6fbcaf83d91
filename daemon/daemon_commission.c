/* Commissioning by itself: two days after a twin's beginning `twinctl commission
 * --background` looks at what came, beside the loop, one twin at a time. What it found is
 * in the log and retained on PREFIX/TWIN/commission. Where something was wrong it looks
 * again every two days, until that is mended; where nothing was, never again. */
#include "daemon_parts.h"

#include "twind/attempt.h"
#include "twind/child.h"
#include "twind/log.h"
#include "twind/mem.h"
#include "twind/times.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_MS = 5000,
    LOOK_MS = 10000,
    FILES_MOST = 200, /* results read in one look */
    ARGUMENTS = 14,
    JSON_MOST = 65536,
};

static const double DAY = 86400;
static const double first_days = 2;
static const double longest = 600; /* s that one may take */
static const char nothing[] = "nothing";

struct commissions {
    struct daemon *daemon;
    struct child *child;
    uv_timer_t timer;
    double *due; /* by the twin's index in the engine; 0: not looked up yet */
    size_t room;
    char *twin; /* being looked at, or the last that was; NULL: none yet */
    struct attempt attempt;
};

/* The attempt's name beside those of calibrations: an id has no dot. */
static char *name_of(const char *twin)
{
    struct text text = {0};
    text_put(&text, "%s.commission", twin);
    return text.at;
}

static char *path_of(const struct commissions *c, const char *twin)
{
    struct text text = {0};
    text_put(&text, "%s/calibrations/%s.commission.json", c->daemon->config.state_dir,
             twin);
    return text.at;
}

/* ---- telling ---- */

static void publish(struct commissions *c, const char *twin)
{
    char *path = path_of(c, twin), *json = mem_new(JSON_MOST, 1), topic[512];
    FILE *file = fopen(path, "r");
    size_t n = file ? fread(json, 1, JSON_MOST - 1, file) : 0;
    if (file)
        fclose(file);
    json[n > 0 && json[n - 1] == '\n' ? n - 1 : n] = '\0';
    snprintf(topic, sizeof topic, "%s/%s/commission", c->daemon->config.topic_prefix, twin);
    if (n > 0)
        teller_publish(c->daemon->teller, topic, json, true);
    free(json);
    free(path);
}

static void note_attempt(struct commissions *c)
{
    char *name = name_of(c->twin);
    if (!attempt_write(c->daemon->config.state_dir, name, &c->attempt))
        log_line(LOG_WARNING, "commissioning of %s: %s/calibrations can't be written: %s",
                 c->twin, c->daemon->config.state_dir, strerror(errno));
    free(name);
}

static void on_ended(void *context, bool well, const char *line)
{
    struct commissions *c = context;
    const struct twin *twin = engine_find(world_engine(c->daemon->world), c->twin);
    bool fine = well && strncmp(line, nothing, strlen(nothing)) == 0;
    c->attempt.well = well;
    snprintf(c->attempt.text, sizeof c->attempt.text, "%s", line);
    note_attempt(c);
    log_line(fine ? LOG_NOTICE : LOG_WARNING, "commissioning of %s: %s%s", c->twin,
             well ? "" : "failed: ", line);
    if (well)
        publish(c, c->twin);
    if (twin && twin->index < c->room)
        c->due[twin->index] = 0;
}

/* ---- when ---- */

static double due_after(const struct attempt *last)
{
    if (!last->well)
        return last->time + DAY;
    bool fine = strncmp(last->text, nothing, strlen(nothing)) == 0;
    return fine ? (double)INFINITY : last->time + first_days * DAY;
}

/* 0: it has not begun. */
static double due_of(struct commissions *c, const struct twin *twin, double now)
{
    char *name = name_of(twin->id);
    struct attempt last;
    bool tried = attempt_read(c->daemon->config.state_dir, name, &last);
    double born = twin_head(twin)->born;
    free(name);
    if (!tried)
        return born > 0 ? born + first_days * DAY : 0;
    if (last.well)
        publish(c, twin->id);
    last.time = fmin(last.time, now); /* the clock was set back */
    return due_after(&last);
}

/* The first twin that is due; NULL: none. */
static const struct twin *find_due(struct commissions *c, double now)
{
    struct engine *engine = world_engine(c->daemon->world);
    size_t n = engine_count(engine), files = 0;
    const struct twin *first = NULL;
    c->due = mem_grow(c->due, &c->room, n, sizeof *c->due);
    for (size_t i = 0; i < n; i++) {
        const struct twin *twin = engine_twin(engine, i);
        if (c->due[i] == 0 && files++ < FILES_MOST)
            c->due[i] = due_of(c, twin, now);
        if (!first && c->due[i] > 0 && c->due[i] <= now)
            first = twin;
    }
    return first;
}

/* ---- one of them ---- */

static void run(struct commissions *c)
{
    char program[4096], from[TIME_TEXT], *output = path_of(c, c->twin);
    struct err e;
    times_format(c->attempt.time - first_days * DAY, from);
    char *arguments[ARGUMENTS] = {
        program,  "commission", "--background", "-c", (char *)c->daemon->file,
        "--twin", c->twin,      "--from",       from, "--output",
        output,   NULL};
    const struct child_task task = {arguments, longest, on_ended, c};
    if (!child_find("twinctl", program, sizeof program))
        on_ended(c, false, "where twinctl lies can't be found out");
    else if (!child_start(c->child, &task, &e))
        on_ended(c, false, e.text);
    free(output);
}

static void on_look(uv_timer_t *timer)
{
    struct commissions *c = timer->data;
    if (child_is_running(c->child) || calibrations_busy(c->daemon) ||
        !c->daemon->caught_up || !c->daemon->config.commission)
        return;
    double now = loop_wall_clock();
    const struct twin *twin = find_due(c, now);
    if (!twin)
        return;
    free(c->twin);
    c->twin = mem_text(twin->id);
    c->attempt = (struct attempt){.time = now, .text = "not ended"};
    note_attempt(c); /* one that brings the daemon down is not tried again at once */
    run(c);
}

/* ---- the daemon's side ---- */

void commissions_start(struct daemon *daemon)
{
    struct commissions *c = mem_new(1, sizeof *c);
    daemon->commissions = c;
    c->daemon = daemon;
    c->child = child_new(&daemon->loop);
    uv_timer_init(&daemon->loop, &c->timer);
    c->timer.data = c;
    if (!daemon->config.event_clock)
        uv_timer_start(&c->timer, on_look, FIRST_MS, LOOK_MS);
}

/* Indexes are others now. */
void commissions_reloaded(struct daemon *daemon)
{
    struct commissions *c = daemon->commissions;
    free(c->due);
    c->due = NULL;
    c->room = 0;
}

void commissions_stop(struct daemon *daemon)
{
    child_kill(daemon->commissions->child);
}
