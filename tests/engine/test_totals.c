/* What counts is counted over midnight, resets and all. */
#include "check.h"

#include "twind/totals.h"

enum { STEPS = 96 };
static const struct kind_row day_row = {
    .name = "energy_today", .unit = "kWh", .flags = KIND_DAILY};
static const struct kind_row meter_row = {
    .name = "meter", .unit = "kWh", .flags = KIND_CUMULATIVE};
static const struct kind_row plain_row = {.name = "power", .unit = "W"};

/* A counter that gains `rate` a second from local midnight on. */
static struct totals_series counting(double *values, double made, double step, double zone,
                                     double rate)
{
    for (size_t i = 0; i < STEPS; i++) {
        double local = made + (double)(i + 1) * step + zone;
        values[i] = rate * (local - 86400 * floor(local / 86400));
    }
    double local = made + zone;
    return (struct totals_series){.values = values,
                                  .n = STEPS,
                                  .start = rate * (local - 86400 * floor(local / 86400)),
                                  .made = made,
                                  .step = step,
                                  .zone = zone};
}

static void test_a_steady_day_counter_counts_all_of_the_time(void **state)
{
    (void)state;
    static const double mades[] = {1700000000, 1699920000, 1699999999, 1700006399};
    double values[STEPS];
    for (size_t i = 0; i < sizeof mades / sizeof *mades; i++)
        for (double zone = -3600; zone <= 3600; zone += 1800) {
            const struct totals_series s = counting(values, mades[i], 900, zone, 0.01);
            assert_near(totals_of(&day_row, &s), 0.01 * 86400, 1e-9);
            const struct totals_series week = counting(values, mades[i], 6300, zone, 0.01);
            assert_near(totals_of(&day_row, &week), 0.01 * 7 * 86400, 1e-9);
        }
}

/* A saving that turns into a loss is no reset. */
static void test_a_day_counter_may_fall(void **state)
{
    (void)state;
    const double values[] = {5, 3, -2};
    const struct totals_series s = {
        .values = values, .n = 3, .start = 4, .made = 1700000000 - 40000, .step = 900};
    assert_close(totals_of(&day_row, &s), -6, 1e-12);
}

static void test_a_meter_counts_from_where_it_stands(void **state)
{
    (void)state;
    const double values[] = {1001, 1002.5, 1004};
    const struct totals_series s = {
        .values = values, .n = 3, .start = 1000, .made = 1.7e9, .step = 50000};
    assert_close(totals_of(&meter_row, &s), 4, 1e-12);
    assert_true(isnan(totals_of(&plain_row, &s)));
    assert_false(totals_counts(&plain_row));
    assert_true(totals_counts(&meter_row) && totals_counts(&day_row));
}

static void test_energy_and_cost_are_known_by_unit_and_flag(void **state)
{
    (void)state;
    const struct kind_row rows[] = {
        plain_row,
        meter_row,
        {.name = "light", .unit = "mol/m2", .flags = KIND_DAILY},
        day_row,
        {.name = "pmv", .unit = ""},
        {.name = "cost", .unit = "", .flags = KIND_DAILY}};
    const struct kind kind = {.outputs = rows, .n_outputs = 6};
    assert_int_equal(totals_energy(&kind), 3);
    assert_int_equal(totals_cost(&kind), 5);
    const struct kind less = {.outputs = rows, .n_outputs = 3};
    assert_int_equal(totals_energy(&less), 1);
    assert_int_equal(totals_cost(&less), SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_steady_day_counter_counts_all_of_the_time),
        cmocka_unit_test(test_a_day_counter_may_fall),
        cmocka_unit_test(test_a_meter_counts_from_where_it_stands),
        cmocka_unit_test(test_energy_and_cost_are_known_by_unit_and_flag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
