/* The tail of a stream: what is rare, and how rare. */
#include "check.h"

#include "twind/tail.h"

static double draw(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return ((double)(*seed >> 11) + 0.5) * 0x1p-53;
}

static void test_nothing_is_rare_to_a_young_tail(void **state)
{
    (void)state;
    struct tail tail = {.n = 0};
    for (int i = 0; i < 99; i++) {
        assert_close(tail_surprise(&tail, 100), 0, 0);
        tail_learn(&tail, 1);
    }
    assert_true(isnan(tail_usual(&(struct tail){.n = 0})));
}

/* P(X > x) = exp(-x): its answer is within a decade and a half of it, of which the long
 * memory that it allows for takes half. */
static void test_the_surprise_of_an_exponential_stream_is_its_probability(void **state)
{
    (void)state;
    struct tail tail = {.n = 0};
    uint64_t seed = 1;
    for (int i = 0; i < 20000; i++)
        tail_learn(&tail, -log(draw(&seed)));
    assert_int_equal(tail.n, TAIL_PEAKS);
    assert_close(tail_surprise(&tail, 15), 15 / log(10), 1.5);
    assert_true(tail_surprise(&tail, 16) > tail_surprise(&tail, 15));
}

static void test_a_cluster_is_one_peak(void **state)
{
    (void)state;
    struct tail tail = {.n = 0};
    for (int i = 0; i < 10; i++)
        tail_learn(&tail, 10 + i % 3);
    for (int i = 0; i < 100; i++)
        tail_learn(&tail, -1);
    assert_int_equal(tail.n, 1);
    assert_close(tail.peaks[0], 12, 0.1);
}

static void test_what_has_been_said_is_no_surprise_until_it_was_back(void **state)
{
    (void)state;
    struct tail tail = {.n = 0};
    uint64_t seed = 1;
    for (int i = 0; i < 2000; i++)
        tail_learn(&tail, -log(draw(&seed)));
    assert_true(tail_surprise(&tail, 30) > 0);
    tail_say(&tail);
    tail_learn(&tail, 30);
    assert_close(tail_surprise(&tail, 40), 0, 0);
    tail_learn(&tail, 1);
    assert_true(tail_surprise(&tail, 40) > 0);
}

static void test_a_heavier_tail_is_less_surprised(void **state)
{
    (void)state;
    struct tail light = {.n = 0}, heavy = {.n = 0};
    uint64_t seed = 1;
    for (int i = 0; i < 5000; i++) {
        double u = draw(&seed);
        tail_learn(&light, -log(u));
        tail_learn(&heavy, pow(u, -0.45));
    }
    double twice = 2 * heavy.peaks[0], also = 2 * light.peaks[0];
    assert_true(tail_surprise(&heavy, twice) < tail_surprise(&light, also));
}

/* Peaks that nearly agree have an end, says their shape; nothing is impossible all the
 * same. */
static void test_nothing_is_impossible(void **state)
{
    (void)state;
    struct tail tail = {.n = 0};
    uint64_t seed = 1;
    for (int i = 0; i < 5000; i++)
        tail_learn(&tail, draw(&seed));
    assert_true(tail_surprise(&tail, 1.5) < 20);
    assert_close(tail_surprise(&tail, 1e30), TAIL_GREATEST, 0);
}

static void test_the_score_is_a_half_at_the_risk(void **state)
{
    (void)state;
    assert_close(tail_score(4, 4), 0.5, 0);
    assert_close(tail_score(0, 4), 0, 0);
    assert_true(tail_score(8, 4) > 0.5 && tail_score(1e9, 4) <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_rare_to_a_young_tail),
        cmocka_unit_test(test_the_surprise_of_an_exponential_stream_is_its_probability),
        cmocka_unit_test(test_a_cluster_is_one_peak),
        cmocka_unit_test(test_what_has_been_said_is_no_surprise_until_it_was_back),
        cmocka_unit_test(test_a_heavier_tail_is_less_surprised),
        cmocka_unit_test(test_nothing_is_impossible),
        cmocka_unit_test(test_the_score_is_a_half_at_the_risk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
