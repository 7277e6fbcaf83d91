/* PREFIX/daemon: how the daemon is, for people and for their monitoring. */
#include "daemon_parts.h"

#include "twind/times.h"

#include <stdio.h>

void status_tell(struct daemon *daemon)
{
    struct history_stats history;
    history_stats(daemon->history, &history);
    struct inbox_stats inbox = inbox_stats(daemon->inbox);
    bool full = inbox.blocked || daemon->paused;
    struct mqtt_stats mqtt = mqtt_stats(daemon->mqtt);
    const struct world_stats *w = world_stats(daemon->world);
    const struct engine_stats *e = engine_stats(world_engine(daemon->world));
    char time[TIME_TEXT], topic[512];
    struct text text = {0};
    text_put(&text,
             "{\"time\":\"%s\",\"version\":\"" TWIND_VERSION "\",\"health\":\"%s\","
             "\"uptime_s\":%.0f,\"twins\":%zu,\"messages\":%llu,\"rejected\":%llu,",
             times_format(loop_wall_clock(), time),
             history.failing || full ? "degraded" : "ok",
             loop_monotonic() - daemon->started, engine_count(world_engine(daemon->world)),
             (unsigned long long)w->messages,
             (unsigned long long)w->unrouted + w->bad_value + w->bad_unit + w->fleet_full +
                 w->bad_command + inbox.too_large);
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
        (unsigned long long)inbox.depth, full ? "true" : "false",
        (unsigned long long)inbox.redelivered, (unsigned long long)history.committed_seq,
        (unsigned long long)history.rows, daemon->behind, (unsigned long long)mqtt.dropped);
    text_quoted(&text, history.error);
    text_put(&text, "}");
    snprintf(topic, sizeof topic, "%s/daemon", daemon->config.topic_prefix);
    mqtt_publish(daemon->mqtt, topic, text.at, text.used,
                 MQTT_RETAIN | MQTT_NEWEST | MQTT_QOS1, 0);
    text_free(&text);
}
