/* Weather services' lists as they come, and what is refused of them. */
#include "check.h"

#include "twind/json.h"
#include "twind/payload_series.h"

#include <string.h>

enum { ROOM = 8 };

struct reading {
    double times[ROOM], values[ROOM];
    size_t n, left;
    const char *why;
};

static struct json_pointer *pointer(const char *text)
{
    struct err e;
    return text ? json_pointer_new(text, &e) : NULL;
}

/* `text` has ' for ". */
static struct reading read_series(struct payload_series series, const char *text)
{
    struct reading r = {.n = 0};
    char json[1024];
    strcpy(json, text);
    for (char *at = json; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    struct payload payload = {.json = json_new(), .text = json, .length = strlen(json)};
    r.n = payload_series_decode(&payload, &series, r.times, r.values, ROOM, &r.why);
    r.left = payload.left;
    json_free(payload.json);
    payload_series_clear(&series);
    return r;
}

static struct payload_series two(const char *times, const char *values)
{
    return (struct payload_series){
        .times = pointer(times), .values = pointer(values), .scale = 1};
}

static struct payload_series one(const char *list, const char *time, const char *value)
{
    return (struct payload_series){
        .list = pointer(list), .time = pointer(time), .value = pointer(value), .scale = 1};
}

static void test_two_lists_are_read_side_by_side(void **state)
{
    (void)state;
    struct payload_series series = two("/hourly/time", "/hourly/temperature_2m");
    series.zone = 3600;
    struct reading r = read_series(
        series, "{'hourly': {'time': ['2026-01-01T00:00', '2026-01-01T01:00Z', 1767234000],"
                " 'temperature_2m': [4.5, '-2', null]}}");
    assert_null(r.why);
    assert_int_equal(r.n, 2); /* the last has no value */
    assert_close(r.times[0], 1767225600 - 3600, 0);
    assert_close(r.times[1], 1767225600 + 3600, 0);
    assert_close(r.values[0], 4.5, 0);
    assert_close(r.values[1], -2, 0);
}

static void test_a_list_of_objects_is_read_one_by_one(void **state)
{
    (void)state;
    struct payload_series series = one("/list", "/dt", "/main/temp");
    series.scale = 2;
    series.offset = 1;
    struct reading r =
        read_series(series, "{'list': [{'dt': 1767225600, 'main': {'temp': 3}},"
                            "{'dt': 1767236400000, 'main': {'temp': 4}}]}");
    assert_int_equal(r.n, 2);
    assert_close(r.times[1], 1767236400, 0);
    assert_close(r.values[0], 7, 0);
    r = read_series(one("", "/datetime", "/temperature"),
                    "[{'datetime': '2026-01-01T01:00:00+01:00', 'temperature': 1}]");
    assert_int_equal(r.n, 1);
    assert_close(r.times[0], 1767225600, 0);
}

static void test_points_may_come_in_any_order_one_at_a_time(void **state)
{
    (void)state;
    struct reading r = read_series(two("/t", "/v"),
                                   "{'t': [1000000900, 1000001800, 1000000300, 1000000900,"
                                   " 1000000000, 1000001800], 'v': [3, 4, 2, 7, 1, 8]}");
    assert_int_equal(r.n, 4);
    for (size_t i = 0; i < r.n; i++)
        assert_close(r.values[i], (double)i + 1, 0);
    assert_close(r.times[1], 1000000300, 0);
}

static void test_what_does_not_fit_is_counted(void **state)
{
    (void)state;
    struct reading r = read_series(
        two("/t", "/v"), "{'t': [1e9, 2e9, 3e9, 4e9, 5e9, 6e9, 7e9, 8e9, 9e9, 1e10],"
                         " 'v': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}");
    assert_int_equal(r.n, ROOM);
    assert_int_equal(r.left, 2);
}

static void test_a_message_that_is_wrong_is_refused_as_a_whole(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } wrong[] = {
        {"{'t': [1000000000, ", "not JSON"},
        {"{'t': 5}", "no lists at times and values"},
        {"{'t': [1000000000], 'v': [1, 2]}", "not of the same length"},
        {"{'t': [1000000000, 'noon'], 'v': [1, 2]}", "a time that is none"},
        {"{'t': [1000000000, 1000000900], 'v': [1, 'mild']}", "no number"},
        {"{'t': [1000000000, 1000000900], 'v': [1, {}]}", "no number"},
        {"{'t': [], 'v': []}", "a list without values"},
        {"{'t': [1000000000], 'v': [null]}", "a list without values"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct reading r = read_series(two("/t", "/v"), wrong[i].text);
        assert_int_equal(r.n, 0);
        if (!r.why || !strstr(r.why, wrong[i].why))
            fail_msg("%s: %s", wrong[i].text, r.why ? r.why : "taken");
    }
    struct reading r = read_series(one("/list", "/t", "/v"), "{'list': {'t': 1000000000}}");
    assert_non_null(strstr(r.why, "nothing at list"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_lists_are_read_side_by_side),
        cmocka_unit_test(test_a_list_of_objects_is_read_one_by_one),
        cmocka_unit_test(test_points_may_come_in_any_order_one_at_a_time),
        cmocka_unit_test(test_what_does_not_fit_is_counted),
        cmocka_unit_test(test_a_message_that_is_wrong_is_refused_as_a_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
