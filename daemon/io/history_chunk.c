/* Packing is by trial: the shortest decimal scale that gives every double back, else the
 * binary one, and a raster of time fitted to the middle interval; where the rows do not
 * fit, fewer are tried. One row always fits. */
#include "twind/history_chunk.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_DECIMALS = 12,
    ELEMENT = 128, /* longest */
    GROWTHS = 3,
    SPARE = 10, /* bytes: rows differ */
    MANTISSA = 53,
    EMPTY_SLOTS = 16,
    FEW_ROWS = 32,
    MAX_EXPONENT = 900
};
static const double EXACT_LIMIT = 9007199254740992.0; /* 2^53 */
static const int64_t WHOLE_LIMIT = INT64_C(1) << 60;

static const double tens[MAX_DECIMALS + 1] = {1,   1e1, 1e2, 1e3,  1e4,  1e5, 1e6,
                                              1e7, 1e8, 1e9, 1e10, 1e11, 1e12};

/* A column of the rows. */
struct column {
    const struct chunk_row *rows;
    size_t n;
    int index;
};

static double at(const struct column *c, size_t i)
{
    return c->rows[i].v[c->index];
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool is_constant(const struct column *c)
{
    for (size_t i = 1; i < c->n; i++)
        if (!same(at(c, i), at(c, 0)))
            return false;
    return true;
}

/* The least power of ten, from `d` on, of which v is a whole multiple; -1: none. */
static int decimals(double v, int d)
{
    for (; d <= MAX_DECIMALS; d++) {
        double k = round(v * tens[d]);
        if (!(fabs(k) < EXACT_LIMIT))
            return -1;
        if (k / tens[d] == v)
            return d;
    }
    return -1;
}

static bool decimal_scale(const struct column *c, double *scale)
{
    int d = 0;
    for (size_t i = 0; i < c->n; i++)
        if ((d = decimals(at(c, i), d)) < 0)
            return false;
    for (size_t i = 0; i < c->n; i++)
        if (decimals(at(c, i), d) != d)
            return false;
    *scale = tens[d];
    return true;
}

/* The exponent of the lowest bit that is set; v is finite and not 0. */
static int lowest_bit(double v)
{
    int e;
    int64_t whole = (int64_t)ldexp(frexp(v, &e), MANTISSA);
    e -= MANTISSA;
    for (; whole % 2 == 0; whole /= 2)
        e++;
    return e;
}

static bool binary_scale(const struct column *c, double *scale)
{
    int lowest = MAX_EXPONENT + 1;
    for (size_t i = 0; i < c->n; i++) {
        if (!isfinite(at(c, i)))
            return false;
        int e = at(c, i) == 0 ? lowest : lowest_bit(at(c, i));
        lowest = e < lowest ? e : lowest;
    }
    if (abs(lowest) > MAX_EXPONENT)
        return false;
    *scale = ldexp(1, -lowest);
    for (size_t i = 0; i < c->n; i++)
        if (!(fabs(at(c, i) * *scale) < (double)WHOLE_LIMIT))
            return false;
    return true;
}

double chunk_shorten(double v, int digits, double least)
{
    if (v == 0 || !isfinite(v))
        return v;
    double place = fmax(floor(log10(fabs(v))) - digits + 1, least);
    if (fabs(place) > 12)
        return v;
    double power = pow(10, fabs(place));
    return place < 0 ? round(v * power) / power : round(v / power) * power;
}

static int64_t whole(double v, double scale)
{
    return (int64_t)round(v * scale);
}

static bool find_scale(const struct column *c, struct chunk_scale *s)
{
    *s = (struct chunk_scale){.m = 1, .scale = 1, .same = at(c, 0)};
    if (is_constant(c)) {
        s->constant = true;
        return true;
    }
    if (!decimal_scale(c, &s->scale) && !binary_scale(c, &s->scale))
        return false;
    int64_t low = INT64_MAX, high = INT64_MIN;
    for (size_t i = 0; i < c->n; i++) {
        int64_t k = whole(at(c, i), s->scale);
        low = k < low ? k : low;
        high = k > high ? k : high;
    }
    s->base = low;
    s->m = high - low + 1;
    return true;
}

static int64_t code(const struct chunk_scale *s, double v)
{
    return s->constant ? 0 : whole(v, s->scale) - s->base;
}

static double value(const struct chunk_scale *s, int64_t k)
{
    return s->constant ? s->same : (double)(s->base + k) / s->scale;
}

static int compare_int64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Slots for the times at a period: the nearest that is free. Returns how many there are. */
static int64_t assign_slots(const struct chunk_row *rows, size_t n, int64_t period,
                            int64_t *slots)
{
    int64_t next = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t nearest = period ? (rows[i].t - rows[0].t + period / 2) / period : 0;
        slots[i] = nearest > next ? nearest : next;
        next = slots[i] + 1;
    }
    return next;
}

static int64_t greatest_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Slots for times that are multiples of a unit, each another, with nothing left over: the
 * period is the greatest that divides all gaps. False: they are no such times, or it is
 * cheaper to begin another chunk. */
static bool find_unit_slots(const struct chunk_row *rows, size_t n, int64_t unit,
                            struct chunk *chunk, int64_t *slots)
{
    chunk->period = 0;
    for (size_t i = 1; i < n; i++) {
        int64_t gap = rows[i].t - rows[i - 1].t;
        if (gap <= 0 || gap % unit != 0)
            return false;
        chunk->period = greatest_divisor(gap, chunk->period);
    }
    for (size_t i = 0; i < n; i++)
        slots[i] = i ? (rows[i].t - rows[0].t) / chunk->period : 0;
    return slots[n - 1] < EMPTY_SLOTS * (int64_t)n;
}

/* Raster of time: the middle interval, corrected by how far it gets in all. False: the gaps
 * would fill the text with empty slots, fewer rows may do better. */
static bool find_raster(const struct chunk_row *rows, size_t n, struct chunk *chunk,
                        int64_t *slots)
{
    int64_t gaps[CHUNK_ROWS];
    for (size_t i = 1; i < n; i++)
        gaps[i - 1] = rows[i].t - rows[i - 1].t;
    if (n > 1)
        qsort(gaps, n - 1, sizeof *gaps, compare_int64);
    chunk->period = n > 1 ? gaps[(n - 1) / 2] : 0;
    int64_t used = assign_slots(rows, n, chunk->period, slots);
    if (used > 1 && chunk->period) {
        chunk->period = (rows[n - 1].t - rows[0].t + (used - 1) / 2) / (used - 1);
        used = assign_slots(rows, n, chunk->period, slots);
    }
    if (used > 2 * (int64_t)n + EMPTY_SLOTS) {
        if (n > FEW_ROWS)
            return false;
        chunk->period = 0;
        assign_slots(rows, n, 0, slots);
    }
    return true;
}

static size_t put_number(char *text, int64_t number)
{
    char digits[24];
    size_t n = 0, length = 0;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        digits[n++] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        text[length++] = '-';
    while (n > 0)
        text[length++] = digits[--n];
    return length;
}

static size_t put_element(char *text, const struct chunk *chunk, int64_t r,
                          const struct chunk_row *row)
{
    if (!chunk->pairs) {
        for (int i = CHUNK_COLUMNS - 1; i >= 0; i--)
            r = r * chunk->column[i].m + code(&chunk->column[i], row->v[i]);
        return put_number(text, 1 + r);
    }
    size_t length = 0;
    text[length++] = '[';
    length += put_number(text + length, r);
    for (int i = 0; i < CHUNK_COLUMNS; i++) {
        text[length++] = ',';
        length += put_number(text + length, code(&chunk->column[i], row->v[i]));
    }
    text[length++] = ']';
    return length;
}

/* Rows up to the first that does not fit; returns how many were written. */
static size_t write_text(const struct chunk_row *rows, size_t n, const int64_t *slots,
                         struct chunk *chunk)
{
    size_t length = 1, i = 0;
    int64_t slot = 0;
    chunk->text[0] = '[';
    for (; i < n; i++, slot++) {
        char element[ELEMENT];
        int64_t r = rows[i].t - chunk->t0 - slots[i] * chunk->period;
        size_t size = put_element(element, chunk, r, &rows[i]);
        if (length + 2 * (size_t)(slots[i] - slot) + size + 1 > CHUNK_TEXT)
            break;
        for (; slot < slots[i]; slot++) {
            chunk->text[length++] = '0';
            chunk->text[length++] = ',';
        }
        memcpy(chunk->text + length, element, size);
        length += size;
        chunk->text[length++] = ',';
    }
    chunk->text[length - 1] = ']';
    chunk->text[length] = '\0';
    chunk->length = length;
    return i;
}

static double largest_product(const struct chunk *chunk, int64_t late)
{
    double product = (double)late + 1;
    for (int i = 0; i < CHUNK_COLUMNS; i++)
        product *= (double)chunk->column[i].m;
    return product;
}

/* The raster begins early enough that no row lies before its point. */
static int64_t shift_start(const struct chunk_row *rows, size_t n, const int64_t *slots,
                           struct chunk *chunk)
{
    int64_t early = INT64_MAX, late = INT64_MIN;
    for (size_t i = 0; i < n; i++) {
        int64_t r = rows[i].t - rows[0].t - slots[i] * chunk->period;
        early = r < early ? r : early;
        late = r > late ? r : late;
    }
    chunk->t0 = rows[0].t + early;
    return late - early;
}

/* All n rows, or 0 where they have no common form, or as many as fit (then try those). */
static size_t try_rows(const struct chunk_row *rows, size_t n, int64_t unit,
                       struct chunk *chunk)
{
    int64_t slots[CHUNK_ROWS];
    chunk->n = n;
    for (int i = 0; i < CHUNK_COLUMNS; i++)
        if (!find_scale(&(struct column){rows, n, i}, &chunk->column[i]))
            return 0;
    if (!(unit ? find_unit_slots(rows, n, unit, chunk, slots)
               : find_raster(rows, n, chunk, slots)))
        return 0;
    int64_t late = shift_start(rows, n, slots, chunk);
    chunk->pairs = !(largest_product(chunk, late) < (double)WHOLE_LIMIT);
    return write_text(rows, n, slots, chunk);
}

static size_t fit_rows(const struct chunk_row *rows, size_t n, int64_t unit,
                       struct chunk *chunk)
{
    for (;;) {
        size_t fit = try_rows(rows, n, unit, chunk);
        if (fit == n)
            return n;
        n = fit ? fit : n / 2;
    }
}

/* Fewer rows have a smaller range, so that more of them fit than the first trial said. */
size_t chunk_pack(const struct chunk_row *rows, size_t n, int64_t unit, struct chunk *chunk)
{
    size_t most = n < CHUNK_ROWS ? n : CHUNK_ROWS,
           packed = fit_rows(rows, most, unit, chunk);
    for (int i = 0; i < GROWTHS && packed < most; i++) {
        struct chunk larger;
        size_t more = packed * (CHUNK_TEXT - SPARE) / chunk->length;
        more = more < most ? more : most;
        if (more <= packed || try_rows(rows, more, unit, &larger) != more)
            break;
        *chunk = larger;
        packed = more;
    }
    return packed;
}

static bool read_number(const char **text, int64_t *number)
{
    char *end;
    errno = 0;
    long long n = strtoll(*text, &end, 10);
    if (end == *text || errno)
        return false;
    *text = end;
    *number = n;
    return true;
}

/* r and the columns' k; all are -1 in an empty slot. */
static bool read_element(const char **text, const struct chunk *chunk, int64_t *r,
                         int64_t k[CHUNK_COLUMNS])
{
    if (**text != '[') {
        if (!read_number(text, r) || *r < 0)
            return false;
        *r -= 1;
        for (int i = 0; i < CHUNK_COLUMNS; i++) {
            k[i] = *r % chunk->column[i].m;
            *r /= *r < 0 ? 1 : chunk->column[i].m;
        }
        return true;
    }
    ++*text;
    bool done = read_number(text, r);
    for (int i = 0; done && i < CHUNK_COLUMNS; i++)
        done = *(*text)++ == ',' && read_number(text, &k[i]);
    return done && *(*text)++ == ']';
}

static bool is_sound(const struct chunk *chunk)
{
    for (int i = 0; i < CHUNK_COLUMNS; i++)
        if (chunk->column[i].m < 1)
            return false;
    return chunk->text[0] == '[';
}

bool chunk_unpack(const struct chunk *chunk, struct chunk_row *rows)
{
    const char *text = chunk->text;
    size_t n = 0;
    if (!is_sound(chunk))
        return false;
    for (int64_t slot = 0; *text != ']'; slot++) {
        int64_t r, k[CHUNK_COLUMNS];
        text++; /* the bracket or a comma */
        if (!read_element(&text, chunk, &r, k) || (*text != ',' && *text != ']'))
            return false;
        if (r < 0)
            continue;
        if (n == chunk->n)
            return false;
        rows[n].t = chunk->t0 + slot * chunk->period + r;
        for (int i = 0; i < CHUNK_COLUMNS; i++)
            rows[n].v[i] = value(&chunk->column[i], k[i]);
        n++;
    }
    return n == chunk->n;
}
