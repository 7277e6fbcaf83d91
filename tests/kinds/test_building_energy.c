/* What a building buys, makes and emits: photovoltaic yield, tariffs, CO2 of energy and of
 * people. */
#include "check.h"
#include "house.h"
#include "twind/building_physics.h"
#include "twind/err.h"
#include "twind/mem.h"
#include "twind/solar.h"
#include "twind/twin.h"

#include <stdlib.h>

/* By the published equations: cell 20 + 900/(25 + 6.84 x 5) = 35.203 Cel (pvlib's test of
 * Faiman's has it so); 900 W/m2 make 0.9 (1 - 0.0047 x 10.203), 14 % are lost; the inverter
 * at that load gives 0.9621 of it. */
static void test_modules_give_what_pvwatts_says(void **state)
{
    (void)state;
    struct house h = build();
    assert_close(output(&h, "pv_power"), 0.0, 0.0);
    *param(&h, "pv_peak_power") = 1.0;
    *input(&h, "solar_irradiance") = 900.0;
    *input(&h, "outdoor_temperature") = 20.0;
    *input(&h, "wind_speed") = 5.0;
    begin(&h);
    assert_close(output(&h, "pv_power"), 708.99, 0.05);
    *param(&h, "pv_peak_power") = 4.0;
    assert_close(output(&h, "pv_power"), 4 * 708.99, 0.2);
    *input(&h, "solar_irradiance") = 0.0;
    assert_close(output(&h, "pv_power"), 0.0, 1e-9);
}

static double at_noon(double tilt, double azimuth)
{
    struct house h = build();
    *param(&h, "pv_peak_power") = 1.0;
    *param(&h, "pv_tilt") = tilt;
    *param(&h, "pv_azimuth") = azimuth;
    *param(&h, "latitude") = 48.0;
    *param(&h, "longitude") = 15.0;
    *input(&h, "direct_irradiance") = 700.0;
    *input(&h, "diffuse_irradiance") = 60.0;
    *input(&h, "solar_irradiance") = 270.0;
    *input(&h, "outdoor_temperature") = 0.0;
    h.time = 1703156400.0; /* 21 December 2023, 11:00 UTC: the sun is 18.5 degrees high */
    begin(&h);
    return output(&h, "pv_power");
}

static void test_modules_that_face_the_sun_give_most(void **state)
{
    (void)state;
    double toward = at_noon(70.0, 180.0);
    assert_true(toward > at_noon(35.0, 180.0) && toward > 2.0 * at_noon(0.0, 180.0));
    assert_true(toward > 3.0 * at_noon(70.0, 90.0));
    assert_true(at_noon(70.0, 0.0) < 0.12 * toward);
    assert_near(toward, 710.0, 0.06); /* 700 direct and some 60 spread, on cold modules */
}

/* Noon to four: 1 kW is used, more or less is made. */
static struct house sunny_day(double peak)
{
    struct house h = build();
    *param(&h, "pv_peak_power") = peak;
    *param(&h, "export_tariff") = 0.08;
    *input(&h, "heating_setpoint") = 0.0;
    *input(&h, "cooling_setpoint") = 60.0;
    *input(&h, "appliances") = 1000.0;
    *input(&h, "solar_irradiance") = 900.0;
    *input(&h, "outdoor_temperature") = 20.0;
    *input(&h, "wind_speed") = 5.0;
    h.time = 12 * 3600.0;
    begin(&h);
    live(&h, 4.0);
    return h;
}

static void test_own_power_is_used_first_and_the_rest_is_sold(void **state)
{
    (void)state;
    struct house none = sunny_day(0.0), some = sunny_day(1.0), much = sunny_day(5.0);
    assert_close(output(&none, "energy_today"), 4.0, 0.01); /* with a little heat */
    assert_close(output(&some, "energy_today"), 4.0 * (1.0 - 0.70899), 0.01);
    assert_close(output(&some, "cost_today"), 0.3 * 4.0 * (1.0 - 0.70899), 3e-3);
    assert_close(output(&much, "energy_today"), 0.0, 1e-6);
    assert_close(output(&much, "cost_today"), -0.08 * 4.0 * (5 * 0.70899 - 1.0), 3e-3);
    assert_close(output(&much, "electric_power"), 1000.0, 5.0);
    assert_close(output(&none, "carbon_today"), 0.3 * 4.0, 3e-3);
    assert_close(output(&much, "carbon_today"), 0.0, 1e-6);
}

static void test_nights_have_a_price_of_their_own_unless_one_is_bound(void **state)
{
    (void)state;
    struct house h = build();
    *param(&h, "night_tariff") = 0.1;
    *param(&h, "utc_offset") = 1.0;
    *input(&h, "heating_setpoint") = 0.0;
    *input(&h, "appliances") = 1000.0;
    h.time = 86400.0 * 10 - 3600.0; /* local midnight */
    begin(&h);
    live(&h, 5.0);
    assert_close(output(&h, "cost_today"), 0.5, 0.01);
    live(&h, 4.0); /* one hour more of the night, three of the day */
    assert_close(output(&h, "cost_today"), 0.6 + 0.9, 0.03);
    *input(&h, "tariff") = 1.0;
    live(&h, 1.0);
    assert_close(output(&h, "cost_today"), 2.5, 0.03);
}

static void test_fuel_emits_what_its_row_says(void **state)
{
    (void)state;
    struct house h = build();
    *param(&h, "heating_fuel") = 1.0;
    *param(&h, "heating_cop") = 0.9;
    *param(&h, "carbon_heat") = 0.25;
    *input(&h, "outdoor_temperature") = -5.0;
    begin(&h);
    live(&h, 12.0);
    assert_true(output(&h, "energy_today") > 20.0);
    assert_close(output(&h, "carbon_today"), 0.25 * output(&h, "energy_today"), 0.02);
}

static double outdoor_air(void) /* m3/s of the default house at 3 m/s */
{
    return 120.0 * 2.6 * (0.3 + 0.3 * building_wind_factor(3.0)) / 3600.0;
}

static void test_people_raise_co2_to_what_ventilation_leaves(void **state)
{
    (void)state;
    struct house h = build();
    *param(&h, "occupants") = 4.0;
    *input(&h, "outdoor_co2") = 400.0;
    begin(&h);
    live(&h, 72.0);
    assert_close(output(&h, "co2"), 400.0 + 4.0 * 4.3 * 1.2 / outdoor_air(), 1.0);
    assert_close(output(&h, "occupancy"), 4.0, 1e-6);
}

static struct plan *plan_co2(const struct kind *kind)
{
    struct plan *plan = plan_new(kind);
    plan->sensors = mem_new(1, sizeof *plan->sensors);
    plan->sensors[plan->n_sensors++] = plan_sensor_usual(kind, plan_signal(kind, "co2"));
    struct err e;
    if (!plan_finish(plan, &e))
        fail_msg("%s", e.text);
    return plan;
}

/* Six people's CO2 where two are usual. */
static void test_co2_tells_how_many_people_are_inside(void **state)
{
    (void)state;
    const struct kind *kind = &kind_building;
    struct plan *plan = plan_co2(kind);
    struct twin twin = {.plan = plan, .block = mem_new(1, plan->block_size)};
    struct twin_scratch *scratch = twin_scratch_new();
    double reading = 425.0 + 6.0 * 4.3 * 1.2 / outdoor_air();
    size_t signal = plan_signal(kind, "occupancy") - kind->n_inputs;
    twin_start(&twin);
    twin_begin(&twin, 0.0);
    for (double time = 600.0; time <= 24 * 3600.0; time += 600.0) {
        twin_advance(&twin, time, scratch);
        twin_sensors(&twin)[0].time = time;
        twin_measure(&twin, 0, reading, scratch);
    }
    double people = twin_estimate(&twin, signal, NULL, scratch);
    assert_true(people > 4.5 && people < 6.5);
    free(twin.block);
    free(scratch);
    plan_drop(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modules_give_what_pvwatts_says),
        cmocka_unit_test(test_modules_that_face_the_sun_give_most),
        cmocka_unit_test(test_own_power_is_used_first_and_the_rest_is_sold),
        cmocka_unit_test(test_nights_have_a_price_of_their_own_unless_one_is_bound),
        cmocka_unit_test(test_fuel_emits_what_its_row_says),
        cmocka_unit_test(test_people_raise_co2_to_what_ventilation_leaves),
        cmocka_unit_test(test_co2_tells_how_many_people_are_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
