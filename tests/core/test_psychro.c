/* Golden numbers: Vanthoor's saturation formula and the ideal gas law evaluated by hand in
 * double precision; gas densities as air quality guides print them. */
#include "check.h"
#include "twind/psychro.h"

static void test_saturation_has_the_values_of_the_formula(void **state)
{
    (void)state;
    assert_near(psychro_saturation(0), 610.78, 1e-12);
    assert_near(psychro_saturation(14.9), 1687.4690656454493, 1e-9);
    assert_near(psychro_saturation(20.8), 2443.2581522416567, 1e-9);
    assert_near(psychro_saturation(40.8), 7625.472905762603, 1e-9);
}

static void test_dew_point_is_the_inverse_of_saturation(void **state)
{
    (void)state;
    for (double t = -40; t <= 60; t += 0.7)
        assert_close(psychro_dew_point(psychro_saturation(t)), t, 1e-10);
    assert_close(psychro_dew_point(844.0066223838135), 4.548089807315025, 1e-9);
    assert_close(psychro_dew_point(514.445031668566), -2.345257358395518, 1e-9);
}

static void test_humidity_in_grams_follows_the_ideal_gas_law(void **state)
{
    (void)state;
    assert_near(psychro_absolute(844.0066223838135, 11.5), 6.424532013369037, 1e-9);
    assert_near(psychro_absolute(6753.545917879017, 39.4), 46.81868216703067, 1e-9);
}

static void test_gas_densities_are_those_of_the_air_quality_guides(void **state)
{
    (void)state;
    /* 20 Cel and 101.3 kPa, as EU guidance has it (two decimals) */
    assert_close(psychro_ug_per_ppb(47.998, 20, 1013), 2.00, 0.006);
    assert_close(psychro_ug_per_ppb(46.006, 20, 1013), 1.91, 0.006);
    assert_close(psychro_ug_per_ppb(30.006, 20, 1013), 1.25, 0.006);
    assert_close(psychro_ug_per_ppb(28.010, 20, 1013), 1.16, 0.006);
    /* and to more digits: 28.010 * 101300 / (8.314462618 * 293.15) * 1e-3 */
    assert_near(psychro_ug_per_ppb(28.010, 20, 1013), 1.16412193, 1e-7);
}

static void test_impossible_air_gives_finite_numbers(void **state)
{
    (void)state;
    assert_true(isfinite(psychro_dew_point(0)));
    assert_true(isfinite(psychro_dew_point(-5)));
    assert_true(isfinite(psychro_saturation(-238.3)));
    assert_true(isfinite(psychro_saturation(1e9)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_saturation_has_the_values_of_the_formula),
        cmocka_unit_test(test_dew_point_is_the_inverse_of_saturation),
        cmocka_unit_test(test_humidity_in_grams_follows_the_ideal_gas_law),
        cmocka_unit_test(test_gas_densities_are_those_of_the_air_quality_guides),
        cmocka_unit_test(test_impossible_air_gives_finite_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
