/* What a line looks like on stderr, which the tests read back from a file in its place. */
#include "check.h"
#include "twind/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SEEN = 8192 };

struct capture {
    FILE *file;
    int stderr_before;
    char seen[SEEN];
};

static int begin(void **state)
{
    struct capture *capture = calloc(1, sizeof *capture);
    unsetenv("JOURNAL_STREAM");
    log_set_level(LOG_INFO);
    capture->file = tmpfile();
    capture->stderr_before = dup(STDERR_FILENO);
    dup2(fileno(capture->file), STDERR_FILENO);
    *state = capture;
    return capture->file == NULL;
}

static int end(void **state)
{
    struct capture *capture = *state;
    dup2(capture->stderr_before, STDERR_FILENO);
    close(capture->stderr_before);
    fclose(capture->file);
    free(capture);
    return 0;
}

static const char *seen(struct capture *capture)
{
    ssize_t n = pread(fileno(capture->file), capture->seen, SEEN - 1, 0);
    capture->seen[n > 0 ? n : 0] = '\0';
    return capture->seen;
}

static void test_a_line_is_the_text_and_a_newline(void **state)
{
    log_line(LOG_WARNING, "topic %s: %d", "a/b", 3);
    assert_string_equal(seen(*state), "topic a/b: 3\n");
}

static void test_lines_above_the_level_are_dropped(void **state)
{
    log_line(LOG_DEBUG, "quiet");
    log_set_level(LOG_ERROR);
    log_line(LOG_WARNING, "quiet");
    log_line(LOG_ERROR, "loud");
    assert_string_equal(seen(*state), "loud\n");
}

static void test_the_journal_gets_priorities(void **state)
{
    setenv("JOURNAL_STREAM", "8:1", 1);
    log_line(LOG_ERROR, "broken");
    log_line(LOG_INFO, "fine");
    assert_string_equal(seen(*state), "<3>broken\n<6>fine\n");
}

static void test_text_from_outside_cannot_begin_a_line_of_its_own(void **state)
{
    log_line(LOG_INFO, "topic %s", "a\n<0>kernel panic\r\x1b[2J\x7f.");
    assert_string_equal(seen(*state), "topic a <0>kernel panic  [2J .\n");
}

static void test_a_long_line_is_cut_and_ended(void **state)
{
    char lots[5000];
    memset(lots, 'x', sizeof lots - 1);
    lots[sizeof lots - 1] = '\0';
    log_line(LOG_INFO, "%s", lots);
    log_line(LOG_INFO, "next");
    const char *text = seen(*state), *end_of_first = strchr(text, '\n');
    assert_non_null(end_of_first);
    assert_in_range(end_of_first - text, 2000, 2047);
    assert_string_equal(end_of_first, "\nnext\n");
}

static void test_a_repeated_complaint_is_worth_a_line_at_powers_of_ten(void **state)
{
    (void)state;
    unsigned long count = 0, said[8], n = 0;
    for (int i = 0; i < 10500; i++)
        if (log_worth(&count))
            said[n++] = count;
    assert_int_equal(count, 10500);
    assert_int_equal(n, 5);
    for (unsigned long i = 0, power = 1; i < n; i++, power *= 10)
        assert_int_equal(said[i], power);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_line_is_the_text_and_a_newline, begin, end),
        cmocka_unit_test_setup_teardown(test_lines_above_the_level_are_dropped, begin, end),
        cmocka_unit_test_setup_teardown(test_the_journal_gets_priorities, begin, end),
        cmocka_unit_test_setup_teardown(
            test_text_from_outside_cannot_begin_a_line_of_its_own, begin, end),
        cmocka_unit_test_setup_teardown(test_a_long_line_is_cut_and_ended, begin, end),
        cmocka_unit_test(test_a_repeated_complaint_is_worth_a_line_at_powers_of_ten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
