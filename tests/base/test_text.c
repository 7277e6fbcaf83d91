/* A growing text, and the JSON that is put into it. */
#include "check.h"
#include "twind/text.h"

#include <stdio.h>
#include <string.h>

static void test_an_empty_put_is_terminated(void **state)
{
    (void)state;
    struct text text = {0};
    text_put(&text, "%s", "");
    assert_string_equal(text.at, "");
    assert_int_equal(text.used, 0);
    text_free(&text);
    assert_null(text.at);
    text_clear(&text); /* nothing was put: nothing to clear */
    text_free(&text);
}

static void test_a_text_grows_by_any_pieces(void **state)
{
    (void)state;
    struct text text = {0};
    char expected[40000] = "";
    size_t used = 0;
    for (int i = 0; i < 4000; i++) {
        used += (size_t)sprintf(expected + used, "%d,", i);
        if (i % 2) {
            text_put(&text, "%d,", i);
        } else {
            char piece[24];
            int length = sprintf(piece, "%d,rest", i);
            text_bytes(&text, piece, (size_t)length - 4);
        }
        assert_int_equal(text.used, used);
    }
    assert_string_equal(text.at, expected);
    text_free(&text);
}

static void test_a_cleared_text_keeps_its_room(void **state)
{
    (void)state;
    struct text text = {0};
    text_put(&text, "%0100d", 7);
    char *before = text.at;
    text_clear(&text);
    assert_string_equal(text.at, "");
    text_put(&text, "%s", "again");
    assert_ptr_equal(text.at, before);
    assert_string_equal(text.at, "again");
    text_free(&text);
}

static void expect_number(double number, int digits, const char *expected)
{
    struct text text = {0};
    text_number(&text, number, digits);
    assert_string_equal(text.at, expected);
    text_free(&text);
}

static void test_numbers_have_as_many_digits_as_asked(void **state)
{
    (void)state;
    expect_number(21.456789, 4, "21.46");
    expect_number(-0.5, 7, "-0.5");
    expect_number(1e300, 7, "1e+300");
    expect_number(100000, 7, "100000");
}

static void test_what_is_not_finite_is_null(void **state)
{
    (void)state;
    expect_number(NAN, 7, "null");
    expect_number(INFINITY, 7, "null");
    expect_number(-INFINITY, 7, "null");
}

static void expect_quoted(const char *string, const char *expected)
{
    struct text text = {0};
    text_quoted(&text, string);
    assert_string_equal(text.at, expected);
    text_free(&text);
}

static void test_quotes_and_controls_are_escaped(void **state)
{
    (void)state;
    expect_quoted("", "\"\"");
    expect_quoted("a \"b\" \\ c", "\"a \\\"b\\\" \\\\ c\"");
    expect_quoted("1\n2\t\x01", "\"1\\u000a2\\u0009\\u0001\"");
}

static void test_utf8_passes(void **state)
{
    (void)state;
    expect_quoted("21 \xC2\xB0"
                  "C \xE2\x82\xAC \xF0\x9F\x8C\xB1",
                  "\"21 \xC2\xB0"
                  "C \xE2\x82\xAC \xF0\x9F\x8C\xB1\"");
    expect_quoted("\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF",
                  "\"\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF\"");
}

#define SUBSTITUTE "\xEF\xBF\xBD"

static void test_what_is_no_utf8_is_replaced_byte_by_byte(void **state)
{
    (void)state;
    expect_quoted("\x80", "\"" SUBSTITUTE "\"");
    expect_quoted("\xC3(", "\"" SUBSTITUTE "(\"");
    expect_quoted("\xE2\x82", "\"" SUBSTITUTE SUBSTITUTE "\""); /* cut short */
    expect_quoted("\xC0\xAF", "\"" SUBSTITUTE SUBSTITUTE "\""); /* overlong */
    expect_quoted("\xED\xA0\x80",
                  "\"" SUBSTITUTE SUBSTITUTE SUBSTITUTE "\""); /* surrogate */
    expect_quoted("\xF4\x90\x80\x80", "\"" SUBSTITUTE SUBSTITUTE SUBSTITUTE SUBSTITUTE
                                      "\""); /* beyond 10FFFF */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_put_is_terminated),
        cmocka_unit_test(test_a_text_grows_by_any_pieces),
        cmocka_unit_test(test_a_cleared_text_keeps_its_room),
        cmocka_unit_test(test_numbers_have_as_many_digits_as_asked),
        cmocka_unit_test(test_what_is_not_finite_is_null),
        cmocka_unit_test(test_quotes_and_controls_are_escaped),
        cmocka_unit_test(test_utf8_passes),
        cmocka_unit_test(test_what_is_no_utf8_is_replaced_byte_by_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
