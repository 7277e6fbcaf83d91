/* The building kind in the sun: what comes through which side at what hour, told place and
 * measured parts of the light. */
#include "check.h"
#include "house.h"

/* W that the sun brings through the windows and walls, told by how fast mass and air warm.
 */
static double heat_flow(struct house *h)
{
    double dx[ROOM];
    struct kind_point at = look(h);
    kind_building.derive(&at, dx);
    double area = *param(h, "floor_area");
    return area * 1e3 *
           (dx[0] * *param(h, "air_capacity") + dx[1] * *param(h, "thermal_mass"));
}

static double sun_flow(const struct house *h, double global)
{
    struct house lit = *h, dark = *h;
    *input(&lit, "solar_irradiance") = global;
    *input(&dark, "solar_irradiance") = 0.0;
    return heat_flow(&lit) - heat_flow(&dark);
}

/* A day of March at 45 degrees north, Greenwich; the clock says so many hours. */
static struct house build_at(double hour)
{
    struct house h = build();
    *param(&h, "latitude") = 45.0;
    h.time = 1710892800.0 + 3600.0 * hour;
    begin(&h);
    return h;
}

static void test_sun_comes_through_the_side_where_it_stands(void **state)
{
    (void)state;
    double flows[3][4];
    static const char *const sides[] = {"windows_north", "windows_east", "windows_south",
                                        "windows_west"};
    static const double hours[] = {8.12, 12.12, 16.12}; /* the sun is late */
    for (size_t i = 0; i < 3; i++)
        for (size_t side = 0; side < 4; side++) {
            struct house h = build_at(hours[i]);
            *param(&h, "outer_absorptance") = 0.0;
            for (size_t other = 0; other < 4; other++)
                *param(&h, sides[other]) = other == side ? 10.0 : 0.0;
            flows[i][side] = sun_flow(&h, i == 1 ? 600.0 : 250.0);
        }
    assert_true(flows[0][1] > 3.0 * flows[0][3]);
    assert_true(flows[2][3] > 3.0 * flows[2][1]);
    assert_near(flows[0][1], flows[2][3], 0.02);
    assert_true(flows[1][2] > 3.0 * flows[1][0]);
    assert_near(flows[1][1], flows[1][3], 0.02);
}

static void test_sun_is_local(void **state)
{
    (void)state;
    struct house greenwich = build_at(9.0), zone = build_at(14.0), told = build_at(14.0);
    *param(&zone, "utc_offset") = -5.0;
    *param(&told, "longitude") = -75.0;
    begin(&zone);
    begin(&told);
    double expected = sun_flow(&greenwich, 400.0);
    assert_near(sun_flow(&zone, 400.0), expected, 0.01);
    assert_near(sun_flow(&told, 400.0), expected, 0.01);
}

/* Lower in the south of a house by far in winter than the mean of a year says. */
static void test_place_tells_winter_from_summer(void **state)
{
    (void)state;
    const double noon = 1703160000.0, half_year = 182 * 86400.0; /* 21 December 2023 */
    struct house winter = build(), summer = build(), anywhere = build();
    *param(&winter, "latitude") = *param(&summer, "latitude") = 45.0;
    winter.time = anywhere.time = noon;
    summer.time = noon + half_year;
    begin(&winter);
    begin(&summer);
    begin(&anywhere);
    double mean = sun_flow(&anywhere, 300.0);
    assert_true(sun_flow(&winter, 300.0) > 1.3 * mean);
    assert_true(sun_flow(&summer, 900.0) < 0.9 * 3.0 * mean);
    anywhere.time = summer.time;
    begin(&anywhere);
    assert_close(sun_flow(&anywhere, 300.0), mean, 1e-6);
}

static void test_measured_direct_light_is_used(void **state)
{
    (void)state;
    struct house h = build_at(12.0);
    *param(&h, "windows_north") = 0.0;
    *param(&h, "windows_east") = *param(&h, "windows_west") = 0.0;
    struct house clear = h, cloudy = h, parts = h;
    *input(&clear, "direct_irradiance") = 780.0;
    *input(&cloudy, "diffuse_irradiance") = 600.0;
    *input(&parts, "direct_irradiance") = 780.0;
    *input(&parts, "diffuse_irradiance") = 50.0;
    double split = sun_flow(&h, 600.0);
    struct house dark = h;
    assert_true(heat_flow(&clear) > heat_flow(&dark) + 500.0);
    *input(&clear, "solar_irradiance") = *input(&cloudy, "solar_irradiance") = 600.0;
    double low = heat_flow(&cloudy), high = heat_flow(&clear);
    *input(&h, "solar_irradiance") = 600.0;
    assert_true(low < heat_flow(&h) && heat_flow(&h) < high);
    assert_true(split > 0.0);
    assert_near(heat_flow(&parts), high, 0.05); /* 780 x 0.70 + 50 = 600 */
}

/* Light of a sun that should be down, by a wrong clock: as of a grey sky, no more. */
static void test_wrong_clock_makes_no_heat(void **state)
{
    (void)state;
    struct house night = build_at(0.0);
    double windows = 0.01 * (3 + 4 + 7 + 4) * 120.0, flow_in = sun_flow(&night, 500.0);
    assert_true(flow_in > 0.3 * windows * 0.6 * 0.45 * 500.0);
    assert_true(flow_in < 1.0 * windows * 0.6 * 0.45 * 500.0);
    struct house dawn = build_at(6.5);
    assert_true(sun_flow(&dawn, 900.0) < 3.0 * windows * 0.6 * 0.45 * 900.0);
}

static void test_walls_and_roof_warm_in_the_sun_and_cool_under_the_sky(void **state)
{
    (void)state;
    struct house white = build_at(12.0), black = build_at(12.0), anywhere = build();
    *param(&white, "outer_absorptance") = 0.0;
    *param(&black, "outer_absorptance") = 0.9;
    /* 60 m2 of roof at 600 W/m2 and 98 m2 of walls at some 250, of which R_se U = 0.016 */
    double more = sun_flow(&black, 600.0) - sun_flow(&white, 600.0);
    assert_close(more, 0.9 * 0.016 * (60.0 * 600.0 + 98.4 * 250.0), 100.0);
    begin(&anywhere);
    struct house clear = build_at(0.0);
    double lost = heat_flow(&anywhere) - heat_flow(&clear);
    assert_close(lost, 49.5 * (0.016 * (60.0 + 0.5 * 98.4) + 0.5 * 0.064 * 21.6), 5.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sun_comes_through_the_side_where_it_stands),
        cmocka_unit_test(test_sun_is_local),
        cmocka_unit_test(test_place_tells_winter_from_summer),
        cmocka_unit_test(test_measured_direct_light_is_used),
        cmocka_unit_test(test_wrong_clock_makes_no_heat),
        cmocka_unit_test(test_walls_and_roof_warm_in_the_sun_and_cool_under_the_sky),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
