/* PMV and PPD against ISO 7730:2005, table D.1, and their own limits. */
#include "check.h"
#include "twind/comfort.h"

/* Three digits: the standard's equations iterated until they stand. */
static void test_votes_of_the_standard_are_met(void **state)
{
    (void)state;
    static const struct {
        struct comfort c;
        double vote, dissatisfied;
    } cases[] = {
        {{22.0, 22.0, 0.10, 60, 1.2, 0.5}, -0.7531, 16.943},
        {{27.0, 27.0, 0.10, 60, 1.2, 0.5}, 0.77, 17.4},
        {{27.0, 27.0, 0.30, 60, 1.2, 0.5}, 0.4328, 8.906},
        {{23.5, 25.5, 0.10, 60, 1.2, 0.5}, -0.01, 5.0},
        {{23.5, 25.5, 0.30, 60, 1.2, 0.5}, -0.5560, 11.473},
        {{19.0, 19.0, 0.10, 40, 1.2, 1.0}, -0.60, 12.6},
        {{23.5, 23.5, 0.30, 40, 1.2, 1.0}, 0.1194, 5.295},
        {{23.0, 21.0, 0.30, 40, 1.2, 1.0}, -0.1685, 5.589},
        {{22.0, 22.0, 0.10, 60, 1.6, 0.5}, 0.05, 5.1},
        {{27.0, 27.0, 0.10, 60, 1.6, 0.5}, 1.1703, 33.807},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double vote = comfort_vote(&cases[i].c);
        assert_close(vote, cases[i].vote, 0.01);
        assert_close(comfort_dissatisfied(vote), cases[i].dissatisfied, 0.35);
    }
    assert_close(comfort_vote(&cases[0].c), -0.7531, 1e-4);
    assert_close(comfort_dissatisfied(-0.7531), 16.943, 1e-2);
}

static void test_warmer_is_a_higher_vote(void **state)
{
    (void)state;
    double before = -INFINITY;
    for (int quarter = -80; quarter <= 240; quarter++) {
        double t = 0.25 * quarter;
        struct comfort c = {t, t, 0.1, 50.0, 1.2, 0.7};
        double vote = comfort_vote(&c);
        assert_true(isfinite(vote));
        assert_true(vote > before);
        before = vote;
    }
}

static void test_five_percent_are_never_content(void **state)
{
    (void)state;
    assert_close(comfort_dissatisfied(0.0), 5.0, 1e-12);
    assert_close(comfort_dissatisfied(10.0), 100.0, 1e-9);
    assert_close(comfort_dissatisfied(-1.5), comfort_dissatisfied(1.5), 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_votes_of_the_standard_are_met),
        cmocka_unit_test(test_warmer_is_a_higher_vote),
        cmocka_unit_test(test_five_percent_are_never_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
