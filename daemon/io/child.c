#include "twind/child.h"

#include "twind/mem.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

enum { HANDLES = 3, DESCRIPTORS_MOST = 65536 };

struct child {
    uv_loop_t *loop;
    uv_process_t process;
    uv_pipe_t output;
    uv_timer_t limit;
    unsigned open; /* handles that are not closed yet */
    struct child_task task;
    bool well, late, killed;
    int64_t status;
    int signal;
    char line[CHILD_LINE], chunk[CHILD_LINE];
    size_t used;
    bool ended; /* the line: the next byte begins a new one */
};

struct child *child_new(uv_loop_t *loop)
{
    struct child *child = mem_new(1, sizeof *child);
    child->loop = loop;
    return child;
}

bool child_is_running(const struct child *child)
{
    return child->open > 0;
}

void child_kill(struct child *child)
{
    if (child_is_running(child) && !uv_is_closing((uv_handle_t *)&child->process))
        uv_process_kill(&child->process, SIGKILL);
}

/* ---- what it says ---- */

/* The last line that is not empty; of a long one the beginning. */
static void take_output(struct child *child, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\r') {
            child->ended = true;
            continue;
        }
        if (child->ended)
            child->used = 0;
        child->ended = false;
        if (child->used + 1 < sizeof child->line)
            child->line[child->used++] = bytes[i];
        child->line[child->used] = '\0';
    }
}

static void give_room(uv_handle_t *handle, size_t wanted, uv_buf_t *room)
{
    struct child *child = handle->data;
    (void)wanted;
    *room = uv_buf_init(child->chunk, sizeof child->chunk);
}

/* ---- its end ---- */

static void tell_end(struct child *child)
{
    if (child->late)
        snprintf(child->line, sizeof child->line, "stopped after %g s, the longest allowed",
                 child->task.limit);
    else if (child->signal)
        snprintf(child->line, sizeof child->line, "ended by signal %d", child->signal);
    else if (child->used == 0)
        snprintf(child->line, sizeof child->line, "ended with status %lld",
                 (long long)child->status);
    child->task.ended(child->task.context, child->well, child->line);
}

static void on_closed(uv_handle_t *handle)
{
    struct child *child = handle->data;
    if (--child->open == 0)
        tell_end(child);
}

static void on_output(uv_stream_t *stream, ssize_t n, const uv_buf_t *chunk)
{
    struct child *child = stream->data;
    if (n >= 0)
        take_output(child, chunk->base, (size_t)n);
    else
        uv_close((uv_handle_t *)stream, on_closed);
}

static void on_exited(uv_process_t *process, int64_t status, int by_signal)
{
    struct child *child = process->data;
    child->well = status == 0 && by_signal == 0;
    child->status = status;
    child->signal = by_signal;
    uv_close((uv_handle_t *)&child->limit, on_closed);
    uv_close((uv_handle_t *)process, on_closed);
}

static void on_limit(uv_timer_t *timer)
{
    struct child *child = timer->data;
    child->late = true;
    child_kill(child);
}

/* ---- its start ---- */

/* Libraries open files and sockets without asking whether a program may inherit them. */
static void keep_descriptors(void)
{
    long most = sysconf(_SC_OPEN_MAX);
    if (most < 0 || most > DESCRIPTORS_MOST)
        most = DESCRIPTORS_MOST;
    for (int fd = STDERR_FILENO + 1; fd < most; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && !(flags & FD_CLOEXEC))
            fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
    }
}

static void ignore_end(void *context, bool well, const char *line)
{
    (void)context, (void)well, (void)line;
}

static int spawn(struct child *child)
{
    uv_stdio_container_t stdio[] = {
        {.flags = UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
         .data.stream = (uv_stream_t *)&child->output},
        {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
    };
    const uv_process_options_t options = {
        .exit_cb = on_exited,
        .file = child->task.arguments[0],
        .args = (char **)child->task.arguments,
        .stdio_count = 3,
        .stdio = stdio,
    };
    keep_descriptors();
    return uv_spawn(child->loop, &child->process, &options);
}

bool child_start(struct child *child, const struct child_task *task, struct err *e)
{
    *child = (struct child){.loop = child->loop, .task = *task, .open = HANDLES};
    uv_pipe_init(child->loop, &child->output, 0);
    uv_timer_init(child->loop, &child->limit);
    child->output.data = child->limit.data = child->process.data = child;
    int failed = spawn(child);
    if (failed) {
        child->task.ended = ignore_end;
        uv_close((uv_handle_t *)&child->output, on_closed);
        uv_close((uv_handle_t *)&child->limit, on_closed);
        uv_close((uv_handle_t *)&child->process, on_closed);
        return err_set(e, "%s can't be started: %s", task->arguments[0],
                       uv_strerror(failed));
    }
    uv_read_start((uv_stream_t *)&child->output, give_room, on_output);
    uv_timer_start(&child->limit, on_limit, (uint64_t)(task->limit * 1000), 0);
    return true;
}

bool child_find(const char *name, char *path, size_t size)
{
    size_t used = size;
    if (uv_exepath(path, &used) != 0)
        return false;
    char *slash = strrchr(path, '/');
    size_t folder = slash ? (size_t)(slash + 1 - path) : 0;
    return (size_t)snprintf(path + folder, size - folder, "%s", name) < size - folder;
}
