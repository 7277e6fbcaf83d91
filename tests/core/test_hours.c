/* Hours of the week: what is understood, and when they hold. */
#include "check.h"

#include "twind/hours.h"

#include <string.h>

static const double hour = 3600, day = 86400;
static const double monday = 1767571200; /* 2026-01-05T00:00Z */

static struct hours parsed(const char *text)
{
    struct hours hours = {.n = 1};
    struct err e;
    if (!hours_parse(text, &hours.spans[0], &e))
        fail_msg("%s", e.text);
    return hours;
}

static void test_working_hours_hold_on_working_days(void **state)
{
    (void)state;
    struct hours h = parsed("Mon-Fri 08:00-18:00");
    assert_false(hours_hold(&h, monday + 8 * hour - 1));
    assert_true(hours_hold(&h, monday + 8 * hour));
    assert_true(hours_hold(&h, monday + 4 * day + 18 * hour - 1));
    assert_false(hours_hold(&h, monday + 4 * day + 18 * hour));
    assert_false(hours_hold(&h, monday + 5 * day + 12 * hour));
    assert_false(hours_hold(&h, monday + 6 * day + 12 * hour));
    assert_true(hours_hold(&h, monday + 7 * day + 12 * hour));
}

static void test_a_night_belongs_to_the_day_on_which_it_begins(void **state)
{
    (void)state;
    struct hours h = parsed("Fri 22:00-06:00");
    assert_false(hours_hold(&h, monday + 4 * day + 5 * hour));
    assert_true(hours_hold(&h, monday + 4 * day + 23 * hour));
    assert_true(hours_hold(&h, monday + 5 * day + 5 * hour));
    assert_false(hours_hold(&h, monday + 5 * day + 6 * hour));
    assert_false(hours_hold(&h, monday + 5 * day + 23 * hour));
    h = parsed("Sun 22:00-06:00");
    assert_true(hours_hold(&h, monday + 3 * hour));
}

static void test_days_alone_are_whole_and_times_alone_are_daily(void **state)
{
    (void)state;
    struct hours h = parsed("Sat,Mon");
    assert_true(hours_hold(&h, monday));
    assert_true(hours_hold(&h, monday + day - 1));
    assert_false(hours_hold(&h, monday + day));
    assert_true(hours_hold(&h, monday + 5 * day));
    h = parsed("06:30-07:00");
    for (int i = 0; i < 7; i++) {
        assert_true(hours_hold(&h, monday + i * day + 6.75 * hour));
        assert_false(hours_hold(&h, monday + i * day + 7 * hour));
    }
    h = parsed("00:00-24:00");
    assert_true(hours_hold(&h, monday - 1));
}

static void test_any_of_several_spans_will_do(void **state)
{
    (void)state;
    struct hours h = parsed("Mon 08:00-09:00");
    struct err e;
    assert_true(hours_parse("Tue 08:00-09:00", &h.spans[h.n++], &e));
    assert_true(hours_hold(&h, monday + 8 * hour));
    assert_true(hours_hold(&h, monday + day + 8 * hour));
    assert_false(hours_hold(&h, monday + 2 * day + 8 * hour));
}

static void test_times_before_1970_have_a_weekday_too(void **state)
{
    (void)state;
    struct hours h = parsed("Wed");
    assert_true(hours_hold(&h, -1));
    assert_false(hours_hold(&h, 0));
}

static void test_what_is_written_is_read_as_the_same(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"Mon-Fri 08:00-18:00", "Mon-Fri 08:00-18:00"},
        {"Mon,Tue,Thu", "Mon-Tue,Thu"},
        {"Fri-Mon 22:00-06:00", "Mon,Fri-Sun 22:00-06:00"},
        {"22:00-06:00", "Mon-Sun 22:00-06:00"},
        {"12:00-12:00", "Mon-Sun 12:00-12:00"},
        {"Sun 00:00-24:00", "Sun"},
        {"Mon-Sun", "Mon-Sun"},
        {"18:00-24:00", "Mon-Sun 18:00-24:00"},
        {"Tue-Mon", "Mon-Sun"},
        {"Wed,Tue-Mon", "Mon-Sun"},
    };
    char text[HOURS_TEXT], again[HOURS_TEXT];
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct hours h = parsed(pairs[i][0]);
        assert_string_equal(hours_format(&h.spans[0], text), pairs[i][1]);
        h = parsed(text);
        assert_string_equal(hours_format(&h.spans[0], again), text);
    }
}

static void test_what_is_no_time_of_the_week_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        " ",
                                        "Monday",
                                        "Mon-",
                                        "Mon,",
                                        "Mon 8:00-18:00",
                                        "Mon 08:00",
                                        "08:00-",
                                        "08:00-25:00",
                                        "08:60-09:00",
                                        "24:00-24:00",
                                        "08:00-18:00 Mon",
                                        "Mon  08:00-18:00",
                                        "Mon-Fri08:00-18:00",
                                        "Mon ",
                                        "Mon-Fri 08:00-18:00x"};
    struct hours_span span;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err e = {""};
        if (hours_parse(wrong[i], &span, &e))
            fail_msg("\"%s\" was understood", wrong[i]);
        assert_non_null(strstr(e.text, "\"Mon-Fri 08:00-18:00\""));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_working_hours_hold_on_working_days),
        cmocka_unit_test(test_a_night_belongs_to_the_day_on_which_it_begins),
        cmocka_unit_test(test_days_alone_are_whole_and_times_alone_are_daily),
        cmocka_unit_test(test_any_of_several_spans_will_do),
        cmocka_unit_test(test_times_before_1970_have_a_weekday_too),
        cmocka_unit_test(test_what_is_written_is_read_as_the_same),
        cmocka_unit_test(test_what_is_no_time_of_the_week_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
