/* Calibrations on a schedule: what `twinctl calibrate --apply` has applied is taken live by
 * a plan that differs in its parameters alone. */
#include "daemon_chores.h"

#include "twind/config_calibrate.h"
#include "twind/log.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double DAY = 86400, HOUR = 3600;
static const double quiet_from = 3, quiet_hours = 3; /* local time */

static const struct config_calibrate *wish(const struct daemon *daemon,
                                           const struct twin *twin)
{
    return world_origin(daemon->world, twin)->calibrate;
}

static bool wanted(const struct daemon *daemon, const struct twin *twin)
{
    return wish(daemon, twin) != NULL;
}

/* The first quiet hour from `time` on. */
static double quiet_after(double time, double utc_offset)
{
    double local = time + utc_offset * HOUR, hour = fmod(local, DAY) / HOUR;
    if (hour >= quiet_from && hour < quiet_from + quiet_hours)
        return time;
    double wait = fmod(quiet_from - hour + 24, 24);
    return time + wait * HOUR;
}

/* What failed is tried again the next day. */
static double due(struct daemon *daemon, const struct twin *twin,
                  const struct attempt *last, double now)
{
    double every = wish(daemon, twin)->every;
    if (last && !last->well)
        every = fmin(every, DAY);
    double time = last ? last->time + every : now;
    if (every < DAY)
        return time;
    return quiet_after(fmax(time - HOUR * quiet_hours, now), twin->plan->utc_offset);
}

static double past(const struct daemon *daemon, const struct twin *twin)
{
    return wish(daemon, twin)->past;
}

static size_t words(const struct daemon *daemon, const struct twin *twin,
                    char to[CHORE_WORDS][CHORE_WORD])
{
    const struct config_calibrate *calibrate = wish(daemon, twin);
    const struct config_texts *params = &calibrate->params;
    enum { APPLY, HORIZON, SECONDS, PARAMS, NAMES };
    snprintf(to[APPLY], CHORE_WORD, "--apply");
    snprintf(to[HORIZON], CHORE_WORD, "--horizon");
    snprintf(to[SECONDS], CHORE_WORD, "%.0fs", calibrate->horizon);
    if (params->n == 0)
        return PARAMS;
    struct text names = {0};
    for (size_t i = 0; i < params->n; i++)
        text_put(&names, "%s%s", i ? "," : "", params->at[i]);
    snprintf(to[PARAMS], CHORE_WORD, "--params");
    snprintf(to[NAMES], CHORE_WORD, "%s", names.at);
    text_free(&names);
    return NAMES + 1;
}

static void done(struct daemon *daemon, const char *id, const char *line)
{
    struct engine *engine = world_engine(daemon->world);
    struct twin *twin = engine_find(engine, id);
    struct err e;
    if (!twin || strncmp(line, "applied", strlen("applied")) != 0)
        return;
    struct plan *plan = config_overlay_take(&daemon->config, id, &e);
    if (plan)
        engine_revise(engine, twin, plan);
    else
        log_line(LOG_WARNING, "calibration of %s: %s", id, e.text);
}

const struct chore_type chore_calibration = {
    .name = "calibration",
    .verb = "calibrate",
    .suffix = "",
    .longest = 3600,
    .wanted = wanted,
    .due = due,
    .past = past,
    .words = words,
    .done = done,
};
