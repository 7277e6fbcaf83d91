/* Inside of advice*.c only. */
#ifndef TWIND_ADVICE_PARTS_H
#define TWIND_ADVICE_PARTS_H

#include "twind/advice.h"
#include "twind/limit.h"
#include "twind/optimise.h"
#include "twind/whatif.h"

enum { ADVICE_LIMITS = 8 };

struct advice {
    struct json *json; /* holds the request, which the answer quotes */
    struct question question;
    struct twin twin; /* a copy: the live one goes on meanwhile */
    const struct kind *kind;
    size_t input, aim; /* what is set; which output is to be least */
    double sense;      /* +1; -1: most */
    const char *aim_name;
    struct limit limits[ADVICE_LIMITS];
    size_t n_limits;
    double probability, z;
    double block; /* s */
    double levels[OPTIMISE_LEVELS];
    size_t n_levels;
    double edges[OPTIMISE_BLOCKS + 1]; /* times between blocks */
    size_t n_blocks;

    double start[KIND_ROWS_MAX]; /* outputs now */
    struct forecast_work *work;
    struct forecast *base, *model, *trial; /* plain forecast, its model's part */
    size_t n_assumed;                      /* changes of `set`; after them one a block */
    struct optimise search;
    double values[OPTIMISE_BLOCKS]; /* what was found */
    bool worthwhile;
    struct advice_item items[OPTIMISE_BLOCKS];
    size_t n_items;
};

/* Fills what the request says: input, aim, limits, levels, blocks. */
bool advice_read(struct advice *a, const struct cJSON *root, struct err *e);

/* The forecast under these values of the blocks: a->trial. */
void advice_try(struct advice *a, const double *values);

double advice_aim(const struct advice *a, const struct forecast *of);
double advice_breach(const struct advice *a, const struct forecast *of);

#endif
