/* Random numbers for tests and the virtual plant: a seed gives the same sequence on every
 * machine. Not for secrets. */
#ifndef TWIND_RANDOM_H
#define TWIND_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state;
};

/* Splitmix64 (Steele, Lea, Flood 2014). */
uint64_t random_bits(struct random *random);
double random_uniform(struct random *random); /* in [0, 1) */
double random_normal(struct random *random);  /* mean 0, sd 1 (Box & Muller 1958) */

#endif
