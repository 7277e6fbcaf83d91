/* Two alarms are the same where they are of one rule of one twin and their times touch, or
 * nearly: a step of the twin, and a reading that a restart lost, shift them a little. */
#include "backtest.h"

#include "alarm_figures.h"
#include "alarm_past.h"

#include "twind/mem.h"
#include "twind/times.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 44, SHOWN = 50 };
static const double NEARLY = 300; /* s */
static const double WEEK = 7 * 86400.0;

void backtest_take(struct alarm_log *log, const struct engine_alert *a)
{
    size_t source = alarm_log_source(log, a->twin->id, a->rule->id);
    alarm_log_add(log, source, a->time, a->alert->state == ALERT_ACTIVE,
                  a->alert->acknowledged, (enum severity)a->alert->severity);
}

static void put_name(const struct alarm_source *source, char name[NAME])
{
    snprintf(name, NAME, "%s.%s", source->twin, source->rule);
}

static void print_tally(const struct alarm_log *log, const struct alarm_tally *tally,
                        double seconds)
{
    char name[NAME], longest[TIME_TEXT];
    put_name(&log->sources[tally->source], name);
    printf("%-*s %6zu %9.3g %7.2f %% %9s %8zu\n", NAME - 1, name, tally->raised,
           (double)tally->raised / seconds * WEEK, 100 * tally->active / seconds,
           times_format_about(tally->longest, longest), tally->chatter);
}

void backtest_print(const struct alarm_log *log, size_t rules, double from, double to)
{
    struct alarm_figures figures = alarm_figures_of(log, from, to);
    size_t n = figures.n_tallies;
    if (n > 0)
        printf("\n%-*s %6s %9s %9s %9s %8s\n", NAME - 1, "rule", "raised", "a week",
               "active", "longest", "chatter");
    for (size_t i = 0; i < n && i < SHOWN; i++)
        print_tally(log, &figures.tallies[i], to - from);
    if (n > SHOWN)
        printf("and %zu more\n", n - SHOWN);
    if (rules > 0)
        printf("%zu of %zu rules were never raised\n", rules - n, rules);
    alarm_figures_free(&figures);
}

/* ---- beside what was ---- */

static int compare_sources(const struct alarm_source *a, const struct alarm_source *b)
{
    int twin = strcmp(a->twin, b->twin);
    return twin ? twin : strcmp(a->rule, b->rule);
}

/* A span with its source, so that two logs may be walked side by side. */
struct entry {
    const struct alarm_source *source;
    const struct alarm_span *span;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int source = compare_sources(x->source, y->source);
    if (source)
        return source;
    return (x->span > y->span) - (x->span < y->span); /* by time, as they stand */
}

static int compare_times(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->span->from != y->span->from)
        return x->span->from < y->span->from ? -1 : 1;
    return compare_sources(x->source, y->source);
}

/* Those that touch the time, of one source after another; free(). */
static struct entry *list_entries(const struct alarm_log *log, double from, double to,
                                  size_t *n)
{
    struct entry *list = mem_new(log->n_spans + 1, sizeof *list);
    *n = 0;
    for (size_t i = 0; i < log->n_spans; i++)
        if (log->spans[i].from <= to && log->spans[i].to >= from)
            list[(*n)++] =
                (struct entry){&log->sources[log->spans[i].source], &log->spans[i]};
    qsort(list, *n, sizeof *list, compare_entries);
    return list;
}

static bool touch(const struct entry *a, const struct entry *b)
{
    return a->span->from <= b->span->to + NEARLY && b->span->from <= a->span->to + NEARLY;
}

/* Keeps of `list` what touches nothing in `other`; returns how many. */
static size_t keep_unmatched(struct entry *list, size_t n, const struct entry *other,
                             size_t n_other, struct entry *unmatched)
{
    size_t kept = 0, first = 0;
    for (size_t i = 0; i < n; i++) {
        /* what is of a former source, or over before this begins, touches no later one */
        while (first < n_other) {
            int order = compare_sources(other[first].source, list[i].source);
            if (order > 0 ||
                (order == 0 && other[first].span->to + NEARLY >= list[i].span->from))
                break;
            first++;
        }
        bool same = first < n_other &&
                    compare_sources(other[first].source, list[i].source) == 0 &&
                    touch(&other[first], &list[i]);
        if (!same)
            unmatched[kept++] = list[i];
    }
    qsort(unmatched, kept, sizeof *unmatched, compare_times);
    return kept;
}

static void print_entries(const char *word, const struct entry *list, size_t n)
{
    char name[NAME], from[TIME_TEXT], how_long[TIME_TEXT];
    for (size_t i = 0; i < n && i < SHOWN; i++) {
        const struct alarm_span *span = list[i].span;
        put_name(list[i].source, name);
        printf("%-4s %s %s, %s\n", word, times_format(span->from, from), name,
               isinf(span->to) ? "still up"
                               : times_format_about(span->to - span->from, how_long));
    }
    if (n > SHOWN)
        printf("%-4s and %zu more\n", word, n - SHOWN);
}

static void print_difference(const struct alarm_log *now, const struct alarm_log *then,
                             double from, double to)
{
    size_t n, n_then;
    struct entry *list = list_entries(now, from, to, &n);
    struct entry *others = list_entries(then, from, to, &n_then);
    struct entry *unmatched = mem_new(n + n_then + 1, sizeof *unmatched);
    size_t added = keep_unmatched(list, n, others, n_then, unmatched);
    size_t gone = keep_unmatched(others, n_then, list, n, unmatched + added);
    printf("\nraised then %zu, now %zu: %zu of them the same, %zu new, %zu gone\n", n_then,
           n, n - added, added, gone);
    print_entries("new", unmatched, added);
    print_entries("gone", unmatched + added, gone);
    free(list);
    free(others);
    free(unmatched);
}

bool backtest_compare(const struct alarm_log *log, const struct config *config,
                      const char *history, double from, double to, struct err *e)
{
    struct alarm_log then = {.n_spans = 0};
    struct history_read *reader = history_read_open(history, e);
    bool done = reader && alarm_past_read(reader, NULL, config, to, &then, e);
    history_read_close(reader);
    if (done)
        print_difference(log, &then, from, to);
    alarm_log_free(&then);
    return done;
}
