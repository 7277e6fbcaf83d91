/* Against printf. */
#include "check.h"
#include "twind/decimal.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

static void expect_as_printf(double number, int digits)
{
    char mine[DECIMAL_ROOM], theirs[64];
    size_t n = decimal_write(mine, number, digits);
    snprintf(theirs, sizeof theirs, "%.*g", digits, number);
    if (strcmp(mine, theirs) != 0 || n != strlen(theirs))
        fail_msg("%d digits of %.17g: %s, by printf %s", digits, number, mine, theirs);
}

static void expect_any_digits(double number)
{
    for (int digits = 1; digits <= 17; digits++) {
        expect_as_printf(number, digits);
        expect_as_printf(-number, digits);
    }
}

static void test_special_numbers_are_as_printf_has_them(void **state)
{
    (void)state;
    static const double numbers[] = {
        0,     1,      9,       10,        0.5,   2.5,    0.125,       99.5,    999999.5,
        1e-4,  9.9e-5, 1e15,    1e14,      1e22,  1e300,  5e-324,      DBL_MAX, 0.1,
        0.3,   1e5,    123456,  1234567.5, 0.001, 0.0999, 0.099999999, 9.99995, 2.675,
        1.005, 1e16,   1 / 3.0, 2 / 3.0,   1e-5,  65535,  1e12,        999.9,   (double)NAN,
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        expect_any_digits(numbers[i]);
    expect_as_printf(-0.0, 6);
    expect_as_printf(HUGE_VAL, 6);
    expect_as_printf(-HUGE_VAL, 6);
}

static void test_numbers_of_any_size_are_as_printf_has_them(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        double share = (double)(seed >> 11) / 9007199254740992.0;
        double number = (0.1 + share) * pow(10, (int)(seed % 25) - 7);
        expect_as_printf(number, 12);
        expect_as_printf(number, 1 + (int)((seed >> 5) % 17));
    }
}

/* Halves are where rounding is decided by what a product has lost. */
static void test_short_decimals_and_halves_are_as_printf_has_them(void **state)
{
    (void)state;
    for (int i = 1; i < 3000; i++) {
        expect_as_printf(i / 1000.0, 12);
        expect_as_printf(i / 1000.0, 3);
        expect_as_printf(i / 8.0, 4);
        expect_as_printf(i + 0.5, 4);
        expect_as_printf(1e6 + i / 16.0, 9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_special_numbers_are_as_printf_has_them),
        cmocka_unit_test(test_numbers_of_any_size_are_as_printf_has_them),
        cmocka_unit_test(test_short_decimals_and_halves_are_as_printf_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
