/* What a forecast promises: the model's own future under the inputs that are to be
 * expected, made on time from what had been read by then, and never at the cost of the
 * twin. */
#include "check.h"
#include "world.h"

#include "twind/forecast.h"
#include "twind/forecast_block.h"
#include "twind/ridge.h"

static struct plan *seeing(double every, double horizon, double step)
{
    struct plan *plan = tank_plan();
    plan->forecast = (struct plan_forecast){every, horizon, step, NULL, 0};
    return plan;
}

static struct forecast *ask(const struct world *w, const struct forecast_request *request)
{
    struct forecast_work *work = forecast_work_new();
    struct forecast *to = forecast_new(w->plan->kind, request->n);
    forecast_make(work, w->twin, request, to);
    forecast_work_free(work);
    return to;
}

static void fill_tank(struct world *w)
{
    for (int i = 0; i < 20; i++) {
        say(w, 60 * i, 2, 1);
        say(w, 60 * i, 0, 30);
        say(w, 60 * i, 1, 20);
    }
}

static void test_a_twin_without_a_forecast_runs_on_as_it_is(void **state)
{
    (void)state;
    struct world w = begin(tank_plan());
    fill_tank(&w);
    double now = twin_head(w.twin)->time;
    struct forecast *f =
        ask(&w, &(struct forecast_request){.made = now, .step = 60, .n = 30});
    struct twin_scratch *scratch = twin_scratch_new();
    for (size_t k = 0; k < f->n; k++) {
        twin_advance(w.twin, now + 60.0 * (double)(k + 1), scratch);
        double expected = twin_estimate(w.twin, TANK_OUT_UPPER, NULL, scratch);
        assert_close(f->mean[TANK_OUT_UPPER * f->n + k], expected, 1e-12);
        assert_close(f->inputs[k], 1, 0);
    }
    assert_true(f->sd[f->n - 1] > f->sd[0] && f->sd[0] > 0);
    free(scratch);
    forecast_free(f);
    end(&w);
}

static void test_a_forecast_leaves_the_twin_as_it_was(void **state)
{
    (void)state;
    struct world w = begin(seeing(3600, 86400, 900));
    fill_tank(&w);
    char *before = mem_new(1, w.plan->block_size);
    memcpy(before, w.twin->block, w.plan->block_size);
    struct forecast *f =
        ask(&w, &(struct forecast_request){.made = start + 1200, .step = 900, .n = 96});
    assert_memory_equal(before, w.twin->block, w.plan->block_size);
    free(before);
    forecast_free(f);
    end(&w);
}

static void test_a_changed_input_counts_from_its_beginning_to_its_end(void **state)
{
    (void)state;
    struct world w = begin(seeing(3600, 86400, 900));
    fill_tank(&w);
    double made = start + 1200;
    struct forecast_change change = {0, made + 7200, made + 10800, 50};
    struct forecast_request request = {.made = made, .step = 3600, .n = 4};
    struct forecast *plain = ask(&w, &request);
    request.changes = &change;
    request.n_changes = 1;
    struct forecast *changed = ask(&w, &request);
    assert_close(changed->mean[1], plain->mean[1], 0);
    assert_close(changed->mean[2] + changed->mean[4 * TANK_OUT_LOWER + 2],
                 plain->mean[2] + plain->mean[4 * TANK_OUT_LOWER + 2] + 0.01 * 3600 * 49,
                 1e-6);
    assert_close(changed->inputs[1], 50, 0);
    assert_close(changed->inputs[2], 1, 0);
    forecast_free(plain);
    forecast_free(changed);
    end(&w);
}

static double weight_of(const struct twin *twin, size_t sensor)
{
    struct course courses[FORECAST_SENSORS][FORECAST_ANCHORS];
    forecast_courses(twin, courses);
    return ridge_weight(courses[sensor][0].moments);
}

static void test_what_was_learned_counts_half_when_the_model_is_another(void **state)
{
    (void)state;
    struct world w = begin(seeing(3600, 86400, 900));
    for (int i = 0; i < 2 * 96; i++)
        for (int s = 0; s < 3; s++)
            say(&w, 900 * i, (size_t)s, 20 + 5 * sin(i * 0.0654));
    size_t upper = w.plan->sensors[0].signal >= w.plan->kind->n_inputs ? 0 : 1;
    double learned = weight_of(w.twin, upper);
    assert_true(learned > 10);
    forecast_heed_params(w.twin);
    assert_close(weight_of(w.twin, upper), learned, 0);
    const double params[TANK_PARAMS] = {[TANK_LEAK] = 2e-3, [TANK_GAIN] = 0.01};
    struct plan *revised = plan_vary(w.plan, params);
    engine_revise(w.engine, w.twin, revised);
    plan_drop(revised);
    forecast_heed_params(w.twin);
    assert_near(weight_of(w.twin, upper), learned / 2, 1e-6);
    forecast_heed_params(w.twin);
    assert_near(weight_of(w.twin, upper), learned / 2, 1e-6);
    end(&w);
}

/* ---- the engine's forecasts ---- */

struct made {
    struct record record; /* first: it is the sink's context for the others */
    double at[64], tick, upper[64];
    size_t n;
};

static void on_forecast(void *context, struct twin *twin, const struct forecast *forecast)
{
    struct made *made = context;
    (void)twin;
    made->at[made->n % 64] = forecast->made;
    made->upper[made->n++ % 64] = forecast->mean[TANK_OUT_UPPER * forecast->n];
}

static double doubled(void *context, const struct twin *twin, size_t input, double time)
{
    (void)context, (void)twin, (void)input;
    return time < start + 7200 ? (double)NAN : 7;
}

static struct world foreseeing(struct plan *plan, struct made *made, forecast_known *known)
{
    struct err e;
    if (!plan_finish(plan, &e))
        fail_msg("%s", e.text);
    struct world w = {.record = mem_new(1, sizeof *w.record), .plan = plan};
    const struct engine_sink sink = {
        .context = made, .forecast = on_forecast, .known = known};
    w.engine = engine_new(&sink);
    engine_advance(w.engine, start);
    w.twin = engine_add(w.engine, "tank-1", "North tank", plan);
    return w;
}

static void test_forecasts_are_made_on_the_grid_from_what_was_read_by_then(void **state)
{
    (void)state;
    struct made made = {.n = 0};
    struct plan *plan = seeing(1800, 7200, 900);
    plan->step = 1e6; /* only readings move the clock */
    struct world w = foreseeing(plan, &made, NULL);
    for (int i = 0; i <= 90; i++) { /* start is 2400 s after a full hour */
        double level = i <= 20 ? 20 : 200;
        say(&w, 60 * i, 0, level);
        say(&w, 60 * i, 1, level);
    }
    assert_int_equal(made.n, 3);
    assert_close(made.at[0], start + 1200, 0);
    assert_close(made.at[1], start + 3000, 0);
    assert_close(made.upper[0], 20, 0.5); /* nothing of what came later */
    assert_true(made.upper[1] > 150);
    end(&w);
}

static void test_after_a_gap_the_last_forecast_is_made(void **state)
{
    (void)state;
    struct made made = {.n = 0};
    struct world w = foreseeing(seeing(3600, 7200, 900), &made, NULL);
    say(&w, 0, 0, 5);
    say(&w, 36000, 0, 5);
    engine_advance(w.engine, start + 36100);
    for (size_t i = 1; i < made.n; i++)
        assert_true(made.at[i] > made.at[i - 1]);
    assert_close(made.at[made.n - 1], start + 33600, 0);
    end(&w);
}

static void test_what_is_known_of_an_input_goes_before_all(void **state)
{
    (void)state;
    struct world w = begin(seeing(3600, 86400, 900));
    fill_tank(&w);
    struct forecast_request request = {
        .made = start + 1200, .step = 3600, .n = 4, .known = doubled};
    struct forecast *f = ask(&w, &request);
    assert_close(f->inputs[0], 1, 0); /* not known: as it is */
    assert_close(f->inputs[1], 7, 0);
    forecast_free(f);
    end(&w);
}

static void test_what_is_given_of_an_input_is_interpolated_and_replaced(void **state)
{
    (void)state;
    struct plan *plan = seeing(3600, 86400, 900);
    plan->forecast.given = mem_new(1, sizeof *plan->forecast.given);
    plan->forecast.n_given = 1;
    struct world w = begin(plan);
    fill_tank(&w);
    double times[] = {start, start + 14400}, values[] = {10, 50};
    struct forecast_request request = {.made = start + 1200, .step = 6000, .n = 3};
    forecast_give(w.twin, 0, times, values, 2);
    struct forecast *f = ask(&w, &request);
    assert_close(f->inputs[0], 30, 1e-3);
    assert_close(f->inputs[2], 1, 1e-4); /* beyond what was given */
    forecast_free(f);
    values[0] = values[1] = 3;
    forecast_give(w.twin, 0, times, values, 2);
    f = ask(&w, &request);
    assert_close(f->inputs[0], 3, 1e-6);
    forecast_free(f);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_learned_counts_half_when_the_model_is_another),
        cmocka_unit_test(test_a_twin_without_a_forecast_runs_on_as_it_is),
        cmocka_unit_test(test_a_forecast_leaves_the_twin_as_it_was),
        cmocka_unit_test(test_a_changed_input_counts_from_its_beginning_to_its_end),
        cmocka_unit_test(test_forecasts_are_made_on_the_grid_from_what_was_read_by_then),
        cmocka_unit_test(test_after_a_gap_the_last_forecast_is_made),
        cmocka_unit_test(test_what_is_known_of_an_input_goes_before_all),
        cmocka_unit_test(test_what_is_given_of_an_input_is_interpolated_and_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
