/* Rows added up by series and minute, or hour, in memory until they are written. */
#ifndef TWIND_HISTORY_SUMS_H
#define TWIND_HISTORY_SUMS_H

#include <stddef.h>
#include <stdint.h>

struct history_sum {
    uint32_t series, n;
    int64_t bucket; /* time / unit */
    double sum, min, max;
};

/* Zeroed but for `unit` at the start. */
struct history_sums {
    int64_t unit; /* ms */
    struct history_sum *sums;
    size_t n, room;
    uint32_t *index; /* of `sums`, from 1 */
    size_t n_index;
};

void history_sums_add(struct history_sums *sums, uint32_t series, int64_t t, double value);

/* Puts them in the order of the tables. Nothing may be added before history_sums_clear().
 */
void history_sums_sort(struct history_sums *sums);

void history_sums_clear(struct history_sums *sums); /* keeps its memory */
void history_sums_free(struct history_sums *sums);  /* what it holds */

#endif
