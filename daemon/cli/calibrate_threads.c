#include "calibrate_threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { USUAL_MOST = 8 };

struct batch {
    void (*work)(void *context, size_t i, size_t lane);
    void *context;
    size_t n;
    atomic_size_t next;
};

struct lane {
    struct batch *batch;
    size_t number;
    pthread_t thread;
};

size_t calibrate_threads_usual(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > USUAL_MOST ? USUAL_MOST : (size_t)n;
}

static void *work_off(void *argument)
{
    struct lane *lane = argument;
    struct batch *batch = lane->batch;
    for (size_t i; (i = atomic_fetch_add(&batch->next, 1)) < batch->n;)
        batch->work(batch->context, i, lane->number);
    return NULL;
}

/* A thread that can't be had is one less. */
void calibrate_threads_each(void *pool, size_t n,
                            void (*work)(void *context, size_t i, size_t lane),
                            void *context)
{
    const struct calibrate_threads *threads = pool;
    struct batch batch = {.work = work, .context = context, .n = n};
    struct lane lanes[CALIBRATE_LANES];
    size_t wanted = threads->n < n ? threads->n : n, running = 1;
    lanes[0] = (struct lane){.batch = &batch};
    for (size_t i = 1; i < wanted; i++) {
        lanes[running] = (struct lane){.batch = &batch, .number = running};
        if (pthread_create(&lanes[running].thread, NULL, work_off, &lanes[running]) == 0)
            running++;
    }
    work_off(&lanes[0]);
    for (size_t i = 1; i < running; i++)
        pthread_join(lanes[i].thread, NULL);
}
