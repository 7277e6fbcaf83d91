#include "alarm_log.h"

#include "twind/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_INDEX = 64 }; /* a power of two */

/* The index's place for the source: its own, or the empty one where it would be. */
static size_t find_place(const struct alarm_log *log, const char *twin, const char *rule)
{
    uint64_t hash = mem_hash(twin, strlen(twin)) ^ mem_hash(rule, strlen(rule)) * 31;
    size_t at = hash & (log->n_index - 1);
    for (; log->index[at] != 0; at = (at + 1) & (log->n_index - 1)) {
        const struct alarm_source *source = &log->sources[log->index[at] - 1];
        if (strcmp(source->twin, twin) == 0 && strcmp(source->rule, rule) == 0)
            break;
    }
    return at;
}

static void grow_index(struct alarm_log *log)
{
    free(log->index);
    log->n_index = log->n_index ? 2 * log->n_index : FIRST_INDEX;
    log->index = mem_new(log->n_index, sizeof *log->index);
    for (size_t i = 0; i < log->n_sources; i++)
        log->index[find_place(log, log->sources[i].twin, log->sources[i].rule)] =
            (uint32_t)i + 1;
}

size_t alarm_log_source(struct alarm_log *log, const char *twin, const char *rule)
{
    if (2 * (log->n_sources + 1) > log->n_index)
        grow_index(log);
    size_t place = find_place(log, twin, rule);
    if (log->index[place] == 0) {
        log->sources = mem_grow(log->sources, &log->room_sources, log->n_sources + 1,
                                sizeof *log->sources);
        log->sources[log->n_sources++] =
            (struct alarm_source){.twin = mem_text(twin), .rule = mem_text(rule)};
        log->index[place] = (uint32_t)log->n_sources;
    }
    return log->index[place] - 1;
}

static void begin_span(struct alarm_log *log, size_t source, double time)
{
    log->spans =
        mem_grow(log->spans, &log->room_spans, log->n_spans + 1, sizeof *log->spans);
    log->spans[log->n_spans++] =
        (struct alarm_span){source, time, INFINITY, NAN, SEVERITY_INFO, false};
    log->sources[source].up = log->n_spans;
}

void alarm_log_add(struct alarm_log *log, size_t source, double time, bool active,
                   bool acknowledged, enum severity severity)
{
    struct alarm_source *of = &log->sources[source];
    if (active && of->up == 0)
        begin_span(log, source, time);
    if (of->up == 0)
        return;
    struct alarm_span *span = &log->spans[of->up - 1];
    if (!active) {
        span->to = time;
        of->up = 0;
        return;
    }
    if (severity > span->severity)
        span->severity = severity;
    if (acknowledged && isnan(span->acknowledged))
        span->acknowledged = time;
}

void alarm_log_cause(struct alarm_log *log, size_t source)
{
    size_t up = log->sources[source].up;
    if (up > 0)
        log->spans[up - 1].caused = true;
}

void alarm_log_free(struct alarm_log *log)
{
    for (size_t i = 0; i < log->n_sources; i++) {
        free(log->sources[i].twin);
        free(log->sources[i].rule);
    }
    free(log->sources);
    free(log->spans);
    free(log->index);
    *log = (struct alarm_log){.n_spans = 0};
}
