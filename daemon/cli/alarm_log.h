/* What rang, from when to when: transitions of alerts, put together again. */
#ifndef TWIND_CLI_ALARM_LOG_H
#define TWIND_CLI_ALARM_LOG_H

#include "twind/rule.h"

#include <stddef.h>
#include <stdint.h>

/* One alarm from its activation to its clearing. */
struct alarm_span {
    size_t source;
    double from, to;        /* s since the epoch; INFINITY: still up */
    double acknowledged;    /* when; NAN: not */
    enum severity severity; /* the worst that it had */
    bool caused;            /* it came under another's cause, in a flood */
};

/* A rule of a twin. */
struct alarm_source {
    char *twin, *rule;
    size_t up; /* its open span, from 1; 0: none */
};

/* Zero at the start. */
struct alarm_log {
    struct alarm_source *sources;
    size_t n_sources, room_sources;
    struct alarm_span *spans; /* by `from` */
    size_t n_spans, room_spans;
    uint32_t *index; /* of the sources, from 1 */
    size_t n_index;
};

/* The number of the source, which is added where it is new. */
size_t alarm_log_source(struct alarm_log *log, const char *twin, const char *rule);

/* A transition, in the order of time. Only `active` rings; what becomes worse while it is
 * active does not ring again. */
void alarm_log_add(struct alarm_log *log, size_t source, double time, bool active,
                   bool acknowledged, enum severity severity);

/* The alarm of the source that is up has come under another's cause. */
void alarm_log_cause(struct alarm_log *log, size_t source);

void alarm_log_free(struct alarm_log *log);

#endif
