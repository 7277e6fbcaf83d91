#include "alarm_past.h"

#include "twind/history_alarms.h"

#include <string.h>

struct taking {
    struct alarm_log *log;
    const struct config *config;
};

static void take_event(void *context, const struct history_alert *event)
{
    const struct taking *taking = context;
    int severity = SEVERITY_COUNT - 1;
    if (taking->config && !config_find_twin(taking->config, event->twin))
        return;
    while (severity > 0 &&
           strcmp(event->severity, severity_name((enum severity)severity)) != 0)
        severity--;
    size_t source = alarm_log_source(taking->log, event->twin, event->rule);
    alarm_log_add(taking->log, source, event->time, strcmp(event->state, "active") == 0,
                  event->acknowledged, (enum severity)severity);
    if (*event->cause)
        alarm_log_cause(taking->log, source);
}

bool alarm_past_read(struct history_read *reader, const char *twin,
                     const struct config *config, double to, struct alarm_log *log,
                     struct err *e)
{
    struct taking taking = {log, config};
    return history_alarms_read(reader, twin, to, take_event, &taking, e);
}
