/* The sun against almanacs, the sky against its own sums. */
#include "check.h"
#include "twind/solar.h"

static const double radian = 0.017453292519943295;

/* Seconds since the epoch, UTC. */
enum {
    OCTOBER_1992 = 718934400,   /* 13th, 00:00 */
    OCTOBER_2003 = 1066419030,  /* 17th, 19:30:30 */
    NOVEMBER_2023 = 1698969600, /* 3rd, 00:00 */
    PERIHELION = 1704242280,    /* 3 January 2024, 00:38 */
    FEBRUARY_2024 = 1707609600, /* 11th, 00:00 */
    EQUINOX = 1710903960,       /* 20 March 2024, 03:06 */
    SOLSTICE = 1718916660,      /* 20 June 2024, 20:51 */
    APHELION = 1720155960,      /* 5 July 2024, 05:06 */
    DAY = 86400
};

/* Denver on an autumn noon: NREL's example for its algorithm, good to 0.0003 degrees (Reda
 * and Andreas 2008, NREL/TP-560-34302, table A5.1), without its refraction. */
static void test_published_position_is_met(void **state)
{
    (void)state;
    struct solar_sun sun = solar_find_sun(OCTOBER_2003, 39.742476, -105.1786);
    assert_close(sun.zenith / radian, 90.0 - 39.872046, 0.01);
    double azimuth = 360.0 + atan2(sun.east, sun.north) / radian;
    assert_close(azimuth, 194.340241, 0.01);
    assert_close(sun.east * sun.east + sun.north * sun.north + sun.up * sun.up, 1.0, 1e-12);
    assert_close(cos(sun.zenith), sun.up, 1e-12);
}

static double declination(double time)
{
    return asin(solar_find_sun(time, 90.0, 0.0).up) / radian;
}

/* Meeus (1998), Astronomical Algorithms, example 25.a; equinox and solstice by almanac. */
static void test_declination_follows_the_almanac(void **state)
{
    (void)state;
    assert_close(declination(OCTOBER_1992), -7.78507, 0.01);
    assert_close(declination(EQUINOX), 0.0, 0.01);
    assert_close(declination(SOLSTICE), 23.436, 0.01);
}

/* The equation of time is at its ends, +16 min 27 s and -14 min 13 s. */
static void test_noon_is_when_the_equation_of_time_says(void **state)
{
    (void)state;
    double early = NOVEMBER_2023 + 12 * 3600 - 987, late = FEBRUARY_2024 + 12 * 3600 + 853;
    assert_true(solar_find_sun(early - 12, 51.48, 0.0).east > 0.0);
    assert_true(solar_find_sun(early + 12, 51.48, 0.0).east < 0.0);
    assert_true(solar_find_sun(late - 12, 51.48, 0.0).east > 0.0);
    assert_true(solar_find_sun(late + 12, 51.48, 0.0).east < 0.0);
    double hour = 15.0; /* degrees of longitude */
    assert_true(fabs(solar_find_sun(late + 3600, 51.48, -hour).east) < 1e-3);
}

static void test_distance_and_air_mass_are_their_published_values(void **state)
{
    (void)state;
    double near = 1367.0 / (0.983307 * 0.983307), far = 1367.0 / (1.016725 * 1.016725);
    assert_near(solar_find_sun(PERIHELION, 0, 0).beyond, near, 2e-4);
    assert_near(solar_find_sun(APHELION, 0, 0).beyond, far, 2e-4);
    /* Kasten and Young: 1 overhead, 1.9939 at 60 degrees, 37.92 at the horizon and below.
     */
    double low = 100.0, mean = 0.0, high = 0.0;
    for (int second = 0; second < DAY; second += 10) {
        struct solar_sun sun = solar_find_sun(EQUINOX + second, 0.0, 0.0);
        low = fmin(low, sun.air_mass);
        high = fmax(high, sun.air_mass);
        if (fabs(sun.zenith / radian - 60.0) < 0.03)
            mean = sun.air_mass;
    }
    assert_close(low, 1.0, 1e-3);
    assert_close(mean, 1.9939, 0.003);
    assert_close(high, 37.92, 0.01);
}

static void test_southern_sun_stands_in_the_north(void **state)
{
    (void)state;
    double noon = SOLSTICE - 20 * 3600 - 51 * 60 + 12 * 3600;
    assert_true(solar_find_sun(noon, 45.0, 0.0).north < -0.3);
    assert_true(solar_find_sun(noon, -45.0, 0.0).north > 0.9);
    assert_true(solar_find_sun(noon, 0.0, 180.0).up < 0.0);
}

static void test_split_adds_up_at_every_hour(void **state)
{
    (void)state;
    for (int step = 0; step < 1000; step++) {
        struct solar_sun sun = solar_find_sun(EQUINOX + 500.0 * step, 52.0, 5.0);
        for (int global = 0; global <= 1500; global += 50) {
            double direct, diffuse;
            solar_split_global(&sun, global, &direct, &diffuse);
            assert_true(direct >= 0.0 && direct <= 0.8 * sun.beyond);
            assert_true(diffuse >= 0.0);
            assert_close(direct * fmax(sun.up, 0.0) + diffuse, global, 1e-9);
        }
    }
}

/* Erbs's own curve: 0.982 of a k_t of 0.2, 0.659 of 0.5, 0.165 of more than 0.8. */
static void test_split_is_that_of_erbs(void **state)
{
    (void)state;
    struct solar_sun sun = solar_find_sun(SOLSTICE - 9 * 3600, 40.0, 0.0);
    static const double cases[][2] = {{0.2, 0.982}, {0.5, 0.65915}, {0.82, 0.165}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double global = cases[i][0] * sun.beyond * sun.up, direct, diffuse;
        solar_split_global(&sun, global, &direct, &diffuse);
        assert_close(diffuse / global, cases[i][1], 1e-4);
    }
}

static void test_low_sun_is_all_diffuse_and_comes_up_gently(void **state)
{
    (void)state;
    double last = 0.0;
    for (int minute = 120; minute < 300; minute++) {
        struct solar_sun sun = solar_find_sun(EQUINOX + 60.0 * minute, 45.0, 0.0);
        double global = 0.6 * sun.beyond * fmax(sun.up, 0.02), direct, diffuse;
        solar_split_global(&sun, global, &direct, &diffuse);
        if (sun.up < 0.05)
            assert_close(direct, 0.0, 0.0);
        assert_true(fabs(direct - last) < 25.0);
        last = direct;
    }
    assert_true(last > 300.0);
}

static struct solar_sun morning(void)
{
    return solar_find_sun(EQUINOX + 6 * 3600, 45.0, 0.0); /* south-east, 30 degrees up */
}

static double total(const struct solar_sun *sun, const struct solar_sky *sky, double tilt,
                    double azimuth)
{
    struct solar_plane plane = solar_make_plane(tilt, azimuth);
    struct solar_light light = solar_light_plane(sun, sky, &plane, 0.2);
    return light.direct + light.spread;
}

static void test_level_plane_gets_the_global_irradiance(void **state)
{
    (void)state;
    struct solar_sun sun = morning();
    struct solar_sky sky = solar_make_sky(&sun, 600.0, 120.0);
    assert_true(sky.circumsolar > 0.1 && sky.circumsolar < 1.0);
    assert_close(total(&sun, &sky, 0.0, 0.0), 600.0 * sun.up + 120.0, 1e-9);
    struct solar_sky plain = {600.0, 120.0, 0.0, 0.0};
    assert_close(total(&sun, &plain, 0.0, 77.0), 600.0 * sun.up + 120.0, 1e-9);
    assert_close(total(&sun, &plain, 180.0, 0.0), 0.2 * (600.0 * sun.up + 120.0), 1e-9);
}

static void test_plane_that_faces_the_sun_gets_most(void **state)
{
    (void)state;
    struct solar_sun sun = morning();
    struct solar_sky plain = {800.0, 0.0, 0.0, 0.0};
    double tilt = sun.zenith / radian, azimuth = atan2(sun.east, sun.north) / radian;
    struct solar_plane plane = solar_make_plane(tilt, azimuth);
    struct solar_light light = solar_light_plane(&sun, &plain, &plane, 0.0);
    assert_close(light.direct, 800.0, 1e-9);
    assert_close(light.cosine, 1.0, 1e-12);
    plane = solar_make_plane(90.0, azimuth + 180.0);
    assert_close(solar_light_plane(&sun, &plain, &plane, 0.0).direct, 0.0, 0.0);
}

/* Walls of an isotropic sky: half of it, and half of what the ground reflects. */
static void test_opposite_walls_share_the_sky(void **state)
{
    (void)state;
    struct solar_sun sun = morning();
    struct solar_sky plain = {500.0, 200.0, 0.0, 0.0};
    double level = 500.0 * sun.up + 200.0, spread = 100.0 + 0.1 * level;
    assert_close(total(&sun, &plain, 90.0, 270.0), spread, 1e-9);
    assert_close(total(&sun, &plain, 90.0, 90.0), spread + 500.0 * sun.east, 1e-9);
    struct solar_sky bright = solar_make_sky(&sun, 500.0, 200.0);
    assert_true(total(&sun, &bright, 90.0, 90.0) > spread + 500.0 * sun.east + 20.0);
    assert_true(total(&sun, &bright, 90.0, 270.0) < spread - 10.0);
}

/* F1 and F2 by hand from the published row for a clearness of 2.8 to 4.5. */
static void test_brightness_is_that_of_perez(void **state)
{
    (void)state;
    struct solar_sun sun = {
        .up = 0.5, .zenith = 60.0 * radian, .beyond = 1367.0, .air_mass = 2.0};
    /* (1 + 6 + 1.19544)/(1 + 1.19544) = 3.7329; delta = 100 x 2 / 1367 = 0.146306 */
    struct solar_sky sky = solar_make_sky(&sun, 600.0, 100.0);
    assert_close(sky.circumsolar, 1.132 - 1.237 * 0.146306 - 0.412 * 1.047198, 1e-5);
    assert_close(sky.horizon, 0.288 - 0.823 * 0.146306 + 0.056 * 1.047198, 1e-5);
}

static void test_measured_parts_are_used_as_they_are(void **state)
{
    (void)state;
    struct solar_sun sun = morning();
    double global = 650.0 * sun.up + 90.0;
    struct solar_sky both = solar_find_sky(&sun, 1.0, 650.0, 90.0);
    struct solar_sky direct = solar_find_sky(&sun, global, 650.0, NAN);
    struct solar_sky diffuse = solar_find_sky(&sun, global, NAN, 90.0);
    assert_close(direct.diffuse, 90.0, 1e-9);
    assert_close(diffuse.direct, 650.0, 1e-9);
    assert_close(both.circumsolar, direct.circumsolar, 1e-12);
    assert_close(both.horizon, diffuse.horizon, 1e-9);
    struct solar_sky neither = solar_find_sky(&sun, global, NAN, NAN);
    assert_close(neither.direct * sun.up + neither.diffuse, global, 1e-9);
}

/* Readings do not fit together, or the place is wrong: nothing is lost or made. */
static void test_light_of_a_sun_that_has_set_is_diffuse(void **state)
{
    (void)state;
    struct solar_sun night = solar_find_sun(EQUINOX - 6 * 3600, 45.0, 0.0);
    assert_true(night.up < 0.0);
    struct solar_sky sky = solar_find_sky(&night, 300.0, NAN, NAN);
    assert_close(sky.diffuse, 300.0, 0.0);
    sky = solar_find_sky(&night, 300.0, NAN, 100.0);
    assert_close(sky.direct, 0.0, 0.0);
    assert_close(sky.diffuse, 300.0, 0.0);
    assert_close(total(&night, &sky, 90.0, 180.0), 150.0 + 30.0, 1e-9);
}

static void test_light_is_finite_and_never_negative(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; i++) {
        double latitude = -90.0 + i % 181, longitude = -180.0 + i * 7 % 361;
        struct solar_sun sun = solar_find_sun(86377.0 * i, latitude, longitude);
        struct solar_sky sky = solar_find_sky(
            &sun, i % 1500, i % 3 ? (double)NAN : i % 1400, i % 5 ? (double)NAN : i % 900);
        struct solar_plane plane = solar_make_plane(i % 181, i % 360);
        struct solar_light light = solar_light_plane(&sun, &sky, &plane, 0.2);
        assert_true(light.direct >= 0.0 && light.direct < 3000.0);
        assert_true(light.spread >= 0.0 && light.spread < 5000.0);
        assert_true(light.cosine >= 0.0 && light.cosine <= 1.0 + 1e-12);
    }
}

/* The cubic of the angle that it stands for. */
static void test_glass_lets_less_through_the_flatter_the_light(void **state)
{
    (void)state;
    double last = 1.0;
    for (int step = 0; step <= 157; step++) {
        double angle = 0.01 * step;
        double pass = solar_pass_glass(cos(angle));
        double cubic = 1.0 + angle * (-0.189 + angle * (0.644 - angle * 0.596));
        assert_close(pass, fmax(cubic, 0.0), 0.02);
        assert_true(pass <= 1.003 && (angle < 0.35 || pass < last));
        last = pass;
    }
    assert_close(solar_pass_glass(1.0), 1.0, 1e-4);
    assert_close(solar_pass_glass(0.0), 0.0, 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_position_is_met),
        cmocka_unit_test(test_declination_follows_the_almanac),
        cmocka_unit_test(test_noon_is_when_the_equation_of_time_says),
        cmocka_unit_test(test_distance_and_air_mass_are_their_published_values),
        cmocka_unit_test(test_southern_sun_stands_in_the_north),
        cmocka_unit_test(test_split_adds_up_at_every_hour),
        cmocka_unit_test(test_split_is_that_of_erbs),
        cmocka_unit_test(test_low_sun_is_all_diffuse_and_comes_up_gently),
        cmocka_unit_test(test_level_plane_gets_the_global_irradiance),
        cmocka_unit_test(test_plane_that_faces_the_sun_gets_most),
        cmocka_unit_test(test_opposite_walls_share_the_sky),
        cmocka_unit_test(test_brightness_is_that_of_perez),
        cmocka_unit_test(test_measured_parts_are_used_as_they_are),
        cmocka_unit_test(test_light_of_a_sun_that_has_set_is_diffuse),
        cmocka_unit_test(test_light_is_finite_and_never_negative),
        cmocka_unit_test(test_glass_lets_less_through_the_flatter_the_light),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
