/* PREFIX/daemon: how the daemon is, for people and for their monitoring. */
#include "daemon_parts.h"

#include "twind/times.h"

#include <stdio.h>

struct count {
    const char *name;
    uint64_t n;
};

static void put_counts(struct text *to, const struct count *counts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text_put(to, "%s\"%s\":%llu", i > 0 ? "," : "", counts[i].name,
                 (unsigned long long)counts[i].n);
}

/* What was refused, by its reason; returns how much in all. A message without a value for a
 * binding (`no_value`) is no refusal: devices send partial updates. */
static uint64_t put_refused(struct text *to, const struct world_stats *w,
                            uint64_t too_large)
{
    const struct count counts[] = {
        {"unrouted", w->unrouted}, {"bad_value", w->bad_value},
        {"bad_unit", w->bad_unit}, {"fleet_full", w->fleet_full},
        {"too_many", w->too_many}, {"bad_command", w->bad_command},
        {"too_large", too_large},  {"no_value", w->no_value},
    };
    size_t n = sizeof counts / sizeof *counts;
    uint64_t sum = 0;
    for (size_t i = 0; i + 1 < n; i++)
        sum += counts[i].n;
    text_put(to, ",\"refused\":{");
    put_counts(to, counts, n);
    text_put(to, "}");
    return sum;
}

static void put_readings(struct text *to, const struct engine_stats *e)
{
    const struct count counts[] = {
        {"used", e->used},         {"duplicate", e->duplicate},       {"late", e->late},
        {"rejected", e->rejected}, {"out_of_range", e->out_of_range}, {"stale", e->stale},
        {"stuck", e->stuck},       {"thinned", e->thinned},
    };
    text_put(to, ",\"readings\":{");
    put_counts(to, counts, sizeof counts / sizeof *counts);
    text_put(to, "}");
}

static void put_edge(struct text *to, const struct daemon *daemon,
                     const struct history_stats *history, bool full)
{
    struct inbox_stats inbox = inbox_stats(daemon->inbox);
    const struct count counts[] = {
        {"inbox_depth", inbox.depth},
        {"redelivered", inbox.redelivered},
        {"committed", history->committed_seq},
        {"rows", history->rows},
        {"states_dropped", history->states_dropped},
        {"dropped", mqtt_stats(daemon->mqtt).dropped},
    };
    text_put(to, ",");
    put_counts(to, counts, sizeof counts / sizeof *counts);
    text_put(to, ",\"inbox_full\":%s,\"lag_s\":%.3f,\"error\":", full ? "true" : "false",
             daemon->behind);
    text_quoted(to, history->error);
}

void status_tell(struct daemon *daemon)
{
    struct history_stats history;
    history_stats(daemon->history, &history);
    struct inbox_stats inbox = inbox_stats(daemon->inbox);
    bool full = inbox.blocked || daemon->paused;
    char time[TIME_TEXT], topic[512];
    struct text text = {0};
    text_put(&text, "{\"time\":\"%s\",\"version\":\"" TWIND_VERSION "\",\"health\":\"%s\"",
             times_format(loop_wall_clock(), time),
             history.failing || full ? "degraded" : "ok");
    text_put(&text, ",\"uptime_s\":%.0f,\"twins\":%zu,\"messages\":%llu",
             loop_monotonic() - daemon->started, engine_count(world_engine(daemon->world)),
             (unsigned long long)world_stats(daemon->world)->messages);
    uint64_t refused = put_refused(&text, world_stats(daemon->world), inbox.too_large);
    text_put(&text, ",\"rejected\":%llu", (unsigned long long)refused);
    put_readings(&text, engine_stats(world_engine(daemon->world)));
    put_edge(&text, daemon, &history, full);
    chores_put(&text, daemon);
    text_put(&text, "}");
    snprintf(topic, sizeof topic, "%s/daemon", daemon->config.topic_prefix);
    mqtt_publish(daemon->mqtt, topic, text.at, text.used,
                 MQTT_RETAIN | MQTT_NEWEST | MQTT_QOS1, 0);
    text_free(&text);
}
