/* Walls with layers: the two nodes against the exact slab, heat that is neither made nor
 * lost, and what a zone loses at rest against its U-values. */
#include "check.h"
#include "twind/layers.h"

#include <complex.h>
#include <string.h>

static const double step = 300.0, day = 86400.0, turn = 6.283185307179586;

/* W/(m2 K) that a heavy layer takes up at its surface, insulated behind: exact, by
 * tanh (Carslaw and Jaeger 1959, 3.6). */
static double complex slab(double r, double c, double period)
{
    double complex z = csqrt((double complex)I * turn / period * r * c);
    return z * ctanh(z) / r;
}

static double complex nodes(const struct layers_chain *chain, double period)
{
    double complex w = (double complex)I * turn / period;
    double complex behind = 1.0 / (1.0 / chain->between + 1.0 / (w * chain->core));
    return w * chain->surface + behind;
}

static void compare(double thickness, double conductivity, double period, double off)
{
    double c = 1.4e6 * thickness, r = thickness / conductivity;
    struct layers_construction built = {1.0, 0.3, c, conductivity};
    struct layers_chain chain = layers_make_chain(&built, 1.0, step);
    double complex exact = slab(r, c, period), ours = nodes(&chain, period);
    assert_near(creal(ours - exact) / cabs(exact) + 1.0, 1.0, off);
    assert_near(cimag(ours - exact) / cabs(exact) + 1.0, 1.0, off);
    assert_close(chain.surface + chain.core, c, 1e-6 * c);
}

static void test_two_nodes_take_up_a_days_wave_as_the_slab_does(void **state)
{
    (void)state;
    compare(0.10, 0.51, day, 0.01);
    compare(0.08, 1.13, day, 0.01);
    compare(0.15, 2.00, day, 0.01);
    compare(0.10, 0.51, day / 4.0, 0.08);
    compare(0.03, 0.50, day, 0.01); /* so thin that its halves share what it holds */
}

static struct layers_zone make_zone(void)
{
    const struct layers_construction built[LAYERS_ELEMENTS] = {
        {60.0, 0.5, 140e3, 0.5}, {48.0, 0.3, 20e3, 0.5}, {48.0, 0.04, 110e3, 1.0}};
    struct layers_zone zone = {.inner_area = 20.0,
                               .inner_capacity = 1e6,
                               .glass_area = 12.0,
                               .glass = layers_glass(2.8),
                               .ventilation = 18.0,
                               .films = 1.0};
    for (int i = 0; i < LAYERS_ELEMENTS; i++)
        zone.chains[i] = layers_make_chain(&built[i], 1.0, step);
    layers_face_room(&zone);
    return zone;
}

static struct layers_nodes all_at(double t)
{
    return (struct layers_nodes){{t, t, t}, {t, t, t}, t, t};
}

static double sum(const struct layers_nodes *into)
{
    double values[sizeof *into / sizeof(double)], total = 0.0;
    memcpy(values, into, sizeof *into);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        total += values[i];
    return total;
}

static void test_nothing_flows_where_all_is_equally_warm(void **state)
{
    (void)state;
    struct layers_zone zone = make_zone();
    struct layers_load load = {.outdoor = 15.0, .sky = 15.0, .wind = 3.0};
    struct layers_nodes at = all_at(15.0);
    struct layers_flows flows = layers_find_flows(&zone, &load, &at, 0.0);
    assert_close(sum(&flows.into), 0.0, 1e-9);
    assert_close(flows.into.air, 0.0, 1e-9);
    assert_close(flows.radiant, 15.0, 1e-9);
}

/* All of the plant's heat and of the gains stays inside; of the sun what the glass does not
 * let out again. */
static void test_heat_that_comes_in_is_taken_up(void **state)
{
    (void)state;
    struct layers_zone zone = make_zone();
    zone.glass_area = 0.0;
    layers_face_room(&zone);
    struct layers_load load = {.outdoor = 15.0, .sky = 15.0, .internal = 300.0};
    struct layers_nodes at = all_at(15.0);
    struct layers_flows flows = layers_find_flows(&zone, &load, &at, 500.0);
    assert_close(sum(&flows.into), 800.0, 1e-3);
    load.beam = 700.0;
    load.spread = 300.0;
    flows = layers_find_flows(&zone, &load, &at, 500.0);
    assert_close(sum(&flows.into), 1800.0, 1e-3);
    zone = make_zone();
    load.internal = 0.0;
    flows = layers_find_flows(&zone, &load, &at, 0.0);
    assert_true(sum(&flows.into) > 930.0 && sum(&flows.into) < 980.0);
}

/* At rest: 18 W/K by the air, and by U-values, which are for a room whose surfaces are as
 * warm as its air, 60 x 0.5 + 48 x 0.34 + 12 x 2.8 = 80 W/K by the mean of air and
 * surfaces, and in a wind that makes the standard's outer film. */
static void test_a_zone_at_rest_loses_what_its_u_values_say(void **state)
{
    (void)state;
    struct layers_zone zone = make_zone();
    struct layers_load load = {.outdoor = 0.0, .sky = 0.0, .wind = 13.0};
    struct layers_nodes at = all_at(20.0);
    for (int i = 0; i < 30 * 1440; i++) {
        struct layers_nodes into = layers_find_flows(&zone, &load, &at, 0.0).into;
        for (int e = 0; e < LAYERS_ELEMENTS; e++) {
            at.surface[e] += 60.0 * into.surface[e] / zone.chains[e].surface;
            at.core[e] += 60.0 * into.core[e] / zone.chains[e].core;
        }
        at.inner += 60.0 * into.inner / zone.inner_capacity;
    }
    double power = layers_hold_power(&zone, &load, &at, 20.0);
    double radiant = layers_find_flows(&zone, &load, &at, 0.0).radiant;
    assert_true(radiant < 19.0);
    assert_near(power, 20.0 * 18.0 + 0.5 * (20.0 + radiant) * 80.0, 0.04);
    assert_true(layers_hold_power(&zone, &load, &at, 21.0) > power + 300.0);
}

static void test_the_sky_is_as_cold_as_its_infrared(void **state)
{
    (void)state;
    assert_close(layers_sky_of_infrared(5.670374e-8 * 273.15 * 273.15 * 273.15 * 273.15),
                 0.0, 1e-6);
    /* ISO 13790 takes 11 K for the mean of a temperate climate. */
    assert_close(10.0 - layers_sky_of_air(10.0, 75.0), 11.0, 1.0);
    assert_true(layers_sky_of_air(10.0, 20.0) < layers_sky_of_air(10.0, 90.0) - 4.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_nodes_take_up_a_days_wave_as_the_slab_does),
        cmocka_unit_test(test_nothing_flows_where_all_is_equally_warm),
        cmocka_unit_test(test_heat_that_comes_in_is_taken_up),
        cmocka_unit_test(test_a_zone_at_rest_loses_what_its_u_values_say),
        cmocka_unit_test(test_the_sky_is_as_cold_as_its_infrared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
