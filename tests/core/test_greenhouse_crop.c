/* Vanthoor's canopy (2011, ch. 8.4 and 9) by hand, in double precision. */
#include "check.h"
#include "twind/greenhouse_crop.h"

static const double tight = 1e-9;

static void test_electrons_follow_eq_9_14_to_9_16(void **state)
{
    (void)state;
    assert_near(greenhouse_electrons(210, 2, 25, 500), 161.9891109229982, tight);
    assert_near(greenhouse_electrons(210, 3, 18, 1000), 268.3465129075769, tight);
    assert_close(greenhouse_electrons(210, 2, 25, 0), 0, 1e-12);
    /* A weak light is used whole; a strong one is limited by the leaves. */
    assert_near(greenhouse_electrons(210, 3, 25, 1), 0.385, 1e-3);
    assert_near(greenhouse_electrons(210, 1, 25, 1e6), 210.0, 1e-3);
}

static void test_leaves_work_best_at_about_30_degrees(void **state)
{
    (void)state;
    double best = greenhouse_electrons(210, 1, 30, 1e5);
    assert_true(best > greenhouse_electrons(210, 1, 15, 1e5));
    assert_true(best > greenhouse_electrons(210, 1, 40, 1e5));
}

static void test_assimilation_follows_eq_9_12_and_9_13(void **state)
{
    (void)state;
    assert_near(greenhouse_assimilation(150, 2, 25, 400), 21.439679437536558, tight);
    assert_near(greenhouse_assimilation(150, 3, 22, 1000), 30.474270734762786, tight);
    assert_true(greenhouse_assimilation(150, 3, 22, 40) < 0);
    assert_true(isfinite(greenhouse_assimilation(150, 0, -50, 0)));
}

static void test_respiration_doubles_with_ten_degrees(void **state)
{
    (void)state;
    assert_near(greenhouse_respiration(1.2, 2, 25), 2.4, tight);
    assert_near(greenhouse_respiration(1.2, 2, 15), 1.2, tight);
}

static void test_light_is_shared_by_crop_and_floor(void **state)
{
    (void)state;
    struct greenhouse_shares visible = greenhouse_share_visible(2);
    struct greenhouse_shares infrared = greenhouse_share_infrared(2);
    assert_near(visible.crop, 0.8129730053800627, tight);
    assert_near(visible.floor, 0.08630893737956227, tight);
    assert_near(infrared.crop, 0.3502382721438482, tight);
    assert_near(infrared.floor, 0.2913741261869948, tight);
    for (double lai = 0; lai < 10; lai += 0.5) {
        visible = greenhouse_share_visible(lai);
        assert_true(visible.crop >= 0 && visible.floor >= 0);
        assert_true(visible.crop + visible.floor <= 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_electrons_follow_eq_9_14_to_9_16),
        cmocka_unit_test(test_leaves_work_best_at_about_30_degrees),
        cmocka_unit_test(test_assimilation_follows_eq_9_12_and_9_13),
        cmocka_unit_test(test_respiration_doubles_with_ten_degrees),
        cmocka_unit_test(test_light_is_shared_by_crop_and_floor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
