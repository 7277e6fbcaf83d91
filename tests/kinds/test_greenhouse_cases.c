/* Every case of the reference file for Vanthoor's component equations, to 1e-6. Skipped
 * where the reference data is not there; test_greenhouse_physics.c holds a few of the
 * facts. */
#include "check.h"
#include "twind/greenhouse_physics.h"
#include "twind/psychro.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

enum { GROUPS = 8 };
static const double relative = 1e-6;
static const double cover_ratio = 18000.0 / 14000.0;

static double in(const cJSON *one, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(one, "inp"), name);
    if (!cJSON_IsNumber(item))
        fail_msg("the case has no input %s", name);
    return item->valuedouble;
}

static void expect(const cJSON *one, const char *name, double actual)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(one, "out"), name);
    if (!cJSON_IsNumber(item))
        fail_msg("the case has no output %s", name);
    double expected = item->valuedouble;
    if (!(fabs(actual - expected) <= relative * fabs(expected) + 1e-18))
        fail_msg("%s is %.15g, expected %.15g", name, actual, expected);
}

static void saturation(const cJSON *one)
{
    expect(one, "pv_sat_Pa", psychro_saturation(in(one, "t_degC")));
}

static void psychrometrics(const cJSON *one)
{
    double t = in(one, "t_degC"), full = psychro_saturation(t);
    double e = full * in(one, "rh_pct") / 100;
    expect(one, "pv_Pa", e);
    expect(one, "vpd_Pa", full - e);
    expect(one, "dew_point_degC", psychro_dew_point(e));
    expect(one, "abs_humidity_g_m3", psychro_absolute(e, t));
    expect(one, "humidity_deficit_g_m3", psychro_absolute(full - e, t));
}

static void ventilation(const cJSON *one)
{
    const struct greenhouse_vents vents = {in(one, "uRoof_0_1"), 1400.0 / 14000, 0.75,
                                           0.09};
    double t = in(one, "tAir_degC"), t_out = in(one, "tOut_degC");
    double wind = in(one, "wind_m_s");
    double roof = greenhouse_roof_ventilation(&vents, t, t_out, wind);
    double leak = greenhouse_leakage(1e-4, wind);
    expect(one, "fVentRoof2_m3_m2_s", roof);
    expect(one, "fLeakage_m3_m2_s", leak);
    expect(one, "fVentRoof_total_m3_m2_s",
           roof + 0.5 * leak); /* eq 8.72: half by the roof */
    expect(one, "sensible_loss_W_m2", greenhouse_air_heat(roof + 0.5 * leak, t, t_out));
}

static void transpiration(const cJSON *one)
{
    double above = 0.9 * 0.85 * in(one, "iGlob_W_m2"); /* eq 8.51: (1 - etaGlobAir) tau */
    double vpd = psychro_saturation(in(one, "tCan_degC")) - in(one, "vpAir_Pa");
    double co2 = GREENHOUSE_PPM_PER_MG * in(one, "co2Air_mg_m3");
    double stomata = greenhouse_stomata(GREENHOUSE_STOMATA_LEAST, above, co2, vpd);
    double per_pa = greenhouse_transpiration(in(one, "lai"), stomata);
    expect(one, "rS_s_m", stomata);
    expect(one, "vec_kg_m2_Pa_s", per_pa);
    expect(one, "mv_kg_m2_s", per_pa * vpd);
}

static void condensation(const cJSON *one)
{
    double t = in(one, "tTop_degC"), t_cover = in(one, "tCovIn_degC");
    double exchange = greenhouse_cover_inside(cover_ratio, t, t_cover);
    double water = greenhouse_condensation(
        exchange, psychro_saturation(t) * in(one, "rhTop_pct") / 100,
        psychro_saturation(t_cover));
    expect(one, "hec_W_m2_K", exchange);
    expect(one, "mv_cond_kg_m2_s", water);
    expect(one, "latent_W_m2", GREENHOUSE_LATENT_HEAT * water);
    expect(one, "sensible_W_m2", exchange * (t - t_cover));
}

static void pipes(const cJSON *one)
{
    double t = in(one, "tAir_degC"), t_pipe = in(one, "tPipe_degC");
    double exchange = greenhouse_pipe_convection(1.875, 0.051, t_pipe, t);
    expect(one, "hec_W_m2_K", exchange);
    expect(one, "hPipeAir_W_m2", exchange * (t_pipe - t));
}

static void cover(const cJSON *one)
{
    double t = in(one, "tCovE_degC");
    expect(one, "rCovESky_W_m2", greenhouse_sky_radiation(0.85, t, in(one, "tSky_degC")));
    expect(one, "hCovEOut_W_m2",
           greenhouse_cover_outside(cover_ratio, in(one, "wind_m_s")) *
               (t - in(one, "tOut_degC")));
}

static void air_exchange(const cJSON *one)
{
    double flow = in(one, "fVent_m3_m2_s");
    expect(one, "mv_kg_m2_s",
           greenhouse_air_vapour(flow, in(one, "vpAir_Pa"), in(one, "tAir_degC"),
                                 in(one, "vpOut_Pa"), in(one, "tOut_degC")));
    expect(one, "mc_mg_m2_s", flow * (in(one, "co2Air_mg_m3") - in(one, "co2Out_mg_m3")));
}

static cJSON *load(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    static char text[65536];
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = '\0';
    return cJSON_Parse(text);
}

static void meet(const char *group, void (*check)(const cJSON *one))
{
    cJSON *all = load(SHARED_DATA "/greenhouse_component_cases.json");
    if (!all) {
        print_message("skipped: no reference data in %s\n", SHARED_DATA);
        skip();
    }
    const cJSON *cases = cJSON_GetObjectItemCaseSensitive(all, "cases"), *one;
    const cJSON *these = cJSON_GetObjectItemCaseSensitive(cases, group);
    assert_int_equal(cJSON_GetArraySize(cases), GROUPS);
    assert_true(cJSON_GetArraySize(these) > 0);
    cJSON_ArrayForEach(one, these) check(one);
    cJSON_Delete(all);
}

#define MEETS(name, group, check)                                                          \
    static void test_##name##_meets_each_case(void **state)                                \
    {                                                                                      \
        (void)state;                                                                       \
        meet(group, check);                                                                \
    }
MEETS(saturation, "saturation_vapour_pressure", saturation)
MEETS(moist_air, "psychrometrics", psychrometrics)
MEETS(ventilation, "roof_ventilation_eq8_65_8_71_8_72", ventilation)
MEETS(transpiration, "canopy_transpiration_eq8_47_8_52", transpiration)
MEETS(condensation, "condensation_on_cover_eq8_43_8_44", condensation)
MEETS(pipe, "heating_pipe_convection_table8_4", pipes)
MEETS(cover, "cover_exchange_table8_3_8_4", cover)
MEETS(air_exchange, "air_exchange_vapour_co2_eq8_45_8_46", air_exchange)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_saturation_meets_each_case),
        cmocka_unit_test(test_moist_air_meets_each_case),
        cmocka_unit_test(test_ventilation_meets_each_case),
        cmocka_unit_test(test_transpiration_meets_each_case),
        cmocka_unit_test(test_condensation_meets_each_case),
        cmocka_unit_test(test_pipe_meets_each_case),
        cmocka_unit_test(test_cover_meets_each_case),
        cmocka_unit_test(test_air_exchange_meets_each_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
