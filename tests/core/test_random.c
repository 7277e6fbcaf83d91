/* The generator against its published sequence, the distributions against their moments. */
#include "check.h"
#include "twind/random.h"

enum { DRAWS = 100000 };

/* The first outputs of splitmix64 from seed 1234567, as its authors' program prints them.
 */
static void test_the_sequence_is_that_of_splitmix64(void **state)
{
    (void)state;
    const uint64_t known[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                              UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
                              UINT64_C(16408922859458223821)};
    struct random random = {1234567};
    for (int i = 0; i < 5; i++)
        assert_true(random_bits(&random) == known[i]);
}

static void test_uniform_numbers_fill_their_interval_evenly(void **state)
{
    (void)state;
    struct random random = {1};
    double sum = 0, squares = 0, least = 1, most = 0;
    for (int i = 0; i < DRAWS; i++) {
        double u = random_uniform(&random);
        assert_true(u >= 0 && u < 1);
        sum += u, squares += u * u;
        least = fmin(least, u), most = fmax(most, u);
    }
    double mean = sum / DRAWS;
    assert_close(mean, 0.5, 0.004); /* 4 standard errors */
    assert_close(squares / DRAWS - mean * mean, 1.0 / 12, 0.001);
    assert_true(least < 1e-4 && most > 1 - 1e-4);
}

static void test_normal_numbers_have_the_moments_of_a_normal(void **state)
{
    (void)state;
    struct random random = {2};
    double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
    int beyond_2 = 0;
    for (int i = 0; i < DRAWS; i++) {
        double z = random_normal(&random);
        assert_true(isfinite(z));
        m1 += z, m2 += z * z, m3 += z * z * z, m4 += z * z * z * z;
        beyond_2 += fabs(z) > 2;
    }
    assert_close(m1 / DRAWS, 0, 4 * sqrt(1.0 / DRAWS));
    assert_close(m2 / DRAWS, 1, 4 * sqrt(2.0 / DRAWS));
    assert_close(m3 / DRAWS, 0, 4 * sqrt(15.0 / DRAWS));
    assert_close(m4 / DRAWS, 3, 4 * sqrt(96.0 / DRAWS));
    assert_close((double)beyond_2 / DRAWS, 0.0455, 0.003);
}

static void test_a_seed_gives_its_sequence_again(void **state)
{
    (void)state;
    struct random a = {42}, b = {42}, c = {43};
    int same = 0;
    for (int i = 0; i < 100; i++) {
        double x = random_normal(&a);
        assert_close(random_normal(&b), x, 0);
        same += random_normal(&c) == x;
    }
    assert_int_equal(same, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_sequence_is_that_of_splitmix64),
        cmocka_unit_test(test_uniform_numbers_fill_their_interval_evenly),
        cmocka_unit_test(test_normal_numbers_have_the_moments_of_a_normal),
        cmocka_unit_test(test_a_seed_gives_its_sequence_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
