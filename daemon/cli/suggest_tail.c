/* Hysteresis. Readings hover around a limit by their noise, whose sd is told by the second
 * differences: a straight line has none. A dead band of 4 sd, or 2 % of the spread,
 * lets noise alone clear an alarm once in 30,000 readings.
 *
 * Delays. A longer `for` rings less often and later. The delay is the least of a few of
 * which no longer one would spare a fifth of the alarms, and no longer than a quarter of
 * the time for which excursions usually last: what is announced is still to be acted on.
 * `keep` likewise, by the alarms that come back.
 * (I. Izadi, S. L. Shah, D. S. Shook, T. Chen, An introduction to alarm analysis and
 * design, IFAC SAFEPROCESS 2009; N. A. Adnan, I. Izadi, T. Chen, On expected detection
 * delays for alarm systems with deadbands and delay-timers, J. Process Control 21, 2011.)
 *
 * Level. Peaks are what alarms at a lower level reach, each for as long as `for`; clear
 * limit and `keep` make them separate events. From their law (peaks.h) comes the level that
 * is exceeded as often as is wanted; where so many peaks were seen, it is held to them. */
#include "suggest_tail.h"

#include "twind/mem.h"
#include "twind/peaks.h"

#include <math.h>
#include <stdlib.h>

static const double WEEK = 7 * 86400.0;
static const double DEAD_SDS = 4, DEAD_SHARE = 0.02;
static const double SPARES = 0.8, SHARE_OF_RETURN = 0.25, LONGEST_KEEP = 3600;
enum { ENOUGH_PEAKS = 15, FEWEST_PEAKS = 4, FEWEST_VALUES = 100 };

static const double delays[] = {0, 60, 120, 300, 600, 900, 1800, 3600};
enum { DELAYS = sizeof delays / sizeof *delays };

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of sorted values. */
static double quantile(const double *sorted, size_t n, double p)
{
    double at = p * (double)(n - 1);
    size_t i = (size_t)at;
    return i + 1 < n ? sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i])
                     : sorted[n - 1];
}

/* ---- noise ---- */

/* Of values with equal times between: the sd of what no line through three explains. */
static double noise_of(const struct suggest_signal *s, double *room)
{
    const struct suggest_moment *at = s->trace->at;
    double last[2] = {NAN, NAN}, quantum = INFINITY;
    size_t n = 0;
    for (size_t i = s->from; i < s->to; i++) {
        double v = s->values[i], change = fabs(v - last[1]);
        if (!at[i].fresh || isnan(v))
            continue;
        if (change > 0)
            quantum = fmin(quantum, change);
        if (!isnan(last[0]))
            room[n++] = fabs(v - 2 * last[1] + last[0]);
        last[0] = last[1];
        last[1] = v;
    }
    if (n == 0)
        return 0;
    qsort(room, n, sizeof *room, compare);
    static const double median_of_normal = 0.6745;
    double sd = quantile(room, n, 0.5) / (median_of_normal * sqrt(6));
    return fmax(sd, isfinite(quantum) ? quantum / sqrt(12) : 0);
}

/* ---- alarms at a level ---- */

static struct suggest_rule rule_at(const struct suggest_signal *s,
                                   const struct suggest_tail *tail, double level)
{
    struct suggest_rule rule;
    s->make(s->context, level, level - tail->hysteresis, &rule);
    rule.policy.delay = tail->delay;
    rule.policy.keep = tail->keep;
    return rule;
}

static bool begins_in(const struct alarm_span *span, double from, double to)
{
    return span->from >= from && span->from <= to;
}

size_t suggest_tail_count(const struct suggest_trace *trace,
                          const struct suggest_rule *rule, double from, double to)
{
    struct alarm_log log = {.n_spans = 0};
    size_t n = 0;
    suggest_run(trace, rule, &log);
    for (size_t i = 0; i < log.n_spans; i++)
        n += begins_in(&log.spans[i], from, to);
    alarm_log_free(&log);
    return n;
}

static double time_from(const struct suggest_signal *s)
{
    return s->trace->at[s->from].time;
}

static double time_to(const struct suggest_signal *s)
{
    return s->trace->at[s->to - 1].time;
}

static size_t count_at(const struct suggest_signal *s, const struct suggest_tail *tail,
                       double level)
{
    struct suggest_rule rule = rule_at(s, tail, level);
    return suggest_tail_count(s->trace, &rule, time_from(s), time_to(s));
}

/* The highest of a few quantiles at which there are enough alarms to learn from, else the
 * one with the most. */
static double choose_threshold(const struct suggest_signal *s,
                               const struct suggest_tail *tail, const double *sorted,
                               size_t n, double wanted, size_t *count)
{
    static const double shares[] = {0.995, 0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5};
    double best = NAN;
    *count = 0;
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        double level = quantile(sorted, n, shares[i]);
        size_t alarms = count_at(s, tail, level);
        if (alarms > *count || isnan(best)) {
            best = level;
            *count = alarms;
        }
        if (*count >= ENOUGH_PEAKS && (double)*count >= 2 * wanted)
            break;
    }
    return best;
}

/* ---- delays ---- */

/* So long do excursions last in which half of the time above is spent: many short ones do
 * not hide the few that matter. */
static double half_of_time(double *times, size_t n)
{
    double sum = 0, half = 0;
    if (n > 0)
        qsort(times, n, sizeof *times, compare);
    for (size_t i = 0; i < n; i++)
        half += times[i] / 2;
    for (size_t i = 0; i < n; i++)
        if ((sum += times[i]) >= half)
            return times[i];
    return 0;
}

/* Usual time that alarms at the level are up, of those that come without delay. */
static double usual_return(const struct suggest_signal *s, const struct suggest_tail *tail,
                           double level)
{
    struct alarm_log log = {.n_spans = 0};
    struct suggest_rule rule = rule_at(s, tail, level);
    suggest_run(s->trace, &rule, &log);
    double *times = mem_new(log.n_spans + 1, sizeof *times);
    size_t n = 0;
    for (size_t i = 0; i < log.n_spans; i++)
        if (begins_in(&log.spans[i], time_from(s), time_to(s)))
            times[n++] = fmin(log.spans[i].to, time_to(s)) - log.spans[i].from;
    double usual = half_of_time(times, n);
    free(times);
    alarm_log_free(&log);
    return usual;
}

/* The least of the delays from which on a longer one spares little; `which` is the tail's
 * field. Those shorter than the time between readings are none. */
static void choose_delay(const struct suggest_signal *s, struct suggest_tail *tail,
                         double *which, double level, double longest)
{
    size_t chosen = 0;
    *which = 0;
    size_t alarms = count_at(s, tail, level);
    for (size_t i = 1; i < DELAYS && delays[i] <= longest; i++) {
        if (delays[i] < s->interval)
            continue;
        *which = delays[i];
        size_t fewer = count_at(s, tail, level);
        if ((double)fewer > SPARES * (double)alarms)
            continue;
        chosen = i;
        alarms = fewer;
    }
    *which = delays[chosen];
}

/* ---- peaks ---- */

/* The highest level at which moment i begins an alarm: the value is above it, and for as
 * long as `for` never below its clear limit. */
static double held(const struct suggest_signal *s, const struct suggest_tail *tail,
                   size_t i)
{
    const struct suggest_moment *at = s->trace->at;
    double most = s->values[i], until = at[i].time + tail->delay;
    for (size_t j = i + 1; j < s->to && at[j].time <= until && !isnan(most); j++)
        most =
            isnan(s->values[j]) ? (double)NAN : fmin(most, s->values[j] + tail->hysteresis);
    return most;
}

/* The height of each alarm at the level. */
static size_t find_peaks(const struct suggest_signal *s, const struct suggest_tail *tail,
                         double level, double *heights)
{
    struct alarm_log log = {.n_spans = 0};
    struct suggest_rule rule = rule_at(s, tail, level);
    size_t n = 0, at = s->from;
    suggest_run(s->trace, &rule, &log);
    for (size_t i = 0; i < log.n_spans; i++) {
        const struct alarm_span *span = &log.spans[i];
        if (!begins_in(span, time_from(s), time_to(s)))
            continue;
        double height = level;
        while (at < s->to && s->trace->at[at].time < span->from - tail->delay)
            at++;
        for (; at < s->to && s->trace->at[at].time <= span->to; at++)
            height = fmax(height, held(s, tail, at));
        heights[n++] = height;
    }
    alarm_log_free(&log);
    return n;
}

/* Between the peaks of ranks k and k + 1 from above: k of them exceed it. */
static double rank_level(const double *sorted, size_t n, double k)
{
    size_t above = (size_t)k;
    return (sorted[n - above] + sorted[n - above - 1]) / 2;
}

/* Of what was seen often the law says no other than half to double as often. */
static double hold_to_seen(double level, const double *sorted, size_t n, double wanted)
{
    if (floor(wanted / 2) >= 1 && floor(wanted / 2) < (double)n)
        level = fmin(level, rank_level(sorted, n, floor(wanted / 2)));
    if (ceil(wanted * 2) < (double)n)
        level = fmax(level, rank_level(sorted, n, ceil(wanted * 2)));
    return level;
}

static bool find_level(const struct suggest_signal *s, struct suggest_tail *tail,
                       const double *sorted, size_t n, double rate, double *room,
                       struct err *e)
{
    double weeks = (time_to(s) - time_from(s)) / WEEK;
    double threshold = choose_threshold(s, tail, sorted, n, rate * weeks, &tail->peaks);
    if (tail->peaks < FEWEST_PEAKS)
        return err_set(e, "it peaked %zu times in the time looked at, too few to tell",
                       tail->peaks);
    tail->peaks = find_peaks(s, tail, threshold, room);
    struct peaks_law law = peaks_fit(room, tail->peaks, threshold, weeks);
    tail->seen = room[tail->peaks - 1];
    tail->level = hold_to_seen(peaks_level(&law, rate), room, tail->peaks, rate * weeks);
    return true;
}

static void find_delays(const struct suggest_signal *s, struct suggest_tail *tail,
                        const double *sorted, size_t n, double wanted)
{
    size_t count;
    double level = choose_threshold(s, tail, sorted, n, wanted, &count);
    double back = usual_return(s, tail, level);
    choose_delay(s, tail, &tail->delay, level, SHARE_OF_RETURN * back);
    choose_delay(s, tail, &tail->keep, level, LONGEST_KEEP);
}

static bool find_all(const struct suggest_signal *s, double rate, double keep,
                     struct suggest_tail *tail, double *sorted, double *room, struct err *e)
{
    size_t n = 0;
    for (size_t i = s->from; i < s->to; i++)
        if (!isnan(s->values[i]))
            sorted[n++] = s->values[i];
    if (n < FEWEST_VALUES)
        return err_set(e, "%zu values are too few: at least %d", n, FEWEST_VALUES);
    qsort(sorted, n, sizeof *sorted, compare);
    tail->noise = noise_of(s, room);
    tail->spread = quantile(sorted, n, 0.99) - quantile(sorted, n, 0.01);
    if (!(tail->spread > 0))
        return err_set(e, "it stands still at %.6g", sorted[0]);
    double weeks = (time_to(s) - time_from(s)) / WEEK;
    tail->keep = keep;
    if (s->delays) {
        tail->hysteresis = fmax(DEAD_SDS * tail->noise, DEAD_SHARE * tail->spread);
        find_delays(s, tail, sorted, n, rate * weeks);
    }
    return find_level(s, tail, sorted, n, rate, room, e);
}

bool suggest_tail_find(const struct suggest_signal *signal, double rate, double keep,
                       struct suggest_tail *tail, struct err *e)
{
    size_t n = signal->to - signal->from;
    double *sorted = mem_new(n + 1, sizeof *sorted), *room = mem_new(n + 1, sizeof *room);
    *tail = (struct suggest_tail){.noise = 0};
    bool found = find_all(signal, rate, keep, tail, sorted, room, e);
    free(sorted);
    free(room);
    return found;
}
