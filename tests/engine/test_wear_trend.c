/* Wear that is drawn at random is found, and its remaining time lies in the band. */
#include "check.h"
#include "twind/random.h"
#include "twind/wear_trend.h"

static const struct wear_prior prior = {
    .spread = 0.2, .noise = 0.003, .slope = 0.0015, .offset = 10, .scatter = 5};
static const double limit = 0.3, years = 3650; /* d */

/* A part: what is off from the start, and how it wears. */
struct part {
    double offset, bias, wear, slope;
    double noise; /* of the wear, per sqrt(day) */
    double scatter, echo, last;
    double wander; /* of offset and slope, in their priors' sd per sqrt(day) */
};

/* One more day of the part, and what is seen of it. The gain goes with the season. */
static void live(struct part *part, struct wear_trend *t, double day, struct random *random)
{
    double gain = 60 + 30 * cos(6.2832 * day / 365) + 15 * random_normal(random);
    part->offset += part->wander * prior.offset * random_normal(random);
    part->slope += part->wander * prior.slope * random_normal(random);
    part->wear += part->slope + part->noise * random_normal(random);
    part->last = part->echo * part->last +
                 part->scatter * sqrt(1 - part->echo * part->echo) * random_normal(random);
    wear_trend_advance(t, &prior, day);
    wear_trend_see(t, &prior, part->offset + gain * (part->bias + part->wear) + part->last,
                   gain);
}

static double sd_of(const struct wear_trend *t, size_t state)
{
    return sqrt(t->P[state * (WEAR_STATES + 1)]);
}

static void test_a_part_that_does_not_wear_stays_new(void **state)
{
    (void)state;
    struct random random = {3};
    int outside = 0, days = 0;
    for (int twin = 0; twin < 20; twin++) {
        struct part part = {.offset = 8, .bias = -0.15, .scatter = 8, .echo = 0.5};
        struct wear_trend t;
        wear_trend_start(&t, &prior, 0);
        for (double day = 1; day <= 365; day++, days++) {
            live(&part, &t, day, &random);
            outside += fabs(t.x[WEAR_LEVEL]) > 2 * sd_of(&t, WEAR_LEVEL);
        }
        const struct passage p = wear_trend_passage(&t, &prior, limit);
        assert_true(passage_quantile(&p, 0.5, years) > 300);
    }
    assert_true(outside < 0.1 * days);
}

static void test_wear_of_a_year_is_found_within_its_band(void **state)
{
    (void)state;
    struct random random = {5};
    for (int twin = 0; twin < 10; twin++) {
        struct part part = {
            .offset = -6, .bias = 0.1, .slope = 0.25 / 365, .scatter = 5, .echo = 0.3};
        struct wear_trend t;
        wear_trend_start(&t, &prior, 0);
        for (double day = 1; day <= 365; day++)
            live(&part, &t, day, &random);
        assert_close(t.x[WEAR_LEVEL], 0.25, 3 * sd_of(&t, WEAR_LEVEL));
        assert_true(sd_of(&t, WEAR_LEVEL) < 0.08);
        const struct passage p = wear_trend_passage(&t, &prior, limit);
        double left = passage_quantile(&p, 0.5, years);
        assert_true(left > 10 && left < 400); /* 73 days at this pace */
    }
}

/* The share of drawn parts whose limit was reached within the 90 % band of day 150.
 * All wear, sooner or later. */
static double coverage(double noise, double scatter, double echo, double wander,
                       uint64_t seed)
{
    struct random random = {seed};
    double inside = 0, n = 0;
    while (n < 400) {
        struct part part = {.slope = prior.slope * fabs(random_normal(&random)),
                            .bias = prior.spread * random_normal(&random),
                            .offset = prior.offset * random_normal(&random),
                            .noise = noise,
                            .scatter = scatter,
                            .echo = echo,
                            .wander = wander};
        struct wear_trend t;
        double day = 0;
        wear_trend_start(&t, &prior, day);
        while (++day <= 150 && part.wear < limit)
            live(&part, &t, day, &random);
        if (part.wear >= limit)
            continue;
        const struct passage p = wear_trend_passage(&t, &prior, limit);
        double least = passage_quantile(&p, 0.05, years),
               most = passage_quantile(&p, 0.95, years), left = 0;
        for (; part.wear < limit && left <= years; left++)
            part.wear += part.slope + noise * random_normal(&random);
        left = left > years ? (double)INFINITY : left;
        inside += left >= least && left <= most + 1;
        n++;
    }
    return inside / n;
}

static void test_nine_of_ten_limits_are_reached_within_the_band(void **state)
{
    (void)state;
    double usual = coverage(prior.noise, prior.scatter, 0, 0.018, 7);
    double restless = coverage(prior.noise, prior.scatter, 0.6, 0.018, 11);
    double even = coverage(0, prior.scatter, 0, 0, 13);
    print_message("coverage of the 90 %% band: %.3f; correlated noise: %.3f; even "
                  "wear: %.3f\n",
                  usual, restless, even);
    assert_close(usual, 0.9, 0.05);
    assert_close(restless, 0.9, 0.05);
    assert_true(even > 0.85);
}

static void test_a_service_resets_wear_and_keeps_what_is_known_of_the_rest(void **state)
{
    (void)state;
    struct random random = {9};
    struct part part = {.offset = 5, .slope = 0.002, .scatter = 5};
    struct wear_trend t;
    wear_trend_start(&t, &prior, 0);
    double day = 1;
    for (; day <= 150; day++)
        live(&part, &t, day, &random);
    assert_close(t.x[WEAR_LEVEL], 0.3, 0.1);
    double offset = t.x[WEAR_OFFSET];
    wear_trend_serve(&t, &prior, day);
    assert_close(t.x[WEAR_LEVEL], 0.0, 0);
    assert_close(t.x[WEAR_OFFSET], offset, 1e-12);
    part.wear = part.slope = 0;
    for (; day <= 300; day++)
        live(&part, &t, day, &random);
    assert_close(t.x[WEAR_LEVEL], 0.0, 2.5 * sd_of(&t, WEAR_LEVEL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_part_that_does_not_wear_stays_new),
        cmocka_unit_test(test_wear_of_a_year_is_found_within_its_band),
        cmocka_unit_test(test_nine_of_ten_limits_are_reached_within_the_band),
        cmocka_unit_test(test_a_service_resets_wear_and_keeps_what_is_known_of_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
