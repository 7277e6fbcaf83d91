/* A program that works beside the loop: one at a time, what it says last is kept, and it is
 * killed where it takes too long. It inherits nothing that is open here: neither the
 * inbox's lock nor the broker's socket. */
#ifndef TWIND_CHILD_H
#define TWIND_CHILD_H

#include "twind/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { CHILD_LINE = 1024 };

struct uv_loop_s; /* uv_loop_t */
struct child;

struct child_task {
    char *const *arguments; /* the program's path first, NULL last */
    double limit;           /* s */
    /* It is over; `well`: with status 0. `line` is the last that it wrote to its standard
     * output, or says how it ended. Another may be started from here. */
    void (*ended)(void *context, bool well, const char *line);
    void *context;
};

struct child *child_new(struct uv_loop_s *loop);

/* False: e says why; `ended` is not called. One must not be running. */
bool child_start(struct child *child, const struct child_task *task, struct err *e);
bool child_is_running(const struct child *child);
void child_kill(struct child *child); /* if it runs */

/* The path of the program of this name that lies beside this one. False: it can't be found
 * out. */
bool child_find(const char *name, char *path, size_t size);

#endif
