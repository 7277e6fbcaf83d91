/* A house of two tanks with sensors lives for weeks, is well, and then is not: what is
 * found, what it is called, and that nothing is where nothing is wrong. */
#include "check.h"
#include "world.h"

#include "twind/isolate.h"

enum { DAYS_WELL = 12, EVERY = 600 };
enum { SENSOR_FILL, SENSOR_UPPER, SENSOR_LOWER, SENSORS };

static const struct kind_fault faults[] = {
    {"pump_fails", "the pump does not fill", {{KIND_INPUT_IS, TANK_FILL, 0}}},
    {"leak", "the upper tank leaks", {{KIND_STATE_GAINS, TANK_UPPER, -6}}},
};

static enum rule_isolation isolates(const double *params)
{
    return params[0] > 0 ? RULE_ISOLATES_AND_EXCLUDES : RULE_ISOLATES;
}

static const struct rule_type rule_isolating = {.name = "isolating",
                                                .scope = RULE_ON_TWIN,
                                                .isolates = isolates,
                                                .n_state = 1,
                                                .step = tally,
                                                .message = ""};

/* The truth, and what befalls it. */
struct life {
    struct world world;
    struct kind kind;
    uint64_t seed;
    double time, x[TANK_STATES], fill;
    double bias, drift, noise, times, spike; /* of the upper sensor */
    double leak, pump;                       /* l/h; share of what is told */
    bool stuck, silent;
    double held;
};

static struct life *begin_life(uint64_t seed, bool excludes)
{
    struct life *life = mem_new(1, sizeof *life);
    life->kind = sample_tank;
    life->kind.faults = faults;
    life->kind.n_faults = 2;
    struct plan *plan = plan_new(&life->kind);
    plan->sensors = mem_new(SENSORS, sizeof *plan->sensors);
    plan->n_sensors = SENSORS;
    plan->sensors[SENSOR_FILL] = plan_sensor_usual(&life->kind, TANK_FILL);
    plan->sensors[SENSOR_FILL].sd = 0.1;
    plan->sensors[SENSOR_UPPER] = plan_sensor_usual(&life->kind, UPPER);
    plan->sensors[SENSOR_LOWER] = plan_sensor_usual(&life->kind, LOWER);
    plan->step = EVERY;
    add_rule(plan, "fault", &rule_isolating, UPPER, excludes)->n_subjects = 0;
    life->world = begin(plan);
    life->seed = seed;
    life->time = start;
    life->times = life->pump = 1;
    life->x[TANK_UPPER] = 60;
    life->x[TANK_LOWER] = 60;
    return life;
}

static void end_life(struct life *life)
{
    end(&life->world);
    free(life);
}

static void move(struct life *life)
{
    enum { PIECES = 10 };
    const double params[] = {1e-3, 0.01};
    double memory[1] = {0}, dt = (double)EVERY / PIECES, real = life->fill * life->pump;
    for (int i = 0; i < PIECES; i++) {
        double dx[TANK_STATES];
        struct kind_point at = {life->time, params, &real, life->x, memory};
        tank_derive(&at, dx);
        dx[TANK_UPPER] -= life->leak / 3600;
        for (int k = 0; k < TANK_TOTAL; k++)
            life->x[k] += dx[k] * dt + 0.5 * sqrt(dt / 3600) * sample_normal(&life->seed);
    }
    life->time += EVERY;
}

static double shown(struct life *life)
{
    double value = life->x[TANK_UPPER] + 0.5 * sample_normal(&life->seed);
    value = life->times * value + life->bias + life->noise * sample_normal(&life->seed);
    if (life->spike != 0 && sample_uniform(&life->seed) < 0.1)
        value += life->spike;
    life->bias += life->drift * EVERY / 3600;
    return life->held = life->stuck ? life->held : value;
}

static void live(struct life *life, double days)
{
    for (double until = life->time + days * 86400; life->time < until;) {
        /* a pump that runs for an hour or two, and back: nothing is ever still */
        life->fill = sin(life->time / 2400) > 0 ? 0.5 : -0.5;
        double lower = life->x[TANK_LOWER] + 0.5 * sample_normal(&life->seed);
        struct engine_reading readings[] = {
            {SENSOR_FILL, life->time, life->fill, false, true},
            {SENSOR_LOWER, life->time, lower, false, true},
            {SENSOR_UPPER, life->time, shown(life), false, true},
        };
        engine_advance(life->world.engine, life->time);
        engine_apply(life->world.engine, life->world.twin, readings, life->silent ? 2 : 3);
        move(life);
    }
}

static double chance_of(const struct life *life)
{
    struct rule_fault found[8];
    size_t n = isolate_faults(life->world.twin, found, 8);
    double chance = 1;
    for (size_t i = 0; i < n; i++)
        chance = fmin(chance, found[i].chance);
    return chance;
}

/* Within so many days the fault is found; the likeliest so many days later. */
static struct rule_fault find(struct life *life, double days, double later)
{
    struct rule_fault found[8] = {{.name = ""}};
    for (double lived = 0; lived < days && chance_of(life) > 0.01; lived += 1.0 / 24)
        live(life, 1.0 / 24);
    assert_true(chance_of(life) <= 0.01);
    live(life, later);
    isolate_faults(life->world.twin, found, 8);
    return found[0];
}

static void test_nothing_is_found_where_nothing_is_wrong(void **state)
{
    (void)state;
    size_t days = 0;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct life *life = begin_life(seed, true);
        live(life, 8);
        for (int day = 0; day < 30; day++) {
            live(life, 1);
            days += chance_of(life) <= 0.01;
        }
        end_life(life);
    }
    assert_true(days <= 1);
}

static void test_bias_of_a_sensor_is_found_with_its_size_and_time(void **state)
{
    (void)state;
    struct life *life = begin_life(4, true);
    live(life, DAYS_WELL);
    double since = life->time;
    life->bias = 5;
    struct rule_fault found = find(life, 1, 0);
    assert_string_equal(found.name, "upper:bias");
    assert_true(found.probability > 0.5);
    assert_close(found.size, 5, 1.5);
    assert_close(found.since, since, 7200);
    assert_int_equal(found.sensor, SENSOR_UPPER);
    end_life(life);
}

static void test_estimate_goes_on_without_the_guilty_sensor_until_it_is_well(void **state)
{
    (void)state;
    struct life *life = begin_life(5, true);
    live(life, DAYS_WELL);
    life->bias = 8;
    live(life, 0.5);
    struct twin *twin = life->world.twin;
    assert_true(isolate_excludes(twin, SENSOR_UPPER));
    assert_int_equal(twin_sensors(twin)[SENSOR_UPPER].quality, QUALITY_REJECTED);
    double estimate =
        twin_estimate(twin, TANK_OUT_UPPER, NULL, engine_scratch(life->world.engine));
    assert_close(estimate, life->x[TANK_UPPER], 3);
    life->bias = 0;
    live(life, 1);
    assert_false(isolate_excludes(twin, SENSOR_UPPER));
    assert_int_equal(twin_sensors(twin)[SENSOR_UPPER].quality, QUALITY_GOOD);
    end_life(life);
}

static void test_leak_is_not_taken_for_a_sensor(void **state)
{
    (void)state;
    struct life *life = begin_life(6, true);
    live(life, DAYS_WELL);
    life->leak = 12;
    struct rule_fault found = find(life, 1, 0.25);
    assert_string_equal(found.name, "leak");
    assert_close(found.size, 2, 0.8);
    assert_true(found.sensor == SIZE_MAX);
    end_life(life);
}

static void test_pump_that_does_not_obey_is_found(void **state)
{
    (void)state;
    struct life *life = begin_life(7, true);
    live(life, DAYS_WELL);
    life->pump = 0;
    assert_string_equal(find(life, 2, 0.25).name, "pump_fails");
    end_life(life);
}

static void test_sensors_are_found_out_by_their_readings(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double noise, spike;
        bool stuck, silent;
    } cases[] = {
        {"upper:stuck", 0, 0, true, false},
        {"upper:silent", 0, 0, false, true},
        {"upper:noise", 4, 0, false, false},
        {"upper:spike", 0, 15, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct life *life = begin_life(20 + i, true);
        live(life, DAYS_WELL);
        life->noise = cases[i].noise;
        life->spike = cases[i].spike;
        life->stuck = cases[i].stuck;
        life->silent = cases[i].silent;
        assert_string_equal(find(life, 1.5, 0.25).name, cases[i].name);
        end_life(life);
    }
}

static void test_other_unit_is_called_by_its_name(void **state)
{
    (void)state;
    struct life *life = begin_life(30, true);
    live(life, DAYS_WELL);
    life->times = 10;
    assert_string_equal(find(life, 1, 0.25).name, "upper:unit");
    end_life(life);
}

static void test_twin_without_such_a_rule_keeps_nothing_of_it(void **state)
{
    (void)state;
    struct plan *plan = tank_plan();
    struct world w = begin(plan);
    struct rule_fault found[1];
    assert_true(plan->isolate == NULL);
    assert_int_equal(isolate_size(plan), 0);
    say(&w, 10, 0, 15);
    assert_int_equal(isolate_faults(w.twin, found, 1), 0);
    assert_false(isolate_excludes(w.twin, 0));
    end(&w);
}

/* What is learned outlives a reload: the same layout, line for line. */
static void test_what_is_learned_is_adopted(void **state)
{
    (void)state;
    struct life *life = begin_life(8, false);
    live(life, DAYS_WELL);
    life->bias = 5;
    find(life, 1, 0.25);
    const struct twin *twin = life->world.twin;
    char *layout = plan_layout(twin->plan);
    char *block = mem_new(1, twin->plan->block_size);
    assert_true(plan_adopt(twin->plan, block, layout, twin->block, twin->plan->block_size));
    assert_memory_equal(block + twin->plan->at_isolate,
                        twin->block + twin->plan->at_isolate, isolate_size(twin->plan));
    free(block);
    free(layout);
    end_life(life);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_found_where_nothing_is_wrong),
        cmocka_unit_test(test_bias_of_a_sensor_is_found_with_its_size_and_time),
        cmocka_unit_test(test_estimate_goes_on_without_the_guilty_sensor_until_it_is_well),
        cmocka_unit_test(test_leak_is_not_taken_for_a_sensor),
        cmocka_unit_test(test_pump_that_does_not_obey_is_found),
        cmocka_unit_test(test_sensors_are_found_out_by_their_readings),
        cmocka_unit_test(test_other_unit_is_called_by_its_name),
        cmocka_unit_test(test_twin_without_such_a_rule_keeps_nothing_of_it),
        cmocka_unit_test(test_what_is_learned_is_adopted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
