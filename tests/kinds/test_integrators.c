/* Every kind, moved by every method. A new kind is tested without a new test. */
#include "check.h"
#include "twind/err.h"
#include "twind/motion.h"
#include "twind/twin.h"

#include <stdlib.h>
#include <string.h>

enum { DECLARED = 3, HOUR = 3600, ROW = 300 };

/* A life of a kind that is declared or has its own tables. */
struct probe {
    struct kind kind;
    void *room;
    double p[KIND_ROWS_MAX], u[KIND_ROWS_MAX], x[KIND_STATES_MAX], m[KIND_MEMORY_MAX];
    double time;
    uint64_t seed;
    struct motion motion;
};

static const struct kind_row declared[DECLARED] = {
    {.name = "voltage", .unit = "V", .help = "Mains", .noise = 0.5},
    {.name = "level", .unit = "%", .help = "Tank", .min = 0, .max = 100},
    {.name = "count", .unit = "", .help = "Visitors"},
};

static double random_unit(struct probe *probe) /* 0..1 */
{
    probe->seed = probe->seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(probe->seed >> 11) / 9007199254740992.0;
}

static struct kind_point point(const struct probe *probe)
{
    return (struct kind_point){probe->time, probe->p, probe->u, probe->x, probe->m};
}

static struct probe *probe_new(const struct kind *kind, enum motion_method method)
{
    struct probe *probe = calloc(1, sizeof *probe);
    probe->kind = *kind;
    probe->time = 1.7e9;
    probe->seed = 5;
    if (kind->declare) {
        probe->room = calloc(DECLARED, kind->declare_room);
        kind->declare(declared, DECLARED, probe->room, &probe->kind);
    }
    const struct kind *own = &probe->kind;
    for (size_t i = 0; i < own->n_params; i++)
        probe->p[i] = own->params[i].value;
    for (size_t i = 0; i < own->n_inputs; i++)
        probe->u[i] = own->inputs[i].value;
    for (size_t i = 0; i < own->n_states; i++)
        probe->x[i] = own->states[i].value;
    const struct kind_point at = point(probe);
    if (own->start)
        own->start(&at, probe->x, probe->m);
    motion_begin(&probe->motion, own, method);
    return probe;
}

static void probe_free(struct probe *probe)
{
    free(probe->room);
    free(probe);
}

/* Inputs anywhere; those that the model may control are so half the time. */
static void draw_inputs(struct probe *probe)
{
    for (size_t i = 0; i < probe->kind.n_inputs; i++) {
        const struct kind_row *row = &probe->kind.inputs[i];
        bool own = isnan(row->value) && random_unit(probe) < 0.5;
        double any = row->min + (row->max - row->min) * random_unit(probe);
        probe->u[i] = own ? (double)NAN : any;
    }
}

/* As on a changing day: by up to 20 sd of a usual sensor, or a fifth of the range. */
static void vary_inputs(struct probe *probe)
{
    for (size_t i = 0; i < probe->kind.n_inputs; i++) {
        const struct kind_row *row = &probe->kind.inputs[i];
        double most = row->noise > 0 ? 20 * row->noise : 0.2 * (row->max - row->min);
        double u = row->value + most * (2 * random_unit(probe) - 1);
        if (!isnan(row->value))
            probe->u[i] = fmin(fmax(u, row->min), row->max);
    }
}

static void hold(struct probe *probe)
{
    for (size_t i = 0; i < probe->kind.n_states; i++) {
        const struct kind_row *row = &probe->kind.states[i];
        if (!isfinite(probe->x[i]))
            fail_msg("%s: state %s is not finite", probe->kind.name, row->name);
        probe->x[i] = fmin(fmax(probe->x[i], row->min), row->max);
    }
}

/* Five minutes, at the end of which the kind's memory follows. Returns the steps. */
static int run_row(struct probe *probe, double longest)
{
    int steps = 0;
    double done = 0, begin = probe->time;
    for (; done < ROW; steps++) {
        struct kind_point at = point(probe);
        double most = fmin(longest, ROW - done);
        double taken = motion_step(&probe->motion, &at, most, probe->x);
        assert_true(taken > 0 && taken <= most);
        done += taken;
        probe->time = begin + done;
        hold(probe);
    }
    const struct kind_point at = point(probe);
    if (probe->kind.accumulate)
        probe->kind.accumulate(&at, ROW, probe->m);
    return steps;
}

static int run(struct probe *probe, int rows, double longest)
{
    int steps = 0;
    for (int i = 0; i < rows; i++)
        steps += run_row(probe, longest);
    return steps;
}

/* In each of its details. */
static void for_every_kind(void (*check)(const struct kind *kind))
{
    for (size_t i = 0; kinds_all[i]; i++) {
        const struct kind *const alone[] = {kinds_all[i], NULL};
        const struct kind *const *each = kinds_all[i]->details;
        for (each = each ? each : alone; *each; each++)
            check(*each);
    }
}

static void any_weather_stays_finite(const struct kind *kind)
{
    struct probe *probe = probe_new(kind, MOTION_ROSENBROCK);
    for (int i = 0; i < 500; i++) {
        draw_inputs(probe);
        run(probe, 3, motion_longest(kind, MOTION_ROSENBROCK));
    }
    probe_free(probe);
}

/* A day and more of changing weather, against Runge-Kutta in half the step that is stable.
 */
static void agrees(const struct kind *kind, enum motion_method method, double longest,
                   double share)
{
    struct probe *fine = probe_new(kind, MOTION_RK4), *probe = probe_new(kind, method);
    for (int i = 0; i < 120; i++) {
        vary_inputs(fine);
        memcpy(probe->u, fine->u, sizeof fine->u);
        run(fine, 3, fmin(kind->max_step / 2, 30));
        run(probe, 3, longest);
        for (size_t s = 0; s < probe->kind.n_states; s++) {
            const struct kind_row *row = &probe->kind.states[s];
            if (!(fabs(probe->x[s] - fine->x[s]) <= share * row->spread))
                fail_msg("%s by %s: %s is %g, by fine steps %g", kind->name,
                         motion_names[method], row->name, probe->x[s], fine->x[s]);
        }
    }
    probe_free(fine);
    probe_free(probe);
}

static void methods_agree(const struct kind *kind)
{
    agrees(kind, MOTION_ROSENBROCK, motion_longest(kind, MOTION_ROSENBROCK), 0.05);
    agrees(kind, MOTION_RK4, motion_longest(kind, MOTION_RK4), 0.05);
    agrees(kind, MOTION_EULER, motion_longest(kind, MOTION_EULER) / 4, 0.05);
}

/* In steps of five minutes, by what is chosen for them. */
static void a_year_passes(const struct kind *kind)
{
    struct probe *probe = probe_new(kind, motion_choose(kind, MOTION_AUTO, ROW));
    double longest = motion_longest(&probe->kind, probe->motion.method);
    int steps = 0;
    for (int hour = 0; hour < 365 * 24; hour++) {
        vary_inputs(probe);
        steps += run(probe, HOUR / ROW, longest);
    }
    assert_in_range(steps, 365 * 24 * HOUR / ROW, 5 * 365 * 24 * HOUR / ROW);
    probe_free(probe);
}

static double observe(const struct probe *probe, size_t output)
{
    const struct kind_point at = point(probe);
    return probe->kind.observe(&at, output);
}

/* By steps of `longest`, after each of which the memory follows. */
static void run_followed(struct probe *probe, double span, double longest)
{
    for (double done = 0; done < span;) {
        struct kind_point at = point(probe);
        double taken =
            motion_step(&probe->motion, &at, fmin(longest, span - done), probe->x);
        done += taken;
        probe->time += taken;
        hold(probe);
        at = point(probe);
        at.x = motion_mean(&probe->motion, probe->x);
        if (probe->kind.accumulate)
            probe->kind.accumulate(&at, taken, probe->m);
    }
}

/* What the memory sums up in steps of five minutes is what it sums up in steps of 20 s, to
 * 2 %: of two days, the totals at noon and in the last hour. */
static void totals_do_not_depend_on_steps(const struct kind *kind)
{
    struct probe *fine = probe_new(kind, MOTION_RK4),
                 *coarse = probe_new(kind, MOTION_ROSENBROCK);
    fine->time = coarse->time = 1.7e9 - fmod(1.7e9, 86400);
    for (int quarter = 1; quarter <= 2 * 96; quarter++) {
        vary_inputs(fine);
        memcpy(coarse->u, fine->u, sizeof fine->u);
        run_followed(fine, 900, fmin(kind->max_step, 20));
        run_followed(coarse, 900, motion_longest(kind, MOTION_ROSENBROCK));
        for (size_t i = 0; quarter % 96 % 47 == 1 && i < kind->n_outputs; i++) {
            if (!(kind->outputs[i].flags & (KIND_DAILY | KIND_CUMULATIVE)))
                continue;
            double exact = observe(fine, i), total = observe(coarse, i);
            double most = 0.02 * fabs(exact) + 1e-3;
            if (quarter % 96 > 1 && !(fabs(total - exact) <= most))
                fail_msg("%s: %s is %g in long steps, %g in short ones", kind->name,
                         kind->outputs[i].name, total, exact);
        }
    }
    probe_free(fine);
    probe_free(coarse);
}

#define EVERY(check)                                                                       \
    static void test_##check(void **state)                                                 \
    {                                                                                      \
        (void)state;                                                                       \
        for_every_kind(check);                                                             \
    }

EVERY(any_weather_stays_finite)
EVERY(methods_agree)
EVERY(a_year_passes)
EVERY(totals_do_not_depend_on_steps)

/* A twin with nothing bound, over gaps of an hour with other inputs after each. */
static void pass_hours(enum motion_method integrator, double *outputs)
{
    struct err e;
    struct plan *plan = plan_new(kinds_find("greenhouse"));
    plan->integrator = integrator;
    assert_true(plan_finish(plan, &e));
    struct twin_scratch *scratch = twin_scratch_new();
    struct twin twin = {.plan = plan, .id = "t", .name = "t"};
    twin.block = calloc(1, plan->block_size);
    twin_start(&twin);
    twin_begin(&twin, 1.7e9);
    for (int i = 1; i <= 24; i++) {
        twin_set_input(&twin, plan_signal(plan->kind, "solar_irradiance"), 50 * (i % 9));
        twin_set_input(&twin, plan_signal(plan->kind, "outdoor_temperature"), i % 7);
        twin_advance(&twin, 1.7e9 + 3600 * i, scratch);
    }
    for (size_t i = 0; i < plan->kind->n_outputs; i++)
        outputs[i] = twin_estimate(&twin, i, NULL, scratch);
    free(twin.block);
    free(scratch);
    plan_drop(plan);
}

static void test_a_twin_passes_hours_alike_by_any_method(void **state)
{
    (void)state;
    const struct kind *kind = kinds_find("greenhouse");
    double rk4[KIND_ROWS_MAX], other[KIND_ROWS_MAX];
    static const enum motion_method others[] = {MOTION_AUTO, MOTION_EULER,
                                                MOTION_ROSENBROCK};
    pass_hours(MOTION_RK4, rk4);
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
        pass_hours(others[k], other);
        for (size_t i = 0; i < kind->n_outputs; i++)
            if (fabs(other[i] - rk4[i]) > 0.01 * fabs(rk4[i]) + 0.02)
                fail_msg("%s: %s is %g, by rk4 %g", motion_names[others[k]],
                         kind->outputs[i].name, other[i], rk4[i]);
    }
}

static void test_short_spans_are_explicit_and_long_ones_implicit(void **state)
{
    (void)state;
    const struct kind stiff = {.max_step = 20}, slow = {.max_step = 600};
    assert_int_equal(motion_choose(&stiff, MOTION_AUTO, 10), MOTION_RK4);
    assert_int_equal(motion_choose(&stiff, MOTION_AUTO, 900), MOTION_ROSENBROCK);
    assert_int_equal(motion_choose(&slow, MOTION_AUTO, 1e6), MOTION_RK4);
    assert_int_equal(motion_choose(&stiff, MOTION_EULER, 1e6), MOTION_EULER);
    assert_close(motion_longest(&stiff, MOTION_RK4), 20, 0);
    assert_true(motion_longest(&stiff, MOTION_EULER) < 20);
    assert_close(motion_longest(&stiff, MOTION_ROSENBROCK), KIND_STEP_MAX, 0);
    assert_close(motion_longest(&slow, MOTION_ROSENBROCK), 600, 0);
}

static void test_methods_have_names(void **state)
{
    (void)state;
    enum motion_method method = MOTION_AUTO;
    assert_true(motion_find("rosenbrock", &method));
    assert_int_equal(method, MOTION_ROSENBROCK);
    assert_false(motion_find("Rosenbrock", &method));
    assert_false(motion_find("", &method));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_weather_stays_finite),
        cmocka_unit_test(test_methods_agree),
        cmocka_unit_test(test_a_year_passes),
        cmocka_unit_test(test_totals_do_not_depend_on_steps),
        cmocka_unit_test(test_a_twin_passes_hours_alike_by_any_method),
        cmocka_unit_test(test_short_spans_are_explicit_and_long_ones_implicit),
        cmocka_unit_test(test_methods_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
