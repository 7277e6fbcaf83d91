/* Many rows of one series and day, packed into a JSON text that any sqlite3 can unpack (see
 * the view `readings`). Exact: every millisecond and every double comes back.
 *
 * Slot i of the array (from 0) is 0 where nothing is there, else it holds three whole
 * numbers: r, the milliseconds after the raster's point t0 + i*period; k, the value; s, its
 * standard deviation:
 *
 *     element = 1 + (r * sd.m + s) * value.m + k        (or [r,k,s] where pairs is set)
 *     value   = (base + k) / scale
 *
 * `scale` is a power of ten where all values are short decimals, else a power of two. */
#ifndef TWIND_HISTORY_CHUNK_H
#define TWIND_HISTORY_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CHUNK_TEXT = 1000, /* longest text: four of them fill a page of 4096 bytes */
    CHUNK_ROWS = 512,  /* most rows */
};

struct chunk_row {
    int64_t t;        /* ms since the epoch */
    double value, sd; /* NAN: none */
};

/* How a column of numbers became small whole ones: k in 0..m-1. */
struct chunk_scale {
    bool constant; /* all are `same`, k is 0 */
    double same;   /* NAN: none */
    int64_t base, m;
    double scale;
};

struct chunk {
    size_t n; /* rows */
    int64_t t0, period;
    bool pairs;
    struct chunk_scale value, sd;
    size_t length;
    char text[CHUNK_TEXT + 1];
};

/* Packs as many of the first rows (ordered by time, n >= 1) as fit; returns how many: >= 1.
 */
size_t chunk_pack(const struct chunk_row *rows, size_t n, struct chunk *chunk);

/* Appends to `rows`, which has room for chunk->n; false: the text is no such chunk's. */
bool chunk_unpack(const struct chunk *chunk, struct chunk_row *rows);

#endif
