/* One reading against its sensor's record and the clock.
 *
 * A meter only counts up. Its raw value may still fall:
 *   by less than 10 %          noise or a correction: not used until it has caught up, or 8
 *                              readings in a row insist on the new level
 *   to what it was before the
 *   last reading, or above     the last reading was a glitch: taken back
 *   below 10 %                 a reset: what it counts from zero is added to what was. If
 *                              the next reading is at the old level: a glitch, taken back
 *   in between                 another meter: goes on from here
 * and may jump: by more than 10 times itself (and 1000) is believed only the second time.
 */
#include "twind/sensor.h"

static const double late_tolerance = 60, future_tolerance = 60;
static const double meter_jitter = 0.9, meter_zero = 0.1;
static const double meter_jump = 10, meter_least = 100;
enum { METER_PATIENCE = 8 };

/* ---- meters ---- */

static void count_to(struct twin_sensor *s, double raw, double carried,
                     enum sensor_counter counter)
{
    s->before = s->raw;
    s->raw = raw;
    s->carried = carried;
    s->counter = (uint8_t)counter;
}

static bool refuse(struct twin_sensor *s, enum sensor_counter counter)
{
    s->counter = (uint8_t)counter;
    if (s->rejected < UINT8_MAX)
        s->rejected++;
    return false;
}

static bool count_up(struct twin_sensor *s, double raw)
{
    double most = meter_jump * fmax(s->raw, meter_least);
    if (s->counter == SENSOR_RESET && raw >= s->before)
        count_to(s, raw, s->carried - s->before, SENSOR_COUNTING);
    else if (raw - s->raw > most && s->counter != SENSOR_DOUBTED)
        return refuse(s, SENSOR_DOUBTED);
    else
        count_to(s, raw, s->carried, SENSOR_COUNTING);
    return true;
}

static bool count_down(struct twin_sensor *s, double raw)
{
    if (raw >= meter_jitter * s->raw && s->rejected < METER_PATIENCE)
        return refuse(s, SENSOR_COUNTING);
    if (s->counter == SENSOR_COUNTING && raw >= s->before)
        count_to(s, raw, s->carried, SENSOR_COUNTING);
    else if (raw <= meter_zero * s->raw)
        count_to(s, raw, s->carried + s->raw, SENSOR_RESET);
    else
        count_to(s, raw, s->carried + s->raw - raw, SENSOR_COUNTING);
    return true;
}

/* False: not believed. */
static bool count(struct twin_sensor *s, double raw)
{
    if (isnan(s->raw)) {
        s->raw = raw;
        return true;
    }
    return raw < s->raw ? count_down(s, raw) : count_up(s, raw);
}

/* ---- the judgement ---- */

static bool is_in_range(const struct twin *twin, const struct plan_sensor *spec,
                        double value)
{
    const struct kind_row *row = plan_row(twin->plan->kind, spec->signal);
    if (!(value >= spec->min && value <= spec->max))
        return false;
    return !(row->min < row->max) || (value >= row->min && value <= row->max);
}

static bool is_duplicate(const struct plan_sensor *spec, const struct twin_sensor *s,
                         const struct engine_reading *reading)
{
    double last = spec->counter ? s->raw : s->value;
    return reading->timed && reading->time == s->time && reading->value == last;
}

static bool is_late(const struct twin *twin, const struct twin_sensor *s,
                    const struct engine_reading *reading)
{
    double tolerance = fmax(late_tolerance, 2 * twin->plan->step);
    return reading->time < s->time || reading->time < twin_head(twin)->time - tolerance;
}

/* A reading that counts as the sensor's newest. */
static struct sensor_verdict take(const struct plan_sensor *spec, struct twin_sensor *s,
                                  const struct engine_reading *reading,
                                  struct engine_stats *stats)
{
    struct sensor_verdict verdict = {.stored = true, .seen = true};
    bool believed = !spec->counter || count(s, reading->value);
    double value = spec->counter && believed ? s->carried + s->raw : reading->value;
    if (believed && value != s->value)
        s->changed = reading->time;
    s->time = reading->time;
    if (believed)
        s->value = value;
    if (!believed)
        verdict.quality = QUALITY_REJECTED, stats->rejected++;
    else if (reading->time - s->changed >= spec->stuck_after)
        verdict.quality = QUALITY_STUCK, stats->stuck++;
    verdict.used = verdict.quality == QUALITY_GOOD;
    verdict.value = value;
    s->quality = (uint8_t)verdict.quality;
    return verdict;
}

/* What the clock and the ranges say; QUALITY_GOOD: nothing against it. */
static enum quality first_glance(const struct twin *twin,
                                 const struct engine_reading *reading, double now)
{
    const struct plan_sensor *spec = &twin->plan->sensors[reading->sensor];
    if (!isfinite(reading->value) || !is_in_range(twin, spec, reading->value))
        return QUALITY_OUT_OF_RANGE;
    if (!isfinite(reading->time))
        return QUALITY_REJECTED;
    if (reading->retained && !reading->timed)
        return QUALITY_STALE;
    if (reading->time > now + future_tolerance)
        return QUALITY_REJECTED;
    if (is_late(twin, &twin_sensors(twin)[reading->sensor], reading))
        return QUALITY_LATE;
    return QUALITY_GOOD;
}

/* Whether a bad reading is news of its sensor. */
static bool is_news(const struct twin *twin, const struct engine_reading *reading,
                    enum quality quality)
{
    if (quality == QUALITY_OUT_OF_RANGE)
        return !(reading->retained && !reading->timed) &&
               !is_late(twin, &twin_sensors(twin)[reading->sensor], reading);
    return quality == QUALITY_REJECTED;
}

static struct sensor_verdict put_by(struct twin *twin, const struct engine_reading *reading,
                                    enum quality quality, struct engine_stats *stats)
{
    uint64_t *const counts[QUALITY_COUNT] = {
        [QUALITY_OUT_OF_RANGE] = &stats->out_of_range,
        [QUALITY_STALE] = &stats->stale,
        [QUALITY_REJECTED] = &stats->rejected,
        [QUALITY_LATE] = &stats->late,
    };
    const struct plan_sensor *spec = &twin->plan->sensors[reading->sensor];
    struct twin_sensor *s = &twin_sensors(twin)[reading->sensor];
    ++*counts[quality];
    if (is_news(twin, reading, quality))
        s->quality = (uint8_t)quality;
    return (struct sensor_verdict){
        .stored = isfinite(reading->value) && isfinite(reading->time),
        .held = quality == QUALITY_STALE && spec->signal < twin->plan->kind->n_inputs,
        .quality = quality,
        .value = spec->counter ? reading->value + s->carried : reading->value,
    };
}

struct sensor_verdict sensor_judge(struct twin *twin, const struct engine_reading *reading,
                                   double now, struct engine_stats *stats)
{
    const struct plan_sensor *spec = &twin->plan->sensors[reading->sensor];
    struct twin_sensor *s = &twin_sensors(twin)[reading->sensor];
    stats->readings++;
    enum quality quality = first_glance(twin, reading, now);
    if (quality != QUALITY_GOOD)
        return put_by(twin, reading, quality, stats);
    if (is_duplicate(spec, s, reading)) {
        stats->duplicate++;
        return (struct sensor_verdict){.value = s->value};
    }
    if (reading->time - s->time < spec->min_interval) {
        stats->thinned++;
        return (struct sensor_verdict){.value = reading->value};
    }
    return take(spec, s, reading, stats);
}
