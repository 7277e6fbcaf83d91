/* The usual value by the time of the day. */
#include "check.h"

#include "twind/season.h"

enum { DAY = 86400, QUARTER = 900 };

static void learn_days(struct season *season, int days)
{
    for (int i = 0; i < days * SEASON_SLOTS; i++)
        season_learn(season, i * (double)QUARTER, i % SEASON_SLOTS, 0.1);
}

static void test_it_is_known_after_as_many_days_as_asked(void **state)
{
    (void)state;
    struct season season = {.rows = 0};
    double usual;
    learn_days(&season, 3);
    assert_true(season_expect(&season, 10 * QUARTER, 3, &usual));
    assert_close(usual, 10, 0);
    assert_false(season_expect(&season, 10 * QUARTER, 4, &usual));
    /* the slot that is passing has not been taken in */
    assert_false(season_expect(&season, 95 * QUARTER, 3, &usual));
}

static void test_a_slot_is_the_same_on_any_day(void **state)
{
    (void)state;
    struct season season = {.rows = 0};
    double now, later;
    learn_days(&season, 3);
    assert_true(season_expect(&season, 5 * QUARTER + 60, 2, &now));
    assert_true(season_expect(&season, 5 * QUARTER + 60 + 7000. * DAY, 2, &later));
    assert_close(now, later, 0);
    assert_true(season_expect(&season, 5 * QUARTER - 3. * DAY, 2, &later));
    assert_close(now, later, 0);
}

static void test_an_unknown_time_is_not_taken(void **state)
{
    (void)state;
    struct season season = {.rows = 0};
    double usual;
    season_learn(&season, NAN, 5, 0.1);
    assert_int_equal(season.now_day.rows, 0);
    assert_false(season_expect(&season, NAN, 0, &usual));
}

/* Half as much on two days of seven. */
static double weekly(int i)
{
    int day = i / SEASON_SLOTS;
    return (day % 7 < 2 ? 0.5 : 1) * (10 + i % SEASON_SLOTS);
}

static void test_the_week_is_added_where_it_tells_more(void **state)
{
    (void)state;
    struct season season = {.rows = 0};
    double usual;
    int weeks = 8, noon = weeks * 7 * SEASON_SLOTS + 48;
    for (int i = 0; i < noon; i++)
        season_learn(&season, i * (double)QUARTER, weekly(i), 0.1);
    assert_true(season_is_weekly(&season));
    assert_true(season_expect(&season, noon * (double)QUARTER, 3, &usual));
    assert_close(usual, weekly(noon), 6);
    assert_true(season_expect(&season, noon * (double)QUARTER + 3. * DAY, 3, &usual));
    assert_close(usual, weekly(noon + 3 * SEASON_SLOTS), 6);
}

static void test_a_day_like_every_other_has_no_week(void **state)
{
    (void)state;
    struct season season = {.rows = 0};
    uint64_t seed = 1;
    for (int i = 0; i < 60 * SEASON_SLOTS; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        double noise = (double)(seed >> 11) * 0x1p-53;
        season_learn(&season, i * (double)QUARTER, i % SEASON_SLOTS + 10 * noise, 0.1);
    }
    assert_false(season_is_weekly(&season));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_known_after_as_many_days_as_asked),
        cmocka_unit_test(test_a_slot_is_the_same_on_any_day),
        cmocka_unit_test(test_the_week_is_added_where_it_tells_more),
        cmocka_unit_test(test_a_day_like_every_other_has_no_week),
        cmocka_unit_test(test_an_unknown_time_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
