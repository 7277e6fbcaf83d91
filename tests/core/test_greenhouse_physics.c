/* Golden numbers: Vanthoor's equations (2011, ch. 8) by hand, in double precision. */
#include "check.h"
#include "twind/greenhouse_physics.h"
#include "twind/psychro.h"

static const double tight = 1e-6;

static void test_half_open_roof_breathes_as_eq_8_65_says(void **state)
{
    (void)state;
    const struct greenhouse_vents vents = {0.53, 0.1, 0.75, 0.09};
    double flow = greenhouse_roof_ventilation(&vents, 16.2, 0.7, 2.4);
    assert_near(flow, 0.01665222736818377, tight);
    assert_near(greenhouse_leakage(1e-4, 2.4), 0.00024, tight);
    assert_near(greenhouse_leakage(1e-4, 0), 0.000025, tight);
    assert_near(greenhouse_air_heat(flow + 0.5 * 0.00024, 16.2, 0.7), 311.9634290482181,
                tight);
}

static void test_buoyancy_works_against_the_wind_when_it_is_warmer_outside(void **state)
{
    (void)state;
    const struct greenhouse_vents vents = {0.46, 0.1, 0.75, 0.09}, calm = {1, 0.1, 0.75, 0};
    assert_near(greenhouse_roof_ventilation(&vents, 20.6, 24.9, 10), 0.05161046113844342,
                tight);
    double warm_inside = greenhouse_roof_ventilation(&calm, 25, 20, 0);
    assert_near(greenhouse_roof_ventilation(&calm, 20, 25, 0), warm_inside, tight);
}

static void test_air_that_leaves_takes_its_vapour_along(void **state)
{
    (void)state;
    assert_near(greenhouse_air_vapour(0.0106, 928, 21.7, 777, -3.2), 6.174545666513247e-06,
                tight);
    assert_true(greenhouse_air_vapour(0.0367, 1442, 16.1, 1799, 11.4) < 0);
}

static void test_stomata_close_at_night_and_in_dry_air(void **state)
{
    (void)state;
    assert_near(
        greenhouse_stomata(82, 146.115, 1226 * 0.554, psychro_saturation(28.5) - 2106.9),
        556.1229012392106, tight);
    assert_near(greenhouse_stomata(82, 0, 1161 * 0.554, psychro_saturation(19.9) - 1199.6),
                3790.230316489414, tight);
    assert_true(greenhouse_stomata(82, 300, 400, 2000) >
                greenhouse_stomata(82, 300, 400, 100));
}

static void test_transpiration_grows_with_leaf_area(void **state)
{
    (void)state;
    assert_near(greenhouse_transpiration(3.15, 556.1229012392106), 5.642409060839741e-08,
                tight);
    assert_near(greenhouse_transpiration(2, 300), 2 * greenhouse_transpiration(1, 300),
                tight);
}

static void test_vapour_condenses_on_the_cold_cover_only(void **state)
{
    (void)state;
    double cold = greenhouse_cover_inside(18.0 / 14, 25.7, 1.3);
    assert_near(cold, 6.862716466078577, tight);
    assert_near(greenhouse_condensation(cold, 0.693 * psychro_saturation(25.7),
                                        psychro_saturation(1.3)),
                7.040240684087048e-05, tight);
    assert_close(greenhouse_condensation(1.1, 1000, 1500), 0, 1e-20);
}

static void test_pipes_heat_only_when_warmer_than_the_air(void **state)
{
    (void)state;
    assert_near(greenhouse_pipe_convection(1.875, 0.051, 42.7, 27.3), 1.4341052574368744,
                tight);
    assert_close(greenhouse_pipe_convection(1.875, 0.051, 0, 20), 0, 0);
}

static void test_cover_loses_heat_to_wind_and_sky(void **state)
{
    (void)state;
    assert_near(greenhouse_sky_radiation(0.85, 23, 12.8), 48.49514776839706, tight);
    assert_near(24.5 * greenhouse_cover_outside(18.0 / 14, 10.6), 488.88, tight);
}

static void test_column_of_air_holds_vapour_by_the_gas_law(void **state)
{
    (void)state;
    /* 18 g/mol * 3.8 m / (8.314 J/(mol K) * 293.15 K) */
    assert_near(greenhouse_vapour_capacity(3.8, 20), 2.8064427e-5, 1e-7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half_open_roof_breathes_as_eq_8_65_says),
        cmocka_unit_test(test_buoyancy_works_against_the_wind_when_it_is_warmer_outside),
        cmocka_unit_test(test_air_that_leaves_takes_its_vapour_along),
        cmocka_unit_test(test_stomata_close_at_night_and_in_dry_air),
        cmocka_unit_test(test_transpiration_grows_with_leaf_area),
        cmocka_unit_test(test_vapour_condenses_on_the_cold_cover_only),
        cmocka_unit_test(test_pipes_heat_only_when_warmer_than_the_air),
        cmocka_unit_test(test_cover_loses_heat_to_wind_and_sky),
        cmocka_unit_test(test_column_of_air_holds_vapour_by_the_gas_law),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
