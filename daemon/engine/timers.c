#include "twind/timers.h"

#include "twind/mem.h"

#include <stdlib.h>

static bool is_before(const struct twin *a, const struct twin *b)
{
    return a->due < b->due || (a->due == b->due && a->index < b->index);
}

static void put(struct timers *timers, size_t at, struct twin *twin)
{
    timers->heap[at] = twin;
    twin->heap = (uint32_t)at;
}

static size_t sift_up(struct timers *timers, size_t at, const struct twin *twin)
{
    for (size_t above; at > 0; at = above) {
        above = (at - 1) / 2;
        if (!is_before(twin, timers->heap[above]))
            break;
        put(timers, at, timers->heap[above]);
    }
    return at;
}

static size_t sift_down(struct timers *timers, size_t at, const struct twin *twin)
{
    for (size_t below; (below = 2 * at + 1) < timers->n; at = below) {
        if (below + 1 < timers->n &&
            is_before(timers->heap[below + 1], timers->heap[below]))
            below++;
        if (!is_before(timers->heap[below], twin))
            break;
        put(timers, at, timers->heap[below]);
    }
    return at;
}

void timers_moved(struct timers *timers, struct twin *twin)
{
    size_t at = sift_up(timers, twin->heap, twin);
    put(timers, sift_down(timers, at, twin), twin);
}

void timers_add(struct timers *timers, struct twin *twin)
{
    timers->heap = mem_grow(timers->heap, &timers->room, timers->n + 1, sizeof(void *));
    put(timers, timers->n++, twin);
    timers_moved(timers, twin);
}

void timers_free(struct timers *timers)
{
    free(timers->heap);
}

struct twin *timers_first(const struct timers *timers)
{
    return timers->n > 0 ? timers->heap[0] : NULL;
}
