/* A child beside the loop: what it says last is told, it is ended in time, and it gets hold
 * of nothing that is open here. */
#include "check.h"

#include "twind/child.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

struct end {
    unsigned n;
    bool well;
    char line[CHILD_LINE];
};

static void on_ended(void *context, bool well, const char *line)
{
    struct end *end = context;
    end->n++;
    end->well = well;
    snprintf(end->line, sizeof end->line, "%s", line);
}

static struct end run(const char *script, double limit)
{
    uv_loop_t loop;
    struct end end = {0};
    struct err e;
    uv_loop_init(&loop);
    struct child *child = child_new(&loop);
    char *arguments[] = {"/bin/sh", "-c", (char *)script, NULL};
    const struct child_task task = {arguments, limit, on_ended, &end};
    if (!child_start(child, &task, &e))
        fail_msg("%s", e.text);
    assert_true(child_is_running(child));
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_false(child_is_running(child));
    assert_int_equal(end.n, 1);
    assert_int_equal(uv_loop_close(&loop), 0);
    free(child);
    return end;
}

static void test_the_last_line_is_told(void **state)
{
    (void)state;
    struct end end = run("echo first; printf 'the\\rlast one\\n\\n'", 60);
    assert_true(end.well);
    assert_string_equal(end.line, "last one");
    end = run("printf '%02000d' 7", 60);
    assert_int_equal(strlen(end.line), CHILD_LINE - 1);
}

static void test_a_failure_is_told(void **state)
{
    (void)state;
    struct end end = run("echo why; exit 3", 60);
    assert_false(end.well);
    assert_string_equal(end.line, "why");
    assert_string_equal(run("exit 3", 60).line, "ended with status 3");
    assert_string_equal(run("echo x; kill -9 $$", 60).line, "ended by signal 9");
}

static void test_one_that_hangs_is_ended(void **state)
{
    (void)state;
    struct end end = run("echo begun; exec sleep 600", 0.05);
    assert_false(end.well);
    assert_string_equal(end.line, "stopped after 0.05 s, the longest allowed");
}

static void test_what_is_open_here_is_not_open_there(void **state)
{
    (void)state;
    char script[128];
    int fd = open("/dev/null", O_RDONLY);
    assert_true(fd > 2);
    snprintf(script, sizeof script,
             "if [ -e /proc/$$/fd/%d ]; then echo open; else echo closed; fi", fd);
    assert_string_equal(run(script, 60).line, "closed");
    assert_int_equal(close(fd), 0);
}

static void test_a_program_that_is_not_there_is_named(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct end end = {0};
    struct err e;
    uv_loop_init(&loop);
    struct child *child = child_new(&loop);
    char *arguments[] = {"/no/such/program", NULL};
    const struct child_task task = {arguments, 60, on_ended, &end};
    assert_false(child_start(child, &task, &e));
    assert_non_null(strstr(e.text, "/no/such/program can't be started"));
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(end.n, 0);
    assert_false(child_is_running(child));
    assert_int_equal(uv_loop_close(&loop), 0);
    free(child);
}

static void test_a_program_beside_this_one_is_found(void **state)
{
    (void)state;
    char path[4096], small[8];
    assert_true(child_find("test_child", path, sizeof path));
    assert_int_equal(access(path, X_OK), 0);
    assert_false(child_find("test_child", small, sizeof small));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_line_is_told),
        cmocka_unit_test(test_a_failure_is_told),
        cmocka_unit_test(test_one_that_hangs_is_ended),
        cmocka_unit_test(test_what_is_open_here_is_not_open_there),
        cmocka_unit_test(test_a_program_that_is_not_there_is_named),
        cmocka_unit_test(test_a_program_beside_this_one_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
