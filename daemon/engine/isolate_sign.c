/* Faults that show in one sensor's readings by themselves, each as a log likelihood ratio
 * against the sensor's own habits, which are learned:
 *
 *   stuck   repeats, each of which has its usual chance p: sum of log(1/p)
 *   noise   the steps' mean square over the last n readings, 8 or 40, is k times the usual
 *           one: n/2 (k - 1 - log k), a single step counting at most 12 or 4 times as much
 *           as usual
 *   spikes  a step up or down and back at once, each of several times the usual size
 *   silent  intervals that would have held a reading, and did not
 *   unit    (v^2 - w^2)/2S: v is the distance from what was expected, w from what that is
 *           in another unit
 *
 * Steps are those of the innovations; of inputs, which nothing foretells, those of the
 * readings, over their usual size at that time of the day. A stuck sensor explains whatever
 * its innovations are: v^2/2S of each since it stands still is added; likewise of the last
 * ones of an erratic sensor. */
#include "isolate_block.h"

#include <math.h>
#include <string.h>

static const double habit = 1000, slow = 0.05; /* readings; while a fault is likely */
static const double noise_readings = 40, step_most = 4;
static const double burst_readings = 8, burst_most = 12;
static const double strange_most = 1000; /* of one reading */
static const double repeat_least = 0.05, again_least = 0.2, repeat_most = 0.995;
static const double spike_steps = 5, spike_readings = 150, spike_worth = 4;
static const double gap_late = 1.5, gap_readings = 50;
static const double unit_odd = 4, unit_most = 10000, unit_denied = 0.5;
static const double bad_worth = 3, evidence_most = 60;
static const double scale_least = 0.01, scale_most = 16, bin_trust = 20, bin_readings = 300;

/* Of rows of this unit; NULL: of any. */
static const struct {
    const char *unit;
    double times, plus;
} units[ISOLATE_UNITS] = {
    {NULL, 10, 0},      {NULL, 0.1, 0},   {NULL, 100, 0},
    {NULL, 0.01, 0},    {NULL, 1000, 0},  {NULL, 0.001, 0},
    {NULL, -1, 0},      {"Cel", 1.8, 32}, {"Cel", 1 / 1.8, -32 / 1.8},
    {"Cel", 1, 273.15}, {"m/s", 3.6, 0},  {"m/s", 2.2369, 0},
    {"m/s", 1.9438, 0}, {"ug/m3", 0, 0}, /* ppb: by the molar mass */
};

/* ---- what is usual ---- */

double isolate_scale(const struct isolate_sensor *s, double time)
{
    size_t bin = isolate_bin(time);
    double all = s->mean_scale > 0 ? s->mean_scale : 1;
    double scale =
        (s->seen[bin] * s->scale[bin] + bin_trust * all) / (s->seen[bin] + bin_trust);
    return fmax(scale, scale_least * all);
}

void isolate_scale_learn(struct isolate_sensor *s, double time, double value)
{
    size_t bin = isolate_bin(time);
    bool young = s->n < bin_trust;
    value = young ? value : fmin(value, scale_most * isolate_scale(s, time));
    s->mean_scale += (value - s->mean_scale) / fmin(s->n + 1, ISOLATE_BINS * bin_readings);
    s->seen[bin] = fmin(s->seen[bin] + 1, bin_readings);
    s->scale[bin] += (value - s->scale[bin]) / s->seen[bin];
}

static double rate(const struct isolate_sensor *s, bool alarmed)
{
    return (alarmed ? slow : 1) / fmin(s->n + 1, habit);
}

static bool is_measured(const struct twin *twin, size_t sensor)
{
    const struct kind *kind = twin->plan->kind;
    return !(plan_row(kind, twin->plan->sensors[sensor].signal)->flags &
             (KIND_SWITCH | KIND_CUMULATIVE));
}

static bool is_input(const struct twin *twin, size_t sensor)
{
    return twin->plan->sensors[sensor].signal < twin->plan->kind->n_inputs;
}

/* ---- steps: noise and spikes ---- */

static void note(double *since, bool on, double time)
{
    *since = on ? (*since > 0 ? *since : time) : 0;
}

static void take_step(struct isolate_sensor *s, double step, double time, bool alarmed)
{
    double square = step * step;
    double usual = s->usual_noise > 0 ? s->usual_noise : square;
    double size = spike_steps * sqrt(usual);
    bool spike = step * s->step < 0 && fmin(fabs(step), fabs(s->step)) > size;
    double capped = fmin(square, step_most * usual);
    s->burst +=
        (fmin(square, burst_most * usual) - s->burst) / fmin(s->n + 1, burst_readings);
    s->usual_noise = usual + (capped - usual) * rate(s, alarmed);
    s->noise += (capped - s->noise) / fmin(s->n + 1, noise_readings);
    s->spikes += spike - s->spikes / spike_readings;
    s->step = spike ? 0 : step; /* the way back is no spike of its own */
    note(&s->noisy_since, s->noise > 1.5 * s->usual_noise, time);
    note(&s->spiky_since, s->spikes > 0.5, time);
}

static double excess(double k, double n)
{
    return k > 1 ? n / 2 * (k - 1 - log(k)) : 0;
}

static double noise_evidence(const struct isolate_sensor *s)
{
    if (!(s->usual_noise > 0) || s->n < noise_readings)
        return 0;
    return fmax(excess(s->noise / s->usual_noise, noise_readings),
                excess(s->burst / s->usual_noise, burst_readings));
}

double isolate_sign_scatter(const struct isolate_sensor *s)
{
    const double enough = 8; /* of evidence */
    return noise_evidence(s) > enough ? fmax(s->burst, s->noise) / s->usual_noise : 1;
}

static double spike_evidence(const struct isolate_sensor *s)
{
    return fmax(spike_worth * (s->spikes - 1) - noise_evidence(s), 0);
}

/* ---- units ---- */

/* What the unit makes of a value; false: it is no unit of this. */
static bool in_unit(const struct kind_row *row, size_t k, double *times, double *plus)
{
    const double molar_volume = 24.055; /* l/mol at 20 Cel */
    *times = units[k].times;
    *plus = units[k].plus;
    if (units[k].times == 0)
        *times = row->molar_mass > 0 ? molar_volume / row->molar_mass : 0;
    return *times != 0 && (!units[k].unit || strcmp(units[k].unit, row->unit) == 0);
}

/* Two odd readings in a row are it: one is a spike. */
static void weigh_unit(struct isolate_sensor *s, double *evidence, double v, double off,
                       double wider)
{
    double w = off * off / (wider * wider * s->variance);
    double odds = fmin(v, unit_most) / 2 - fmin(w, unit_most) / 2 - log(wider);
    if (w > unit_odd * unit_odd)
        *evidence *= unit_denied;
    else if (v > unit_odd * unit_odd && s->odd > 0)
        *evidence += odds;
    *evidence = fmax(*evidence, 0);
}

static double best_unit(const struct isolate_sensor *s)
{
    double best = 0;
    for (size_t k = 0; k < ISOLATE_UNITS; k++)
        best = fmax(best, s->unit[k]);
    return best;
}

static void weigh_units(const struct twin *twin, size_t sensor, double value,
                        double expected)
{
    struct isolate_sensor *s = &isolate_block(twin).sensors[sensor];
    const struct kind_row *row =
        plan_row(twin->plan->kind, twin->plan->sensors[sensor].signal);
    double v = (value - expected) * (value - expected) / s->variance, times, plus;
    for (size_t k = 0; k < ISOLATE_UNITS; k++)
        if (in_unit(row, k, &times, &plus))
            weigh_unit(s, &s->unit[k], v, value - (times * expected + plus),
                       fmax(fabs(times), 1));
    s->odd = v > unit_odd * unit_odd;
    note(&s->unit_since, best_unit(s) > 0, twin_head(twin)->time);
}

void isolate_sign_meet(struct twin *twin, const struct isolate_reading *reading)
{
    struct isolate_block block = isolate_block(twin);
    struct isolate_sensor *s = &block.sensors[reading->sensor];
    double sd = twin->plan->sensors[reading->sensor].sd, time = twin_head(twin)->time;
    double square = reading->residual * reading->residual / reading->variance;
    if (!is_measured(twin, reading->sensor) || !isfinite(square))
        return;
    double variance = reading->variance * isolate_scale(s, time);
    double error = reading->residual / sqrt(variance);
    take_step(s, error - s->error, time, block.head->alarmed > 0);
    s->strain += fmin(error * error, strange_most) / 2 - s->strain / noise_readings;
    s->strange = s->stuck > 0 ? s->strange + fmin(error * error, strange_most) / 2 : 0;
    s->error = error;
    s->variance = fmax(variance, sd * sd / 4);
    weigh_units(twin, reading->sensor, reading->expected + reading->residual,
                reading->expected);
    if (block.head->alarmed <= 0)
        isolate_scale_learn(s, time, square);
}

/* ---- values and times ---- */

/* Where sensors rest: at an end of their range, or at nothing. */
static bool is_at_rest(const struct kind_row *row, double value)
{
    return value == 0 || value == row->min || value == row->max; // NOLINT: as told
}

static void hear_value(struct twin *twin, size_t sensor, struct isolate_sensor *s,
                       double time, double value, bool alarmed)
{
    const struct kind_row *row =
        plan_row(twin->plan->kind, twin->plan->sensors[sensor].signal);
    bool repeats = value == s->value; // NOLINT: as told
    bool again = s->stuck > 0;
    double *usual = &s->repeats[is_at_rest(row, value) ? 0 : 1][again];
    double chance = fmin(fmax(*usual, again ? again_least : repeat_least), repeat_most);
    note(&s->stuck_since, repeats, s->time);
    s->stuck = repeats ? fmin(s->stuck - log(chance), evidence_most) : 0;
    *usual += (repeats - *usual) * rate(s, alarmed);
    if (!is_input(twin, sensor))
        return;
    double step = value - s->value, variance = isolate_scale(s, time);
    take_step(s, step / sqrt(variance), time, alarmed);
    if (!alarmed)
        isolate_scale_learn(s, time, step * step);
}

static void hear_time(struct isolate_sensor *s, double time, bool alarmed)
{
    double gap = time - s->time;
    if (s->interval > 0)
        s->missed += fmax(gap / s->interval - gap_late, 0) - s->missed / gap_readings;
    double capped = s->interval > 0 ? fmin(gap, 3 * s->interval) : gap;
    s->interval += (capped - s->interval) * rate(s, alarmed);
    s->clock = fmax(s->clock - bad_worth, 0);
    s->range = fmax(s->range - bad_worth, 0);
    note(&s->clock_since, s->clock > 0, time);
    note(&s->range_since, s->range > 0, time);
}

static void keep_pace(struct isolate_head *head, double time)
{
    const double moments = 100;
    double gap = time - head->moment;
    if (head->moment > 0 && gap > 0)
        head->pace +=
            head->pace > 0 ? (fmin(gap, 10 * head->pace) - head->pace) / moments : gap;
    head->moment = fmax(head->moment, time);
}

static void hear(struct twin *twin, size_t sensor, double time, double value)
{
    struct isolate_block block = isolate_block(twin);
    struct isolate_sensor *s = &block.sensors[sensor];
    bool alarmed = block.head->alarmed > 0;
    block.head->heard = fmax(block.head->heard, time);
    if (!is_input(twin, sensor))
        keep_pace(block.head, time);
    if (s->n > 0 && time > s->time) {
        hear_time(s, time, alarmed);
        if (is_measured(twin, sensor))
            hear_value(twin, sensor, s, time, value, alarmed);
    }
    s->time = time;
    s->value = value;
    s->n++;
}

/* Out of range, or its time is wrong. */
static void refuse(struct twin *twin, size_t sensor, const struct sensor_verdict *verdict,
                   struct twin_scratch *scratch)
{
    struct isolate_sensor *s = &isolate_block(twin).sensors[sensor];
    bool range = verdict->quality == QUALITY_OUT_OF_RANGE;
    double now = twin_head(twin)->time, *evidence = range ? &s->range : &s->clock;
    *evidence = fmin(*evidence + bad_worth, evidence_most);
    note(range ? &s->range_since : &s->clock_since, true, now);
    if (!range || !isfinite(verdict->value))
        return;
    s->time = fmax(s->time, now);
    if (s->variance > 0)
        weigh_units(twin, sensor, verdict->value,
                    twin_signal(twin, twin->plan->sensors[sensor].signal, NULL, scratch));
}

void isolate_hear(struct twin *twin, const struct engine_reading *reading,
                  const struct sensor_verdict *verdict, struct twin_scratch *scratch)
{
    if (!twin->plan->isolate)
        return;
    if (verdict->seen)
        hear(twin, reading->sensor, reading->time, verdict->value);
    else if (verdict->quality != QUALITY_GOOD && verdict->quality != QUALITY_STALE)
        refuse(twin, reading->sensor, verdict, scratch);
}

/* ---- findings ---- */

/* Silence that all of the twin's sensors share is none of theirs; nor is it silence where
 * the clock is wrong. */
static double silence(const struct isolate_head *head, const struct isolate_sensor *s,
                      double time)
{
    if (s->n < bin_trust || !(s->interval > 0) || s->clock > 0)
        return 0;
    double until = time - head->heard > 2 * s->interval ? head->heard : time;
    return s->missed + fmax((until - s->time) / s->interval - gap_late, 0);
}

/* Where most sensors seem late, those that do not are ahead, and have moved the clock. */
static double clock_evidence(const struct twin *twin, const struct isolate_sensor *s)
{
    const double enough = 5;
    const struct isolate_sensor *all = isolate_block(twin).sensors;
    size_t n = twin->plan->n_sensors, late = 0;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        late += all[i].clock > enough;
        sum += all[i].clock;
    }
    if (2 * late <= n)
        return s->clock;
    return s->clock > 0 ? 0 : sum / (double)n;
}

static double own_evidence(const struct twin *twin, const struct isolate_sensor *s,
                           enum isolate_cause cause, double time)
{
    switch (cause) {
    case ISOLATE_STUCK:
        return s->stuck;
    case ISOLATE_NOISE:
        return noise_evidence(s);
    case ISOLATE_SPIKE:
        return spike_evidence(s);
    case ISOLATE_SILENT:
        return silence(isolate_block(twin).head, s, time);
    case ISOLATE_UNIT:
        return best_unit(s);
    case ISOLATE_RANGE:
        return s->range;
    default:
        return clock_evidence(twin, s);
    }
}

static double beginning(const struct isolate_sensor *s, enum isolate_cause cause)
{
    switch (cause) {
    case ISOLATE_STUCK:
        return s->stuck_since;
    case ISOLATE_NOISE:
        return s->noisy_since;
    case ISOLATE_SPIKE:
        return s->spiky_since;
    case ISOLATE_UNIT:
        return s->unit_since;
    case ISOLATE_RANGE:
        return s->range_since;
    case ISOLATE_CLOCK:
        return s->clock_since;
    default:
        return s->time;
    }
}

struct isolate_finding isolate_sign_find(const struct twin *twin, size_t j, double time)
{
    const double enough = 5, erratic = 8; /* to claim what a bias would explain */
    const struct isolate_hypothesis *h = &twin->plan->isolate->all[j];
    struct isolate_block block = isolate_block(twin);
    const struct isolate_sensor *s = &block.sensors[h->sensor];
    double evidence = own_evidence(twin, s, h->cause, time);
    double since = beginning(s, h->cause);
    struct isolate_finding found = {evidence, 0, 1, since > 0 ? since : time};
    if (h->cause == ISOLATE_UNIT && evidence > enough)
        found.evidence += s->range;
    if (h->cause == ISOLATE_STUCK && evidence > enough)
        found.evidence += s->strange;
    found.odds = found.evidence;
    if ((h->cause == ISOLATE_NOISE || h->cause == ISOLATE_SPIKE) && evidence > erratic)
        found.odds += s->strain;
    return found;
}
