/* Hourly means, and which of them an index is made from. */
#include "check.h"
#include "twind/air_rating.h"

/* A full hour of the clock. */
static const double midnight = 1704067200;

static void test_hours_are_exact_at_full_hours(void **state)
{
    (void)state;
    double room[AIR_HOURS_ROOM(2)] = {0};
    for (int step = 1; step <= 18; step++) /* three hours in steps of ten minutes */
        air_hours_add(room, 2, midnight + 600 * step, 600, (double[]){step, 7});
    double now = midnight + 3 * 3600;
    assert_close(air_hours_mean(room, 2, 0, now, 0), 15.5, 1e-12);
    assert_close(air_hours_mean(room, 2, 0, now, 1), 9.5, 1e-12);
    assert_close(air_hours_mean(room, 2, 0, now, 2), 3.5, 1e-12);
    assert_close(air_hours_mean(room, 2, 1, now, 2), 7, 1e-12);
    assert_true(isnan(air_hours_mean(room, 2, 0, now, 3)));
    assert_close(air_hours_average(room, 2, 0, now, 8), 9.5, 1e-12);
}

static void test_hour_slides_between_full_hours(void **state)
{
    (void)state;
    double room[AIR_HOURS_ROOM(1)] = {0};
    air_hours_add(room, 1, midnight + 3600, 3600, (double[]){10});
    air_hours_add(room, 1, midnight + 4500, 900, (double[]){30});
    assert_close(air_hours_mean(room, 1, 0, midnight + 4500, 0), 15, 1e-12);
}

static void test_step_over_the_hour_is_shared_out(void **state)
{
    (void)state;
    double room[AIR_HOURS_ROOM(1)] = {0};
    air_hours_add(room, 1, midnight + 3300, 3300, (double[]){10});
    air_hours_add(room, 1, midnight + 3900, 600, (double[]){40});
    air_hours_add(room, 1, midnight + 7200, 3300, (double[]){40});
    assert_close(air_hours_mean(room, 1, 0, midnight + 7200, 0), 40, 1e-12);
    assert_close(air_hours_mean(room, 1, 0, midnight + 7200, 1), 12.5, 1e-12);
}

static void test_gap_leaves_no_hours(void **state)
{
    (void)state;
    double room[AIR_HOURS_ROOM(1)] = {0};
    air_hours_add(room, 1, midnight + 3600, 3600, (double[]){10});
    air_hours_add(room, 1, midnight + 7200, 1200, (double[]){99}); /* 20 minutes: too few */
    air_hours_add(room, 1, midnight + 5 * 3600, 3600, (double[]){20});
    double now = midnight + 5 * 3600;
    assert_close(air_hours_mean(room, 1, 0, now, 0), 20, 1e-12);
    for (size_t back = 1; back <= 3; back++)
        assert_true(isnan(air_hours_mean(room, 1, 0, now, back)));
    assert_close(air_hours_mean(room, 1, 0, now, 4), 10, 1e-12);
    air_hours_add(room, 1, midnight + 30 * 86400, 3600, (double[]){1});
    for (size_t back = 1; back <= 22; back++)
        assert_true(isnan(air_hours_mean(room, 1, 0, midnight + 30 * 86400, back)));
}

static struct air_rating clean(const double *room)
{
    struct air_rating r = {.time = midnight, .most = 500, .room = room};
    for (int i = 0; i < AIR_RATED; i++)
        r.now[i] = r.ug_per_ppb[i] = 1;
    return r;
}

static void keep_hour(struct air_rating *r, double *room)
{
    r->time += 3600;
    air_rating_add(r, 3600, room);
}

static void test_particles_are_rated_by_nowcast(void **state)
{
    (void)state;
    static const double hours[] = {34.9, 43,   50,   64.9, 69.2, 66.2,
                                   53.7, 48.6, 49.2, 35,   NAN,  21};
    double room[AIR_RATING_ROOM] = {0};
    struct air_rating r = clean(room);
    for (int i = 0; i < 12; i++) {
        r.now[AIR_RATED_PM2_5] = hours[i];
        if (isnan(hours[i]))
            r.time += 3600;
        else
            keep_hour(&r, room);
    }
    enum air_rated dominant = AIR_RATED_CO;
    assert_close(air_rating_aqi(&r, AIR_RATED_PM2_5), 87, 0); /* of 28.4 */
    assert_close(air_rating_worst(&r, &dominant), 87, 0);
    assert_int_equal(dominant, AIR_RATED_PM2_5);
}

static void test_gases_are_rated_by_their_own_hours(void **state)
{
    (void)state;
    double room[AIR_RATING_ROOM] = {0};
    struct air_rating r = clean(room);
    for (int i = 0; i < 8; i++) {
        r.now[AIR_RATED_O3] = i < 4 ? 80 : 60;
        r.now[AIR_RATED_CO] = i < 4 ? 2000 : 6800;
        r.now[AIR_RATED_NO2] = i < 7 ? 500 : 100;
        r.now[AIR_RATED_SO2] = i < 7 ? 10 : 700;
        keep_hour(&r, room);
    }
    assert_close(air_rating_aqi(&r, AIR_RATED_O3), 100, 0);
    assert_close(air_rating_aqi(&r, AIR_RATED_CO), 50, 0);
    assert_close(air_rating_aqi(&r, AIR_RATED_NO2), 100, 0);
    assert_close(air_rating_aqi(&r, AIR_RATED_SO2), 200, 0);
    enum air_rated dominant = AIR_RATED_CO;
    assert_close(air_rating_worst(&r, &dominant), 200, 0);
    assert_int_equal(dominant, AIR_RATED_SO2);
}

static void test_first_minutes_are_rated_by_what_there_is(void **state)
{
    (void)state;
    double room[AIR_RATING_ROOM] = {0};
    struct air_rating r = clean(room);
    r.now[AIR_RATED_PM2_5] = 35.4;
    assert_close(air_rating_aqi(&r, AIR_RATED_PM2_5), 100, 0);
    r.time += 60;
    r.now[AIR_RATED_PM2_5] = 55.4;
    air_rating_add(&r, 60, room);
    assert_close(air_rating_aqi(&r, AIR_RATED_PM2_5), 150, 0);
}

static void test_index_ends_where_it_is_told_to(void **state)
{
    (void)state;
    double room[AIR_RATING_ROOM] = {0};
    struct air_rating r = clean(room);
    r.now[AIR_RATED_PM2_5] = 425.4;
    assert_close(air_rating_aqi(&r, AIR_RATED_PM2_5), 500, 0);
    r.most = 1000;
    assert_close(air_rating_aqi(&r, AIR_RATED_PM2_5), 699, 0);
}

static void test_european_index_is_the_worst_pollutants(void **state)
{
    (void)state;
    double room[AIR_RATING_ROOM] = {0};
    struct air_rating r = clean(room);
    assert_int_equal(air_rating_eaqi(&r), 1);
    r.now[AIR_RATED_CO] = 1e6; /* not in this index */
    assert_int_equal(air_rating_eaqi(&r), 1);
    r.now[AIR_RATED_NO2] = 50;
    r.ug_per_ppb[AIR_RATED_NO2] = 1.9125;
    assert_int_equal(air_rating_eaqi(&r), 4); /* 95.6 ug/m3 */
    r.now[AIR_RATED_PM10] = 271;
    assert_int_equal(air_rating_eaqi(&r), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hours_are_exact_at_full_hours),
        cmocka_unit_test(test_hour_slides_between_full_hours),
        cmocka_unit_test(test_step_over_the_hour_is_shared_out),
        cmocka_unit_test(test_gap_leaves_no_hours),
        cmocka_unit_test(test_particles_are_rated_by_nowcast),
        cmocka_unit_test(test_gases_are_rated_by_their_own_hours),
        cmocka_unit_test(test_first_minutes_are_rated_by_what_there_is),
        cmocka_unit_test(test_index_ends_where_it_is_told_to),
        cmocka_unit_test(test_european_index_is_the_worst_pollutants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
