#include "twind/history_chunk.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static uint64_t seed = 20260101;

static uint64_t random64(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static double uniform(void)
{
    return (double)(random64() >> 11) / 9007199254740992.0;
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* Packs all rows, unpacks them and compares; returns the bytes of text. */
static size_t round_trip(const struct chunk_row *rows, size_t n)
{
    size_t bytes = 0;
    for (size_t at = 0; at < n;) {
        struct chunk chunk;
        struct chunk_row back[CHUNK_ROWS];
        size_t packed = chunk_pack(rows + at, n - at, 0, &chunk);
        assert_true(packed >= 1 && packed <= n - at);
        assert_int_equal(chunk.n, packed);
        assert_int_equal(chunk.length, strlen(chunk.text));
        assert_true(chunk_unpack(&chunk, back));
        for (size_t i = 0; i < packed; i++) {
            assert_int_equal(back[i].t, rows[at + i].t);
            for (int c = 0; c < CHUNK_COLUMNS; c++)
                if (!same(back[i].v[c], rows[at + i].v[c]))
                    fail_msg("row %zu column %d: %a came back as %a", at + i, c,
                             rows[at + i].v[c], back[i].v[c]);
        }
        at += packed;
        bytes += chunk.length;
    }
    return bytes;
}

enum { N = 5000 };
static struct chunk_row rows[N];

static void fill(int64_t period, int64_t jitter, double step)
{
    double value = 20;
    int64_t t = INT64_C(1767225600123);
    for (size_t i = 0; i < N; i++, t += period) {
        value += (uniform() - 0.5) * 0.2;
        rows[i] = (struct chunk_row){t + (int64_t)(uniform() * (double)jitter),
                                     {round(value / step) * step, NAN, NAN, NAN}};
        if (step == 0)
            rows[i].v[0] = value;
        else
            rows[i].v[0] = round(value / step) / round(1 / step);
    }
}

static void test_regular_readings_of_two_decimals_cost_less_than_5_bytes(void **state)
{
    (void)state;
    fill(10000, 0, 0.01);
    assert_true(round_trip(rows, N) < 5 * (size_t)N);
}

static void test_jittered_arrivals_cost_less_than_9_bytes(void **state)
{
    (void)state;
    fill(10000, 300, 0.01);
    assert_true(round_trip(rows, N) < 9 * (size_t)N);
}

static void test_values_that_are_no_decimals_come_back_to_the_bit(void **state)
{
    (void)state;
    fill(60000, 5000, 0);
    round_trip(rows, N);
}

static void test_any_double_comes_back_to_the_bit(void **state)
{
    (void)state;
    int64_t t = 0;
    for (size_t i = 0; i < N; i++) {
        rows[i].t = t += (int64_t)(random64() % 100000);
        for (int c = 0; c < CHUNK_COLUMNS; c++) {
            uint64_t bits = random64();
            memcpy(&rows[i].v[c], &bits, sizeof bits);
            if (random64() % 4 == 0)
                rows[i].v[c] = NAN;
            if (random64() % 3 == 0)
                rows[i].v[c] = (double)(int64_t)(random64() % 2000) / 10 - 100;
        }
    }
    round_trip(rows, N);
}

static void test_extremes_come_back(void **state)
{
    (void)state;
    const double values[] = {0,
                             5e-324,
                             -5e-324,
                             1.7976931348623157e308,
                             INFINITY,
                             -INFINITY,
                             NAN,
                             1e15,
                             9007199254740993.0,
                             0.1 + 0.2,
                             1e-13,
                             -1e300,
                             1,
                             -1,
                             1e12 + 0.5,
                             123456789.5};
    size_t n = sizeof values / sizeof *values;
    for (size_t i = 0; i < n; i++)
        rows[i] =
            (struct chunk_row){(int64_t)i * 1000, {values[i], values[n - 1 - i], 0, 1}};
    round_trip(rows, n);
}

static void test_gaps_bursts_and_equal_times_come_back(void **state)
{
    (void)state;
    int64_t t = -86400000;
    for (size_t i = 0; i < N; i++) {
        switch (random64() % 5) {
        case 0:
            t += (int64_t)(random64() % 80000000);
            break;
        case 1:
            break;
        default:
            t += 1000 + (int64_t)(random64() % 3);
        }
        rows[i] = (struct chunk_row){t, {(double)(i % 7), NAN, NAN, NAN}};
    }
    round_trip(rows, N);
}

static void test_a_missing_reading_costs_a_zero(void **state)
{
    (void)state;
    struct chunk chunk;
    struct chunk_row few[] = {{1000, {5, NAN, NAN, NAN}},
                              {2000, {6, NAN, NAN, NAN}},
                              {3000, {5, NAN, NAN, NAN}},
                              {5000, {7, NAN, NAN, NAN}}};
    assert_int_equal(chunk_pack(few, 4, 0, &chunk), 4);
    assert_string_equal(chunk.text, "[1,2,1,0,3]");
    assert_int_equal(chunk.t0, 1000);
    assert_int_equal(chunk.period, 1000);
}

static void test_times_of_a_unit_stand_in_their_slots(void **state)
{
    (void)state;
    struct chunk chunk;
    struct chunk_row few[] = {{60000, {5, NAN, NAN, NAN}},
                              {240000, {6, NAN, NAN, NAN}},
                              {300000, {7, NAN, NAN, NAN}}};
    assert_int_equal(chunk_pack(few, 3, 60000, &chunk), 3);
    assert_string_equal(chunk.text, "[1,0,0,2,3]");
    assert_int_equal(chunk.period, 60000);
    few[2].t = 180000 + 60000 * 60; /* too far: in a chunk of its own */
    assert_true(chunk_pack(few, 3, 60000, &chunk) < 3);
}

static void test_damaged_text_is_refused(void **state)
{
    (void)state;
    const char *const bad[] = {"",
                               "[",
                               "[]",
                               "1,2",
                               "[1,2",
                               "[1;2]",
                               "[1,2,1,0,3,1]",
                               "[x]",
                               "[-1,1,1,1]",
                               "[[1,2],1,1,1]",
                               "[1,2,1,99999999999999999999]"};
    struct chunk_row few[] = {{1000, {5, NAN, NAN, NAN}},
                              {2000, {6, NAN, NAN, NAN}},
                              {3000, {5, NAN, NAN, NAN}},
                              {4000, {7, NAN, NAN, NAN}}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct chunk chunk;
        struct chunk_row back[CHUNK_ROWS];
        chunk_pack(few, 4, 0, &chunk);
        strcpy(chunk.text, bad[i]);
        assert_false(chunk_unpack(&chunk, back));
    }
}

static void test_numbers_are_shortened_to_digits_and_place(void **state)
{
    (void)state;
    assert_true(chunk_shorten(21.345678901, 7, -INFINITY) == 21.34568);
    assert_true(chunk_shorten(21.345678901, 7, -2) == 21.35);
    assert_true(chunk_shorten(-123456789, 3, -INFINITY) == -123000000);
    assert_true(chunk_shorten(0, 3, -INFINITY) == 0);
    assert_true(isnan(chunk_shorten(NAN, 3, -INFINITY)));
    assert_true(chunk_shorten(1e-200, 3, -INFINITY) == 1e-200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regular_readings_of_two_decimals_cost_less_than_5_bytes),
        cmocka_unit_test(test_jittered_arrivals_cost_less_than_9_bytes),
        cmocka_unit_test(test_values_that_are_no_decimals_come_back_to_the_bit),
        cmocka_unit_test(test_any_double_comes_back_to_the_bit),
        cmocka_unit_test(test_extremes_come_back),
        cmocka_unit_test(test_gaps_bursts_and_equal_times_come_back),
        cmocka_unit_test(test_a_missing_reading_costs_a_zero),
        cmocka_unit_test(test_times_of_a_unit_stand_in_their_slots),
        cmocka_unit_test(test_damaged_text_is_refused),
        cmocka_unit_test(test_numbers_are_shortened_to_digits_and_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
