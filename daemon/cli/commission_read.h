/* The readings that `twinctl commission` judges, thinned to what it needs. */
#ifndef TWIND_CLI_COMMISSION_READ_H
#define TWIND_CLI_COMMISSION_READ_H

#include "twind/commission.h"

struct commission_source {
    const struct plan *plan;
    const char *twin;
    double from, to; /* s since the epoch; from NAN: 14 days before the newest */
    struct commission_reading *readings; /* free() */
    size_t n, room;
    size_t sensor; /* internal */
};

/* False: e says why. */
bool commission_read_history(struct commission_source *source, const char *path,
                             struct err *e);

/* A recording as `twinctl replay` takes it: time,twin,signal,value. */
bool commission_read_csv(struct commission_source *source, const char *path, struct err *e);

#endif
