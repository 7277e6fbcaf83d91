/* Many rows of one series and day, packed into a JSON text that any sqlite3 can unpack (see
 * history_views.c). Exact: every millisecond and every double comes back.
 *
 * Slot i of the array (from 0) is 0 where nothing is there, else it holds whole numbers: r,
 * the milliseconds after the raster's point t0 + i*period, and k0..k3, one for each column:
 *
 *     element = 1 + (((r*m3 + k3)*m2 + k2)*m1 + k1)*m0 + k0    (or [r,k0,k1,k2,k3]: pairs)
 *     value   = (base + k) / scale
 *
 * `scale` is a power of ten where all values are short decimals, else a power of two. A
 * column of equal numbers costs nothing, nor do regular times. */
#ifndef TWIND_HISTORY_CHUNK_H
#define TWIND_HISTORY_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CHUNK_TEXT = 940, /* longest text: four rows with it fill a page of 4096 bytes */
    CHUNK_ROWS = 512, /* most rows */
    CHUNK_COLUMNS = 4,
};

struct chunk_row {
    int64_t t;               /* ms since the epoch */
    double v[CHUNK_COLUMNS]; /* NAN: none */
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
    struct chunk_scale column[CHUNK_COLUMNS];
    size_t length;
    char text[CHUNK_TEXT + 1];
};

/* Packs as many of the first rows (ordered by time, n >= 1) as fit; returns how many: >= 1.
 * `unit` (ms) not 0: each time is another multiple of it, and r is to be 0 in all. */
size_t chunk_pack(const struct chunk_row *rows, size_t n, int64_t unit,
                  struct chunk *chunk);

/* Appends to `rows`, which has room for chunk->n; false: the text is no such chunk's. */
bool chunk_unpack(const struct chunk *chunk, struct chunk_row *rows);

/* v as a short decimal: with so many significant digits, and none below 10^least. */
double chunk_shorten(double v, int digits, double least);

#endif
