/* The generic kind in the real filter: any signal is followed from its first reading on. */
#include "check.h"
#include "twind/err.h"
#include "twind/kind.h"
#include "twind/mem.h"
#include "twind/twin.h"

#include <stdlib.h>
#include <string.h>

enum { SIGNALS_MAX = 3 };

struct lab {
    struct kind kind;
    struct twin twin;
    struct twin_scratch *scratch;
    void *room;
    double time;
    uint64_t seed;
    struct plan *plan;
};

static void lab_open(struct lab *lab, const struct kind_row *rows, size_t n)
{
    const struct kind *generic = kinds_find("generic");
    *lab = (struct lab){.time = 1.7e9, .seed = 5};
    lab->room = calloc(n, generic->declare_room);
    generic->declare(rows, n, lab->room, &lab->kind);
    lab->plan = plan_new(&lab->kind);
    lab->plan->sensors = mem_new(n, sizeof *lab->plan->sensors);
    lab->plan->n_sensors = n;
    for (size_t i = 0; i < n; i++)
        lab->plan->sensors[i] = plan_sensor_usual(&lab->kind, i);
    struct err e;
    if (!plan_finish(lab->plan, &e))
        fail_msg("%s", e.text);
    lab->twin = (struct twin){.plan = lab->plan, .block = calloc(1, lab->plan->block_size)};
    lab->scratch = twin_scratch_new();
    twin_start(&lab->twin);
    twin_begin(&lab->twin, lab->time);
}

static void lab_close(struct lab *lab)
{
    free(lab->scratch);
    free(lab->twin.block);
    plan_drop(lab->plan);
    free(lab->room);
}

static void lab_wait(struct lab *lab, double seconds)
{
    lab->time += seconds;
    twin_advance(&lab->twin, lab->time, lab->scratch);
}

static enum quality lab_read(struct lab *lab, size_t signal, double value)
{
    twin_sensors(&lab->twin)[signal].time = lab->time;
    return twin_measure(&lab->twin, signal, value, lab->scratch);
}

static double lab_estimate(struct lab *lab, size_t signal, double *sd)
{
    return twin_estimate(&lab->twin, signal, sd, lab->scratch);
}

static double noise(struct lab *lab) /* roughly normal, sd 1 */
{
    double sum = -6;
    for (int i = 0; i < 12; i++) {
        lab->seed = lab->seed * 6364136223846793005u + 1442695040888963407u;
        sum += (double)(lab->seed >> 11) / 9007199254740992.0;
    }
    return sum;
}

static void test_first_reading_sets_the_level_at_any_scale(void **state)
{
    (void)state;
    static const double values[] = {230, 1e6, 0.001, -40, 0, 3e-7, 1e11};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct lab lab;
        lab_open(&lab, &(struct kind_row){.name = "signal", .unit = ""}, 1);
        assert_int_equal(lab_read(&lab, 0, values[i]), QUALITY_GOOD);
        assert_close(lab_estimate(&lab, 0, NULL), values[i],
                     1e-6 * fabs(values[i]) + 1e-12);
        lab_wait(&lab, 60);
        assert_close(lab_estimate(&lab, 0, NULL), values[i], 1e-3 * fabs(values[i]) + 1e-9);
        lab_close(&lab);
    }
}

static void follow(double mean, double swing)
{
    struct lab lab;
    lab_open(&lab, &(struct kind_row){.name = "signal", .unit = ""}, 1);
    int rejected = 0;
    double sd = 0, squared = 0;
    for (int i = 0; i < 2000; i++) {
        lab_wait(&lab, 30);
        double truth = mean + swing * sin(i / 120.0);
        double error = lab_estimate(&lab, 0, &sd) - truth;
        squared += i > 200 ? error * error : 0;
        rejected += lab_read(&lab, 0, truth + 0.02 * swing * noise(&lab)) != QUALITY_GOOD;
    }
    assert_true(rejected < 20);
    assert_true(sqrt(squared / 1800) < 0.06 * swing);
    lab_close(&lab);
}

static void test_wandering_signal_is_followed_at_any_scale(void **state)
{
    (void)state;
    follow(230, 5);
    follow(1e6, 2e5);
    follow(0.001, 0.0005);
    follow(0, 10); /* through zero and back */
}

static void test_silence_makes_it_less_sure_but_does_not_carry_it_away(void **state)
{
    (void)state;
    struct lab lab;
    lab_open(&lab, &(struct kind_row){.name = "signal", .unit = "V"}, 1);
    for (int i = 0; i < 60; i++) { /* rising steadily, 60 in an hour */
        lab_read(&lab, 0, 100 + i);
        lab_wait(&lab, 60);
    }
    double soon, later, least = lab_estimate(&lab, 0, &soon);
    lab_wait(&lab, 86400);
    double after = lab_estimate(&lab, 0, &later);
    assert_true(least > 158 && least < 162);
    assert_true(after > least && after < least + 120);
    assert_true(later > 3 * soon && later < 2000);
    lab_close(&lab);
}

static void test_declared_noise_smooths(void **state)
{
    (void)state;
    struct lab lab;
    const struct kind_row row = {
        .name = "signal", .unit = "V", .min = 0, .max = 100, .noise = 5};
    lab_open(&lab, &row, 1);
    double squared = 0;
    for (int i = 0; i < 1000; i++) {
        lab_read(&lab, 0, 50 + 5 * noise(&lab));
        lab_wait(&lab, 10);
        double error = lab_estimate(&lab, 0, NULL) - 50;
        squared += i >= 200 ? error * error : 0;
    }
    assert_true(sqrt(squared / 800) < 2.5);
    lab_close(&lab);
}

static void test_every_reading_is_believed_for_there_is_no_model_to_contradict(void **state)
{
    (void)state;
    struct lab lab;
    lab_open(&lab, &(struct kind_row){.name = "power", .unit = "W"}, 1);
    for (int i = 0; i < 50; i++) { /* a switch: off, on, off */
        lab_wait(&lab, 10);
        assert_int_equal(lab_read(&lab, 0, 0), QUALITY_GOOD);
    }
    for (int i = 0; i < 50; i++) {
        lab_wait(&lab, 10);
        assert_int_equal(lab_read(&lab, 0, 2000), QUALITY_GOOD);
        assert_close(lab_estimate(&lab, 0, NULL), 2000, 1);
    }
    lab_wait(&lab, 10);
    assert_int_equal(lab_read(&lab, 0, 0), QUALITY_GOOD);
    assert_close(lab_estimate(&lab, 0, NULL), 0, 1);
    lab_close(&lab);
}

static void test_signals_do_not_disturb_each_other(void **state)
{
    (void)state;
    static const struct kind_row rows[SIGNALS_MAX] = {
        {.name = "a", .unit = "V"}, {.name = "b", .unit = ""}, {.name = "c", .unit = "W"}};
    struct lab alone, together;
    lab_open(&alone, &rows[1], 1);
    lab_open(&together, rows, SIGNALS_MAX);
    for (int i = 0; i < 50; i++) {
        double value = 1000 + 3 * i % 17;
        lab_read(&alone, 0, value);
        lab_read(&together, 1, value);
        lab_read(&together, 0, 230 - i);
        lab_wait(&alone, 20);
        lab_wait(&together, 20);
    }
    double sd_alone, sd_together;
    assert_close(lab_estimate(&together, 1, &sd_together),
                 lab_estimate(&alone, 0, &sd_alone), 1e-9);
    assert_near(sd_together, sd_alone, 1e-9);
    lab_close(&alone);
    lab_close(&together);
}

static void test_declared_rows_keep_name_unit_and_range(void **state)
{
    (void)state;
    struct lab lab;
    const struct kind_row row = {
        .name = "tank", .unit = "%", .min = 0, .max = 100, .noise = 0.3};
    lab_open(&lab, &row, 1);
    const struct kind_row *made = &lab.kind.outputs[0];
    assert_string_equal(made->name, "tank");
    assert_string_equal(made->unit, "%");
    assert_close(made->max, 100, 0);
    assert_close(made->noise, 0.3, 0);
    assert_true(made->flags & KIND_MEASURED);
    lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_reading_sets_the_level_at_any_scale),
        cmocka_unit_test(test_wandering_signal_is_followed_at_any_scale),
        cmocka_unit_test(test_silence_makes_it_less_sure_but_does_not_carry_it_away),
        cmocka_unit_test(test_declared_noise_smooths),
        cmocka_unit_test(
            test_every_reading_is_believed_for_there_is_no_model_to_contradict),
        cmocka_unit_test(test_signals_do_not_disturb_each_other),
        cmocka_unit_test(test_declared_rows_keep_name_unit_and_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
