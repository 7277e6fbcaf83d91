/* The messages to systemd, received on a socket in its place. */
#include "check.h"

#include "twind/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int bind_socket(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    memcpy(at.sun_path, path, length);
    if (path[0] == '@')
        at.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
    return fd;
}

static void expect_message(const char *path)
{
    char got[64] = "";
    int fd = bind_socket(path);
    setenv("NOTIFY_SOCKET", path, 1);
    notify_send("READY=1");
    assert_int_equal(recv(fd, got, sizeof got - 1, MSG_DONTWAIT), 7);
    assert_string_equal(got, "READY=1");
    close(fd);
}

static void test_a_message_reaches_a_socket_by_path_and_by_abstract_name(void **state)
{
    (void)state;
    char path[64], name[64];
    snprintf(path, sizeof path, "/tmp/twind-notify-%ld", (long)getpid());
    snprintf(name, sizeof name, "@twind-notify-%ld", (long)getpid());
    expect_message(path);
    unlink(path);
    expect_message(name);
}

static void test_without_a_socket_nothing_happens(void **state)
{
    (void)state;
    char lots[300];
    memset(lots, '/', sizeof lots - 1);
    lots[sizeof lots - 1] = '\0';
    unsetenv("NOTIFY_SOCKET");
    notify_send("READY=1");
    static const char *const useless[] = {"", "relative", "/no/such/socket"};
    for (size_t i = 0; i < sizeof useless / sizeof *useless; i++) {
        setenv("NOTIFY_SOCKET", useless[i], 1);
        notify_send("READY=1");
    }
    setenv("NOTIFY_SOCKET", lots, 1);
    notify_send("READY=1");
}

static void test_the_watchdog_is_fed_twice_as_often_as_asked(void **state)
{
    (void)state;
    char pid[32];
    unsetenv("WATCHDOG_PID");
    unsetenv("WATCHDOG_USEC");
    assert_close(notify_watchdog(), 0, 0);
    setenv("WATCHDOG_USEC", "30000000", 1);
    assert_close(notify_watchdog(), 15, 0);
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    assert_close(notify_watchdog(), 15, 0);
    setenv("WATCHDOG_PID", "1", 1); /* another process is watched */
    assert_close(notify_watchdog(), 0, 0);
    unsetenv("WATCHDOG_PID");
    setenv("WATCHDOG_USEC", "nonsense", 1);
    assert_close(notify_watchdog(), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_message_reaches_a_socket_by_path_and_by_abstract_name),
        cmocka_unit_test(test_without_a_socket_nothing_happens),
        cmocka_unit_test(test_the_watchdog_is_fed_twice_as_often_as_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
