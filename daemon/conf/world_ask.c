/* Questions about the world's twins: answered from what stands now, counted where they are
 * refused. */
#include "world_parts.h"

#include "twind/whatif.h"

#include <math.h>

static const struct twin *find(struct world *world, const char *id, struct text *answer)
{
    struct err e;
    const struct twin *twin = engine_find(world->engine, id);
    if (twin)
        return twin;
    err_set(&e, "there is no twin '%.80s'", id);
    whatif_refuse(answer, NULL, &e);
    world->stats.bad_command++;
    return NULL;
}

/* Before the world's first tick after a restart a twin is what it was. */
static double now_of(const struct world *world, const struct twin *twin)
{
    return fmax(world_clock(world, twin), twin_head(twin)->time);
}

void world_whatif(struct world *world, const char *id, const char *payload, size_t length,
                  struct text *answer)
{
    const struct twin *twin = find(world, id, answer);
    if (twin && !whatif_answer(twin, now_of(world, twin), payload, length, answer))
        world->stats.bad_command++;
}

struct advice *world_advise(struct world *world, const char *id, const char *payload,
                            size_t length, struct text *answer)
{
    const struct twin *twin = find(world, id, answer);
    if (!twin)
        return NULL;
    struct advice *advice = advice_new(twin, now_of(world, twin), payload, length, answer);
    if (!advice)
        world->stats.bad_command++;
    return advice;
}
