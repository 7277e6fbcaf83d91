/* What holds for every detector there is, and what each is there for. */
#include "check.h"

#include "twind/detector.h"

#include <stdlib.h>
#include <string.h>

struct probe {
    const struct detector *d;
    double params[DETECTOR_PARAMS_MAX];
    double state[DETECTOR_STATE_MAX / sizeof(double)];
    uint64_t seed;
};

static void begin(struct probe *p, const struct detector *d)
{
    memset(p, 0, sizeof *p);
    p->d = d;
    p->seed = 1;
    detectors_defaults(d, p->params);
}

/* Uniform in 0..1. */
static double draw(struct probe *p)
{
    p->seed = p->seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(p->seed >> 11) * 0x1p-53;
}

/* Nearly normal, mean 0, variance 1. */
static double noise(struct probe *p)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += draw(p);
    return sum;
}

static double step(struct probe *p, double time, double x)
{
    return detectors_step(p->d, p->params, p->state, time, &x, 1);
}

/* A day's course with noise, each five minutes. */
static double course(struct probe *p, int i)
{
    return 20 + 5 * sin(i * 2 * 3.14159265358979 / 288) + 0.3 * noise(p);
}

/* Each detector there is. */
#define EACH(d)                                                                            \
    const struct detector *const *d = detectors_all;                                       \
    *(d);                                                                                  \
    (d)++

static void test_a_detector_is_complete_and_found_by_its_name(void **state)
{
    (void)state;
    for (EACH(d)) {
        struct probe p;
        begin(&p, *d);
        assert_ptr_equal(detectors_find((*d)->name), *d);
        assert_true((*d)->n_params <= DETECTOR_PARAMS_MAX);
        assert_true((*d)->size(p.params, 1) <= DETECTOR_STATE_MAX);
        for (size_t i = 0; i < (*d)->n_params; i++) {
            const struct detector_row *row = &(*d)->params[i];
            assert_true(row->min <= row->value && row->value <= row->max);
        }
    }
    assert_null(detectors_find("nothing"));
}

static void test_a_parameter_is_set_by_name_within_its_limits(void **state)
{
    (void)state;
    struct err e;
    struct probe p;
    begin(&p, detectors_find("auto"));
    assert_true(detectors_set(p.d, p.params, "risk", 6, &e));
    assert_close(p.params[0], 6, 0);
    assert_false(detectors_set(p.d, p.params, "risk", 99, &e));
    assert_non_null(strstr(e.text, "99"));
    assert_false(detectors_set(p.d, p.params, "risk", NAN, &e));
    assert_false(detectors_set(p.d, p.params, "wish", 1, &e));
}

/* Any bits that a double can have, in values and times. */
static double any_double(struct probe *p)
{
    double x;
    uint64_t bits = (uint64_t)(draw(p) * 0x1p32) << 32 | (uint64_t)(draw(p) * 0x1p32);
    memcpy(&x, &bits, sizeof x);
    return draw(p) < 0.5 ? x : draw(p) < 0.9 ? floor(draw(p) * 5) : (double)NAN;
}

static void test_whatever_comes_the_score_is_in_0_to_1(void **state)
{
    (void)state;
    for (EACH(d)) {
        struct probe p;
        char text[DETECTOR_TEXT];
        begin(&p, *d);
        for (int i = 0; i < 20000; i++) {
            double time = any_double(&p), score = step(&p, time, any_double(&p));
            if (!(score >= 0 && score <= 1))
                fail_msg("%s: score %g at %d", (*d)->name, score, i);
            if (i % 100 == 0)
                detectors_explain(*d, p.params, p.state, text);
        }
    }
}

static void test_a_missing_value_changes_nothing(void **state)
{
    (void)state;
    for (EACH(d)) {
        static struct probe p, was;
        begin(&p, *d);
        for (int i = 0; i < 500; i++)
            step(&p, i * 300., course(&p, i));
        was = p;
        assert_close(step(&p, 0, NAN), 0, 0);
        assert_close(step(&p, 0, INFINITY), 0, 0);
        assert_memory_equal(&p, &was, sizeof p);
    }
}

static void test_scale_and_offset_are_the_same_to_it(void **state)
{
    (void)state;
    for (EACH(d)) {
        static struct probe plain, scaled, moved;
        begin(&plain, *d);
        begin(&scaled, *d);
        begin(&moved, *d);
        for (int i = 0; i < 288 * 10; i++) {
            double x = floor(course(&plain, i) * 1024) / 1024 + (i % 700 == 699 ? 9 : 0);
            double score = step(&plain, i * 300., x);
            assert_close(step(&scaled, i * 300., 8 * x), score, 1e-6);
            assert_close(step(&moved, i * 300., 3 * x + 7), score, 1e-6);
        }
    }
}

static void test_the_same_again_gives_the_same(void **state)
{
    (void)state;
    for (EACH(d)) {
        static struct probe a, b;
        begin(&a, *d);
        begin(&b, *d);
        for (int i = 0; i < 2000; i++)
            assert_close(step(&a, i * 60., course(&a, i)), step(&b, i * 60., course(&b, i)),
                         0);
        assert_memory_equal(&a, &b, sizeof a);
    }
}

static void test_a_signal_that_stands_still_is_no_anomaly(void **state)
{
    (void)state;
    for (EACH(d)) {
        struct probe p;
        begin(&p, *d);
        for (int i = 0; i < 5000; i++)
            assert_close(step(&p, i * 300., 0.1 * 3 + 7), 0, 0);
    }
}

/* The greatest score over `n` readings of noise, `shift` added to the last `last`. */
static double most(const char *name, int n, int last, double shift)
{
    struct probe p;
    double greatest = 0;
    begin(&p, detectors_find(name));
    for (int i = 0; i < n; i++) {
        bool moved = i >= n - last;
        double score = step(&p, i * 300., noise(&p) + (moved ? shift : 0));
        if (moved)
            greatest = fmax(greatest, score);
    }
    return greatest;
}

static void test_each_finds_what_it_is_there_for(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int last;
        double shift;
    } cases[] = {
        {"auto", 1, 12},   {"auto", 1, -12},  {"range", 1, 8},    {"range", 1, -8},
        {"ewma", 12, 3},   {"ewma", 12, -3},  {"cusum", 40, 1.5}, {"cusum", 40, -1.5},
        {"hampel", 1, 12}, {"spot", 1, 9},    {"spot", 1, -9},    {"seasonal", 1, 12},
        {"shapes", 1, 12}, {"forest", 1, 12}, {"forest", 1, -12},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double score = most(cases[i].name, 2400, cases[i].last, cases[i].shift);
        if (!(score >= 0.5))
            fail_msg("%s answers %g to a shift of %g", cases[i].name, score,
                     cases[i].shift);
    }
}

/* A beat that is left out lies where readings always lie, and it is the form that is new.
 */
static void test_shapes_finds_a_beat_that_is_left_out(void **state)
{
    (void)state;
    struct probe p;
    int alarms = 0, found = 0;
    begin(&p, detectors_find("shapes"));
    for (int i = 0; i < 4000; i++) {
        bool left_out = i >= 3000 && i < 3040;
        double beat = left_out ? 0 : sin(i * 0.314159265358979);
        bool alarm = step(&p, i, beat + 0.05 * noise(&p)) >= 0.5;
        alarms += i > 1000 && alarm;
        found += left_out && alarm;
    }
    assert_true(found >= 1);
    assert_true(alarms - found <= 2);
}

/* Each of the two is where it always is; together they are where they never were. */
static void test_forest_finds_two_signals_that_part(void **state)
{
    (void)state;
    struct probe p;
    int alarms = 0, found = 0;
    begin(&p, detectors_find("forest"));
    assert_true(p.d->size(p.params, 2) <= sizeof p.state);
    for (int i = 0; i < 4000; i++) {
        double a = sin(i * 0.1), b = i < 3500 ? a : -a;
        double values[] = {a + 0.05 * noise(&p), b + 0.05 * noise(&p)};
        bool alarm = detectors_step(p.d, p.params, p.state, i, values, 2) >= 0.5;
        alarms += i > 500 && i < 3500 && alarm;
        found += i >= 3500 && alarm;
    }
    assert_true(found >= 1);
    assert_true(alarms <= 3);
}

static void test_plain_noise_is_rarely_an_anomaly(void **state)
{
    (void)state;
    for (EACH(d)) {
        struct probe p;
        int alarms = 0;
        bool before = false;
        begin(&p, *d);
        for (int i = 0; i < 10000; i++) {
            bool alarm = step(&p, i * 300., noise(&p)) >= 0.5;
            alarms += alarm && !before;
            before = alarm;
        }
        if (alarms > 10)
            fail_msg("%s alarms %d times in 10000", (*d)->name, alarms);
    }
}

/* The night's least is 15, the day's most 25: 19 is seen each day, but not at noon. */
static void test_auto_knows_the_hour(void **state)
{
    (void)state;
    enum { NOON = 288 * 20 + 72 };
    struct probe p;
    struct err e;
    char text[DETECTOR_TEXT];
    int alarms = 0;
    begin(&p, detectors_find("auto"));
    for (int i = 0; i < NOON; i++)
        alarms += step(&p, i * 300., course(&p, i)) >= 0.5;
    assert_true(alarms <= 6);
    assert_true(detectors_set(p.d, p.params, "silence", 0, &e));
    assert_true(step(&p, NOON * 300., 19) >= 0.5);
    detectors_explain(p.d, p.params, p.state, text);
    assert_non_null(strstr(text, "value 19, usually 2"));
    assert_non_null(strstr(text, "at this hour"));
}

static void test_auto_says_an_anomaly_once(void **state)
{
    (void)state;
    struct probe p;
    int alarms = 0;
    begin(&p, detectors_find("auto"));
    for (int i = 0; i < 1000; i++)
        step(&p, i * 300., noise(&p));
    for (int i = 1000; i < 1030; i++)
        alarms += step(&p, i * 300., noise(&p) + 30) >= 0.5;
    assert_int_equal(alarms, 1);
}

/* A level that stays is one anomaly, and not one each `silence` readings. */
static void test_auto_says_a_new_level_once(void **state)
{
    (void)state;
    struct probe p;
    int alarms = 0;
    begin(&p, detectors_find("auto"));
    for (int i = 0; i < 2000; i++)
        step(&p, i * 300., noise(&p));
    for (int i = 2000; i < 3000; i++)
        alarms += step(&p, i * 300., noise(&p) + 30) >= 0.5;
    assert_true(alarms >= 1 && alarms <= 2);
}

/* Noises of mean 0: normal, even, one-sided, and one that remembers. */
static double noise_of(struct probe *p, int kind, double *before)
{
    switch (kind) {
    case 0:
        return noise(p);
    case 1:
        return draw(p);
    case 2:
        return -log(draw(p) + 1e-12);
    default:
        return *before = 0.9 * *before + noise(p);
    }
}

static int count_false_alarms(int kind, uint64_t seed, int n)
{
    struct probe p;
    double before = 0;
    int alarms = 0;
    begin(&p, detectors_find("auto"));
    p.seed = seed;
    for (int i = 0; i < n; i++)
        alarms += step(&p, i * 300., noise_of(&p, kind, &before)) >= 0.5;
    return alarms;
}

/* All its views together. */
static void test_auto_is_wrong_no_more_than_twice_as_often_as_its_risk(void **state)
{
    (void)state;
    enum { SEEDS = 8, N = 10000 };
    for (int kind = 0; kind < 4; kind++) {
        int alarms = 0;
        for (uint64_t seed = 1; seed <= SEEDS; seed++)
            alarms += count_false_alarms(kind, seed, N);
        if (alarms > 2 * SEEDS * N * pow(10, -3.6))
            fail_msg("noise %d: %d alarms in %d readings", kind, alarms, SEEDS * N);
    }
}

static void test_auto_notices_that_a_sensor_stands_still(void **state)
{
    (void)state;
    struct probe p;
    char text[DETECTOR_TEXT];
    int at = 0;
    begin(&p, detectors_find("auto"));
    for (int i = 0; i < 2000; i++)
        step(&p, i * 300., noise(&p));
    for (int i = 2000; i < 2200 && at == 0; i++)
        if (step(&p, i * 300., 0.1) >= 0.5)
            at = i - 2000;
    assert_true(at > 30 && at < 120);
    detectors_explain(p.d, p.params, p.state, text);
    assert_non_null(strstr(text, "readings without a change"));
}

/* A lamp that is off each night. */
static void test_auto_gets_used_to_what_stands_still_each_night(void **state)
{
    (void)state;
    struct probe p;
    int alarms = 0;
    begin(&p, detectors_find("auto"));
    for (int i = 0; i < 288 * 20; i++) {
        bool day = i % 288 >= 90 && i % 288 < 200;
        bool alarm = step(&p, i * 300., day ? 100 + noise(&p) : 0) >= 0.5;
        alarms += i >= 288 * 4 && alarm;
    }
    assert_true(alarms <= 4);
}

/* A week back, then three days missing. */
static void test_a_clock_that_steps_is_survived(void **state)
{
    (void)state;
    static const int days[] = {0, 1, 2, 3, 4, 5, 6, 7, 1, 2, 6, 7};
    struct probe p;
    int alarms = 0;
    begin(&p, detectors_find("auto"));
    for (size_t day = 0; day < sizeof days / sizeof *days; day++)
        for (int i = 0; i < 288; i++) {
            int at = 288 * days[day] + i;
            bool alarm = step(&p, at * 300., course(&p, at)) >= 0.5;
            alarms += alarm && day > 7;
        }
    assert_true(alarms <= 2);
}

/* Readings come when they like, or not at all for a day, or with no time that is known. */
static double irregular(struct probe *p, double time, int i)
{
    if (i % 1500 == 1499)
        return time + 86400;
    return time + 600 * draw(p);
}

static void test_auto_bears_gaps_and_readings_out_of_step(void **state)
{
    (void)state;
    struct probe p;
    double time = 0;
    int alarms = 0;
    begin(&p, detectors_find("auto"));
    for (int i = 0; i < 12000; i++) {
        time = irregular(&p, time, i);
        double x = 20 + 5 * sin(time * 2 * 3.14159265358979 / 86400) + 0.3 * noise(&p);
        alarms += step(&p, i % 97 == 0 ? (double)NAN : time, x) >= 0.5;
    }
    assert_true(alarms <= 10);
    assert_true(step(&p, time, 60) >= 0.5);
}

/* A clock that was a year ahead at first. */
static void test_auto_learns_the_day_though_the_clock_was_wrong_at_first(void **state)
{
    (void)state;
    enum { NOON = 288 * 20 + 72 };
    struct probe p;
    struct err e;
    begin(&p, detectors_find("auto"));
    assert_true(detectors_set(p.d, p.params, "silence", 0, &e));
    for (int i = 0; i < NOON; i++) {
        double ahead = i < 288 * 5 ? 365 * 86400. : 0;
        step(&p, i * 300. + ahead, course(&p, i));
    }
    assert_true(step(&p, NOON * 300., 19) >= 0.5);
}

static void test_auto_is_silent_while_it_is_young(void **state)
{
    (void)state;
    struct probe p;
    begin(&p, detectors_find("auto"));
    for (int i = 0; i < 100; i++)
        assert_true(step(&p, i * 300., i % 20 == 19 ? 1000 * noise(&p) : noise(&p)) < 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_detector_is_complete_and_found_by_its_name),
        cmocka_unit_test(test_a_parameter_is_set_by_name_within_its_limits),
        cmocka_unit_test(test_whatever_comes_the_score_is_in_0_to_1),
        cmocka_unit_test(test_a_missing_value_changes_nothing),
        cmocka_unit_test(test_scale_and_offset_are_the_same_to_it),
        cmocka_unit_test(test_the_same_again_gives_the_same),
        cmocka_unit_test(test_a_signal_that_stands_still_is_no_anomaly),
        cmocka_unit_test(test_each_finds_what_it_is_there_for),
        cmocka_unit_test(test_shapes_finds_a_beat_that_is_left_out),
        cmocka_unit_test(test_forest_finds_two_signals_that_part),
        cmocka_unit_test(test_plain_noise_is_rarely_an_anomaly),
        cmocka_unit_test(test_auto_knows_the_hour),
        cmocka_unit_test(test_auto_says_an_anomaly_once),
        cmocka_unit_test(test_auto_says_a_new_level_once),
        cmocka_unit_test(test_auto_is_wrong_no_more_than_twice_as_often_as_its_risk),
        cmocka_unit_test(test_auto_notices_that_a_sensor_stands_still),
        cmocka_unit_test(test_auto_gets_used_to_what_stands_still_each_night),
        cmocka_unit_test(test_auto_bears_gaps_and_readings_out_of_step),
        cmocka_unit_test(test_auto_learns_the_day_though_the_clock_was_wrong_at_first),
        cmocka_unit_test(test_auto_is_silent_while_it_is_young),
        cmocka_unit_test(test_a_clock_that_steps_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
