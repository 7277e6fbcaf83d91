/* Whether the probability of a deviation means what it says, for innovations as they should
 * be and as they are. */
#include "check.h"

#include "twind/random.h"
#include "twind/rule.h"

#include <math.h>
#include <string.h>

enum { PROBABILITY, WINDOW };
enum { SENSORS = 4, EVERY = 300, HOUR = 3600 / EVERY, DAY = 24 * HOUR };

/* Sensors whose innovations have a given sd and are an AR(1) process. */
struct scene {
    const struct rule_type *type;
    double params[RULE_PARAMS_MAX], state[RULE_STATE_MAX];
    struct random random;
    double sd, correlation, last[SENSORS];
    size_t n; /* sensors; 1: a rule on one signal */
    double time;
};

static struct scene scene_new(size_t n, double sd, double correlation, uint64_t seed)
{
    struct scene s = {.type = rules_find("deviation"),
                      .random = {seed},
                      .sd = sd,
                      .correlation = correlation,
                      .n = n,
                      .time = 1e9};
    s.params[PROBABILITY] = s.type->params[PROBABILITY].value;
    s.params[WINDOW] = s.type->params[WINDOW].value;
    assert_true(rule_state_size(s.type, s.params, n) <= RULE_STATE_MAX);
    return s;
}

/* A reading of each sensor; `bias` is added to the first's, in units of its sd. */
static struct rule_verdict next(struct scene *s, double bias)
{
    struct rule_sensor sensors[SENSORS];
    double fresh = sqrt(1 - s->correlation * s->correlation);
    s->time += EVERY;
    for (size_t i = 0; i < s->n; i++) {
        s->last[i] = s->correlation * s->last[i] + fresh * random_normal(&s->random);
        double z = s->last[i] + (i == 0 ? bias : 0);
        sensors[i] = (struct rule_sensor){s->time, s->sd * z, true};
    }
    struct rule_input in = {.time = s->time,
                            .sensors = sensors,
                            .n_sensors = s->n,
                            .n = s->n == 1,
                            .fresh = true};
    return s->type->step(s->params, s->state, &in);
}

/* The share of moments, after some days, of which the probability is below `limit`. */
static double share_below(struct scene *s, double limit, int days)
{
    int below = 0;
    for (int i = 0; i < 5 * DAY; i++)
        next(s, 0);
    for (int i = 0; i < days * DAY; i++)
        below += next(s, 0).value < limit;
    return (double)below / (days * DAY);
}

static void test_probability_is_that_of_chance_where_the_model_is_true(void **state)
{
    (void)state;
    struct scene s = scene_new(1, 1, 0, 1);
    double share = share_below(&s, 0.01, 200);
    assert_true(share > 0.004 && share < 0.02);
}

static void test_probability_counts_variance_and_autocorrelation(void **state)
{
    (void)state;
    static const struct {
        double sd, correlation;
    } cases[] = {{0.2, 0}, {2, 0}, {0.5, 0.9}, {1.5, -0.5}, {1, 0.97}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scene s = scene_new(1, cases[i].sd, cases[i].correlation, 2 + i);
        double share = share_below(&s, 0.01, 200);
        if (share < 0.002 || share > 0.03)
            fail_msg("sd %g, correlation %g: %g instead of 0.01", cases[i].sd,
                     cases[i].correlation, share);
    }
}

static void test_a_pessimistic_filter_hides_no_fault(void **state)
{
    (void)state;
    struct scene s = scene_new(1, 0.15, 0, 9);
    for (int i = 0; i < 10 * DAY; i++)
        assert_int_not_equal(next(&s, 0).answer, RULE_UP);
    int steps = 0;
    while (next(&s, 3).answer != RULE_UP) /* a tenth of what the model has for possible */
        assert_true(++steps < HOUR);
    for (int i = 0; i < 12 * HOUR; i++)
        next(&s, 0);
    assert_int_equal(next(&s, 0).answer, RULE_DOWN);
}

static void test_a_fault_is_not_soon_learned(void **state)
{
    (void)state;
    struct scene s = scene_new(1, 1, 0.5, 10);
    for (int i = 0; i < 10 * DAY; i++)
        next(&s, 0);
    for (int i = 0; i < 2 * HOUR; i++)
        next(&s, 6);
    for (int i = 0; i < 5 * DAY; i++)
        assert_int_equal(next(&s, 6).answer, RULE_UP);
}

static void test_until_it_is_warm_the_model_is_believed(void **state)
{
    (void)state;
    struct scene s = scene_new(1, 1, 0, 11);
    for (int i = 0; i < 2 * HOUR; i++)
        assert_int_not_equal(next(&s, 0).answer, RULE_UP);
    int steps = 0;
    while (next(&s, 8).answer != RULE_UP)
        assert_true(++steps < HOUR);
}

static void test_the_twin_names_the_sensor_that_deviates(void **state)
{
    (void)state;
    static const char *const names[SENSORS] = {"a", "b", "c", "d"};
    char text[RULE_REASON];
    struct scene s = scene_new(SENSORS, 0.5, 0.3, 12);
    assert_int_equal(next(&s, 0).answer, RULE_UNKNOWN); /* nothing is usual yet */
    for (int i = 0; i < 10 * DAY; i++)
        assert_int_not_equal(next(&s, 0).answer, RULE_UP);
    int steps = 0;
    while (next(&s, 4).answer != RULE_UP)
        assert_true(++steps < HOUR);
    s.type->explain(s.params, s.state, names, SENSORS, text);
    assert_non_null(strstr(text, "mostly a ("));
}

static void test_many_small_deviations_add_up_on_the_twin(void **state)
{
    (void)state;
    struct scene all = scene_new(SENSORS, 1, 0, 13), one = scene_new(1, 1, 0, 14);
    for (int i = 0; i < 20 * DAY; i++) {
        next(&all, 0);
        next(&one, 0);
    }
    all.sd = one.sd = 1.7;
    double least[2] = {1, 1};
    for (int i = 0; i < 3 * HOUR; i++) {
        least[0] = fmin(least[0], next(&all, 0).value);
        least[1] = fmin(least[1], next(&one, 0).value);
    }
    assert_true(least[0] < 1e-3 * least[1]);
}

static void test_a_sensor_that_is_silent_does_not_speak_for_the_twin(void **state)
{
    (void)state;
    struct scene s = scene_new(2, 1, 0, 15);
    for (int i = 0; i < 10 * DAY; i++)
        next(&s, 0);
    for (int i = 0; i < HOUR; i++)
        next(&s, 6);
    assert_int_equal(next(&s, 6).answer, RULE_UP);
    enum rule_answer answer = RULE_UP;
    for (int i = 0; i < 12 * HOUR; i++) {
        struct rule_sensor sensors[] = {{s.time, 6, false}, {s.time += EVERY, 0.5, true}};
        struct rule_input in = {
            .time = s.time, .sensors = sensors, .n_sensors = 2, .fresh = true};
        answer = s.type->step(s.params, s.state, &in).answer;
    }
    assert_int_equal(answer, RULE_DOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probability_is_that_of_chance_where_the_model_is_true),
        cmocka_unit_test(test_probability_counts_variance_and_autocorrelation),
        cmocka_unit_test(test_a_pessimistic_filter_hides_no_fault),
        cmocka_unit_test(test_a_fault_is_not_soon_learned),
        cmocka_unit_test(test_until_it_is_warm_the_model_is_believed),
        cmocka_unit_test(test_the_twin_names_the_sensor_that_deviates),
        cmocka_unit_test(test_many_small_deviations_add_up_on_the_twin),
        cmocka_unit_test(test_a_sensor_that_is_silent_does_not_speak_for_the_twin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
