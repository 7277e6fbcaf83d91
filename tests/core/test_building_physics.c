/* The 5R1C zone against published steps, its own limits and its continuous form. */
#include "check.h"
#include "twind/building_physics.h"

/* The room of the published cases: 34.3 m2, 13.5 m2 of glass at 1.1 W/(m2 K), 1.69 m2 of
 * wall at 0.2 W/(m2 K), 106.33 m3, 2 air changes of which `kept` of 1.5 is recovered. Those
 * cases take H_op for H_em. */
static struct building_zone room(double kept)
{
    const double floor = 34.3;
    struct building_envelope made_of = {
        .internal_area = 142.38,
        .mass_area = 2.5 * floor,
        .window_ua = 1.1 * 13.5,
        .opaque_ua = 0.2 * 1.69,
        .ventilation = 1200.0 * 106.33 * (2.0 - 1.5 * kept) / 3600.0,
        .capacity = 165000.0 * floor,
    };
    struct building_zone zone = building_make_zone(&made_of);
    zone.h_em = made_of.opaque_ua;
    return zone;
}

static struct building_control usual(void)
{
    return (struct building_control){20.0, 26.0, 12.0 * 34.3, 12.0 * 34.3};
}

/* RC_BuildingSimulator's test cases (Jayathissa 2016), to their 0.01. */
static void test_published_steps_are_met(void **state)
{
    (void)state;
    static const struct {
        double outdoor, mass, internal, solar, kept, power, mean_mass;
    } cases[] = {
        {10, 22, 10, 2000, 0.0, 0.0, 22.33},    {10, 20, 10, 2000, 0.0, 328.09, 20.46},
        {5, 19, 10, 2000, 0.0, 411.6, 19.39},   {10, 20, 10, 2000, 0.6, 9.10, 20.46},
        {5, 19, 10, 2000, 0.6, 411.6, 19.51},   {25, 24, 10, 4000, 0.0, -264.75, 25.15},
        {35, 24, 10, 4000, 0.0, -411.6, 25.33},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct building_zone zone = room(cases[i].kept);
        struct building_load load = {cases[i].outdoor, cases[i].internal, cases[i].solar};
        struct building_control control = usual();
        struct building_step s = building_step(&zone, &load, &control, cases[i].mass, 3600);
        assert_close(s.power, cases[i].power, 0.01);
        assert_close(s.mass, cases[i].mean_mass, 0.01);
    }
}

/* 12.2: H_em in series with H_ms makes H_op. */
static void test_mass_and_surface_share_the_wall(void **state)
{
    (void)state;
    struct building_envelope made_of = {.internal_area = 450,
                                        .mass_area = 250,
                                        .window_ua = 30,
                                        .opaque_ua = 80,
                                        .ventilation = 40,
                                        .capacity = 1e7};
    struct building_zone zone = building_make_zone(&made_of);
    assert_close(zone.h_ms, 2275.0, 1e-9);
    assert_close(zone.h_is, 1552.5, 1e-9);
    assert_close(1.0 / zone.h_em + 1.0 / zone.h_ms, 1.0 / 80.0, 1e-12);
    assert_close(zone.to_mass, 250.0 / 450.0, 1e-12);
    assert_close(zone.to_mass + zone.to_surface, 1.0 - 30.0 / (9.1 * 450.0), 1e-12);
}

static void test_control_holds_the_set_point_exactly(void **state)
{
    (void)state;
    struct building_zone zone = room(0.5);
    struct building_load load = {-5.0, 50.0, 0.0};
    struct building_control control = {21.0, 26.0, 1e5, 1e5};
    struct building_step s = building_step(&zone, &load, &control, 18.0, 3600.0);
    assert_close(s.air, 21.0, 1e-9);
    assert_true(s.power > 0.0);
    load = (struct building_load){38.0, 500.0, 3000.0};
    s = building_step(&zone, &load, &control, 27.0, 3600.0);
    assert_close(s.air, 26.0, 1e-9);
    assert_true(s.power < 0.0);
}

static void test_airtight_zone_is_no_division_by_zero(void **state)
{
    (void)state;
    struct building_zone zone = room(0.0);
    struct building_load load = {0.0, 0.0, 0.0};
    struct building_control control = usual();
    zone.h_ve = 0.0;
    struct building_step tight = building_step(&zone, &load, &control, 20.0, 3600.0);
    zone.h_ve = 1e-9;
    struct building_step nearly = building_step(&zone, &load, &control, 20.0, 3600.0);
    assert_close(tight.air, nearly.air, 1e-9);
    assert_close(tight.power, nearly.power, 1e-6);
}

/* A step's mean state is a rest of the air and surface nodes, and the mass has taken up
 * what flowed into it. */
static void test_continuous_form_is_the_same_network(void **state)
{
    (void)state;
    struct building_zone zone = room(0.3);
    struct building_load load = {3.0, 300.0, 800.0};
    struct building_control control = usual();
    struct building_step s = building_step(&zone, &load, &control, 19.0, 1800.0);
    struct building_flows in = building_find_flows(&zone, &load, s.power, s.air, s.mass);
    assert_close(in.air, 0.0, 1e-8);
    assert_close(in.surface, s.surface, 1e-10);
    assert_close(in.mass * 1800.0 / zone.c_m, s.mass_end - 19.0, 1e-10);
}

static void test_hold_power_leaves_the_air_at_rest(void **state)
{
    (void)state;
    struct building_zone zone = room(0.3);
    struct building_load load = {3.0, 300.0, 800.0};
    double at20 = building_hold_power(&zone, &load, 20.0, 19.0);
    assert_true(building_hold_power(&zone, &load, 21.0, 19.0) > at20);
    assert_close(building_find_flows(&zone, &load, at20, 20.0, 19.0).air, 0.0, 1e-9);
}

static void test_steady_state_loses_what_it_gains(void **state)
{
    (void)state;
    struct building_zone zone = room(0.0);
    struct building_load load = {0.0, 400.0, 600.0};
    struct building_control free = {-100.0, 200.0, 0.0, 0.0};
    double mass = 20.0;
    struct building_step s = {0};
    for (int hour = 0; hour < 20000; hour++) {
        s = building_step(&zone, &load, &free, mass, 3600.0);
        mass = s.mass_end;
    }
    double lost = zone.h_ve * s.air + zone.h_w * s.surface + zone.h_em * s.mass;
    double through_glass = 1.0 - zone.to_mass - zone.to_surface;
    assert_close(lost, 400.0 + 600.0 - through_glass * (0.5 * 400.0 + 600.0), 1e-6);
}

static void test_wind_is_relative_to_its_reference(void **state)
{
    (void)state;
    assert_close(building_wind_factor(3.35), 1.0, 1e-3);
    assert_true(building_wind_factor(10.0) > building_wind_factor(0.0));
    assert_close(building_wind_factor(-1.0), building_wind_factor(0.0), 0.0);
}

/* A roof of 100 m2 at 0.3 W/(m2 K), 800 W/m2 of which it absorbs 0.6; by night it loses. */
static void test_roof_gains_by_day_and_loses_by_night(void **state)
{
    (void)state;
    double day = building_outside_gain(30.0, 0.6 * 800.0, 1.0);
    assert_close(day, 30.0 * 0.04 * (480.0 - 49.5), 1e-9);
    assert_close(building_outside_gain(30.0, 0.0, 0.5), -30.0 * 0.04 * 24.75, 1e-9);
}

static void test_coupling_of_surfaces_and_air_may_be_told(void **state)
{
    (void)state;
    struct building_envelope made_of = {.internal_area = 100, .mass_area = 60};
    assert_close(building_make_zone(&made_of).h_is, 345.0, 1e-9);
    made_of.surface_air = 2.1;
    assert_close(building_make_zone(&made_of).h_is, 210.0, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_steps_are_met),
        cmocka_unit_test(test_mass_and_surface_share_the_wall),
        cmocka_unit_test(test_control_holds_the_set_point_exactly),
        cmocka_unit_test(test_airtight_zone_is_no_division_by_zero),
        cmocka_unit_test(test_continuous_form_is_the_same_network),
        cmocka_unit_test(test_hold_power_leaves_the_air_at_rest),
        cmocka_unit_test(test_steady_state_loses_what_it_gains),
        cmocka_unit_test(test_wind_is_relative_to_its_reference),
        cmocka_unit_test(test_roof_gains_by_day_and_loses_by_night),
        cmocka_unit_test(test_coupling_of_surfaces_and_air_may_be_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
