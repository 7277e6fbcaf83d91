#include "twind/history_sums.h"

#include "twind/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_INDEX = 256 };

static uint32_t *slot_of(const struct history_sums *sums, uint32_t series, int64_t bucket)
{
    uint64_t hash =
        ((uint64_t)series << 32 ^ (uint64_t)bucket) * UINT64_C(0x9E3779B97F4A7C15);
    size_t mask = sums->n_index - 1, i = (size_t)(hash >> 32) & mask;
    for (; sums->index[i]; i = (i + 1) & mask) {
        const struct history_sum *there = &sums->sums[sums->index[i] - 1];
        if (there->series == series && there->bucket == bucket)
            break;
    }
    return &sums->index[i];
}

static void grow_index(struct history_sums *sums)
{
    if (2 * (sums->n + 1) <= sums->n_index)
        return;
    sums->n_index = sums->n_index ? 2 * sums->n_index : FIRST_INDEX;
    free(sums->index);
    sums->index = mem_new(sums->n_index, sizeof *sums->index);
    for (size_t i = 0; i < sums->n; i++)
        *slot_of(sums, sums->sums[i].series, sums->sums[i].bucket) = (uint32_t)(i + 1);
}

static int64_t bucket_of(int64_t t, int64_t unit)
{
    return (t >= 0 ? t : t - unit + 1) / unit;
}

void history_sums_add(struct history_sums *sums, uint32_t series, int64_t t, double value)
{
    int64_t bucket = bucket_of(t, sums->unit);
    grow_index(sums);
    uint32_t *slot = slot_of(sums, series, bucket);
    if (!*slot) {
        sums->sums = mem_grow(sums->sums, &sums->room, sums->n + 1, sizeof *sums->sums);
        sums->sums[sums->n] = (struct history_sum){series, 1, bucket, value, value, value};
        *slot = (uint32_t)++sums->n;
        return;
    }
    struct history_sum *sum = &sums->sums[*slot - 1];
    sum->n++;
    sum->sum += value;
    sum->min = fmin(sum->min, value);
    sum->max = fmax(sum->max, value);
}

static int compare(const void *a, const void *b)
{
    const struct history_sum *x = a, *y = b;
    if (x->series != y->series)
        return x->series < y->series ? -1 : 1;
    return (x->bucket > y->bucket) - (x->bucket < y->bucket);
}

void history_sums_sort(struct history_sums *sums)
{
    if (sums->n > 0)
        qsort(sums->sums, sums->n, sizeof *sums->sums, compare);
}

void history_sums_clear(struct history_sums *sums)
{
    sums->n = 0;
    if (sums->index)
        memset(sums->index, 0, sums->n_index * sizeof *sums->index);
}

void history_sums_free(struct history_sums *sums)
{
    free(sums->sums);
    free(sums->index);
}
