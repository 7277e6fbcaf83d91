/* The engine: readings in, timers kept, transitions and states out.
 *
 * A twin's timer falls due a `step` after its last one, or when a delay of one of its
 * alerts ends. Messages do not move the timer, but for an alert that will end sooner. The
 * first steps of twins are spread over the step by the golden ratio, so that 100,000 twins
 * do not all fall due at once. */
#include "twind/engine.h"

#include "twind/foresight.h"
#include "twind/isolate.h"
#include "twind/roster.h"
#include "twind/shift.h"
#include "twind/timers.h"
#include "twind/wear.h"
#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

/* Taken one by one after a gap: of each twin; of all together. (A twin's leap to the first
 * of them costs as much as a thousand steps, however many there are: see twin.c.) */
static const double most_steps = 1000, most_work = 2e6;
static const double backward_tolerance = 60;
static const double year_2000 = 946684800; /* no clock that was set says less */
static const double golden = 0.6180339887498949;
enum { MOMENT = 64 }; /* readings of one moment that are taken together */

struct engine {
    struct engine_sink sink;
    struct roster *roster;
    struct timers timers;
    struct twin_scratch *scratch;
    struct judge judge;
    struct foresight foresight;
    struct flood flood;
    struct engine_stats stats;
    double now;      /* 0: the clock has not begun */
    double most;     /* steps of a twin in this advance */
    size_t patience; /* deadlines kept in one call; 0: all that are due */
};

static bool is_alive(const struct twin *twin)
{
    return twin_head(twin)->time > 0;
}

/* ---- what goes out ---- */

static void tell_flood(struct engine *engine, double time)
{
    struct flood_summary summary;
    if (flood_tell(&engine->flood, time, &summary) && engine->sink.flood)
        engine->sink.flood(engine->sink.context, &summary);
}

static void tell(void *context, struct twin *twin, size_t rule, double time)
{
    struct engine *engine = context;
    struct engine_alert alert;
    engine->stats.transitions++;
    tell_flood(engine, time);
    flood_take(&engine->flood, twin, rule, time);
    if (engine->sink.alert) {
        engine_describe(engine, twin, rule, time, &alert);
        engine->sink.alert(engine->sink.context, &alert);
    }
    if (engine->sink.changed)
        engine->sink.changed(engine->sink.context, twin);
    tell_flood(engine, time);
}

/* For a rule that looks at another twin's signals. */
static struct twin *find_other(void *context, const char *id)
{
    const struct engine *engine = context;
    return roster_find(engine->roster, id);
}

static void store_state(struct engine *engine, struct twin *twin, double time)
{
    struct twin_head *head = twin_head(twin);
    double every = twin->plan->states_every;
    if (!is_alive(twin) || floor(time / every) == floor(head->stored / every))
        return;
    head->stored = time;
    if (engine->sink.state)
        engine->sink.state(engine->sink.context, twin);
}

static void changed(struct engine *engine, struct twin *twin)
{
    if (engine->sink.changed)
        engine->sink.changed(engine->sink.context, twin);
}

static void tell_health(struct engine *engine, struct twin *twin, double time)
{
    if (engine->sink.health)
        engine->sink.health(engine->sink.context, twin, time);
}

/* ---- timers ---- */

static void advance(struct engine *engine, struct twin *twin, double time)
{
    if (!is_alive(twin))
        return;
    foresight_keep(&engine->foresight, twin, time);
    bool concluded = wear_keep(twin, time, engine->scratch);
    twin_advance(twin, time, engine->scratch);
    engine->stats.steps++;
    engine->stats.resets = twin_scratch_resets(engine->scratch);
    if (concluded)
        tell_health(engine, twin, time);
}

/* Looks at the rules; time does not run backward for them. */
static void judge(struct engine *engine, struct twin *twin, double time)
{
    time = fmax(time, twin_head(twin)->judged);
    if (twin->watched == 0)
        twin->watched = time;
    isolate_look(twin, time);
    judge_rules(&engine->judge, twin, time);
    store_state(engine, twin, time);
}

/* After a gap the steps that are too many are left out. */
static double next_step(struct engine *engine, struct twin *twin)
{
    double step = twin->plan->step, next = twin_head(twin)->tick + step;
    double behind = floor((engine->now - next) / step);
    if (behind > engine->most) {
        twin_head(twin)->tick += (behind - engine->most) * step;
        next = twin_head(twin)->tick + step;
    }
    return next;
}

static void schedule(struct engine *engine, struct twin *twin, double after)
{
    double deadline = judge_deadline(twin);
    twin->due = next_step(engine, twin);
    if (deadline > after && deadline < twin->due)
        twin->due = deadline;
    timers_moved(&engine->timers, twin);
}

static void start_clock(struct engine *engine, struct twin *twin)
{
    double share = fmod(twin->index * golden, 1);
    twin_head(twin)->tick = engine->now - share * twin->plan->step;
}

static void tick(struct engine *engine, struct twin *twin)
{
    bool first = twin->due == 0;
    double time = first ? engine->now : twin->due;
    if (first)
        start_clock(engine, twin);
    advance(engine, twin, time);
    judge(engine, twin, time);
    if (!first && time >= twin_head(twin)->tick + twin->plan->step)
        twin_head(twin)->tick = time;
    schedule(engine, twin, time);
}

/* A reading has started a delay that ends before the timer would look. */
static void hurry(struct engine *engine, struct twin *twin)
{
    double deadline = judge_deadline(twin);
    if (deadline >= twin->due || deadline <= twin_head(twin)->judged)
        return;
    twin->due = deadline;
    timers_moved(&engine->timers, twin);
}

/* ---- a clock that was set ---- */

static void shift_all(struct engine *engine, double by, double below)
{
    flood_start(&engine->flood, engine->flood.alerts, engine->flood.within);
    for (size_t i = 0; i < roster_count(engine->roster); i++) {
        struct twin *twin = roster_twin(engine->roster, i);
        shift_twin(twin, by, below);
        engine_restored(engine, twin);
        changed(engine, twin);
    }
}

/* The seconds by which the clock was set back; negative: forward; 0: it goes on. */
static double set_clock(struct engine *engine, double now)
{
    double back = engine->now - now;
    if (engine->now > 0 && back > backward_tolerance)
        shift_all(engine, -back, INFINITY);
    else if (engine->now > 0 && engine->now < year_2000 && now >= year_2000)
        shift_all(engine, -back, year_2000);
    else
        back = 0;
    if (back != 0 || now > engine->now)
        engine->now = now;
    return back;
}

double engine_advance(struct engine *engine, double now)
{
    if (!isfinite(now) || !(now > 0))
        return 0;
    double back = set_clock(engine, now);
    engine->most = fmin(most_steps, floor(most_work / (double)engine_count(engine)));
    struct twin *twin;
    for (size_t n = 0; (twin = timers_first(&engine->timers)) && twin->due <= engine->now;
         n++) {
        if (engine->patience > 0 && n == engine->patience)
            break;
        tick(engine, twin);
    }
    tell_flood(engine, engine->now);
    return back;
}

void engine_set_flood(struct engine *engine, size_t alerts, double within)
{
    flood_start(&engine->flood, alerts, within);
}

void engine_set_patience(struct engine *engine, size_t ticks)
{
    engine->patience = ticks;
}

void engine_advance_twin(struct engine *engine, struct twin *twin, double now)
{
    if (!isfinite(now) || !(now > 0))
        return;
    engine->now = now;
    engine->most = most_steps;
    while (twin->due <= now)
        tick(engine, twin);
}

double engine_next(const struct engine *engine)
{
    const struct twin *twin = timers_first(&engine->timers);
    return twin ? twin->due : (double)INFINITY;
}

void engine_restored(struct engine *engine, struct twin *twin)
{
    twin->due = 0;
    timers_moved(&engine->timers, twin);
    for (size_t i = 0; i < twin->plan->n_rules; i++)
        flood_recall(&engine->flood, twin, i);
}

void engine_revise(struct engine *engine, struct twin *twin, struct plan *plan)
{
    struct plan *former = (struct plan *)twin->plan;
    twin->plan = plan_hold(plan);
    twin_head(twin)->revision++; /* what was derived from the former one is void */
    plan_drop(former);
    if (engine->sink.changed)
        engine->sink.changed(engine->sink.context, twin);
}

/* ---- readings ---- */

/* Stable, and quick for the few readings of a message, which mostly come in order. */
static void sort(struct engine_reading *readings, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct engine_reading reading = readings[i];
        size_t j = i;
        for (; j > 0 && readings[j - 1].time > reading.time; j--)
            readings[j] = readings[j - 1];
        readings[j] = reading;
    }
}

/* Inputs are set before outputs are measured, for an output may read them directly. A twin
 * begins with the inputs of its first moment, all of them. */
static void use_input(struct engine *engine, struct twin *twin, size_t sensor,
                      const struct sensor_verdict *verdict)
{
    if (verdict->used) {
        twin_measure(twin, sensor, verdict->value, engine->scratch);
        engine->stats.used++;
    } else {
        twin_set_input(twin, twin->plan->sensors[sensor].signal, verdict->value);
    }
}

static void use_output(struct engine *engine, struct twin *twin, size_t sensor,
                       struct sensor_verdict *verdict)
{
    verdict->quality = twin_measure(twin, sensor, verdict->value, engine->scratch);
    twin_sensors(twin)[sensor].quality = (uint8_t)verdict->quality;
    if (verdict->quality == QUALITY_GOOD)
        engine->stats.used++;
    else
        engine->stats.rejected++;
}

static void begin(struct twin *twin, double time, bool inputs)
{
    const struct twin_head *head = twin_head(twin);
    bool unmeasured = head->time == head->born && head->measured == 0;
    if (!is_alive(twin) || (inputs && unmeasured))
        twin_begin(twin, is_alive(twin) ? head->born : time);
}

/* What is used of the readings of one moment moves the twin. */
static void use(struct engine *engine, struct twin *twin,
                const struct engine_reading *readings, struct sensor_verdict *verdicts,
                size_t n, double time)
{
    size_t n_inputs = twin->plan->kind->n_inputs, used = 0, inputs = 0;
    for (size_t i = 0; i < n; i++)
        used += verdicts[i].used;
    if (used > 0)
        advance(engine, twin, time);
    for (size_t i = 0; i < n; i++) {
        size_t sensor = readings[i].sensor;
        if (twin->plan->sensors[sensor].signal >= n_inputs ||
            !(verdicts[i].used || verdicts[i].held))
            continue;
        use_input(engine, twin, sensor, &verdicts[i]);
        inputs++;
    }
    if (used > 0)
        begin(twin, time, inputs > 0);
    for (size_t i = 0; i < n; i++)
        if (verdicts[i].used && twin->plan->sensors[readings[i].sensor].signal >= n_inputs)
            use_output(engine, twin, readings[i].sensor, &verdicts[i]);
}

/* True: the twin's block has changed. */
static bool apply_moment(struct engine *engine, struct twin *twin,
                         const struct engine_reading *readings, size_t n)
{
    struct sensor_verdict verdicts[MOMENT];
    bool touched = false, seen = false;
    double time = fmin(readings[0].time, engine->now);
    foresight_keep(&engine->foresight, twin, time);
    for (size_t i = 0; i < n; i++) {
        verdicts[i] = sensor_judge(twin, &readings[i], engine->now, &engine->stats);
        isolate_hear(twin, &readings[i], &verdicts[i], engine->scratch);
    }
    use(engine, twin, readings, verdicts, n, time);
    for (size_t i = 0; i < n; i++) {
        touched |= verdicts[i].stored || verdicts[i].quality != QUALITY_GOOD;
        seen |= verdicts[i].seen;
        if (verdicts[i].used && verdicts[i].quality == QUALITY_GOOD)
            wear_hear(twin, readings[i].sensor);
        if (verdicts[i].seen)
            judge_note(&engine->judge, readings[i].sensor);
        if (verdicts[i].stored && engine->sink.reading)
            engine->sink.reading(engine->sink.context, twin, readings[i].sensor,
                                 readings[i].time, verdicts[i].value, verdicts[i].quality);
    }
    if (seen)
        judge(engine, twin, time);
    return touched;
}

void engine_apply(struct engine *engine, struct twin *twin, struct engine_reading *readings,
                  size_t n)
{
    bool touched = false;
    sort(readings, n);
    if (engine->now == 0 && n > 0)
        engine_advance(engine, readings[n - 1].time);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && j - i < MOMENT && readings[j].time == readings[i].time;)
            j++;
        touched |= apply_moment(engine, twin, readings + i, j - i);
    }
    if (!touched)
        return;
    changed(engine, twin);
    hurry(engine, twin);
}

/* ---- commands ---- */

bool engine_set(struct engine *engine, struct twin *twin, const char *input, double value,
                double time, struct err *e)
{
    const struct kind *kind = twin->plan->kind;
    size_t signal = plan_signal(kind, input);
    if (signal == PLAN_NONE || signal >= kind->n_inputs)
        return err_set(e, "%s: '%.64s' is no input of kind %s", twin->id, input,
                       kind->name);
    const struct kind_row *row = &kind->inputs[signal];
    if (!(value >= row->min && value <= row->max))
        return err_set(e, "%s: %s must be %g to %g %s, not %g", twin->id, input, row->min,
                       row->max, row->unit, value);
    advance(engine, twin, time);
    twin_set_input(twin, signal, value);
    judge(engine, twin, time);
    changed(engine, twin);
    hurry(engine, twin);
    return true;
}

bool engine_serve(struct engine *engine, struct twin *twin, const char *part, double since,
                  double time, struct err *e)
{
    if (!wear_serve(twin, part, since, e))
        return false;
    tell_health(engine, twin, time);
    judge(engine, twin, time);
    changed(engine, twin);
    hurry(engine, twin);
    return true;
}

bool engine_alert_command(struct engine *engine, struct twin *twin, const char *rule,
                          const char *command, double time, struct err *e)
{
    for (size_t i = 0; i < twin->plan->n_rules; i++) {
        if (strcmp(twin->plan->rules[i].id, rule) != 0)
            continue;
        if (!alert_command(&twin_alerts(twin)[i], command, time, e))
            return err_wrap(e, "%s, rule %s", twin->id, rule);
        tell(engine, twin, i, time);
        hurry(engine, twin);
        return true;
    }
    return err_set(e, "%s has no rule '%.64s'", twin->id, rule);
}

/* ---- the rest ---- */

struct twin *engine_add(struct engine *engine, const char *id, const char *name,
                        struct plan *plan)
{
    struct twin *twin = roster_add(engine->roster, id, name, plan);
    twin_start(twin);
    timers_add(&engine->timers, twin);
    return twin;
}

struct twin *engine_find(const struct engine *engine, const char *id)
{
    return roster_find(engine->roster, id);
}

size_t engine_count(const struct engine *engine)
{
    return roster_count(engine->roster);
}

struct twin *engine_twin(const struct engine *engine, size_t index)
{
    return roster_twin(engine->roster, index);
}

struct twin_scratch *engine_scratch(struct engine *engine)
{
    return engine->scratch;
}

const struct engine_stats *engine_stats(const struct engine *engine)
{
    return &engine->stats;
}

void engine_describe(const struct engine *engine, const struct twin *twin, size_t rule,
                     double time, struct engine_alert *alert)
{
    judge_describe(twin, rule, time, alert);
    flood_put_cause(&engine->flood, twin, rule, alert->cause);
}

struct engine *engine_new(const struct engine_sink *sink)
{
    struct engine *engine = mem_new(1, sizeof *engine);
    engine->sink = *sink;
    engine->roster = roster_new();
    engine->scratch = twin_scratch_new();
    isolate_watch(engine->scratch);
    engine->judge = (struct judge){
        .scratch = engine->scratch, .tell = tell, .find = find_other, .context = engine};
    engine->foresight = (struct foresight){.sink = &engine->sink, .judge = &engine->judge};
    return engine;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    roster_free(engine->roster);
    timers_free(&engine->timers);
    foresight_free(&engine->foresight);
    isolate_unwatch(engine->scratch);
    free(engine->scratch);
    free(engine);
}
