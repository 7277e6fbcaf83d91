/* The building kind by itself: its zone against the hourly 5R1C, its plant, its meters and
 * its day's account, and whether it stays finite whatever it is told. */
#include "check.h"
#include "twind/building_physics.h"
#include "house.h"

#include <stdint.h>

static void test_defaults_are_inside_their_ranges(void **state)
{
    (void)state;
    const struct kind *k = &kind_building;
    for (size_t i = 0; i < k->n_params; i++)
        assert_true(k->params[i].value >= k->params[i].min &&
                    k->params[i].value <= k->params[i].max);
    for (size_t i = 0; i < k->n_inputs; i++)
        assert_true(isnan(k->inputs[i].value) || (k->inputs[i].value >= k->inputs[i].min &&
                                                  k->inputs[i].value <= k->inputs[i].max));
    for (size_t i = 0; i < k->n_states; i++)
        assert_true(k->states[i].value >= k->states[i].min &&
                    k->states[i].value <= k->states[i].max && k->states[i].noise > 0);
    for (size_t i = 0; i < k->n_outputs; i++)
        assert_true(
            k->outputs[i].min < k->outputs[i].max &&
            ((k->outputs[i].flags & KIND_MEASURED) == 0 || k->outputs[i].noise > 0));
}

/* The default house as the standard's own zone. */
static struct building_zone standard_zone(void)
{
    double area = 120.0, volume = area * 2.6;
    double changes = 0.3 + 0.3 * building_wind_factor(3.0);
    struct building_envelope made_of = {
        .internal_area = 4.5 * area,
        .mass_area = 2.5 * area,
        .window_ua = 1.6 * 0.18 * area,
        .opaque_ua = 0.4 * (2.0 - 0.18) * area,
        .ventilation = 1200.0 * volume * changes / 3600.0,
        .capacity = 165e3 * area,
    };
    return building_make_zone(&made_of);
}

/* Two days from 20 Cel at constant weather: hourly Crank-Nicolson and the continuous form
 * with little air capacity (6 % of the mass's, which the standard's air has not) end within
 * 0.02 K and 3 % of the way that the mass went, and 1 % of power. */
static void compare_with_standard(double outdoor, double internal, double max_heating)
{
    struct building_zone zone = standard_zone();
    struct building_load load = {outdoor, internal, 0.0};
    struct building_control control = {20.0, 26.0, 120.0 * max_heating, 120.0 * 60.0};
    struct building_step s = {.mass_end = 20.0};
    for (int hour = 0; hour < 48; hour++)
        s = building_step(&zone, &load, &control, s.mass_end, 3600.0);

    struct house h = build();
    *param(&h, "air_capacity") = 10.0;
    *param(&h, "plant_lag") = 5.0;
    *param(&h, "heating_capacity") = max_heating;
    *input(&h, "outdoor_temperature") = outdoor;
    *input(&h, "internal_gains") = internal;
    *input(&h, "appliances") = 0.0;
    begin(&h);
    live(&h, 48.0);
    double room = 0.02 + 0.03 * fabs(s.mass_end - 20.0);
    assert_close(output(&h, "mass_temperature"), s.mass_end, room);
    assert_close(output(&h, "indoor_temperature"), s.air, room);
    double power = output(&h, "heating_power") - output(&h, "cooling_power");
    assert_close(power, s.power, 0.01 * fabs(s.power) + 2.0);
}

static void test_continuous_zone_agrees_with_hourly_standard(void **state)
{
    (void)state;
    compare_with_standard(-5.0, 300.0, 100.0); /* heated */
    compare_with_standard(-15.0, 0.0, 15.0);   /* the plant is too small */
    compare_with_standard(17.0, 800.0, 100.0); /* floats */
    compare_with_standard(33.0, 2500.0, 0.0);  /* cooled, no heating */
}

static void test_cooling_starts_above_its_set_point_only(void **state)
{
    (void)state;
    struct house h = build();
    *input(&h, "outdoor_temperature") = 34.0;
    *input(&h, "solar_irradiance") = 700.0;
    begin(&h);
    live(&h, 48.0);
    assert_close(output(&h, "indoor_temperature"), 26.0, 0.1);
    assert_true(output(&h, "cooling_power") > 1000.0);
    assert_close(output(&h, "heating_power"), 0.0, 1e-6);
    *input(&h, "cooling_setpoint") = 60.0;
    live(&h, 24.0);
    assert_true(output(&h, "indoor_temperature") > 32.0);
    assert_close(output(&h, "cooling_power"), 0.0, 5.0);
}

static void test_heat_that_is_metered_is_what_heats(void **state)
{
    (void)state;
    struct house h = build();
    *input(&h, "outdoor_temperature") = 0.0;
    *input(&h, "heating_supply") = 6000.0;
    *param(&h, "size_scale") = 1.5;
    begin(&h);
    live(&h, 6.0);
    double warm = output(&h, "indoor_temperature");
    assert_close(output(&h, "heating_power"), 6000.0, 1.0);
    *input(&h, "heating_supply") = 0.0; /* whatever the set-point */
    live(&h, 6.0);
    assert_close(output(&h, "heating_power"), 0.0, 1e-3);
    assert_true(output(&h, "indoor_temperature") < fmin(warm, 20.0) - 0.5);
}

static void test_unknown_load_returns_to_what_is_usual_at_that_hour(void **state)
{
    (void)state;
    struct house h = build();
    begin(&h);
    for (int hour = 0; hour < 3 * 24; hour++) { /* someone cooks from 18 to 19 */
        *in_state(&h, "unknown_load") = hour % 24 == 18 ? 20.0 : 0.0;
        for (int part = 0; part < 12; part++) {
            live_step(&h, 300.0);
            *in_state(&h, "unknown_load") = hour % 24 == 18 ? 20.0 : 0.0;
        }
    }
    live(&h, 16.0);
    double before = *in_state(&h, "unknown_load");
    live(&h, 3.0);
    double then = *in_state(&h, "unknown_load");
    assert_close(before, 0.0, 0.1);
    assert_true(then > 1.0 && then < 10.0);
}

static void test_lights_and_appliances_cost_power_and_give_heat(void **state)
{
    (void)state;
    struct house h = build();
    *input(&h, "outdoor_temperature") = 0.0;
    begin(&h);
    live(&h, 48.0);
    double power = output(&h, "electric_power"), heat = output(&h, "heating_power");
    *input(&h, "lighting") = 50.0; /* of 5 W/m2 on 120 m2 */
    *input(&h, "appliances") = 500.0;
    struct house dark = h;
    *input(&dark, "lighting") = 0.0;
    *input(&dark, "appliances") = 0.0;
    assert_close(output(&h, "electric_power"), power + 800.0, 1e-6);
    live(&h, 24.0);
    live(&dark, 24.0);
    double saved_heat = output(&dark, "heating_power") - output(&h, "heating_power");
    assert_close(heat, output(&dark, "heating_power"), 20.0);
    assert_true(saved_heat > 0.85 * 800.0 && saved_heat < 800.0 * 1.02);
}

static void test_meter_counts_what_the_power_says(void **state)
{
    (void)state;
    struct house h = build();
    *in_state(&h, "electric_energy") = 1234.0;
    *input(&h, "appliances") = 600.0;
    *input(&h, "heating_setpoint") = 5.0;
    begin(&h);
    live(&h, 1.0);
    double before = output(&h, "electric_energy");
    live(&h, 5.0);
    assert_close(output(&h, "heating_power") + output(&h, "cooling_power"), 0.0, 10.0);
    assert_close(output(&h, "electric_energy") - before, 5.0 * 0.6, 0.02);
}

static void test_fuel_is_bought_but_is_no_electricity(void **state)
{
    (void)state;
    struct house h = build();
    *param(&h, "heating_cop") = 0.9;
    *param(&h, "heating_fuel") = 1.0;
    *param(&h, "fuel_tariff") = 0.1;
    *input(&h, "outdoor_temperature") = -5.0;
    *input(&h, "tariff") = 0.4;
    begin(&h);
    live(&h, 12.0);
    double plugs = 0.0, meter = output(&h, "electric_energy");
    assert_close(output(&h, "electric_power"), plugs, 1.0);
    assert_close(meter, 0.0, 0.01);
    assert_true(output(&h, "energy_today") > 20.0);
    assert_close(output(&h, "cost_today"), 0.1 * output(&h, "energy_today"), 0.02);
}

static void test_day_starts_again_at_local_midnight(void **state)
{
    (void)state;
    struct house h = build();
    *param(&h, "utc_offset") = -5.0;
    *input(&h, "appliances") = 1000.0;
    *input(&h, "heating_setpoint") = 0.0;
    *input(&h, "tariff") = 0.25;
    h.time = 86400.0 * 365; /* midnight UTC, 19 h before by the local clock */
    begin(&h);
    live(&h, 4.0);
    assert_close(output(&h, "energy_today"), 4.0, 0.01);
    assert_close(output(&h, "cost_today"), 1.0, 0.005);
    live(&h, 2.0); /* local 01:00 */
    assert_close(output(&h, "energy_today"), 1.0, 0.01);
}

static void test_set_back_saves_against_the_baseline(void **state)
{
    (void)state;
    struct house same = build(), set_back = build();
    *input(&same, "outdoor_temperature") = 0.0;
    *input(&set_back, "outdoor_temperature") = 0.0;
    *input(&set_back, "heating_setpoint") = 17.0;
    begin(&same);
    begin(&set_back);
    live(&same, 47.0);
    live(&set_back, 47.0);
    double used = output(&set_back, "energy_today"),
           saved = output(&set_back, "saved_today");
    assert_close(output(&same, "saved_today"), 0.0, 0.02 * output(&same, "energy_today"));
    assert_close(used + saved, output(&same, "energy_today"), 0.3);
    assert_true(saved > 2.0);
    assert_close(output(&set_back, "saved_cost_today"), 0.3 * saved, 1e-6);
}

/* A house that loses `truth` times what its twin thinks, in cold that changes. The twin's
 * air and plant are the house's, as a filter would have them. */
static double learn_signature(double truth, double size, double *saved)
{
    struct house real = build(), twin = build();
    *param(&real, "heat_loss_scale") = truth;
    *input(&real, "heating_setpoint") = *input(&twin, "heating_setpoint") = 17.0;
    *param(&twin, "baseline_heating_setpoint") = 25.0;
    begin(&real);
    begin(&twin);
    *param(&twin, "size_scale") = size; /* moved: by readings of a heat meter */
    for (int step = 0; step < 30 * 288 - 12; step++) {
        double cold = 4.0 + 8.0 * sin(step / 684.0);
        *input(&real, "outdoor_temperature") = *input(&twin, "outdoor_temperature") = cold;
        live_step(&real, 300.0);
        *in_state(&twin, "indoor_temperature") = *in_state(&real, "indoor_temperature");
        *in_state(&twin, "heating") = *in_state(&real, "heating");
        live_step(&twin, 300.0);
    }
    *saved = output(&twin, "saved_today");
    return output(&twin, "saved_sd_today");
}

static void test_savings_are_trusted_as_far_as_the_signature_bears_them_out(void **state)
{
    (void)state;
    struct house h = build();
    *input(&h, "outdoor_temperature") = 0.0;
    *input(&h, "heating_setpoint") = 17.0;
    begin(&h);
    live(&h, 12.0);
    double saved = output(&h, "saved_today"); /* nothing is known: half of it, or more */
    assert_true(saved > 1.0 && output(&h, "saved_sd_today") > 0.49 * saved);
    double right = learn_signature(1.0, 1.001, &saved);
    assert_true(saved > 5.0 && right < 0.1 * saved);
    double wrong = learn_signature(1.5, 1.001, &saved);
    assert_true(wrong > 0.25 * fabs(saved) && wrong > 2.0 * right);
    double unmetered = learn_signature(1.0, 1.0, &saved);
    assert_true(unmetered > 0.49 * saved);
}

static void test_size_turns_the_zone_into_the_meter(void **state)
{
    (void)state;
    struct house h = build();
    *input(&h, "outdoor_temperature") = -5.0;
    begin(&h);
    live(&h, 24.0);
    double power = output(&h, "heating_power"), t = output(&h, "indoor_temperature");
    *param(&h, "size_scale") = 2.0;
    assert_close(output(&h, "heating_power"), 2.0 * power, 1e-9);
    live(&h, 24.0);
    assert_close(output(&h, "indoor_temperature"), t, 0.1);
}

static void test_people_make_the_air_moist_and_a_cold_coil_dries_it(void **state)
{
    (void)state;
    struct house few = build(), many = build(), cooled = build();
    *param(&many, "occupants") = 8.0;
    *input(&cooled, "outdoor_temperature") = 32.0;
    *input(&cooled, "outdoor_relative_humidity") = 60.0;
    begin(&few);
    begin(&many);
    begin(&cooled);
    struct house warm = cooled;
    *param(&warm, "cooling_capacity") = 0.0;
    live(&few, 72.0);
    live(&many, 72.0);
    live(&cooled, 72.0);
    live(&warm, 72.0);
    assert_true(output(&many, "relative_humidity") >
                output(&few, "relative_humidity") + 5.0);
    assert_true(*in_state(&cooled, "humidity_ratio") <
                *in_state(&warm, "humidity_ratio") - 0.5);
}

static void test_comfort_follows_the_room(void **state)
{
    (void)state;
    struct house h = build();
    *input(&h, "outdoor_temperature") = 5.0;
    begin(&h);
    live(&h, 24.0);
    double cool = output(&h, "pmv");
    assert_true(cool > -2.0 && cool < 0.0);
    assert_true(output(&h, "ppd") > 5.0);
    *input(&h, "heating_setpoint") = 23.0;
    live(&h, 24.0);
    assert_true(output(&h, "pmv") > cool + 0.3);
}

static uint64_t seed;

static double random_in(double low, double high)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * (double)(seed >> 11) / 9007199254740992.0;
}

static double random_of(const struct kind_row *row)
{
    double choice = random_in(0, 1);
    if (choice < 0.1)
        return row->min;
    return choice < 0.2 ? row->max : random_in(row->min, row->max);
}

/* Any parameters, any weather: finite, and no temperature that only an unstable step could
 * make (the states' own range is far outside what the inputs can drive in a house). */
static void test_nothing_inside_the_ranges_breaks_it(void **state)
{
    (void)state;
    const struct kind *k = &kind_building;
    seed = 20250217;
    for (int building = 0; building < 100; building++) {
        struct house h = build();
        for (size_t i = 0; i < k->n_params; i++)
            h.p[i] = random_of(&k->params[i]);
        begin(&h);
        for (int step = 0; step < 100; step++) {
            for (size_t i = 0; i < k->n_inputs; i++)
                h.u[i] = random_of(&k->inputs[i]);
            live(&h, k->max_step / 3600.0);
            for (size_t i = 0; i < k->n_states; i++)
                assert_true(isfinite(h.x[i]));
            struct kind_point at = look(&h);
            for (size_t i = 0; i < k->n_outputs; i++)
                assert_true(isfinite(k->observe(&at, i)));
        }
    }
}

/* The stiffest house that the ranges allow settles at the longest step. */
static void test_longest_step_is_stable_for_the_lightest_house(void **state)
{
    (void)state;
    static const char *const extreme[] = {"room_height",    "ventilation",
                                          "infiltration",   "heat_loss_scale",
                                          "envelope_ratio", "envelope_u"};
    struct house h = build();
    for (size_t i = 0; i < sizeof extreme / sizeof extreme[0]; i++) {
        size_t row = find_row(kind_building.params, kind_building.n_params, extreme[i]);
        h.p[row] = kind_building.params[row].max;
    }
    *param(&h, "air_capacity") = 10.0;
    *param(&h, "thermal_mass") = 30.0;
    *param(&h, "plant_lag") = 5.0;
    *input(&h, "wind_speed") = 60.0;
    *input(&h, "outdoor_temperature") = 0.0;
    begin(&h);
    live(&h, 72.0);
    double before = output(&h, "indoor_temperature");
    assert_true(before > 0.0 && before < 20.0);
    live(&h, 1.0);
    assert_close(output(&h, "indoor_temperature"), before, 1e-3);
}

/* What the meter of electricity sees must not be explained by the house's size. */
static void test_electricity_teaches_nothing_about_the_size(void **state)
{
    (void)state;
    struct house h = build();
    *input(&h, "outdoor_temperature") = -5.0;
    begin(&h);
    live(&h, 24.0);
    double before = output(&h, "electric_power");
    assert_true(before > 500.0);
    *param(&h, "size_scale") = 2.0;
    assert_close(output(&h, "electric_power"), before, 1e-9);
    live(&h, kind_building.max_step / 3600.0);
    assert_close(output(&h, "electric_power"), 2.0 * before, 0.05 * before);
}

static void test_unknown_load_is_power_and_heat(void **state)
{
    (void)state;
    struct house h = build();
    *input(&h, "outdoor_temperature") = 12.0;
    *input(&h, "heating_setpoint") = 0.0;
    begin(&h);
    live(&h, 24.0);
    struct house loaded = h;
    *in_state(&loaded, "unknown_load") = 10.0; /* W/m2 */
    assert_close(output(&loaded, "electric_power"), output(&h, "electric_power") + 1200.0,
                 1e-6);
    live(&loaded, 4.0);
    live(&h, 4.0);
    assert_true(output(&loaded, "indoor_temperature") >
                output(&h, "indoor_temperature") + 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_are_inside_their_ranges),
        cmocka_unit_test(test_continuous_zone_agrees_with_hourly_standard),
        cmocka_unit_test(test_cooling_starts_above_its_set_point_only),
        cmocka_unit_test(test_heat_that_is_metered_is_what_heats),
        cmocka_unit_test(test_unknown_load_returns_to_what_is_usual_at_that_hour),
        cmocka_unit_test(test_lights_and_appliances_cost_power_and_give_heat),
        cmocka_unit_test(test_meter_counts_what_the_power_says),
        cmocka_unit_test(test_fuel_is_bought_but_is_no_electricity),
        cmocka_unit_test(test_day_starts_again_at_local_midnight),
        cmocka_unit_test(test_set_back_saves_against_the_baseline),
        cmocka_unit_test(test_savings_are_trusted_as_far_as_the_signature_bears_them_out),
        cmocka_unit_test(test_size_turns_the_zone_into_the_meter),
        cmocka_unit_test(test_people_make_the_air_moist_and_a_cold_coil_dries_it),
        cmocka_unit_test(test_comfort_follows_the_room),
        cmocka_unit_test(test_nothing_inside_the_ranges_breaks_it),
        cmocka_unit_test(test_longest_step_is_stable_for_the_lightest_house),
        cmocka_unit_test(test_electricity_teaches_nothing_about_the_size),
        cmocka_unit_test(test_unknown_load_is_power_and_heat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
