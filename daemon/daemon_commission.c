/* Commissioning by itself: two days after a twin's beginning `twinctl commission` looks at
 * what came. What it found is retained on PREFIX/TWIN/commission. Where something was wrong
 * it looks again every two days, until that is mended; where nothing was, never again. */
#include "daemon_chores.h"

#include "twind/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JSON_MOST = 65536 };

static const double DAY = 86400;
static const double first_days = 2;

static bool is_bad(const char *line)
{
    static const char nothing[] = "nothing";
    return strncmp(line, nothing, strlen(nothing)) != 0;
}

static void put_path(const struct daemon *daemon, const char *twin, char *to, size_t size)
{
    snprintf(to, size, "%s/calibrations/%s.commission.json", daemon->config.state_dir,
             twin);
}

static void publish(struct daemon *daemon, const char *twin, const char *line)
{
    (void)line;
    char path[CHORE_WORD], topic[512], *json = mem_new(JSON_MOST, 1);
    put_path(daemon, twin, path, sizeof path);
    FILE *file = fopen(path, "r");
    size_t n = file ? fread(json, 1, JSON_MOST - 1, file) : 0;
    if (file)
        fclose(file);
    json[n > 0 && json[n - 1] == '\n' ? n - 1 : n] = '\0';
    snprintf(topic, sizeof topic, "%s/%s/commission", daemon->config.topic_prefix, twin);
    if (n > 0)
        teller_publish(daemon->teller, topic, json, true);
    free(json);
}

static bool wanted(const struct daemon *daemon, const struct twin *twin)
{
    (void)twin;
    return daemon->config.commission;
}

static double due(struct daemon *daemon, const struct twin *twin,
                  const struct attempt *last, double now)
{
    (void)now;
    double born = twin_head(twin)->born;
    if (!last)
        return born > 0 ? born + first_days * DAY : 0;
    if (!last->well)
        return last->time + DAY;
    publish(daemon, twin->id, last->text);
    return is_bad(last->text) ? last->time + first_days * DAY : (double)INFINITY;
}

static double past(const struct daemon *daemon, const struct twin *twin)
{
    (void)daemon, (void)twin;
    return first_days * DAY;
}

static size_t words(const struct daemon *daemon, const struct twin *twin,
                    char to[CHORE_WORDS][CHORE_WORD])
{
    enum { OUTPUT, PATH, WORDS };
    snprintf(to[OUTPUT], CHORE_WORD, "--output");
    put_path(daemon, twin->id, to[PATH], CHORE_WORD);
    return WORDS;
}

const struct chore_type chore_commissioning = {
    .name = "commissioning",
    .verb = "commission",
    .suffix = ".commission",
    .longest = 600,
    .wanted = wanted,
    .due = due,
    .past = past,
    .words = words,
    .done = publish,
    .is_bad = is_bad,
};
