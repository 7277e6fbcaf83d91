/* The keep: what was committed is found again, whatever was being written. */
#include "check.h"
#include "twind/keep.h"
#include "twind/log.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char path[64], aside[80];

static struct keep *open_keep(void)
{
    struct err e;
    struct keep *keep = keep_open(path, &e);
    if (!keep)
        fail_msg("%s", e.text);
    return keep;
}

static uint64_t place_of(struct keep *keep, const char *id, size_t size)
{
    uint64_t place = keep_place(keep, id, keep_layout(keep, "layout"), size, 3);
    assert_int_not_equal(place, KEEP_NONE);
    return place;
}

static void expect(struct keep *keep, const char *id, uint64_t applied, const char *block)
{
    uint64_t place = keep_find(keep, id);
    assert_int_not_equal(place, KEEP_NONE);
    const char *found = keep_read(keep, place, applied);
    if (!block) {
        assert_null(found);
        return;
    }
    assert_non_null(found);
    assert_string_equal(found, block);
}

static void test_the_newest_committed_block_is_found(void **state)
{
    (void)state;
    struct keep *keep = open_keep();
    uint64_t place = place_of(keep, "gh1", 8);
    expect(keep, "gh1", 100, NULL);
    keep_write_on_writer(keep, place, 10, "ten....");
    keep_write_on_writer(keep, place, 20, "twenty.");
    expect(keep, "gh1", 20, "twenty.");
    expect(keep, "gh1", 19, "ten....");
    expect(keep, "gh1", 9, NULL);
    keep_write_on_writer(keep, place, 30, "thirty.");
    keep_write_on_writer(keep, place, 30, "again.."); /* its commit failed, tried again */
    expect(keep, "gh1", 29, "twenty.");
    expect(keep, "gh1", 30, "again..");
    keep_close(keep);
    keep = open_keep();
    expect(keep, "gh1", 29, "twenty.");
    keep_close(keep);
}

static void test_an_uncommitted_block_of_a_former_run_gives_way_first(void **state)
{
    (void)state;
    struct keep *keep = open_keep();
    uint64_t place = place_of(keep, "gh1", 8);
    keep_write_on_writer(keep, place, 10, "commit.");
    keep_write_on_writer(keep, place, 20, "never..");
    keep_close(keep); /* the process dies before it commits 20 */
    keep = open_keep();
    expect(keep, "gh1", 10, "commit.");
    keep_write_on_writer(keep, place, 25, "newer..");
    expect(keep, "gh1", 10, "commit."); /* killed here, this is what is needed */
    expect(keep, "gh1", 22, "commit."); /* 20 was of another life */
    expect(keep, "gh1", 25, "newer..");
    keep_close(keep);
}

static void test_damaged_generation_leaves_the_other(void **state)
{
    (void)state;
    struct keep *keep = open_keep();
    uint64_t place = place_of(keep, "gh1", 8);
    keep_write_on_writer(keep, place, 10, "older..");
    keep_write_on_writer(keep, place, 20, "newer..");
    char *block = (char *)(uintptr_t)keep_read(keep, place, 20);
    block[3] ^= 1;
    expect(keep, "gh1", 20, "older..");
    keep_close(keep);
}

static void test_layouts_keep_their_numbers(void **state)
{
    (void)state;
    struct keep *keep = open_keep();
    assert_int_equal(keep_layout(keep, "greenhouse x y z"), 1);
    assert_int_equal(keep_layout(keep, ""), 2);
    assert_int_equal(keep_layout(keep, "greenhouse x y z"), 1);
    keep_close(keep);
    keep = open_keep();
    assert_int_equal(keep_layout(keep, "another"), 3);
    assert_string_equal(keep_layout_text(keep, 1), "greenhouse x y z");
    assert_string_equal(keep_layout_text(keep, 2), "");
    assert_string_equal(keep_layout_text(keep, 9), "");
    keep_close(keep);
}

static void test_a_new_place_of_an_id_replaces_the_old_one(void **state)
{
    (void)state;
    struct keep *keep = open_keep();
    uint64_t old = place_of(keep, "gh1", 8);
    keep_write_on_writer(keep, old, 10, "old....");
    uint32_t layout = keep_layout(keep, "other layout");
    uint64_t new = keep_place(keep, "gh1", layout, 100, 0);
    assert_int_not_equal(new, old);
    keep_close(keep);
    keep = open_keep();
    assert_int_equal(keep_find(keep, "gh1"), new);
    assert_int_equal(keep_place_layout(keep, new), layout);
    assert_int_equal(keep_place_size(keep, new), 100);
    expect(keep, "gh1", 100, NULL);
    /* the room of the old one is used again now */
    assert_int_equal(place_of(keep, "gh2", 8), old);
    expect(keep, "gh2", 100, NULL);
    keep_close(keep);
}

static void test_marks_begin_at_zero_and_stay(void **state)
{
    (void)state;
    struct keep *keep = open_keep();
    uint64_t place = place_of(keep, "gh1", 8);
    assert_int_equal(keep_mark(keep, place, 2), 0);
    keep_set_mark(keep, place, 2, 77);
    keep_set_mark(keep, place, 0, 11);
    keep_write_on_writer(keep, place, 1, "1234567");
    keep_close(keep);
    keep = open_keep();
    assert_int_equal(keep_mark(keep, place, 0), 11);
    assert_int_equal(keep_mark(keep, place, 1), 0);
    assert_int_equal(keep_mark(keep, place, 2), 77);
    expect(keep, "gh1", 1, "1234567");
    keep_close(keep);
}

struct told {
    int n, odd;
};

static bool want_even(void *context, const char *id)
{
    struct told *told = context;
    bool odd = atoi(id + 1) % 2;
    told->n++;
    told->odd += odd;
    return !odd;
}

static void test_each_id_is_told_once_and_unwanted_ones_are_gone(void **state)
{
    (void)state;
    struct keep *keep = open_keep();
    char id[16];
    for (int i = 0; i < 1000; i++) {
        snprintf(id, sizeof id, "t%d", i);
        place_of(keep, id, 8);
    }
    struct told told = {0, 0};
    keep_each(keep, &told, want_even);
    assert_int_equal(told.n, 1000);
    assert_int_equal(keep_find(keep, "t7"), KEEP_NONE);
    assert_int_not_equal(keep_find(keep, "t8"), KEEP_NONE);
    keep_close(keep);
    keep = open_keep();
    told = (struct told){0, 0};
    keep_each(keep, &told, want_even);
    assert_int_equal(told.n, 500);
    assert_int_equal(told.odd, 0);
    keep_close(keep);
}

static void test_addresses_stay_while_the_file_grows(void **state)
{
    (void)state;
    struct keep *keep = open_keep();
    uint64_t first = place_of(keep, "first", 8);
    keep_write_on_writer(keep, first, 1, "1234567");
    const void *address = keep_read(keep, first, 1);
    char id[16];
    static char block[1000];
    for (int i = 0; i < 20000; i++) {
        snprintf(id, sizeof id, "t%d", i);
        uint64_t place = place_of(keep, id, sizeof block);
        snprintf(block, sizeof block, "block %d", i);
        keep_write_on_writer(keep, place, 1, block);
    }
    assert_ptr_equal(keep_read(keep, first, 1), address);
    assert_string_equal(address, "1234567");
    keep_close(keep);
    keep = open_keep();
    for (int i = 0; i < 20000; i += 333) {
        snprintf(id, sizeof id, "t%d", i);
        snprintf(block, sizeof block, "block %d", i);
        expect(keep, id, 1, block);
    }
    keep_close(keep);
}

static void test_a_full_disk_keeps_nothing_new_and_harms_nothing(void **state)
{
    (void)state;
    struct rlimit old, small = {1 << 20, 0};
    getrlimit(RLIMIT_FSIZE, &old);
    small.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    struct keep *keep = open_keep();
    setrlimit(RLIMIT_FSIZE, &small);
    static char block[10000];
    char id[16];
    int made = 0;
    for (int i = 0; i < 100; i++) {
        snprintf(id, sizeof id, "t%d", i);
        uint64_t place = keep_place(keep, id, 1, sizeof block, 1);
        if (place == KEEP_NONE)
            continue;
        made++;
        snprintf(block, sizeof block, "%d", i);
        keep_write_on_writer(keep, place, 1, block);
    }
    setrlimit(RLIMIT_FSIZE, &old);
    assert_in_range(made, 40, 52); /* 1 MB at 20 KB each */
    expect(keep, "t0", 1, "0");
    assert_int_equal(keep_find(keep, "t99"), KEEP_NONE);
    assert_int_not_equal(keep_place(keep, "t99", 1, sizeof block, 1), KEEP_NONE);
    keep_close(keep);
}

static void test_a_damaged_file_is_set_aside(void **state)
{
    (void)state;
    struct keep *keep = open_keep();
    place_of(keep, "gh1", 8);
    keep_close(keep);
    int fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, "????????", 8, 4096 + 4), 8);
    close(fd);
    keep = open_keep();
    assert_int_equal(keep_find(keep, "gh1"), KEEP_NONE);
    struct stat status;
    assert_int_equal(stat(aside, &status), 0);
    place_of(keep, "gh1", 8);
    keep_close(keep);
}

static void test_a_second_process_is_refused(void **state)
{
    (void)state;
    struct keep *keep = open_keep();
    struct err e;
    assert_null(keep_open(path, &e));
    assert_non_null(strstr(e.text, "in use"));
    keep_close(keep);
}

/* Rewrites a place and makes new ones until killed. */
static void work_until_killed(void)
{
    struct err e;
    struct keep *keep = keep_open(path, &e);
    if (!keep)
        _exit(1);
    static char block[3000];
    char id[16];
    keep_read(keep, keep_find(keep, "gh1"), 0);
    for (unsigned i = 1;; i++) {
        memset(block, 'a' + (int)(i % 26), sizeof block);
        keep_write_on_writer(keep, keep_find(keep, "gh1"), i, block);
        snprintf(id, sizeof id, "n%u", i % 50);
        keep_place(keep, id, 1, i % 7 * 64, 1);
    }
}

static void test_a_kill_at_any_instant_leaves_a_whole_block(void **state)
{
    (void)state;
    struct keep *keep = open_keep();
    uint64_t place = place_of(keep, "gh1", 3000);
    static char block[3000];
    keep_write_on_writer(keep, place, 0, memset(block, '0', sizeof block));
    keep_close(keep);
    unsigned seed = 20261122;
    for (int round = 0; round < 40; round++) {
        pid_t pid = fork();
        if (pid == 0)
            work_until_killed();
        seed = seed * 1664525u + 1013904223u;
        nanosleep(&(struct timespec){0, (long)(seed >> 8) % 4000000}, NULL);
        kill(pid, SIGKILL);
        int status;
        waitpid(pid, &status, 0);
        assert_true(WIFSIGNALED(status));
        keep = open_keep();
        const char *found = keep_read(keep, keep_find(keep, "gh1"), UINT64_MAX - 1);
        assert_non_null(found);
        for (size_t i = 1; i < sizeof block; i++)
            assert_int_equal(found[i], found[0]);
        keep_close(keep);
    }
}

static int fresh_path(void **state)
{
    (void)state;
    strcpy(path, "/tmp/twind-keep-XXXXXX");
    int fd = mkstemp(path);
    snprintf(aside, sizeof aside, "%s.damaged", path);
    close(fd);
    return fd >= 0 ? 0 : -1;
}

static int remove_path(void **state)
{
    (void)state;
    unlink(aside);
    return unlink(path);
}

static void test_a_layout_of_any_length_is_found_again(void **state)
{
    (void)state;
    enum { LONGEST = 300 };
    char text[LONGEST + 1] = "";
    struct keep *keep = open_keep();
    for (int i = 0; i < LONGEST; i++) {
        text[i] = (char)('a' + i % 26);
        assert_int_equal(keep_layout(keep, text), i + 1);
    }
    keep_close(keep);
    keep = open_keep();
    assert_string_equal(keep_layout_text(keep, LONGEST), text);
    keep_close(keep);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fresh_path, remove_path)

int main(void)
{
    log_set_level((enum log_level)0); /* what is tested here is loud */
    const struct CMUnitTest tests[] = {
        TEST(test_a_layout_of_any_length_is_found_again),
        TEST(test_the_newest_committed_block_is_found),
        TEST(test_an_uncommitted_block_of_a_former_run_gives_way_first),
        TEST(test_damaged_generation_leaves_the_other),
        TEST(test_layouts_keep_their_numbers),
        TEST(test_a_new_place_of_an_id_replaces_the_old_one),
        TEST(test_marks_begin_at_zero_and_stay),
        TEST(test_each_id_is_told_once_and_unwanted_ones_are_gone),
        TEST(test_addresses_stay_while_the_file_grows),
        TEST(test_a_full_disk_keeps_nothing_new_and_harms_nothing),
        TEST(test_a_damaged_file_is_set_aside),
        TEST(test_a_second_process_is_refused),
        TEST(test_a_kill_at_any_instant_leaves_a_whole_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
