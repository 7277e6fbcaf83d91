/* twinctl status: the daemon, its twins and the alerts that are up, once.
 * twinctl watch: the same as it happens. */
#include "live.h"

#include "twind/json.h"
#include "twind/json_tree.h"
#include "twind/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Retained messages come at once; when none has come for this long, all are there. */
static const double quiet_s = 0.7;

/* What happens meanwhile is passed over; where it never is quiet, so many are enough. */
enum { OTHERS_MAX = 1000 };

static const char *const topics[] = {"status", "daemon", "+/state", "+/alert/+",
                                     "alerts", "flood",  NULL};

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static const char *word(const struct cJSON *object, const char *key)
{
    const char *text = json_text(json_member(object, key));
    return text ? text : "-";
}

static void put_daemon(struct text *to, const struct cJSON *d)
{
    text_put(
        to, "twind %s, %s, up %.0f s: %.0f twins, %.0f messages (%.0f refused), inbox %.0f",
        word(d, "version"), word(d, "health"), json_number(json_member(d, "uptime_s"), NAN),
        json_number(json_member(d, "twins"), NAN),
        json_number(json_member(d, "messages"), NAN),
        json_number(json_member(d, "rejected"), NAN),
        json_number(json_member(d, "inbox_depth"), NAN));
    const char *error = json_text(json_member(d, "error"));
    if (error && *error)
        text_put(to, "\n  %s", error);
}

/* Signals with a sensor first: those people know. */
static void put_state(struct text *to, const struct cJSON *s)
{
    const struct cJSON *values = json_member(s, "values"), *sds = json_member(s, "sd");
    text_put(to, "%-20s %-12s %-9s", word(s, "twin"), word(s, "kind"), word(s, "health"));
    const struct cJSON *sensor = json_first(json_member(s, "sensors"));
    for (; sensor; sensor = json_next(sensor)) {
        const char *name = json_key(sensor);
        double value = json_number(json_member(values, name), NAN);
        if (isnan(value))
            continue;
        text_put(to, " %s %.4g +- %.2g", name, value,
                 json_number(json_member(sds, name), NAN));
        if (strcmp(word(sensor, "quality"), "good") != 0)
            text_put(to, " (%s)", word(sensor, "quality"));
        text_put(to, ";");
    }
}

static void put_alert(struct text *to, const struct cJSON *a)
{
    text_put(to, "%s %-8s %-8s %s/%s%s: %s", word(a, "time"), word(a, "state"),
             word(a, "severity"), word(a, "twin"), word(a, "rule"),
             json_number(json_member(a, "acknowledged"), 0) == 1 ? " (acknowledged)" : "",
             word(a, "message"));
    if (json_member(a, "cause"))
        text_put(to, " (under %s)", word(a, "cause"));
}

static void put_flood(struct text *to, const struct cJSON *flood)
{
    text_put(to, "%s %-8s flood: %s", word(flood, "time"), word(flood, "state"),
             word(flood, "message"));
}

static bool is_up(const struct cJSON *alert)
{
    return strcmp(word(alert, "state"), "normal") != 0;
}

/* Three lists, printed in this order. */
enum { ABOUT, TWINS, ALERTS, LISTS };

static void note(struct text *lists, const struct live_message *m, const struct cJSON *root)
{
    if (strcmp(m->topic, "status") == 0) {
        text_put(&lists[ABOUT], "status: %s\n", m->payload);
    } else if (strcmp(m->topic, "daemon") == 0) {
        put_daemon(&lists[ABOUT], root);
        text_put(&lists[ABOUT], "\n");
    } else if (ends_with(m->topic, "/state")) {
        put_state(&lists[TWINS], root);
        text_put(&lists[TWINS], "\n");
    } else if (strstr(m->topic, "/alert/") && is_up(root)) {
        put_alert(&lists[ALERTS], root);
        text_put(&lists[ALERTS], "\n");
    }
}

static int run_status(int argc, char **argv)
{
    int status;
    struct live *live = live_open(&cli_status, argc, argv, 0, topics, &status);
    if (!live)
        return status == CLI_USAGE ? cli_usage(&cli_status) : status;
    struct json *json = json_new();
    struct text lists[LISTS] = {{0}};
    struct live_message m;
    for (int others = 0; others < OTHERS_MAX && live_next(live, quiet_s, &m);) {
        if (m.retained)
            note(lists, &m, json_parse(json, m.payload, m.payload_length));
        others += !m.retained;
    }
    bool any = lists[ABOUT].used > 0;
    for (int i = 0; i < LISTS; i++) {
        fputs(lists[i].used ? lists[i].at : "", stdout);
        text_free(&lists[i]);
    }
    json_free(json);
    live_close(live);
    return any ? CLI_OK
               : cli_fail(&cli_status, CLI_RESOURCE, "the broker knows of no twind here");
}

static void print_live(const struct live_message *m, struct json *json)
{
    struct text text = {0};
    const struct cJSON *root = json_parse(json, m->payload, m->payload_length);
    if (strcmp(m->topic, "alerts") == 0)
        put_alert(&text, root);
    else if (strcmp(m->topic, "flood") == 0)
        put_flood(&text, root);
    else if (ends_with(m->topic, "/state"))
        put_state(&text, root);
    else if (strcmp(m->topic, "daemon") == 0)
        put_daemon(&text, root);
    else if (strcmp(m->topic, "status") == 0)
        text_put(&text, "status: %s", m->payload);
    if (text.used)
        puts(text.at);
    fflush(stdout);
    text_free(&text);
}

static int run_watch(int argc, char **argv)
{
    int status;
    struct live *live = live_open(&cli_watch, argc, argv, 0, topics, &status);
    if (!live)
        return status == CLI_USAGE ? cli_usage(&cli_watch) : status;
    struct json *json = json_new();
    struct live_message m;
    while (!ferror(stdout)) /* ends with the terminal, or by a signal */
        if (live_next(live, 3600, &m))
            print_live(&m, json);
    json_free(json);
    live_close(live);
    return CLI_OK;
}

const struct cli_verb cli_status = {"status", "[-c FILE | --broker URL] [--prefix P]",
                                    "the running daemon, its twins, the alerts that are up",
                                    run_status};
const struct cli_verb cli_watch = {"watch", "[-c FILE | --broker URL] [--prefix P]",
                                   "states and alerts as they happen", run_watch};
