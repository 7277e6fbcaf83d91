/* The greenhouse kind, open loop: what a grower would say of the house. */
#include "glasshouse.h"
#include "twind/psychro.h"

static void test_own_control_heats_to_the_set_point(void **state)
{
    (void)state;
    struct house house = cold_night();
    *input(&house, "heating_setpoint") = 20;
    live(&house, 12 * hour);
    assert_close(output(&house, "air_temperature"), 20, 1.5);
}

static void test_house_without_heat_cools_towards_the_night(void **state)
{
    (void)state;
    struct house house = cold_night();
    *input(&house, "heating_power") = 0;
    live(&house, 12 * hour);
    assert_true(output(&house, "air_temperature") < 10);
    assert_true(output(&house, "air_temperature") > 0);
}

static void test_cover_loses_what_its_u_value_says(void **state)
{
    (void)state;
    struct house house = cold_night();
    *input(&house, "net_longwave") = 0;
    *input(&house, "vent_lee") = 0;
    *input(&house, "outdoor_relative_humidity") = 0;
    *param(&house, "leakage") = 0;
    *param(&house, "leaf_area_index") = 0.1;
    *param(&house, "ground_temperature") = 18;
    *input(&house, "heating_power") = 100 * *param(&house, "floor_area");
    *param(&house, "thermal_mass") = 10; /* to settle soon */
    live(&house, 3 * DAY);
    double warmer = output(&house, "air_temperature") - 2;
    double loss = *param(&house, "cover_u") * *param(&house, "cover_ratio") * warmer;
    assert_near(loss, 100.0, 0.3); /* the floor, colder than the air, radiates to it too */
}

static void test_energy_screen_and_double_cover_keep_the_house_warmer(void **state)
{
    (void)state;
    struct house open = cold_night(), screened = cold_night(), cover = cold_night();
    *input(&open, "heating_power") = 5e4;
    *input(&screened, "heating_power") = 5e4;
    *input(&cover, "heating_power") = 5e4;
    *input(&screened, "energy_screen") = 100;
    *param(&cover, "cover_u") = 3;
    live(&open, DAY);
    live(&screened, DAY);
    live(&cover, DAY);
    double t = output(&open, "air_temperature");
    assert_true(output(&screened, "air_temperature") > t + 2);
    assert_true(output(&cover, "air_temperature") > t + 2);
}

static void test_pipe_colder_than_the_air_is_off(void **state)
{
    (void)state;
    struct house off = cold_night(), cool = cold_night(), hot = cold_night();
    *input(&off, "pipe_temperature") = 0;
    *input(&cool, "pipe_temperature") = 10;
    *input(&hot, "pipe_temperature") = 60;
    live(&off, hour);
    live(&cool, hour);
    live(&hot, hour);
    assert_close(output(&cool, "air_temperature"), output(&off, "air_temperature"), 1e-12);
    assert_true(output(&hot, "air_temperature") > output(&off, "air_temperature") + 3);
}

static void test_vents_carry_the_sun_s_heat_away(void **state)
{
    (void)state;
    struct house closed = summer_noon(), own = summer_noon(), open = summer_noon();
    *input(&closed, "vent_lee") = 0;
    *input(&open, "vent_lee") = 100;
    live(&closed, 4 * hour);
    live(&own, 4 * hour);
    live(&open, 4 * hour);
    assert_true(output(&closed, "air_temperature") > output(&open, "air_temperature") + 3);
    assert_true(output(&own, "air_temperature") < output(&closed, "air_temperature") - 2);
}

static void test_crop_transpires_in_the_light_and_rests_at_night(void **state)
{
    (void)state;
    struct house noon = summer_noon(), night = cold_night();
    live(&noon, 2 * hour);
    live(&night, 6 * hour);
    assert_true(output(&noon, "transpiration") > 100);
    assert_true(output(&noon, "transpiration") < 600);
    assert_true(output(&night, "transpiration") < 60);
}

static void test_humidity_follows_from_vapour_and_temperature(void **state)
{
    (void)state;
    struct house house = usual_house();
    *state_of(&house, "air_temperature") = 20;
    *state_of(&house, "relative_humidity") = 60;
    assert_close(output(&house, "dew_point"), 12.02, 0.05);
    assert_close(output(&house, "vapour_pressure_deficit"), 0.4 * 2.339, 0.01);
    double e = 0.6 * psychro_saturation(20), rate[STATES];
    /* Warming alone leaves the vapour where it is. */
    struct house warmed = house;
    *state_of(&warmed, "unknown_heat") = 300;
    const struct kind_point cool = point(&house), warm = point(&warmed);
    double before[STATES];
    kind_greenhouse.derive(&cool, before);
    kind_greenhouse.derive(&warm, rate);
    double warming = rate[0] - before[0], drying = rate[1] - before[1];
    double h = 1; /* s */
    assert_near(psychro_saturation(20 + warming * h) * (60 + drying * h) / 100, e, 1e-4);
}

static void test_fog_moistens_and_cools_and_never_overfills_the_air(void **state)
{
    (void)state;
    struct house dry = summer_noon(), fogged = summer_noon();
    *input(&fogged, "fogging") = 100;
    *input(&dry, "vent_lee") = *input(&fogged, "vent_lee") = 50;
    live(&dry, hour);
    live(&fogged, hour);
    assert_true(output(&fogged, "air_temperature") < output(&dry, "air_temperature") - 1);
    assert_true(output(&fogged, "relative_humidity") >
                output(&dry, "relative_humidity") + 5);
    assert_true(output(&fogged, "relative_humidity") < 101);
}

static void test_co2_is_dosed_to_its_set_point_and_eaten_in_the_light(void **state)
{
    (void)state;
    struct house dosed = cold_night(), eaten = cold_night();
    *input(&dosed, "co2_setpoint") = 800;
    live(&dosed, 12 * hour);
    assert_true(output(&dosed, "co2") > 740 && output(&dosed, "co2") < 900);
    *input(&eaten, "lamp") = 100;
    *input(&eaten, "vent_lee") = 0;
    live(&eaten, 12 * hour);
    assert_true(output(&eaten, "co2") < 400);
}

static void test_dosed_kilograms_arrive_in_the_air(void **state)
{
    (void)state;
    struct house none = cold_night(), dosed = cold_night();
    *input(&none, "co2_dosing") = 0;
    *input(&dosed, "co2_dosing") = 10;
    const struct kind_point a = point(&none), b = point(&dosed);
    double without[STATES], with[STATES];
    kind_greenhouse.derive(&a, without);
    kind_greenhouse.derive(&b, with);
    /* 10 kg/h in 1000 m2 * 5 m: 2000 mg/(m3 h), 0.554 ppm each */
    assert_near((with[2] - without[2]) * hour, 2000 * 0.554, 1e-9);
}

static void test_dew_is_feared_in_moist_air_only(void **state)
{
    (void)state;
    struct house house = usual_house();
    double last = 0;
    for (double rh = 50; rh <= 100; rh += 5) {
        *state_of(&house, "relative_humidity") = rh;
        double risk = output(&house, "condensation_risk");
        assert_true(risk >= last && risk <= 100);
        last = risk;
    }
    assert_true(last > 80);
    *state_of(&house, "relative_humidity") = 60;
    assert_true(output(&house, "condensation_risk") < 1);
}

static void test_light_of_the_day_is_summed_from_local_midnight(void **state)
{
    (void)state;
    struct house house = usual_house();
    *param(&house, "utc_offset") = 2;
    *input(&house, "lamp") = 100;
    double per_hour = output(&house, "par") * hour / 1e6;
    assert_near(output(&house, "par"), 70 * 2.5, 1e-9);
    live(&house, 21 * hour); /* from 02:00 to 23:00 local time */
    assert_near(output(&house, "daily_light_integral"), 21 * per_hour, 1e-3);
    live(&house, 4 * hour); /* to 03:00 */
    assert_near(output(&house, "daily_light_integral"), 3 * per_hour, 1e-2);
}

static void test_blackout_screen_leaves_hardly_any_sun(void **state)
{
    (void)state;
    struct house house = summer_noon();
    assert_near(output(&house, "par"), 800 * 0.55 * 2.3, 1e-9);
    *input(&house, "blackout_screen") = 100;
    assert_true(output(&house, "par") < 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_control_heats_to_the_set_point),
        cmocka_unit_test(test_house_without_heat_cools_towards_the_night),
        cmocka_unit_test(test_cover_loses_what_its_u_value_says),
        cmocka_unit_test(test_energy_screen_and_double_cover_keep_the_house_warmer),
        cmocka_unit_test(test_pipe_colder_than_the_air_is_off),
        cmocka_unit_test(test_vents_carry_the_sun_s_heat_away),
        cmocka_unit_test(test_crop_transpires_in_the_light_and_rests_at_night),
        cmocka_unit_test(test_humidity_follows_from_vapour_and_temperature),
        cmocka_unit_test(test_fog_moistens_and_cools_and_never_overfills_the_air),
        cmocka_unit_test(test_co2_is_dosed_to_its_set_point_and_eaten_in_the_light),
        cmocka_unit_test(test_dosed_kilograms_arrive_in_the_air),
        cmocka_unit_test(test_dew_is_feared_in_moist_air_only),
        cmocka_unit_test(test_light_of_the_day_is_summed_from_local_midnight),
        cmocka_unit_test(test_blackout_screen_leaves_hardly_any_sun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
