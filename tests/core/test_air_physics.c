/* The box, its chemistry and its weather against closed forms. */
#include "check.h"
#include "twind/air_physics.h"

static const struct air_box city = {.length = 30000,
                                    .height = 1200,
                                    .wind = 2.93,
                                    .emission = 2.568,
                                    .background = 11.4,
                                    .deposition = 0.004,
                                    .loss = 5e-5};

static void test_box_settles_as_its_balance_says(void **state)
{
    (void)state;
    assert_near(air_box_time_constant(&city), 6622.51655629139, 1e-12);
    assert_near(air_box_steady(&city), 21.54569536423841, 1e-12);
    assert_close(air_box_rate(&city, air_box_steady(&city)), 0, 1e-15);
}

static void test_box_moves_exactly(void **state)
{
    (void)state;
    assert_near(air_box_after(&city, 157.5, 3600), 100.48812388941282, 1e-12);
    assert_near(air_box_after(&city, 157.5, 0), 157.5, 0);
    double twice = air_box_after(&city, air_box_after(&city, 157.5, 1000), 2600);
    assert_near(twice, air_box_after(&city, 157.5, 3600), 1e-12);
}

static void test_closed_box_only_fills(void **state)
{
    (void)state;
    struct air_box closed = {.length = 1000, .height = 500, .emission = 0.1};
    assert_near(air_box_after(&closed, 10, 3600), 10 + 0.1 / 500 * 3600, 1e-12);
    assert_true(isinf(air_box_time_constant(&closed)));
}

static void test_growing_layer_dilutes_and_keeps_the_mass(void **state)
{
    (void)state;
    double c = air_entrained(250, 0.058, 71.3, 6.8, 0.006, 10800);
    assert_near(c, 25.273071656777727, 1e-12);
    assert_near(c * (250 + 0.058 * 10800), 250 * 71.3 + 0.058 * 10800 * 6.8 + 0.006 * 10800,
                1e-12);
}

static void test_titration_is_faster_when_warm(void **state)
{
    (void)state;
    assert_near(air_titration(303.8), 2.1518407102225565e-14, 1e-12);
    assert_near(air_titration_ppb(303.8, 101325), 0.0005198232255995012, 1e-6);
    assert_true(air_titration(273) < air_titration(303));
}

static void test_photostationary_state_balances_and_conserves(void **state)
{
    (void)state;
    double k = air_titration_ppb(303.8, 101325), j = 0.008;
    double nox = 118.0 + 70.5, ox = 12.9 + 70.5;
    double no2 = air_photostationary(nox, ox, j / k);
    assert_close(no2, 73.55238423800958, 1e-5);
    assert_near(j * no2, k * (nox - no2) * (ox - no2), 1e-9);
}

static void test_photostationary_state_at_its_limits(void **state)
{
    (void)state;
    assert_close(air_photostationary(0, 0, 0), 0, 0);
    assert_close(air_photostationary(40, 0, 10), 0, 0);
    assert_close(air_photostationary(40, 25, 0), 25, 1e-12); /* night: all ozone is gone */
    assert_close(air_photostationary(25, 40, 0), 25, 1e-12);
    assert_true(air_photostationary(25, 40, 1e6) < 0.01); /* all NO2 is split */
}

static void test_balance_in_moles_is_the_balance_in_ppb(void **state)
{
    (void)state;
    const double kelvin = 303.8, molar_volume = 8.314462618 * kelvin / 101325; /* m3/mol */
    const double sun = 600, umol = 1e-3 / molar_volume; /* umol/m3 of 1 ppb */
    double ratio = air_photolysis(sun) / air_titration_ppb(kelvin, 101325);
    double ppb = air_photostationary(118 + 70.5, 12.9 + 70.5, ratio);
    double moles = air_balanced_no2(118 * umol, 70.5 * umol, 12.9 * umol, sun, kelvin);
    assert_near(moles / umol, ppb, 1e-6);
}

static void test_photolysis_follows_the_sun(void **state)
{
    (void)state;
    assert_close(air_photolysis(0), 0, 0);
    assert_close(air_photolysis(-5), 0, 0);
    assert_near(air_photolysis(800), 1.1 * (1.47e-5 * 800 - 4.84e-9 * 640000), 1e-12);
    assert_true(air_photolysis(3000) >= air_photolysis(1000));
}

/* 2024-06-21 and 2024-12-21, 12:00 UTC. */
static const double june = 1718971200, december = 1734782400;

static void test_clear_sky_knows_season_and_hour(void **state)
{
    (void)state;
    double height = sin((90 - 50 + 23.44) * 3.14159265358979 / 180);
    assert_near(air_clear_sky(june, 50, 0), 1098 * height * exp(-0.057 / height), 0.005);
    assert_close(air_clear_sky(june - 43200, 50, 0), 0, 0);
    assert_near(air_clear_sky(june - 8 * 3600, 50, 120), air_clear_sky(june, 50, 0), 0.01);
    height = sin((90 - 50 - 23.44) * 3.14159265358979 / 180);
    assert_near(air_clear_sky(december, 50, 0), 1098 * height * exp(-0.057 / height), 0.03);
    assert_true(air_clear_sky(december, -33, 0) > 900);
}

static void test_mixing_height_grows_with_sun_and_wind(void **state)
{
    (void)state;
    assert_true(air_mixing_height(0, 0) >= 100);
    assert_true(air_mixing_height(800, 2) > air_mixing_height(100, 2) + 300);
    assert_true(air_mixing_height(0, 8) > air_mixing_height(0, 1) + 100);
    assert_true(air_mixing_height(1e9, 1e9) < 3000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_box_settles_as_its_balance_says),
        cmocka_unit_test(test_box_moves_exactly),
        cmocka_unit_test(test_closed_box_only_fills),
        cmocka_unit_test(test_growing_layer_dilutes_and_keeps_the_mass),
        cmocka_unit_test(test_titration_is_faster_when_warm),
        cmocka_unit_test(test_photostationary_state_balances_and_conserves),
        cmocka_unit_test(test_photostationary_state_at_its_limits),
        cmocka_unit_test(test_balance_in_moles_is_the_balance_in_ppb),
        cmocka_unit_test(test_photolysis_follows_the_sun),
        cmocka_unit_test(test_clear_sky_knows_season_and_hour),
        cmocka_unit_test(test_mixing_height_grows_with_sun_and_wind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
