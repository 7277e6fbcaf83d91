/* What may happen to a history: kills, a full disk, damage, other versions, old age. */
#include "history_probe.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static const struct history_name names[] = {{"t", "Cel", HISTORY_READING},
                                            {"t", "Cel", HISTORY_STATE}};
static const double START = 1767225600;

enum { MESSAGES = 30000, KILLS = 12, GOOD = 0 };

static double monotonic(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The daemon's part: message `seq` makes one reading and now and then an alert; goes on
 * from what is applied, until it is killed or done. */
static void replay_messages(void)
{
    struct history *history = probe_open(false);
    struct history_twin *twin = history_twin(history, "gh1", "greenhouse", 0, names, 2);
    for (uint64_t seq = history_applied(history) + 1; seq <= MESSAGES; seq++) {
        history_reading(history, twin, 0, START + 10 * (double)seq, (double)(seq % 100),
                        GOOD);
        if (seq % 6 == 0)
            history_state(history, twin, 1, START + 10 * (double)seq, 1, 0.1);
        if (seq % 1000 == 0) {
            const struct history_alert alert = {.id = "gh1/hot/1",
                                                .twin = "gh1",
                                                .rule = "hot",
                                                .state = "active",
                                                .time = START + 10 * (double)seq,
                                                .transition = (uint32_t)(seq / 1000)};
            history_alert(history, &alert);
        }
        if (seq % 150 == 0)
            history_hand_over(history, seq, monotonic());
    }
    history_hand_over(history, MESSAGES, monotonic());
    history_close(history);
}

static void run_killed_after(long milliseconds)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        replay_messages();
        _exit(0);
    }
    struct timespec pause = {0, milliseconds * 1000000};
    nanosleep(&pause, NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void test_rows_are_stored_exactly_once_across_kills(void **state)
{
    (void)state;
    unsigned seed = 4711;
    for (int i = 0; i < KILLS; i++) {
        seed = seed * 1103515245u + 12345u;
        run_killed_after(5 + (long)(seed >> 16) % 60);
    }
    replay_messages();
    assert_close(probe_number("SELECT count(*) FROM readings"), MESSAGES, 0);
    assert_close(probe_number("SELECT count(DISTINCT epoch) FROM readings"), MESSAGES, 0);
    assert_close(probe_number("SELECT sum(n) FROM minutes WHERE what='reading'"), MESSAGES,
                 0);
    assert_close(probe_number("SELECT sum(n) FROM hours WHERE what='reading'"), MESSAGES,
                 0);
    assert_close(probe_number("SELECT count(*) FROM states"), MESSAGES / 6, 0);
    assert_close(probe_number("SELECT count(*) FROM alert_events"), MESSAGES / 1000, 0);
    probe_text("PRAGMA integrity_check", "ok");
}

static void test_a_damaged_database_is_set_aside_and_a_new_one_begun(void **state)
{
    (void)state;
    FILE *file = fopen(probe_path, "w");
    for (int i = 0; i < 5000; i++)
        fputs("this is no database ", file);
    fclose(file);
    struct history *history = probe_open(true);
    struct history_twin *twin = history_twin(history, "gh1", "greenhouse", 0, names, 2);
    history_reading(history, twin, 0, START, 1, GOOD);
    history_hand_over(history, 1, 0);
    history_close(history);
    assert_close(probe_number("SELECT count(*) FROM readings"), 1, 0);
    char command[200];
    snprintf(command, sizeof command, "grep -q 'this is no' '%s'.corrupt-*", probe_path);
    assert_int_equal(system(command), 0);
}

static void expect_refusal(const char *sql, const char *word)
{
    sqlite3 *db;
    struct err e = {""};
    const struct history_options options = {.path = probe_path, .synchronous = true};
    assert_int_equal(sqlite3_open(probe_path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_null(history_open(&options, &e));
    if (!strstr(e.text, word))
        fail_msg("'%s' does not say '%s'", e.text, word);
}

static void test_a_newer_version_is_refused(void **state)
{
    (void)state;
    history_close(probe_open(true));
    expect_refusal("PRAGMA user_version = 999", "version 999");
    probe_text("SELECT count(*) FROM readings", "0");
}

static void test_another_programs_database_is_refused_and_left_alone(void **state)
{
    (void)state;
    expect_refusal("CREATE TABLE theirs(x)", "another program");
    probe_text("SELECT group_concat(name) FROM sqlite_master", "theirs");
    probe_text("PRAGMA journal_mode", "delete");
}

static void test_a_folder_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct err e = {""};
    const struct history_options options = {.path = "/nonexistent/h.db",
                                            .synchronous = true};
    assert_null(history_open(&options, &e));
    assert_non_null(strstr(e.text, "/nonexistent/h.db"));
}

static void wait_for(struct history *history, bool failing)
{
    struct history_stats stats;
    double deadline = monotonic() + 20;
    do {
        struct timespec pause = {0, 2000000};
        nanosleep(&pause, NULL);
        history_stats(history, &stats);
        assert_true(monotonic() < deadline);
    } while (stats.failing != failing || (!failing && stats.waiting_rows > 0));
    assert_int_equal(stats.error[0] != '\0', failing);
}

/* `fill` and `clear` make the database fail and recover. */
static void fail_and_recover(void (*fill)(void), void (*clear)(void))
{
    struct history *history = probe_open(false);
    struct history_twin *twin = history_twin(history, "gh1", "greenhouse", 0, names, 2);
    uint64_t seq = 0;
    fill();
    for (int batch = 0; batch < 40; batch++) {
        for (int i = 0; i < 500; i++, seq++)
            history_reading(history, twin, 0, START + (double)seq, (double)i, GOOD);
        history_hand_over(history, seq, monotonic());
    }
    wait_for(history, true);
    assert_true(history_applied(history) < seq);
    clear();
    wait_for(history, false);
    assert_int_equal(history_applied(history), seq);
    history_close(history);
    assert_close(probe_number("SELECT count(*) FROM readings"), (double)seq, 0);
    probe_text("PRAGMA integrity_check", "ok");
}

static void ballast_path(char path[100])
{
    snprintf(path, 100, "%s/ballast", probe_folder);
}

static void fill_disk(void)
{
    static const char zeros[4096];
    char path[100];
    ballast_path(path);
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    while (write(file, zeros, sizeof zeros) > 0)
        ;
    close(file);
}

static void clear_disk(void)
{
    char path[100];
    ballast_path(path);
    unlink(path);
}

static void test_a_full_disk_is_told_and_recovered_from(void **state)
{
    (void)state;
    if (mount("tmpfs", probe_folder, "tmpfs", 0, "size=4m") != 0) {
        print_message("skipped: mounting a small tmpfs needs root\n");
        skip();
    }
    fail_and_recover(fill_disk, clear_disk);
}

static sqlite3 *blocker;

static void lock_database(void)
{
    sqlite3_open(probe_path, &blocker);
    assert_int_equal(sqlite3_exec(blocker, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
}

static void unlock_database(void)
{
    sqlite3_exec(blocker, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(blocker);
}

static void test_a_locked_database_is_told_and_recovered_from(void **state)
{
    (void)state;
    fail_and_recover(lock_database, unlock_database);
}

/* Waits until the writer's housekeeping has made a query's answer so. */
static void wait_until(const char *sql, double expected)
{
    double deadline = monotonic() + 20;
    while (probe_number(sql) != expected) {
        struct timespec pause = {0, 5000000};
        nanosleep(&pause, NULL);
        assert_true(monotonic() < deadline);
    }
}

static void test_old_rows_go_by_their_age_and_days_stay(void **state)
{
    (void)state;
    struct err e;
    const double day = 86400, now = (double)time(NULL);
    const struct history_options options = {.path = probe_path,
                                            .commit = 0.05,
                                            .raw = 5 * day,
                                            .minutes = 20 * day,
                                            .hours = 40 * day};
    struct history *history = probe_open(true); /* 150 days, all in chunks */
    struct history_twin *twin = history_twin(history, "gh1", "greenhouse", 0, names, 2);
    for (int i = 0; i < 150 * 48; i++)
        history_reading(history, twin, 0, now - 150 * day + 1800 * i, i % 10, GOOD);
    for (int i = 0; i < 150; i++)
        history_forecast(history, twin, 0,
                         &(struct history_forecast){.made = now - i * day,
                                                    .step = 900,
                                                    .n = 1,
                                                    .mean = &(double){20},
                                                    .sd = &(double){1}});
    history_hand_over(history, 1, 0);
    history_close(history);
    double days = probe_number("SELECT count(*) FROM days");
    history = history_open(&options, &e);
    assert_non_null(history);
    wait_until("SELECT count(*) > 0 FROM day_rolls", 1);
    wait_until("SELECT (SELECT min(epoch) FROM readings) > unixepoch() - 6 * 86400 - 1800 "
               "AND (SELECT min(epoch) FROM minutes) > unixepoch() - 21 * 86400 - 1800",
               1);
    wait_until("SELECT count(*) FROM forecasts", 5);
    history_close(history);
    assert_close(probe_number("SELECT count(*) FROM days"), days, 0);
    assert_close(probe_number("SELECT sum(n) FROM days"), 150 * 48, 0);
    assert_true(probe_number("SELECT count(*) FROM readings") >= 5 * 48);
    assert_true(probe_number("SELECT min(epoch) FROM hours") > now - 73 * day);
}

/* The folder is a mount in one of them. */
static int end(void **state)
{
    umount(probe_folder);
    return probe_end(state);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, probe_begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_rows_are_stored_exactly_once_across_kills),
        WITH_FOLDER(test_a_damaged_database_is_set_aside_and_a_new_one_begun),
        WITH_FOLDER(test_a_newer_version_is_refused),
        WITH_FOLDER(test_another_programs_database_is_refused_and_left_alone),
        WITH_FOLDER(test_a_folder_that_is_not_there_is_told),
        WITH_FOLDER(test_a_full_disk_is_told_and_recovered_from),
        WITH_FOLDER(test_a_locked_database_is_told_and_recovered_from),
        WITH_FOLDER(test_old_rows_go_by_their_age_and_days_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
