#include "twind/shift.h"

#include "twind/foresight.h"
#include "twind/isolate.h"
#include "twind/wear.h"

#include <string.h>

/* What the rule remembers may be times: it begins anew. */
static void forget(struct twin *twin, size_t rule)
{
    const struct plan *plan = twin->plan;
    double *states = (double *)(void *)(twin->block + plan->at_rules);
    size_t first = plan->rule_state[rule];
    size_t end = rule + 1 < plan->n_rules
                     ? plan->rule_state[rule + 1]
                     : (plan->at_forecast - plan->at_rules) / sizeof *states;
    memset(states + first, 0, (end - first) * sizeof *states);
}

void shift_twin(struct twin *twin, double by, double below)
{
    const struct plan *plan = twin->plan;
    struct twin_head *head = twin_head(twin);
    double *const heads[] = {&head->time,   &head->spread, &head->born,
                             &head->stored, &head->judged, &twin->watched};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        shift_time(heads[i], by, below);
    for (size_t i = 0; i < plan->n_sensors; i++) {
        struct twin_sensor *s = &twin_sensors(twin)[i];
        shift_time(&s->time, by, below);
        shift_time(&s->changed, by, below);
        shift_time(&s->used, by, below);
    }
    for (size_t i = 0; i < plan->n_rules; i++) {
        struct alert *a = &twin_alerts(twin)[i];
        double *const alerts[] = {&a->since, &a->pending_since, &a->down_since,
                                  &a->shelved_until, &a->sample_time};
        for (size_t j = 0; j < sizeof alerts / sizeof *alerts; j++)
            shift_time(alerts[j], by, below);
    }
    foresight_shift(twin, by, below);
    wear_shift(twin, by, below);
    isolate_shift(twin, by, below);
    for (size_t i = 0; i < plan->n_rules; i++)
        if (!plan->rules[i].type->bears_steps)
            forget(twin, i);
}
