/* What a detector costs: nanoseconds a step and bytes of state a signal, one JSON line
 * each. Ten thousand signals in turn, so that each state comes from memory as it does in a
 * daemon. */
#include "twind/detector.h"
#include "twind/mem.h"
#include "twind/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SIGNALS = 10000, ROUNDS = 300, MEASURED = 100, INTERVAL = 3600 };

/* Of the processor, whatever else it has to do. */
static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double step_all(const struct detector *d, const double *params, double *states,
                       size_t room, int round, struct random *random)
{
    double sum = 0;
    for (size_t i = 0; i < SIGNALS; i++) {
        double x = random_uniform(random);
        sum +=
            detectors_step(d, params, states + i * room, round * (double)INTERVAL, &x, 1);
    }
    return sum;
}

static void bench(const struct detector *d)
{
    double params[DETECTOR_PARAMS_MAX], sum = 0, start = 0;
    struct random random = {1};
    detectors_defaults(d, params);
    size_t bytes = d->size(params, 1), room = (bytes + 7) / sizeof(double);
    double *states = mem_new(SIGNALS * room, sizeof(double));
    for (int round = 0; round < ROUNDS; round++) {
        if (round == ROUNDS - MEASURED)
            start = seconds();
        sum += step_all(d, params, states, room, round, &random);
    }
    double ns = (seconds() - start) / MEASURED / SIGNALS * 1e9;
    printf("{\"detector\":\"%s\",\"ns\":%.0f,\"bytes\":%zu,\"score\":%.3g}\n", d->name, ns,
           bytes, sum / ROUNDS / SIGNALS);
    free(states);
}

int main(void)
{
    for (const struct detector *const *d = detectors_all; *d; d++)
        bench(*d);
    return 0;
}
