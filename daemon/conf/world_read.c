/* Readings by name, as recordings have them. */
#include "world_parts.h"

#include <math.h>

static size_t sensor_of(const struct plan *plan, const char *signal)
{
    size_t wanted = plan_signal(plan->kind, signal), i = 0;
    while (i < plan->n_sensors && plan->sensors[i].signal != wanted)
        i++;
    return i;
}

void world_read_end(struct world *world)
{
    if (world->n_read == 0)
        return;
    if (!world->config->event_clock) {
        world->now = fmax(world->now, world->readings[0].time);
        if (!world->heard)
            engine_advance(world->engine, world->now);
    }
    world_apply(world, world->read_twin, world->n_read);
    world->n_read = 0;
}

bool world_read(struct world *world, double time, const char *id, const char *signal,
                double value, struct err *e)
{
    struct twin *twin = engine_find(world->engine, id);
    if (!twin && !(twin = world_revive(world, id)))
        return err_set(e, "there is no twin '%s' in the configuration", id);
    size_t sensor = sensor_of(twin->plan, signal);
    if (sensor == twin->plan->n_sensors)
        return err_set(e, "twin %s has no signal '%s' that a sensor can measure", id,
                       signal);
    if (world->n_read == WORLD_SAMPLES || twin != world->read_twin ||
        (world->n_read > 0 && time != world->readings[0].time))
        world_read_end(world);
    world->read_twin = twin;
    world->readings[world->n_read++] = (struct engine_reading){
        .sensor = sensor, .time = time, .value = value, .timed = true};
    return true;
}

void world_listen(struct world *world, world_heard *heard, void *context)
{
    world->heard = heard;
    world->listener = context;
}
