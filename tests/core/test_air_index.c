/* Air quality indices against hand-computed and published values. */
#include "check.h"
#include "twind/air_index.h"

static void test_aqi_meets_every_bound_of_the_2024_table(void **state)
{
    (void)state;
    static const double index[] = {50, 100, 150, 200, 300, 500};
    static const struct {
        enum air_index_scale scale;
        double upper[6], step;
    } tables[] = {
        {AIR_INDEX_PM2_5, {9.0, 35.4, 55.4, 125.4, 225.4, 325.4}, 0.1},
        {AIR_INDEX_PM10, {54, 154, 254, 354, 424, 604}, 1},
        {AIR_INDEX_O3, {0.054, 0.070, 0.085, 0.105, 0.200, NAN}, 0.001},
        {AIR_INDEX_O3_1H, {NAN, NAN, 0.164, 0.204, 0.404, 0.604}, 0.001},
        {AIR_INDEX_CO, {4.4, 9.4, 12.4, 15.4, 30.4, 50.4}, 0.1},
        {AIR_INDEX_SO2, {35, 75, 185, 304, 604, 1004}, 1},
        {AIR_INDEX_NO2, {53, 100, 360, 649, 1249, 2049}, 1},
    };
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (size_t i = 0; i < 6; i++) {
            double upper = tables[t].upper[i];
            if (isnan(upper))
                continue;
            assert_close(air_index_aqi(tables[t].scale, upper), index[i], 0);
            if (i < 4)
                assert_close(air_index_aqi(tables[t].scale, upper + tables[t].step),
                             index[i] + 1, 0);
        }
}

static void test_concentrations_are_truncated_not_rounded(void **state)
{
    (void)state;
    assert_close(air_index_aqi(AIR_INDEX_PM2_5, 9.09), 50, 0);
    assert_close(air_index_aqi(AIR_INDEX_PM2_5, 9.1), 51, 0);
    assert_close(air_index_aqi(AIR_INDEX_PM10, 154.99), 100, 0);
    assert_close(air_index_aqi(AIR_INDEX_O3, 0.0709), 100, 0);
    assert_close(air_index_aqi(AIR_INDEX_CO, 4.49), 50, 0);
}

static void test_aqi_interpolates_to_whole_numbers(void **state)
{
    (void)state;
    assert_close(air_index_aqi(AIR_INDEX_PM2_5, 90.5), 176, 0);
    assert_close(air_index_aqi(AIR_INDEX_PM2_5, 172.858), 248, 0);
    assert_close(air_index_aqi(AIR_INDEX_O3, 0.05788), 58, 0);
    assert_close(air_index_aqi(AIR_INDEX_CO, 45.967), 455, 0);
    assert_close(air_index_aqi(AIR_INDEX_NO2, 566.67), 186, 0);
}

static void test_aqi_goes_on_above_the_table(void **state)
{
    (void)state;
    /* 199 / 99.9 a ug/m3 from 301 at 225.5 on. */
    assert_close(air_index_aqi(AIR_INDEX_PM2_5, 425.4), 699, 0);
    assert_true(isnan(air_index_aqi(AIR_INDEX_O3, 0.201)));
}

static void test_values_that_are_none_give_no_index(void **state)
{
    (void)state;
    assert_true(isnan(air_index_aqi(AIR_INDEX_PM2_5, NAN)));
    assert_true(isnan(air_index_aqi(AIR_INDEX_O3_1H, 0.1249)));
    assert_close(air_index_aqi(AIR_INDEX_PM2_5, -3), 0, 0);
    assert_int_equal(air_index_eaqi(AIR_INDEX_NO2, NAN), 0);
    assert_int_equal(air_index_eaqi(AIR_INDEX_CO, 1000), 0);
    assert_int_equal(air_index_category(NAN), 0);
}

static void test_ozone_takes_the_worse_of_its_two_means(void **state)
{
    (void)state;
    assert_close(air_index_ozone(0.060, 0.110), 67, 0);
    assert_close(air_index_ozone(0.060, 0.204), 200, 0);
    assert_close(air_index_ozone(0.250, 0.404), 300, 0);
    assert_close(air_index_ozone(0.250, 0.010), 300, 0);
}

static void test_so2_above_200_needs_the_day(void **state)
{
    (void)state;
    assert_close(air_index_so2(185, 900), 150, 0);
    assert_close(air_index_so2(700, 20), 200, 0);
    assert_close(air_index_so2(700, 604), 300, 0);
}

static void test_nowcast_agrees_with_the_example_of_epa(void **state)
{
    (void)state;
    static const double hours[] = {21,   NAN,  35,   49.2, 48.6, 53.7,
                                   66.2, 69.2, 64.9, 50,   43,   34.9};
    assert_close(air_index_nowcast(hours, 12), 28.409801, 1e-6);
}

static void test_nowcast_of_steady_air_weighs_all_hours(void **state)
{
    (void)state;
    static const double hours[] = {7, 7, 8, 8, 9, 7, 7, 8, 8, 9, 7, 7};
    double w = 7.0 / 9, sum = 0, weights = 0;
    for (int i = 0; i < 12; i++) {
        sum += pow(w, i) * hours[i];
        weights += pow(w, i);
    }
    assert_close(air_index_nowcast(hours, 12), sum / weights, 1e-12);
    assert_close(air_index_nowcast((double[]){0, 0, 0}, 3), 0, 0);
}

static void test_nowcast_needs_two_of_the_latest_three_hours(void **state)
{
    (void)state;
    assert_true(isnan(air_index_nowcast((double[]){NAN, NAN, 32, 35, 30}, 5)));
    assert_true(isnan(air_index_nowcast((double[]){12}, 1)));
    assert_close(air_index_nowcast((double[]){NAN, 10, 10, NAN}, 4), 10, 1e-12);
}

static void test_european_bands_include_their_upper_bound(void **state)
{
    (void)state;
    static const struct {
        enum air_index_scale scale;
        double upper[5];
    } tables[] = {
        {AIR_INDEX_PM2_5, {5, 15, 50, 90, 140}},  {AIR_INDEX_PM10, {15, 45, 120, 195, 270}},
        {AIR_INDEX_NO2, {10, 25, 60, 100, 150}},  {AIR_INDEX_O3, {60, 100, 120, 160, 180}},
        {AIR_INDEX_SO2, {20, 40, 125, 190, 275}},
    };
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (int i = 0; i < 5; i++) {
            double upper = tables[t].upper[i];
            assert_int_equal(air_index_eaqi(tables[t].scale, upper), i + 1);
            assert_int_equal(air_index_eaqi(tables[t].scale, upper + 0.01), i + 2);
        }
}

static void test_categories_and_advice_have_words_for_all(void **state)
{
    (void)state;
    static const double aqi[] = {50, 51, 150, 151, 201, 301};
    static const int category[] = {1, 2, 3, 4, 5, 6};
    for (int i = 0; i < 6; i++)
        assert_int_equal(air_index_category(aqi[i]), category[i]);
    assert_string_equal(air_index_category_name(5), "Very Unhealthy");
    assert_string_equal(air_index_category_name(0), "Unknown");
    assert_string_equal(air_index_pollutant(AIR_INDEX_PM2_5), "pm2_5");
    for (int c = 1; c <= AIR_INDEX_CATEGORIES; c++)
        for (int s = 0; s < AIR_INDEX_SCALES; s++)
            assert_true(air_index_advice(c, (enum air_index_scale)s)[0] != '\0');
    assert_string_not_equal(air_index_advice(3, AIR_INDEX_PM2_5),
                            air_index_advice(3, AIR_INDEX_O3));
}

static void test_purpleair_corrections(void **state)
{
    (void)state;
    assert_close(air_index_purpleair(95.2, 92), 47.342, 1e-9);
    assert_close(air_index_purpleair(419.6, 24), 265.179215, 1e-6);
    assert_close(air_index_purpleair(0, 100), 0, 0);
    assert_close(air_index_purpleair_smoke(8.4, 29), 7.6518, 1e-9);
    assert_close(air_index_purpleair_smoke(37.6, 26), 26.954656, 1e-9);
    assert_close(air_index_purpleair_smoke(190.3, 50), 151.0158, 1e-9);
    assert_close(air_index_purpleair_smoke(230, 40),
                 (0.69 * 0.4 + 0.786 * 0.6) * 230 + (5.75 - 3.448) * 0.6 + 2.966 * 0.4 +
                     8.84e-4 * 230 * 230 * 0.4,
                 1e-9);
    assert_close(air_index_purpleair_smoke(419.6, 24), 448.130717, 1e-6);
}

static void test_purpleair_inverse_undoes_the_correction(void **state)
{
    (void)state;
    for (double reading = 20; reading < 1000; reading += 37) {
        double pm = air_index_purpleair(reading, 55);
        assert_near(air_index_purpleair_inverse(pm, 55), reading, 1e-9);
    }
    assert_close(air_index_purpleair_inverse(0, 0), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aqi_meets_every_bound_of_the_2024_table),
        cmocka_unit_test(test_concentrations_are_truncated_not_rounded),
        cmocka_unit_test(test_aqi_interpolates_to_whole_numbers),
        cmocka_unit_test(test_aqi_goes_on_above_the_table),
        cmocka_unit_test(test_values_that_are_none_give_no_index),
        cmocka_unit_test(test_ozone_takes_the_worse_of_its_two_means),
        cmocka_unit_test(test_so2_above_200_needs_the_day),
        cmocka_unit_test(test_nowcast_agrees_with_the_example_of_epa),
        cmocka_unit_test(test_nowcast_of_steady_air_weighs_all_hours),
        cmocka_unit_test(test_nowcast_needs_two_of_the_latest_three_hours),
        cmocka_unit_test(test_european_bands_include_their_upper_bound),
        cmocka_unit_test(test_categories_and_advice_have_words_for_all),
        cmocka_unit_test(test_purpleair_corrections),
        cmocka_unit_test(test_purpleair_inverse_undoes_the_correction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
