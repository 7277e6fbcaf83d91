/* What is learned of hours, weekends and bearings. */
#include "check.h"
#include "twind/air_profile.h"
#include "twind/air_rose.h"

#include <math.h>
#include <stdbool.h>

static const double monday = 1718582400; /* 2024-06-17T00:00Z */
static const double hour = 3600, days = 21;

/* A source that is 5 at 8 h on weekdays, 2 on weekends, 1 else. */
static double truth(double time)
{
    double of_week = fmod((time - monday) / hour, 168);
    bool eight = fabs(fmod(of_week, 24) - 8.5) < 0.5;
    if (!eight)
        return 1;
    return of_week < 120 ? 5 : 2;
}

static void learn(double *room, size_t weeks)
{
    for (double at = monday; at < monday + (double)weeks * 168 * hour; at += 900) {
        struct air_moment m = air_profile_moment(at, 0);
        double missing = truth(at) - air_profile_value(room, 0, &m);
        air_profile_learn(room, 1, &m, 900, days, &missing);
    }
}

static double value(const double *room, double time, double utc_offset)
{
    struct air_moment m = air_profile_moment(time, utc_offset);
    return air_profile_value(room, 0, &m);
}

static void test_rush_hour_is_learned_and_weekends_have_none(void **state)
{
    (void)state;
    double room[AIR_PROFILE_ROOM(1)] = {0};
    learn(room, 12);
    assert_true(value(room, monday + 8.5 * hour, 0) > 3.5); /* an edge is rounded */
    assert_close(value(room, monday + (120 + 8.5) * hour, 0), 2, 0.8);
    assert_close(value(room, monday + 15.5 * hour, 0), 1, 0.2);
    assert_close(value(room, monday + 0.5 * hour, 8), value(room, monday + 8.5 * hour, 0),
                 1e-12);
}

static void test_slope_leads_from_hour_to_hour(void **state)
{
    (void)state;
    double room[AIR_PROFILE_ROOM(1)] = {0};
    learn(room, 2);
    for (double at = monday + 0.5 * hour; at < monday + 168 * hour; at += hour) {
        struct air_moment m = air_profile_moment(at, 0);
        double next = value(room, at, 0) + hour * air_profile_slope(room, 0, &m);
        assert_close(next, value(room, at + hour, 0), 1e-9);
    }
}

static void test_memory_of_no_days_learns_nothing(void **state)
{
    (void)state;
    double room[AIR_PROFILE_ROOM(1)] = {0}, rose[AIR_ROSE_ROOM(1)] = {0}, missing = 3;
    struct air_moment m = air_profile_moment(monday, 0);
    air_profile_learn(room, 1, &m, 900, 0, &missing);
    air_rose_learn(rose, 1, 90, 900, 0, &missing);
    assert_close(value(room, monday, 0), 0, 0);
    assert_close(air_rose_factor(rose, 0, 90), 1, 0);
}

static void test_source_in_the_west_is_learned(void **state)
{
    (void)state;
    double rose[AIR_ROSE_ROOM(2)] = {0};
    for (int i = 0; i < 200000; i++) {
        double bearing = 30.0 * (i * 7 % 12), gives = bearing == 270 ? 3 : 1;
        double missing[2] = {0, gives / air_rose_factor(rose, 1, bearing) - 1};
        air_rose_learn(rose, 2, bearing, 900, days, missing);
    }
    assert_close(air_rose_factor(rose, 1, 270), 3, 0.05);
    assert_close(air_rose_factor(rose, 1, 90), 1, 0.05);
    assert_close(air_rose_factor(rose, 0, 270), 1, 0);
    assert_close(air_rose_factor(rose, 1, 360), air_rose_factor(rose, 1, 0), 1e-12);
}

static void test_no_reading_makes_a_source_negative(void **state)
{
    (void)state;
    double rose[AIR_ROSE_ROOM(1)] = {0}, less = -1e6, more = 1e6;
    for (int i = 0; i < 100000; i++)
        air_rose_learn(rose, 1, 45, 3600, days, &less);
    assert_true(air_rose_factor(rose, 0, 45) > 0);
    for (int i = 0; i < 100000; i++)
        air_rose_learn(rose, 1, 45, 3600, days, &more);
    assert_true(air_rose_factor(rose, 0, 45) <= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rush_hour_is_learned_and_weekends_have_none),
        cmocka_unit_test(test_slope_leads_from_hour_to_hour),
        cmocka_unit_test(test_memory_of_no_days_learns_nothing),
        cmocka_unit_test(test_source_in_the_west_is_learned),
        cmocka_unit_test(test_no_reading_makes_a_source_negative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
