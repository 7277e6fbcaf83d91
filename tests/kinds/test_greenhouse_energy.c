/* The greenhouse kind, open loop: heat, electricity, cost, CO2 and water of a day. */
#include "glasshouse.h"

static void test_pipes_heat_as_much_as_vanthoor_says(void **state)
{
    (void)state;
    struct house house = cold_night();
    *input(&house, "pipe_temperature") = 45;
    *state_of(&house, "air_temperature") = 20;
    /* convection 1.99 pi d l dT^1.32, radiation 0.88 sigma (T1^4 - T2^4) pi d l */
    double surface = 3.14159265358979 * 0.051 * 1.875, k1 = 318.15, k2 = 293.15;
    double convection = 1.99 * surface * pow(25, 1.32);
    double radiation = 0.88 * 5.67e-8 * (pow(k1, 4) - pow(k2, 4)) * surface;
    assert_near(output(&house, "heating_demand"), 1000 * (convection + radiation), 1e-9);
}

static void test_every_joule_of_pipes_and_lamps_arrives(void **state)
{
    (void)state;
    struct house dark = cold_night(), lit = cold_night();
    *input(&dark, "heating_power") = *input(&lit, "heating_power") = 0;
    *param(&dark, "leaf_area_index") = *param(&lit, "leaf_area_index") = 3;
    *input(&dark, "lamp") = 0;
    *input(&lit, "lamp") = 100;
    const struct kind_point a = point(&dark), b = point(&lit);
    double without[STATES], with[STATES], gained = 0;
    kind_greenhouse.derive(&a, without);
    kind_greenhouse.derive(&b, with);
    static const char *const nodes[] = {"air_temperature", "canopy_temperature",
                                        "floor_temperature"};
    double capacities[] = {1e3 * *param(&lit, "air_capacity"), 1200.0 * 3,
                           1e3 * *param(&lit, "thermal_mass")};
    for (size_t i = 0; i < 3; i++) {
        size_t k = row(kind_greenhouse.states, kind_greenhouse.n_states, nodes[i]);
        gained += capacities[i] * (with[k] - without[k]);
    }
    /* Latent heat of what the lit crop transpires more; a little light is reflected. */
    double more = output(&lit, "transpiration") - output(&dark, "transpiration");
    gained += more * 1e-3 / 3600 * 2.45e6;
    assert_true(gained < 70 && gained > 0.9 * 70);
}

static void test_a_day_s_energy_costs_what_its_prices_say(void **state)
{
    (void)state;
    struct house house = cold_night();
    *input(&house, "heating_power") = 5e4;
    *input(&house, "lamp") = 50;
    *input(&house, "tariff") = 0.3;
    *param(&house, "heat_price") = 0.1;
    live(&house, 10 * hour);
    double heat = 50.0 * 10, electricity = 35.0 * 10; /* kWh: 1000 m2 * 70 W/m2 / 2 */
    assert_near(output(&house, "electric_power"), 35e3, 1e-9);
    assert_near(output(&house, "heating_demand"), 50e3, 1e-9);
    assert_near(output(&house, "energy_today"), heat + electricity, 1e-6);
    assert_near(output(&house, "cost_today"), 0.1 * heat + 0.3 * electricity, 1e-6);
    live(&house, 15 * hour); /* to 01:00 */
    assert_near(output(&house, "energy_today"), (heat + electricity) / 10, 1e-6);
}

static void test_dosed_co2_and_water_are_counted(void **state)
{
    (void)state;
    struct house house = summer_noon();
    *input(&house, "co2_dosing") = 4;
    *input(&house, "fogging") = 10;
    live(&house, hour);
    assert_near(output(&house, "co2_dosed_today"), 4.0, 1e-6);
    double water = output(&house, "water_today"); /* L, of 1000 m2 */
    assert_true(water > 100 + 30 * 0.9 && water < 630);
}

static void test_a_warmer_set_point_costs_heat(void **state)
{
    (void)state;
    struct house cool = cold_night(), warm = cold_night();
    *input(&cool, "heating_setpoint") = 16;
    *input(&warm, "heating_setpoint") = 20;
    live(&cool, 12 * hour);
    live(&warm, 12 * hour);
    assert_true(output(&warm, "air_temperature") > output(&cool, "air_temperature") + 3);
    assert_true(output(&warm, "energy_today") > 1.15 * output(&cool, "energy_today"));
    assert_true(output(&warm, "energy_today") < 2.5 * output(&cool, "energy_today"));
}

static void test_shut_vents_make_the_house_warm_and_moist(void **state)
{
    (void)state;
    struct house open = summer_noon(), shut = summer_noon();
    *input(&shut, "vent_lee") = *input(&shut, "vent_wind") = 0;
    live(&open, 2 * hour);
    live(&shut, 2 * hour);
    assert_true(output(&shut, "air_temperature") > output(&open, "air_temperature") + 2);
    assert_true(output(&shut, "dew_point") > output(&open, "dew_point") + 2);
    assert_true(output(&shut, "air_exchange") < 0.3 * output(&open, "air_exchange"));
}

static void test_energy_screen_saves_heat_at_night(void **state)
{
    (void)state;
    struct house open = cold_night(), drawn = cold_night();
    *input(&drawn, "energy_screen") = 100;
    live(&open, 12 * hour);
    live(&drawn, 12 * hour);
    double saved = 1 - output(&drawn, "energy_today") / output(&open, "energy_today");
    assert_true(saved > 0.25 && saved < 0.6); /* its row says 45 % */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pipes_heat_as_much_as_vanthoor_says),
        cmocka_unit_test(test_every_joule_of_pipes_and_lamps_arrives),
        cmocka_unit_test(test_a_day_s_energy_costs_what_its_prices_say),
        cmocka_unit_test(test_dosed_co2_and_water_are_counted),
        cmocka_unit_test(test_a_warmer_set_point_costs_heat),
        cmocka_unit_test(test_shut_vents_make_the_house_warm_and_moist),
        cmocka_unit_test(test_energy_screen_saves_heat_at_night),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
