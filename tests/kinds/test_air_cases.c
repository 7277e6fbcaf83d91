/* Air quality's functions against all the reference cases of the shared data folder
 * (skipped where that is not there; test_air_index.c and test_air_physics.c hold some of
 * the facts). */
#include "check.h"
#include "twind/air_index.h"
#include "twind/air_physics.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cJSON *read_cases(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        print_message("%s is not there: skipped\n", path);
        skip();
    }
    enum { MOST = 1 << 16 };
    char *text = calloc(1, MOST);
    assert_non_null(text);
    size_t length = fread(text, 1, MOST - 1, file);
    fclose(file);
    cJSON *cases = cJSON_ParseWithLength(text, length);
    free(text);
    assert_non_null(cases);
    return cases;
}

static cJSON *list(cJSON *in, const char *name)
{
    cJSON *found = cJSON_GetObjectItemCaseSensitive(in, name);
    if (!cJSON_IsArray(found) || cJSON_GetArraySize(found) == 0)
        fail_msg("no list %s", name);
    return found;
}

/* NAN for null. */
static double number(const cJSON *in, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(in, name);
    if (found == NULL)
        fail_msg("no number %s", name);
    return cJSON_IsNumber(found) ? found->valuedouble : (double)NAN;
}

static enum air_index_scale scale_of(const cJSON *in)
{
    static const char *const names[AIR_INDEX_SCALES] = {
        [AIR_INDEX_PM2_5] = "PM2.5_24h", [AIR_INDEX_PM10] = "PM10_24h",
        [AIR_INDEX_O3] = "O3_8h",        [AIR_INDEX_O3_1H] = "O3_1h",
        [AIR_INDEX_CO] = "CO_8h",        [AIR_INDEX_SO2] = "SO2_1h",
        [AIR_INDEX_NO2] = "NO2_1h",
    };
    const char *name = cJSON_GetObjectItemCaseSensitive(in, "pollutant")->valuestring;
    for (int i = 0; i < AIR_INDEX_SCALES; i++) /* the European cases give no hours */
        if (strncmp(names[i], name, strlen(name)) == 0)
            return (enum air_index_scale)i;
    fail_msg("no scale %s", name);
    return AIR_INDEX_PM2_5;
}

static const char index_cases[] = SHARED_DATA "/airquality_index_cases.json";
static const char box_cases[] = SHARED_DATA "/airquality_box_cases.json";

static void test_us_index_is_exact(void **state)
{
    (void)state;
    cJSON *cases = read_cases(index_cases), *c = NULL;
    cJSON_ArrayForEach(c, list(cases, "aqi"))
    {
        double value = number(c, "concentration");
        assert_close(air_index_aqi(scale_of(c), value), number(c, "aqi"), 0);
    }
    cJSON_Delete(cases);
}

static void test_nowcast_and_its_index_are_exact(void **state)
{
    (void)state;
    cJSON *cases = read_cases(index_cases), *c = NULL;
    cJSON_ArrayForEach(c, list(cases, "nowcast"))
    {
        double hours[AIR_INDEX_NOWCAST_HOURS];
        cJSON *given = list(c, "hourly_ug_m3_current_first");
        assert_int_equal(cJSON_GetArraySize(given), AIR_INDEX_NOWCAST_HOURS);
        for (int i = 0; i < AIR_INDEX_NOWCAST_HOURS; i++) {
            const cJSON *hour = cJSON_GetArrayItem(given, i);
            hours[i] = cJSON_IsNumber(hour) ? hour->valuedouble : (double)NAN;
        }
        double expected = number(c, "nowcast");
        double found = air_index_nowcast(hours, AIR_INDEX_NOWCAST_HOURS);
        if (isnan(expected)) {
            assert_true(isnan(found));
            continue;
        }
        assert_close(found, expected, 1e-6);
        if (cJSON_HasObjectItem(c, "aqi_2024"))
            assert_close(air_index_aqi(AIR_INDEX_PM2_5, found), number(c, "aqi_2024"), 0);
    }
    cJSON_Delete(cases);
}

static void test_european_index_is_exact(void **state)
{
    (void)state;
    cJSON *cases = read_cases(index_cases), *c = NULL;
    cJSON_ArrayForEach(c, list(cases, "eaqi")) assert_int_equal(
        air_index_eaqi(scale_of(c), number(c, "ug_m3")), (int)number(c, "band_1_6"));
    cJSON_Delete(cases);
}

static void test_purpleair_corrections_are_exact(void **state)
{
    (void)state;
    cJSON *cases = read_cases(index_cases), *c = NULL;
    cJSON_ArrayForEach(c, list(cases, "purpleair"))
    {
        double reading = number(c, "pa"), humidity = number(c, "rh");
        assert_near(air_index_purpleair(reading, humidity), number(c, "simple"), 1e-6);
        assert_near(air_index_purpleair_smoke(reading, humidity), number(c, "five_segment"),
                    1e-6);
    }
    cJSON_Delete(cases);
}

static void test_boxes_are_exact(void **state)
{
    (void)state;
    cJSON *cases = read_cases(box_cases), *c = NULL;
    cJSON_ArrayForEach(c, list(cases, "box"))
    {
        const cJSON *in = cJSON_GetObjectItemCaseSensitive(c, "inp");
        const cJSON *out = cJSON_GetObjectItemCaseSensitive(c, "out");
        struct air_box box = {.length = number(in, "length_m"),
                              .height = number(in, "mixing_height_m"),
                              .wind = number(in, "wind_m_s"),
                              .emission = number(in, "emission_ug_m2_s"),
                              .background = number(in, "background_ug_m3"),
                              .deposition = number(in, "deposition_velocity_m_s"),
                              .loss = number(in, "loss_rate_1_s")};
        double after = air_box_after(&box, number(in, "C0_ug_m3"), number(in, "t_s"));
        assert_near(air_box_time_constant(&box), number(out, "time_constant_s"), 1e-9);
        assert_near(air_box_steady(&box), number(out, "C_steady_ug_m3"), 1e-9);
        assert_near(after, number(out, "C_t_ug_m3"), 1e-9);
    }
    cJSON_Delete(cases);
}

static void test_growing_boxes_are_exact(void **state)
{
    (void)state;
    cJSON *cases = read_cases(box_cases), *c = NULL;
    cJSON_ArrayForEach(c, list(cases, "entrainment"))
    {
        const cJSON *in = cJSON_GetObjectItemCaseSensitive(c, "inp");
        const cJSON *out = cJSON_GetObjectItemCaseSensitive(c, "out");
        assert_near(air_entrained(number(in, "H0_m"), number(in, "growth_m_s"),
                                  number(in, "C0_ug_m3"), number(in, "C_above_ug_m3"),
                                  number(in, "emission_ug_m2_s"), number(in, "t_s")),
                    number(out, "C_ug_m3"), 1e-9);
    }
    cJSON_Delete(cases);
}

static void test_photostationary_states_are_exact(void **state)
{
    (void)state;
    cJSON *cases = read_cases(box_cases), *c = NULL;
    cJSON_ArrayForEach(c, list(cases, "photostationary"))
    {
        const cJSON *in = cJSON_GetObjectItemCaseSensitive(c, "inp");
        const cJSON *out = cJSON_GetObjectItemCaseSensitive(c, "out");
        double k = air_titration_ppb(number(in, "T_K"), number(in, "p_Pa"));
        double no2 = number(in, "NO2_ppb"), nox = number(in, "NO_ppb") + no2;
        double ox = number(in, "O3_ppb") + no2;
        double balance = air_photostationary(nox, ox, number(in, "j_NO2_1_s") / k);
        assert_near(air_titration(number(in, "T_K")), number(out, "k_NO_O3_cm3_molec_s"),
                    1e-9);
        assert_near(k, number(out, "k_1_ppb_s"), 1e-6);
        assert_near(balance, number(out, "NO2_ss_ppb"), 1e-6);
        assert_near(nox - balance, number(out, "NO_ss_ppb"), 1e-6);
        assert_near(ox - balance, number(out, "O3_ss_ppb"), 1e-6);
    }
    cJSON_Delete(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_us_index_is_exact),
        cmocka_unit_test(test_nowcast_and_its_index_are_exact),
        cmocka_unit_test(test_european_index_is_exact),
        cmocka_unit_test(test_purpleair_corrections_are_exact),
        cmocka_unit_test(test_boxes_are_exact),
        cmocka_unit_test(test_growing_boxes_are_exact),
        cmocka_unit_test(test_photostationary_states_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
