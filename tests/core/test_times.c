#include "twind/times.h"

#include "check.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static double parsed(const char *text, double zone)
{
    double time = -1;
    if (!times_parse(text, strlen(text), zone, &time))
        fail_msg("\"%s\" was not understood", text);
    return time;
}

static void assert_formats(double time, const char *expected)
{
    char text[TIME_TEXT];
    assert_string_equal(times_format(time, text), expected);
}

static void test_known_moments_are_written(void **state)
{
    (void)state;
    assert_formats(0, "1970-01-01T00:00:00.000Z");
    assert_formats(951782400, "2000-02-29T00:00:00.000Z");
    assert_formats(1767268800.123, "2026-01-01T12:00:00.123Z");
    assert_formats(4107542399, "2100-02-28T23:59:59.000Z");
    assert_formats(4107542400, "2100-03-01T00:00:00.000Z");
    assert_formats(-0.5, "1969-12-31T23:59:59.500Z");
}

static void test_rounding_never_writes_second_60(void **state)
{
    (void)state;
    assert_formats(1767225599.9996, "2026-01-01T00:00:00.000Z");
    assert_formats(59.9994, "1970-01-01T00:00:59.999Z");
    assert_formats(59.9996, "1970-01-01T00:01:00.000Z");
}

static void test_any_double_is_written_in_the_same_form(void **state)
{
    (void)state;
    assert_formats(1e300, "9999-12-31T23:59:59.000Z");
    assert_formats(-(double)INFINITY, "0000-01-01T00:00:00.000Z");
    assert_formats((double)NAN, "");
}

static void test_forms_that_devices_send_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double time;
    } rows[] = {
        {"2026-01-01T12:00:00Z", 1767268800},
        {"2026-01-01 12:00:00", 1767268800},
        {"2026-01-01t12:00z", 1767268800},
        {"2026-01-01T12:00:00.25Z", 1767268800.25},
        {"2026-01-01T12:00:00,25Z", 1767268800.25},
        {"2026-01-01T13:30:00+01:30", 1767268800},
        {"2026-01-01T10:30:00-0130", 1767268800},
        {"2026-01-01 13:00:00 +01", 1767268800},
        {"2026-01-01", 1767225600},
        {"2026-01-01T24:00:00Z", 1767312000},
        {"2016-12-31T23:59:60Z", 1483228800},
        {"2024-02-29T00:00:00Z", 1709164800},
        {"1970-01-01T00:00:00Z", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_close(parsed(rows[i].text, 0), rows[i].time, 0);
    assert_close(parsed("2026-01-01T00:00:00.123456789Z", 0), 1767225600.123456789, 3e-7);
    assert_close(parsed("2026-01-01T00:00:00.00000000000000000000001Z", 0), 1767225600, 0);
}

static void test_zone_of_the_binding_serves_where_the_text_has_none(void **state)
{
    (void)state;
    assert_close(parsed("2026-01-01T12:00:00", 3600), 1767265200, 0);
    assert_close(parsed("2026-01-01", -3600), 1767229200, 0);
    assert_close(parsed("2026-01-01T12:00:00Z", 3600), 1767268800, 0);
}

static void test_what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "2026",
        "2026-01",
        "2026-13-01",
        "2026-00-01",
        "2026-04-31",
        "2025-02-29",
        "2100-02-29",
        "1969-12-31T23:59:59Z",
        "2026-01-01T",
        "2026-01-01T12",
        "2026-01-01T25:00:00Z",
        "2026-01-01T24:00:01Z",
        "2026-01-01T12:60:00Z",
        "2026-01-01T12:00:61Z",
        "2026-01-01T12:00:00.Z",
        "2026-01-01T12:00:00Zx",
        "2026-01-01T12:00:00+",
        "2026-01-01T12:00:00+1",
        "2026-01-01T12:00:00+01:",
        "2026-01-01T12:00:00+01:60",
        "2026-01-01T12:00:00 ",
        "26-01-01T12:00:00Z",
        "10000-01-01",
        "1970-01-01T00:00:00+01:00",
        "not a time",
    };
    double time = 7;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (times_parse(texts[i], strlen(texts[i]), 0, &time))
            fail_msg("accepted: %s", texts[i]);
    assert_close(time, 7, 0);
    assert_false(times_parse("2026-01-01\0", 11, 0, &time));
}

static void test_days_until_9999_read_back_as_written(void **state)
{
    (void)state;
    char text[TIME_TEXT];
    for (double day = 0; day < 2932897; day += 7) {
        double time = day * 86400 + (double)((long long)(day * 7919) % 86400000) / 1000;
        times_format(time, text);
        double back = parsed(text, 0);
        if (!(fabs(back - time) < 1e-4))
            fail_msg("%.6f was written as %s", time, text);
    }
}

static void test_magnitude_of_a_number_tells_its_unit(void **state)
{
    (void)state;
    assert_close(times_from_number(1661517410.45), 1661517410.45, 0);
    assert_close(times_from_number(1661517410450), 1661517410.45, 1e-6);
    assert_close(times_from_number(1661517410450000), 1661517410.45, 1e-6);
    assert_close(times_from_number(1.66151741045e18), 1661517410.45, 1e-6);
    assert_close(times_from_number(0), 0, 0);
    assert_true(isnan(times_from_number(-1)));
    assert_true(isnan(times_from_number((double)NAN)));
    assert_true(isnan(times_from_number((double)INFINITY)));
}

static void test_durations_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds;
    } rows[] = {{"250ms", 0.25},  {"30s", 30},     {"5m", 300},      {"24h", 86400},
                {"30d", 2592000}, {"2w", 1209600}, {"1y", 31536000}, {"90", 90},
                {"0", 0},         {"1.5h", 5400},  {"0.5", 0.5}};
    double seconds;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(times_parse_duration(rows[i].text, &seconds));
        assert_close(seconds, rows[i].seconds, 0);
    }
}

static void test_what_is_no_duration_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",    "h",   "-5m",  "5 m",  "5min", "1h30m", "5M",
        "1e3", "nan", "0x10", "1,5h", "5.",   ".5",    "99999999999999999999s"};
    double seconds;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (times_parse_duration(texts[i], &seconds))
            fail_msg("accepted: %s", texts[i]);
}

static void test_duration_is_written_in_its_shortest_form(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } rows[] = {{300, "5m"},      {90, "90s"},         {0.25, "250ms"},
                {86400, "1d"},    {129600, "36h"},     {1209600, "2w"},
                {31536000, "1y"}, {0.0005, "0.0005s"}, {0, "0s"}};
    char text[TIME_TEXT];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(times_format_duration(rows[i].seconds, text), rows[i].text);
}

static void test_about_how_long_is_said_in_three_digits(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } rows[] = {{0, "0s"},       {59.6, "59.6s"},  {119, "119s"},  {120, "2m"},
                {3277, "54.6m"}, {25486, "7.08h"}, {172800, "2d"}, {1e7, "116d"}};
    char text[TIME_TEXT];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(times_format_about(rows[i].seconds, text), rows[i].text);
}

static void test_written_duration_reads_back_the_same(void **state)
{
    (void)state;
    char text[TIME_TEXT];
    for (int ms = 0; ms < 200000; ms += 7) {
        double back, seconds = ms / 1000.0 * (ms % 5 == 0 ? 3600 : 1);
        times_format_duration(seconds, text);
        assert_true(times_parse_duration(text, &back));
        assert_close(back, seconds, seconds * 1e-8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_moments_are_written),
        cmocka_unit_test(test_rounding_never_writes_second_60),
        cmocka_unit_test(test_any_double_is_written_in_the_same_form),
        cmocka_unit_test(test_forms_that_devices_send_are_read),
        cmocka_unit_test(test_zone_of_the_binding_serves_where_the_text_has_none),
        cmocka_unit_test(test_what_is_no_time_is_refused),
        cmocka_unit_test(test_days_until_9999_read_back_as_written),
        cmocka_unit_test(test_magnitude_of_a_number_tells_its_unit),
        cmocka_unit_test(test_durations_are_read),
        cmocka_unit_test(test_what_is_no_duration_is_refused),
        cmocka_unit_test(test_duration_is_written_in_its_shortest_form),
        cmocka_unit_test(test_about_how_long_is_said_in_three_digits),
        cmocka_unit_test(test_written_duration_reads_back_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
