/* A real mosquitto of a test's own: on a free port, in a folder of its own. It is killed by
 * the pid that was started. */
#ifndef TESTS_BROKER_H
#define TESTS_BROKER_H

#include "check.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BROKER_PROGRAM "/usr/sbin/mosquitto"

struct broker {
    char folder[64], url[64];
    int port;
    pid_t pid;
};

static inline double test_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static inline void short_pause(void)
{
    nanosleep(&(struct timespec){0, 2000000}, NULL);
}

static inline struct sockaddr_in loopback(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static inline int free_port(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static inline bool answers(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = loopback(port);
    bool ok = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return ok;
}

static inline void broker_write(const struct broker *broker, const char *name,
                                const char *text)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", broker->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* A folder and a port, nothing runs yet. `more`: lines of configuration, in which %s is the
 * folder (up to three times). Anonymous clients are let in unless `more` says otherwise. */
static inline void broker_prepare(struct broker *broker, const char *more)
{
    char config[2000], lines[1000];
    const char *f = broker->folder;
    strcpy(broker->folder, "/tmp/twind-broker-XXXXXX");
    assert_non_null(mkdtemp(broker->folder));
    broker->port = free_port();
    broker->pid = 0;
    snprintf(broker->url, sizeof broker->url, "mqtt://127.0.0.1:%d", broker->port);
    snprintf(lines, sizeof lines, more, f, f, f);
    /* "user root": else, started by root, it becomes one that can't write the folder */
    snprintf(config, sizeof config,
             "user root\nlistener %d 127.0.0.1\n%s"
             "persistence true\npersistence_location %s/\n"
             "max_queued_messages 0\nlog_type none\n%s",
             broker->port, strstr(more, "allow_anonymous") ? "" : "allow_anonymous true\n",
             f, lines);
    broker_write(broker, "mosquitto.conf", config);
}

static inline void broker_run(struct broker *broker)
{
    char path[100];
    snprintf(path, sizeof path, "%s/mosquitto.conf", broker->folder);
    broker->pid = fork();
    assert_true(broker->pid >= 0);
    if (broker->pid == 0) {
        /* else it would hold the test's own output open if the test dies */
        if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
            _exit(126);
        execl(BROKER_PROGRAM, "mosquitto", "-c", path, (char *)NULL);
        _exit(127);
    }
    double deadline = test_clock() + 5;
    while (!answers(broker->port)) {
        if (waitpid(broker->pid, NULL, WNOHANG) == broker->pid)
            fail_msg("%s did not start (is it installed?)", BROKER_PROGRAM);
        if (test_clock() > deadline)
            fail_msg("%s does not answer", BROKER_PROGRAM);
        short_pause();
    }
}

static inline void broker_end(struct broker *broker, int signal)
{
    if (broker->pid <= 0)
        return;
    kill(broker->pid, signal);
    waitpid(broker->pid, NULL, 0);
    broker->pid = 0;
}

/* Ends it and removes its folder. */
static inline void broker_remove(struct broker *broker)
{
    static const char *const names[] = {"mosquitto.conf",
                                        "mosquitto.db",
                                        "mosquitto.db.new",
                                        "passwords",
                                        "ca.pem",
                                        "ca.key",
                                        "server.pem",
                                        "server.key",
                                        "server.csr",
                                        "server.ext",
                                        "ca.srl",
                                        "pid",
                                        "acl"};
    char path[160];
    broker_end(broker, SIGKILL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", broker->folder, names[i]);
        unlink(path);
    }
    rmdir(broker->folder);
}

#endif
