/* Twins in the real filter whose sensor jumps and then stays: whatever the model would
 * rather have, the estimate must follow at the third reading and not be pulled back. */
#include "check.h"
#include "twind/err.h"
#include "twind/kind.h"
#include "twind/mem.h"
#include "twind/twin.h"

#include <stdlib.h>

static const double start = 1767225600; /* 2026-01-01 */

struct jump {
    const char *kind, *signal;
    double before, after, close;
};

static struct plan *plan_one_sensor(const struct jump *jump)
{
    const struct kind *kind = kinds_find(jump->kind);
    struct plan *plan = plan_new(kind);
    plan->sensors = mem_new(1, sizeof *plan->sensors);
    plan->n_sensors = 1;
    plan->sensors[0] = plan_sensor_usual(kind, plan_signal(kind, jump->signal));
    struct err e;
    if (!plan_finish(plan, &e))
        fail_msg("%s", e.text);
    return plan;
}

static double told(const struct twin *twin, struct twin_scratch *scratch)
{
    size_t signal = twin->plan->sensors[0].signal;
    return twin_signal(twin, signal, NULL, scratch);
}

static void follow(const struct jump *jump, double every)
{
    struct plan *plan = plan_one_sensor(jump);
    struct twin twin = {.plan = plan, .id = "t", .name = "t"};
    twin.block = mem_new(1, plan->block_size);
    struct twin_scratch *scratch = twin_scratch_new();
    twin_start(&twin);
    twin_begin(&twin, start);
    for (int i = 0; i < 60; i++) {
        double time = start + i * every;
        twin_advance(&twin, time, scratch);
        twin_sensors(&twin)[0].time = time;
        twin_measure(&twin, 0, i < 20 ? jump->before : jump->after, scratch);
        if (i >= 22)
            assert_close(told(&twin, scratch), jump->after, jump->close);
    }
    free(scratch);
    free(twin.block);
    plan_drop(plan);
}

static void test_a_jump_is_followed_at_its_third_reading_and_held(void **state)
{
    (void)state;
    static const struct jump jumps[] = {
        {"greenhouse", "air_temperature", 20, 35, 1},
        {"greenhouse", "air_temperature", 20, 5, 1},
        {"building", "indoor_temperature", 20, 35, 1},
        {"building", "indoor_temperature", 20, 8, 1},
        {"air_quality", "pm2_5", 15, 215, 10},
        {"air_quality", "no2", 20, 120, 10},
    };
    static const double every[] = {1, 10, 60, 300};
    for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++)
        for (size_t k = 0; k < sizeof every / sizeof *every; k++)
            follow(&jumps[i], every[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_jump_is_followed_at_its_third_reading_and_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
