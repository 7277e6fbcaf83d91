/* The zone and the comfort indices against the reference files, where they are there:
 * published steps of ISO 13790's 5R1C to 0.01, computed ones to 1e-6; ISO 7730's table. */
#include "check.h"
#include "twind/building_physics.h"
#include "twind/comfort.h"
#include "twind/mem.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cJSON *load_cases(const char *name)
{
    enum { MOST = 1 << 20 };
    char path[512];
    snprintf(path, sizeof path, "%s/%s", SHARED_DATA, name);
    FILE *file = fopen(path, "r");
    if (!file) {
        print_message("%s is not there: skipped\n", path);
        skip();
    }
    char *text = mem_new(MOST, 1);
    assert_true(fread(text, 1, MOST - 1, file) > 0);
    fclose(file);
    cJSON *cases = cJSON_Parse(text);
    free(text);
    assert_non_null(cases);
    return cases;
}

static double number(const cJSON *object, const char *name, double otherwise)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) ? item->valuedouble : otherwise;
}

static const cJSON *child(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* The files' zones: their generator takes H_op for H_em. */
static struct building_zone read_zone(const cJSON *base, const cJSON *own)
{
#define VALUE(name) number(own, name, number(base, name, NAN))
    double floor = VALUE("floor_area"), changes = VALUE("ach_vent") + VALUE("ach_infl");
    double flow = changes - VALUE("ach_vent") * VALUE("ventilation_efficiency");
    struct building_envelope made_of = {
        .internal_area = VALUE("total_internal_area"),
        .mass_area = VALUE("mass_area_factor") * floor,
        .window_ua = VALUE("u_windows") * VALUE("window_area"),
        .opaque_ua = VALUE("u_walls") * VALUE("walls_area"),
        .ventilation = VALUE("rho_cp") * VALUE("room_vol") * flow / 3600.0,
        .capacity = VALUE("thermal_capacitance_per_floor_area") * floor,
    };
#undef VALUE
    struct building_zone zone = building_make_zone(&made_of);
    zone.h_em = made_of.opaque_ua;
    return zone;
}

static struct building_step play(const cJSON *base, const cJSON *own, const cJSON *in)
{
    struct building_zone zone = read_zone(base, own);
    double floor = number(own, "floor_area", number(base, "floor_area", NAN));
    struct building_load load = {number(in, "t_out", NAN), number(in, "internal", NAN),
                                 number(in, "solar", NAN)};
    struct building_control control = {
        .heating = number(own, "t_set_heating", number(base, "t_set_heating", NAN)),
        .cooling = number(own, "t_set_cooling", number(base, "t_set_cooling", NAN)),
        .max_heating = floor * number(own, "max_heating", 12.0),
        .max_cooling = floor * -number(own, "max_cooling", -12.0),
    };
    return building_step(&zone, &load, &control, number(in, "t_m_prev", NAN), 3600.0);
}

static void compare(const struct building_step *s, const cJSON *wanted, double relative)
{
    double power = number(wanted, "energy_demand_W", NAN);
    assert_close(s->power, power, relative * fmax(fabs(power), 1.0));
    assert_near(s->mass_end, number(wanted, "t_mass_next", NAN), relative);
    assert_near(s->mass, number(wanted, "t_mass_mean", NAN), relative);
    assert_near(s->surface, number(wanted, "t_surface", NAN), relative);
    assert_near(s->air, number(wanted, "t_air", NAN), relative);
}

static void test_published_and_random_steps_are_met(void **state)
{
    (void)state;
    cJSON *cases = load_cases("building_5r1c_step_cases.json");
    const cJSON *base = child(cases, "base_zone"), *one = NULL;
    int n = 0;
    cJSON_ArrayForEach(one, child(cases, "published"))
    {
        struct building_step s =
            play(base, child(one, "zone_overrides"), child(one, "inp"));
        const cJSON *wanted = child(one, "expected_2dp");
        assert_close(s.mass, number(wanted, "t_m", NAN), 0.01);
        assert_close(s.power, number(wanted, "energy_demand", NAN), 0.01);
        compare(&s, child(one, "recomputed"), 1e-6);
        n++;
    }
    cJSON_ArrayForEach(one, child(cases, "random"))
    {
        struct building_step s = play(base, child(one, "zone"), child(one, "inp"));
        compare(&s, child(one, "out"), 1e-6);
        n++;
    }
    assert_true(n >= 19);
    cJSON_Delete(cases);
}

static void test_comfort_rows_are_met(void **state)
{
    (void)state;
    cJSON *cases = load_cases("comfort_pmv_cases.json");
    const cJSON *one = NULL;
    int n = 0;
    cJSON_ArrayForEach(one, child(cases, "cases"))
    {
        struct comfort c = {number(one, "ta", NAN),  number(one, "tr", NAN),
                            number(one, "v", NAN),   number(one, "rh", NAN),
                            number(one, "met", NAN), number(one, "clo", NAN)};
        double vote = comfort_vote(&c), ppd = comfort_dissatisfied(vote);
        assert_close(vote, number(one, "pmv_computed", NAN), 1e-3);
        assert_close(ppd, number(one, "ppd_computed", NAN), 0.01);
        assert_close(vote, number(one, "pmv_published_1dp", vote), 0.1);
        n++;
    }
    assert_true(n > 0);
    cJSON_Delete(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_and_random_steps_are_met),
        cmocka_unit_test(test_comfort_rows_are_met),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
