/* The search for a schedule: values of one input, held block by block, that cost least.
 *
 * A pure function of what the caller's cost function answers, one evaluation a call, so
 * that a loop can do other things in between. Deterministic; nothing is allocated. */
#ifndef TWIND_OPTIMISE_H
#define TWIND_OPTIMISE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    OPTIMISE_BLOCKS = 169,
    OPTIMISE_LEVELS = 256,
    OPTIMISE_STARTS = 10,
    OPTIMISE_DESCENTS = 2,
};

struct optimise_task {
    size_t n;             /* blocks, 1 to OPTIMISE_BLOCKS */
    const double *levels; /* what a block may hold, ascending; copied */
    size_t n_levels;      /* 1 to OPTIMISE_LEVELS */
    const double *plain;  /* n: where it would begin by itself; NAN: not known. NULL: so */
    size_t most;          /* evaluations */
};

struct optimise_cost {
    double aim;    /* to be least */
    double breach; /* how far limits are broken: 0, or about 1 for something plain to see */
};

typedef struct optimise_cost optimise_cost(void *context, const double *values);

/* A level's number for each block. */
struct optimise_schedule {
    unsigned char at[OPTIMISE_BLOCKS];
};

struct optimise_move {
    size_t width;    /* blocks that move as one */
    size_t window;   /* the first of them, in widths */
    size_t distance; /* widths to those that move the other way; 0: none do */
    bool down;
};

/* Plain data; the fields are optimise.c's. */
struct optimise {
    size_t n, n_levels, most, evaluations;
    double levels[OPTIMISE_LEVELS];
    double weight, roughness; /* of breach; of a change from block to block, in levels */
    struct optimise_start {
        struct optimise_schedule schedule;
        struct optimise_cost cost;
    } starts[OPTIMISE_STARTS], best, now;
    bool used[OPTIMISE_STARTS];
    size_t n_starts, tried, descents;
    bool descending, improved, coarse;
    int pass;
    size_t width;  /* of the windows; coarse: of no others */
    unsigned step; /* levels */
    struct optimise_move move;
};

void optimise_begin(struct optimise *o, const struct optimise_task *task);

/* One evaluation more. False: the search has ended. */
bool optimise_step(struct optimise *o, optimise_cost *cost, void *context);

/* The best so far (after the starts: so many evaluations are the least): `values` gets n.
 */
struct optimise_cost optimise_best(const struct optimise *o, double *values);

#endif
