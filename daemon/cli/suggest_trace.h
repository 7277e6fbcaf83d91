/* What rules would have seen: the moments at which a twin's rules were looked at while its
 * history was relived, for any number of subjects at once. */
#ifndef TWIND_CLI_SUGGEST_TRACE_H
#define TWIND_CLI_SUGGEST_TRACE_H

#include "twind/config.h"

struct suggest_moment {
    double time, value, sample_time, changed, nis, surprise; /* as in rule.h */
    bool fresh;
};

struct suggest_trace {
    const char *on; /* as given */
    enum rule_subject subject;
    size_t signal;
    bool sensor; /* it has one */
    char unit[32];
    double watched;
    struct suggest_moment *at; /* in the order of time */
    size_t n, room;
};

struct suggest_trace_options {
    const char *file, *twin;
    const char *history;   /* NULL: the configuration's */
    double from, to;       /* s since the epoch, inclusive; may be infinite */
    const char *const *on; /* n of them; none: the estimate of each output with a sensor */
    size_t n;
};

enum { SUGGEST_SUBJECTS = 64 };

struct suggest_traces {
    struct config config;
    const struct plan *plan; /* the twin's, as configured */
    size_t n;
    struct suggest_trace at[SUGGEST_SUBJECTS];
    double from, to; /* of the first and the last reading */
    double interval; /* s: usual time between readings of the twin */
};

/* 0: done. Else an exit status, with e saying why (errors of the configuration are told on
 * stderr, and e->text is empty). suggest_trace_close() it either way. `traces` is zeroed.
 */
int suggest_trace_open(const struct suggest_trace_options *options,
                       struct suggest_traces *traces, struct err *e);
void suggest_trace_close(struct suggest_traces *traces);

#endif
