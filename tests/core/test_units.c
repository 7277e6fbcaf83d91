#include "twind/units.h"

#include "check.h"

#include <string.h>

static double convert(const char *from, const char *to, double value)
{
    struct units_conversion c;
    struct err e;
    if (!units_convert(from, to, 0, &c, &e))
        fail_msg("%s", e.text);
    assert_int_equal(c.gas, 0);
    return units_apply(&c, value, 20, 1013.25);
}

static void test_published_conversions_hold(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        double value, expected;
    } rows[] = {
        {"[degF]", "Cel", 72, 22.222222222222222},
        {"K", "Cel", 273.15, 0},
        {"Cel", "[degF]", -40, -40},
        {"Cel", "K", 20, 293.15},
        {"%", "1", 44.7, 0.447},
        {"ppm", "ppb", 400, 400000},
        {"mg/m3", "ug/m3", 0.4, 400},
        {"kPa", "hPa", 101.325, 1013.25},
        {"mmHg", "hPa", 760, 1013.2472},
        {"inHg", "hPa", 29.92, 1013.2076},
        {"psi", "bar", 14.5038, 1.0000018},
        {"kW", "W", 0.243, 243},
        {"MJ", "kWh", 3.6, 1},
        {"Wh", "kWh", 1500, 1.5},
        {"km/h", "m/s", 36, 10},
        {"mph", "m/s", 10, 4.4704},
        {"kn", "m/s", 1, 0.5144444444444445},
        {"min", "s", 5, 300},
        {"L/h", "m3/h", 500, 0.5},
        {"veh/h", "1/h", 1200, 1200},
        {"rad", "deg", 3.141592653589793, 180},
        {"EUR/MWh", "1/kWh", 85, 0.085},
        {"ct/kWh", "1/kWh", 31, 0.31},
        {"klx", "lx", 1.5, 1500},
        {"BTU/(h⋅ft²)", "W/m2", 1, 3.154590745},
        {"Gcal", "kWh", 1, 1162.2222222},
        {"W.m-2", "W/m2", 800, 800},
        {"μs", "ms", 5, 0.005},
        {"oz", "g", 1, 28.349523125},
        {"cbar", "hPa", 1, 10},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_close(convert(rows[i].from, rows[i].to, rows[i].value), rows[i].expected,
                     1e-6 * fabs(rows[i].expected) + 1e-12);
}

/* Home Assistant's, UCUM's and SenML's spellings of the units of the first kinds. */
static void test_spellings_of_one_unit_are_the_same(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"°C", "Cel"},
        {"C", "Cel"},
        {"degC", "Cel"},
        {"°F", "[degF]"},
        {"F", "[degF]"},
        {"%RH", "%"},
        {"[ppm]", "ppm"},
        {"µg/m³", "ug/m3"},
        {"μg/m³", "ug/m3"},
        {"μg/m3", "ug/m3"},
        {"ug / m^3", "ug/m3"},
        {"mg/m³", "mg/m3"},
        {"W/m²", "W/m2"},
        {"umol/m2/s", "umol/(m2.s)"},
        {"µmol/m²/s", "umol/(m2.s)"},
        {"μmol/(m²·s)", "umol/(m2.s)"},
        {"m³/h", "m3/h"},
        {"m³", "m3"},
        {"Ω", "Ohm"},
        {"°", "deg"},
        {"{vehicles}/h", "1/h"},
        {"{AQI}", "1"},
        {"EUR/kWh", "1/kWh"},
        {"€/kWh", "1/kWh"},
        {"mbar", "hPa"},
        {"l/min", "L/min"},
        {"W·h", "Wh"},
        {"/", "1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_close(convert(rows[i][0], rows[i][1], 21.7), 21.7, 0);
        assert_close(convert(rows[i][1], rows[i][0], 21.7), 21.7, 0);
    }
}

static void test_no_unit_means_the_signals_own(void **state)
{
    (void)state;
    assert_close(convert("", "Cel", 21.7), 21.7, 0);
    assert_close(convert("", "", 17), 17, 0);
    assert_close(convert("1", "", 17), 17, 0);
}

static void test_gas_is_converted_at_temperature_and_pressure(void **state)
{
    (void)state;
    struct units_conversion c;
    struct err e;
    /* US EPA at 25 Cel, 1013.25 hPa: 1 ppb NO2 = 1.88 ug/m3, O3 = 1.96, CO 1 ppm = 1145 */
    assert_true(units_convert("ppb", "ug/m3", 46.0055, &c, &e));
    assert_close(units_apply(&c, 1, 25, 1013.25), 1.88, 0.005);
    assert_true(units_convert("ppb", "µg/m³", 47.998, &c, &e));
    assert_close(units_apply(&c, 10, 25, 1013.25), 19.6, 0.05);
    assert_true(units_convert("ppm", "ug/m3", 28.010, &c, &e));
    assert_close(units_apply(&c, 1, 25, 1013.25), 1145, 1);
    assert_true(units_convert("mg/m3", "ppm", 44.010, &c, &e));
    assert_close(units_apply(&c, 1800, 25, 1013.25), 1000.6, 0.2);
}

static void test_gas_conversion_there_and_back_is_none(void **state)
{
    (void)state;
    static const char *const fractions[] = {"ppb", "ppm", "%", "1"};
    static const char *const densities[] = {"ug/m3", "mg/m3", "g/m3", "kg/m3"};
    struct units_conversion there, back;
    struct err e;
    for (int i = 0; i < 16; i++) {
        const char *a = fractions[i % 4], *b = densities[i / 4];
        assert_true(units_convert(a, b, 64.066, &there, &e));
        assert_true(units_convert(b, a, 64.066, &back, &e));
        double value = units_apply(&back, units_apply(&there, 42, -5, 990), -5, 990);
        assert_near(value, 42.0, 1e-12);
    }
}

static void test_gas_without_molar_mass_is_refused(void **state)
{
    (void)state;
    struct units_conversion c;
    struct err e;
    assert_false(units_convert("ppb", "ug/m3", 0, &c, &e));
    assert_non_null(strstr(e.text, "fraction"));
}

static void assert_refused(const char *from, const char *to, const char *part)
{
    struct units_conversion c;
    struct err e;
    assert_false(units_convert(from, to, 0, &c, &e));
    if (!strstr(e.text, part))
        fail_msg("\"%s\" does not say %s", e.text, part);
}

static void test_unknown_unit_is_answered_with_the_nearest(void **state)
{
    (void)state;
    assert_refused("cel", "Cel", "\"Cel\"");
    assert_refused("Celcius", "Cel", "\"Celsius\"");
    assert_refused("kwh", "kWh", "\"kWh\"");
    assert_refused("ug/m33", "ug/m3", "\"ug/m3\"");
    assert_refused("W/qm", "W/m2", "W/qm");
    assert_refused("Cel", "celsious", "\"celsius\"");
}

static void test_unit_of_another_quantity_is_answered_with_those_allowed(void **state)
{
    (void)state;
    assert_refused("lx", "W/m2", "illuminance");
    assert_refused("W", "kWh", "J, kJ, MJ");
    assert_refused("%", "Cel", "Cel, K, [degF]");
    assert_refused("Cel", "", "fraction");
}

static void test_hostile_spelling_is_only_unknown(void **state)
{
    (void)state;
    struct err e;
    char text[5000];
    memset(text, 'u', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_false(units_known(text, &e));
    assert_false(units_known("Cel K", &e));
    assert_false(units_known("\xFF\xC2", &e));
    assert_false(units_known("{", &e));
    assert_true(units_known("", &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_conversions_hold),
        cmocka_unit_test(test_spellings_of_one_unit_are_the_same),
        cmocka_unit_test(test_no_unit_means_the_signals_own),
        cmocka_unit_test(test_gas_is_converted_at_temperature_and_pressure),
        cmocka_unit_test(test_gas_conversion_there_and_back_is_none),
        cmocka_unit_test(test_gas_without_molar_mass_is_refused),
        cmocka_unit_test(test_unknown_unit_is_answered_with_the_nearest),
        cmocka_unit_test(test_unit_of_another_quantity_is_answered_with_those_allowed),
        cmocka_unit_test(test_hostile_spelling_is_only_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
