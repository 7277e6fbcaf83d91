/* The note of the last attempt to calibrate a twin: what is written reads back. */
#include "check.h"

#include "twind/attempt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void remove_folder(const char *folder)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

static void test_what_is_written_reads_back(void **state)
{
    (void)state;
    char folder[] = "/tmp/twind-attempt-XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct attempt attempt = {1.7e9 + 0.25, true, "applied: the error has fallen"}, back;
    assert_false(attempt_read(folder, "a", &back));
    assert_true(attempt_write(folder, "a", &attempt));
    assert_true(attempt_read(folder, "a", &back));
    assert_close(back.time, attempt.time, 1e-6);
    assert_true(back.well);
    assert_string_equal(back.text, attempt.text);
    attempt = (struct attempt){.time = 1.8e9};
    assert_true(attempt_write(folder, "a", &attempt));
    assert_true(attempt_read(folder, "a", &back));
    assert_false(back.well);
    assert_string_equal(back.text, "");
    assert_false(attempt_read(folder, "b", &back));
    remove_folder(folder);
}

static void test_what_is_no_note_is_as_if_there_were_none(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\n", "yesterday ok x\n", "{}", "2026-01-01"};
    char folder[] = "/tmp/twind-attempt-XXXXXX", path[96];
    assert_non_null(mkdtemp(folder));
    struct attempt attempt = {.time = 1}, back;
    assert_true(attempt_write(folder, "a", &attempt));
    snprintf(path, sizeof path, "%s/calibrations/a.last", folder);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(texts[i], file);
        fclose(file);
        assert_false(attempt_read(folder, "a", &back));
    }
    remove_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_reads_back),
        cmocka_unit_test(test_what_is_no_note_is_as_if_there_were_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
