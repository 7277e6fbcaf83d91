/* Forecasts of inputs, from those who make them: weather services, tariffs, plans. */
#include "twind/payload_series.h"
#include "world_parts.h"

struct future_room {
    double times[PAYLOAD_SERIES_MAX], values[PAYLOAD_SERIES_MAX];
};

/* Into the input's own unit; what is outside of its range is left out. How many remain. */
static size_t convert(struct world *world, const struct twin *twin,
                      const struct config_future *future, struct future_room *room,
                      size_t n)
{
    const struct kind_row *row = &twin->plan->kind->inputs[future->input];
    const struct units_conversion *unit = &future->series->unit;
    double temperature = 0, pressure = 0;
    size_t kept = 0;
    if (unit->gas != 0)
        twin_air(twin, &temperature, &pressure, engine_scratch(world->engine));
    for (size_t i = 0; i < n; i++) {
        double value = units_apply(unit, room->values[i], temperature, pressure);
        if (!(value >= row->min && value <= row->max))
            continue;
        room->times[kept] = room->times[i];
        room->values[kept++] = value;
    }
    return kept;
}

void world_give(struct world *world, const struct world_message *m, struct payload *payload,
                struct twin *twin, const struct config_future *future)
{
    struct future_room room; /* on the stack: 32 kB */
    const char *why = NULL;
    if (world->heard)
        return;
    size_t n = payload_series_decode(payload, future->series, room.times, room.values,
                                     PAYLOAD_SERIES_MAX, &why);
    size_t kept = convert(world, twin, future, &room, n);
    if (kept == 0) {
        world_refuse(world, WORLD_BAD_VALUE, m,
                     why ? why : "no value within the input's range");
        return;
    }
    if (payload->left > 0)
        world_refuse(world, WORLD_TOO_MANY, m, "more points in one message than are taken");
    forecast_give(twin, future->input, room.times, room.values, kept);
    if (world->sink.changed)
        world->sink.changed(world->sink.context, twin);
}
