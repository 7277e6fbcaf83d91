/* What a greenhouse twin learns without being told: habits of each hour, lamps behind a
 * light sensor, and whether the house obeys its set-points. */
#include "glasshouse.h"

/* Lives so long with this unknown flux held, as a filter would hold it. */
static void live_with(struct house *house, const char *flux, double value, double seconds)
{
    for (double t = 0; t < seconds - 1e-6; t += 300) {
        *state_of(house, flux) = value;
        live(house, 300);
    }
}

static double warming(const struct house *house)
{
    double rate[STATES];
    const struct kind_point at = point(house);
    kind_greenhouse.derive(&at, rate);
    return 1e3 *
           house->p[row(kind_greenhouse.params, kind_greenhouse.n_params, "air_capacity")] *
           rate[0]; /* W/m2 */
}

/* What the house is warmed by what it has learned, at `later` s from now. */
static double learned_heat(const struct house *house, double later)
{
    struct house with = *house, without = *house;
    *state_of(&with, "unknown_heat") = *state_of(&without, "unknown_heat") = 0;
    *param(&without, "habit_days") = 0;
    with.time += later;
    without.time += later;
    return warming(&with) - warming(&without);
}

static void test_heat_of_one_hour_is_expected_at_that_hour_again(void **state)
{
    (void)state;
    struct house house = cold_night();
    *input(&house, "heating_setpoint") = NAN;
    for (int day = 0; day < 3; day++) {
        live_with(&house, "unknown_heat", 0, 10 * hour);
        live_with(&house, "unknown_heat", 40, hour);
        live_with(&house, "unknown_heat", 0, 13 * hour);
    }
    assert_true(learned_heat(&house, 10.5 * hour) > 15);
    assert_close(learned_heat(&house, 6 * hour), 0, 1);
    assert_close(learned_heat(&house, 15 * hour), 0, 1);
}

static void test_a_house_told_to_learn_no_habits_has_none(void **state)
{
    (void)state;
    struct house house = cold_night();
    *input(&house, "heating_setpoint") = NAN;
    *param(&house, "habit_days") = 0;
    live_with(&house, "unknown_heat", 40, DAY);
    assert_close(learned_heat(&house, 0), 0, 1e-9);
}

static void test_what_becomes_habit_is_unknown_no_longer(void **state)
{
    (void)state;
    struct house house = cold_night();
    *input(&house, "heating_setpoint") = NAN;
    *state_of(&house, "unknown_heat") = 40;
    live(&house, hour);
    double left = *state_of(&house, "unknown_heat");
    assert_true(left + learned_heat(&house, 0) < 40);
    assert_true(left + learned_heat(&house, 0) > 25);
}

static void test_light_that_the_sun_does_not_explain_is_lamps(void **state)
{
    (void)state;
    struct house dark = cold_night(), told = cold_night(), seen = cold_night();
    *input(&dark, "lamp") = 0;
    *input(&told, "lamp") = 80;
    *input(&dark, "heating_power") = *input(&told, "heating_power") = 1e5;
    *input(&seen, "heating_power") = 1e5;
    live(&dark, 2 * hour);
    live(&told, 2 * hour);
    live_with(&seen, "unknown_light", 0.8 * 70 * 2.5, 2 * hour);
    double warmer = output(&told, "air_temperature") - output(&dark, "air_temperature");
    assert_true(warmer > 0.3);
    assert_near(output(&seen, "air_temperature") - output(&dark, "air_temperature"), warmer,
                0.5);
    assert_true(output(&seen, "electric_power") > 0.5 * output(&told, "electric_power"));
    assert_close(output(&dark, "electric_power"), 0, 0);
}

static void test_less_light_than_the_sun_gives_is_no_lamp(void **state)
{
    (void)state;
    struct house house = summer_noon();
    *state_of(&house, "unknown_light") = -300;
    live(&house, hour / 12);
    assert_close(output(&house, "electric_power"), 0, 0);
}

static void test_set_points_hold_a_house_that_obeys_them(void **state)
{
    (void)state;
    struct house obeys = cold_night(), new_house = cold_night();
    *input(&obeys, "heating_setpoint") = *input(&new_house, "heating_setpoint") = 18;
    *input(&obeys, "pipe_temperature") = *input(&new_house, "pipe_temperature") = 0;
    live_with(&obeys, "air_temperature", 18, 3 * DAY); /* as a sensor would have it */
    new_house.time = obeys.time;
    struct house drifting = obeys;
    live(&drifting, 6 * hour);
    live(&new_house, 6 * hour);
    assert_true(output(&drifting, "air_temperature") >
                output(&new_house, "air_temperature") + 2);
}

static void test_nobody_holds_a_set_point_that_is_void(void **state)
{
    (void)state;
    struct house held = cold_night();
    *input(&held, "heating_setpoint") = 18;
    *input(&held, "pipe_temperature") = 0;
    live_with(&held, "air_temperature", 18, 3 * DAY);
    struct house left = held;
    *input(&left, "heating_setpoint") = *input(&left, "ventilation_setpoint") = NAN;
    live(&held, 6 * hour);
    live(&left, 6 * hour);
    assert_true(output(&left, "air_temperature") < output(&held, "air_temperature") - 2);
}

/* As the plain run beside a what-if that sets vents which nobody told. */
static void test_own_control_goes_on_by_the_set_point_that_was_told_last(void **state)
{
    (void)state;
    struct house told = summer_noon();
    live(&told, hour);
    struct house left = told;
    *input(&left, "ventilation_setpoint") = *input(&left, "heating_setpoint") = NAN;
    live(&told, 2 * hour);
    live(&left, 2 * hour);
    assert_close(output(&left, "air_temperature"), output(&told, "air_temperature"), 1e-9);
    assert_close(output(&left, "air_exchange"), output(&told, "air_exchange"), 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heat_of_one_hour_is_expected_at_that_hour_again),
        cmocka_unit_test(test_a_house_told_to_learn_no_habits_has_none),
        cmocka_unit_test(test_what_becomes_habit_is_unknown_no_longer),
        cmocka_unit_test(test_light_that_the_sun_does_not_explain_is_lamps),
        cmocka_unit_test(test_less_light_than_the_sun_gives_is_no_lamp),
        cmocka_unit_test(test_set_points_hold_a_house_that_obeys_them),
        cmocka_unit_test(test_nobody_holds_a_set_point_that_is_void),
        cmocka_unit_test(test_own_control_goes_on_by_the_set_point_that_was_told_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
