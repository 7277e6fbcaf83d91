/* The measures of an alarm system.
 *
 * Counted are alarms as they begin (annunciations). Definitions: ANSI/ISA-18.2-2016, clause
 * 16 and its table of performance metrics; EEMUA Publication 191 (2013), chapter on
 * measuring performance. A flood begins in a period of 10 minutes with more than 10 alarms
 * and lasts until one with fewer than 5. An alarm chatters where the same rule rings three
 * times within a minute; it is fleeting where it lasts less than a minute and does not
 * chatter; it stands where it is up for more than 24 hours. */
#include "alarm_figures.h"

#include "twind/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FLOOD_BEGINS = 10, FLOOD_ENDS = 5, BUSY_HOUR = 30, FREQUENT = 10, CHATTER = 3 };
static const double TEN = 600, HOUR = 3600, DAY = 86400;
static const double CHATTER_WITHIN = 60, FLEETING = 60;

static bool rings(const struct alarm_span *span, const struct alarm_figures *f)
{
    return span->from >= f->from && span->from <= f->to;
}

/* ---- rates ---- */

/* Alarms in each period of `width`, counted from the beginning; free(). */
static uint32_t *count_periods(const struct alarm_log *log, const struct alarm_figures *f,
                               double width, size_t *n)
{
    *n = (size_t)ceil((f->to - f->from) / width);
    uint32_t *counts = mem_new(*n, sizeof *counts);
    for (size_t i = 0; i < log->n_spans; i++) {
        size_t period = (size_t)fmax((log->spans[i].from - f->from) / width, 0);
        if (rings(&log->spans[i], f))
            counts[period < *n ? period : *n - 1]++;
    }
    return counts;
}

static double share_over(const uint32_t *counts, size_t n, uint32_t limit)
{
    size_t over = 0;
    for (size_t i = 0; i < n; i++)
        over += counts[i] > limit;
    return (double)over / (double)n;
}

static void find_floods(struct alarm_figures *f, const uint32_t *counts, size_t n)
{
    bool flood = false;
    size_t in_flood = 0;
    for (size_t i = 0; i < n; i++) {
        bool begins = !flood && counts[i] > FLOOD_BEGINS;
        flood = begins || (flood && counts[i] >= FLOOD_ENDS);
        f->floods += begins;
        in_flood += flood;
    }
    f->flood = (double)in_flood / (double)n;
}

static void find_rates(struct alarm_figures *f, const struct alarm_log *log)
{
    size_t tens, hours;
    uint32_t *ten = count_periods(log, f, TEN, &tens);
    uint32_t *hour = count_periods(log, f, HOUR, &hours);
    f->per_day = (double)f->alarms / (f->to - f->from) * DAY;
    f->per_ten = (double)f->alarms / (f->to - f->from) * TEN;
    f->most_ten_at = NAN;
    for (size_t i = 0; i < tens; i++)
        if (ten[i] > f->most_ten) {
            f->most_ten = ten[i];
            f->most_ten_at = f->from + (double)i * TEN;
        }
    f->over_ten = share_over(ten, tens, FLOOD_BEGINS);
    f->over_thirty = share_over(hour, hours, BUSY_HOUR);
    find_floods(f, ten, tens);
    free(ten);
    free(hour);
}

/* ---- of each source ---- */

static void tally_span(struct alarm_tally *tally, const struct alarm_span *span,
                       const struct alarm_figures *f)
{
    double from = fmax(span->from, f->from), to = fmin(span->to, f->to);
    if (to < from)
        return;
    tally->raised += rings(span, f);
    tally->active += to - from;
    tally->longest = fmax(tally->longest, to - span->from);
    if (span->to > f->to)
        tally->standing_since = span->from;
}

/* The spans of one source are `at[0..n)`, those that ring. */
static void tally_chatter(struct alarm_tally *tally, const struct alarm_span *const *at,
                          size_t n)
{
    size_t marked = 0; /* up to here all that chatters is counted */
    for (size_t i = 0; i < n; i++) {
        bool chatters =
            i + CHATTER <= n && at[i + CHATTER - 1]->from - at[i]->from <= CHATTER_WITHIN;
        size_t first = i > marked ? i : marked;
        if (chatters) {
            tally->chatter += i + CHATTER - first;
            marked = i + CHATTER;
        } else if (i >= marked) {
            tally->fleeting += at[i]->to - at[i]->from < FLEETING;
        }
    }
}

static int by_source(const void *a, const void *b)
{
    const struct alarm_span *x = *(const struct alarm_span *const *)a;
    const struct alarm_span *y = *(const struct alarm_span *const *)b;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return (x > y) - (x < y); /* as they stand: by time */
}

static int by_count(const void *a, const void *b)
{
    const struct alarm_tally *x = a, *y = b;
    if (x->raised != y->raised)
        return x->raised > y->raised ? -1 : 1;
    return (x->source > y->source) - (x->source < y->source);
}

static void tally_all(struct alarm_figures *f, const struct alarm_log *log)
{
    const struct alarm_span **ringing = mem_new(log->n_spans + 1, sizeof *ringing);
    size_t n = 0, kept = 0;
    struct alarm_tally *tallies = mem_new(log->n_sources + 1, sizeof *tallies);
    for (size_t i = 0; i < log->n_sources; i++)
        tallies[i] = (struct alarm_tally){.source = i, .standing_since = NAN};
    for (size_t i = 0; i < log->n_spans; i++) {
        tally_span(&tallies[log->spans[i].source], &log->spans[i], f);
        if (rings(&log->spans[i], f))
            ringing[n++] = &log->spans[i];
    }
    qsort(ringing, n, sizeof *ringing, by_source);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && ringing[j]->source == ringing[i]->source;)
            j++;
        tally_chatter(&tallies[ringing[i]->source], ringing + i, j - i);
    }
    for (size_t i = 0; i < log->n_sources; i++)
        if (tallies[i].raised > 0 || tallies[i].active > 0)
            tallies[kept++] = tallies[i];
    qsort(tallies, kept, sizeof *tallies, by_count);
    f->tallies = tallies;
    f->n_tallies = kept;
    free(ringing);
}

static void sum_tallies(struct alarm_figures *f)
{
    size_t frequent = 0;
    for (size_t i = 0; i < f->n_tallies; i++) {
        const struct alarm_tally *tally = &f->tallies[i];
        frequent += i < FREQUENT ? tally->raised : 0;
        f->chattering += tally->chatter > 0;
        f->chatter += tally->chatter;
        f->fleeting += tally->fleeting;
    }
    f->frequent = f->alarms ? (double)frequent / (double)f->alarms : 0;
}

/* ---- standing, priorities, answers ---- */

static void find_standing(struct alarm_figures *f, const struct alarm_log *log)
{
    size_t days = (size_t)ceil((f->to - f->from) / DAY);
    size_t *standing = mem_new(days, sizeof *standing);
    for (size_t i = 0; i < log->n_spans; i++) {
        double from = fmax(log->spans[i].from + DAY, f->from);
        double to = fmin(log->spans[i].to, f->to);
        for (size_t day = (size_t)((from - f->from) / DAY); from < to && day < days; day++)
            if (f->from + (double)day * DAY < to)
                standing[day]++;
    }
    for (size_t day = 0; day < days; day++)
        f->standing = standing[day] > f->standing ? standing[day] : f->standing;
    free(standing);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    if (n == 0)
        return NAN;
    qsort(values, n, sizeof *values, by_size);
    return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

static void look_at_spans(struct alarm_figures *f, const struct alarm_log *log)
{
    double *answers = mem_new(log->n_spans + 1, sizeof *answers);
    for (size_t i = 0; i < log->n_spans; i++) {
        const struct alarm_span *span = &log->spans[i];
        if (!rings(span, f))
            continue;
        f->alarms++;
        f->severity[span->severity] += 1;
        f->caused += span->caused;
        if (span->acknowledged <= f->to)
            answers[f->acknowledged++] = span->acknowledged - span->from;
    }
    for (int s = 0; s < SEVERITY_COUNT && f->alarms > 0; s++)
        f->severity[s] /= (double)f->alarms;
    f->answer = median(answers, f->acknowledged);
    free(answers);
}

struct alarm_figures alarm_figures_of(const struct alarm_log *log, double from, double to)
{
    struct alarm_figures figures = {.from = from, .to = to};
    look_at_spans(&figures, log);
    find_rates(&figures, log);
    tally_all(&figures, log);
    sum_tallies(&figures);
    find_standing(&figures, log);
    return figures;
}

void alarm_figures_free(struct alarm_figures *figures)
{
    free(figures->tallies);
    figures->tallies = NULL;
}
