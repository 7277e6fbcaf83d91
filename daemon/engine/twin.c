/* A twin's life between readings: start, the march of time, measurements, estimates. */
#include "twind/twin.h"

#include "twind/filter.h"
#include "twind/isolate.h"
#include "twind/mem.h"

#include <string.h>

/* Covariances follow, linearised anew, at least so often (s), but no more than so many
 * times in one gap. */
static const double linearise_every = 900, most_spans = 32;
/* They may lag behind a measurement by so many seconds and this share of max_step, as long
 * as the process noise of that time is less than this share of the innovation's variance.
 */
static const double lag_most = 10, lag_steps = 0.25, lag_variance = 0.01;
/* Of a gap that is longer than so many of the method's longest steps only the last are
 * integrated: what was before is forgotten by then, or has settled, and a twin that slept
 * for a month must not hold up the others. */
static const double most_pieces = 1500;

/* The gate (see twin.h), and the way out of a lasting disbelief. */
static const double usual_gate = 5;
enum { GATE_REJECTIONS = 2 };
static const double gate_span = 2;

static const double usual_temperature = 20, usual_pressure = 1013.25;

struct twin_scratch *twin_scratch_new(void)
{
    return mem_new(1, sizeof(struct twin_scratch));
}

uint64_t twin_scratch_resets(const struct twin_scratch *scratch)
{
    return scratch->resets;
}

static double *memory(const struct twin *twin)
{
    return (double *)(void *)(twin->block + twin->plan->at_memory);
}

void twin_start(struct twin *twin)
{
    const struct plan *plan = twin->plan;
    filter_start(twin);
    for (size_t i = 0; i < plan->kind->n_inputs; i++)
        twin_u(twin)[i] = plan->kind->inputs[i].value;
    for (size_t i = 0; i < plan->n_sensors; i++)
        twin_sensors(twin)[i] = (struct twin_sensor){
            .time = NAN,
            .value = NAN,
            .predicted = NAN,
            .nis = NAN,
            .changed = NAN,
            .used = NAN,
            .raw = NAN,
            .before = NAN,
        };
}

void twin_begin(struct twin *twin, double time)
{
    const struct plan *plan = twin->plan;
    struct twin_head *head = twin_head(twin);
    head->time = head->born = head->spread = time;
    filter_start(twin);
    memset(memory(twin), 0, plan->kind->n_memory * sizeof(double));
    const struct kind_point at = {time, plan->params, twin_u(twin), twin_x(twin),
                                  memory(twin)};
    if (plan->kind->start)
        plan->kind->start(&at, twin_x(twin), memory(twin));
}

/* ---- the march of time ---- */

static void follow(struct twin *twin, struct twin_scratch *s)
{
    double span = twin_head(twin)->time - twin_head(twin)->spread;
    filter_follow(twin, s);
    if (span > 0)
        isolate_follow(twin, span, s);
}

/* One step of at most `most` seconds; returns its length. */
static double move_states(struct twin *twin, double most, struct twin_scratch *s)
{
    const struct kind *kind = twin->plan->kind;
    struct twin_head *head = twin_head(twin);
    struct kind_point at = filter_point(twin, s);
    double h = motion_step(&s->motion, &at, most, twin_x(twin));
    head->time += h;
    filter_settle(twin, true, s);
    if (!kind->accumulate)
        return h;
    at = filter_point(twin, s);
    at.x = motion_mean(&s->motion, at.x);
    kind->accumulate(&at, h, memory(twin));
    return h;
}

/* Of a gap that is too long to be worth it, the last part. */
static double shorten_gap(struct twin *twin, double gap, struct twin_scratch *s)
{
    double most = most_pieces * motion_longest(twin->plan->kind, s->motion.method);
    if (!(gap > most))
        return gap;
    twin_head(twin)->time += gap - most;
    follow(twin, s);
    return most;
}

/* Between readings that come as usual the filter wants states to the last digit; over what
 * is longer (gaps, forecasts) a stiff method saves most of the cost. */
static enum motion_method method_for(const struct plan *plan, double gap)
{
    bool usual = plan->integrator == MOTION_AUTO && gap <= KIND_STEP_MAX;
    return usual ? MOTION_RK4 : motion_choose(plan->kind, plan->integrator, gap);
}

void twin_advance(struct twin *twin, double time, struct twin_scratch *s)
{
    const struct plan *plan = twin->plan;
    struct twin_head *head = twin_head(twin);
    double gap = time - head->time;
    if (!(gap > 0) || gap < plan->kind->min_step)
        return;
    double span = fmax(linearise_every, gap / most_spans);
    motion_begin(&s->motion, plan->kind, method_for(plan, gap));
    gap = shorten_gap(twin, gap, s);
    double longest = motion_longest(plan->kind, s->motion.method);
    double piece = gap / fmax(ceil(gap / longest), 1), most = gap * (1 - 1e-12);
    for (double done = 0; done < most;) {
        done += move_states(twin, fmin(piece, gap - done), s);
        if (head->time - head->spread >= span)
            follow(twin, s);
    }
    head->time = time; /* to the last bit */
}

/* ---- measurements ---- */

void twin_set_input(struct twin *twin, size_t input, double value)
{
    twin_u(twin)[input] = value;
}

static double observe(const struct twin *twin, size_t output, struct twin_scratch *s)
{
    const struct kind_point at = filter_point(twin, s);
    return twin->plan->kind->observe(&at, output);
}

static enum quality believe(struct twin_sensor *sensor, double predicted, double nis)
{
    sensor->predicted = predicted;
    sensor->nis = nis;
    sensor->used = sensor->time;
    sensor->rejected = 0;
    return QUALITY_GOOD;
}

static void disbelieve(struct twin_sensor *sensor, double predicted, double nis)
{
    sensor->predicted = predicted;
    sensor->nis = nis;
    if (sensor->rejected < UINT8_MAX)
        sensor->rejected++;
}

static bool is_locked_out(const struct twin_sensor *sensor)
{
    return sensor->rejected >= GATE_REJECTIONS &&
           !(sensor->time - sensor->used < gate_span);
}

/* The first measurement has nothing to be compared with: neither of a block, nor of a
 * meter, whose level is where its maker or the years have left it. */
static bool is_first(const struct twin *twin, const struct twin_sensor *sensor,
                     const struct kind_row *row, const struct twin_scratch *s)
{
    bool meter = row->flags & KIND_CUMULATIVE && isnan(sensor->used);
    return meter || (s->touched & ~twin_head(twin)->measured) != 0;
}

/* Of the normalised innovation squared. */
static double gate_of(const struct kind *kind)
{
    double gate = kind->gate > 0 && !isinf(kind->gate) ? kind->gate : usual_gate;
    return gate * gate;
}

/* A model too weak to contradict: a jump is followed at once. */
static bool believes_all(const struct kind *kind)
{
    return isinf(kind->gate);
}

/* The innovation's variance; the gradient is in the scratch. */
static double innovation(struct twin *twin, double r, struct twin_scratch *s)
{
    const struct twin_head *head = twin_head(twin);
    double variance = filter_variance(twin, s) + r;
    double most = fmin(lag_most, lag_steps * twin->plan->kind->max_step);
    if (head->time - head->spread <= most &&
        filter_lagging(twin, s) <= lag_variance * variance)
        return variance;
    follow(twin, s);
    return filter_variance(twin, s) + r;
}

static enum quality measure_output(struct twin *twin, size_t index, size_t output,
                                   double value, struct twin_scratch *s)
{
    struct twin_sensor *sensor = &twin_sensors(twin)[index];
    const struct kind_row *row = &twin->plan->kind->outputs[output];
    double expected = observe(twin, output, s);
    if (!isfinite(expected))
        return believe(sensor, NAN, NAN);
    double sd = twin->plan->sensors[index].sd, r = sd * sd, residual = value - expected;
    filter_gradient(twin, output, expected, s);
    double variance = innovation(twin, r, s), nis = residual * residual / variance;
    double gate = gate_of(twin->plan->kind);
    bool first = is_first(twin, sensor, row, s);
    struct isolate_reading met = {index, expected, residual, variance, false};
    bool odd = nis > gate && !is_locked_out(sensor) && !believes_all(twin->plan->kind);
    if (!first && (odd || (s->isolate && isolate_excludes(twin, index)))) {
        disbelieve(sensor, expected, nis);
        isolate_meet(twin, &met, s);
        return QUALITY_REJECTED;
    }
    if (nis > gate && !first)
        filter_doubt(twin, s);
    if (nis > gate || (first && row->flags & KIND_CUMULATIVE))
        filter_open(twin, residual * residual, s);
    if (s->isolate && twin->plan->isolate && !first) {
        met.heeded = true;
        filter_gain(twin, r, s);
        isolate_meet(twin, &met, s);
    }
    filter_correct(twin, residual, r, s);
    filter_settle(twin, false, s);
    twin_head(twin)->measured |= s->touched;
    believe(sensor, first ? (double)NAN : expected, first ? (double)NAN : nis);
    sensor->rejected = nis > gate && !first ? GATE_REJECTIONS : 0;
    return QUALITY_GOOD;
}

enum quality twin_measure(struct twin *twin, size_t index, double value,
                          struct twin_scratch *s)
{
    size_t signal = twin->plan->sensors[index].signal;
    if (signal >= twin->plan->kind->n_inputs)
        return measure_output(twin, index, signal - twin->plan->kind->n_inputs, value, s);
    twin_set_input(twin, signal, value);
    return believe(&twin_sensors(twin)[index], NAN, NAN);
}

/* ---- estimates ---- */

/* What is told stays physical (a relative humidity of 100.2 % is nobody's); inside,
 * observe() must not saturate, or the filter would not see beyond the limit. */
static double within(const struct kind_row *row, double value)
{
    return row->min < row->max ? fmin(fmax(value, row->min), row->max) : value;
}

double twin_estimate(const struct twin *twin, size_t output, double *sd,
                     struct twin_scratch *s)
{
    double value = observe(twin, output, s);
    const struct kind_row *row = &twin->plan->kind->outputs[output];
    if (!sd)
        return isnan(value) ? value : within(row, value);
    *sd = NAN;
    if (isfinite(value)) {
        filter_gradient(twin, output, value, s);
        *sd = sqrt(filter_variance_now(twin, s));
    }
    return isnan(value) ? value : within(row, value);
}

double twin_signal(const struct twin *twin, size_t signal, double *sd,
                   struct twin_scratch *s)
{
    size_t n_inputs = twin->plan->kind->n_inputs;
    if (signal >= n_inputs)
        return twin_estimate(twin, signal - n_inputs, sd, s);
    if (sd)
        *sd = 0;
    return twin_u(twin)[signal];
}

enum quality twin_sensor_quality(const struct twin *twin, size_t sensor, double now)
{
    const struct twin_sensor *s = &twin_sensors(twin)[sensor];
    if (isnan(s->time) || now - s->time > twin->plan->sensors[sensor].timeout)
        return QUALITY_STALE;
    return (enum quality)s->quality;
}

enum twin_health twin_health(const struct twin *twin, double now)
{
    size_t good = 0, stale = 0, n = twin->plan->n_sensors;
    for (size_t i = 0; i < n; i++) {
        enum quality quality = twin_sensor_quality(twin, i, now);
        good += quality == QUALITY_GOOD;
        stale += quality == QUALITY_STALE;
    }
    if (good == n)
        return TWIN_OK;
    return stale == n ? TWIN_STALE : TWIN_DEGRADED;
}

const char *twin_health_name(enum twin_health health)
{
    static const char *const names[] = {"ok", "degraded", "stale"};
    return names[health];
}

static double air_signal(const struct twin *twin, size_t signal, double usual,
                         struct twin_scratch *s)
{
    double value = signal == PLAN_NONE ? usual : twin_signal(twin, signal, NULL, s);
    return isfinite(value) ? value : usual;
}

void twin_air(const struct twin *twin, double *temperature, double *pressure,
              struct twin_scratch *s)
{
    *temperature = air_signal(twin, twin->plan->temperature, usual_temperature, s);
    *pressure = air_signal(twin, twin->plan->pressure, usual_pressure, s);
}
