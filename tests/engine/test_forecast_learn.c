/* What is learned from the past of a twin: that the day comes again, how sure that is, and
 * that nothing is learned from what is yet to come. */
#include "check.h"
#include "world.h"

#include "twind/forecast.h"

enum { DIAL = TANK_INPUTS + TANK_OUT_DIAL, DAYS = 12, PER_DAY = 96 };

static const double day = 86400, two_pi = 6.283185307179586;

/* Forecasts of the dial beside what came. */
struct course {
    double error, persistence, hits, n; /* sums, six hours ahead, after four days */
    double last[16];                    /* means of the last forecast */
    double input;                       /* of the input, half a day ahead */
};

/* Nothing in the model knows of the day; the dial wanders about it. */
static double dial_at(double time)
{
    uint64_t seed = (uint64_t)(time / 900) * 7919 + 1;
    sample_uniform(&seed);
    return 50 + 10 * sin(two_pi * time / day) + 0.5 * sample_normal(&seed);
}

static double fill_at(double time)
{
    return fmod(time, day) < day / 2 ? 2 : 0;
}

static void on_forecast(void *context, struct twin *twin, const struct forecast *forecast)
{
    struct course *course = context;
    const double *mean = forecast->mean + TANK_OUT_DIAL * forecast->n;
    const double *sd = forecast->sd + TANK_OUT_DIAL * forecast->n;
    double came = dial_at(forecast->made + 6 * 3600.0);
    (void)twin;
    memcpy(course->last, mean, sizeof course->last);
    course->input = forecast->inputs[11];
    if (forecast->made < start + 4 * day)
        return;
    course->error += pow(mean[5] - came, 2);
    course->persistence += pow(dial_at(forecast->made) - came, 2);
    course->hits += fabs(mean[5] - came) <= 1.645 * sd[5];
    course->n++;
}

static struct world observing(struct course *course)
{
    struct err e;
    struct plan *plan = plan_new(&sample_tank);
    add_sensor(plan, DIAL);
    add_sensor(plan, 0);
    plan->step = 900;
    plan->forecast = (struct plan_forecast){3600, day, 3600, NULL, 0};
    if (!plan_finish(plan, &e))
        fail_msg("%s", e.text);
    struct world w = {.plan = plan};
    const struct engine_sink sink = {.context = course, .forecast = on_forecast};
    w.engine = engine_new(&sink);
    engine_advance(w.engine, start);
    w.twin = engine_add(w.engine, "tank-1", "North tank", plan);
    return w;
}

static void live_each(struct world *w, double from, double to, double dial_each)
{
    for (double t = from; t < to; t += 900) {
        say(w, t, 1, fill_at(start + t));
        if (fmod(t, dial_each) == 0)
            say(w, t, 0, dial_at(start + t));
    }
}

static void live(struct world *w, double from, double to)
{
    live_each(w, from, to, 900);
}

static void test_what_comes_every_day_is_foretold(void **state)
{
    (void)state;
    struct course course = {.n = 0};
    struct world w = observing(&course);
    live(&w, 0, DAYS * day);
    double share = sqrt(course.error / course.persistence);
    double within = course.hits / course.n;
    print_message("error %.3f of persistence's, %.0f %% in the band\n", share,
                  100 * within);
    assert_true(course.n > 150);
    assert_true(share < 0.12); /* the noise alone is 0.07 */
    assert_true(within > 0.84 && within < 0.97);
    end(&w);
}

static void
test_a_sensor_that_speaks_each_three_hours_is_foretold_in_between_too(void **state)
{
    (void)state;
    struct course course = {.n = 0};
    struct world w = observing(&course);
    live_each(&w, 0, DAYS * day, 3 * 3600.0);
    double share = sqrt(course.error / course.persistence);
    double within = course.hits / course.n;
    print_message("each three hours: error %.3f of persistence's, %.0f %% in the band\n",
                  share, 100 * within);
    assert_true(course.n > 150);
    assert_true(share < 1); /* of what would know the present */
    assert_true(within > 0.5);
    end(&w);
}

static void test_an_input_is_expected_as_it_usually_goes(void **state)
{
    (void)state;
    struct course course = {.n = 0};
    struct world w = observing(&course);
    double to = ceil(start / day) * day - start + 6 * day + 3 * 3600.0 + 950;
    live(&w, 0, to); /* three in the morning: on; in twelve hours off */
    assert_close(course.input, 0, 0.2);
    end(&w);
}

static void test_a_twin_knows_how_good_its_forecasts_were(void **state)
{
    (void)state;
    struct course course = {.n = 0};
    struct forecast_skill skill;
    struct world w = observing(&course);
    assert_false(forecast_skill(w.twin, TANK_OUT_DIAL, 6 * 3600.0, &skill));
    live(&w, 0, DAYS * day);
    assert_true(forecast_skill(w.twin, TANK_OUT_DIAL, 6 * 3600.0, &skill));
    assert_true(skill.n > 50);
    assert_true(skill.rmse < 0.3 * skill.persistence);
    assert_close(skill.within, 0.9, 0.08); /* the first days' bands are wide */
    assert_false(forecast_skill(w.twin, TANK_OUT_UPPER, 6 * 3600.0, &skill));
    end(&w);
}

static void test_nothing_is_learned_from_what_comes_later(void **state)
{
    (void)state;
    struct course one = {.n = 0}, other = {.n = 0};
    struct world w = observing(&one), v = observing(&other);
    double until = 5 * day + 1200; /* a full hour */
    live(&w, 0, until + 1);
    live(&v, 0, until + 1);
    double made = one.last[0];
    say(&w, until + 60, 0, 10); /* the first thing after the forecast's moment */
    say(&v, until + 60, 0, 90);
    assert_true(one.last[0] != made);
    assert_memory_equal(one.last, other.last, sizeof one.last);
    end(&w);
    end(&v);
}

static void test_what_was_learned_survives_a_new_rule(void **state)
{
    (void)state;
    struct course course = {.n = 0};
    struct world w = observing(&course);
    struct forecast_skill before, after;
    live(&w, 0, 3 * day);
    struct plan *plan = plan_new(&sample_tank);
    struct err e;
    add_sensor(plan, DIAL);
    add_sensor(plan, 0);
    add_rule(plan, "high", &rule_above, DIAL, 1e6);
    plan->forecast = (struct plan_forecast){7200, day, 900, NULL, 0};
    assert_true(plan_finish(plan, &e));
    char *layout = plan_layout(w.plan);
    struct twin twin = {.plan = plan, .block = mem_new(1, plan->block_size)};
    twin_start(&twin);
    assert_true(plan_adopt(plan, twin.block, layout, w.twin->block, w.plan->block_size));
    assert_true(forecast_skill(w.twin, TANK_OUT_DIAL, 3600, &before));
    assert_true(forecast_skill(&twin, TANK_OUT_DIAL, 3600, &after));
    assert_close(after.rmse, before.rmse, 0);
    free(layout);
    free(twin.block);
    plan_drop(plan);
    end(&w);
}

static void test_a_clock_that_was_set_does_no_harm(void **state)
{
    (void)state;
    struct course course = {.n = 0};
    struct forecast_skill skill;
    struct world w = observing(&course);
    live(&w, 0, 3 * day);
    engine_advance(w.engine, start + 2 * day);
    live(&w, 2 * day + 900, 4 * day);
    assert_true(forecast_skill(w.twin, TANK_OUT_DIAL, 6 * 3600.0, &skill));
    assert_true(isfinite(skill.rmse) && skill.rmse < skill.persistence);
    end(&w);
}

/* Bytes that forecasts add to a chain's block with its first outputs measured. */
static double size_of(size_t outputs, size_t inputs)
{
    struct err e;
    struct plan *plan = plan_new(&sample_chain);
    for (size_t i = 0; i < inputs; i++)
        add_sensor(plan, i);
    for (size_t i = 0; i < outputs; i++)
        add_sensor(plan, 1 + i);
    plan->forecast = (struct plan_forecast){3600, day, 900, NULL, 0};
    if (!plan_finish(plan, &e))
        fail_msg("%s", e.text);
    double size = (double)(plan->block_size - plan->at_forecast);
    plan_drop(plan);
    return size;
}

static void test_what_is_learned_takes_little_room(void **state)
{
    (void)state;
    double output = size_of(1, 0), outputs = size_of(9, 0);
    double input = size_of(0, 1);
    print_message("an input %.1f kB, an output %.1f kB, nine outputs %.1f kB\n",
                  1e-3 * input, 1e-3 * output, 1e-3 * outputs);
    assert_true(input < 12e3 && output < 20e3 && outputs < 200e3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_comes_every_day_is_foretold),
        cmocka_unit_test(
            test_a_sensor_that_speaks_each_three_hours_is_foretold_in_between_too),
        cmocka_unit_test(test_an_input_is_expected_as_it_usually_goes),
        cmocka_unit_test(test_a_twin_knows_how_good_its_forecasts_were),
        cmocka_unit_test(test_nothing_is_learned_from_what_comes_later),
        cmocka_unit_test(test_what_was_learned_survives_a_new_rule),
        cmocka_unit_test(test_a_clock_that_was_set_does_no_harm),
        cmocka_unit_test(test_what_is_learned_takes_little_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
