/* What twinctl makes of INPUT=VALUE, and what it shows of an answer. */
#include "check.h"

#include "../../daemon/cli/asking.h"

#include <string.h>

static void expect_sets(const char *const *texts, size_t n, const char *json)
{
    struct asking_sets sets = {.n = 0};
    struct text to = {0};
    struct err e;
    for (size_t i = 0; i < n; i++)
        assert_true(asking_add_set(&sets, texts[i], &e));
    text_put(&to, "%s", "");
    asking_put_sets(&to, &sets);
    assert_string_equal(to.at, json);
    text_free(&to);
}

static void test_sets_become_lists_by_input(void **state)
{
    (void)state;
    static const char *const sets[] = {"a=18@22:00-06:00", "lamp=ON", "a=21@06:00-22:00"};
    expect_sets(sets, 3,
                ",\"set\":{\"a\":[{\"value\":\"18\",\"from\":\"22:00\",\"to\":\"06:00\"},"
                "{\"value\":\"21\",\"from\":\"06:00\",\"to\":\"22:00\"}],"
                "\"lamp\":[{\"value\":\"ON\"}]}");
    expect_sets(NULL, 0, "");
    static const char *const odd[] = {"a\"b=1\"2@x"};
    expect_sets(
        odd, 1,
        ",\"set\":{\"a\\\"b\":[{\"value\":\"1\\\"2\",\"from\":\"x\",\"to\":\"\"}]}");
}

static void test_what_is_no_set_is_refused(void **state)
{
    (void)state;
    struct asking_sets sets = {.n = 0};
    struct err e;
    assert_false(asking_add_set(&sets, "lamp", &e));
    assert_non_null(strstr(e.text, "INPUT=VALUE"));
    assert_false(asking_add_set(&sets, "=5", &e));
    for (size_t i = 0; i < ASKING_SETS; i++)
        assert_true(asking_add_set(&sets, "lamp=1", &e));
    assert_false(asking_add_set(&sets, "lamp=1", &e));
    assert_non_null(strstr(e.text, "64"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sets_become_lists_by_input),
        cmocka_unit_test(test_what_is_no_set_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
