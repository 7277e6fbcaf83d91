/* How sure a forecast is: by its own past errors, whatever the model thought of itself. */
#include "check.h"
#include "sample.h"

#include "twind/forecast_course.h"

#include <math.h>
#include <string.h>

enum { AHEAD = 24, ISSUES = 40 * 24, SCORED = 10 * 24 };

static float room[4096];

/* The share of the last days' values in the band, of forecasts that are wrong by `error`
 * where the model says `model_sd`; `sd`: the last forecast's. */
static double share_within(double error, double model_sd, double *sd)
{
    float features[COURSE_OWN] = {0};
    double coefficients[COURSE_COEFFICIENTS] = {0}, said[ISSUES], hits = 0;
    uint64_t seed = 3;
    memset(room, 0, sizeof room);
    assert_true(course_floats(COURSE_OWN, AHEAD) <= sizeof room / sizeof *room);
    struct course course = course_at(room, COURSE_OWN, AHEAD, AHEAD);
    for (size_t i = 1; i < ISSUES; i++) {
        size_t block = i / 3 % COURSE_BLOCKS;
        double value = error * sample_normal(&seed);
        if (i > AHEAD)
            course_come(&course, (double)(i - AHEAD), value, block);
        if (i >= ISSUES - SCORED)
            hits += fabs(value) <= 1.645 * said[i - AHEAD];
        *sd = said[i] = course_sd(&course, block, model_sd);
        course_issue(&course, (double)i, coefficients, features, 0, 0, said[i]);
    }
    return hits / SCORED;
}

static void test_a_model_that_is_far_too_modest_does_not_keep_the_band_wide(void **state)
{
    double sd;
    (void)state;
    assert_near(share_within(1.0, 20.0, &sd), 0.9, 0.05);
    assert_near(sd, 1.0, 0.4);
}

static void test_a_model_that_is_far_too_sure_does_not_keep_the_band_narrow(void **state)
{
    double sd;
    (void)state;
    assert_near(share_within(1, 0.05, &sd), 0.9, 0.05);
    assert_near(sd, 1.0, 0.4);
}

static void test_what_never_was_wrong_is_still_not_certain(void **state)
{
    double sd;
    (void)state;
    assert_true(share_within(0, 1, &sd) == 1);
    assert_true(sd > 0 && sd < 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_model_that_is_far_too_modest_does_not_keep_the_band_wide),
        cmocka_unit_test(test_a_model_that_is_far_too_sure_does_not_keep_the_band_narrow),
        cmocka_unit_test(test_what_never_was_wrong_is_still_not_certain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
