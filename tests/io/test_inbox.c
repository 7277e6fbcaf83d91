/* The inbox under kills, damage and full disks. A producer is killed by SIGKILL at random
 * instants; what it has put must be there, whole, once and in order. */
#include "check.h"
#include "twind/inbox.h"
#include "twind/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SMALL = 65536, RING_AT = 65536 + 65536 * 16 };

static char path[64];

static struct inbox *open_inbox(size_t bytes, uint64_t applied)
{
    struct err e;
    struct inbox *inbox = inbox_open(path, bytes, applied, &e);
    if (!inbox)
        fail_msg("%s", e.text);
    return inbox;
}

static struct inbox_message message_of(const char *topic, const char *payload, unsigned id)
{
    return (struct inbox_message){.received = 1e9,
                                  .topic = topic,
                                  .topic_length = strlen(topic),
                                  .payload = payload,
                                  .payload_length = strlen(payload),
                                  .packet_id = (uint16_t)id};
}

static bool put(struct inbox *inbox, const char *topic, const char *payload, unsigned id)
{
    struct inbox_message m = message_of(topic, payload, id);
    return inbox_put_on_paho(inbox, &m);
}

static bool put_again(struct inbox *inbox, const char *topic, const char *payload,
                      unsigned id)
{
    struct inbox_message m = message_of(topic, payload, id);
    m.dup = true;
    return inbox_put_on_paho(inbox, &m);
}

static void expect(struct inbox *inbox, uint64_t seq, const char *topic,
                   const char *payload)
{
    struct inbox_message m;
    assert_true(inbox_next(inbox, &m));
    assert_int_equal(m.seq, seq);
    assert_int_equal(m.topic_length, strlen(topic));
    assert_memory_equal(m.topic, topic, m.topic_length);
    assert_int_equal(m.payload_length, strlen(payload));
    assert_memory_equal(m.payload, payload, m.payload_length);
    inbox_done(inbox);
}

static void expect_none(struct inbox *inbox)
{
    struct inbox_message m;
    assert_false(inbox_next(inbox, &m));
}

static void overwrite(off_t at, const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, n, at), (ssize_t)n);
    close(fd);
}

/* -- order and room -- */

static void test_messages_come_out_as_they_went_in(void **state)
{
    (void)state;
    struct inbox *inbox = open_inbox(SMALL, 0);
    struct inbox_message m = message_of("a/b", "21.5", 7), out;
    m.retained = true;
    m.received = 1234.5;
    assert_true(inbox_put_on_paho(inbox, &m));
    assert_true(put(inbox, "", "", 0));
    assert_true(inbox_next(inbox, &out));
    assert_int_equal(out.seq, 1);
    assert_int_equal(out.packet_id, 7);
    assert_true(out.retained && !out.dup && !out.poisoned);
    assert_close(out.received, 1234.5, 0);
    inbox_done(inbox);
    expect(inbox, 2, "", "");
    expect_none(inbox);
    inbox_close(inbox);
}

static void test_unreleased_messages_are_there_after_a_restart(void **state)
{
    (void)state;
    struct inbox *inbox = open_inbox(SMALL, 0);
    put(inbox, "t", "one", 1);
    put(inbox, "t", "two", 2);
    put(inbox, "t", "three", 3);
    expect(inbox, 1, "t", "one");
    inbox_release(inbox, 1);
    inbox_close(inbox);
    inbox = open_inbox(SMALL, 1);
    expect(inbox, 2, "t", "two");
    inbox_close(inbox);
    inbox = open_inbox(SMALL, 2); /* committed, but killed before the release */
    assert_int_equal(inbox_stats(inbox).depth, 1);
    expect(inbox, 3, "t", "three");
    expect_none(inbox);
    inbox_close(inbox);
}

static void test_a_new_file_goes_on_after_what_the_history_holds(void **state)
{
    (void)state;
    struct inbox *inbox = open_inbox(SMALL, 1000);
    put(inbox, "t", "x", 1);
    expect(inbox, 1001, "t", "x");
    inbox_close(inbox);
    inbox = open_inbox(SMALL, 5000); /* the history is ahead of the file */
    expect_none(inbox);
    put(inbox, "t", "y", 2);
    inbox_close(inbox);
    inbox = open_inbox(SMALL, 5000);
    expect(inbox, 5001, "t", "y");
    inbox_close(inbox);
}

static void test_the_ring_wraps_with_messages_of_all_lengths(void **state)
{
    (void)state;
    struct inbox *inbox = open_inbox(SMALL, 0);
    static char payload[5000];
    for (unsigned i = 1; i <= 2000; i++) {
        size_t n = i * 37 % 4800;
        memset(payload, 'a' + (int)(i % 26), n);
        payload[n] = 0;
        assert_true(put(inbox, "wrap", payload, i));
        expect(inbox, i, "wrap", payload);
        inbox_release(inbox, i);
        if (i % 100 == 0) {
            inbox_close(inbox);
            inbox = open_inbox(SMALL, i);
        }
    }
    assert_int_equal(inbox_stats(inbox).used_bytes, 0);
    inbox_close(inbox);
}

static void test_a_zero_word_ends_the_ring_over_whatever_an_older_lap_left(void **state)
{
    (void)state;
    struct inbox *inbox = open_inbox(SMALL, 0);
    for (unsigned i = 1; i <= 1000; i++) { /* 80 bytes each: one lap and a bit */
        put(inbox, "t", "12345678901234567890123", i);
        expect(inbox, i, "t", "12345678901234567890123");
        inbox_release(inbox, i);
    }
    int fd = open(path, O_RDONLY);
    uint64_t word = 1;
    assert_int_equal(pread(fd, &word, sizeof word, RING_AT + 1000 * 80 - SMALL), 8);
    close(fd);
    assert_int_equal(word, 0);
    inbox_close(inbox);
}

static void test_what_can_never_fit_is_counted_and_let_go(void **state)
{
    (void)state;
    struct inbox *inbox = open_inbox(SMALL, 0);
    static char huge[SMALL + 1];
    memset(huge, 'x', SMALL);
    assert_true(put(inbox, "t", huge, 1));
    assert_int_equal(inbox_stats(inbox).too_large, 1);
    huge[SMALL - 56 - 8 - 8] = 0; /* with topic and padding: exactly the ring */
    assert_true(put(inbox, "t", huge, 1));
    assert_int_equal(inbox_stats(inbox).put, 1);
    inbox_close(inbox);
}

static void test_the_file_takes_a_new_size_once_it_is_empty(void **state)
{
    (void)state;
    struct inbox *inbox = open_inbox(SMALL, 0);
    put(inbox, "t", "a", 1);
    inbox_close(inbox);
    inbox = open_inbox(4 * SMALL, 0);
    assert_int_equal(inbox_stats(inbox).capacity_bytes, SMALL);
    expect(inbox, 1, "t", "a");
    inbox_release(inbox, 1);
    inbox_close(inbox);
    inbox = open_inbox(4 * SMALL, 1);
    assert_int_equal(inbox_stats(inbox).capacity_bytes, 4 * SMALL);
    put(inbox, "t", "b", 2);
    inbox_close(inbox);
    inbox = open_inbox(4 * SMALL, 1);
    expect(inbox, 2, "t", "b");
    inbox_close(inbox);
}

/* -- a full ring -- */

struct producer {
    struct inbox *inbox;
    unsigned n;
    atomic_int refused, finished;
};

static void *produce(void *context)
{
    struct producer *producer = context;
    char text[600] = {0};
    memset(text, '.', sizeof text - 1);
    for (unsigned i = 1; i <= producer->n; i++)
        if (!put(producer->inbox, "full", text, i % 65535 + 1))
            atomic_fetch_add(&producer->refused, 1);
    atomic_store(&producer->finished, 1);
    return NULL;
}

static void wait_until_blocked(struct inbox *inbox)
{
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    while (!inbox_stats(inbox).blocked) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - begin.tv_sec > 5)
            fail_msg("the producer never blocked");
        nanosleep(&(struct timespec){0, 100000}, NULL);
    }
}

static void test_a_full_ring_holds_the_producer_until_there_is_room(void **state)
{
    (void)state;
    struct producer producer = {.inbox = open_inbox(SMALL, 0), .n = 20000};
    pthread_t thread;
    pthread_create(&thread, NULL, produce, &producer);
    wait_until_blocked(producer.inbox);
    struct inbox_message m;
    for (uint64_t seq = 1; seq <= producer.n;) {
        if (!inbox_next(producer.inbox, &m)) {
            inbox_release(producer.inbox, seq - 1);
            continue;
        }
        assert_int_equal(m.seq, seq++);
        assert_int_equal(m.payload_length, 599);
        inbox_done(producer.inbox);
    }
    pthread_join(thread, NULL);
    assert_int_equal(atomic_load(&producer.refused), 0);
    inbox_close(producer.inbox);
}

static void test_a_stop_lets_a_blocked_producer_go_without_a_lie(void **state)
{
    (void)state;
    struct producer producer = {.inbox = open_inbox(SMALL, 0), .n = 150};
    pthread_t thread;
    pthread_create(&thread, NULL, produce, &producer);
    wait_until_blocked(producer.inbox);
    uint64_t stored = inbox_stats(producer.inbox).put;
    inbox_stop(producer.inbox);
    pthread_join(thread, NULL);
    assert_int_equal(atomic_load(&producer.refused), producer.n - stored);
    assert_int_equal(inbox_stats(producer.inbox).put, stored);
    inbox_close(producer.inbox);
}

/* -- redelivery -- */

static void test_a_redelivered_message_is_stored_once(void **state)
{
    (void)state;
    struct inbox *inbox = open_inbox(SMALL, 0);
    put(inbox, "t", "same", 5);
    put_again(inbox, "t", "same", 5);
    put_again(inbox, "t", "other", 5); /* another message that took the id */
    put_again(inbox, "t", "same", 6);  /* first delivery never came */
    put(inbox, "t", "same", 6);        /* not DUP: a new one */
    assert_int_equal(inbox_stats(inbox).redelivered, 1);
    assert_int_equal(inbox_stats(inbox).put, 4);
    inbox_close(inbox);
}

static void test_redelivery_is_known_after_a_restart_and_after_the_release(void **state)
{
    (void)state;
    struct inbox *inbox = open_inbox(SMALL, 0);
    put(inbox, "t", "a", 5);
    expect(inbox, 1, "t", "a");
    inbox_release(inbox, 1);
    put(inbox, "t", "b", 6);
    inbox_close(inbox);
    inbox = open_inbox(SMALL, 1);
    put_again(inbox, "t", "a", 5);
    put_again(inbox, "t", "b", 6);
    assert_int_equal(inbox_stats(inbox).redelivered, 2);
    expect(inbox, 2, "t", "b");
    expect_none(inbox);
    inbox_close(inbox);
}

static void test_a_new_session_has_no_redeliveries_of_the_old_one(void **state)
{
    (void)state;
    struct inbox *inbox = open_inbox(SMALL, 0);
    put(inbox, "t", "a", 5);
    inbox_new_session(inbox);
    put_again(inbox, "t", "a", 5);
    assert_int_equal(inbox_stats(inbox).redelivered, 0);
    put_again(inbox, "t", "a", 5);
    assert_int_equal(inbox_stats(inbox).redelivered, 1);
    inbox_close(inbox);
}

static void test_an_id_is_forgotten_after_sixty_thousand_messages(void **state)
{
    (void)state;
    struct inbox *inbox = open_inbox(SMALL, 0);
    put(inbox, "t", "old", 5);
    for (uint64_t i = 2; i <= 59999; i++) {
        put(inbox, "t", "x", 6);
        struct inbox_message m;
        while (inbox_next(inbox, &m))
            inbox_done(inbox);
        inbox_release(inbox, i);
    }
    put_again(inbox, "t", "old", 5); /* 59,999 later: known */
    assert_int_equal(inbox_stats(inbox).redelivered, 1);
    put(inbox, "t", "x", 6);
    put(inbox, "t", "x", 6);
    put_again(inbox, "t", "old", 5);
    assert_int_equal(inbox_stats(inbox).redelivered, 1);
    inbox_close(inbox);
}

/* -- death -- */

/* A child that dies of the message `seq`; true: it was not warned. */
static bool dies_of(uint64_t seq)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct err e;
        struct inbox *inbox = inbox_open(path, SMALL, 0, &e);
        struct inbox_message m;
        while (inbox && inbox_next(inbox, &m)) {
            if (m.seq == seq && m.poisoned)
                _exit(3);
            if (m.seq == seq)
                raise(SIGKILL);
            inbox_done(inbox);
        }
        _exit(4);
    }
    int status;
    waitpid(pid, &status, 0);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 3);
    return WIFSIGNALED(status);
}

static void test_a_message_that_kills_three_times_is_poisoned(void **state)
{
    (void)state;
    struct inbox *inbox = open_inbox(SMALL, 0);
    put(inbox, "t", "fine", 1);
    put(inbox, "t", "poison", 2);
    put(inbox, "t", "fine too", 3);
    inbox_close(inbox);
    assert_true(dies_of(2));
    assert_true(dies_of(2));
    assert_true(dies_of(2));
    assert_false(dies_of(2));
    inbox = open_inbox(SMALL, 1);
    struct inbox_message m;
    assert_true(inbox_next(inbox, &m) && m.seq == 2 && m.poisoned);
    inbox_done(inbox);
    assert_true(inbox_next(inbox, &m) && m.seq == 3 && !m.poisoned);
    inbox_close(inbox);
}

static unsigned draw(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Puts numbered messages from `first` on, tells the last one that was put, until killed. */
static void put_until_killed(struct inbox *inbox, uint64_t first, _Atomic uint64_t *told)
{
    char text[400];
    for (uint64_t i = first;; i++) {
        int n = snprintf(text, sizeof text, "%llu:", (unsigned long long)i);
        size_t length = (size_t)n + (size_t)(i * 7919 % 300);
        memset(text + n, '#', length - (size_t)n);
        struct inbox_message m = message_of("kill", "", (unsigned)(i % 65535 + 1));
        m.payload = text;
        m.payload_length = length;
        inbox_put_on_paho(inbox, &m);
        atomic_store(told, i);
        /* the producer itself drains, so that releases are hit too */
        if (i % 50 == 0) {
            while (inbox_next(inbox, &m))
                inbox_done(inbox);
            inbox_release(inbox, i - 20);
        }
    }
}

static uint64_t check_numbered(struct inbox *inbox, uint64_t told)
{
    struct inbox_message m;
    uint64_t last = 0;
    while (inbox_next(inbox, &m)) {
        if (last)
            assert_int_equal(m.seq, last + 1);
        last = m.seq;
        assert_int_equal(strtoull(m.payload, NULL, 10), last);
        assert_int_equal(m.payload[m.payload_length - 1], last * 7919 % 300 ? '#' : ':');
        inbox_done(inbox);
    }
    assert_true(last == told || last == told + 1);
    return last;
}

static void test_a_kill_at_any_instant_loses_and_doubles_nothing(void **state)
{
    (void)state;
    const char *text = getenv("SEED");
    unsigned seed = text ? (unsigned)atoi(text) : 20261122;
    print_message("seed %u\n", seed);
    _Atomic uint64_t *told =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, open("/dev/zero", O_RDWR), 0);
    uint64_t last = 0;
    for (int round = 0; round < 60; round++) {
        pid_t pid = fork();
        if (pid == 0) {
            struct err e;
            struct inbox *inbox = inbox_open(path, SMALL, 0, &e);
            atomic_store(told + 1, (uint64_t)(inbox != NULL));
            struct inbox_message m;
            while (inbox && inbox_next(inbox, &m))
                inbox_done(inbox);
            put_until_killed(inbox, last + 1, told);
        }
        nanosleep(&(struct timespec){0, (long)(draw(&seed) % 6000000)}, NULL);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        struct inbox *inbox = open_inbox(SMALL, 0);
        uint64_t found = check_numbered(inbox, atomic_load(told));
        last = found > last ? found : last;
        inbox_close(inbox);
    }
    assert_true(last > 1000);
    munmap((void *)told, 4096);
}

/* -- other people's files -- */

static void test_a_second_process_is_refused(void **state)
{
    (void)state;
    struct inbox *inbox = open_inbox(SMALL, 0);
    struct err e;
    assert_null(inbox_open(path, SMALL, 0, &e));
    assert_non_null(strstr(e.text, "in use"));
    assert_non_null(strstr(e.text, path));
    inbox_close(inbox);
}

static void test_a_file_that_is_no_inbox_is_left_alone(void **state)
{
    (void)state;
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 1000; i++)
        fputs("somebody's diary\n", file);
    fclose(file);
    struct err e;
    assert_null(inbox_open(path, SMALL, 0, &e));
    assert_non_null(strstr(e.text, "no inbox"));
}

static void test_damaged_bytes_cost_one_message(void **state)
{
    (void)state;
    struct inbox *inbox = open_inbox(SMALL, 0);
    for (unsigned i = 1; i <= 5; i++)
        put(inbox, "t", "12345678901234567890123", i); /* 80 bytes each */
    inbox_close(inbox);
    overwrite(RING_AT + 2 * 80 + 60, "????", 4);
    inbox = open_inbox(SMALL, 0);
    struct inbox_message m;
    static const uint64_t left[] = {1, 2, 4, 5};
    for (size_t i = 0; i < 4; i++) {
        assert_true(inbox_next(inbox, &m));
        assert_int_equal(m.seq, left[i]);
        inbox_done(inbox);
    }
    expect_none(inbox);
    put(inbox, "t", "new", 9);
    expect(inbox, 6, "t", "new");
    inbox_release(inbox, 6);
    assert_int_equal(inbox_stats(inbox).used_bytes, 0);
    inbox_close(inbox);
}

static void test_any_damaged_ring_is_opened_without_harm(void **state)
{
    (void)state;
    unsigned seed = 7;
    for (int round = 0; round < 40; round++) {
        struct inbox *inbox = open_inbox(SMALL, 0);
        struct inbox_message m;
        for (unsigned i = 1; i <= 60; i++)
            put(inbox, "topic", "a payload of some length", i);
        inbox_close(inbox);
        for (int hit = 0; hit < 8; hit++) {
            unsigned noise = draw(&seed) * 2654435761u;
            overwrite(RING_AT + (off_t)(draw(&seed) % 8000), &noise, sizeof noise);
        }
        inbox = open_inbox(SMALL, 0);
        uint64_t last = 0;
        while (inbox_next(inbox, &m)) {
            assert_true(m.seq > last);
            assert_memory_equal(m.payload, "a payload of some length", 24);
            last = m.seq;
            inbox_done(inbox);
        }
        inbox_release(inbox, last);
        inbox_close(inbox);
        unlink(path);
    }
}

static void test_a_damaged_header_is_told(void **state)
{
    (void)state;
    inbox_close(open_inbox(SMALL, 0));
    static const char noise[80] = "noise";
    overwrite(24, noise, sizeof noise);
    struct err e;
    assert_null(inbox_open(path, SMALL, 0, &e));
    assert_non_null(strstr(e.text, "damaged"));
}

static void test_a_full_disk_is_a_clean_error(void **state)
{
    (void)state;
    /* a limit on the file's size stands for the disk's end */
    struct rlimit old, small = {300000, 300000};
    getrlimit(RLIMIT_FSIZE, &old);
    small.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    struct err e;
    struct inbox *inbox = inbox_open(path, SMALL, 0, &e);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_null(inbox);
    assert_non_null(strstr(e.text, "no room for its 1 MB"));
    inbox_close(open_inbox(SMALL, 0)); /* and with room it works */
}

static int fresh_path(void **state)
{
    (void)state;
    strcpy(path, "/tmp/twind-inbox-XXXXXX");
    int fd = mkstemp(path);
    close(fd);
    return fd >= 0 ? 0 : -1;
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path) == 0 || errno == ENOENT ? 0 : -1;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fresh_path, remove_path)

int main(void)
{
    log_set_level(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        TEST(test_messages_come_out_as_they_went_in),
        TEST(test_unreleased_messages_are_there_after_a_restart),
        TEST(test_a_new_file_goes_on_after_what_the_history_holds),
        TEST(test_the_ring_wraps_with_messages_of_all_lengths),
        TEST(test_a_zero_word_ends_the_ring_over_whatever_an_older_lap_left),
        TEST(test_what_can_never_fit_is_counted_and_let_go),
        TEST(test_the_file_takes_a_new_size_once_it_is_empty),
        TEST(test_a_full_ring_holds_the_producer_until_there_is_room),
        TEST(test_a_stop_lets_a_blocked_producer_go_without_a_lie),
        TEST(test_a_redelivered_message_is_stored_once),
        TEST(test_redelivery_is_known_after_a_restart_and_after_the_release),
        TEST(test_a_new_session_has_no_redeliveries_of_the_old_one),
        TEST(test_an_id_is_forgotten_after_sixty_thousand_messages),
        TEST(test_a_message_that_kills_three_times_is_poisoned),
        TEST(test_a_kill_at_any_instant_loses_and_doubles_nothing),
        TEST(test_a_second_process_is_refused),
        TEST(test_a_file_that_is_no_inbox_is_left_alone),
        TEST(test_damaged_bytes_cost_one_message),
        TEST(test_any_damaged_ring_is_opened_without_harm),
        TEST(test_a_damaged_header_is_told),
        TEST(test_a_full_disk_is_a_clean_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
