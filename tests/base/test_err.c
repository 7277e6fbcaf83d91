/* Error texts: cut, never overrun; context goes in front. */
#include "check.h"
#include "twind/err.h"

#include <string.h>

static void test_a_set_error_is_false_and_says_so(void **state)
{
    (void)state;
    struct err e;
    assert_false(
        err_set(&e, "%s must be %g to %g %s, not %g", "lamp", 0.0, 100.0, "%", 120.0));
    assert_string_equal(e.text, "lamp must be 0 to 100 %, not 120");
}

static void test_context_is_put_before_the_text(void **state)
{
    (void)state;
    struct err e;
    err_set(&e, "no number");
    assert_false(err_wrap(&e, "line %d", 7));
    err_wrap(&e, "%s", "file.csv");
    assert_string_equal(e.text, "file.csv: line 7: no number");
}

static void test_a_text_may_be_wrapped_by_itself(void **state)
{
    (void)state;
    struct err e;
    err_set(&e, "deep");
    err_wrap(&e, "%s", e.text);
    assert_string_equal(e.text, "deep: deep");
}

static void test_what_is_too_long_is_cut_and_terminated(void **state)
{
    (void)state;
    struct err e;
    char lots[2 * ERR_TEXT];
    memset(lots, 'x', sizeof lots - 1);
    lots[sizeof lots - 1] = '\0';
    err_set(&e, "%s", lots);
    assert_int_equal(strlen(e.text), ERR_TEXT - 1);
    err_wrap(&e, "where");
    assert_int_equal(strlen(e.text), ERR_TEXT - 1);
    assert_memory_equal(e.text, "where: xxx", 10);
}

static void test_a_long_context_keeps_its_beginning(void **state)
{
    (void)state;
    struct err e;
    char lots[2 * ERR_TEXT];
    memset(lots, 'c', sizeof lots - 1);
    lots[sizeof lots - 1] = '\0';
    err_set(&e, "why");
    err_wrap(&e, "%s", lots);
    assert_int_equal(strlen(e.text), ERR_TEXT - 1);
    assert_memory_equal(e.text + ERR_TEXT - 4, "c: ", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_set_error_is_false_and_says_so),
        cmocka_unit_test(test_context_is_put_before_the_text),
        cmocka_unit_test(test_a_text_may_be_wrapped_by_itself),
        cmocka_unit_test(test_what_is_too_long_is_cut_and_terminated),
        cmocka_unit_test(test_a_long_context_keeps_its_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
