/* Weather that is plausible: the sun where astronomy has it, walks that stay near home. */
#include "check.h"

#include "../../daemon/cli/weather.h"

static const double noon_of_midsummer = 1782043200; /* 2026-06-21T12:00:00Z */
static const double day = 86400;

static struct weather weather_at(double latitude, double time)
{
    struct weather w = {.latitude = latitude,
                        .mean = 10,
                        .season = 8,
                        .swing = 5,
                        .cloud_mean = 0,
                        .wind_mean = 3.5};
    weather_begin(&w, time);
    return w;
}

static double sun_at(double latitude, double time)
{
    struct weather w = weather_at(latitude, time);
    return weather_value(&w, "solar_irradiance");
}

/* Haurwitz (1945): 1098 sin(h) exp(-0.057 / sin(h)) W/m2. */
static double clear_sky(double degrees)
{
    double s = sin(degrees * acos(-1) / 180);
    return 1098 * s * exp(-0.057 / s);
}

static void test_the_sun_of_midsummer_noon_stands_where_it_should(void **state)
{
    (void)state;
    assert_near(sun_at(52, noon_of_midsummer), clear_sky(90 - 52 + 23.45), 0.01);
    assert_near(sun_at(52, noon_of_midsummer + 183 * day), clear_sky(90 - 52 - 23.45),
                0.03);
    assert_near(sun_at(-35, noon_of_midsummer), clear_sky(90 - 35 - 23.45), 0.02);
}

static void test_there_is_no_sun_at_night(void **state)
{
    (void)state;
    assert_close(sun_at(52, noon_of_midsummer + day / 2), 0, 0);
    assert_close(sun_at(80, noon_of_midsummer + 183 * day), 0, 0); /* polar night */
    assert_true(sun_at(80, noon_of_midsummer + day / 2) > 0);      /* midnight sun */
}

static void test_clouds_take_three_quarters_of_the_sun(void **state)
{
    (void)state;
    struct weather w = weather_at(52, noon_of_midsummer);
    double clear = weather_value(&w, "solar_irradiance");
    w.cloud = 1;
    assert_near(weather_value(&w, "solar_irradiance"), 0.25 * clear, 1e-9);
}

static void test_afternoons_and_summers_are_warm(void **state)
{
    (void)state;
    struct weather noon = weather_at(52, noon_of_midsummer + 3 * 3600);
    struct weather night = weather_at(52, noon_of_midsummer + 15 * 3600);
    struct weather winter = weather_at(52, noon_of_midsummer + 183 * day);
    double warm = weather_value(&noon, "outdoor_temperature");
    assert_close(warm - weather_value(&night, "outdoor_temperature"), 10, 0.1);
    assert_true(weather_value(&winter, "outdoor_temperature") < 8);
    assert_true(warm > 20);
}

/* Every value within what its kinds' tables allow, over a year of days. */
static void test_a_year_of_weather_stays_in_range(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double min, max;
    } signals[] = {
        {"outdoor_temperature", -30, 45},
        {"outdoor_relative_humidity", 5, 100},
        {"solar_irradiance", 0, 1100},
        {"wind_speed", 0, 40},
        {"wind_direction", 0, 360},
        {"dew_point", -40, 35},
        {"pressure", 950, 1060},
        {"mixing_height", 20, 6000},
        {"traffic", 0, 10000},
        {"outdoor_co2", 400, 450},
    };
    struct random random = {3};
    struct weather w = weather_at(52, noon_of_midsummer);
    for (int i = 0; i < 365 * 24; i++) {
        weather_move_to(&w, w.time + 3600, &random);
        for (size_t s = 0; s < sizeof signals / sizeof *signals; s++) {
            double value = weather_value(&w, signals[s].name);
            if (!(value >= signals[s].min && value <= signals[s].max))
                fail_msg("%s is %g", signals[s].name, value);
        }
    }
    assert_true(isnan(weather_value(&w, "happiness")));
}

/* The walks' spread does not depend on how finely they are taken. */
static double spread_of_warmth(double step)
{
    struct random random = {5};
    struct weather w = weather_at(52, noon_of_midsummer);
    double sum = 0, squares = 0;
    int n = 0;
    for (int d = 0; d < 3000; d++) {
        for (double t = 0; t < day; t += step)
            weather_move_to(&w, w.time + step, &random);
        sum += w.warmth, squares += w.warmth * w.warmth, n++;
    }
    return sqrt(squares / n - sum / n * (sum / n));
}

static void test_walks_have_the_same_spread_by_any_step(void **state)
{
    (void)state;
    assert_close(spread_of_warmth(day), 2.5, 0.25);
    assert_close(spread_of_warmth(3600), 2.5, 0.25);
}

static void test_traffic_has_two_peaks_on_a_working_day(void **state)
{
    (void)state;
    const double monday = 1782086400; /* 2026-06-22T00:00:00Z */
    double at[24];
    for (int h = 0; h < 24; h++) {
        struct weather w = weather_at(52, monday + 3600.0 * h);
        at[h] = weather_value(&w, "traffic");
    }
    assert_true(at[8] > 2 * at[3] && at[8] > at[12] && at[18] > at[13]);
    struct weather sunday = weather_at(52, monday - day + 8 * 3600);
    assert_true(weather_value(&sunday, "traffic") < at[8] / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_sun_of_midsummer_noon_stands_where_it_should),
        cmocka_unit_test(test_there_is_no_sun_at_night),
        cmocka_unit_test(test_clouds_take_three_quarters_of_the_sun),
        cmocka_unit_test(test_afternoons_and_summers_are_warm),
        cmocka_unit_test(test_a_year_of_weather_stays_in_range),
        cmocka_unit_test(test_walks_have_the_same_spread_by_any_step),
        cmocka_unit_test(test_traffic_has_two_peaks_on_a_working_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
