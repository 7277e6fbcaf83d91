/* Runs of a calibration side by side: one lane a thread. */
#ifndef TWIND_CLI_CALIBRATE_THREADS_H
#define TWIND_CLI_CALIBRATE_THREADS_H

#include "twind/calibrate.h"

struct calibrate_threads {
    size_t n; /* the caller's own included; at most CALIBRATE_LANES */
};

/* As many as there are processors, within reason. */
size_t calibrate_threads_usual(void);

/* The calibration's `each`; pool: a struct calibrate_threads. */
void calibrate_threads_each(void *pool, size_t n,
                            void (*work)(void *context, size_t i, size_t lane),
                            void *context);

#endif
